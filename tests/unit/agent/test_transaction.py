# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The life of a transaction: done, confirmed, undone, refused, one after another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import FAILING, FILE, FOLDER, LINK, seen, switch, tasks


def test_confirm(agent: Agent, before: Any) -> None:
    status = agent.execute(switch())
    assert (status["state"], status["operations_done"], status["error"]) == ("applied", 6, None)
    assert tasks(agent) == [r"\agent\t1"]
    after = seen(agent)
    assert after != before
    assert agent.confirm()["state"] == "confirmed"
    assert seen(agent) == after
    agent.until(lambda: tasks(agent) == [])
    assert agent.confirm()["state"] == "confirmed"
    with pytest.raises(AgentError, match="cannot be rolled back: its state is confirmed"):
        agent.rollback()


def test_rollback(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    status = agent.rollback(reason="проверка не прошла")
    assert status["state"] == "rolled_back"
    assert status["error"]["message"] == "проверка не прошла"
    assert seen(agent) == before
    agent.until(lambda: tasks(agent) == [])
    assert agent.rollback()["state"] == "rolled_back"
    with pytest.raises(AgentError, match="cannot be confirmed: its state is rolled_back"):
        agent.confirm()


def test_about_is_told_by_whoever_tells_of_the_transaction(agent: Agent) -> None:
    about = {"purpose": "upgrade", "from": "4.7.1.0", "to": "5.0.2.0", "hop": 2, "plan": {"имя": ["a", None]}}
    assert agent.execute([], about=about)["about"] == about
    assert agent.status()["about"] == about
    (listed,) = agent.query("agent", root=AGENT_ROOT)["transactions"]
    assert listed["about"] == about
    assert agent.confirm()["about"] == about
    assert agent.execute([], id="t2")["about"] is None
    with pytest.raises(AgentError, match=r"The field 'about' must be an object\."):
        agent.execute([], id="t3", about="upgrade")


def test_failure_undoes_everything(agent: Agent, before: Any) -> None:
    status = agent.execute([*switch(), FAILING])
    assert (status["state"], status["operations_done"]) == ("rolled_back", 6)
    assert status["error"]["operation"] == 6
    assert status["error"]["code"] == "not_a_link"
    assert seen(agent) == before


def test_errors_in_the_middle(agent: Agent, before: Any) -> None:
    agent.host.add_fault("create_link", path=LINK, action="error", win32=5)
    status = agent.execute(switch())
    assert (status["state"], status["error"]["code"], status["error"]["details"]["number"]) == (
        "rolled_back",
        "win32",
        5,
    )
    assert seen(agent) == before


def test_failed_undo_is_held_and_can_be_repeated(agent: Agent, before: Any) -> None:
    agent.refuse_lastingly("undo:remove_link")
    status = agent.execute([*switch(), FAILING])
    assert status["state"] == "held"
    assert [error["operation"] for error in status["undo_errors"]] == [2]
    assert agent.path(FILE).read_text() == "old", "the other steps are undone all the same"
    agent.until_ended()
    with pytest.raises(
        AgentError, match=r"its state is held\. Its undo was tried again and failed: .+ Mend that"
    ) as raised:
        agent.execute(switch(), id="t2")
    assert raised.value.code == "unfinished"
    agent.until_ended()
    agent.host.clear_faults()
    status = agent.rollback()
    assert (status["state"], status["undo_errors"]) == ("rolled_back", [])
    assert seen(agent) == before


def test_the_next_transaction_mends_a_held_one_first(agent: Agent, before: Any) -> None:
    agent.refuse_lastingly("undo:remove_link")
    assert agent.execute([*switch(), FAILING])["state"] == "held"
    agent.until_ended()
    agent.host.clear_faults()
    status = agent.execute(switch(), id="t2")
    assert [one["state"] for one in status["recovered"]] == ["rolled_back"]
    assert status["state"] == "applied"


def test_nothing_starts_on_a_half_restored_host(agent: Agent, before: Any) -> None:
    agent.host.iis.configuration.add_pool("p")
    agent.host.iis.start_pool("p")
    agent.refuse_lastingly("undo:write_file")
    status = agent.execute([{"op": "stop_pool", "pool": "p", "timeout_seconds": 9}, *switch(), FAILING])
    assert [error["code"] for error in status["undo_errors"]] == ["win32", "withheld"]
    assert agent.host.iis.pool_state("p") == "Stopped"
    agent.until_ended()
    agent.host.clear_faults()
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.host.iis.pool_state("p") == "Started"


def test_rollback_of_a_running_transaction(agent: Agent, before: Any) -> None:
    agent.host.add_fault("after:operation:write_file", action="pause")
    agent.execute(switch(), wait=0)
    agent.until_paused()
    agent.ask("rollback", root=AGENT_ROOT, transaction="t1", reason="a test", wait_seconds=0)
    agent.go_on()
    agent.until_ended()
    status = agent.status()
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "rollback_requested")
    assert status["operations_done"] == 2
    assert seen(agent) == before


