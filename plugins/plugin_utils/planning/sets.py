# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of backup sets once they are made: the second copy, retention."""

from __future__ import annotations

from typing import Any

from .. import operations
from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..operations import Operation
from . import backup, preflight
from .backup import BackupWish
from .findings import Refusal


def check_options(root: str, copy_to: str | None) -> None:
    """Refuses a folder for copies that is no absolute path, and one that is that of the backups."""
    if copy_to is None:
        return
    preflight.check_paths([("backup_copy_to", copy_to)])
    if paths.overlap(copy_to, root):
        raise Refusal(
            f"The option 'backup_copy_to' is refused, nothing was touched. '{copy_to}' and the folder of the backups, '{root}', lie one "
            "in the other. Name a share, or a folder on another disk."
        )


def copy_folder(host: HostFacts, instance: InstanceFacts, wish: BackupWish) -> str:
    """Where the second copies of an instance's sets go: hosts share a share."""
    return paths.join(wish.copy_to or "", host["machine"], instance["brand"], instance["name"])


def prune(host: HostFacts, instance: InstanceFacts, wish: BackupWish, made: str) -> list[Operation]:
    """The operation that removes old sets, if some shall be removed. ``made``: the set of the same transaction."""
    if wish.keep < 1:
        return []
    return [operations.prune_sets(backup.folder(host, instance), wish.keep, [made, *way_back(host, instance)])]


def way_back(host: HostFacts, instance: InstanceFacts) -> list[str]:
    """The sets of the confirmed transactions that led to the present version, the last one first."""
    own = f"{instance['brand']} {instance['name']}".casefold()
    confirmed = [
        one
        for one in host["agent"].get("transactions", [])
        if one["state"] == "confirmed" and one["instance"].casefold() == own and (one.get("about") or {}).get("to")
    ]
    version, found = instance["version"]["current"], []
    for one in sorted(confirmed, key=_began, reverse=True):
        about = one["about"]
        if about["to"] != version:
            continue
        version = about.get("from")
        if about.get("backup"):
            found.append(about["backup"])
    return found


def _began(transaction: dict[str, Any]) -> str:
    return str(transaction.get("created") or "")
