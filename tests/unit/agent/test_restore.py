# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A tree and a file put back from the set of an earlier transaction, and the way back from that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations

from .conftest import AGENT_ROOT, Agent, AgentError
from .sets import DATA, PROTECT, SET, TREE, backup, fill, listing, secure, security, tree

NOW = r"D:\Backups\now"
YML = r"C:\configs\Имя.yml"
OPEN = "O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)"
OWN = "O:SYD:P(A;;FA;;;SY)"
RESTORE = operations.restore_tree(DATA, SET, "database", 1)
RESTORE_YML = operations.restore_tree(YML, SET, "yml", 1, kind="file")
AGAIN: list[dict[str, Any]] = [backup(TREE, name="now"), PROTECT | {"backup": NOW}, RESTORE]


def change(agent: Agent) -> Any:
    """Makes a set, and then tree and file other than they are in it; the tree as it was."""
    fill(agent)
    agent.write(YML, "version: 1\n")
    agent.path(YML).chmod(0o444)
    secure(agent, YML, OWN)
    secure(agent, DATA + r"\db\one.bin", OWN)
    yml, gone = ({"id": id_, "kind": "file", "path": path} for id_, path in (("yml", YML), ("gone", r"C:\configs\no")))
    status = agent.execute([backup(TREE, yml, gone)], id="t0", confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    before = tree(agent)
    agent.write(DATA + r"\db\one.bin", "upgraded")
    agent.write(DATA + r"\db\new\deep\file", "new")
    agent.path(DATA + r"\пустой\x").unlink()
    agent.link_path(DATA + r"\link").unlink()
    agent.write(r"C:\elsewhere2\keep", "k")
    agent.link(DATA + r"\link", r"C:\elsewhere2", "junction")
    agent.path(YML).chmod(0o644)
    agent.write(YML, "version: 2\n")
    for path in YML, DATA + r"\db\one.bin":
        secure(agent, path, OPEN)
    return before


@pytest.fixture
def old(agent: Agent) -> Any:
    """A set of an earlier transaction, and a tree and a file that are not as in it; `tree` as it was then."""
    return agent.begin("with changes since a set", lambda: change(agent))


def test_tree_becomes_what_it_was_and_back(agent: Agent, old: Any) -> None:
    now = tree(agent)
    status = agent.execute(AGAIN)
    assert status["state"] == "applied", status["error"]
    assert tree(agent) == old
    assert security(agent, DATA + r"\db\one.bin") == OWN
    assert agent.path(r"C:\elsewhere2\keep").exists()
    assert agent.rollback()["state"] == "rolled_back"
    assert tree(agent) == now
    assert security(agent, DATA + r"\db\one.bin") == OPEN


def test_failure_after_the_restore_brings_the_present_tree_back(agent: Agent, old: Any) -> None:
    now = tree(agent)
    status = agent.execute([*AGAIN, {"op": "remove_link", "path": r"C:\Windows"}])
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "not_a_link")
    assert tree(agent) == now


LACKING = (
    rf"restore_tree of '{DATA}' needs a protect_tree of the same path before it in the plan, from another backup set: "
    "nothing else would bring the present tree back."
)
OWN_SET = (
    rf"restore_tree of '{DATA}' cannot use the backup set '{DATA}\set', which lies in it: it would be deleted by its own "
    "restore."
)


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"operations": [backup(TREE, name="now"), RESTORE]}, LACKING),
        ({"operations": [AGAIN[0], RESTORE, AGAIN[1]]}, LACKING),
        ({"operations": [AGAIN[0], AGAIN[1] | {"path": DATA + r"\db"}, RESTORE]}, LACKING),
        ({"operations": [PROTECT, RESTORE]}, LACKING),
        ({"operations": AGAIN[:2], "on_confirm": [RESTORE]}, LACKING),
        ({"operations": [*AGAIN[:2], RESTORE | {"backup": DATA + r"\set"}]}, OWN_SET),
        (
            {"operations": [*AGAIN[:2], RESTORE | {"kind": "registry"}]},
            "restore_tree restores a 'tree' or a 'file', not a 'registry'.",
        ),
    ],
)
def test_plan_that_could_not_go_back_is_refused(new_agent: Agent, plan: dict[str, Any], message: str) -> None:
    with pytest.raises(AgentError) as raised:
        new_agent.execute(**plan)
    assert (raised.value.code, str(raised.value)) == ("bad_request", message)
    assert not new_agent.path(r"C:\Program Files\agent").exists()


def damage(agent: Agent) -> None:
    (agent.path(SET) / "files/database/db/one.bin").write_bytes(b"\x01" * 3_000_000)


def forget(agent: Agent) -> None:
    (agent.path(SET) / "files/database/пустой/x").unlink()


def tear(agent: Agent) -> None:
    with (agent.path(SET) / "manifest.json").open("ab") as manifest:
        manifest.write(b" ")


