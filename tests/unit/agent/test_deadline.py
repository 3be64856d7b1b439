# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Until when the host waits for a confirm: moved on while somebody watches or works, whatever happens to the clock."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from .conftest import Agent, AgentError
from .scenario import seen, switch

TASK = r"\agent\t1"
LOG = r"C:\Логи\upgrade_1.log"


def utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None)


def deadline(agent: Agent) -> datetime:
    return datetime.fromisoformat(agent.status()["deadline"].rstrip("Z"))


def pass_time(agent: Agent, seconds: int, clock: int | None = None) -> None:
    """The host runs on for so long; its clock goes along unless it is set otherwise."""
    agent.host.set(uptime_seconds=seconds, clock_seconds=seconds if clock is None else clock)


def alarm(agent: Agent) -> None:
    """A trigger of the task fires, and its worker ends."""
    agent.host.scheduler.run(TASK)
    agent.until(lambda: not agent.host.scheduler.running(TASK))


def moves(agent: Agent) -> list[str]:
    return [one["reason"] for one in agent.journal() if one["event"] == "deadline"]


def test_it_moves_on_while_somebody_watches(agent: Agent, before: Any) -> None:
    agent.execute(switch(), deadline_seconds=600)
    first = deadline(agent)
    pass_time(agent, 290)
    agent.status(prolong=True)
    assert moves(agent) == [], "half of the time is left"
    pass_time(agent, 310)
    agent.status()
    assert moves(agent) == [], "nobody watches"
    status = agent.status(prolong=True)
    assert moves(agent) == ["Somebody watches it."]
    assert status["lease"] == status["deadline"]
    assert timedelta(seconds=309) < deadline(agent) - first < timedelta(seconds=330)
    pass_time(agent, 650)
    alarm(agent)
    assert agent.status()["state"] == "applied", "the old alarm is no start of the host"
    pass_time(agent, 950)
    alarm(agent)
    assert (agent.status()["state"], agent.status()["error"]["code"]) == ("rolled_back", "deadline")
    assert seen(agent) == before


def test_it_does_not_move_on_in_the_last_seconds(agent: Agent, before: Any) -> None:
    """The alarm may be going off just now."""
    agent.execute(switch(), deadline_seconds=600)
    pass_time(agent, 590)
    agent.status(prolong=True)
    assert moves(agent) == []


def test_a_deadline_that_cannot_be_moved_fails_nobody(agent: Agent, before: Any) -> None:
    agent.execute(switch(), deadline_seconds=600)
    pass_time(agent, 400)
    agent.path(r"C:\Windows\System32\schtasks.exe").chmod(0o644)
    assert agent.status(prolong=True)["state"] == "applied"
    assert moves(agent) == []


@pytest.mark.parametrize("jump", [600, -600])
def test_clock_that_is_set_decides_nothing(agent: Agent, before: Any, jump: int) -> None:
    agent.execute(switch(), deadline_seconds=600)
    pass_time(agent, 60, 60 + jump)
    alarm(agent)
    assert agent.status()["state"] == "applied"
    assert moves(agent) == (["The clock of the host was set."] if jump > 0 else [])
    with pytest.raises(AgentError) as raised:
        agent.execute([], id="t2")
    assert raised.value.code == "unfinished"
    pass_time(agent, 601, 601 + jump)
    alarm(agent)
    assert agent.status()["state"] == "rolled_back"
    assert seen(agent) == before


def test_boot_after_the_deadline_was_moved(agent: Agent, before: Any) -> None:
    agent.execute(switch(), deadline_seconds=600)
    pass_time(agent, 400)
    agent.status(prolong=True)
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert agent.status()["error"] == {
        "code": "restart",
        "message": "The host was restarted before anybody confirmed.",
        "details": {},
        "operation": None,
    }


def activity(**limits: int) -> dict[str, Any]:
    return {"activity": {"paths": [r"C:\Логи\upgrade*.log"], **limits}}


def test_work_that_goes_on_is_not_cut_off(agent: Agent, before: Any) -> None:
    agent.write(LOG, "Upgrade of ontology is in progress")
    agent.execute(switch(), deadline_seconds=600, **activity(quiet_seconds=120))
    pass_time(agent, 601, 0)
    alarm(agent)
    written = utc(agent.path(LOG).stat().st_mtime).isoformat(timespec="milliseconds")
    assert agent.status()["state"] == "applied"
    assert moves(agent) == [f"'{LOG}' was written at {written}Z: something is still at work."]
    assert deadline(agent) > utc(time.time()) + timedelta(seconds=100)
    os.utime(agent.path(LOG), (time.time() - 130,) * 2)
    pass_time(agent, 730, 0)
    alarm(agent)
    assert agent.status()["error"]["code"] == "deadline"
    assert seen(agent) == before


def test_work_that_goes_on_for_ever_is_cut_off(agent: Agent, before: Any) -> None:
    agent.write(LOG, "Upgrade of ontology is in progress")
    agent.execute(switch(), deadline_seconds=600, **activity(limit_seconds=900))
    pass_time(agent, 850, 0)
    alarm(agent)
    assert agent.status()["state"] == "applied"
    assert deadline(agent) < utc(time.time()) + timedelta(seconds=51), "up to the limit"
    pass_time(agent, 901, 0)
    alarm(agent)
    assert agent.status()["state"] == "rolled_back"


def test_the_next_caller_does_not_cut_it_off_either(agent: Agent, before: Any) -> None:
    """Its alarm is late."""
    agent.write(LOG, "Upgrade of ontology is in progress")
    agent.execute(switch(), deadline_seconds=600, **activity())
    pass_time(agent, 601, 0)
    answer = agent.recover()
    assert ([one["state"] for one in answer["recovered"]], moves(agent) != []) == (["applied"], True)


def test_file_from_the_future_proves_nothing(agent: Agent, before: Any) -> None:
    agent.write(LOG, "x")
    os.utime(agent.path(LOG), (time.time() + 3600,) * 2)
    agent.execute(switch(), deadline_seconds=600, **activity())
    pass_time(agent, 601, 0)
    alarm(agent)
    assert agent.status()["state"] == "rolled_back"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("paths", ["upgrade*.log"], r"The path 'upgrade*.log' is not absolute: 'C:\folder' is wanted."),
        ("quiet_seconds", 0, "plan.activity.quiet_seconds must be 1 or more."),
        ("limit_seconds", 0, "plan.activity.limit_seconds must be 1 or more."),
    ],
)
def test_wrong_activity(agent: Agent, field: str, value: Any, message: str) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([], activity={field: value})
    assert (raised.value.code, str(raised.value)) == ("bad_request", message)
