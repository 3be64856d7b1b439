# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One case: a flow, what happens in its middle, what must be true afterwards."""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import oracle
from .controller import run_module
from .flows import CONFIRM, Flow, Manifest, Running
from .kinds import KINDS, Kind, positions
from .points import Cut, Point, Trace, cuts
from .refusals import refusals
from .world import Stuck, World

_PATIENCE_SECONDS = 300
_TIDY_SECONDS = 10
_ATTEMPTS = 3


@dataclass(frozen=True)
class Case:
    """`what`: the fault in words; `group`: of cases of which a chosen part has at least one, or none."""

    flow: str
    what: str
    group: str
    fault: Kind
    point: Point

    def __str__(self) -> str:
        return f"{self.flow}: {self.what}, at {self.point.label}"

    @property
    def refuses(self) -> bool:
        """Whether it is armed for a program or a flush, from a point on: a call that only looks, or flushes, has no point of its own."""
        return "path" in self.fault.faults[0]


def kill_cases(flow: Flow, trace: Trace, known: set[str]) -> Iterator[Case]:
    """A SIGKILL in every state of the disk; `known`: kinds of operations that another flow was cut in everywhere."""
    for cut in cuts(flow.own(trace.points), known):
        yield _kill(flow.name, cut)


def _kill(flow: str, cut: Cut) -> Case:
    action = "tear" if cut.torn else "kill"
    what = f"SIGKILL {'in the middle' if cut.torn else ''}".strip()
    return Case(flow, what, f"{action} {cut.point.what}", Kind(action, ({"action": action},)), cut.point)


def fault_cases(flow: Flow, trace: Trace, known: set[tuple[str, str, str, str]]) -> Iterator[Case]:
    """Each other fault once for each kind of operation and position; what is `known` had it in another flow of that direction."""
    worker = [one for one in flow.own(trace.points) if one.process == "worker"]
    for kind in KINDS:
        for place in positions(worker, kind.wants):
            if (case := (kind.name, place.operation, place.where, flow.direction)) not in known:
                known.add(case)
                what = f"{kind.name} {place.where} {place.operation}"
                yield Case(flow.name, what, kind.name, kind, place.point)


def refusal_cases(flow: Flow, trace: Trace, known: set[tuple[str, str, str, str]]) -> Iterator[Case]:
    """Each program and each flush that fails, as above."""
    for one in refusals(trace, flow.own(trace.points)):
        if (case := (one.kind.name, one.place.process, one.place.section, flow.direction)) not in known:
            known.add(case)
            yield Case(flow.name, str(one), one.group, one.kind, one.point)


def _arm(world: World, flow: Flow, case: Case) -> None:
    flow.prepare(world)
    case.fault.before(world)
    for fault in case.fault.faults:
        point = f"{case.point.when}:{case.point.what}"
        world.host.add_fault(point, process=case.point.process, number=case.point.number, **fault)


