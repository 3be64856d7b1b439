# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from standin.host import Host
from standin.testing import SALES, MakeHost, wait_until


def sc(host: Host, *arguments: str) -> tuple[int, str]:
    answer = host.run("sc", list(arguments))
    return answer.exit_code, answer.stdout.decode()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["query", "nothing"], 1060),
        (["start", "nothing"], 1060),
        (["start", "W3SVC"], 1056),
        (["stop", "WAS"], 1051),
        (["config", "WAS", "start=", "sometimes"], 87),
    ],
)
def test_refusals_are_win32_codes(host: Host, arguments: list[str], code: int) -> None:
    exit_code, text = sc(host, *arguments)
    assert exit_code == code
    assert f"FAILED {code}:" in text


def test_query_shows_the_state(host: Host) -> None:
    code, text = sc(host, "queryex", "w3svc")
    assert code == 0
    assert "        STATE              : 4  RUNNING \r\n" in text
    assert f"        PID                : {host.services.get('W3SVC').pid}\r\n" in text


def test_a_stop_is_pending_and_then_done(make_host: MakeHost) -> None:
    host = make_host({**SALES, "service": True})
    program = r"C:\Program Files\Comindware\CBAP\5.0.13334.0\bin\Comindware.Adapter.Agent.exe"
    assert program in (host.folder / "held").read_text(encoding="utf-8")
    assert "3  STOP_PENDING" in sc(host, "stop", "comindwaresales")[1]
    assert sc(host, "stop", "comindwaresales")[0] == 1061
    wait_until(lambda: host.services.get("comindwaresales").state == "STOPPED")
    assert program not in (host.folder / "held").read_text(encoding="utf-8")
    assert sc(host, "stop", "comindwaresales")[0] == 1062


def test_the_start_type_lives_in_the_registry_and_decides_at_boot(host: Host) -> None:
    assert sc(host, "config", "kafka", "start=", "disabled")[0] == 0
    assert host.registry.value(r"HKLM\SYSTEM\CurrentControlSet\Services\kafka", "Start") == 4
    host.reboot()
    assert not host.services.running("kafka")
    assert sc(host, "start", "kafka")[0] == 1058


def test_the_administration_tool_is_a_process_that_holds_its_program(host: Host) -> None:
    process = host.run_administration_tool()
    lines = host.run("tasklist", ["/FI", f"PID eq {process.pid}", "/FO", "CSV", "/NH"]).stdout.decode()
    assert lines == f'"Comindware.Administration.exe","{process.pid}","RDP-Tcp#1","2","48,324 K"\r\n'
    tool = r"C:\Program Files\Comindware\Install and Administration Tool\Comindware.Administration.exe"
    assert f"{process.pid}\tComindware.Administration.exe\t{tool}\n" in (host.folder / "held").read_text("utf-8")
    host.processes.end(process.pid)
    none = host.run("tasklist", ["/FI", f"PID eq {process.pid}", "/FO", "CSV", "/NH"]).stdout.decode()
    assert none == "INFO: No tasks are running which match the specified criteria.\r\n"
