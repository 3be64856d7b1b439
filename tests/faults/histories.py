# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random histories of operators and faults. What a seed gives is always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from . import oracle
from .flows import BACKUP, RETURN, UPGRADE, Flow, Manifest, Running
from .kinds import KINDS, Kind
from .world import Stuck, World

_KILL = Kind("SIGKILL", ({"action": "kill"},))
_REFUSED = {"point": "program", "action": "refuse", "how": "5"}
_REFUSALS = tuple(
    Kind(f"programs refuse {times} times", ({**_REFUSED, "done": done, "times": times},))
    for done, times in ((False, 3), (True, 30))
)
_FAULTS = (_KILL, _KILL, *_REFUSALS, *(kind for kind in KINDS if not kind.wants))
_LONGEST = 3
_POINTS = 400
_PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Step:
    """What an operator starts, and what happens at which point of the host's worker; a flow may end before that point."""

    flow: str
    fault: Kind | None
    number: int

    def __str__(self) -> str:
        return self.flow + (f" ({self.fault.name} at worker {self.number})" if self.fault else "")


@dataclass(frozen=True)
class History:
    """A number of the seed's histories, and its steps."""

    seed: int
    number: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return f"history {self.number} of seed {self.seed}: " + ", then ".join(map(str, self.steps))

    def shorter(self) -> Iterator[History]:
        """The same with one step, or one fault, less."""
        for place, step in enumerate(self.steps):
            yield replace(self, steps=(*self.steps[:place], *self.steps[place + 1 :]))
            if step.fault:
                without = replace(step, fault=None)
                yield replace(self, steps=(*self.steps[:place], without, *self.steps[place + 1 :]))


def draw(seed: int, number: int) -> History:
    """One history."""
    chance = random.Random(f"{seed} {number}")
    steps = []
    for _step in range(chance.randint(1, _LONGEST)):
        fault = chance.choice(_FAULTS) if chance.random() < 0.8 else None
        steps.append(
            Step(chance.choice(("upgrade", "upgrade", "rollback", "backup")), fault, chance.randint(1, _POINTS))
        )
    return History(seed, number, tuple(steps))


class Historian:
    """Plays histories from the old state on. Wherever one is, the instance is wholly old or wholly new."""

    def __init__(self, world: World, manifests: dict[str, Manifest]) -> None:
        self._world, self._manifests = world, manifests

    def violations(self, history: History) -> list[str]:
        """What was not as it must be, with the shortest history that shows it."""
        found = self._played(history)
        if not found:
            return []
        for shorter in history.shorter():
            if told := self.violations(shorter) if shorter.steps else []:
                return told
        return [f"{one} | shortest: {history}" for one in found]

    def _played(self, history: History) -> list[str]:
        world, runs = self._world, list[str]()
        try:
            world.reset("old", lambda world: None)
            for number, step in enumerate(history.steps):
                flow = self._flow(step.flow, f"run {number}", runs)
                if found := self._step(flow, step):
                    return [f"after step {number + 1}: {one}" for one in found]
        except Stuck as stuck:
            return [str(stuck)]
        return []

    def _flow(self, name: str, run: str, runs: list[str]) -> Flow:
        """With what the history has done so far: a rollback goes back to the begin of its newest upgrade."""
        options: dict[str, Any]
        if name == "rollback":
            options = {**RETURN, "run": runs[-1] if runs else "no run"}
            return Flow(name, "", "instance_rollback", options, "old", ("old", "new"))
        if name == "backup":
            return Flow(name, "", "instance_backup", {**BACKUP, "backup_rehearse": "none"}, "", ("old", "new"))
        runs.append(run)
        return Flow(name, "", "instance_upgrade", {**UPGRADE, "run_id": run}, "new", ("old", "new"))

    def _step(self, flow: Flow, step: Step) -> list[str]:
        world = self._world
        world.begin_trace()
        fault = step.fault
        if fault:
            fault.before(world)
            for played in fault.faults:
                world.host.add_fault(**{"point": "*", "process": "worker", "number": step.number, **played})
        running = Running(flow, world)
        if fault and fault.faults[0]["action"] == "pause" and world.wait_for_pause(running.ended):
            fault.act(world)
            world.go_on()
        if not running.wait(_PATIENCE_SECONDS):
            raise Stuck(f"{flow.name} does not end within {_PATIENCE_SECONDS} s")
        if running.error:
            return [f"{flow.name} raised {running.error!r}"]
        world.host.clear_faults()
        if fault:
            fault.mend(world)
        world.come_to_rest()
        allowed = [self._manifests[name] for name in flow.ends]
        return oracle.check(world, Manifest.of("seen", world), allowed, running.result, flow.goal)


__all__ = ["Historian", "History", "draw"]