class Seen:
    """The states from which a flow went on, of all processes that play cases. `once`: one state of each flow is enough."""

    def __init__(self, folder: Path, once: bool) -> None:
        self._folder, self._once = folder, once

    def is_new(self, flow: str, state: Iterable[str]) -> bool:
        """Whether nobody has asked this before."""
        text = flow if self._once else "\n".join((flow, *state))
        try:
            (self._folder / hashlib.sha256(text.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


class Judge:
    """Runs cases of flows in a world, and tells every violation in words."""

    def __init__(self, world: World, flows: dict[str, Flow], manifests: dict[str, Manifest], seen: Seen) -> None:
        self._world, self._flows, self._manifests, self._seen = world, flows, manifests, seen
        self.further_runs = 0

    def violations(self, case: Case) -> list[str]:
        """What was not as it must be after this case. Who of caller and worker comes first now and then changes what one of them has to do:
        a case whose point was not reached is played again.
        """
        flow, world = self._flows[case.flow], self._world
        try:
            for _attempt in range(_ATTEMPTS):
                # A program that looks is called only where the answer is not known.
                world.reset(flow.image, lambda world: _arm(world, flow, case), remember=not case.refuses)
                running = Running(flow, world)
                found = self._judged(case, flow, running)
                if found is not None:
                    return found
        except Stuck as stuck:
            return [str(stuck)]
        return [f"the point was not reached in {_ATTEMPTS} runs, the last of which went to {self._way(running)}"]

    def _way(self, running: Running) -> str:
        """For whoever looks for the reason."""
        last = [one.label for one in self._world.trace().points][-3:]
        return f"{', '.join(last) or 'no point'} and ended with {running.result}"

    def _judged(self, case: Case, flow: Flow, running: Running) -> list[str] | None:
        """None: the point was not reached."""
        world = self._world
        if any(fault["action"] == "pause" for fault in case.fault.faults) and world.wait_for_pause(running.ended):
            case.fault.act(world)
            world.go_on()
        if not running.wait(_PATIENCE_SECONDS):
            raise Stuck(f"the module does not end within {_PATIENCE_SECONDS} s")
        if running.error:
            return [f"the module raised {running.error!r}"]
        if not self._reached_in_time(case):
            return None
        if case.refuses:
            world.settle()  # while it still refuses, so that what is owed stays so
        world.host.clear_faults()
        case.fault.mend(world)
        owed = world.owed()
        if owed and (untold := oracle.untold(owed, running.result, run_module("instance_info", {}, world.agent))):
            return untold
        world.come_to_rest(boot=bool(owed) and zlib.crc32(str(case).encode()) % 2 == 0)
        allowed = [self._manifests[name] for name in flow.ends]
        seen = Manifest.of("seen", world)
        start = flow.image if flow.image in self._manifests else ""
        found = oracle.check(world, seen, allowed, running.result, flow.goal, start)
        return found or self._what_follows(flow, seen)

    def _reached_in_time(self, case: Case) -> bool:
        """The module may have its answer while the worker still tidies up."""
        end = time.monotonic() + _TIDY_SECONDS
        while not (found := self._reached(case)) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _reached(self, case: Case) -> bool:
        wanted = case.point
        if case.refuses:
            return bool(self._world.host.faults()[0]["times"] < case.fault.faults[0]["times"])
        return any(
            (one.process, one.number, one.when, one.what) == (wanted.process, wanted.number, wanted.when, wanted.what)
            for one in self._world.trace().points
        )

    def _what_follows(self, flow: Flow, seen: Manifest) -> list[str]:
        """A restart of the host, and the flow once more. From a state that was seen before all goes on as then."""
        flow = self._flows[flow.then or flow.name]
        if not self._seen.is_new(flow.name, self._world.state(seen.snapshot)):
            return []
        self.further_runs += 1
        return self._restart(seen) or self._further_run(flow)

    def _restart(self, seen: Manifest) -> list[str]:
        """Not of what is held: IIS does not start it by itself."""
        if self._world.is_held():
            return []
        self._world.host.reboot()
        self._world.settle()
        return [
            f"after a restart of the host: {one}" for one in seen.differences(Manifest.of("restarted", self._world))
        ]

    def _further_run(self, flow: Flow) -> list[str]:
        """Undisturbed, to the goal."""
        self._world.heal()
        if self._world.is_held():
            confirmed = CONFIRM.run(self._world)
            if confirmed.get("failed"):
                return [f"what is held cannot be confirmed: {confirmed.get('msg')}"]
        result = flow.run(self._world)
        self._world.come_to_rest()
        if result.get("failed"):
            return [f"a further run failed: {result.get('msg')}"]
        return [
            f"after a further run: {one}"
            for one in oracle.check(
                self._world, Manifest.of("seen", self._world), [self._manifests[flow.goal]], result, flow.goal
            )
        ]
