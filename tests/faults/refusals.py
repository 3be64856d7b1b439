# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Programs of Windows that refuse, and flushes that fail: at each call, in each phase of a flow."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .kinds import Kind
from .points import Point, Trace

HOW = ("5", "32", "33", "183", "1726", "killed", "hangs")
"""What a program does instead: it ends with an exit code, is killed from outside, or does not end."""

FOR_EVER = 1_000_000
"""So often that no patience of the agent bears it: the fault lasts until the flow has ended."""

# Nothing is written at all meanwhile, so that somebody has to come back when that is over.
_LONG = 20
# For the chosen part: the phase in which it comes, and whether it lasts.
_CHOSEN = {
    "5": ("confirm", True),
    "32": ("undo", True),
    "33": ("operation", False),
    "183": ("module", False),
    "1726": ("confirm", False),
    "killed": ("operation", True),
    "hangs": ("undo", False),
    "flush": ("operation", True),
}
_LOOKING = ("appcmd.exe list", "sc.exe query", "tasklist.exe")
_IO_DEVICE = 1117


@dataclass(frozen=True)
class Place:
    """`section`: the step of a flow; `act`: the program that is called there, or the flush."""

    process: str
    section: str
    act: str

    def __str__(self) -> str:
        return f"the {self.process} in {self.section}"

    @property
    def phase(self) -> str:
        return "module" if self.process == "module" else self.section.partition(":")[0]

    @property
    def looks(self) -> bool:
        """Whether nothing is different after it."""
        return self.act.startswith(_LOOKING)


@dataclass(frozen=True)
class Refusal:
    """What happens at a place, from a point on."""

    place: Place
    how: str
    lasting: bool
    kind: Kind
    point: Point

    def __str__(self) -> str:
        return f"{self.kind.name}, {self.place}"

    @property
    def group(self) -> str:
        """Of each way of refusing one is in the chosen part; none for the others."""
        here = (self.place.phase, self.lasting) == _CHOSEN[self.how] and not self.place.looks
        return f"refusal {self.how}" if here else ""


def refusals(trace: Trace, own: list[Point]) -> Iterator[Refusal]:
    """Every program and every flush refuses at its first call at each place, as far as it is among the `own` points of a flow. Each
    refusal comes once everywhere before the work, and by turns after it and for ever: that the work is done all the same, or that the
    refusal lasts, has little to do with its number.
    """
    for place, point in _places(trace, own):
        if point.what == "sync":
            yield from (_flush(place, point, times) for times in (1, _LONG))
            continue
        for done in (False,) if place.looks else (False, True):
            once = _turn(place, done, 2) if done else HOW
            yield from (_program(place, point, how, done, 1) for how in once)
            yield from (_program(place, point, how, done, FOR_EVER) for how in _turn(place, done, 1))


def _turn(place: Place, done: bool, many: int) -> Iterator[str]:
    """Whose turn it is there: the same in every flow."""
    first = zlib.crc32(f"{place} {place.act} {done}".encode())
    return (HOW[(first + number) % len(HOW)] for number in range(many))


def _flush(place: Place, point: Point, times: int) -> Refusal:
    return _refusal(place, point, "flush", "fails", {"action": "error", "win32": _IO_DEVICE, "path": "*"}, times)


def _program(place: Place, point: Point, how: str, done: bool, times: int) -> Refusal:
    what = f"{how if how in ('killed', 'hangs') else f'ends with {how}'} {'after' if done else 'before'} its work"
    return _refusal(place, point, how, what, {"action": "refuse", "how": how, "done": done, "path": place.act}, times)


def _refusal(place: Place, point: Point, how: str, what: str, fault: dict[str, Any], times: int) -> Refusal:
    name = f"{place.act} {what} {'once' if times == 1 else 'for ever'}"
    return Refusal(place, how, times > 1, Kind(name, ({**fault, "times": times},)), point)


def _places(trace: Trace, own: list[Point]) -> Iterator[tuple[Place, Point]]:
    """The first of all that are alike."""
    seen = set()
    for point, command in trace.calls.items():
        points = [one for one in trace.points if one.process == point.process]
        act = _flushed(points, point) if point.what == "sync" else point.path
        place = Place(point.process, command or _section(points, point), act)
        if _is_among(point, own) and place not in seen:
            seen.add(place)
            yield place, point


def _is_among(call: Point, own: list[Point]) -> bool:
    numbers = [one.number for one in own if one.process == call.process] or [0]
    return (numbers[0] if numbers[0] > 1 else 0) <= call.number <= numbers[-1]


def _section(points: list[Point], wanted: Point) -> str:
    """The step in which a point is, or to which it leads."""
    before = _last_step(points, wanted)
    if before and before.when == "before":
        return before.what
    after = (one.what for one in points if ":" in one.what and one.number > wanted.number)
    return f"towards {next(after, 'the end')}"


def _last_step(points: list[Point], wanted: Point) -> Point | None:
    return next((one for one in reversed(points) if ":" in one.what and one.number <= wanted.number), None)


def _flushed(points: list[Point], wanted: Point) -> str:
    """What is flushed. Each event of the journal since the last step is one of its own: each tells something else."""
    inside = points[wanted.number - 1].what
    begin = _last_step(points, wanted)
    events = [
        one for one in points[begin.number if begin else 0 : wanted.number] if one.label.endswith("before append")
    ]
    return f"the flush of event {len(events)}" if inside == "append" else f"the flush in a {inside}"
