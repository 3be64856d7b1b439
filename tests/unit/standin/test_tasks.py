# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest
from standin.control import Answer
from standin.host import Host
from standin.installation import PYTHON
from standin.testing import wait_until
from standin.windows.command_line import split_command_line

TASK = r"\comindware.platform\upgrade-1"
PROGRAM = r"C:\Program Files\comindware.platform\worker.exe"
MARK = r"C:\Windows\Temp\mark.txt"

SCRIPT = """
import os, sys, time
with open(os.environ["STANDIN_HOST"] + "/drives/c/Windows/Temp/mark.txt", "a") as file:
    file.write(repr(sys.argv[1:]) + os.environ["SystemRoot"] + "\\n")
time.sleep(float(sys.argv[1]))
"""


def document(seconds: float = 0, triggers: str = "", settings: str = "") -> bytes:
    text = f"""<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>{triggers}</Triggers>
  <Principals><Principal id="Author"><UserId>S-1-5-18</UserId></Principal></Principals>
  <Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>{settings}</Settings>
  <Actions Context="Author"><Exec><Command>"%ProgramFiles%\\comindware.platform\\worker.exe"</Command>
  <Arguments>{seconds} "C:\\Program Files\\a b" Продажи</Arguments></Exec></Actions>
</Task>"""
    return text.encode("utf-16")


def at(**later: float) -> str:
    """A trigger for a time to come."""
    when = (datetime.now(timezone.utc) + timedelta(**later)).isoformat()
    return f"<TimeTrigger><StartBoundary>{when}</StartBoundary></TimeTrigger>"


def schtasks(host: Host, *arguments: str) -> Answer:
    return host.run("schtasks", list(arguments))


def marks(host: Host) -> list[str]:
    file = host.drives.real(MARK)
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def create(host: Host, content: bytes, name: str = TASK) -> Answer:
    script = host.folder / "worker.py"
    script.write_text(SCRIPT, encoding="utf-8")
    host.drives.make_directory(r"C:\Program Files\comindware.platform")
    host.runtime.install_program(PROGRAM, script, PYTHON)
    host.drives.write(r"C:\Windows\Temp\task.xml", content)
    return schtasks(host, "/Create", "/TN", name, "/XML", r"C:\Windows\Temp\task.xml", "/F")


def test_a_task_runs_detached_with_its_arguments_and_the_environment_of_the_host(host: Host) -> None:
    assert create(host, document()).exit_code == 0
    assert schtasks(host, "/Run", "/TN", TASK.upper()).exit_code == 0
    wait_until(lambda: bool(marks(host)))
    assert marks(host) == [r"['0', 'C:\\Program Files\\a b', 'Продажи']C:\Windows"]


def test_a_running_task_is_not_started_again_and_can_be_ended(host: Host) -> None:
    create(host, document(60))
    for _ in range(2):
        assert schtasks(host, "/Run", "/TN", TASK).exit_code == 0
    wait_until(lambda: bool(marks(host)))
    assert b'"Running"' in schtasks(host, "/Query", "/TN", TASK, "/FO", "CSV", "/NH").stdout
    assert b'"worker.exe"' in host.run("tasklist", ["/FO", "CSV", "/NH"]).stdout
    assert schtasks(host, "/End", "/TN", TASK).exit_code == 0
    assert not host.scheduler.running(TASK)
    assert len(marks(host)) == 1


def test_an_absent_task_is_exit_code_1(host: Host) -> None:
    for verb in (["/Query"], ["/Run"], ["/End"], ["/Delete", "/F"], ["/Change", "/DISABLE"]):
        assert schtasks(host, *verb, "/TN", TASK).exit_code == 1
    assert schtasks(host, "/Create", "/TN", TASK, "/XML", r"C:\nothing.xml").exit_code == 1


def test_a_known_task_is_replaced_with_force_only_and_deleted(host: Host) -> None:
    create(host, document())
    again = schtasks(host, "/Create", "/TN", TASK, "/XML", r"C:\Windows\Temp\task.xml")
    assert (again.exit_code, again.stdout) == (1, b"")
    assert again.stderr.startswith(b"ERROR: ")
    assert schtasks(host, "/Delete", "/TN", TASK).exit_code == 1
    assert schtasks(host, "/Delete", "/TN", TASK, "/F").exit_code == 0
    assert host.scheduler.names() == []


