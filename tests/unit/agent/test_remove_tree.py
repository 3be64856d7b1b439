# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody needs any more is removed on request: nothing else, nothing halfway, and nothing while somebody may need it."""

from __future__ import annotations

import fcntl
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations
from ansible_collections.comindware.platform.plugins.plugin_utils.host import worker_hash

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import tasks
from .sets import TREE, backup, fill, listing, secure

SETS = r"D:\Backups"
OLD_WORKER = rf"{AGENT_ROOT}\bin\{'0' * 64}"
PRISTINE = rf"{AGENT_ROOT}\pristine\5.0.1.0"
EARLIER = rf"{AGENT_ROOT}\transactions\earlier"
SET = rf"{SETS}\a"


def remove(agent: Agent, *paths: str, **plan: Any) -> dict[str, Any]:
    steps = [operations.remove_tree(path) for path in paths]
    plan = {"id": "cleanup", "instance": "host cleanup", "confirm": "automatic", "on_confirm": steps, **plan}
    return agent.execute([], **plan)


def removed(status: dict[str, Any]) -> list[str]:
    ends = [one for one in status["journal"] if one["event"] == "done" and one["op"] == "remove_tree"]
    return [path for one in ends for path in one["removed"]]


def refusal(status: dict[str, Any]) -> str:
    (error,) = status["confirm_errors"]
    return str(error["message"])


@pytest.fixture
def old(agent: Agent) -> list[str]:
    """A finished transaction, a worker of another version, pristine files, a set."""

    def make() -> None:
        fill(agent)
        assert agent.execute([], id="earlier", confirm="automatic")["state"] == "confirmed"
        agent.write(OLD_WORKER + r"\agent.exe", "x")
        agent.write(PRISTINE + r"\Web.config", "x")
        assert agent.execute([backup(TREE, name="a")], id="made", confirm="automatic")["state"] == "confirmed"

    agent.begin("with what nobody needs", make)
    return [OLD_WORKER, PRISTINE, EARLIER, SET]


def test_all_of_it_goes_and_a_second_time_changes_nothing(agent: Agent, old: list[str]) -> None:
    status = remove(agent, *old)
    assert (status["state"], status["confirm_errors"], removed(status)) == ("confirmed", [], old)
    assert [path for path in old if agent.path(path).exists()] == []
    assert listing(agent, rf"{AGENT_ROOT}\removed") == [] == agent.left_over()
    assert listing(agent, rf"{AGENT_ROOT}\transactions") == ["cleanup", "made"]
    again = remove(agent, *old, id="again")
    assert (again["state"], again["confirm_errors"], removed(again)) == ("confirmed", [], [])


def test_what_an_interrupted_removal_has_left_goes_too(agent: Agent, old: list[str]) -> None:
    rest, set_rest = rf"{AGENT_ROOT}\removed\bin 1", rf"{SETS}\b.~agent-removed"
    agent.write(rest + r"\agent.exe", "x")
    agent.path(SET).rename(agent.path(set_rest))
    assert removed(remove(agent, rest, set_rest)) == [rest, set_rest]
    assert listing(agent, rf"{AGENT_ROOT}\removed") == listing(agent, SETS) == []


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Program Files\Comindware\CBAP\5.0.1.0",
        r"D:\Backups",
        r"D:\Backups\mine",
        r"C:\Windows",
        AGENT_ROOT,
        rf"{AGENT_ROOT}\bin",
        rf"{AGENT_ROOT}\locks",
        rf"{AGENT_ROOT}\transactions\earlier\undo",
        "C:\\",
    ],
)
def test_everything_else_stays(agent: Agent, old: list[str], path: str) -> None:
    agent.write(path.rstrip("\\") + r"\mine.txt", "mine")
    status = remove(agent, path)
    assert refusal(status) == (
        f"'{path}' stays: it is neither a folder that the agent keeps for itself nor a backup set that is done and that only "
        "administrators can write to. Look at it, and delete it yourself."
    )
    assert agent.path(path.rstrip("\\") + r"\mine.txt").exists()


def test_a_set_that_is_being_made_or_that_others_could_change_stays(agent: Agent, old: list[str]) -> None:
    complete = agent.path(SET) / "complete"
    content = complete.read_bytes()
    complete.unlink()
    assert "Look at it, and delete it yourself." in refusal(remove(agent, SET))
    complete.write_bytes(content)
    secure(agent, SET, "O:S-1-5-21-1-1-1-1001D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)")
    assert "Look at it, and delete it yourself." in refusal(remove(agent, SET, id="again"))
    assert complete.exists()


