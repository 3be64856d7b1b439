# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls that Windows refuses where Mono is kinder, as the second Windows (tests/witness) has shown them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations

from .conftest import Agent
from .sets import SET, TREE, backup

FILE = r"C:\app\a.txt"
KEY = r"SOFTWARE\Inst"
CODE_PAGES = r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage"
MAC_CYRILLIC = "10007"
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


@pytest.mark.parametrize("link", [None, "symlink_directory", "symlink_file"])
def test_field_8_1_free_space_of_a_file_is_that_of_its_volume(agent: Agent, link: str | None) -> None:
    agent.host.set(free_bytes={"c": 10**9, "d": 5})
    path = r"D:\folder\a.txt"
    agent.write(path, "a")
    if link == "symlink_directory":
        agent.link(r"C:\links\folder", r"D:\folder", link)
        path = r"C:\links\folder\a.txt"
    elif link:
        agent.link(r"D:\folder\link", path, link)
        path = r"D:\folder\link"
    (space,) = agent.query("free_space", paths=[path])["items"]
    assert (space["existing"], space["volume"], space["free_bytes"]) == (path, "D:\\", 5)
