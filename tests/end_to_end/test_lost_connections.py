# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connections that are lost while an instance is upgraded: in every way that WinRM has, before, in and after each call.

Whatever happens, the run ends in the verdict that the host's own state deserves. Three layers, each with Ansible's real connection of
the oldest and of the newest ansible-core: every kind at every phase, with the glue of all actions alone; every call of an upgrade, with
the real agent; and whole runs of the playbook.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import outcomes, record
from end_to_end.preloaded import Preloaded
from end_to_end.runs import (
    ANSWERED,
    BUILD,
    HERE,
    LEFT_BEHIND,
    NEW,
    OLD,
    SALES,
    Controller,
    MakeController,
    environment,
    play_with,
    programs_of,
)
from end_to_end.test_failures import wait_for_state
from end_to_end.test_fleet import states
from standin.fleet import Fleet
from standin.host import Host
from standin.snapshot import Snapshot
from standin.testing import wait_until
from standin.winrm import ModuleCall, ModuleResult, WinRmServer
from standin.winrm.faults import KINDS, CallRecord, Phase
from standin.winrm.recording import inventory

CORES = ("core-2.16", "core-2.21")
AT: tuple[Phase, ...] = ("send", "run", "result", "signal")
"""Before a call, in it, and twice after it: its answer does not arrive, or the end of its command is not confirmed."""


class Ansible:
    """An ansible-core that asks a lost host again at once."""

    def __init__(self, folder: Path, core: str) -> None:
        self._results = folder / "results.jsonl"
        variables = {
            **environment(folder, self._results),
            "ANSIBLE_CALLBACKS_ENABLED": "results,impatient",
            "ANSIBLE_ACTION_PLUGINS": str(HERE / "action"),
        }
        self._playbook = Preloaded(programs_of(core) / "python", variables)

    def play(self, *arguments: str) -> dict[str, Any]:
        """The result of the last task of an ansible-playbook with these arguments."""
        last = play_with(self._playbook, self._results, *arguments).results[-1]
        return {**last.result, **{name: last.outcome == name for name in ("failed", "unreachable")}}

    def stop(self) -> None:
        self._playbook.stop()


@pytest.fixture(scope="session")
def ansible(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Ansible]]:
    """One of each core for all tests."""
    made: dict[str, Ansible] = {}

    def of(core: str) -> Ansible:
        if core not in made:
            made[core] = Ansible(tmp_path_factory.mktemp(core), core)
        return made[core]

    yield of
    for one in made.values():
        one.stop()


def times(kind: str) -> dict[str, int]:
    """Variables of a host. For the first time Ansible looks for output after a lost end of the input, for the second it waits for a host
    that says nothing.
    """
    return {
        "ansible_winrm_operation_timeout_sec": 1,
        "ansible_winrm_read_timeout_sec": 3 if kind == "silence" else 120,
    }


ASKED = ("execute", "status", "confirm", "rollback", "copy_set")
"""What the action ask_agent asks."""
USER, PASSWORD = "Administrator", "pass:word"


def echo(call: ModuleCall) -> ModuleResult:
    """An agent that answers every question with its command."""
    command = CallRecord.of(call).command
    answer = {"ok": True, "asked": command, "transaction": {"id": "t", "state": "applied", "asked": command}}
    return ModuleResult.of({"changed": False, "answer": json.dumps(answer)})


@pytest.mark.parametrize("core", CORES)
@pytest.mark.parametrize("kind", KINDS)
def test_field_6_1_whatever_ends_a_request_of_winrm_is_a_lost_connection(
    tmp_path: Path, ansible: Callable[[str], Ansible], kind: str, core: str
) -> None:
    """The call is asked again, in a new shell; and only one that was lost behind its beginning has run twice."""
    play = {"hosts": "all", "gather_facts": False, "tasks": [{"name": "Ask the agent", "ask_agent": {}}]}
    playbook, hosts = tmp_path / "play.json", tmp_path / "inventory.json"
    playbook.write_text(json.dumps([play]), "utf-8")
    with WinRmServer(USER, PASSWORD, echo) as server:
        server.faults.lose(kind, "create")
        server.faults.lose(kind, "command")
        for phase, command in zip(AT, ASKED[1:], strict=True):
            server.faults.lose(kind, phase, command)
        described = inventory(server, USER, PASSWORD)
        described["all"]["vars"] = times(kind)
        hosts.write_text(json.dumps(described), "utf-8")
        result = ansible(core).play("-i", str(hosts), str(playbook))
    assert (result.get("asked"), result["told"]) == (list(ASKED), "before the end"), result
    assert [fault.times for fault in server.faults.lost] == [0] * 6
    ran = Counter(call.command for call in server.calls)
    assert ran == {"execute": 1, "status": 1, "confirm": 2, "rollback": 2, "copy_set": 2}
    asked, every = result["agent_calls"], {"execute": 3, **dict.fromkeys(ASKED[1:], 2)}
    if kind == "refused":
        assert all(asked[command] >= times for command, times in every.items())
    elif kind == "quota" and core != CORES[0]:
        assert asked == {**every, "execute": 2}  # from 2.18 on Ansible itself makes a new shell then
    else:
        assert asked == every