def test_nothing_goes_through_a_link(agent: Agent, old: list[str]) -> None:
    agent.write(r"C:\elsewhere\keep", "k")
    agent.link(rf"{AGENT_ROOT}\pristine\5.0.2.0", r"C:\elsewhere")
    agent.link(rf"{PRISTINE}\link", r"C:\elsewhere")
    status = remove(agent, rf"{AGENT_ROOT}\pristine\5.0.2.0", PRISTINE)
    assert [error["code"] for error in status["confirm_errors"]] == ["link_in_path"]
    assert removed(status) == [PRISTINE]
    assert agent.path(r"C:\elsewhere\keep").exists()


def test_nothing_goes_while_another_transaction_is_not_finished(agent: Agent, old: list[str]) -> None:
    waiting = agent.execute([], id="waiting", deadline_seconds=600)
    assert waiting["state"] == "applied"
    assert refusal(remove(agent, PRISTINE)) == (
        f"The transaction 'waiting' of 'one', begun by somebody at {waiting['created']}, is not finished: its state is applied. It "
        f"waits for a confirm until {waiting['deadline']}. Confirm it or roll it back first, or try again after that time."
    )
    assert agent.path(PRISTINE).exists()
    agent.confirm("waiting")
    assert removed(remove(agent, PRISTINE, id="again")) == [PRISTINE]


@pytest.mark.parametrize("path", [rf"{AGENT_ROOT}\bin\{worker_hash()}", rf"{AGENT_ROOT}\transactions\cleanup"])
def test_it_does_not_saw_off_its_own_branch(agent: Agent, path: str) -> None:
    assert refusal(remove(agent, path)) == (
        f"'{path}' stays: the transaction 'cleanup', which is to remove it, needs it itself. Run this again in a few minutes."
    )
    assert agent.path(path).exists()


def test_a_transaction_whose_task_is_left_goes_with_its_task(agent: Agent, old: list[str]) -> None:
    """A task of a transaction that is gone would fail every few minutes. While its worker ends, the transaction stays."""
    agent.write(EARLIER + r"\task.xml", "x")
    with agent.path(EARLIER + r"\worker.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status = remove(agent, EARLIER, PRISTINE)
    assert refusal(status) == f"'{EARLIER}' stays: its task is still registered. Run this again in a few minutes."
    assert removed(status) == [PRISTINE]
    agent.path(EARLIER + r"\worker.lock").unlink()
    assert removed(remove(agent, EARLIER, id="again")) == [EARLIER]
    agent.until(lambda: tasks(agent) == [])


def test_while_somebody_begins_a_transaction_nothing_goes(agent: Agent, old: list[str]) -> None:
    """Who has its turn may just be writing down that it needs what is to go."""
    agent.host.add_fault("confirm:remove_tree", action="pause")
    remove(agent, PRISTINE, wait=0)
    agent.until_paused()
    turn = agent.path(rf"{AGENT_ROOT}\locks\execute.lock")
    with turn.open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        agent.go_on()
        assert agent.status("cleanup", wait=3)["state"] == "running"
        assert agent.path(PRISTINE).exists()
        turn.unlink()
    agent.until_ended("cleanup")
    assert removed(agent.status("cleanup")) == [PRISTINE]


@pytest.mark.parametrize("number", range(4), ids=["worker", "pristine", "transaction", "set"])
@pytest.mark.parametrize("point", ["move", "after:move", "delete", "after:delete"])
def test_killed_in_the_middle(agent: Agent, old: list[str], point: str, number: int) -> None:
    """It loses its name first; what is left then is no transaction, no program and no set, and the next worker removes it."""
    is_set = old[number] == SET
    leaving = rf"{SET}.~agent-removed" if is_set else rf"{AGENT_ROOT}\removed\*"
    agent.host.add_fault(point, path=rf"{leaving}*", action="kill")
    status = remove(agent, old[number], wait=60)
    assert (status["state"], status["confirm_errors"]) == ("confirmed", [])
    assert not agent.path(old[number]).exists()
    assert listing(agent, SETS) == ([] if is_set else ["a"])
    assert is_set or listing(agent, rf"{AGENT_ROOT}\removed") == []
    agent.until(lambda: tasks(agent) == [])


def test_one_that_somebody_holds_keeps_no_other(agent: Agent, old: list[str]) -> None:
    agent.host.add_fault("move", path=rf"{AGENT_ROOT}\removed\bin*", action="error", win32=5, times=99)
    status = remove(agent, OLD_WORKER, PRISTINE)
    assert [error["details"]["number"] for error in status["confirm_errors"]] == [5]
    assert (status["state"], removed(status)) == ("confirmed", [PRISTINE])
    assert agent.path(OLD_WORKER + r"\agent.exe").exists()


def test_it_belongs_to_the_confirm(agent: Agent) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([operations.remove_tree(PRISTINE)])
    assert str(raised.value) == "remove_tree belongs in on_confirm: nothing brings back what it removes."
