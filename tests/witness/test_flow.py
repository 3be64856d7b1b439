# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What operators do, end to end on Wine hosts: Ansible's wrapper, PowerShell, compiler, .NET and the seams of Windows are all real."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest
from end_to_end.returns import QUICK
from end_to_end.runs import LEFT_BEHIND, NEW, OLD, Controller, MakeController, wanted
from standin.host import Host
from standin.ports import free_ports
from standin.testing import wait_until

from witness.wine import POWERSHELL, Wine

NAME = "Отдел продаж"
ROOT = "D:\\Данные Comindware\\Отдел продаж " + "и" * 60
YML = rf"C:\ProgramData\Comindware\configs\instance\{NAME}.yml"
AGENT = r"C:\Program Files\comindware.platform"
OPERATORS_KEY = "operators.own.key: 'осталось'\r\n"
# PowerShell notes there which modules it has.
LEFT_BEHIND_HERE = (*LEFT_BEHIND, r"C:\users\*")


def described(language: str, name: str = NAME, root: str = ROOT) -> dict[str, Any]:
    code_page = {"ru": "cp866", "tr": "cp857"}.get(language, "utf-8")
    instance = {"name": name, "version": OLD, "language": "ru" if language == "ru" else "en", "root": root}
    return {"language": language, "code_page": code_page, "versions": [OLD, NEW], "instances": [instance]}


def upgrade(control: Controller, *arguments: str, name: str = NAME) -> Any:
    """With the patience that a slow machine wants."""
    answers = {
        "upgrade_inputs": {name: {"search_index_prefix": "erp_0"}},
        "upgrade_health": {"stable": 1, "interval": 1, "timeout": 300},
    }
    return control.playbook("comindware.platform.upgrade", *arguments, **wanted(answers))


def changes(control: Controller, before: Any) -> list[str]:
    return control.changes(before, ignore=LEFT_BEHIND_HERE)


def culture(host: Host) -> str:
    """What PowerShell calls the language of the host."""
    assert isinstance(host.runtime, Wine)
    asked = host.runtime.begin([POWERSHELL, "-Command", "[Globalization.CultureInfo]::CurrentCulture.Name"])
    return asked.communicate()[0].decode().strip()


def deep_file(host: Host) -> str:
    """A file of the data whose path has more than 260 characters."""
    path = host.instance(NAME).folder("data") + rf"\{'глубоко' * 12}\{'ещё глубже' * 11}\файл.txt"
    assert len(path) > 260
    host.drives.write(path, "данные".encode())
    return path


@pytest.mark.parametrize("core", ["core-2.16", "core-2.21"])
def test_everything_that_operators_do_on_a_russian_host(controller: MakeController, core: str) -> None:
    control = controller(described("ru"), environment=core)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", NAME) == OLD
    deep = deep_file(host)
    yml = host.drives.real(YML)
    yml.write_bytes(yml.read_bytes() + OPERATORS_KEY.encode())
    before = host.snapshot()

    assert culture(host) == "ru-RU"
    (instance,) = control.inspect().only("instance_info")["facts"]["instances"]
    assert instance["name"] == NAME
    planned = upgrade(control, "--check", "--diff")
    assert planned.status == 0 and planned.of("instance_upgrade")[-1]["verdict"] == "planned", planned.output
    assert changes(control, before) == []

    done = upgrade(control)
    assert done.status == 0, done.output
    result = done.of("instance_upgrade")[-1]
    assert result["verdict"] == "handed_over" and result["changed"]
    assert control.running_version("app01", NAME) == NEW
    assert OPERATORS_KEY.encode() in yml.read_bytes()
    host.login(NAME)

    status = control.playbook("comindware.platform.status")
    assert status.status == 0, status.output
    back = control.task("instance_rollback", name=NAME, run=result["run"], accept_data_loss=True, **QUICK)
    assert back.status == 0, back.output
    assert control.running_version("app01", NAME) == OLD
    assert changes(control, before) == []

    saved = control.task("instance_backup", name=NAME, backup_name="before", data=True, allow_stop=True)
    assert saved.status == 0, saved.output
    host.drives.real(deep).write_text("другие данные", encoding="utf-8")
    restored = control.task("instance_restore", name=NAME, backup="before", accept_data_loss=True, **QUICK)
    assert restored.status == 0, restored.output
    assert host.drives.real(deep).read_text(encoding="utf-8") == "данные"

    cleaned = control.task("host_cleanup", remove=["transaction", "backup_set"], keep=1, older_than_days=0)
    assert cleaned.status == 0, cleaned.output
    assert changes(control, before) == []


