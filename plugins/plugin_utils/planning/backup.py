# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes into a backup set, and the plan that makes one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .. import operations
from ..model import paths
from ..model.brands import JAVA_VARIABLES
from ..model.facts import HostFacts, InstanceFacts
from ..operations import Operation
from . import preflight
from .findings import Finding, Refusal
from .plans import (
    Limits,
    Origin,
    Plan,
    plan,
    running,
    sites,
    start_behaviour,
    start_behaviour_back,
    start_behaviour_off,
    start_operations,
    stop_operations,
    stopped_parts,
)

STOPPED = "stopped"
"""What a manifest calls the parts of the instance that were stopped when its set was made."""

_SAMPLE_BYTES = 64 * 1024 * 1024
"""What a sample holds at most besides the smallest and the largest file (docs/protocol.md, "backup_set")."""


@dataclass(frozen=True)
class BackupWish:
    """What to save besides the configuration. ``name`` of the set; None for a new one after the time.

    ``rehearse``: none, sample or whole, what of the set is restored on trial. ``keep``: how many good sets retention leaves, 0 for all.
    ``copy_to``: the folder or share for second copies.
    """

    data: bool = False
    streams: bool = False
    name: str | None = None
    allow_stop: bool = False
    rehearse: str = "none"
    keep: int = 0
    copy_to: str | None = None

    @property
    def folders(self) -> list[str]:
        """The folders to copy cold, by what they are called in facts."""
        return [what for wanted, what in ((self.data, "database"), (self.streams, "streams")) if wanted]

    @property
    def cold(self) -> bool:
        """Whether the instance must be stopped for it."""
        return bool(self.folders)


def check_name(name: str, option: str = "backup_name") -> None:
    """Refuses what cannot be the name of a folder on Windows, and a letter that only looks Latin."""
    if told := paths.look_alike(name):
        raise Refusal(f"The option '{option}' is refused, nothing was touched. {told}")
    if not re.fullmatch(r'[^<>:"/\\|?*\x00-\x1f]{1,100}(?<![. ])', name):
        raise Refusal(
            f"The option '{option}' is refused, nothing was touched. '{name}' cannot be the name of a folder: at most 100 characters, "
            'none of < > : " / \\ | ? *, and no dot or blank at the end.'
        )


def new_name(instance: InstanceFacts) -> str:
    """Time and version: sets of one instance sort by age."""
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    return f"{stamp}-{instance['version']['current'] or 'unknown'}"


def folder(host: HostFacts, instance: InstanceFacts) -> str:
    """The folder of an instance's backup sets."""
    return paths.join(host["backup_root"], instance["brand"], instance["name"])


def items(instance: InstanceFacts, wish: BackupWish) -> list[dict[str, Any]]:
    """The items of the set. The whole Config folder is saved: links as links, and every real file in it."""
    result: list[dict[str, Any]] = [_tree(instance, "config")]
    if instance["yml"]:
        result.append({"id": "instance_yml", "kind": "file", "path": instance["yml"], "required": True})
    for key in instance["registry"]:
        result.append(
            {
                "id": f"registry_{key['view']}",
                "kind": "registry",
                "hive": "HKLM",
                "key": key["key"],
                "views": [key["view"]],
            }
        )
    result.append({"id": "environment", "kind": "environment", "names": list(JAVA_VARIABLES)})
    served = [site["name"] for site in sites(instance)]
    result.append({"id": "iis", "kind": "iis", "sites": served, "pools": [pool["name"] for pool in instance["pools"]]})
    return [*result, *(_tree(instance, what) for what in wish.folders)]


def _tree(instance: InstanceFacts, what: str) -> dict[str, Any]:
    """A folder with everything in it. One that is gone already, as a restore may find it, is recorded so."""
    measured = instance["sizes"].get(what)
    lost = what == "config" and any(problem["code"] == "no_config_folder" for problem in instance["problems"])
    required = not lost and (measured is None or measured["exists"])
    return {"id": what, "kind": "tree", "path": instance["paths"][what], "recurse": True, "required": required}