class Scene:
    """A host with one instance that runs, and an ansible-core that plays tasks on it."""

    def __init__(self, folder: Path, ansible: Ansible, kind: str) -> None:
        self._fleet = Fleet.create(folder / "fleet", {"hosts": {"app01": SALES}}, cache=BUILD / "cache")
        self._fleet.start()
        self.host: Host = self._fleet.hosts["app01"]
        assert self.host.running_version("sales") == OLD
        self.before: Snapshot = self.host.snapshot()
        self._kind = kind
        self._ansible = ansible
        self._health_timeout = 300

    def fail(self) -> None:
        """The new version never works, which is not waited for for long."""
        self.host.product_behaviour("sales").failing_versions = [NEW]
        self._health_timeout = 3

    def upgrade(self) -> dict[str, Any]:
        """Inspects the host, upgrades, and gives the result of that."""
        variables = {
            **times(self._kind),
            "version": NEW,
            "health_timeout": self._health_timeout,
            "inputs": ANSWERED["upgrade_inputs"]["sales"],
            "acknowledged": ANSWERED["upgrade_acknowledged"],
        }
        playbook = str(HERE / "two_tasks.yml")
        return self._ansible.play("-i", str(self._fleet.inventory), playbook, "-e", json.dumps(variables))

    def lose(self, *commands: str, at: tuple[Phase, ...] = AT, first: Callable[[], object] = lambda: None) -> None:
        """Has each of these calls lose its connection at each of these phases: it is asked again, and lost at the next one."""
        for command in commands:
            for phase in at:
                self.host.winrm.faults.lose(self._kind, phase, command, first=first)

    def judge(self, result: dict[str, Any]) -> str:
        """What the host itself has come to, which the result must tell; and that everything was played."""
        assert [(one.command, one.phase) for one in self.host.winrm.faults.lost if one.times] == []
        wait_until(lambda: self.host.scheduler.names() == [])
        state, told = state_of(self.host), outcomes.state(result)
        if state == "confirmed":
            assert told in (record.UPGRADED, record.HANDED_OVER), result
            assert (self.host.running_version("sales"), result["changed"]) == (NEW, True), result
        else:
            assert state == "rolled_back", f"the host was left {state}: {result}"
            assert told == record.ROLLED_BACK, result
            assert self.before.differences(self.host.snapshot(), ignore=LEFT_BEHIND) == []
            assert self.host.running_version("sales") == OLD
        return state

    def stop(self) -> None:
        self._fleet.stop()


def state_of(host: Host) -> str:
    """The last state in the journal of the only transaction."""
    (journal,) = host.drives.linux(r"C:\Program Files\comindware.platform\transactions").glob("*/journal.jsonl")
    events = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    return str([event["state"] for event in events if event["event"] == "state"][-1])


MakeScene = Callable[[str, str], Scene]


@pytest.fixture
def scene(tmp_path: Path, ansible: Callable[[str], Ansible]) -> Iterator[MakeScene]:
    """A scene with an ansible-core and a kind of lost connection."""
    scenes: list[Scene] = []

    def make(core: str, kind: str) -> Scene:
        scenes.append(Scene(tmp_path, ansible(core), kind))
        return scenes[-1]

    yield make
    for one in scenes:
        one.stop()


