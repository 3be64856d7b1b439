# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a confirm or an undo could not do is owed: told, tried again by the next call and at the next boot, and in nobody's way but of those
who would take the half for the whole.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from standin.ports import free_ports
from standin.windows.iis import Application, VirtualDirectory

from .conftest import Agent, AgentError
from .scenario import seen, switch, tasks

SITE = "Comindware sales"
STOP: list[dict[str, Any]] = [
    {"op": "pool_start_mode", "pool": SITE, "auto_start": False},
    {"op": "stop_pool", "pool": SITE},
]
START: list[dict[str, Any]] = [{"op": "start_pool", "pool": SITE}]
ON: list[dict[str, Any]] = [
    {"op": "pool_start_mode", "title": "Let the pool start by itself", "pool": SITE, "auto_start": True}
]
LASTING = 999
TASK = r"\agent\t1"


@pytest.fixture
def site(agent: Agent) -> str:
    iis = agent.host.iis.configuration
    iis.add_pool(SITE)
    root = Application("/", SITE, [VirtualDirectory("/", r"C:\inetpub\wwwroot")])
    iis.add_site(SITE, [f"http/*:{free_ports(1)[0]}:"], [root])
    agent.host.iis.start_pool(SITE)
    agent.host.iis.start_site(SITE)
    return SITE


def auto_start(agent: Agent) -> bool:
    return bool(agent.host.iis.configuration.pool(SITE).auto_start)  # type: ignore[union-attr]


def refuse(agent: Agent, call: str, times: int) -> None:
    agent.host.add_fault("program", path=f"{call}*", action="error", win32=32, times=times)


@pytest.fixture(autouse=True)
def hasty(agent: Agent) -> None:
    """What refuses lastingly is given up sooner."""
    agent.host.set(patience_percent=10)


def owing(agent: Agent) -> dict[str, Any]:
    """The confirm of a change could not let the pool start by itself."""
    agent.execute([*STOP, *switch(), *START], on_confirm=ON)
    refuse(agent, "appcmd.exe set", LASTING)
    agent.confirm()
    agent.until_ended()
    return agent.status()


@pytest.mark.parametrize("call", ["appcmd.exe list", "appcmd.exe set"])
def test_field_7_1_a_refusal_that_passes_leaves_nothing(agent: Agent, site: str, before: Any, call: str) -> None:
    agent.execute([*STOP, *switch(), *START], on_confirm=ON)
    refuse(agent, call, 3)
    status = agent.confirm()
    assert (status["state"], status["owed"], auto_start(agent)) == ("confirmed", [], True)
    assert agent.left_over() == []


@pytest.mark.parametrize(("verb", "times"), [("Query", LASTING), ("Delete", 1)])
def test_field_7_1_a_scheduler_that_refuses_while_the_worker_tidies_up_leaves_no_task(
    agent: Agent, site: str, before: Any, verb: str, times: int
) -> None:
    agent.execute([*STOP, *switch(), *START], on_confirm=ON)
    agent.host.add_fault("program", path=f"schtasks.exe /{verb}*", action="refuse", how="1", done=False, times=times)
    assert agent.confirm()["state"] == "confirmed"
    agent.recover()
    agent.until(lambda: tasks(agent) == [])
    assert agent.left_over() == []


def test_field_7_1_what_a_confirm_could_not_do_is_told_and_done_by_the_next_call(
    agent: Agent, site: str, before: Any
) -> None:
    status = owing(agent)
    assert status["state"] == "confirmed"
    (owed,) = status["owed"]
    assert (owed["title"], owed["starts"], owed["details"]["number"]) == ("Let the pool start by itself", True, 32)
    assert status["lease"] is not None
    agent.host.clear_faults()
    answer = agent.recover()
    assert [one["owed"] for one in answer["recovered"]] == [[]]
    assert answer["unfinished"] == []
    agent.until_ended()
    assert auto_start(agent)
    assert agent.left_over() == []