def write_set(host: HostFacts, instance: InstanceFacts, wish: BackupWish, name: str) -> Operation:
    """Makes the set; its manifest tells the start behaviour, and what was stopped, besides the items."""
    about = {"start_behaviour": start_behaviour(instance), STOPPED: stopped_parts(instance)}
    return operations.backup_set(folder(host, instance), name, items(instance, wish), wish.rehearse, about)


def difference(place: str, instance: InstanceFacts, wish: BackupWish) -> dict[str, str]:
    """Before and after, for ``--diff``: what the new set will hold."""
    kept = [f"  {item['id']}: {item.get('path') or item.get('key') or item['kind']}" for item in items(instance, wish)]
    return {"before": "", "after": "\n".join([place, *kept]) + "\n"}


def size(instance: InstanceFacts, wish: BackupWish) -> int:
    """Bytes that the set will take, as far as inspection measured."""
    sizes = instance["sizes"]
    return sum(sizes[what]["bytes"] for what in ("config", *wish.folders) if what in sizes)


def _trials(instance: InstanceFacts, wish: BackupWish, folders: list[str]) -> list[int]:
    """Bytes that the host restores on trial, folder by folder, as far as inspection measured."""
    if wish.rehearse == "none":
        return [0]
    sizes = [instance["sizes"][what] for what in folders if what in instance["sizes"]]
    if wish.rehearse == "whole":
        return [0, *(size["bytes"] for size in sizes)]
    return [0, *(min(size["bytes"], size.get("largest_bytes", size["bytes"]) + _SAMPLE_BYTES) for size in sizes)]


def trial_bytes(instance: InstanceFacts, wish: BackupWish) -> int:
    """Bytes of the cold folders that are restored on trial while the instance is down."""
    return sum(_trials(instance, wish, wish.folders))


def scratch_bytes(instance: InstanceFacts, wish: BackupWish) -> int:
    """Bytes that a restore on trial takes beside the set, for as long as it lasts: one folder is tried after another."""
    return max(_trials(instance, wish, ["config", *wish.folders]))


def check(host: HostFacts, instance: InstanceFacts, wish: BackupWish) -> list[Finding]:
    """What must be true before a backup alone."""
    own = preflight.check_instance(instance, links_matter=False, stops=wish.cold)
    findings = [*preflight.check_host(host), *own]
    findings += preflight.check_unfinished(host, instance)
    findings += preflight.check_data(instance, wish.folders)
    findings += preflight.check_space(host, size(instance, wish) + scratch_bytes(instance, wish))
    if wish.cold and instance["state"] != "stopped" and not wish.allow_stop:
        message = (
            f"The database and the streams of instance '{instance['name']}' can only be copied while it is stopped; "
            f"it is {instance['state']}. Set allow_stop to true, or stop it first."
        )
        findings.append(Finding("blocker", "stop_not_allowed", message))
    return findings


def make(
    host: HostFacts,
    instance: InstanceFacts,
    wish: BackupWish,
    name: str,
    origin: Origin,
    limits: Limits,
    after: list[Operation],
) -> Plan:
    """The plan of a backup alone; what runs of the instance is stopped for it and started again. ``after``: what follows the end."""
    copy = write_set(host, instance, wish, name)
    stop: list[Operation] = []
    start: list[Operation] = []
    if wish.cold and instance["state"] == "stopped":
        stop = stop_operations(instance, limits)
    elif wish.cold:
        stop = [*start_behaviour_off(instance, limits), *stop_operations(instance, limits)]
        start = [*start_operations(running(instance), limits), *start_behaviour_back(instance, limits)]
    title = f"Back up instance '{instance['name']}'"
    return plan(instance, "backup", title, origin, [*stop, copy, *start], on_confirm=after)