def open_(agent: Agent) -> None:
    secure(agent, SET, OPEN)


def interrupt(agent: Agent) -> None:
    (agent.path(SET) / "complete").unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (damage, rf"the copy '{SET}\files\database\db\one.bin' is not equal to the file that was read"),
        (forget, rf"'{SET}\files\database\пустой\x' is missing"),
        (tear, "its manifest is not the one that was written"),
        (open_, "its folder is missing, or others than Administrators and SYSTEM own it or may write to it"),
        (interrupt, "it was never completed, or was marked as unusable"),
    ],
)
def test_set_that_proves_nothing_changes_nothing(
    agent: Agent, old: Any, spoil: Callable[[Agent], None], reason: str
) -> None:
    now = tree(agent)
    spoil(agent)
    # A change that is undone again would not be seen below.
    agent.host.add_fault("delete", path=DATA + r"\*", action="kill")
    status = agent.execute(AGAIN)
    assert status["state"] == "rolled_back"
    assert (status["error"]["code"], status["error"]["operation"]) == ("verification_failed", 2)
    assert status["error"]["message"] == (
        f"The backup set '{SET}' cannot be used: {reason}. Use another set, or make a new backup before anything else."
    )
    assert tree(agent) == now


def test_item_of_another_tree(agent: Agent, old: Any) -> None:
    agent.write(r"D:\other\x", "")
    other = TREE | {"id": "other", "path": r"D:\other"}
    agent.execute([backup(TREE, other, name="two")], id="t1", confirm="automatic")
    error = agent.execute([*AGAIN[:2], RESTORE | {"backup": r"D:\Backups\two", "item": "other"}], id="t2")["error"]
    assert error["message"] == (
        rf"The item 'other' of 'D:\Backups\two' is a tree of 'D:\other', not the tree '{DATA}'."
    )


def test_tree_that_a_program_holds_is_left_alone(agent: Agent, old: Any) -> None:
    now = tree(agent)
    process = agent.host.processes.add("w3wp.exe", [DATA + r"\db\one.bin"])
    status = agent.execute([AGAIN[0], AGAIN[1] | {"timeout_seconds": 1}, RESTORE])
    assert (status["error"]["code"], status["error"]["operation"]) == ("file_held", 2)
    assert status["state"] == "held", "the same program is in the way of the undo"
    agent.host.processes.end(process.pid)
    assert agent.rollback()["state"] == "rolled_back"
    assert tree(agent) == now


def test_file_becomes_what_it_was_and_back(agent: Agent, old: Any) -> None:
    status = agent.execute([RESTORE_YML])
    assert status["state"] == "applied", status["error"]
    assert agent.path(YML).read_text() == "version: 1\n"
    assert security(agent, YML) == OWN
    assert agent.path(YML).stat().st_mode & 0o222 == 0
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.path(YML).read_text() == "version: 2\n"
    assert security(agent, YML) == OPEN
    assert agent.path(YML).stat().st_mode & 0o222 != 0


def test_file_that_is_as_in_the_set_is_left_alone(agent: Agent, old: Any) -> None:
    assert agent.execute([RESTORE_YML], confirm="automatic")["state"] == "confirmed"
    agent.host.add_fault("replace", path=YML, action="error", win32=5)
    assert agent.execute([RESTORE_YML], id="t2", confirm="automatic")["state"] == "confirmed"
    journal = agent.path(r"C:\Program Files\agent\transactions\t2\journal.jsonl").read_text("utf-8")
    assert '"inverse":null' in journal


def test_only_the_access_list_of_a_file_differs(agent: Agent, old: Any) -> None:
    agent.execute([RESTORE_YML], confirm="automatic")
    secure(agent, YML, OPEN)
    assert agent.execute([RESTORE_YML], id="t2")["state"] == "applied"
    assert security(agent, YML) == OWN


def test_file_that_was_absent_goes_and_comes_back(agent: Agent, old: Any) -> None:
    agent.write(r"C:\configs\no", "later")
    restore = operations.restore_tree(r"C:\configs\no", SET, "gone", 1, kind="file")
    assert agent.execute([restore])["state"] == "applied"
    assert listing(agent, r"C:\configs") == ["Имя.yml"]
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.path(r"C:\configs\no").read_text() == "later"


def test_file_that_is_absent_comes_and_goes(agent: Agent, old: Any) -> None:
    agent.path(YML).unlink()
    assert agent.execute([RESTORE_YML])["state"] == "applied"
    assert agent.path(YML).read_text() == "version: 1\n"
    assert agent.rollback()["state"] == "rolled_back"
    assert listing(agent, r"C:\configs") == []


