# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A recorded state again: what backup sets hold is put back, since data are never downgraded.

The same operations serve a hop of an upgrade that names a set, ``instance_rollback`` and ``instance_restore``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import operations
from ..model import paths
from ..model.brands import BRANDS
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import FOLDER_VALUES, Query
from ..model.versions import Version
from ..operations import Operation
from ..policy import Path, Step
from ..policy.hops import Hop, Text
from ..policy.ranges import parse_range
from . import backup_sets, hop
from .backup_sets import LOSS, BackupSet
from .findings import Finding
from .hop import Place
from .places import Moved
from .plans import start_operations
from .wishes import UpgradeWish

HOP = "restore-backup"
"""The id of the hop that no policy has."""

_NEEDED = ("config", "database")


@dataclass(frozen=True)
class Recorded:
    """What is put back. ``configuration``: the set with Config folder, yml and registry. ``data``: the set from which ``folders``,
    called as in facts, come back to where they were. ``moved``: a new path for a folder of data, with the edit of the yml that
    names it (None where only the registry does). ``variables``: the machine's variables that have another value now.
    """

    configuration: BackupSet
    data: BackupSet
    folders: tuple[str, ...]
    moved: Moved = field(default_factory=dict)
    variables: Mapping[str, str | None] = field(default_factory=dict)


def step(start: Version, target: Version, name: str) -> Step:
    """One step, whatever the hops of the policy are."""
    reason = Text(
        f"Asked for: the backup set {name} is put back, configuration and data.",
        f"По запросу: возвращается резервная копия {name}, конфигурация и данные.",
    )
    anywhere = parse_range("any", {})
    back = Hop(HOP, anywhere, anywhere, "in_place", False, True, (), (), (), (), (), "the backup set")
    return Step(start, target, back, reason)


def path(start: Version, target: Version, name: str) -> Path:
    """The way of an upgrade that names a set."""
    return Path(start, target, (step(start, target, name),))


def questions(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> list[Query]:
    """What the host has to tell about the set."""
    return (
        [backup_sets.question(_place(host, instance, wish)), backup_sets.CLOCK]
        if wish.restore_backup is not None
        else []
    )


def named(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish, answers: Mapping[str, Any]) -> BackupSet:
    """The set that the upgrade names."""
    return backup_sets.read(_place(host, instance, wish), answers)


def check(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish, answers: Mapping[str, Any]) -> list[Finding]:
    """Whether the set is whole, was made at the target version, and the operator knows what is lost."""
    wanted = named(host, instance, wish, answers)
    problem = wanted.problem(host, instance, _NEEDED)
    if not problem and wanted.versions != [str(wish.target)]:
        problem = f"it was made at {', '.join(wanted.versions) or 'no version'}, not at {wish.target}"
    if problem:
        advice = f"Name a set that was made at {wish.target} with the data, in restore_backup."
        return [backup_sets.not_usable(instance, wanted, problem, advice)]
    if not wish.backup.data:
        message = (
            f"Going back replaces the database of instance '{instance['name']}', and no copy of the present one was asked for. Set "
            "backup_data to true."
        )
        return [Finding("blocker", "no_way_forward_again", message)]
    return [backup_sets.loss(instance, wanted, answers, LOSS in wish.acknowledged)]


def operations_of(place: Place, wish: UpgradeWish, set_name: str, recorded: Recorded) -> list[Operation]:
    """Prove the sets, stop, back up what is there now, put back what was, start. Undoing brings back what is there now.

    Data for another place are laid out before the stop: they touch nothing of the instance.
    """
    instance, release = place.instance, wish.limits.release
    old = recorded.configuration
    return [
        *_verify(recorded),
        *(operations.extract(new, recorded.data.path, what, release) for what, (new, _edit) in recorded.moved.items()),
        *hop.stop_and_back_up(place, wish, set_name),
        *hop.protect(place, set_name, ["config", *recorded.folders], wish.limits),
        operations.restore_tree(old.held["config"]["path"], old.path, "config", release),
        *(
            operations.restore_tree(recorded.data.held[what]["path"], recorded.data.path, what, release)
            for what in recorded.folders
        ),
        *_yml(instance, recorded, release),
        *_registry(instance, recorded),
        *(operations.environment_variable(name, value) for name, value in recorded.variables.items()),
        *start_operations(instance, wish.limits),
    ]


def _verify(recorded: Recorded) -> list[Operation]:
    held = recorded.configuration.held
    yml = ["instance_yml"] if "instance_yml" in held else []
    own = ["config", *yml, *(one for one, _view in _registry_items(held))]
    data = [*recorded.folders, *recorded.moved]
    if recorded.data.path == recorded.configuration.path:
        return [operations.verify_set(recorded.data.path, [*own, *data])]
    of_data = [operations.verify_set(recorded.data.path, data)] if data else []
    return [operations.verify_set(recorded.configuration.path, own), *of_data]


def _yml(instance: InstanceFacts, recorded: Recorded, release: int) -> list[Operation]:
    old = recorded.configuration
    if "instance_yml" not in old.held:
        return _without_yml(instance["yml"]) if instance["yml"] else []
    yml = old.held["instance_yml"]["path"]
    edits = {new: dict(edit) for new, edit in recorded.moved.values() if edit}
    moved = [operations.edit_file(yml, ", ".join(edits), list(edits.values()))] if edits else []
    return [operations.restore_tree(yml, old.path, "instance_yml", release, "file"), *moved]


def _without_yml(yml: str) -> list[Operation]:
    """Before 4.4 there was none, nor the folders that the upgrade made for the first one."""
    folder = paths.parent(yml)
    return [
        operations.remove_file(yml),
        operations.remove_folder(folder),
        operations.remove_folder(paths.parent(folder)),
    ]


def _registry(instance: InstanceFacts, recorded: Recorded) -> list[Operation]:
    present = {key["view"]: key["key"] for key in instance["registry"]}
    brand = next(brand for brand in BRANDS if brand.name == instance["brand"])
    default = rf"{brand.registry_key}\{instance['name']}"
    steps = [
        operations.restore_registry(present.get(view, default), view, recorded.configuration.path, item)
        for item, view in _registry_items(recorded.configuration.held)
    ]
    return steps + [
        operations.registry_string(key["key"], key["view"], FOLDER_VALUES[what], new)
        for what, (new, _edit) in recorded.moved.items()
        for key in instance["registry"]
        if FOLDER_VALUES[what] in key["values"]
    ]


def _registry_items(held: Mapping[str, Any]) -> list[tuple[str, int]]:
    """The items of a set that hold a view of the instance's registry key."""
    return [(one, int(one.rpartition("_")[2])) for one in held if held[one]["kind"] == "registry"]


def _place(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> str:
    return backup_sets.place(host, instance, wish.restore_backup or "")