def alternately(*cases: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Each case with one of the cores, by turns: that they are alike, the test above shows."""
    return [(*case, CORES[number % 2]) for number, case in enumerate(cases)]


@pytest.mark.parametrize(("kind", "core"), alternately(*((kind,) for kind in KINDS)))
def test_field_6_1_every_call_of_an_upgrade_is_lost(scene: MakeScene, kind: str, core: str) -> None:
    """Before it, in it and after it, one after the other."""
    here = scene(core, kind)
    here.lose("execute", "status", "confirm")
    assert here.judge(here.upgrade()) == "confirmed"


@pytest.mark.parametrize(("kind", "core"), alternately(("shell gone",), ("closed",)))
def test_field_6_1_every_call_of_an_upgrade_that_is_rolled_back_is_lost(scene: MakeScene, kind: str, core: str) -> None:
    here = scene(core, kind)
    here.fail()
    here.lose("execute", "status", "rollback")
    assert here.judge(here.upgrade()) == "rolled_back"


RESTARTS = [(call, phase) for call in ("execute", "status", "confirm") for phase in ("send", "run", "result")]


@pytest.mark.parametrize(("call", "phase", "core"), alternately(*RESTARTS, ("rollback", "run")))
def test_field_6_1_the_host_restarts_before_in_and_after_each_call(
    scene: MakeScene, call: str, phase: Phase, core: str
) -> None:
    here = scene(core, "closed")
    if call == "rollback":
        here.fail()
    here.lose(call, at=(phase,), first=here.host.reboot)
    ended = here.judge(here.upgrade())
    # In execute and in confirm it depends on how far the host has come.
    certain = {("execute", "send"): "confirmed", ("confirm", "result"): "confirmed", "status": "rolled_back"}
    assert ended == certain.get((call, phase), certain.get(call, ended))


def in_the_middle(control: Controller, act: Callable[[Host], object]) -> list[str]:
    """Has something happen to app01 while its worker is at work and `execute` waits for it; what has happened is told."""
    host, happened = control.fleet.hosts["app01"], []

    def middle() -> None:
        wait_for_state(host, "running")
        act(host)
        happened.append(state_of(host))

    host.winrm.faults.lose("closed", "run", "execute", first=middle)
    return happened


@pytest.mark.parametrize("core", CORES)
def test_field_6_1_an_upgrade_in_whose_middle_the_host_restarts(controller: MakeController, core: str) -> None:
    """Without a hand it ends in what the host did by itself at its start: everything was undone."""
    control = controller(SALES, environment=core)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    happened = in_the_middle(control, Host.reboot)
    run = control.fleet_upgrade()
    assert (run.status, len(happened)) == (2, 1), run.output
    assert (state_of(host), states(run)) == ("rolled_back", {"app01": "rolled_back"}), run.output
    assert control.changes(before) == []
    assert control.running_version("app01", "sales") == OLD


@pytest.mark.parametrize("core", CORES)
def test_field_6_1_an_upgrade_in_whose_middle_winrm_alone_restarts(controller: MakeController, core: str) -> None:
    """It ends upgraded: the worker is no child of the shell that is gone."""
    control = controller(SALES, environment=core)
    host = control.fleet.hosts["app01"]
    happened = in_the_middle(control, Host.restart_winrm)
    run = control.fleet_upgrade()
    assert (run.status, len(happened)) == (0, 1), run.output
    assert (state_of(host), states(run)) == ("confirmed", {"app01": "handed_over"}), run.output
    assert control.running_version("app01", "sales") == NEW


def test_field_6_1_a_host_that_answers_no_more_counts_and_the_fleet_holds(controller: MakeController) -> None:
    """Nobody knows what becomes of it, so it is lost, and not blocked: the next host is not begun."""
    control = controller(SALES, SALES, environment=CORES[-1])
    faults = control.fleet.hosts["app01"].winrm.faults
    faults.lose("aborted", "result", "execute", first=lambda: faults.lose("http 503", "create", times=1_000_000))
    before = control.fleet.hosts["app02"].snapshot()
    run = control.fleet_upgrade(upgrade_canary=0, upgrade_batches=[1], upgrade_timeouts={"reconnect": 1})
    assert run.status == 2, run.output
    assert states(run) == {"app01": "lost", "app02": "not_begun"}, run.output
    assert before.differences(control.fleet.hosts["app02"].snapshot(), ignore=LEFT_BEHIND) == []
