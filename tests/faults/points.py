# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a flow can be cut: read off the trace of one run that nothing disturbed."""

from __future__ import annotations

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


def cuts(trace: list[Point]) -> Iterator[Cut]:
    """Every state of the disk in which a process of the host can be killed, and the torn ones between them.

    Nothing is changed between the end of one act and the begin of the next: these two points are one state.
    """
    for point in trace:
        if point.when == "after":
            yield Cut(point, False)
            if point.what in _WRITING:
                yield Cut(point, True)
