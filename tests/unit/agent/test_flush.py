# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A flush that fails is a failure: what is not on the disk is not done."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import FILE, FOLDER, seen, switch
from .sets import SET, TREE, backup, listing

JOURNAL = AGENT_ROOT + r"\transactions\t1\journal.jsonl"
PLAN = AGENT_ROOT + r"\transactions\t1\plan.json"


def refuse(agent: Agent, path: str, times: int = 1) -> None:
    agent.host.add_fault("sync", path=path, action="error", win32=1117, times=times)


@pytest.mark.parametrize("path", [FILE, AGENT_ROOT + r"\transactions\t1\undo\*"], ids=["written", "saved for the undo"])
def test_field_7_4_a_file_that_does_not_reach_the_disk_undoes_the_change(agent: Agent, before: Any, path: str) -> None:
    refuse(agent, path)
    status = agent.execute(switch())
    assert (status["state"], status["error"]["details"]["number"]) == ("rolled_back", 1117)
    assert seen(agent) == before
    assert agent.left_over() == []


def test_field_7_4_a_copy_that_does_not_reach_the_disk_is_no_backup(agent: Agent, data: str) -> None:
    refuse(agent, SET + "*")
    status = agent.execute([backup(TREE)])
    assert (status["state"], status["error"]["details"]["number"]) == ("rolled_back", 1117)
    assert listing(agent, SET) == ["unusable"]


def test_field_7_4_a_plan_that_does_not_reach_the_disk_is_not_begun(agent: Agent, before: Any) -> None:
    refuse(agent, PLAN)
    with pytest.raises(AgentError) as refused:
        agent.execute(switch())
    assert refused.value.details["number"] == 1117
    assert seen(agent) == before
    assert agent.execute(switch(), id="t2")["state"] == "applied"


def test_field_7_4_an_event_that_does_not_reach_the_disk_stops_before_what_it_announces(
    agent: Agent, before: Any
) -> None:
    agent.host.add_fault("before:operation:write_file", action="pause")
    agent.execute(switch(), wait=0)
    agent.until_paused()
    agent.host.clear_faults()
    refuse(agent, JOURNAL)
    agent.go_on()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert agent.path(FOLDER).exists() and seen(agent) == before
