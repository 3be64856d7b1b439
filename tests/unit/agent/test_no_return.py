# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Behind a point of no return nothing is undone by itself: what is to run is started, and a person decides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import seen, switch

POOL = "Экземпляр"
OFF = {"op": "pool_start_mode", "pool": POOL, "auto_start": False, "start_mode": "OnDemand"}
ON = {"op": "pool_start_mode", "pool": POOL, "auto_start": True, "start_mode": "AlwaysRunning"}
STOP = {"op": "stop_pool", "pool": POOL, "timeout_seconds": 9}
START = {"op": "start_pool", "title": "Start it", "pool": POOL, "timeout_seconds": 9, "point_of_no_return": True}
SERVICE = {"op": "start_service", "title": "Start the service", "service": "kafka", "timeout_seconds": 1}
BROKEN = {"op": "start_pool", "title": "Start what is not there", "pool": "none", "timeout_seconds": 1}


@pytest.fixture
def new(agent: Agent, before: Any) -> list[dict[str, Any]]:
    """An upgrade in small of a pool that runs; its last operation is the point of no return."""
    agent.host.iis.configuration.add_pool(POOL)
    agent.host.iis.start_pool(POOL)
    return [OFF, STOP, *switch(), START]


def assert_held(agent: Agent, before: Any, code: str, started: bool = True) -> dict[str, Any]:
    """The new version runs, unconfirmed, and IIS does not start it by itself. Not `started`: something is left to be tried again."""
    status = agent.status()
    assert (status["state"], status["past_return"], status["error"]["code"]) == ("held", True, code)
    assert status["undo_errors"] == []
    agent.until(lambda: (agent.status()["lease"] is None) == started)  # there is none while the worker still tidies up
    assert seen(agent) != before
    assert agent.host.iis.pool_state(POOL) == "Started"
    pool = agent.host.iis.configuration.pool(POOL)
    assert pool and not pool.auto_start
    agent.until(lambda: agent.left_over() == [])
    return status


