# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A backup set restored on trial before it counts, and disks that are too small for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from faults.points import read_trace

from .conftest import Agent, AgentError
from .sets import DATA, SET, TREE, backup, listing, secure, tree

OWN = "O:S-1-5-21-1-2-3-1105D:P(A;;FA;;;SY)(A;;FA;;;S-1-5-21-1-2-3-1105)"
SCRATCH = SET + r"\rehearsal"
ONE = SCRATCH + r"\database\db\one.bin"


def rehearsed(kind: str, *items: dict[str, Any], name: str = SET.rpartition("\\")[2]) -> dict[str, Any]:
    return backup(*(items or (TREE,)), name=name) | {"rehearse": kind}


def said(agent: Agent) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((agent.path(SET) / "complete").read_text())
    return told


@pytest.mark.parametrize("kind", ["sample", "whole"])
def test_set_is_restored_on_trial(agent: Agent, data: str, kind: str) -> None:
    secure(agent, DATA + r"\db", OWN)
    agent.path(DATA + r"\db\one.bin").chmod(0o444)
    agent.write(r"C:\configs\a.yml", "a: 1")
    yml = {"id": "yml", "kind": "file", "path": r"C:\configs\a.yml"}
    key = {"id": "key", "kind": "registry", "hive": "HKLM", "key": "SOFTWARE", "views": [64]}
    gone = {"id": "gone", "kind": "file", "path": r"C:\configs\none"}
    status = agent.execute([rehearsed(kind, TREE, yml, key, gone)], confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    assert said(agent) == {"rehearsed": kind, "files": 3, "bytes": 3_000_004}
    assert "rehearsal" not in listing(agent, SET)
    (found,) = agent.query("backup_set", paths=[SET])["items"]
    assert found["rehearsed"] == kind


def test_set_is_believed_by_its_mark_only(agent: Agent, data: str) -> None:
    """A set made before there were rehearsals has an empty one."""
    agent.execute([rehearsed("sample")], confirm="automatic")
    (agent.path(SET) / "complete").write_bytes(b"")
    (found,) = agent.query("backup_set", paths=[SET])["items"]
    assert (found["complete"], found["rehearsed"]) == (True, "none")


def test_sample_has_the_extremes_every_kind_of_link_and_a_part(agent: Agent) -> None:
    for number in range(230):
        agent.write(DATA + rf"\deep\{number % 7}\{number}", "x" * (number + 1))
    agent.write(DATA + r"\largest", b"\0" * 70 * 1024 * 1024)
    agent.write(DATA + r"\empty", "")
    agent.write(r"C:\elsewhere\f", "")
    for name, kind in ("a", "symlink_directory"), ("b", "symlink_directory"), ("c", "junction"), ("d", "symlink_file"):
        agent.link(DATA + "\\" + name, r"C:\elsewhere\f" if kind == "symlink_file" else r"C:\elsewhere", kind)
    (agent.host.folder / "points").mkdir()
    told: list[dict[str, Any]] = []
    tried: list[set[tuple[str, str]]] = []
    for name in "first", "second":
        made = agent.execute([rehearsed("sample", name=name)], id=name, wait=120, confirm="automatic")
        assert made["state"] == "confirmed", made["error"]
        told.append(json.loads((agent.path(rf"D:\Backups\{name}") / "complete").read_text()))
        tried.append(put_in_place(agent, rf"D:\Backups\{name}\rehearsal\database"))
    assert told[0]["files"] == 200
    assert told[0]["bytes"] > 70 * 1024 * 1024
    assert (told[0], tried[0]) == (told[1], tried[1])
    links = {("create_link", rf"\{name}") for name in "acd"}
    assert tried[0] >= {("replace", r"\largest"), ("replace", r"\empty"), *links}


def put_in_place(agent: Agent, folder: str) -> set[tuple[str, str]]:
    """The files and links that a worker has made below a folder, by the names of the points."""
    points = read_trace((agent.host.folder / "points" / "worker").read_text("utf-8"))
    return {
        (one.what, one.path.removeprefix(folder))
        for one in points
        if one.what in ("replace", "create_link") and one.path.startswith(folder)
    }


@pytest.mark.parametrize(
    ("point", "path", "why"),
    [
        ("write", ONE, "Win32 error 1117"),
        ("create_directory", SCRATCH, "Win32 error 1117"),
        ("create_directory", SCRATCH + r"\database", "Win32 error 1117"),
        ("create_link", SCRATCH + r"\database\link", "Win32 error 1117"),
        ("write_security", SCRATCH + r"\database\db", "Win32 error 1117"),
        ("set_attributes", ONE, "Win32 error 1117"),
    ],
)
def test_field_7_3_failed_trial_makes_the_set_unusable_and_empty(
    agent: Agent, data: str, point: str, path: str, why: str
) -> None:
    secure(agent, DATA + r"\db", OWN)
    before = tree(agent)
    agent.host.add_fault(point, path=path, action="error", win32=1117, times=9)
    status = agent.execute([rehearsed("whole")])
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "rehearsal_failed")
    message = status["error"]["message"]
    assert message.startswith(f"The backup set '{SET}' was restored on trial, and that failed: ")
    assert why in message
    assert message.endswith(" It is not used. Look at that disk, then make a new backup.")
    assert (agent.path(SET) / "unusable").read_text("utf-8") == message + "\n"
    assert listing(agent, SET) == ["unusable"]
    assert tree(agent) == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda file: file.write_bytes(b"\x01" * 3_000_000), "has another content"),
        (lambda file: file.chmod(0o444), "has other attributes"),
        (lambda file: file.unlink(), "is not there"),
    ],
    ids=["content", "attributes", "gone"],
)
def test_what_differs_is_told(agent: Agent, data: str, change: Any, told: str) -> None:
    """Somebody changes the scratch folder between the restore and the comparison."""
    agent.host.add_fault("before:read_security", path=SCRATCH + r"\database\db", action="delay", seconds=0)
    agent.host.add_fault("before:read_security", path=SCRATCH + r"\database\db", action="pause")
    agent.execute([rehearsed("whole")], wait=0)
    agent.until_paused()
    change(agent.host.drives.linux(ONE))
    agent.go_on()
    agent.until_ended()
    status = agent.status()
    assert status["error"]["code"] == "rehearsal_failed"
    assert rf"'db\one.bin' {told}." in status["error"]["message"]


