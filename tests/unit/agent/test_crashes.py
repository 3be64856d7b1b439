# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A transaction killed anywhere, cut off from power, torn on the disk: found again and put right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import FAILING, FOLDER, seen, switch


@pytest.fixture
def confirming(agent: Agent, before: Any) -> Any:
    """A transaction whose confirm has begun, and whose worker was killed then; `seen` when it is applied."""
    agent.execute(switch(), on_confirm=[{"op": "remove_file", "path": r"C:\versions\1\bin\x.dll"}])
    after = seen(agent)
    agent.host.add_fault("after:confirm:remove_file", action="kill")
    agent.ask("confirm", root=AGENT_ROOT, transaction="t1", wait_seconds=0)
    agent.until(lambda: not agent.path(r"C:\versions\1\bin\x.dll").exists())
    agent.until_ended()
    return after


def test_confirm_that_was_interrupted_goes_on(agent: Agent, confirming: Any) -> None:
    assert agent.status()["state"] == "applied"
    with pytest.raises(AgentError, match="cannot be rolled back: its confirm has begun") as raised:
        agent.rollback()
    assert raised.value.code == "wrong_state"
    assert agent.confirm()["state"] == "confirmed"
    assert seen(agent) == confirming


def test_rollback_that_came_after_the_begin_of_the_confirm(agent: Agent, confirming: Any) -> None:
    """It was written at the moment in which the worker took the confirm."""
    agent.write(AGENT_ROOT + r"\transactions\t1\rollback", "too late")
    assert agent.confirm()["state"] == "confirmed"
    assert seen(agent) == confirming


def test_abandoned_confirm_is_finished_by_the_next_transaction(agent: Agent, confirming: Any) -> None:
    status = agent.execute([], id="t2")
    assert [(one["id"], one["state"]) for one in status["recovered"]] == [("t1", "confirmed")]
    assert seen(agent) == confirming


def test_recover_finishes_an_abandoned_confirm(agent: Agent, confirming: Any) -> None:
    answer = agent.ask("recover", root=AGENT_ROOT, wait_seconds=30)
    assert [one["state"] for one in answer["recovered"]] == ["confirmed"]
    assert seen(agent) == confirming


def test_confirm_keeps_what_the_operations_saved(agent: Agent, confirming: Any) -> None:
    undo = agent.path(AGENT_ROOT + r"\transactions\t1\undo")
    assert (undo / "0.saved").read_text() == "old too"
    assert (undo / "confirm-0.saved").read_text() == "1"


POINTS = [
    "copy",
    "after:copy",
    "write",
    "after:write",
    "replace",
    "after:replace",
    "delete",
    "after:delete",
    "remove_link",
    "after:remove_link",
    "create_link",
    "after:create_link",
    "registry",
    "after:registry",
    "operation:create_link",
    "after:operation:create_link",
    "after:operation:environment_variable",
]


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere(agent: Agent, before: Any, point: str) -> None:
    """Found dead by the next look, it is undone by a new worker; kills hit the instance, not the journal."""
    agent.host.add_fault(point, path=_path_of(point), action="kill")
    status = agent.execute(switch())
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert status["undo_errors"] == []
    assert seen(agent) == before


def _path_of(point: str) -> str:
    if "copy" in point:
        return r"*\undo\*"
    return "*" if "operation" in point or "registry" in point else FOLDER + r"\*"


@pytest.mark.parametrize("point", ["undo:create_link", "after:undo:write_file", "after:undo:remove_file"])
def test_killed_while_undoing(agent: Agent, before: Any, point: str) -> None:
    agent.host.add_fault(point, action="kill")
    status = agent.execute([*switch(), FAILING])
    assert status["state"] == "rolled_back"
    assert status["error"]["code"] == "not_a_link"
    assert seen(agent) == before


def test_deadline(agent: Agent, before: Any) -> None:
    assert agent.execute(switch(), deadline_seconds=2)["state"] == "applied"
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert agent.status()["error"]["code"] == "deadline"
    assert seen(agent) == before


def test_power_loss_in_the_middle(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="delay", seconds=60)
    status = agent.execute(switch(), wait=0)
    agent.until(lambda: (agent.status()["current"] or {}).get("index") == 3)
    agent.host.clear_faults()
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    status = agent.status()
    assert status["error"]["code"] == "interrupted"
    assert seen(agent) == before


def test_reboot_while_waiting_for_confirm(agent: Agent, before: Any) -> None:
    """Nothing starts by itself while a confirm is awaited, so a boot leaves nothing to be judged: back to the old."""
    assert agent.execute(switch())["state"] == "applied"
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert agent.status()["error"]["code"] == "restart"
    assert seen(agent) == before


