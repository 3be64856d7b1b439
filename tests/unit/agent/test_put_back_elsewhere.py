# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sets that are proved first, laid out at another place, and a registry key that becomes what a set has."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations

from .conftest import Agent, AgentError
from .scenario import FAILING
from .sets import DATA, SET, TREE, backup, listing, tree

NEW = r"D:\new\place"
KEY = r"SOFTWARE\Inst"
REGISTRY = {"id": "registry_64", "kind": "registry", "hive": "HKLM", "key": KEY, "views": [64]}
FILE = {"id": "yml", "kind": "file", "path": r"C:\configs\a.yml"}
GONE = {"id": "gone", "kind": "file", "path": r"C:\configs\no"}
RESTORE_KEY = operations.restore_registry(KEY, 64, SET, "registry_64")


@pytest.fixture
def saved(agent: Agent, data: str) -> str:
    """The set, of the tree, a file, and a key with a key below it."""
    agent.write(FILE["path"], "version: 1\n")
    agent.host.registry.write(rf"HKLM\{KEY}", {"version": "1", "gone": "x"})
    agent.host.registry.write(rf"HKLM\{KEY}\Below\Deep", {"name": "значение"})
    status = agent.execute([backup(TREE, FILE, GONE, REGISTRY)], id="t0", confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    return data


def key(agent: Agent) -> Any:
    return agent.query("registry", key=KEY, views=[64])["views"]["64"]


def change_key(agent: Agent) -> Any:
    agent.host.registry.write(rf"HKLM\{KEY}", {"version": "2", "added": "y"})
    agent.host.registry.write(rf"HKLM\{KEY}\Other\More", {"v": "w"})
    agent.host.registry.write(rf"HKLM\{KEY}\Below\Deep", {"name": "another", "second": "2"})
    return key(agent)


def test_a_key_becomes_what_it_was_and_back(agent: Agent, saved: str) -> None:
    then = key(agent)
    now = change_key(agent)
    assert now != then
    status = agent.execute([RESTORE_KEY])
    assert status["state"] == "applied", status["error"]
    assert key(agent) == then
    assert "значение" not in str(status)
    agent.rollback()
    assert key(agent) == now


def test_a_key_that_is_as_it_was_is_left_alone(agent: Agent, saved: str) -> None:
    agent.host.add_fault("before:registry", action="kill")
    assert agent.execute([RESTORE_KEY], confirm="automatic")["state"] == "confirmed"


def test_another_item_is_no_key(agent: Agent, saved: str) -> None:
    status = agent.execute([{**RESTORE_KEY, "item": "database"}])
    assert status["error"]["message"] == rf"The item 'database' of '{SET}' is a tree, not a registry key."
    with pytest.raises(AgentError, match="A registry view is 64 or 32, not 16"):
        agent.execute([{**RESTORE_KEY, "view": 16}])


def test_a_set_is_proved_before_anything_else(agent: Agent, saved: str) -> None:
    verify = operations.verify_set(SET, ["database", "yml", "registry_64"])
    assert agent.execute([verify], confirm="automatic", id="t1")["state"] == "confirmed"
    (agent.path(SET) / "registry_64.json").write_text("{}")
    status = agent.execute([verify, FAILING], id="t2")
    assert (status["state"], status["error"]["operation"]) == ("rolled_back", 0)
    assert status["error"]["message"] == (
        rf"The backup set '{SET}' cannot be used: the copy '{SET}\registry_64.json' is not equal to the file that was read. Use another "
        "set, or make a new backup before anything else."
    )
    with pytest.raises(AgentError, match="verify_set needs the ids of the items to verify"):
        agent.execute([{**verify, "items": []}], id="t3")


def test_a_tree_at_another_place(agent: Agent, saved: str) -> None:
    agent.write(r"D:\other", "o")
    extract = operations.extract(NEW, SET, "database", 1)
    status = agent.execute([extract])
    assert status["state"] == "applied", status["error"]
    assert tree(agent, NEW) == tree(agent, DATA)
    agent.write(NEW + r"\added", "by a program since")
    assert agent.rollback()["state"] == "rolled_back"
    assert not agent.path(r"D:\new").exists() and agent.path(r"C:\elsewhere\secret").exists()


def test_the_whole_set_at_another_place(agent: Agent, saved: str) -> None:
    agent.path(r"D:\look").mkdir()
    status = agent.execute([operations.extract(r"D:\look", SET, None, 1)], confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    assert sorted(listing(agent, r"D:\look")) == ["database", "registry_64.json", "yml"]
    assert tree(agent, r"D:\look\database") == tree(agent, DATA)
    assert agent.path(r"D:\look\yml\a.yml").read_text() == "version: 1\n"


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        (
            DATA,
            "not_empty",
            f"The folder '{DATA}' is not empty, and nothing is mixed with what lies there. Empty it, or name another folder.",
        ),
        (
            FILE["path"],
            "not_a_folder",
            rf"'{FILE['path']}' is a file, and a folder is wanted there. Move it away, or correct the path.",
        ),
    ],
)
def test_a_place_that_is_taken(agent: Agent, saved: str, path: str, code: str, message: str) -> None:
    before = tree(agent)
    status = agent.execute([operations.extract(path, SET, "database", 1)])
    assert (status["state"], status["error"]["code"], status["error"]["message"]) == ("rolled_back", code, message)
    assert tree(agent) == before


def test_a_set_is_not_laid_out_in_itself(agent: Agent, saved: str) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([operations.extract(rf"{SET}\x", SET, None, 1)])
    assert str(raised.value) == rf"extract cannot lay the backup set '{SET}' out in '{SET}\x': one lies in the other."


@pytest.mark.parametrize("point", ["write", "create_link", "write_security"])
def test_a_worker_killed_in_the_middle_leaves_nothing(agent: Agent, saved: str, point: str) -> None:
    agent.host.add_fault(point, path=NEW + "*", action="kill")
    agent.execute([operations.extract(NEW, SET, "database", 1)], wait=5)
    agent.host.clear_faults()
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert not agent.path(r"D:\new").exists()
