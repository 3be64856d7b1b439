# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls that Windows refuses where Mono is kinder, as the second Windows (tests/witness) has shown them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations

from .conftest import Agent, AgentError
from .sets import SET, TREE, backup

FILE = r"C:\app\a.txt"
KEY = r"SOFTWARE\Inst"
CODE_PAGES = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage"
NOBODYS = "50229"
POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
RELEASED = {"op": "wait_released", "paths": [r"C:\app"], "timeout_seconds": 1}


def write(text: str = "new one", encoding: str = "utf-8") -> dict[str, Any]:
    return operations.write_file(FILE, text, encoding)


def value(data: str | None) -> dict[str, Any]:
    return {"op": "registry_value", "key": KEY, "name": "version", "type": "string", "data": data}


def after(agent: Agent, calls: int, point: str, **fault: Any) -> None:
    """A fault that lets so many calls pass."""
    agent.host.add_fault(point, path=fault.get("path", "*"), action="delay", seconds=0, times=calls)
    agent.host.add_fault(point, **fault)


def fill(agent: Agent, point: str, path: str) -> None:
    agent.host.add_fault(point, path=path, action="error", win32=112)


@pytest.mark.parametrize("old", ["old", None])
def test_field_8_1_what_a_full_disk_lacks_is_told(agent: Agent, old: str | None) -> None:
    agent.path(r"C:\app").mkdir()
    if old:
        agent.write(FILE, old)
    fill(agent, "write", FILE)
    error = agent.execute([write()])["error"]
    assert error["message"] == (
        rf"The disk is full: '{FILE}' needs 7 bytes, and C:\ has 1000000000 bytes free. Free some space there and try again."
    )
    assert (error["details"]["needed_bytes"], error["details"]["free_bytes"]) == (7, 10**9)


def test_field_8_1_that_nobody_can_tell_it_is_told_too(agent: Agent) -> None:
    agent.write(FILE, "old")
    fill(agent, "write", FILE)
    agent.host.add_fault("free_space", win32=1450)
    error = agent.execute([write()])["error"]
    assert error["code"] == "disk_full"
    assert error["message"].startswith(
        rf"The disk is full: '{FILE}' needs 7 bytes, and how much is free is not known ("
    )
    assert error["message"].endswith(" (Win32 error 1450)). Free some space there and try again.")
    assert "free_bytes" not in error["details"]


def test_field_8_1_that_nobody_can_tell_it_of_a_backup_is_told_too(agent: Agent, data: str) -> None:
    fill(agent, "copy", SET + "*")
    after(agent, 1, "free_space", win32=1450, times=9)
    error = agent.execute([backup(TREE)])["error"]
    assert (error["code"], error["details"]["needed_bytes"]) == ("disk_full", 3_000_000)
    assert ", and how much is free is not known (" in error["message"]


def space_at(agent: Agent, path: str) -> tuple[str, str, int]:
    (item,) = agent.query("free_space", paths=[path])["items"]
    return item["existing"], item["volume"], item["free_bytes"]


def test_field_8_1_free_space_of_a_file_is_that_of_its_volume(agent: Agent) -> None:
    agent.write(r"D:\folder\a.txt", "a")
    agent.link(r"D:\folder\link", r"D:\folder\a.txt", "symlink_file")
    for path in (r"D:\folder\a.txt", r"D:\folder\link"):
        existing, volume, free = space_at(agent, path)
        assert (existing, volume, free > 0) == (path, "D:\\", True)


def test_field_8_1_free_space_through_a_link_is_that_of_its_target(agent: Agent) -> None:
    agent.host.set(free_bytes={"c": 10**9, "d": 5})
    agent.write(r"D:\folder\a.txt", "a")
    agent.link(r"C:\links\folder", r"D:\folder")
    for path in (r"C:\links\folder\a.txt", r"C:\links\folder"):
        assert space_at(agent, path) == (path, "D:\\", 5)


@pytest.mark.parametrize("number", [6, 5, 1450])
def test_field_8_2_query_of_the_registry_that_fails(agent: Agent, number: int) -> None:
    agent.host.registry.write(rf"HKLM\{KEY}", {"version": "1"})
    agent.host.add_fault("open_key", path=KEY, win32=number)
    with pytest.raises(AgentError) as raised:
        agent.query("registry", key=KEY, views=[64])
    assert raised.value.code == "win32"
    assert raised.value.details == {"number": number, "key": rf"HKLM\{KEY}"}
    assert str(raised.value).endswith(rf": 'HKLM\{KEY}' (Win32 error {number})")


@pytest.mark.parametrize("done", range(4))
@pytest.mark.parametrize("data", ["2", None])
def test_field_8_2_operation_of_the_registry_that_fails(agent: Agent, data: str | None, done: int) -> None:
    agent.host.registry.write(rf"HKLM\{KEY}", {"version": "1"})
    after(agent, done, "open_key", path=KEY, win32=6)
    status = agent.execute([value(data)])
    assert (status["state"], status["undo_errors"]) == ("rolled_back", [])
    assert (status["error"]["code"], status["error"]["details"]) == ("win32", {"number": 6, "key": rf"HKLM\{KEY}"})
    assert agent.host.registry.value(rf"HKLM\{KEY}", "version") == "1"


