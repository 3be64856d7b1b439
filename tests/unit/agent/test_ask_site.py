# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long a site gave no answer, measured where it runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from standin.ports import free_ports
from standin.windows.iis import Application, VirtualDirectory

from .conftest import AGENT_ROOT, Agent

NAME = "Сайт один"


@pytest.fixture
def port(agent: Agent) -> int:
    """That of a site whose pool has a worker process."""
    (port,) = free_ports(1)
    iis = agent.host.iis.configuration
    iis.add_pool(NAME, start_mode="AlwaysRunning")
    agent.path(r"C:\site").mkdir()
    iis.add_site(NAME, [f"http/*:{port}:"], [Application("/", NAME, [VirtualDirectory("/", r"C:\site")])])
    agent.host.iis.start_pool(NAME)
    agent.host.iis.start_site(NAME)
    agent.until(lambda: agent.host.iis.pools.workers() != [])
    return port


def away(port: int, patience: int = 20) -> list[dict[str, Any]]:
    """A site is asked, then stopped."""
    ask = {"op": "ask_site", "pool": NAME, "url": f"http://localhost:{port}/", "patience_seconds": patience}
    return [ask, {"op": "stop_site", "site": NAME, "timeout_seconds": 9}]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.rstrip("Z")[:23])


def test_until_the_old_version_answers_again(agent: Agent, port: int) -> None:
    began = agent.execute(away(port))["downtime"]
    assert began["last_answer"] and (began["first_answer"], began["seconds"]) == (None, None)
    ended = agent.rollback()["downtime"]
    assert ended["last_answer"] == began["last_answer"]
    asked = moment(ended["first_answer"]) - moment(ended["last_answer"])
    assert ended["seconds"] == int(asked.total_seconds()) >= 0


def test_until_whoever_judges_has_seen_an_answer(agent: Agent, port: int) -> None:
    last = agent.execute(away(port))["downtime"]["last_answer"]
    first = last.replace(last[:4], str(int(last[:4]) + 1))  # a year later
    request = {"root": AGENT_ROOT, "transaction": "t1", "wait_seconds": 30, "verdict": "healthy", "answered_at": first}
    status = agent.ask("confirm", **request)["transaction"]
    assert (status["state"], status["verdict"]) == ("confirmed", "healthy")
    assert status["downtime"]["first_answer"] == first and status["downtime"]["seconds"] >= 365 * 24 * 3600


def test_a_confirm_need_not_know(agent: Agent, port: int) -> None:
    agent.execute(away(port))
    status = agent.confirm()
    assert (status["verdict"], status["downtime"]["first_answer"]) == ("confirmed", None)


def test_nobody_waits_for_what_did_not_answer_before(agent: Agent, port: int) -> None:
    agent.host.iis.stop_site(NAME)
    status = agent.execute(away(port, patience=600))
    assert status["downtime"] == {"last_answer": None, "first_answer": None, "seconds": None}
    assert agent.rollback()["state"] == "rolled_back"


def test_what_sleeps_is_not_asked(agent: Agent, port: int) -> None:
    agent.host.iis.stop_pool(NAME)
    agent.until(lambda: agent.host.iis.pools.workers() == [])
    pool = agent.host.iis.configuration.pool(NAME)
    assert pool
    pool.start_mode = "OnDemand"
    agent.host.iis.start_pool(NAME)
    assert agent.execute(away(port))["downtime"]["last_answer"] is None
    assert agent.host.iis.pools.workers() == []


def test_a_site_that_never_answers_again_holds_nothing(agent: Agent, port: int) -> None:
    """It is undone all the same; only nobody knows for how long it was away."""
    agent.execute(away(port, patience=1))
    agent.host.iis.stop_pool(NAME)
    status = agent.rollback()
    assert status["state"] == "rolled_back"
    assert status["downtime"]["last_answer"] and status["downtime"]["seconds"] is None


def test_without_the_question_there_is_no_answer(agent: Agent, port: int) -> None:
    assert agent.execute(away(port)[1:])["downtime"] is None
