# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who has a claim to a transaction, since when and until when; what the next one is told, and when it may take over."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.host import worker_hash

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import FAILING, FILE, seen, switch, tasks

ANNA: dict[str, Any] = {"owner": "anna@ctl", "run": "r1"}


def refused(agent: Agent, **plan: Any) -> str:
    with pytest.raises(AgentError) as raised:
        agent.execute(switch(), id="t2", **plan)
    assert raised.value.code == "unfinished"
    return str(raised.value)


def test_one_that_waits_for_its_confirm(agent: Agent, before: Any) -> None:
    status = agent.execute(switch(), **ANNA)
    assert status["lease"] == status["deadline"] and status["worker"] is None
    assert refused(agent) == (
        f"The transaction 't1' of 'one', begun by anna@ctl (run r1) at {status['created']}, is not finished: its state is applied. It "
        f"waits for a confirm until {status['deadline']}. Confirm it or roll it back first, or try again after that time."
    )


def test_one_that_a_process_works_on(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="pause")
    agent.execute(switch(), wait=0, **ANNA)
    agent.until_paused()
    status = agent.status()
    (process,) = agent.host.scheduler.processes()
    assert (status["worker"]["pid"], status["lease"]) == (process.pid, None)
    assert status["created"][:10] == status["worker"]["started"][:10]
    assert refused(agent) == (
        f"The transaction 't1' of 'one', begun by anna@ctl (run r1) at {status['created']}, is not finished: its state is running. The "
        f"process {process.pid} of the host has been at work on it since {status['worker']['started']}. Wait for its end."
    )
    agent.go_on()
    agent.until_ended()
    assert agent.status()["state"] == "applied"


def test_one_that_waits_for_its_turn(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:write_file", path=FILE, action="pause")
    agent.execute(switch(), id="t0", instance="another", wait=0)
    agent.until_paused()
    agent.execute([], wait=0)
    agent.until(lambda: agent.status()["worker"] is not None)
    assert (agent.status()["state"], agent.status()["lease"]) == ("pending", None)
    agent.go_on()
    agent.until_ended()
    assert agent.status()["state"] == "applied"


def test_one_whose_worker_is_expected(agent: Agent, before: Any) -> None:
    """Its caller has just created it."""
    agent.execute(switch(), **ANNA)
    agent.rollback()
    agent.until(lambda: tasks(agent) == [])
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    status = agent.status()
    assert refused(agent).endswith(
        f"its state is pending. Its worker is expected until {status['lease']}. Wait for its end."
    )


def test_one_that_nothing_works_on_is_taken_over_after_recovery(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), wait=0)
    agent.until(lambda: agent.status()["operations_done"] == 3 and not agent.host.scheduler.running(r"\agent\t1"))
    assert agent.status()["lease"] == agent.journal()[-1]["time"], "it is over"
    status = agent.execute([], id="t2")
    assert [(one["id"], one["state"], one["error"]["code"]) for one in status["recovered"]] == [
        ("t1", "rolled_back", "interrupted")
    ]
    assert seen(agent) == before


def test_lease_that_has_run_out(agent: Agent, before: Any) -> None:
    """The alarm did not go off: whoever comes next sees to it."""
    agent.execute(switch(), deadline_seconds=600)
    refused(agent)
    agent.host.set(uptime_seconds=601, clock_seconds=601)
    status = agent.execute(switch(), id="t2")
    assert [(one["id"], one["state"], one["error"]["code"]) for one in status["recovered"]] == [
        ("t1", "rolled_back", "deadline")
    ]
    assert status["state"] == "applied"


