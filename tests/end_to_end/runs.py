# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real runs of ansible-playbook against a stand-in fleet."""

from __future__ import annotations

import json
import os
import subprocess
from atexit import register
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from end_to_end.preloaded import Preloaded
from standin.fleet import Fleet
from standin.snapshot import Snapshot
from standin.testing import wait_until
from untested import not_tested

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
HERE = Path(__file__).parent

OLD, NEW = "5.0.13334.0", "5.0.24055.0"
SALES: dict[str, Any] = {"versions": [OLD, NEW], "instances": [{"name": "sales", "version": OLD, "language": "en"}]}
"""A host with one instance that a single hop brings to NEW."""

# What an upgrade may leave behind: logs, the agent, the backups.
LEFT_BEHIND = (
    r"*\Logs\*",
    r"*\Windows\Temp\*",
    r"C:\Program Files\comindware.platform*",
    r"C:\ProgramData\comindware.platform*",
)

QUICK = {"upgrade_health": {"stable": 1, "interval": 1, "timeout": 60}}

ANSWERED: dict[str, Any] = {
    "upgrade_acknowledged": ["adjust_applications"],
    "upgrade_inputs": {
        name: {"search_index_prefix": f"erp_{number}"} for number, name in enumerate(("sales", "hr", "Продажи"))
    },
}
"""What the policy wants of an operator on the way to NEW."""


@dataclass(frozen=True)
class Result:
    """What one task of a run returned on one host."""

    outcome: str
    host: str
    action: str
    task: str
    result: dict[str, Any]


@dataclass(frozen=True)
class Run:
    """An ended ansible-playbook."""

    status: int
    output: str
    results: list[Result]

    @classmethod
    def ended(cls, status: int, output: str, results: Path) -> Run:
        """One that wrote its results into the file, if it came to any."""
        lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
        return cls(status, output, [Result(**json.loads(line)) for line in lines])

    def of(self, action: str, host: str | None = None) -> list[dict[str, Any]]:
        """Results of a module of the collection, in order."""
        return [
            one.result
            for one in self.results
            if one.action == f"comindware.platform.{action}" and host in (None, one.host)
        ]

    def only(self, action: str, host: str | None = None) -> dict[str, Any]:
        """The result of a module that ran once."""
        found = self.of(action, host)
        assert len(found) == 1, self.output
        return found[0]

    def message(self, host: str | None = None) -> str:
        """Of the only failed task."""
        failed = [one.result["msg"] for one in self.results if one.outcome == "failed" and host in (None, one.host)]
        assert len(failed) == 1, self.output
        return str(failed[0])


def wanted(variables: dict[str, Any]) -> dict[str, Any]:
    """Variables of an upgrade that is quick and gets its answers, with those given."""
    return {"upgrade_target_version": NEW, **QUICK, **ANSWERED, **variables}


def environment(folder: Path, results: Path) -> dict[str, str]:
    """Of an ansible-playbook that keeps its own things in the folder, and writes its results into the file."""
    foreign = ("ANSIBLE_", "CONTROLLER_", "TOWER_")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(foreign)},
        "ANSIBLE_CONFIG": str(HERE / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": os.environ.get("COLLECTIONS_UNDER_TEST", str(BUILD)),
        "ANSIBLE_HOME": str(folder / "ansible"),
        "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback"),
        "ANSIBLE_CALLBACKS_ENABLED": "results",
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "RESULTS_FILE": str(results),
    }


def programs_of(environment: str) -> Path:
    """Where the programs of a virtual environment below .build are. One of an ansible-core that has no Python here skips the test, and
    fails it where CI runs.
    """
    programs = BUILD / environment / "bin"
    if not programs.exists():
        core = environment.removeprefix("core-")
        not_tested(f"ansible-core {core}: there is no Python for it here (see tools/setup)")
    return programs


def play_with(playbook: Preloaded, results: Path, *arguments: str) -> Run:
    """Runs ansible-playbook with these arguments. What it prints lies beside its results."""
    results.unlink(missing_ok=True)
    output = results.with_name("output")
    status = playbook.run(output, *arguments, RESULTS_FILE=str(results))
    return Run.ended(status, output.read_text(encoding="utf-8"), results)