def test_failure_behind_it(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    """The rest is started all the same."""
    agent.host.services.stop("kafka")
    status = agent.execute([*new, BROKEN, SERVICE])
    assert status["error"]["operation"] == len(new)
    assert status["operations_done"] == len(new) + 1
    assert agent.host.services.get("kafka").state == "RUNNING"
    assert_held(agent, before, status["error"]["code"], started=False)


@pytest.mark.parametrize("point", ["operation:start_pool", "after:operation:start_pool"])
def test_killed_behind_it(agent: Agent, before: Any, new: list[dict[str, Any]], point: str) -> None:
    agent.host.add_fault(point, action="kill")
    agent.execute([*new, SERVICE])
    assert_held(agent, before, "interrupted")


def test_killed_while_it_goes_forward(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.host.add_fault("after:operation:start_pool", action="kill", times=2)
    agent.execute([*new, SERVICE])
    status = assert_held(agent, before, "interrupted")
    assert [one["event"] for one in agent.journal()].count("worker") == 3
    assert status["operations_done"] == status["operations_total"]


def test_killed_right_before_it(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.host.add_fault("after:operation:environment_variable", action="kill")
    status = agent.execute(new)
    assert (status["state"], status["past_return"]) == ("rolled_back", False)
    assert seen(agent) == before


def test_deadline_behind_it(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    assert agent.execute(new, deadline_seconds=2)["past_return"]
    agent.until(lambda: agent.status()["state"] == "held")
    assert_held(agent, before, "deadline")


def test_boot_behind_it(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    """IIS does not start it, the worker does."""
    assert agent.execute(new)["state"] == "applied"
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "held")
    assert_held(agent, before, "restart")


def test_it_is_not_rolled_back_without_force(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.execute(new)
    with pytest.raises(AgentError) as raised:
        agent.rollback()
    assert raised.value.code == "past_return"
    assert str(raised.value) == (
        "The transaction 't1' is past its point of no return ('Start it'): what it has started may have changed data of which the host "
        "has no copy, so it is not undone. Confirm it; or put the data back yourself, and roll it back with force."
    )
    assert raised.value.details["transaction"]["state"] == "applied"
    status = agent.rollback(force=True)
    assert (status["state"], status["past_return"]) == ("rolled_back", False)
    assert seen(agent) == before
    assert agent.host.iis.pool_state(POOL) == "Started"
    agent.until(lambda: agent.left_over() == [])


def test_rollback_that_comes_too_late(agent: Agent, new: list[dict[str, Any]]) -> None:
    """Asked for before the point, found behind it."""
    agent.host.add_fault("operation:start_pool", action="pause")
    agent.execute(new, wait=0)
    agent.until_paused()
    assert agent.status()["past_return"]
    agent.write(r"C:\Program Files\agent\transactions\t1\rollback", "too late")
    agent.go_on()
    agent.until(lambda: agent.status()["state"] == "applied")
    status = agent.status()
    assert (status["state"], status["error"]) == ("applied", None)
    agent.until(lambda: not agent.path(r"C:\Program Files\agent\transactions\t1\rollback").exists())
    assert agent.confirm()["state"] == "confirmed"


def test_held_one_is_confirmed(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.execute([*new, BROKEN], on_confirm=[ON])
    assert_held(agent, before, agent.status()["error"]["code"], started=False)
    status = agent.confirm()
    assert (status["state"], status["error"]) == ("confirmed", None)
    agent.until_ended()
    assert [one["starts"] for one in agent.status()["owed"]] == [True]
    agent.ask("confirm", root=r"C:\Program Files\agent", transaction="t1", waive=True)
    assert agent.status()["owed"] == []
    pool = agent.host.iis.configuration.pool(POOL)
    assert pool and pool.auto_start
    agent.until(lambda: agent.left_over() == [])


def test_interrupted_confirm_of_a_held_one_goes_on(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.execute([*new, BROKEN], on_confirm=[ON])
    agent.host.add_fault("after:confirm:pool_start_mode", action="kill")
    agent.ask("confirm", root=r"C:\Program Files\agent", transaction="t1", wait_seconds=0)
    agent.until(lambda: any(one["event"] == "decision" for one in agent.journal()))
    agent.until_ended()
    assert [one["state"] for one in agent.recover()["recovered"]] == ["confirmed"]


def test_a_decision_while_the_worker_before_takes_its_task_away(
    agent: Agent, before: Any, new: list[dict[str, Any]]
) -> None:
    """It had entered its state, so its caller had gone on: it takes away what that has registered just now."""
    agent.host.add_fault("program", path="schtasks.exe /Delete*", action="pause", process="worker")
    agent.execute([*new, BROKEN], wait=0)
    agent.until_paused()
    assert agent.status()["state"] == "held"
    agent.host.add_fault("program", path="schtasks.exe /Run*", action="pause", process="module")
    with ThreadPoolExecutor() as pool:
        decided = pool.submit(agent.rollback, force=True)
        agent.until_paused("module")
        agent.go_on()
        agent.until(lambda: agent.host.scheduler.processes() == [])
        agent.go_on("module")
        assert decided.result()["state"] == "rolled_back"
    assert seen(agent) == before


def test_a_decision_while_the_worker_takes_the_same_one_away(
    agent: Agent, before: Any, new: list[dict[str, Any]]
) -> None:
    """Somebody had decided so before, and lost the connection."""
    agent.execute([*new, BROKEN])
    decision = agent.path(AGENT_ROOT + r"\transactions\t1\force")
    decision.write_text("as before")
    agent.host.add_fault("replace", path=r"*\force", action="pause", process="module")
    with ThreadPoolExecutor() as pool:
        decided = pool.submit(agent.rollback, force=True)
        agent.until_paused("module")
        decision.unlink(missing_ok=True)
        agent.go_on("module")
        assert decided.result()["state"] == "rolled_back"
    assert seen(agent) == before


def test_forced_rollback_that_fails_is_tried_again(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    """Once it is being undone it is no new version any more: it is never confirmed, and recovered backwards."""
    agent.execute(new)
    agent.refuse_lastingly("undo:remove_link")
    assert (agent.rollback(force=True)["state"], agent.status()["past_return"]) == ("held", False)
    with pytest.raises(AgentError, match="cannot be confirmed: its state is held"):
        agent.confirm()
    agent.until_ended()
    agent.host.clear_faults()
    assert [one["state"] for one in agent.recover()["recovered"]] == ["rolled_back"]
    assert seen(agent) == before


def test_forced_rollback_that_is_killed_goes_on(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.execute([*new, BROKEN])
    agent.host.add_fault("undo:remove_link", action="kill")
    assert agent.rollback(force=True)["state"] == "rolled_back"
    assert seen(agent) == before


def test_nobody_but_a_person_decides_about_a_held_one(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.host.add_fault("after:operation:start_pool", action="kill")
    assert agent.execute(new, owner="anna@ctl", run="r1")["state"] == "held"
    answer = agent.recover()
    assert (answer["recovered"], [one["id"] for one in answer["unfinished"]]) == ([], ["t1"])
    created = agent.status()["created"]
    with pytest.raises(AgentError) as raised:
        agent.execute([], id="t2")
    assert str(raised.value) == (
        f"The transaction 't1' of 'one', begun by anna@ctl (run r1) at {created}, is not finished: its state is held. It is past its "
        "point of no return: what it has started runs, unconfirmed, and does not start by itself after a restart of the host. Look at "
        "it. Then recover it with held: confirm, or put its data back yourself and recover it with held: rollback."
    )
    assert seen(agent) != before


def test_what_did_not_start_behind_it_is_started_by_a_recovery(
    agent: Agent, before: Any, new: list[dict[str, Any]]
) -> None:
    agent.host.add_fault("operation:start_pool", action="error", win32=5, times=2)
    assert agent.execute(new)["state"] == "held"
    assert agent.host.iis.pool_state(POOL) == "Stopped"
    assert [(one["state"], one["past_return"]) for one in agent.recover()["recovered"]] == [("held", True)]
    assert_held(agent, before, "win32")
    assert agent.recover()["recovered"] == []


def test_confirm_after_a_restart_of_the_host_starts_it(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    """Held, the new version stays stopped at a second start of the host."""
    agent.host.add_fault("after:operation:start_pool", action="kill")
    assert agent.execute(new, on_confirm=[ON])["state"] == "held"
    agent.host.reboot()
    assert agent.host.iis.pool_state(POOL) == "Stopped"
    assert agent.confirm()["state"] == "confirmed"
    assert agent.host.iis.pool_state(POOL) == "Started"


def test_confirm_that_a_power_loss_interrupts_starts_what_was_to_run(
    agent: Agent, before: Any, new: list[dict[str, Any]]
) -> None:
    agent.execute(new, on_confirm=[ON])
    agent.host.add_fault("confirm:pool_start_mode", action="pause")
    agent.ask("confirm", root=r"C:\Program Files\agent", transaction="t1", wait_seconds=0)
    agent.lose_power_at_pause()
    agent.until(lambda: agent.status()["state"] == "confirmed")
    assert agent.host.iis.pool_state(POOL) == "Started"


def test_abandoned_one_is_recovered_forward(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.host.add_fault("after:operation:start_pool", action="kill")
    agent.execute(new, wait=0)
    agent.until(lambda: agent.status()["past_return"] and not agent.host.scheduler.running(r"\agent\t1"))
    assert [(one["state"], one["past_return"]) for one in agent.recover()["recovered"]] == [("held", True)]
    assert_held(agent, before, "interrupted")


def test_only_what_can_be_done_again_stands_behind_it(agent: Agent, new: list[dict[str, Any]]) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([*new, switch()[0]])
    assert raised.value.code == "bad_request"
    assert str(raised.value) == (
        "'remove_file' stands behind a point of no return, but cannot be done again after an interruption. Only operations that start "
        "something can."
    )


def test_confirm_is_waited_for_though_its_decision_is_gone(
    agent: Agent, before: Any, new: list[dict[str, Any]]
) -> None:
    """The caller has read the journal as it was before, and then finds that the worker has taken the decision away."""
    agent.execute(new, on_confirm=[ON])
    decision = agent.path(rf"{AGENT_ROOT}\transactions\t1") / "confirm"
    agent.host.add_fault("before:confirm:pool_start_mode", process="worker", action="pause")
    agent.host.add_fault("find", path=r"*\t1\confirm", process="module", action="pause", times=99)
    with ThreadPoolExecutor(1) as pool:
        confirmed = pool.submit(agent.ask, "confirm", root=AGENT_ROOT, transaction="t1", wait_seconds=30)
        agent.until_paused("module")
        while not decision.exists():
            agent.go_on("module")
            agent.until_paused("module")
        agent.until_paused("worker")  # the worker is started before the caller looks for the decision
        agent.go_on("module")
        agent.until(lambda: confirmed.done() or agent.is_paused("module"))
        assert not confirmed.done(), "it looks for the decision no more"
        agent.host.clear_faults()
        agent.go_on("module")
        agent.go_on("worker")
        assert confirmed.result()["transaction"]["state"] == "confirmed"


def test_a_decision_may_be_taken_away_while_it_is_read(agent: Agent, before: Any, new: list[dict[str, Any]]) -> None:
    agent.execute(new, on_confirm=[ON])
    agent.host.add_fault("before:read", path=r"*\t1\confirm", process="module", action="pause")
    with ThreadPoolExecutor(1) as pool:
        confirmed = pool.submit(agent.ask, "confirm", root=AGENT_ROOT, transaction="t1", wait_seconds=30)
        agent.until_paused("module")
        agent.until(lambda: not (agent.path(rf"{AGENT_ROOT}\transactions\t1") / "confirm").exists())
        agent.go_on("module")
        assert confirmed.result()["transaction"]["state"] == "confirmed"