def test_journal_since(agent: Agent) -> None:
    status = agent.execute([], confirm="automatic")
    assert status["state"] == "confirmed"
    assert [event["n"] for event in status["journal"]] == list(range(1, status["next"] + 1))
    assert agent.status(since=status["next"])["journal"] == []
    assert [event["n"] for event in agent.status(since=2)["journal"]] == list(range(3, status["next"] + 1))


def test_status_never_shows_old_values(agent: Agent) -> None:
    agent.host.registry.write(r"HKLM\SOFTWARE\X", {"Password": "geheim"})
    value = {"op": "registry_value", "key": r"SOFTWARE\X", "name": "Password", "type": "string", "data": "new"}
    assert "geheim" not in json.dumps(agent.execute([value]))


def test_unfinished_transaction_of_the_instance(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    with pytest.raises(AgentError) as raised:
        agent.execute(switch(), id="t2", instance="ONE")
    assert raised.value.code == "unfinished"
    assert raised.value.details["transaction"]["id"] == "t1"
    assert agent.execute([], id="t3", instance="two", confirm="automatic")["state"] == "confirmed"


def test_abandoned_transaction_is_rolled_back_first(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), wait=0)
    agent.until(lambda: agent.status()["operations_done"] == 3 and not agent.host.scheduler.running(r"\agent\t1"))
    status = agent.execute(switch(), id="t2")
    assert status["state"] == "applied"
    assert [(one["id"], one["state"]) for one in status["recovered"]] == [("t1", "rolled_back")]
    agent.rollback("t2")
    assert seen(agent) == before


def test_recover(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), wait=0)
    agent.until(lambda: agent.status()["operations_done"] == 3 and not agent.host.scheduler.running(r"\agent\t1"))
    agent.execute([], id="t2", instance="two")
    answer = agent.ask("recover", root=AGENT_ROOT, wait_seconds=30)
    assert [one["id"] for one in answer["recovered"]] == ["t1"]
    assert [one["id"] for one in answer["unfinished"]] == ["t2"]
    assert seen(agent) == before


def test_instances_of_a_host_go_one_after_another(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:write_file", path=FILE, action="pause")
    agent.execute(switch(), wait=0)
    agent.until_paused()
    other = agent.execute([], wait=0, id="t2", instance="two", confirm="automatic")
    assert other["state"] == "pending"
    agent.go_on()
    agent.until_ended("t2")
    other = agent.status("t2")
    assert other["state"] == "confirmed"
    first = agent.status("t1")
    assert first["state"] == "applied"
    assert other["started"] > first["journal"][-1]["time"]


def test_the_same_plan_again_goes_on_with_what_has_no_task_yet(agent: Agent, before: Any) -> None:
    """The caller died after it had created the transaction."""
    agent.execute(switch())
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    agent.rollback()
    agent.until(lambda: tasks(agent) == [])
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    assert agent.status()["state"] == "pending"
    assert agent.execute(switch())["state"] == "applied"


def test_the_same_plan_again_is_the_same_transaction(agent: Agent, before: Any) -> None:
    first = agent.execute(switch())
    assert agent.execute(switch())["journal"] == first["journal"]
    with pytest.raises(AgentError, match="There is another transaction 't1' on this host") as raised:
        agent.execute([])
    assert raised.value.code == "exists"


def test_drift(agent: Agent, before: Any) -> None:
    query = {"kind": "list", "paths": [FOLDER], "hash": True}
    expect = [{"title": "files of the instance", "query": query, "ignore": ["modified"], "sha256": "0" * 64}]
    with pytest.raises(AgentError) as raised:
        agent.execute(switch(), expect=expect)
    assert (raised.value.code, raised.value.details) == ("drift", {"changed": ["files of the instance"]})
    assert seen(agent) == before


def test_no_administrator(agent: Agent) -> None:
    agent.host.set(administrator=False)
    with pytest.raises(AgentError, match="needs the rights of an administrator") as raised:
        agent.execute([])
    assert raised.value.code == "not_administrator"


@pytest.mark.parametrize("kind", ["folder of another", "link"])
def test_root_that_others_made(new_agent: Agent, kind: str) -> None:
    if kind == "link":
        new_agent.path(r"C:\trap").mkdir()
        new_agent.link(AGENT_ROOT, r"C:\trap", "junction")
    else:
        new_agent.path(AGENT_ROOT).mkdir()
    with pytest.raises(AgentError) as raised:
        new_agent.execute([])
    assert raised.value.code == "not_protected"


@pytest.mark.parametrize("id_", ["", "..", "a/b", "a\\b", "x" * 81, "a\n", "я"])
def test_wrong_ids(agent: Agent, id_: str) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([], id=id_)
    assert raised.value.code == "bad_request"


def test_unknown_transaction(agent: Agent) -> None:
    with pytest.raises(AgentError, match="There is no transaction 'none'"):
        agent.status("none")
