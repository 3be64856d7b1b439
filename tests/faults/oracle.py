# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must be true after everything that may happen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from .flows import UNCONFIRMED, Manifest
from .world import BACKUPS, OVER, World

_UNDONE = "Everything done was undone; the host is as it was before."
_HOPS_BEFORE = "those before it stand"
_STILL_TO_DO = "is still to be done"
_NOTHING_DONE = "nothing was touched"


def check(
    world: World, seen: Manifest, allowed: Iterable[Manifest], result: dict[str, Any] | None, goal: str, start: str = ""
) -> list[str]:
    """Every violation, in words. `start`: the manifest before the flow; without one it may have been any."""
    differences = {one.name: one.differences(seen) for one in allowed}
    ends = [name for name, found in differences.items() if not found]
    if not ends:
        nearest = min(differences.values(), key=len)
        return [f"neither {' nor '.join(differences)}: {'; '.join(nearest[:6])}"]
    return [*_lies(result, ends, goal, start), *_left_behind(world, seen, UNCONFIRMED in ends), *_bad_sets(world)]


def untold(owed: list[str], result: dict[str, Any] | None, inspected: dict[str, Any]) -> list[str]:
    """Whether a warning of the module, and a problem that inspection finds, tell what a confirm or an undo could not do yet."""
    found = []
    if result is not None and not result.get("failed") and _STILL_TO_DO not in str(result.get("warnings")):
        found.append(f"the module does not warn of what is owed, {owed}: {result.get('warnings')}")
    instances = inspected.get("facts", {}).get("instances", [])
    codes = {problem["code"] for one in instances for problem in one["problems"]}
    if not codes & {"confirm_owed", "undo_owed"}:
        found.append(f"inspection does not tell what is owed, {owed}: {sorted(codes) or inspected.get('msg')}")
    return found


def _lies(result: dict[str, Any] | None, ends: list[str], goal: str, start: str) -> list[str]:
    """Whether the result tells what is so."""
    if result is None:
        return []
    told = str(result.get("msg", ""))
    if not result.get("failed"):
        return [] if goal in ("", *ends) else [f"the module reports success, the instance is {ends[0]}"]
    if _HOPS_BEFORE in told:
        start = ""
    if (_UNDONE in told or _NOTHING_DONE in told) and start not in ("", *ends):
        return [f"the module says that the host is as before, the instance is {ends[0]}: {told}"]
    return []


def _left_behind(world: World, seen: Manifest, unconfirmed: bool) -> list[str]:
    """Tasks, unfinished transactions, files of something that was interrupted. One that is `unconfirmed` is held for a person."""
    found = [f"a task is left: {name}" for name in world.host.scheduler.names()]
    unfinished = [one for one in world.transactions() if one["state"] not in OVER]
    if unconfirmed and [one["state"] for one in unfinished] == ["held"]:
        unfinished = []
    found += [f"the transaction {one['id']} is {one['state']}" for one in unfinished]
    for path in seen.snapshot.files:
        if ".~agent-" in path or "scratch" in path.casefold():
            found.append(f"left behind: {path}")
    return found


def _bad_sets(world: World) -> list[str]:
    """Backup sets that call themselves complete and are not."""
    root = world.host.drives.real(BACKUPS)
    found = []
    for mark in root.rglob("complete"):
        manifest = (mark.parent / "manifest.json").read_bytes()
        if hashlib.sha256(manifest).hexdigest() != (mark.parent / "manifest.sha256").read_text().split()[0]:
            found.append(f"{mark.parent}: the manifest is not the one whose hash is written")
        for item in json.loads(manifest)["items"]:
            found += _bad_files(mark.parent / "files" / item["id"], item)
    return found


def _bad_files(folder: Any, item: dict[str, Any]) -> list[str]:
    bad = []
    for entry in item["entries"]:
        if entry["kind"] != "file" or item["kind"] not in ("tree", "file"):
            continue
        file = folder / entry["path"].replace("\\", "/") if entry["path"] else folder
        if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != entry["sha256"]:
            bad.append(f"the complete set {folder.parent.parent.name} lacks {entry['path']}")
    return bad
