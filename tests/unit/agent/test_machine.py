# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A call that means another machine is refused, whatever it asks for."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import AGENT_ROOT, Agent, AgentError

CALLS: dict[str, dict[str, Any]] = {
    "query": {"queries": []},
    "execute": {"root": AGENT_ROOT, "plan": {}},
    "status": {"root": AGENT_ROOT, "transaction": "t1"},
    "confirm": {"root": AGENT_ROOT, "transaction": "t1"},
    "rollback": {"root": AGENT_ROOT, "transaction": "t1", "reason": "a test"},
    "recover": {"root": AGENT_ROOT},
    "copy_set": {"set": r"D:\set", "to": r"D:\copy"},
    "probe_copy": {"to": r"D:\copy"},
    "request": {"method": "GET", "url": "http://127.0.0.1/", "user": "u", "password": "p"},
}


@pytest.mark.parametrize("command", CALLS)
def test_field_6_5_a_call_for_another_machine_is_refused(program_agent: Agent, command: str) -> None:
    with pytest.raises(AgentError) as refused:
        program_agent.ask(command, machine="another", **CALLS[command])
    assert (refused.value.code, refused.value.details) == ("other_machine", {"machine": "H1"})
    assert str(refused.value) == (
        "This is H1, another machine than the one that was inspected, so nothing was done here. Its address and port lead here now: look "
        "at them in the inventory, and at names, tunnels and balancers between."
    )


def test_field_6_5_the_machine_that_is_meant_answers(program_agent: Agent) -> None:
    own = program_agent.query("identity")["machine_id"]
    assert program_agent.ask("query", queries=[], machine=own)["answers"] == {}


def test_a_clone_with_another_name_and_another_host_of_that_name_are_other_machines(program_agent: Agent) -> None:
    own = program_agent.query("identity")["machine_id"]
    program_agent.variables = {"COMPUTERNAME": "H2"}
    assert program_agent.query("identity")["machine_id"] != own
    program_agent.variables = {}
    key = r"HKLM\SOFTWARE\Microsoft\Cryptography"
    known = program_agent.host.registry.read(key) or {}
    program_agent.host.registry.write(key, {"MachineGuid": "another"})
    try:
        assert program_agent.query("identity")["machine_id"] != own
    finally:
        program_agent.host.registry.write(key, known)
