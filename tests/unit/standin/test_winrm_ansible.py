# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The WinRM server under the ansible-playbook of this environment and its own winrm connection."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from standin.winrm import AgentExecutor, WinRmServer
from standin.winrm.recording import REQUEST, encode_request, inventory, write_collections

from .seams import write_seams

USER, PASSWORD = "Administrator", "p@ss: word"
HOST_AGENT: dict[str, Any] = {"comindware.platform.host_agent": {"request": encode_request(REQUEST)}}

Play = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WinRmServer]:
    seams = write_seams(tmp_path / "seams")
    host = tmp_path / "host"
    host.mkdir()
    executor = AgentExecutor(host, tmp_path / "cache", "HOST", seams=seams)
    with WinRmServer(USER, PASSWORD, executor) as running:
        yield running


@pytest.fixture
def play(tmp_path: Path, server: WinRmServer) -> Play:
    write_collections(tmp_path)

    def run(*tasks: dict[str, Any], password: str = PASSWORD, **variables: Any) -> subprocess.CompletedProcess[str]:
        hosts = inventory(server, USER, password)
        hosts["all"]["vars"] = variables
        (tmp_path / "inventory.json").write_text(json.dumps(hosts))
        (tmp_path / "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        return subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "inventory.json", "play.json"],
            cwd=tmp_path,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(tmp_path),
                "ANSIBLE_NOCOLOR": "1",
                "http_proxy": "http://127.0.0.1:9",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_host_agent_and_win_ping(server: WinRmServer, play: Play) -> None:
    expected = {"ok": True, "asked": "********"}
    done = play(
        {**HOST_AGENT, "register": "answer"},
        {"ansible.builtin.assert": {"that": [f"answer.answer | from_json == {expected}", "answer is not changed"]}},
        {"ansible.windows.win_ping": {"data": "Привет"}, "register": "pong"},
        {"ansible.builtin.assert": {"that": ["pong.ping == 'Привет'"]}},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [(record.module, record.command) for record in server.calls] == [
        ("comindware.platform.host_agent", "query"),
        ("ansible.windows.win_ping", ""),
    ]
    assert server.calls[0].request == REQUEST
    assert (server.requests, server.open_shells) == (12, 0)


def test_wait_for_connection_and_reset_connection(server: WinRmServer, play: Play) -> None:
    done = play({"ansible.builtin.wait_for_connection": {}}, {"ansible.builtin.meta": "reset_connection"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(server.calls) == 1


def test_ansible_gets_over_timeouts_and_junk(server: WinRmServer, play: Play) -> None:
    server.faults.operation_timeouts = 2
    server.faults.junk_before_result = "ВНИМАНИЕ: профиль"
    done = play(
        {**HOST_AGENT, "register": "answer"}, {"ansible.builtin.assert": {"that": ["answer.answer is defined"]}}
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_connection_lost_after_the_run_fails_the_task(server: WinRmServer, play: Play) -> None:
    """Not unreachable: the connection plugin lets the exception of its HTTP library through."""
    server.faults.lose("closed", "result")
    done = play(HOST_AGENT)
    assert done.returncode == 2 and "Connection aborted" in done.stdout, done.stdout + done.stderr
    assert len(server.calls) == 1


def test_a_connection_lost_before_the_run_fails_the_task(server: WinRmServer, play: Play) -> None:
    server.faults.lose("closed", "send")
    done = play(HOST_AGENT, ansible_winrm_operation_timeout_sec=1, ansible_winrm_read_timeout_sec=3)
    assert done.returncode == 2, done.stdout + done.stderr
    assert server.calls == []


def test_a_wrong_password_is_unreachable(play: Play) -> None:
    done = play(HOST_AGENT, password="wrong")
    assert done.returncode == 4 and "rejected" in done.stdout, done.stdout + done.stderr


def test_a_stopped_host_is_unreachable(server: WinRmServer, play: Play) -> None:
    server.stop()
    done = play(HOST_AGENT)
    assert done.returncode == 4 and "UNREACHABLE" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({"ansible.builtin.raw": "ipconfig"}, "raw commands, scripts and file transfers are not served here"),
        ({"ansible.builtin.script": "play.json"}, "raw commands, scripts and file transfers are not served here"),
        (
            {**HOST_AGENT, "become": True, "become_method": "runas", "become_user": "SYSTEM"},
            "become is not served here",
        ),
        ({**HOST_AGENT, "async": 10, "poll": 0}, "async is not served here"),
    ],
    ids=["raw", "script", "become", "async"],
)
def test_what_is_not_served_is_named(play: Play, task: dict[str, Any], message: str) -> None:
    done = play(task)
    assert done.returncode in (2, 4) and f"stand-in host: {message}" in done.stdout, done.stdout + done.stderr
