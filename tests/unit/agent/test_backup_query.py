# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The query `backup_set`: what a set says of itself, and whether that can be believed."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Agent
from .sets import DATA, SET, TREE, backup, secure

FILE = {"id": "file", "kind": "file", "path": r"C:\elsewhere\secret"}
GONE = {"id": "gone", "kind": "file", "path": r"C:\elsewhere\none"}


def asked(agent: Agent, *paths: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = agent.query("backup_set", paths=list(paths))["items"]
    return items


def test_query_says_what_a_set_holds(agent: Agent, data: str) -> None:
    status = agent.execute([backup(TREE, FILE, GONE) | {"about": {"why": "проба"}}], confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    manifest = json.loads((agent.path(SET) / "manifest.json").read_text("utf-8"))
    hash_ = (agent.path(SET) / "manifest.sha256").read_text().split()[0]
    part = TREE | {"names": ["*.bin"]}
    assert agent.execute([backup(part, name="part")], id="t2", confirm="automatic")["state"] == "confirmed"
    missing, whole, some = asked(agent, r"D:\none", SET, r"D:\Backups\p*")
    assert missing == {"path": r"D:\none", "exists": False}
    assert whole == {
        "path": SET,
        "exists": True,
        "protected": True,
        "complete": True,
        "unusable": None,
        "rehearsed": "none",
        "name": "до обновления",
        "created": manifest["created"],
        "machine": "H1",
        "about": {"why": "проба"},
        "manifest_sha256": hash_,
        "items": [
            {
                "id": "database",
                "kind": "tree",
                "path": DATA,
                "present": True,
                "whole": True,
                "targets": [r"C:\elsewhere"],
                "files": 2,
                "bytes": 3_000_000,
            },
            FILE | {"present": True, "whole": True, "targets": [], "files": 1, "bytes": 1},
            GONE | {"present": False, "whole": True, "targets": [], "files": 0, "bytes": 0},
        ],
    }
    assert [(item["id"], item["whole"]) for item in some["items"]] == [("database", False)]


def test_query_does_not_believe_a_damaged_set(agent: Agent, data: str) -> None:
    agent.execute([backup(TREE)], confirm="automatic")
    with (agent.path(SET) / "manifest.json").open("ab") as manifest:
        manifest.write(b" ")
    secure(agent, SET, "O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)")
    (agent.path(SET) / "unusable").write_text("The disk was full.\n")
    agent.write(r"D:\Backups\notes.txt", "")
    agent.path(r"D:\Backups\begun").mkdir()
    begun, notes, torn = asked(agent, r"D:\Backups\*")
    assert (torn["protected"], torn["complete"], torn["unusable"]) == (False, False, "The disk was full.")
    assert (torn["name"], torn["items"], torn["error"]["code"]) == (None, [], "verification_failed")
    assert "its manifest is not the one that was written" in torn["error"]["message"]
    assert begun["complete"] is False
    assert "it has no 'manifest.sha256'" in begun["error"]["message"]
    assert notes["error"]["message"] == r"'D:\Backups\notes.txt' is a file, not the folder of a backup set."


def test_where_the_links_in_a_set_lead(agent: Agent) -> None:
    """A set of a Config folder tells by them at which version it was made."""
    agent.write(r"C:\versions\1\bin\x.dll", "x")
    agent.link(r"C:\app\bin", r"C:\versions\1\bin")
    agent.link(r"C:\app\other", r"C:\versions\1\bin")
    tree = {"id": "config", "kind": "tree", "path": r"C:\app"}
    assert agent.execute([backup(tree)], confirm="automatic")["state"] == "confirmed"
    (found,) = asked(agent, SET)
    assert found["items"][0]["targets"] == [r"C:\versions\1\bin"]