def test_field_8_2_backup_of_the_registry_that_fails(agent: Agent) -> None:
    agent.host.registry.write(rf"HKLM\{KEY}", {"version": "1"})
    item = {"id": "key", "kind": "registry", "hive": "HKLM", "key": KEY, "views": [64]}
    agent.host.add_fault("open_key", path=KEY, win32=6)
    error = agent.execute([backup(item)])["error"]
    assert (error["code"], error["details"]) == ("win32", {"number": 6, "key": rf"HKLM\{KEY}"})


def test_field_8_2_hive_that_cannot_be_flushed(agent: Agent) -> None:
    agent.host.registry.write(rf"HKLM\{KEY}", {"version": "1"})
    agent.host.add_fault("sync", path=rf"HKEY_LOCAL_MACHINE\{KEY}", win32=1450)
    status = agent.execute([value("2")])
    assert status["state"] == "rolled_back", status
    assert status["error"]["details"] == {"number": 1450, "key": rf"HKLM\{KEY}"}
    assert agent.host.registry.value(rf"HKLM\{KEY}", "version") == "1"


def test_field_8_3_process_that_is_gone_holds_nothing(agent: Agent) -> None:
    agent.write(FILE, "old")
    stays = agent.host.processes.add("w3wp.exe", [FILE])
    goes = agent.host.processes.add("java.exe", [FILE])
    agent.host.add_fault("program_of", path=str(goes.pid), action="gone", times=2)
    (item,) = agent.query("holders", paths=[r"C:\app"])["items"]
    assert item["processes"] == [{"pid": stays.pid, "name": "w3wp.exe"}]
    agent.host.processes.end(stays.pid)
    assert agent.execute([RELEASED])["state"] == "applied"


def test_field_8_3_program_that_ends_just_when_its_time_is_over(agent: Agent) -> None:
    agent.host.add_fault("program", path="tasklist.exe *", action="refuse", how="late")
    with pytest.raises(AgentError) as raised:
        agent.query("processes", names=["*"])
    assert str(raised.value) == r"'C:\Windows\System32\tasklist.exe' did not end within 60 seconds and was stopped."


@pytest.fixture
def without_ansi(agent: Agent) -> Agent:
    """Neither Mono nor .NET has that code page."""
    agent.host.registry.write(CODE_PAGES, {"ACP": NOBODYS, "OEMCP": NOBODYS})
    return agent


def test_field_8_4_code_page_that_the_runtime_lacks_is_refused(without_ansi: Agent) -> None:
    without_ansi.write(FILE, "old")
    with pytest.raises(AgentError) as raised:
        without_ansi.execute([write("Привет €", "ansi")])
    assert (raised.value.code, str(raised.value)) == (
        "bad_request",
        "The encoding 'ansi' is the code page 50229 on this host, and its .NET does not have that. Write the file in UTF-8.",
    )
    assert without_ansi.path(FILE).read_text() == "old"


def test_field_8_4_text_in_such_a_code_page_is_not_guessed(without_ansi: Agent) -> None:
    without_ansi.write(FILE, "версия: 1\n".encode("mac_cyrillic"))
    (item,) = without_ansi.query("read", paths=[FILE])["items"]
    assert (item["encoding"], item["text"]) == ("binary", None)
    edit = {"op": "write_file", "path": FILE, "edits": [{"pattern": "(?<value>1)", "value": "é"}]}
    assert without_ansi.execute([edit])["error"]["code"] == "not_text"
    assert without_ansi.path(FILE).read_bytes() == "версия: 1\n".encode("mac_cyrillic")


def test_field_8_4_what_the_code_page_cannot_hold_is_refused(agent: Agent) -> None:
    agent.write(FILE, "old")
    status = agent.execute([write("Привет €", "ansi")])
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "verification_failed")
    assert status["error"]["message"] == (
        "The text has characters that the encoding 'ansi' cannot hold, such as U+041F. Write the file in UTF-8."
    )
    assert agent.path(FILE).read_text() == "old"


def test_field_8_4_what_a_program_says_in_such_a_code_page_is_told_as_far_as_it_goes(without_ansi: Agent) -> None:
    script = r"C:\scripts\move.ps1"
    without_ansi.write(script, "")
    without_ansi.path(POWERSHELL).parent.mkdir(parents=True, exist_ok=True)
    without_ansi.path(POWERSHELL).write_text("#!/bin/sh\nprintf 'code \\216'\nexit 1\n")
    without_ansi.path(POWERSHELL).chmod(0o755)
    error = without_ansi.execute([operations.run_script(script, (), (), 20, None)])["error"]
    assert error["details"]["output"].startswith("code ")
