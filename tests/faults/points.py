# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a flow can be cut: read off the trace of one run that nothing disturbed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

# An event of the journal that is torn reads as one that is not there: tests/unit/agent/test_journal.py shows it for every event.
_WRITING = ("copy", "write")
FLUSHES = ("flush", "flush_key")


@dataclass(frozen=True)
class Point:
    """A place in a process of the host (`worker` or `module`), before or after something; `number` counts in that kind of process."""

    process: str
    number: int
    when: str
    what: str
    path: str

    @property
    def label(self) -> str:
        return f"{self.process} {self.number}: {self.when} {self.what}"


@dataclass(frozen=True)
class Trace:
    """`calls`: every call of a program and every flush, with the command of the module that made it, if it was the module. The number
    of one that changes nothing is that of the last point before it.
    """

    points: list[Point]
    calls: dict[Point, str]


def read_calls(text: str) -> dict[Point, str]:
    """A file of the folder `calls` of a host."""
    calls: dict[Point, str] = {}
    for line in text.splitlines():
        process, number, point, command, path = line.split("\t")
        when, what = point.split(":")
        calls.setdefault(Point(process, int(number), when, what, path), command)
    return calls


def read_trace(text: str) -> list[Point]:
    """A file of the folder `points` of a host."""
    points = []
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) == 4:  # a process that was killed while it wrote one leaves less
            when, what = fields[2].split(":", 1)
            points.append(Point(fields[0], int(fields[1]), when, what, fields[3]))
    return points


@dataclass(frozen=True)
class Cut:
    """A SIGKILL at a point. `torn`: in the middle of what was being written."""

    point: Point
    torn: bool


def cuts(trace: list[Point], known: set[str]) -> Iterator[Cut]:
    """States of the disk in which a process of the host can be killed, and the torn ones between them: after every operation, every
    event of the journal, and inside. A kind of operation that is not `known` yet is cut at everything that it does, a known one
    once in its middle.

    Nothing is changed between the end of one act and the begin of the next, nor by a flush: such points are one state.
    """
    for process in ("module", "worker"):
        points = [one for one in trace if one.process == process and one.what not in FLUSHES]
        lasts = {one for one, after in itertools.pairwise(points) if after.when == "before"} | {*points[-1:]}
        kind, inner = "", list[Point]()
        for point in points:
            if ":" in point.what:
                yield from _inside(kind, inner, known, lasts)
                kind, inner = (point.what, []) if point.when == "before" else ("", [])
            elif kind and point.what != "append":
                inner.append(point)
                continue
            yield from _ends([point], lasts)
        yield from _inside(kind, inner, known, lasts)


def _inside(kind: str, inner: list[Point], known: set[str], lasts: set[Point]) -> Iterator[Cut]:
    """The cuts between the begin and the end of one operation."""
    ends = [point for point in inner if point.when == "after"]
    if kind in known:
        ends = ends[len(ends) // 2 :][:1]
    known.add(kind)
    yield from _ends(ends, lasts)


def _ends(points: list[Point], lasts: set[Point]) -> Iterator[Cut]:
    for point in points:
        if point.when == "after":
            if point in lasts:
                yield Cut(point, False)
            if point.what in _WRITING:
                yield Cut(point, True)
