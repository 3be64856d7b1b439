# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a crash leaves of the last event of a journal reads as if that event had not been written.

So a process that dies in the middle of writing an event is the same case as one that dies before it, and tests/faults, which plays
the second one everywhere, need not play the first.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import FAILING, seen, switch

JOURNAL = AGENT_ROOT + r"\transactions\t1\journal.jsonl"


def confirmed(agent: Agent) -> None:
    agent.execute(switch(), confirm="automatic", on_confirm=[{"op": "remove_file", "path": r"C:\versions\1\bin\x.dll"}])


def undone(agent: Agent) -> None:
    agent.execute([*switch(), FAILING])


def read(agent: Agent, content: bytes) -> dict[str, Any]:
    agent.write(JOURNAL, content)
    return agent.status()


def test_event_that_was_cut_off_by_an_error_spoils_none_behind_it(agent: Agent, before: Any) -> None:
    """The disk is full in the middle of the line; the undo goes on in the same journal."""
    agent.host.add_fault("before:operation:create_link", action="pause")
    agent.execute(switch(), wait=0)
    agent.until_paused()
    journal = agent.path(JOURNAL)
    agent.host.clear_faults()
    agent.host.add_fault("append", path=JOURNAL, action="error", win32=112)
    journal.write_bytes(journal.read_bytes() + b'{"n":99,"ti')
    agent.go_on()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert seen(agent) == before
    assert [event["n"] for event in agent.journal()] == list(range(1, len(agent.journal()) + 1))


def test_news_that_cannot_be_written_fail_nothing(agent: Agent) -> None:
    agent.write(r"C:\data\one.bin", b"1" * 1000)
    agent.host.add_fault("tell", action="error", win32=112)
    items = [{"id": "data", "kind": "tree", "path": r"C:\data"}]
    status = agent.execute([{"op": "backup_set", "directory": r"D:\Backups", "name": "one", "items": items}])
    assert status["state"] == "applied", status["error"]
    assert "progress" not in [event["event"] for event in agent.journal()]


def kind(line: bytes) -> tuple[str, ...]:
    """Events of one kind differ in their values only."""
    event = json.loads(line)
    return (event["event"], str(event.get("op")), *sorted(event))


@pytest.mark.parametrize("flow", [confirmed, undone])
def test_every_kind_of_event_that_is_torn(agent: Agent, before: Any, flow: Any) -> None:
    flow(agent)
    lines = agent.path(JOURNAL).read_bytes().splitlines(keepends=True)
    first_of_each_kind = {kind(line): number for number, line in reversed([*enumerate(lines)]) if number}
    assert len(first_of_each_kind) > 10
    for count in sorted(first_of_each_kind.values()):
        whole, line = b"".join(lines[:count]), lines[count]
        missing = read(agent, whole)
        assert len(missing["journal"]) == count
        for torn in (line[:-1], line[: len(line) // 2]):
            assert read(agent, whole + torn) == missing


OLD, NEW = JOURNAL + ".~agent-old", JOURNAL + ".~agent-new"


def in_the_middle(agent: Agent) -> bytes:
    """The worker of a change died half way; its journal, with a torn last line."""
    agent.host.add_fault("after:operation:remove_link", action="kill")
    agent.execute(switch(), wait=0)
    agent.until_ended()
    return agent.path(JOURNAL).read_bytes() + b'{"n":99,"ti'


@pytest.mark.parametrize("names", [(OLD, NEW), (OLD,), (NEW,)], ids=["both", "old", "new"])
def test_field_7_2_a_journal_between_two_names_is_found_and_the_change_undone(
    agent: Agent, before: Any, names: tuple[str, ...]
) -> None:
    """What an agent of before leaves that dies while it repairs its journal: it put another file in the place of the torn one."""
    torn = in_the_middle(agent)
    agent.path(JOURNAL).unlink()
    for name in names:
        agent.write(name, torn if name == OLD else torn[: torn.rindex(b"\n") + 1])
    agent.host.scheduler.delete(r"\agent\t1")
    assert [one["state"] for one in agent.recover()["recovered"]] == ["rolled_back"]
    assert seen(agent) == before
    agent.until_ended()
    assert agent.left_over() == []


@pytest.mark.parametrize("torn", [b'{"n":99,"ti', b"\0" * 40], ids=["cut short", "without its bytes"])
def test_field_7_2_a_torn_journal_is_shortened_in_place(agent: Agent, before: Any, torn: bytes) -> None:
    """Killed at any point of that, it is still there under its name."""
    in_the_middle(agent)
    journal = agent.path(JOURNAL)
    sound = journal.read_bytes()
    for point in ("before:shorten", "after:shorten"):
        journal.write_bytes(sound + torn)
        agent.host.add_fault(point, action="kill")
        agent.host.scheduler.run(r"\agent\t1")
        agent.until_ended()
        agent.host.clear_faults()
        assert journal.read_bytes() in (sound + torn, sound)
        assert agent.status()["state"] == "running"
    agent.recover()
    assert seen(agent) == before


@pytest.mark.parametrize("place", [r"undo\0.bin", "journal.jsonl.~agent-new", "journal.jsonl.~agent-old"])
def test_field_7_2_what_may_be_left_of_a_change_is_never_removed(agent: Agent, place: str) -> None:
    folder = AGENT_ROOT + r"\transactions\lost"
    agent.execute([])
    agent.write(rf"{folder}\{place}", b"not an event\n")
    calls: list[Callable[[], Any]] = [agent.recover, lambda: agent.execute([], id="t2")]
    for call in calls:
        with pytest.raises(AgentError) as refused:
            call()
        assert refused.value.code == "unreadable_transaction"
        assert str(refused.value) == (
            f"The folder '{folder}' holds what is left of a transaction, but no journal that could be read, so that nobody knows what it "
            "has changed. Nothing is begun on this host before somebody has looked: compare the copies below its folder undo with the "
            "files that they are of, then move the folder elsewhere."
        )
    assert agent.path(rf"{folder}\{place}").exists()


def test_field_7_2_what_a_process_has_locked_is_not_removed(agent: Agent) -> None:
    """Somebody creates a transaction at this moment, or works on one whose journal cannot be seen."""
    folder = AGENT_ROOT + r"\transactions\begun"
    agent.execute([])
    agent.write(rf"{folder}\plan.json", "{}")
    with (agent.path(folder) / "worker.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        agent.recover()
        assert (agent.path(folder) / "plan.json").exists()
    agent.recover()
    assert not agent.path(folder).exists()
