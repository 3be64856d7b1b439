# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a crash leaves of the last event of a journal reads as if that event had not been written.

So a process that dies in the middle of writing an event is the same case as one that dies before it, and tests/faults, which plays
the second one everywhere, need not play the first.
"""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import AGENT_ROOT, Agent
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
    agent.until((agent.host.folder / "paused").exists)
    journal = agent.path(JOURNAL)
    agent.host.clear_faults()
    agent.host.add_fault("append", path=JOURNAL, action="error", win32=112)
    journal.write_bytes(journal.read_bytes() + b'{"n":99,"ti')
    (agent.host.folder / "paused").unlink()
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


@pytest.mark.parametrize("flow", [confirmed, undone])
def test_every_event_that_is_torn(agent: Agent, before: Any, flow: Any) -> None:
    flow(agent)
    lines = agent.path(JOURNAL).read_bytes().splitlines(keepends=True)
    assert len(lines) > 20
    for count, line in enumerate(lines[1:], 1):
        whole = b"".join(lines[:count])
        missing = read(agent, whole)
        assert len(missing["journal"]) == count
        for torn in (line[:-1], line[: len(line) // 2]):
            assert read(agent, whole + torn) == missing
