# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup sets: complete and proved, or marked as unusable; and a tree put back from one."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

from standin.windows.iis import Application, VirtualDirectory

from .conftest import Agent
from .sets import DATA, PROTECT, SET, TREE, backup, forge, listing, secure, tree


def test_set_is_complete_and_proved(agent: Agent, data: str) -> None:
    agent.write(r"C:\configs\a.yml", "a: 1")
    agent.host.registry.write(r"HKLM\SOFTWARE\Inst", {"version": "4.7"})
    configuration = agent.host.iis.configuration
    configuration.add_pool("p", identity_type="SpecificUser", user_name="u", password="top-secret")
    configuration.add_site("s", ["http/*:8099:"], [Application("/", "p", [VirtualDirectory("/", r"C:\x")])])
    items: list[dict[str, Any]] = [
        TREE,
        {"id": "yml", "kind": "file", "path": r"C:\configs\a.yml"},
        {"id": "absent", "kind": "file", "path": r"C:\configs\none.yml"},
        {"id": "key", "kind": "registry", "hive": "HKLM", "key": r"SOFTWARE\Inst", "views": [64, 32]},
        {"id": "java", "kind": "environment", "names": ["JAVA_HOME"]},
        {"id": "iis", "kind": "iis", "sites": ["s"], "pools": ["p"]},
    ]
    status = agent.execute([backup(*items)])
    assert status["state"] == "applied", status["error"]
    folder = agent.path(SET)
    manifest_bytes = (folder / "manifest.json").read_bytes()
    assert (folder / "manifest.sha256").read_text() == f"{hashlib.sha256(manifest_bytes).hexdigest()}  manifest.json\n"
    assert (folder / "complete").exists()
    found = {item["id"]: item for item in json.loads(manifest_bytes)["items"]}
    entries = {entry["path"]: entry for entry in found["database"]["entries"]}
    assert list(entries) == ["db", r"db\one.bin", "link", "пустой", r"пустой\x"]
    assert entries["link"]["target"] == r"C:\elsewhere"
    assert entries[r"db\one.bin"]["sha256"] == hashlib.sha256(b"\x00" * 3_000_000).hexdigest()
    assert (folder / "files/database/db/one.bin").stat().st_size == 3_000_000
    assert found["absent"]["present"] is False
    assert json.loads((folder / "key.json").read_text("utf-8"))["views"]["64"]["values"]["version"]["data"] == "4.7"
    iis = (folder / "iis.json").read_text("utf-8")
    assert "SpecificUser" in iis
    assert "top-secret" not in iis
    assert agent.rollback()["state"] == "rolled_back"
    assert (folder / "complete").exists()


def test_names_choose_files(agent: Agent) -> None:
    for name in ("Web.config", "x.dll", r"sub\logs.CONFIG"):
        agent.write(rf"C:\cfg\{name}", name)
    item = {"id": "c", "kind": "tree", "path": r"C:\cfg", "names": ["*.config"], "recurse": True}
    assert agent.execute([backup(item)])["state"] == "applied"
    manifest = json.loads((agent.path(SET) / "manifest.json").read_text("utf-8"))
    assert [entry["path"] for entry in manifest["items"][0]["entries"]] == [r"sub\logs.CONFIG", "Web.config"]


def test_required_item_is_missing(agent: Agent) -> None:
    item = {"id": "c", "kind": "file", "path": r"C:\none", "required": True}
    status = agent.execute([backup(item)])
    assert status["error"]["message"] == r"The backup needs 'C:\none', but it is not on this host."
    assert "C:\\none" in (agent.path(SET) / "unusable").read_text("utf-8")


def test_set_is_never_written_over(agent: Agent, data: str) -> None:
    agent.path(SET).mkdir(parents=True)
    assert agent.execute([backup(TREE)])["error"]["code"] == "exists"
    assert not list(agent.path(SET).iterdir())


def test_not_enough_space(agent: Agent, data: str) -> None:
    agent.host.set(free_bytes={"c": 10**9, "d": 1000})
    error = agent.execute([backup(TREE)])["error"]
    assert error["code"] == "disk_full"
    assert error["message"].startswith("The backup needs 3000000 bytes, but D:\\ has only 1000 bytes free.")
    assert not agent.path(SET).exists()


def test_disk_full_in_the_middle(agent: Agent, data: str) -> None:
    agent.host.add_fault("copy", path=r"*\one.bin", action="error", win32=112)
    status = agent.execute([backup(TREE)])
    assert status["error"]["code"] == "disk_full"
    assert status["state"] == "rolled_back"
    assert not (agent.path(SET) / "complete").exists()
    assert (agent.path(SET) / "unusable").exists()


def test_killed_in_the_middle(agent: Agent, data: str) -> None:
    agent.host.add_fault("copy", path=r"*\one.bin", action="kill")
    status = agent.execute([backup(TREE)], wait=40)
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert (agent.path(SET) / "unusable").read_text() == "The backup was interrupted.\n"


def test_tree_is_put_back(agent: Agent, data: str) -> None:
    before = tree(agent)
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    agent.write(DATA + r"\db\new\deep\file", "new")
    agent.path(DATA + r"\пустой\x").unlink()
    agent.link_path(DATA + r"\link").unlink()
    agent.write(r"C:\elsewhere2\keep", "k")
    agent.link(DATA + r"\link", r"C:\elsewhere2")
    agent.link(DATA + r"\another", r"C:\elsewhere2", "junction")
    status = agent.rollback()
    assert status["state"] == "rolled_back", status["undo_errors"]
    assert tree(agent) == before
    assert agent.path(r"C:\elsewhere2\keep").exists()