def test_two_callers_at_once(agent: Agent, before: Any) -> None:
    outcomes: dict[str, str] = {}

    def run(owner: str) -> None:
        try:
            outcomes[owner] = agent.execute(switch(), id=owner, owner=owner, wait=20)["state"]
        except AgentError as error:
            outcomes[owner] = str(error)

    threads = [threading.Thread(target=run, args=(owner,)) for owner in ("anna", "boris", "clara")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [owner for owner, told in outcomes.items() if told == "applied"]
    for owner in outcomes.keys() - {winner}:
        assert outcomes[owner].startswith(f"The transaction '{winner}' of 'one', begun by {winner} at "), outcomes


def test_caller_that_keeps_all_others_waiting_is_named(new_agent: Agent) -> None:
    """It compiles, or recovers what it found."""
    new_agent.host.add_fault("write", path=r"*\compile.rsp", action="pause")
    thread = threading.Thread(target=new_agent.execute, args=([],), kwargs=ANNA)
    thread.start()
    new_agent.until_paused("module")
    holder = new_agent.path(AGENT_ROOT + r"\locks\execute.lock").read_text()
    with pytest.raises(AgentError) as raised:
        new_agent.ask("recover", root=AGENT_ROOT, turn_seconds=1)
    new_agent.go_on("module")
    thread.join()
    assert raised.value.code == "busy"
    assert holder.startswith("anna@ctl (run r1), process ")
    assert str(raised.value) == (
        f"Another run is starting or recovering transactions on this host: {holder}. Nobody else may until it is through or its process "
        "has ended. Try again in a minute."
    )


def test_recovery_of_one_instance(agent: Agent, before: Any) -> None:
    for id_, instance in ("t1", "one"), ("t2", "two"):
        agent.host.add_fault("after:operation:environment_variable", action="kill")
        variable = {"op": "environment_variable", "name": "X", "value": id_}
        agent.execute([variable], id=id_, instance=instance, wait=0)
        agent.until(lambda id_=id_: agent.status(id_)["lease"] and agent.status(id_)["state"] == "running")  # type: ignore[misc]
    answer = agent.recover("TWO")
    assert [(one["id"], one["state"]) for one in answer["recovered"]] == [("t2", "rolled_back")]
    assert answer["unfinished"] == []
    assert agent.status("t1")["state"] == "running"
    assert [one["id"] for one in agent.recover()["recovered"]] == ["t1"]
    assert agent.recover() == {"ok": True, "recovered": [], "unfinished": []}


def test_recovery_that_is_killed_is_repeated(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), wait=0)
    agent.until(lambda: agent.status()["lease"] is not None and agent.status()["state"] == "running")
    agent.host.add_fault("undo:write_file", action="kill", times=3)
    assert [one["state"] for one in agent.recover()["recovered"]] == ["rolled_back"]
    assert [one["event"] for one in agent.journal()].count("worker") == 5
    assert seen(agent) == before


ENDS = {
    "confirmed": lambda agent: agent.confirm(),
    "rolled back": lambda agent: agent.rollback(),
    "deadline": lambda agent: agent.host.set(uptime_seconds=700, clock_seconds=700) or agent.recover(),
    "boot": lambda agent: agent.host.reboot(),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_nothing_is_left_of_it(agent: Agent, before: Any, end: Any) -> None:
    agent.execute(switch(), deadline_seconds=600)
    assert agent.left_over() != []
    end(agent)
    agent.until(lambda: agent.status()["state"] in ("confirmed", "rolled_back"))
    agent.until(lambda: agent.left_over() == [])


def test_an_undo_that_failed_leaves_its_task_which_ends_with_it(agent: Agent, before: Any) -> None:
    agent.refuse_lastingly("undo:remove_link")
    assert agent.execute([*switch(), FAILING])["state"] == "held"
    assert agent.left_over() == [r"\agent\t1", "agent t1", "transactions/t1/task.xml"]
    agent.host.clear_faults()
    agent.host.scheduler.run(r"\agent\t1")
    agent.until(lambda: agent.left_over() == [])
    assert agent.status()["state"] == "rolled_back"


@pytest.mark.parametrize(
    ("point", "file"),
    [
        ("after:write", "plan.json"),
        ("append", "journal.jsonl"),
        ("after:write", "task.xml"),
        ("after:replace", "task.xml"),
    ],
)
def test_caller_that_is_killed_while_it_creates(agent: Agent, before: Any, point: str, file: str) -> None:
    agent.execute([], id="t0", confirm="automatic")
    agent.host.add_fault(point, path=rf"*\t1\{file}", action="kill")
    plan = {"id": "t1", "instance": "one", "operations": switch()}
    with pytest.raises(AssertionError):
        agent.ask("execute", root=AGENT_ROOT, plan=plan, worker={"hash": worker_hash()}, wait_seconds=0)
    agent.host.set(clock_seconds=61)  # it is not expected any more
    agent.recover()
    agent.until(lambda: agent.left_over() == [])
    assert seen(agent) == before
    assert agent.execute(switch(), id="t2")["state"] == "applied"