def test_transaction_that_was_recovered_still_tells_what_it_is_about(agent: Agent, before: Any) -> None:
    about = {"purpose": "upgrade", "hop": 1}
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), about=about, wait=0)
    agent.until_ended()
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert agent.status()["about"] == about
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), id="t2", about=about, wait=0)
    agent.until_ended("t2")
    answer = agent.ask("recover", root=AGENT_ROOT, wait_seconds=30)
    assert [(one["id"], one["state"], one["about"]) for one in answer["recovered"]] == [("t2", "rolled_back", about)]
    assert {one["id"]: one["about"] for one in agent.query("agent", root=AGENT_ROOT)["transactions"]} == {
        "t1": about,
        "t2": about,
    }


def test_step_below_one_that_could_not_be_undone_waits_for_it(agent: Agent, before: Any) -> None:
    """The old link may not come back while the new one's undo is open: that would find the old one in its place."""
    agent.refuse_lastingly("after:undo:create_link")
    status = agent.execute([*switch(), FAILING])
    assert status["state"] == "held"
    codes = {(error["operation"], error["code"]) for error in status["undo_errors"]}
    assert codes == {(3, "win32"), (2, "withheld")}
    (later,) = [error["message"] for error in status["undo_errors"] if error["code"] == "withheld"]
    assert later == (
        "Not undone yet, because a later step at the same path could not be undone. Repair what is named there, and roll back again."
    )
    agent.host.clear_faults()
    assert agent.recover()["recovered"][0]["state"] == "rolled_back"
    assert seen(agent) == before


def test_confirm_insists(agent: Agent, before: Any) -> None:
    file = r"C:\versions\1\bin\x.dll"
    agent.host.add_fault("delete", path=file, action="error", win32=5, times=9)
    status = agent.execute([], confirm="automatic", on_confirm=[{"op": "remove_file", "path": file}])
    assert (status["state"], status["owed"]) == ("confirmed", [])
    assert not agent.path(file).exists()


@pytest.mark.parametrize("point", ["before:program", "after:program"])
def test_worker_that_died_after_its_last_event(agent: Agent, before: Any, point: str) -> None:
    """Its task would tidy up within minutes; the next call does it at once. (Lock files go with their process on Windows only.)"""

    def left() -> list[str]:
        return [one for one in agent.left_over() if not one.endswith(".lock")]

    agent.host.add_fault(point, path="schtasks.exe /Delete*", action="kill")
    assert agent.execute([*switch(), FAILING])["state"] == "rolled_back"
    agent.until_ended()
    assert left() != []
    assert agent.recover() == {"ok": True, "recovered": [], "unfinished": []}
    assert left() == []


def test_torn_last_line_of_the_journal(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    assert agent.status()["state"] == "running"
    assert agent.rollback()["state"] == "rolled_back"
    assert seen(agent) == before
    assert all(json.loads(line) for line in journal.read_text("utf-8").splitlines())


def test_power_loss_leaves_zeros_for_the_last_line_of_the_journal(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + b"\0" * 40 + b"\n")
    assert agent.status()["state"] == "running"
    assert agent.rollback()["state"] == "rolled_back"
    assert seen(agent) == before
    assert all(json.loads(line) for line in journal.read_text("utf-8").splitlines())


def test_damage_before_the_last_line_of_the_journal_is_not_overlooked(agent: Agent) -> None:
    agent.execute([], confirm="automatic")
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"\0\n" + b"".join(lines[2:]))
    with pytest.raises(AgentError):
        agent.status()


@pytest.mark.parametrize("head", [b"", b'{"n":1,"ti', b"\0" * 90 + b"\n"])
def test_creation_interrupted_before_its_first_event(agent: Agent, before: Any, head: bytes) -> None:
    """What never was a transaction is in nobody's way, and its id is free."""
    agent.execute([], id="t0", instance="two", confirm="automatic")
    journal = AGENT_ROOT + r"\transactions\t1\journal.jsonl"
    agent.write(AGENT_ROOT + r"\transactions\t1\plan.json", "{}")
    agent.write(journal, head)
    assert agent.ask("recover", root=AGENT_ROOT, wait_seconds=30)["unfinished"] == []
    with pytest.raises(AgentError, match="There is no transaction 't1'"):
        agent.status()
    assert agent.execute(switch())["state"] == "applied"
    assert all(json.loads(line) for line in agent.path(journal).read_text("utf-8").splitlines())
