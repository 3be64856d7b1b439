# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a flow can be cut: read off the trace of one run that nothing disturbed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

_WRITING = ("append", "copy", "write")


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


def read_trace(text: str) -> list[Point]:
    """The file `points` of a host."""
    points = []
    for line in text.splitlines():
        process, number, point, path = line.split("\t")
        when, _, what = point.partition(":")
        points.append(Point(process, int(number), when, what, path))
    return points


@dataclass(frozen=True)
class Cut:
    """A SIGKILL at a point. `torn`: in the middle of what was being written. `stands_for`: how many points have this very state
    of the disk, as nothing is changed between the end of one act and the begin of the next.
    """

    point: Point
    torn: bool
    stands_for: int

    @property
    def label(self) -> str:
        return f"kill {'inside' if self.torn else ''} {self.point.label}"


def cuts(trace: list[Point]) -> Iterator[Cut]:
    """Every state of the disk in which a process of the host can be killed, and the torn ones between them."""
    for process in ("module", "worker"):
        points = [one for one in trace if one.process == process]
        waiting = 0
        for number, point in enumerate(points):
            waiting += 1
            last = number == len(points) - 1
            if point.when == "after" or last:
                yield Cut(point, False, waiting)
                waiting = 0
            if point.when == "after" and point.what in _WRITING:
                yield Cut(point, True, 1)


def operations(trace: list[Point]) -> Counter[tuple[str, str]]:
    """How often each operation was done or undone, by (operation or undo, its kind)."""
    found: Counter[tuple[str, str]] = Counter()
    for point in trace:
        kind, _, name = point.what.partition(":")
        if name and point.when == "before":
            found[kind, name] += 1
    return found
