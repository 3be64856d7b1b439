# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Programs of Windows that refuse, as the stand-in plays them, and what the agent makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from standin.windows.services import Service

from .conftest import Agent, AgentError

SERVICE = "svc"
STOP = {"op": "stop_service", "service": SERVICE, "timeout_seconds": 10}


@pytest.fixture
def service(agent: Agent) -> Service:
    service = Service(SERVICE, SERVICE, r"C:\s.exe")
    agent.host.services.add(service)
    agent.host.services.start(SERVICE)
    return service


def refuse(agent: Agent, call: str, how: str, **more: Any) -> None:
    agent.host.add_fault("program", path=call, action="refuse", how=how, **more)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (
            "5",
            "The processes could not be listed: tasklist.exe ended with exit code 5 and said: ERROR ( message:refused )",
        ),
        (
            "1726",
            "The processes could not be listed: tasklist.exe ended with exit code 1726 and said: ERROR ( message:refused )",
        ),
        ("killed", "The processes could not be listed: tasklist.exe ended with exit code 137."),
        ("hangs", r"'C:\Windows\System32\tasklist.exe' did not end within 60 seconds and was stopped."),
    ],
)
def test_field_7_1_program_that_refuses(agent: Agent, how: str, message: str) -> None:
    refuse(agent, "tasklist.exe *", how)
    with pytest.raises(AgentError) as raised:
        agent.query("processes", names=["*"])
    assert (raised.value.code, str(raised.value)) == ("program_failed", message)
    assert agent.query("processes", names=["System"])["processes"]


@pytest.mark.parametrize(("done", "state"), [(False, "RUNNING"), (True, "STOPPED")])
def test_field_7_1_program_that_refuses_after_its_work(agent: Agent, service: Service, done: bool, state: str) -> None:
    refuse(agent, f"sc.exe stop {SERVICE}", "5", done=done)
    agent.host.add_fault("undo:stop_service", action="pause")
    agent.execute([STOP], wait=0)
    agent.until_paused()
    agent.until(lambda: service.state == state)  # a service takes some time to stop
    agent.go_on()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert service.state == "RUNNING"


@pytest.mark.parametrize("how", ["5", "killed", "hangs"])
def test_field_7_1_compiler_that_refuses(new_agent: Agent, how: str) -> None:
    refuse(new_agent, "csc.exe *", how, done=True)
    with pytest.raises(AgentError) as raised:
        new_agent.execute([])
    assert raised.value.code == "program_failed"
    assert new_agent.execute([], confirm="automatic")["state"] == "confirmed"


def test_worker_that_starts_soon_after_the_host_waits_for_iis(agent: Agent) -> None:
    agent.execute([])
    agent.host.be_young()
    agent.host.services.stop("W3SVC")
    agent.until(lambda: agent.host.services.get("W3SVC").state == "STOPPED")
    agent.ask("confirm", root=r"C:\Program Files\agent", transaction="t1", wait_seconds=0)
    agent.until(lambda: any(one["event"] == "worker" for one in agent.journal()[2:]))
    assert agent.status()["state"] == "applied"
    agent.host.services.start("W3SVC")
    agent.until(lambda: agent.status()["state"] == "confirmed")
