# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The worker program and its task: compiled, registered, started, or the transaction is closed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.host import worker_hash, worker_sources

from .conftest import AGENT_ROOT, Agent, AgentError
from .scenario import seen, switch, tasks


def test_worker_program(new_agent: Agent) -> None:
    plan = {"id": "t1", "instance": "one", "operations": [], "confirm": "automatic"}

    def execute(worker: dict[str, Any]) -> dict[str, Any]:
        return new_agent.ask("execute", root=AGENT_ROOT, plan=plan, worker=worker, wait_seconds=20)

    with pytest.raises(AgentError, match="is not on this host: send its sources along") as raised:
        execute({"hash": worker_hash()})
    assert raised.value.code == "worker_missing"
    sources = worker_sources()
    with pytest.raises(AgentError, match="do not have the hash"):
        execute({"hash": worker_hash(), "sources": sources | {"_Evil.cs": ""}})
    with pytest.raises(AgentError, match="must be a SHA-256"):
        execute({"hash": "..", "sources": sources})
    assert execute({"hash": worker_hash(), "sources": sources})["transaction"]["state"] == "confirmed"
    assert new_agent.query("agent", root=AGENT_ROOT)["workers"] == [worker_hash()]
    plan["id"] = "t2"
    assert execute({"hash": worker_hash()})["transaction"]["state"] == "confirmed"


def test_compiler_refused(new_agent: Agent) -> None:
    new_agent.path(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe").unlink()
    with pytest.raises(AgentError, match=r"csc\.exe' is not on this host"):
        new_agent.execute([])
    assert tasks(new_agent) == []


def test_worker_program_that_is_not_on_the_disk_is_not_believed(new_agent: Agent) -> None:
    new_agent.host.add_fault("flush", path=r"*\bin\*\draft.exe", action="error", win32=1117)
    with pytest.raises(AgentError) as raised:
        new_agent.execute([])
    assert raised.value.details["number"] == 1117
    assert new_agent.query("agent", root=AGENT_ROOT)["workers"] == []
    assert new_agent.execute([], confirm="automatic")["state"] == "confirmed"


def test_task_that_a_power_loss_could_take_away(agent: Agent, before: Any) -> None:
    """Nothing begins before Windows has written the task to the disk."""
    agent.host.add_fault("flush_key", path=r"HKLM\SOFTWARE", action="error", win32=1016)
    with pytest.raises(AgentError) as raised:
        agent.execute(switch())
    assert raised.value.details["number"] == 1016
    assert (agent.status()["state"], tasks(agent)) == ("rolled_back", [])
    assert seen(agent) == before


def test_compiler_on_a_host_with_a_stale_library_path(new_agent: Agent) -> None:
    """What an uninstalled development kit leaves behind: a warning of csc.exe must not stop anything."""
    new_agent.variables["LIB"] = r"C:\Program Files\Gone SDK\Lib;;C:\Windows"
    assert new_agent.execute([], confirm="automatic")["state"] == "confirmed"


def test_task_refused(agent: Agent) -> None:
    agent.path(r"C:\Windows\System32\schtasks.exe").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(AgentError, match=r"could not be registered: schtasks\.exe ended with exit code 1"):
        agent.execute([])
    assert agent.status()["state"] == "rolled_back"


def on_schtasks(agent: Agent, verb: str, script: str) -> None:
    """Puts a program in front of schtasks.exe that plays a script for one of its verbs."""
    program = agent.path(r"C:\Windows\System32\schtasks.exe")
    (program.parent / "real").mkdir()
    real = program.rename(program.parent / "real" / program.name)
    program.write_text(f'#!/bin/sh\nreal="{real}"\ncase "$1" in /{verb}) {script};; esac\nexec "$real" "$@"\n')
    program.chmod(0o755)


def test_no_task_is_left_of_a_worker_that_cannot_be_started(agent: Agent) -> None:
    on_schtasks(agent, "Run", "exit 1")
    with pytest.raises(AgentError, match="could not be started"):
        agent.execute([])
    assert agent.status()["state"] == "rolled_back"
    assert tasks(agent) == []


def test_task_program_that_windows_does_not_start(agent: Agent) -> None:
    """Process.Start throws what is no Failure, and the transaction is over all the same."""
    agent.path(r"C:\Windows\System32\schtasks.exe").chmod(0o644)
    with pytest.raises(AgentError) as raised:
        agent.execute([])
    assert raised.value.code == "win32"
    assert agent.status()["state"] == "rolled_back"
    assert agent.status()["error"]["code"] == "win32"


def test_worker_that_runs_although_its_start_failed(agent: Agent, before: Any) -> None:
    """The caller does not write into the journal of a living worker."""
    agent.host.add_fault("operation:write_file", action="pause")
    until_it_runs = 'until [ -e "$STANDIN_HOST/paused.worker" ]; do sleep 0.1; done'
    on_schtasks(agent, "Run", f'env -u STANDIN_EXIT_CODE_FILE "$real" "$@"; {until_it_runs}; exit 1')
    agent.execute(switch(), wait=0)
    agent.go_on()
    agent.until_ended()
    assert agent.status()["state"] == "applied"
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl").read_text("utf-8")
    numbers = [json.loads(line)["n"] for line in journal.splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))
