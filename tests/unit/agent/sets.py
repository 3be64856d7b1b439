# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A tree, backup sets of it, and what could be wrong with them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import Agent

DATA = r"D:\Данные\Database"
SET = r"D:\Backups\до обновления"
TREE = {"id": "database", "kind": "tree", "path": DATA, "recurse": True}
PROTECT = {"op": "protect_tree", "path": DATA, "backup": SET, "item": "database"}


def backup(*items: dict[str, Any], name: str = SET.rpartition("\\")[2]) -> dict[str, Any]:
    return {"op": "backup_set", "directory": r"D:\Backups", "name": name, "items": list(items)}


def tree(agent: Agent, path: str = DATA) -> list[tuple[str, str, str]]:
    (item,) = agent.query("list", paths=[path], recurse=True, hash=True)["items"]
    return [
        (entry["path"], entry["kind"], entry.get("sha256") or entry.get("target") or "")
        for entry in item.get("entries", [])
    ]


def fill(agent: Agent) -> str:
    """A tree with a large file, an empty one, and a link out of it."""
    agent.write(DATA + r"\db\one.bin", b"\x00" * 3_000_000)
    agent.write(DATA + r"\пустой\x", "")
    agent.write(r"C:\elsewhere\secret", "s")
    agent.link(DATA + r"\link", r"C:\elsewhere")
    return DATA


def listing(agent: Agent, folder: str) -> list[str]:
    return [entry["name"] for entry in agent.query("list", paths=[folder])["items"][0]["entries"]]


def security(agent: Agent, path: str) -> str:
    """The owner and the access list that a path was given."""
    known: dict[str, str] = json.loads((agent.host.folder / "security.json").read_text("utf-8"))
    return known[path.lower()]


def forge(agent: Agent, old: str, new: str) -> None:
    """Changes a set as somebody could who owns a folder above it: manifest, hash and all."""
    manifest = (agent.path(SET) / "manifest.json").read_text("utf-8")
    assert old in manifest
    forged = manifest.replace(old, new).encode()
    (agent.path(SET) / "manifest.json").write_bytes(forged)
    (agent.path(SET) / "manifest.sha256").write_text(hashlib.sha256(forged).hexdigest() + "  manifest.json\n")


def secure(agent: Agent, path: str, sddl: str) -> None:
    """Gives a path an owner and an access list."""
    file = agent.host.folder / "security.json"
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    file.write_text(json.dumps(known | {path.lower(): sddl}), "utf-8")