def test_field_7_1_what_a_confirm_could_not_do_is_done_at_the_next_boot_and_runs(
    agent: Agent, site: str, before: Any
) -> None:
    owing(agent)
    agent.host.clear_faults()
    agent.host.reboot()
    agent.until(lambda: auto_start(agent))
    agent.until(lambda: tasks(agent) == [])
    (pool,) = (one for one in agent.query("iis")["pools"] if one["name"] == SITE)
    assert pool["state"] == "Started"
    assert agent.status()["owed"] == []


def test_field_7_4_what_is_done_and_not_flushed_is_done_again(agent: Agent, site: str, before: Any) -> None:
    agent.execute([*STOP, *switch(), *START], on_confirm=ON)
    agent.host.add_fault("after:confirm:pool_start_mode", action="pause")
    with ThreadPoolExecutor(1) as pool:
        confirmed = pool.submit(agent.confirm)
        agent.until_paused()
        agent.host.add_fault("sync", path="*journal.jsonl", process="worker", action="error", win32=1117)
        agent.go_on()
        confirmed.result()
    agent.until_ended()
    journal = agent.status(since=0)["journal"]
    assert [
        one["event"] for one in journal if one.get("phase") == "confirm" and one["event"] in ("done", "failed")
    ] == [
        "done",
        "failed",
        "done",
    ]
    assert (agent.status()["owed"], agent.left_over(), tasks(agent)) == ([], [], [])


def test_field_7_1_no_other_change_begins_while_a_start_is_owed(agent: Agent, site: str, before: Any) -> None:
    owing(agent)
    with pytest.raises(AgentError) as refused:
        agent.execute(switch(), id="t2")
    assert refused.value.code == "unfinished"
    assert (
        "is not finished: its state is confirmed. It is confirmed, but this is still to be done, and was tried again: 'Let the pool "
        in (str(refused.value))
    )
    assert str(refused.value).endswith(" Mend that, then try again.")


def tries(agent: Agent) -> int:
    return sum(event["event"] == "failed" for event in agent.journal())


def test_what_is_owed_is_not_tried_for_ever(agent: Agent, before: Any) -> None:
    """An hour of alarms; then it waits for a boot or a call, and the journal does not grow."""
    impossible = [{"op": "stop_service", "service": "none"}]
    agent.execute(switch(), confirm="automatic", on_confirm=impossible)
    for _alarm in range(14):
        agent.host.scheduler.run(TASK)
        agent.until_ended()
    assert tries(agent) == 12
    agent.host.reboot()
    agent.until(lambda: tries(agent) == 13)


def test_an_old_set_that_cannot_be_removed_is_in_nobodys_way(agent: Agent, before: Any) -> None:
    agent.write(r"C:\old\file", "x")
    agent.host.add_fault("delete", path=r"C:\old\*", action="error", win32=32, times=LASTING)
    removal = [{"op": "remove_file", "title": "Remove the old file", "path": r"C:\old\file"}]
    status = agent.execute(switch(), confirm="automatic", on_confirm=removal)
    assert [one["starts"] for one in status["owed"]] == [False]
    assert agent.execute([], id="t2")["state"] == "applied"
    agent.host.clear_faults()
    agent.recover()
    assert not agent.path(r"C:\old\file").exists()


@pytest.mark.parametrize("how", ["call", "boot", "alarm"])
def test_field_7_1_an_undo_that_was_refused_is_finished_without_a_hand(agent: Agent, before: Any, how: str) -> None:
    agent.execute(switch())
    agent.host.add_fault("before:undo:remove_link", action="error", win32=32, times=LASTING)
    assert agent.rollback()["state"] == "held"
    agent.until_ended()
    agent.host.clear_faults()
    if how == "call":
        agent.recover()
    elif how == "boot":
        agent.host.reboot()
    else:
        agent.host.pass_time(300)
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert seen(agent) == before
    agent.until_ended()
    assert agent.left_over() == []