@pytest.mark.parametrize("content", [b"<Task/>", b"no xml", document().replace("Exec".encode("utf-16-le"), b"")])
def test_a_malformed_document_is_refused(host: Host, content: bytes) -> None:
    assert create(host, content).exit_code == 1
    assert host.scheduler.names() == []


def test_without_elevation_nothing_is_registered(host: Host) -> None:
    host.set(administrator=False)
    assert create(host, document()).exit_code == 1


def test_a_time_trigger_fires_once_at_its_time(host: Host) -> None:
    create(host, document(triggers=at(hours=1).replace("+00:00", "Z")))
    assert marks(host) == []
    host.jump(3601)
    wait_until(lambda: bool(marks(host)))
    host.reboot()
    assert len(marks(host)) == 1


def test_a_boot_trigger_fires_at_each_boot_and_a_reboot_kills_what_runs(host: Host) -> None:
    create(host, document(60, triggers="<BootTrigger><Enabled>true</Enabled></BootTrigger>"))
    schtasks(host, "/Run", "/TN", TASK)
    wait_until(lambda: len(marks(host)) == 1)
    pid = host.scheduler.processes()[0].pid
    host.reboot()
    wait_until(lambda: len(marks(host)) == 2)
    assert [process.pid for process in host.scheduler.processes()] != [pid]


@pytest.mark.parametrize(("catch_up", "runs"), [("true", 1), ("false", 0)])
def test_a_time_missed_while_the_host_was_down(host: Host, catch_up: str, runs: int) -> None:
    create(host, document(triggers=at(hours=1), settings=f"<StartWhenAvailable>{catch_up}</StartWhenAvailable>"))
    host.stop()
    host.jump(3601)
    host.start()
    if runs:
        wait_until(lambda: len(marks(host)) == runs)
    assert len(marks(host)) == runs


def test_a_disabled_task_does_not_run(host: Host) -> None:
    create(host, document())
    assert schtasks(host, "/Change", "/TN", TASK, "/DISABLE").exit_code == 0
    assert schtasks(host, "/Run", "/TN", TASK).exit_code == 1
    assert schtasks(host, "/Change", "/TN", TASK, "/ENABLE").exit_code == 0
    assert schtasks(host, "/Run", "/TN", TASK).exit_code == 0


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        (r'"C:\Program Files\x" y', [r"C:\Program Files\x", "y"]),
        (r'"a\\" b', ["a\\", "b"]),
        (r'a\"b ""', ['a"b', ""]),
        (r"C:\a\\b", [r"C:\a\\b"]),
        ("", []),
    ],
)
def test_command_lines_split_as_windows_splits_them(text: str, arguments: list[str]) -> None:
    assert split_command_line(text) == arguments


def test_a_trigger_whose_program_is_missing_does_not_stop_the_clock(host: Host) -> None:
    create(host, document(triggers=at(hours=1)), r"\first")
    create(host, document(triggers=at(hours=2)), r"\second")
    program = host.drives.real(PROGRAM)
    hidden = program.rename(program.with_name("hidden"))
    assert schtasks(host, "/Run", "/TN", r"\first").exit_code == 1
    host.jump(3601)
    wait_until(lambda: host.scheduler.looked_at >= host.clock.now() - timedelta(minutes=1))
    hidden.rename(program)
    assert marks(host) == []
    host.jump(3600)
    wait_until(lambda: len(marks(host)) == 1)


def test_a_task_is_killed_at_its_time_limit_even_after_it_was_deleted(host: Host) -> None:
    create(host, document(60, settings="<ExecutionTimeLimit>PT1S</ExecutionTimeLimit>"))
    schtasks(host, "/Run", "/TN", TASK)
    schtasks(host, "/Delete", "/TN", TASK, "/F")
    assert [process.name for process in host.scheduler.processes()] == ["worker.exe"]
    wait_until(lambda: host.scheduler.processes() == [])


def test_a_boot_delay_does_not_outlive_its_boot(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    delayed: list[threading.Timer] = []

    class OnRequest(threading.Timer):
        def start(self) -> None:
            delayed.append(self) if self.interval == 3600 else super().start()

    monkeypatch.setattr(threading, "Timer", OnRequest)
    create(host, document(triggers="<BootTrigger><Delay>PT1H</Delay></BootTrigger>"))
    for _ in range(2):
        host.reboot()
    of_the_boot_before, of_this_boot = delayed
    of_the_boot_before.function()
    assert not host.scheduler.running(TASK) and marks(host) == []
    of_this_boot.function()
    wait_until(lambda: len(marks(host)) == 1)
