# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The agent's own folder: made for administrators and SYSTEM in one call, refused when anybody else has a hand in it."""

from __future__ import annotations

import json

import pytest

from .conftest import AGENT_ROOT, Agent, AgentError
from .sets import secure

SAFE = "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
OTHERS = {
    "owner": "O:S-1-5-21-1-2-3-1001D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)",
    "reader": "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FR;;;BU)",
    "inherited": "O:BAD:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)",
    "nobody": "O:BAD:P",
}
DEEP = r"C:\ProgramData\one\two"


def refused(agent: Agent, root: str = AGENT_ROOT) -> str:
    plan = {"id": "t9", "instance": "one", "operations": []}
    with pytest.raises(AgentError) as raised:
        agent.ask("execute", root=root, plan=plan, worker={"hash": "0" * 64})
    assert raised.value.code == "not_protected"
    path: str = raised.value.details["path"]
    return path


def test_it_is_protected_from_its_first_moment(new_agent: Agent) -> None:
    """A kill right after its making leaves no folder with another list."""
    new_agent.host.add_fault("after:create_directory", path=AGENT_ROOT, action="kill")
    with pytest.raises(AssertionError):
        new_agent.execute([])
    known = json.loads((new_agent.host.folder / "security.json").read_text("utf-8"))
    assert (new_agent.path(AGENT_ROOT).is_dir(), known[AGENT_ROOT.lower()]) == (True, SAFE)


@pytest.mark.parametrize("sddl", OTHERS.values(), ids=OTHERS.keys())
def test_others_have_a_hand_in_it(agent: Agent, sddl: str) -> None:
    agent.execute([], confirm="automatic")
    secure(agent, AGENT_ROOT, sddl)
    assert refused(agent) == AGENT_ROOT
    for command in ("status", "confirm", "rollback"):
        with pytest.raises(AgentError, match="is a link, or others than Administrators"):
            agent.ask(command, root=AGENT_ROOT, transaction="t1")
    assert agent.query("agent", root=AGENT_ROOT)["protected"] is False


def test_folder_above_it_that_got_another_owner(agent: Agent) -> None:
    """He could rename it, and put another one in its place."""
    plan = {"id": "t1", "instance": "one", "operations": []}
    with pytest.raises(AgentError, match="is not on this host"):
        agent.ask("execute", root=DEEP, plan=plan, worker={"hash": "0" * 64})
    secure(agent, r"C:\ProgramData\one", OTHERS["owner"])
    assert refused(agent, DEEP) == r"C:\ProgramData\one"


def test_link_above_it(agent: Agent) -> None:
    agent.path(r"C:\elsewhere\two").mkdir(parents=True)
    secure(agent, r"C:\elsewhere\two", SAFE)
    agent.link(r"C:\ProgramData\one", r"C:\elsewhere", "junction")
    assert refused(agent, DEEP) == r"C:\ProgramData\one"
