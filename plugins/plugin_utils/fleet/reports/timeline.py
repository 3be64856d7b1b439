# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The timeline of a run: where its batches, its instances and their downtime lie, and what is said beside them.

Across it is measured in percent of the width, down in pixels, so that it fits every screen without a script.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from .. import record
from . import times
from .words import say

MOST_TICKS = 6
DENSE_FROM = 40
"""Instances in a run from which on only the BAD ones have words beside their bars."""
TOLD_HEIGHT, PLAIN_HEIGHT = 30, 7
LONGEST_LABEL = 32
STRAY = timedelta(hours=1)
"""A host whose clock is further away from the time of the run would squeeze all others into a corner."""
_LEAST_WIDTH = 0.2
"""Percent that can still be seen."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


@dataclass(frozen=True)
class Stretch:
    """A piece of a line. ``x`` and ``width``: percent. ``open``: the end is not known, and drawn at the end of the run."""

    x: float
    width: float
    open: bool = False

    @property
    def end(self) -> float:
        return self.x + self.width


@dataclass(frozen=True)
class Line:
    """An instance. ``work``: from its beginning to its end; ``downs``: each measured downtime; ``y``: where the bars are.
    ``label``: what stands above them, "" for nothing; it begins at ``label_x``, or ends there. ``title``: all of it in words.
    """

    number: int
    instance: record.InstanceRecord
    work: Stretch | None
    downs: tuple[Stretch, ...]
    y: int
    label: str
    label_x: float
    label_ends: bool
    title: str


@dataclass(frozen=True)
class Group:
    """A batch, or with ``batch`` None what belongs to none. ``states``: how many instances are in which state."""

    batch: record.BatchRecord | None
    span: Stretch | None
    lines: tuple[Line, ...]
    height: int
    states: dict[str, int]
    hosts: int


@dataclass(frozen=True)
class Timeline:
    """``ticks``: percent and label; ``strays``: instances that are not drawn, see :data:`STRAY`."""

    ticks: tuple[tuple[float, str], ...]
    groups: tuple[Group, ...]
    strays: tuple[record.InstanceRecord, ...]


@dataclass(frozen=True)
class _Axis:
    start: datetime
    end: datetime

    def percent(self, moment: datetime) -> float:
        length = (self.end - self.start).total_seconds() or 1
        return round(100 * min(max((moment - self.start).total_seconds() / length, 0), 1), 3)

    def stretch(self, began: str | None, ended: str | None) -> Stretch | None:
        first, last = times.parse(began), times.parse(ended)
        if first is None:
            return None
        x = min(self.percent(first), 100 - _LEAST_WIDTH)
        end = self.percent(last) if last else 100.0
        return Stretch(x, round(max(end - x, _LEAST_WIDTH), 3), open=last is None)


def of(run: record.RunRecord, language: str) -> Timeline | None:
    """The timeline, None where nothing has a time yet."""
    moments = {number: found for number, one in enumerate(run["instances"]) if (found := _moments(one))}
    frame = _known([run["began"], run["ended"], *(one["began"] for one in run["batches"])])
    strays = [number for number, own in moments.items() if frame and _far(min(own), frame, bool(run["ended"]))]
    drawn = {number: own for number, own in moments.items() if number not in strays}
    if not drawn:
        return None
    axis = _axis([*frame, *(moment for own in drawn.values() for moment in own)], frame, bool(run["ended"]))
    draw = _Drawing(run, language, axis, dense=len(drawn) >= DENSE_FROM)
    return Timeline(
        tuple(_ticks(draw.axis)),
        tuple(draw.groups(sorted(drawn, key=lambda number: min(drawn[number])))),
        tuple(run["instances"][number] for number in strays),
    )


def _known(texts: Iterable[str | None]) -> list[datetime]:
    return [moment for text in texts if (moment := times.parse(text))]


def _moments(instance: record.InstanceRecord) -> list[datetime]:
    downs = [instance["downtime"], *(hop["downtime"] for hop in instance["hops"])]
    answers = [text for down in downs for text in (down["last_answer"], down["first_answer"])]
    return _known([instance["began"], instance["ended"], *answers])


def _far(began: datetime, frame: Sequence[datetime], ended: bool) -> bool:
    """A run that has not ended may take as long as it wants."""
    return min(frame) - began > STRAY or (ended and began - max(frame) > STRAY)


def _axis(moments: Sequence[datetime], frame: Sequence[datetime], ended: bool) -> _Axis:
    """A host that came back long after the end of the run makes it no longer than that."""
    last = max(moments)
    if ended and frame and last - max(frame) > STRAY:
        last = max(frame) + STRAY
    return _Axis(min(moments), last)


@dataclass(frozen=True)
class _Drawing:
    run: record.RunRecord
    language: str
    axis: _Axis
    dense: bool

    def groups(self, drawn: Sequence[int]) -> Iterable[Group]:
        """The batches, and what belongs to none. ``drawn``: numbers of instances, the first to begin first."""
        known = {batch["number"]: batch for batch in self.run["batches"]}
        belonging: dict[int | None, list[int]] = {number: [] for number in [*known, None]}
        for number, one in enumerate(self.run["instances"]):
            belonging[one["batch"] if one["batch"] in known else None].append(number)
        for batch, inside in belonging.items():
            if inside:
                own = set(inside)
                yield self._group(
                    known[batch] if batch is not None else None,
                    [self.run["instances"][number] for number in inside],
                    [number for number in drawn if number in own],
                )

    def _group(
        self, batch: record.BatchRecord | None, inside: Sequence[record.InstanceRecord], drawn: Sequence[int]
    ) -> Group:
        lines, height = [], 0
        for number in drawn:
            told = not self.dense or self.run["instances"][number]["state"] in record.BAD
            height += TOLD_HEIGHT if told else PLAIN_HEIGHT
            lines.append(self._line(number, height - (9 if told else PLAIN_HEIGHT - 1), told))
        states = Counter(one["state"] for one in inside)
        span = self.axis.stretch(batch["began"], batch["ended"]) if batch else None
        return Group(batch, span, tuple(lines), height, dict(states), len({one["host"] for one in inside}))

    def _line(self, number: int, y: int, told: bool) -> Line:
        one = self.run["instances"][number]
        hops = [hop["downtime"] for hop in one["hops"] if hop["downtime"]["last_answer"]]
        downs = [self.axis.stretch(down["last_answer"], down["first_answer"]) for down in hops or [one["downtime"]]]
        work = self.axis.stretch(one["began"], one["ended"])
        pieces = [piece for piece in (work, *downs) if piece] or [Stretch(0, _LEAST_WIDTH)]
        first, last = min(piece.x for piece in pieces), max(piece.end for piece in pieces)
        ends = first > 50
        return Line(
            number=number,
            instance=one,
            work=work,
            downs=tuple(piece for piece in downs if piece),
            y=y,
            label=self._words(one, LONGEST_LABEL) if told else "",
            label_x=last if ends else first,
            label_ends=ends,
            title=self._words(one, None),
        )

    def _words(self, one: record.InstanceRecord, longest: int | None) -> str:
        """Name, host, state unless it is good, downtime. The marks around a name keep its direction of writing to itself."""
        names = [
            name if longest is None or len(name) <= longest else f"{name[:longest]}…"
            for name in (one["name"], one["host"])
        ]
        words = [f"\u2068{name}\u2069" for name in names]
        if longest is None or one["state"] not in record.GOOD:
            words.append(say(f"state_{one['state']}", self.language))
        seconds = one["downtime"]["seconds"]
        if seconds is not None:
            words.append(times.duration(seconds, self.language))
        return " · ".join(words)


def _ticks(axis: _Axis) -> Iterable[tuple[float, str]]:
    """Round moments: full minutes, hours or days, as the length of the run allows."""
    length = (axis.end - axis.start).total_seconds()
    step = next((step for step in _STEPS if length / step <= MOST_TICKS), None)
    if step is None:
        days = -(-length // (86400 * MOST_TICKS))
        step = int(days * 86400)
    shape = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%m-%d"
    into = (axis.start - datetime(1, 1, 1, tzinfo=timezone.utc)).total_seconds() % step
    place = step - into if into else 0
    while place <= length:
        moment = axis.start + timedelta(seconds=place)
        yield axis.percent(moment), f"{moment:{shape}}"
        place += step