@cache
def preloaded(name: str) -> Preloaded:
    """The ansible-playbook of a virtual environment, one for all tests of this process; it ends with it."""
    programs = programs_of(name)
    home = TemporaryDirectory(prefix="ansible-")
    made = Preloaded(programs / "python", environment(Path(home.name), Path(os.devnull)))
    register(home.cleanup)
    register(made.stop)
    return made


class Controller:
    """An ansible-core that plays; `variables` are added to its environment, and make each run a program of its own."""

    def __init__(self, fleet: Fleet, folder: Path, environment: str = "venv") -> None:
        self.fleet = fleet
        self.variables: dict[str, str] = {}
        self._folder = folder
        self._environment_name = environment
        self._programs = programs_of(environment)
        self._results = folder / "results.jsonl"

    def playbook(self, name: str, *arguments: str, **variables: Any) -> Run:
        """Runs a playbook of the collection, or a file."""
        if self.variables:
            self._results.unlink(missing_ok=True)
            with self.begin(name, *arguments, **variables) as process:
                output = process.communicate()[0]
            return Run.ended(process.returncode, output, self._results)
        return play_with(preloaded(self._environment_name), self._results, *self._arguments(name, arguments, variables))

    def begin(self, name: str, *arguments: str, **variables: Any) -> subprocess.Popen[str]:
        """Starts ansible-playbook in a process group of its own."""
        return subprocess.Popen(
            self._command(name, arguments, variables),
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def begin_at(self, terminal: int, name: str, *arguments: str, **variables: Any) -> subprocess.Popen[bytes]:
        """Starts ansible-playbook in a process group of its own, with a terminal for all that it reads and writes. Ctrl-C ends it there,
        also where the tests run in the background of a shell, which has its programs ignore that.
        """
        return subprocess.Popen(
            ["env", "--default-signal=INT", *self._command(name, arguments, variables)],
            env={**self._environment(), "TERM": "xterm"},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )

    def inspect(self, **variables: Any) -> Run:
        return self.playbook("comindware.platform.inspect", **variables)

    def upgrade(self, *arguments: str, **variables: Any) -> Run:
        """Plays the role on each host by itself."""
        return self.playbook(str(HERE / "role.yml"), *arguments, **wanted(variables))

    def fleet_upgrade(self, *arguments: str, **variables: Any) -> Run:
        """Plays the playbook, which counts over all hosts."""
        return self.playbook("comindware.platform.upgrade", *arguments, **wanted(variables))

    def task(self, module: str, *arguments: str, **options: Any) -> Run:
        """Runs one module of the collection on all hosts."""
        play = {
            "name": "One task",
            "hosts": "all",
            "gather_facts": False,
            "tasks": [{"name": module, f"comindware.platform.{module}": options}],
        }
        file = self._folder / "task.yml"
        file.write_text(yaml.safe_dump([play], allow_unicode=True), encoding="utf-8")
        return self.playbook(str(file), *arguments)

    def changes(self, before: Snapshot, host: str = "app01", ignore: tuple[str, ...] = LEFT_BEHIND) -> list[str]:
        """What has changed on a host since, when its worker is gone: it deletes its task last, after it has told the state."""
        machine = self.fleet.hosts[host]
        wait_until(lambda: machine.scheduler.names() == [])
        return before.differences(machine.snapshot(), ignore=ignore)

    def running_version(self, host: str, instance: str) -> str | None:
        """The version that an instance really runs, started by a request if it sleeps."""
        return self.fleet.hosts[host].running_version(instance)

    def agent_calls(self) -> Counter[str]:
        """Calls of the agent that the hosts have seen since they were created, by command."""
        return Counter(call.command for host in self.fleet.hosts.values() for call in host.winrm.calls if call.command)

    def _command(self, name: str, arguments: Sequence[str], variables: dict[str, Any]) -> list[str]:
        return [str(self._programs / "ansible-playbook"), *self._arguments(name, arguments, variables)]

    def _arguments(self, name: str, arguments: Sequence[str], variables: dict[str, Any]) -> list[str]:
        wanted = ["-i", str(self.fleet.inventory), name, *arguments]
        return [*wanted, "-e", json.dumps(variables)] if variables else wanted

    def _environment(self) -> dict[str, str]:
        return {**environment(self._folder, self._results), **self.variables}


MakeController = Callable[..., Controller]
"""Takes host descriptions (named app01, app02 …) and optionally ``environment``; see the fixture ``controller``."""
