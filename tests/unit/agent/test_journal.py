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
from .scenario import FAILING, switch

JOURNAL = AGENT_ROOT + r"\transactions\t1\journal.jsonl"


def confirmed(agent: Agent) -> None:
    agent.execute(switch(), confirm="automatic", on_confirm=[{"op": "remove_file", "path": r"C:\versions\1\bin\x.dll"}])


def undone(agent: Agent) -> None:
    agent.execute([*switch(), FAILING])


def read(agent: Agent, content: bytes) -> dict[str, Any]:
    agent.write(JOURNAL, content)
    return agent.status()


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