def test_tree_that_was_absent_goes_again(agent: Agent) -> None:
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.write(DATA + r"\db\new", "new")
    assert agent.rollback()["state"] == "rolled_back"
    assert not agent.path(DATA).exists()


def test_damaged_set_changes_nothing(agent: Agent, data: str) -> None:
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    copy = agent.path(SET) / "files/database/db/one.bin"
    copy.write_bytes(b"\x01" * 3_000_000)
    status = agent.rollback()
    assert status["state"] == "held"
    assert status["undo_errors"][0]["code"] == "verification_failed"
    assert agent.path(DATA + r"\db\one.bin").read_text() == "upgraded"
    copy.write_bytes(b"\x00" * 3_000_000)
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.path(DATA + r"\db\one.bin").stat().st_size == 3_000_000


def test_tree_is_not_put_back_under_a_running_program(agent: Agent, data: str) -> None:
    before = tree(agent)
    assert agent.execute([backup(TREE), PROTECT | {"timeout_seconds": 1}])["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    agent.write(DATA + r"\db\a new one", "not locked")
    process = agent.host.processes.add("w3wp.exe", [DATA + r"\db\one.bin"])
    status = agent.rollback()
    assert (status["state"], status["undo_errors"][0]["code"]) == ("held", "file_held")
    assert agent.path(DATA + r"\db\a new one").exists()
    agent.host.processes.end(process.pid)
    assert agent.rollback()["state"] == "rolled_back"
    assert tree(agent) == before


def test_tree_waits_until_its_files_are_let_go(agent: Agent, data: str) -> None:
    before = tree(agent)
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    process = agent.host.processes.add("w3wp.exe", [DATA])
    threading.Timer(3, agent.host.processes.end, [process.pid]).start()
    assert agent.rollback()["state"] == "rolled_back"
    assert tree(agent) == before


def test_held_folder_is_called_so_although_nobody_knows_who_holds_it(agent: Agent, data: str) -> None:
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.host.add_fault("create_directory", path=DATA, action="error", win32=32)
    status = agent.rollback()
    assert (status["state"], status["undo_errors"][0]["code"]) == ("held", "file_held")
    assert "is held by a process that Windows does not name" in status["undo_errors"][0]["message"]


def test_another_set_in_its_place_changes_nothing(agent: Agent, data: str) -> None:
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    forge(agent, "(A;ID;FA;;;BA)", "(A;ID;FA;;;WD)")
    status = agent.rollback()
    assert (status["state"], status["undo_errors"][0]["code"]) == ("held", "verification_failed")
    assert "its manifest is not the one that was written" in status["undo_errors"][0]["message"]
    assert agent.path(DATA + r"\db\one.bin").read_text() == "upgraded"


def test_set_that_others_may_write_changes_nothing(agent: Agent, data: str) -> None:
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    secure(agent, SET, "O:BAD:P(A;OICI;FA;;;BA)(XA;OICI;FA;;;WD;(Exists x))")
    status = agent.rollback()
    assert (status["state"], status["undo_errors"][0]["code"]) == ("held", "verification_failed")
    assert "may write to it" in status["undo_errors"][0]["message"]
    assert agent.path(DATA + r"\db\one.bin").read_text() == "upgraded"


def test_entry_outside_the_tree_is_refused(agent: Agent, data: str) -> None:
    agent.execute([backup(TREE)], confirm="automatic")
    forge(agent, '"пустой', r'"..\\..\\outside')
    (agent.path(SET) / "files/database/пустой").rename(agent.path(SET) / "files/outside")
    assert agent.execute([PROTECT], id="t2")["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    status = agent.rollback("t2")
    assert (status["state"], status["undo_errors"][0]["code"]) == ("held", "verification_failed")
    assert "lies outside" in status["undo_errors"][0]["message"]
    assert agent.path(DATA + r"\db\one.bin").read_text() == "upgraded"


def test_missing_folders_above_a_set_are_protected(agent: Agent, data: str) -> None:
    directory = r"C:\ProgramData\agent\backups\one"
    assert agent.execute([backup(TREE) | {"directory": directory}])["state"] == "applied"
    known = json.loads((agent.host.folder / "security.json").read_text("utf-8"))
    for folder in (directory, r"C:\ProgramData\agent\backups", r"C:\ProgramData\agent"):
        assert known[folder.lower()].startswith("O:BAD:P"), folder


def test_folder_of_another_user_above_a_set_is_refused(agent: Agent, data: str) -> None:
    agent.path(r"C:\ProgramData\agent").mkdir()
    secure(agent, r"C:\ProgramData\agent", "O:S-1-5-21-1-2-3-1001D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)")
    status = agent.execute([backup(TREE) | {"directory": r"C:\ProgramData\agent\backups"}])
    assert (status["error"]["code"], status["error"]["details"]["path"]) == ("not_protected", r"C:\ProgramData\agent")
    assert listing(agent, r"C:\ProgramData\agent") == []


def test_restore_goes_on_after_a_kill(agent: Agent, data: str) -> None:
    before = tree(agent)
    assert agent.execute([backup(TREE), PROTECT])["state"] == "applied"
    agent.write(DATA + r"\db\one.bin", "upgraded")
    agent.host.add_fault("replace", path=r"*\one.bin", action="kill")
    assert agent.rollback()["state"] == "rolled_back"
    assert tree(agent) == before


def test_part_of_a_tree_protects_nothing(agent: Agent, data: str) -> None:
    status = agent.execute([backup(TREE | {"names": ["*.bin"]}), PROTECT])
    assert "holds only a part of the tree" in status["error"]["message"]