# What appcmd says is in the console's code page: that of Turkey has no Cyrillic letter.
@pytest.mark.parametrize(("language", "name"), [("en", NAME), ("tr", "İstanbul ışıkları")])
def test_an_upgrade_and_the_way_back_in_another_language(controller: MakeController, language: str, name: str) -> None:
    control = controller(described(language, name, rf"D:\Comindware\{name}"))
    assert control.running_version("app01", name) == OLD
    assert culture(control.fleet.hosts["app01"]) == {"en": "en-US", "tr": "tr-TR"}[language]
    before = control.fleet.hosts["app01"].snapshot()
    done = upgrade(control, name=name)
    assert done.status == 0, done.output
    assert control.running_version("app01", name) == NEW
    run = done.of("instance_upgrade")[-1]["run"]
    back = control.task("instance_rollback", name=name, run=run, accept_data_loss=True, **QUICK)
    assert back.status == 0, back.output
    assert changes(control, before) == []


def test_a_mono_host_and_a_wine_host_end_alike(controller: MakeController) -> None:
    """The same facts and the same files, byte for byte: one after the other, as both have the same name and port."""
    (port,) = free_ports(1)
    mono, wine = (_upgraded_on(controller, runtime, port) for runtime in ("mono", "wine"))
    assert mono == wine


def _upgraded_on(controller: MakeController, runtime: str, port: int) -> Any:
    host = {**described("en"), "runtime": runtime}
    host["instances"][0]["port"] = port
    control = controller(host)
    assert control.running_version("app01", NAME) == OLD
    done = upgrade(control)
    assert done.status == 0, done.output
    (facts,) = control.inspect().only("instance_info")["facts"]["instances"]
    files = _files_of_the_product(control.fleet.hosts["app01"])
    control.fleet.stop()
    return _comparable(facts), files


def _comparable(facts: Any) -> Any:
    """Without process ids, moments, and hashes with them; names of keys are in lower case in Mono's registry."""
    if isinstance(facts, dict):
        return {name: _comparable(value) for name, value in facts.items() if name not in ("fingerprint", "modified")}
    if isinstance(facts, list):
        return [_comparable(one) for one in facts if not isinstance(one, int)]
    return facts.casefold() if isinstance(facts, str) else facts


def _files_of_the_product(host: Host) -> dict[str, bytes | str]:
    """By path; the port of the search server is another one in each fleet."""
    roots = (r"c:\programdata\comindware\\", "d:\\данные comindware\\")
    found: dict[str, bytes | str] = {}
    for path, what in host.snapshot().files.items():
        if path.casefold().startswith(roots) and "\\logs\\" not in path.casefold():
            content = host.drives.linux(path).read_bytes() if what.startswith("file ") else what
            port = str(host.description.search_port)
            found[path.casefold()] = content.replace(port.encode(), b"PORT") if isinstance(content, bytes) else content
    return found


def _at_work(host: Host, act: Callable[[], None]) -> threading.Thread:
    """Does something when the worker has done some operations and is not yet at its end."""

    def wait() -> None:
        folder = host.drives.real(AGENT + r"\transactions")
        wait_until(lambda: any(one.read_bytes().count(b'"event":"done"') > 5 for one in folder.glob("*/journal.jsonl")))
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize("what", ["the worker is killed", "the host restarts"])
def test_an_upgrade_that_is_interrupted_ends_as_the_host_says(controller: MakeController, what: str) -> None:
    control = controller(described("ru"))
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", NAME) == OLD

    def kill_worker() -> None:
        for task in host.scheduler.names():
            host.scheduler.end(task)

    thread = _at_work(host, kill_worker if what == "the worker is killed" else host.reboot)
    done = upgrade(control)
    thread.join()
    wait_until(lambda: host.scheduler.names() == [])
    version = control.running_version("app01", NAME)
    assert (done.status, version) in ((0, NEW), (2, OLD)), done.output
    facts = control.inspect().only("instance_info")["facts"]["instances"][0]
    assert (facts["version"]["current"], facts["version"]["agree"]) == (version, True)
    assert facts["problems"] == []


def test_a_held_file_is_met_before_anything_is_lost(controller: MakeController) -> None:
    """A program that has opened a file of the configuration for itself alone: the refusal is the kernel's, not a played one."""
    control = controller(described("ru"))
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", NAME) == OLD
    before = host.snapshot()
    path = host.instance(NAME).folder("config") + r"\Web.config"
    script = f"$held = [System.IO.File]::Open('{path}', 'Open', 'Read', 'None'); 'held'; Start-Sleep 100000"
    assert isinstance(host.runtime, Wine)
    holder = host.runtime.begin([POWERSHELL, "-Command", script], stdin=subprocess.DEVNULL)
    try:
        assert holder.stdout and holder.stdout.readline().strip() == b"held"
        done = upgrade(control)
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.communicate()
    assert done.status == 2, done.output
    assert "Web.config' is held by a process that Windows does not name." in done.message()
    wait_until(lambda: host.scheduler.names() == [])
    assert control.running_version("app01", NAME) == OLD
    assert changes(control, before) == []
