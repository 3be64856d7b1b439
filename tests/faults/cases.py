# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One case: a flow, what happens in its middle, what must be true afterwards."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import oracle
from .flows import CONFIRM, Flow, Manifest, Running
from .kinds import KINDS, Kind, positions
from .points import Cut, Point, cuts
from .world import Stuck, World

_PATIENCE_SECONDS = 120
_TIDY_SECONDS = 10
_ATTEMPTS = 3


@dataclass(frozen=True)
class Case:
    """`what`: the fault in words; `group`: of cases of which a chosen part has at least one."""

    flow: str
    what: str
    group: str
    fault: Kind
    point: Point

    def __str__(self) -> str:
        return f"{self.flow}: {self.what}, at {self.point.label}"


def kill_cases(flow: Flow, trace: list[Point], known: set[str]) -> Iterator[Case]:
    """A SIGKILL in every state of the disk; `known`: kinds of operations that another flow was cut in everywhere."""
    for cut in cuts(_own(flow, trace), known):
        yield _kill(flow.name, cut)


def _own(flow: Flow, trace: list[Point]) -> list[Point]:
    """What a flow has for itself."""
    ends = [number for number, one in enumerate(trace) if one.when == "after" and one.what == flow.behind]
    return trace[ends[-1] :] if ends else trace


def _kill(flow: str, cut: Cut) -> Case:
    action = "tear" if cut.torn else "kill"
    what = f"SIGKILL {'in the middle' if cut.torn else ''}".strip()
    return Case(flow, what, f"{action} {cut.point.what}", Kind(action, ({"action": action},)), cut.point)


def fault_cases(flow: Flow, trace: list[Point], known: set[tuple[str, str, str, str]]) -> Iterator[Case]:
    """Each other fault once for each kind of operation and position; what is `known` had it in another flow of that direction."""
    worker = [one for one in _own(flow, trace) if one.process == "worker"]
    for kind in KINDS:
        for place in positions(worker, kind.wants):
            if (case := (kind.name, place.operation, place.where, flow.direction)) not in known:
                known.add(case)
                what = f"{kind.name} {place.where} {place.operation}"
                yield Case(flow.name, what, f"{kind.name} {place.operation}", kind, place.point)


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
                world.reset(flow.image, lambda world: _arm(world, flow, case))
                running = Running(flow, world)
                found = self._judged(case, flow, running)
                if found is not None:
                    return found
        except Stuck as stuck:
            return [str(stuck)]
        return [f"the point was not reached in {_ATTEMPTS} runs, the last of which went to {self._way(running)}"]

    def _way(self, running: Running) -> str:
        """For whoever looks for the reason."""
        last = [one.label for one in self._world.trace()][-3:]
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
        if not self._reached_in_time(case.point):
            return None
        world.host.clear_faults()
        case.fault.mend(world)
        world.come_to_rest()
        allowed = [self._manifests[name] for name in flow.ends]
        found = oracle.check(
            world, allowed, running.result, flow.goal, flow.image if flow.image in self._manifests else ""
        )
        return found or self._further_run(flow)

    def _reached_in_time(self, wanted: Point) -> bool:
        """The module may have its answer while the worker still tidies up."""
        end = time.monotonic() + _TIDY_SECONDS
        while not (found := self._reached(wanted)) and time.monotonic() < end:
            time.sleep(0.05)
        return found

    def _reached(self, wanted: Point) -> bool:
        return any(
            (one.process, one.number, one.when, one.what) == (wanted.process, wanted.number, wanted.when, wanted.what)
            for one in self._world.trace()
        )

    def _further_run(self, flow: Flow) -> list[str]:
        """Once more, undisturbed, to the goal. From a state that was seen before it goes on as then."""
        self._world.heal()
        flow = self._flows[flow.then or flow.name]
        if not self._seen.is_new(flow.name, self._world.state()):
            return []
        self.further_runs += 1
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
            for one in oracle.check(self._world, [self._manifests[flow.goal]], result, flow.goal)
        ]
