# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The agent itself, compiled as Windows PowerShell 5.1 compiles it, on a stand-in host without a product."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache as once
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.host import worker_hash, worker_sources
from standin.host import Host
from standin.modules import Module

from . import scenario, sets
from .machine import NEW, Machine, Made

ROOT = Path(__file__).resolve().parents[3]
AGENT_ROOT = r"C:\Program Files\agent"
_READY = "with a worker"
_FOR_EVER_SECONDS = 600


class AgentError(Exception):
    """An answer that is not ok."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: str = error["code"]
        self.details: dict[str, Any] = error["details"]


class Agent:
    """Sends requests to the agent on a host, and gives tests a look at the host's disks."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.variables: dict[str, str] = {}

    @property
    def host(self) -> Host:
        return self._machine.host

    @cached_property
    def _module(self) -> Module:
        return self.host.runtime.module(_worker()["sources"], self._machine.cache)

    def begin(self, image: str, prepare: Callable[[], Made], of: str = _READY) -> Made:
        """The host as `prepare` left it, which works once for all tests of a process; what it gave then."""
        return self._machine.begin(image, prepare, of)

    def run(self, request: dict[str, Any] | bytes) -> dict[str, Any]:
        """The answer as it is."""
        data = request if isinstance(request, bytes) else base64.b64encode(json.dumps(request).encode())
        variables = self.host.runtime.environment | self.variables
        done = self._module(data, variables, self.path("C:\\")).end()
        assert done.exit_code == 0, done.stderr.decode()
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def ask(self, command: str, **fields: Any) -> dict[str, Any]:
        """The answer; one that is not ok is raised as AgentError."""
        answer = self.run({"command": command, **fields})
        if not answer["ok"]:
            raise AgentError(answer["error"])
        return answer

    def query(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The answer of one query; an error in it is raised as AgentError."""
        answer: dict[str, Any] = self.ask("query", queries=[{"id": "it", "kind": kind, **fields}])["answers"]["it"]
        if "error" in answer:
            raise AgentError(answer["error"])
        return answer

    def execute(self, operations: list[dict[str, Any]], wait: int = 30, **plan: Any) -> dict[str, Any]:
        """Runs a plan; the transaction as it rests."""
        plan = {
            "id": "t1",
            "instance": "one",
            "title": "a test",
            "confirm": "required",
            "operations": operations,
        } | plan
        answer: dict[str, Any] = self.ask(
            "execute", root=AGENT_ROOT, plan=plan, worker=self.worker(), wait_seconds=wait
        )
        return {**self._at_rest(answer["transaction"], wait), "recovered": answer["recovered"]}

    def worker(self) -> dict[str, Any]:
        """What says which worker program is wanted, with the sources where the host does not have it."""
        there = self.path(rf"{AGENT_ROOT}\bin\{_worker()['hash']}\agent.exe").exists()
        return {"hash": _worker()["hash"]} if there else _worker()

    def status(self, transaction: str = "t1", wait: int = 0, since: int = 0, prolong: bool = False) -> dict[str, Any]:
        fields = {
            "root": AGENT_ROOT,
            "transaction": transaction,
            "since": since,
            "wait_seconds": wait,
            "prolong": prolong,
        }
        status: dict[str, Any] = self.ask("status", **fields)["transaction"]
        return status

    def confirm(self, transaction: str = "t1") -> dict[str, Any]:
        answer = self.ask("confirm", root=AGENT_ROOT, transaction=transaction, wait_seconds=30)
        return self._at_rest(answer["transaction"], 30)

    def rollback(self, transaction: str = "t1", reason: str = "a test", force: bool = False) -> dict[str, Any]:
        fields = {"transaction": transaction, "reason": reason, "force": force, "wait_seconds": 30}
        return self._at_rest(self.ask("rollback", root=AGENT_ROOT, **fields)["transaction"], 30)

    def until_ended(self, transaction: str = "t1") -> None:
        """Until no process works on it. One that has reached its state still tidies up, and what a test sees depends on that."""
        self.until(lambda: not self.host.scheduler.running(rf"\agent\{transaction}"))

    def _at_rest(self, status: dict[str, Any], wait: int) -> dict[str, Any]:
        if not wait:
            return status
        self.until_ended(status["id"])
        return {**status, **self.status(status["id"])} if status["worker"] else status

    def refuse_lastingly(self, point: str) -> None:
        """Access is denied there for longer than the agent bears it."""
        self.host.set(patience_percent=1)
        self.host.add_fault(point, action="error", win32=5, times=99)

    def recover(self, instance: str | None = None) -> dict[str, Any]:
        """What was recovered and what is left unfinished, of one instance or of all."""
        named = {"instance": instance} if instance else {}
        return self.ask("recover", root=AGENT_ROOT, wait_seconds=30, **named)

    def until_paused(self, process: str = "worker") -> None:
        """Until such a process of the host stands still, at a fault with the action `pause`."""
        self.until(lambda: self.is_paused(process))

    def is_paused(self, process: str) -> bool:
        return (self.host.folder / f"paused.{process}").exists()

    def go_on(self, process: str = "worker") -> None:
        """That process no longer stands still."""
        (self.host.folder / f"paused.{process}").unlink()

    def lose_power_at_pause(self) -> None:
        """The host goes off and on while a process of it stands still."""
        self.until_paused()
        self.host.clear_faults()
        self.host.stop()
        self.go_on()
        self.host.start()

    def journal(self, transaction: str = "t1") -> list[dict[str, Any]]:
        """The events on the disk."""
        text = self.path(rf"{AGENT_ROOT}\transactions\{transaction}\journal.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def left_over(self) -> list[str]:
        """What may not stay when nobody works: tasks, locks, drafts, decisions, marks."""
        folder = self.path(AGENT_ROOT)
        names = {"task.xml", "confirm", "rollback", "force"}
        files = [path for path in folder.rglob("*") if path.is_file()]
        left = [str(path.relative_to(folder)) for path in files if path.suffix == ".lock" or ".~agent" in path.name]
        left += [str(path.relative_to(folder)) for path in files if path.name in names]
        marks = self.host.folder / "marks"
        return sorted(left + self.host.scheduler.names() + [mark.name for mark in marks.glob("*")])

    def path(self, windows: str) -> Path:
        """The file behind a Windows path."""
        return self.host.drives.real(windows)

    def write(self, windows: str, content: str | bytes) -> None:
        self.host.drives.write(windows, content.encode() if isinstance(content, str) else content)

    def link(self, windows: str, target: str, kind: str = "symlink_directory") -> None:
        end = {"symlink_file": "", "symlink_directory": "/", "junction": "/./"}[kind]
        link = self.link_path(windows)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(str(self.path(target)) + end)

    def link_path(self, windows: str) -> Path:
        """The link behind a Windows path, not followed."""
        parent, _, name = windows.rpartition("\\")
        return self.path(parent) / name

    def until(self, condition: Callable[[], bool]) -> None:
        """The limit decides nothing, it only ends a test that would go on for ever."""
        end = time.monotonic() + _FOR_EVER_SECONDS
        while not condition():
            assert time.monotonic() < end, "this did not happen"
            time.sleep(0.1)


@once
def _worker() -> dict[str, Any]:
    return {"hash": worker_hash(), "sources": worker_sources()}


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"), cache)


@pytest.fixture
def any_agent(machine: Machine) -> Iterator[Agent]:
    """The agent on a host that begins with an image."""
    yield Agent(machine)
    machine.host.stop()


@pytest.fixture
def new_agent(any_agent: Agent, machine: Machine) -> Agent:
    """The agent on a host that has never seen it."""
    machine.switch_on(NEW)
    return any_agent


@pytest.fixture
def agent(any_agent: Agent) -> Agent:
    """The agent on a host that has its worker program: it need not be compiled in each test."""

    def compile_worker() -> None:
        any_agent.execute([], confirm="automatic")
        shutil.rmtree(any_agent.path(rf"{AGENT_ROOT}\transactions\t1"))

    any_agent.begin(_READY, compile_worker, of=NEW)
    return any_agent


@pytest.fixture(scope="session")
def program_agent(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[Agent]:
    """One agent for tests that change nothing."""
    machine = Machine(tmp_path_factory.mktemp("program_machine"), cache)
    machine.host.start()
    yield Agent(machine)
    machine.host.stop()


@pytest.fixture
def before(agent: Agent) -> Any:
    """The state that a transaction must come back to."""
    return scenario.prepare(agent)


@pytest.fixture
def data(agent: Agent) -> str:
    """A folder with data to back up."""
    return sets.fill(agent)