def test_folder_of_a_file_is_made_below_the_root_of_the_agent_only(agent: Agent, old: Any) -> None:
    agent.path(YML).unlink()
    agent.path(r"C:\configs").rmdir()
    assert agent.execute([RESTORE_YML])["error"]["code"] == "missing"
    path = AGENT_ROOT + r"\pristine\Web.config"
    agent.write(path, "kept")
    kept = {"id": "kept", "kind": "file", "path": path}
    agent.execute([backup(kept, name="two")], id="t2", confirm="automatic")
    agent.path(path).unlink()
    agent.path(path).parent.rmdir()
    restore = operations.restore_tree(path, r"D:\Backups\two", "kept", 1, kind="file")
    assert agent.execute([restore], id="t3")["state"] == "applied"
    assert agent.path(path).read_text() == "kept"
    assert agent.rollback("t3")["state"] == "rolled_back"
    assert not agent.path(path).parent.exists()


def test_damaged_file_of_a_set_changes_nothing(agent: Agent, old: Any) -> None:
    (agent.path(SET) / "files/yml/Имя.yml").write_text("version: 3\n")
    error = agent.execute([RESTORE_YML])["error"]
    assert error["code"] == "verification_failed"
    assert rf"the copy '{SET}\files\yml\Имя.yml' is not equal to the file that was read" in error["message"]
    assert agent.path(YML).read_text() == "version: 2\n"


def test_file_that_a_program_holds_is_left_alone(agent: Agent, old: Any) -> None:
    agent.host.processes.add("w3wp.exe", [YML])
    error = agent.execute([RESTORE_YML])["error"]
    assert (error["code"], error["details"]["path"]) == ("file_held", YML)
    assert agent.path(YML).read_text() == "version: 2\n"


def test_file_is_put_back_when_it_is_let_go(agent: Agent, old: Any) -> None:
    process = agent.host.processes.add("w3wp.exe", [YML])
    threading.Timer(3, agent.host.processes.end, [process.pid]).start()
    assert agent.execute([RESTORE_YML | {"timeout_seconds": 20}])["state"] == "applied"
    assert agent.path(YML).read_text() == "version: 1\n"


def test_tree_is_no_file(agent: Agent, old: Any) -> None:
    path = r"C:\configs\no"
    absent = {"id": "absent", "kind": "tree", "path": path}
    restore = operations.restore_tree(path, r"D:\Backups\two", "absent", 1, kind="file")
    error = agent.execute([backup(absent, name="two"), restore])["error"]
    assert error["message"] == (rf"The item 'absent' of 'D:\Backups\two' is a tree of '{path}', not the file '{path}'.")


def test_file_of_a_set_is_not_put_elsewhere(agent: Agent, old: Any) -> None:
    error = agent.execute([RESTORE_YML | {"item": "database"}])["error"]
    assert error["message"] == f"The item 'database' of '{SET}' is a tree of '{DATA}', not the file '{YML}'."
    error = agent.execute([RESTORE | {"kind": "file"}], id="t2")["error"]
    assert error["code"] == "not_a_file"


@pytest.mark.parametrize(
    "point",
    [
        "delete",
        "after:delete",
        "remove_link",
        "after:remove_link",
        "create_directory",
        "write",
        "replace",
        "after:replace",
        "create_link",
        "after:create_link",
        "write_security",
        "after:write_security",
        "operation:restore_tree",
        "after:operation:restore_tree",
    ],
)
def test_killed_while_a_tree_is_put_back(agent: Agent, old: Any, point: str) -> None:
    now = tree(agent)
    agent.host.add_fault(point, path=DATA if "operation" in point else DATA + "*", action="kill")
    status = agent.execute(AGAIN, wait=60)
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert status["undo_errors"] == []
    assert tree(agent) == now
    assert security(agent, DATA + r"\db\one.bin") == OPEN


@pytest.mark.parametrize("point", ["undo:restore_tree", "after:undo:restore_tree", "after:undo:protect_tree"])
def test_killed_while_the_restore_is_undone(agent: Agent, old: Any, point: str) -> None:
    now = tree(agent)
    agent.host.add_fault(point, action="kill")
    assert agent.execute(AGAIN)["state"] == "applied"
    assert agent.rollback()["state"] == "rolled_back"
    assert tree(agent) == now


@pytest.mark.parametrize(
    "point", ["copy", "after:copy", "write", "after:write", "replace", "after:replace", "operation:restore_tree"]
)
def test_killed_while_a_file_is_put_back(agent: Agent, old: Any, point: str) -> None:
    agent.host.add_fault(point, path=r"*\undo\*" if "copy" in point else YML + "*", action="kill")
    status = agent.execute([RESTORE_YML])
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert agent.path(YML).read_text() == "version: 2\n"
    assert security(agent, YML) == OPEN
    assert listing(agent, r"C:\configs") == ["Имя.yml"]


def test_killed_while_a_file_is_undone(agent: Agent, old: Any) -> None:
    agent.host.add_fault("after:undo:restore_tree", action="kill")
    assert agent.execute([RESTORE_YML])["state"] == "applied"
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.path(YML).read_text() == "version: 2\n"