@pytest.mark.parametrize("point", ["write", "create_link", "delete", "remove_link"])
def test_killed_trial_is_cleaned_up_by_the_undo(agent: Agent, data: str, point: str) -> None:
    before = tree(agent)
    agent.host.add_fault(point, path=SCRATCH + "*", action="kill")
    status = agent.execute([rehearsed("whole")], wait=40)
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert listing(agent, SET) == ["unusable"]
    assert (agent.path(SET) / "unusable").read_text() == "The backup was interrupted.\n"
    assert tree(agent) == before


def test_trial_that_was_left_over_goes_with_the_next_transaction(agent: Agent, data: str) -> None:
    agent.host.add_fault("delete", path=ONE, action="error", win32=32, times=99)
    assert agent.execute([rehearsed("whole")], confirm="automatic")["state"] == "confirmed"
    assert "rehearsal" in listing(agent, SET)
    (found,) = agent.query("backup_set", paths=[SET])["items"]
    assert (found["complete"], found["rehearsed"]) == (True, "whole")
    agent.host.clear_faults()
    assert agent.execute([rehearsed("none", name="next")], id="t2", confirm="automatic")["state"] == "confirmed"
    assert "rehearsal" not in listing(agent, SET)
    assert "complete" in listing(agent, SET)


def test_trial_needs_space_too(agent: Agent, data: str) -> None:
    agent.host.set(free_bytes={"c": 10**9, "d": 5_999_999})
    error = agent.execute([rehearsed("whole")])["error"]
    assert error["message"] == (
        "The backup needs 6000000 bytes, but D:\\ has only 5999999 bytes free. Free some space there, or choose another folder for backups."
    )
    assert agent.execute([rehearsed("none", name="x")], id="t2")["state"] == "applied"


