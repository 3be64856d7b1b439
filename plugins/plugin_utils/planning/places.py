# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""New places on a host for what a backup set holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import directives, paths
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import FOLDER_DIRECTIVES, FOLDER_VALUES, Query
from . import preflight
from .backup_sets import BackupSet
from .findings import Finding

Edit = Mapping[str, str]
"""What the host finds in a text, and puts in its place (:func:`directives.edit`)."""

Moved = Mapping[str, tuple[str, Edit | None]]
"""New path and edit of the yml by the folder's name in facts."""


def questions(wanted: Mapping[str, str]) -> list[Query]:
    """What lies there, and how much more can; one query each, as a drive may not exist."""
    listed: list[Query] = [{"id": f"place {path}", "kind": "list", "paths": [path]} for path in wanted.values()]
    return listed + [{"id": f"space {path}", "kind": "free_space", "paths": [path]} for path in wanted.values()]


def edits(wanted: Mapping[str, str], old_yml: str) -> dict[str, tuple[str, Edit | None]]:
    """How the yml of the set is told of the new place of each folder; None where it cannot be, or has nothing to do with it."""
    present = directives.read(old_yml).names
    named = {what: next((one for one in FOLDER_DIRECTIVES[what] if one in present), None) for what in wanted}
    return {
        what: (path, directives.edit(old_yml, name, path) if (name := named[what]) else None)
        for what, path in wanted.items()
    }


def check(
    host: HostFacts, instance: InstanceFacts, data: BackupSet, moved: Moved, answers: Mapping[str, Any]
) -> list[Finding]:
    """Whether data can go to their new places, and the instance be told of them."""
    found = []
    for what, (path, edit) in moved.items():
        held = data.held.get(what)
        if held is None:
            message = (
                f"The backup set {data.path} does not hold the {what}, which shall go to {path}. Name a set that does."
            )
            found.append(Finding("blocker", "backup_not_usable", message))
            continue
        found += check_empty(host, instance, path, held["bytes"], answers)
        registry = any(FOLDER_VALUES[what] in key["values"] for key in instance["registry"])
        if edit is None and not registry:
            message = (
                f"Neither the yml in the backup set {data.path} nor the registry names the {what} folder of instance "
                f"'{instance['name']}': the product could not be told of {path}. Leave out {what}_path."
            )
            found.append(Finding("blocker", "no_directive", message))
            continue
        message = (
            f"The present {what} of instance '{instance['name']}' stays in {instance['paths'][what]}; what was entered there since is not "
            "in the restored one."
        )
        found.append(Finding("warning", "data_stays_behind", message))
    return found


def check_empty(
    host: HostFacts, instance: InstanceFacts, path: str, needed: int, answers: Mapping[str, Any]
) -> list[Finding]:
    """Whether a set may be laid out there: an empty folder or none, with space, and nothing of the product's or of ours."""
    message = _refusal(host, instance, path, needed, answers)
    return [Finding("blocker", "place", f"Nothing can be laid out in {path}: {message}")] if message else []


def _refusal(
    host: HostFacts, instance: InstanceFacts, path: str, needed: int, answers: Mapping[str, Any]
) -> str | None:
    taken = {
        "a folder of instance '{name}'": instance["paths"].values(),
        "the folder of a product version": [one["folder"] for one in host["versions"]],
        "the folder of the backup sets": [host["backup_root"]],
        "the folder of the agent": [host["agent"].get("root") or ""],
    }
    for what, folders in taken.items():
        for folder in folders:
            if folder and paths.overlap(path, folder):
                return f"{folder} is {what.format(name=instance['name'])}. Name another folder."
    listed = answers.get(f"place {path}", {})
    if "error" in listed:
        return f"{str(listed['error']['message']).rstrip('.')}. Name another folder."
    item: dict[str, Any] = next(iter(listed.get("items", [])), {})
    if item.get("exists") and item.get("kind") != "directory":
        return f"it is a {str(item['kind']).replace('_', ' ')}, and a folder is wanted. Name another one."
    if item.get("entries"):
        return "it is not empty. Empty it, or name another folder."
    space: dict[str, Any] = next(iter(answers.get(f"space {path}", {}).get("items", [])), {})
    free = space.get("free_bytes", 0)
    if free < needed + preflight.SPACE_RESERVE:
        return (
            f"{preflight.megabytes(needed)} and a reserve of {preflight.megabytes(preflight.SPACE_RESERVE)} are needed, and "
            f"{preflight.megabytes(free)} are free on {space.get('volume', 'its volume')}. Free some space, or name another folder."
        )
    return None
