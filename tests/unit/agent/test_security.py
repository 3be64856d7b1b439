# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Owner and access list: kept by what changes a file, and put back with it. Pools run under domain users."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations

from .conftest import Agent
from .sets import DATA, PROTECT, SET, TREE, backup, secure, security, tree

USER = "S-1-5-21-1-2-3-1105"
FILE = r"C:\configs\a.yml"
OWN = {
    FILE: f"O:{USER}D:PAI(A;;FA;;;SY)(A;;0x1301bf;;;{USER})",
    DATA: f"O:{USER}D:PAI(A;OICI;FA;;;SY)(A;OICI;0x1301bf;;;{USER})",
    DATA + r"\db": f"O:{USER}D:AI(A;OICI;FR;;;{USER})(A;OICIID;FA;;;SY)",
    DATA + r"\db\one.bin": f"O:{USER}D:AI(A;;FR;;;BU)(A;ID;FA;;;SY)",
}
OPEN = "O:BAD:P(A;;FA;;;WD)"
WRITE = {"op": "write_file", "path": FILE, "text": "new", "encoding": "utf-8"}
YML = {"id": "yml", "kind": "file", "path": FILE}


@pytest.fixture
def owned(agent: Agent, data: str) -> None:
    """A file and a tree of a domain user."""
    agent.write(FILE, "old")
    for path, sddl in OWN.items():
        secure(agent, path, sddl)


def seen(agent: Agent) -> dict[str, str]:
    return {path: security(agent, path) for path in OWN}


def test_written_file_keeps_owner_and_access_list(agent: Agent, owned: None) -> None:
    assert agent.execute([WRITE])["state"] == "applied"
    assert (agent.path(FILE).read_text(), security(agent, FILE)) == ("new", OWN[FILE])


@pytest.mark.parametrize("operation", [WRITE, {"op": "remove_file", "path": FILE}], ids=["write", "remove"])
def test_undo_brings_them_back(agent: Agent, owned: None, operation: dict[str, Any]) -> None:
    assert agent.execute([operation])["state"] == "applied"
    if operation is WRITE:
        secure(agent, FILE, OPEN)
    assert agent.rollback()["state"] == "rolled_back"
    assert (agent.path(FILE).read_text(), security(agent, FILE)) == ("old", OWN[FILE])


def spoil(agent: Agent) -> None:
    """What an upgrade of the data may do: other content, another owner, a folder made anew."""
    agent.write(DATA + r"\db\one.bin", "upgraded")
    agent.write(FILE, "other")
    for path in OWN:
        secure(agent, path, OPEN)


def test_protected_tree_comes_back_with_them(agent: Agent, owned: None) -> None:
    before = tree(agent)
    assert agent.execute([backup(TREE), PROTECT, WRITE])["state"] == "applied"
    spoil(agent)
    assert agent.rollback()["state"] == "rolled_back"
    assert (tree(agent), seen(agent)) == (before, OWN)


def test_restored_tree_and_file_come_back_with_them(agent: Agent, owned: None) -> None:
    before = tree(agent)
    assert agent.execute([backup(TREE, YML)], id="t0", confirm="automatic")["state"] == "confirmed"
    spoil(agent)
    plan = [
        backup(TREE, name="now"),
        PROTECT | {"backup": r"D:\Backups\now"},
        operations.restore_tree(DATA, SET, "database", 1),
        operations.restore_tree(FILE, SET, "yml", 1, kind="file"),
    ]
    assert agent.execute(plan)["state"] == "applied"
    assert (tree(agent), seen(agent)) == (before, OWN)
    assert agent.rollback()["state"] == "rolled_back"
    assert set(seen(agent).values()) == {OPEN}


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def test_one_bit_of_a_set_is_found_by_the_undo(agent: Agent, owned: None) -> None:
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    spoil(agent)
    now = tree(agent)
    flip(agent.path(SET) / "files/database/db/one.bin")
    status = agent.rollback()
    assert (status["state"], status["undo_errors"][0]["code"]) == ("held", "verification_failed")
    assert (tree(agent), set(seen(agent).values())) == (now, {OPEN})


@pytest.mark.parametrize(("item", "kind", "name"), [("database", "tree", r"db\one.bin"), ("yml", "file", "a.yml")])
def test_one_bit_of_a_set_is_found_by_a_restore(agent: Agent, owned: None, item: str, kind: str, name: str) -> None:
    assert agent.execute([backup(TREE, YML)], id="t0", confirm="automatic")["state"] == "confirmed"
    spoil(agent)
    now = tree(agent)
    flip(agent.path(rf"{SET}\files\{item}\{name}"))
    path = DATA if kind == "tree" else FILE
    plan = [
        backup(TREE, name="now"),
        PROTECT | {"backup": r"D:\Backups\now"},
        operations.restore_tree(path, SET, item, 1, kind),
    ]
    status = agent.execute(plan)
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "verification_failed")
    assert (tree(agent), agent.path(FILE).read_text(), set(seen(agent).values())) == (now, "other", {OPEN})