def test_unknown_rehearsal(agent: Agent) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([rehearsed("half")])
    assert str(raised.value) == "rehearse is 'none', 'sample' or 'whole', not 'half'."


def test_set_on_a_share_is_refused(agent: Agent) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([backup(TREE) | {"directory": r"\\backup\sets"}])
    assert str(raised.value) == (
        r"A backup set lies on a disk of the host itself, not on the share '\\backup\sets': an undo needs it whatever becomes of the "
        "network. A share can hold a second copy."
    )


@pytest.mark.parametrize(
    ("point", "path"),
    [
        ("copy", r"*\files\database\db\one.bin"),
        ("create_directory", r"*\files\database\db"),
        ("write", SET + r"\manifest.json"),
        ("write", SET + r"\complete"),
        ("write", ONE),
        ("create_directory", SCRATCH),
    ],
)
def test_disk_that_fills_up_leaves_everything_as_it_was(agent: Agent, data: str, point: str, path: str) -> None:
    before = tree(agent)
    agent.host.add_fault(point, path=path, action="error", win32=112)
    status = agent.execute([rehearsed("whole")])
    assert status["state"] == "rolled_back", status["undo_errors"]
    assert status["error"]["code"] == "disk_full"
    assert status["error"]["message"] == (
        "The disk became full while the backup was made. It needs 6000000 bytes in all, and D:\\ has 1000000000 bytes free now that what "
        "was written of it is removed. Free some space there, or choose another folder for backups."
    )
    details = status["error"]["details"]
    assert (details["needed_bytes"], details["free_bytes"]) == (6_000_000, 10**9)
    names = listing(agent, SET)
    assert names == ["unusable"]
    assert tree(agent) == before


def test_disk_so_full_that_not_even_the_mark_fits(agent: Agent, data: str) -> None:
    agent.host.add_fault("copy", path=SET + "*", action="error", win32=112)
    agent.host.add_fault("write", path=SET + r"\unusable", action="error", win32=112, times=9)
    status = agent.execute([rehearsed("whole")])
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "disk_full")
    assert not agent.path(SET).exists()


def test_killed_on_a_full_disk(agent: Agent, data: str) -> None:
    agent.host.add_fault("copy", path=SET + "*", action="kill")
    agent.host.add_fault("write", path=SET + r"\unusable", action="error", win32=112, times=9)
    status = agent.execute([rehearsed("whole")], wait=40)
    assert (status["state"], status["undo_errors"]) == ("rolled_back", [])
    assert not agent.path(SET).exists()


def test_other_writes_tell_what_is_missing(agent: Agent) -> None:
    agent.write(r"C:\f", "old")
    agent.host.add_fault("write", path=r"C:\f", action="error", win32=112)
    status = agent.execute([{"op": "write_file", "path": r"C:\f", "text": "new one", "encoding": "utf-8"}])
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "disk_full")
    assert status["error"]["message"] == (
        r"The disk is full: 'C:\f' needs 7 bytes, and C:\ has 1000000000 bytes free. Free some space there and try again."
    )
    assert agent.path(r"C:\f").read_text() == "old"


def test_progress_reaches_the_end_and_not_more(agent: Agent, data: str) -> None:
    agent.host.add_fault("before:write_security", path=SCRATCH + r"\database\пустой", action="delay", seconds=3)
    secure(agent, DATA + r"\пустой", OWN)
    status = agent.execute([rehearsed("whole")])
    seen = [event for event in status["journal"] if event["event"] == "progress"]
    assert {event["total_bytes"] for event in seen} == {12_000_000}
    assert all(0 < event["bytes"] <= event["total_bytes"] for event in seen)
