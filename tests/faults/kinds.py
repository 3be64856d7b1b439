# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may happen to a host while it works, besides the death of a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from standin.windows.win32 import Win32Error

from .points import Point
from .world import World

_ON_ITS_WAY_SECONDS = 20
_FILES = ("append", "copy", "write", "replace", "move", "delete", "create_directory", "set_attributes")


def _nothing(_world: World) -> None:
    """Nothing."""


@dataclass(frozen=True)
class Kind:
    """`faults`: how the seams play it at a point. `act`: what happens to the world while the process stands still there.
    `before`: how the world must be prepared; `mend`: what somebody does afterwards, before anything can go on. `wants`: the acts
    at which it can happen; none for all.
    """

    name: str
    faults: tuple[dict[str, Any], ...] = ({"action": "pause"},)
    act: Callable[[World], None] = _nothing
    before: Callable[[World], None] = _nothing
    mend: Callable[[World], None] = _nothing
    wants: tuple[str, ...] = ()


def _kill_controller(world: World) -> None:
    world.controller_killed = True
    world.break_calls()


def _cut(world: World) -> None:
    world.cut = True
    world.break_calls()
    threading.Timer(1, _plug_in, [world]).start()


def _plug_in(world: World) -> None:
    world.cut = False


def _stop_iis(world: World) -> None:
    world.host.services.stop("W3SVC")


def _start_iis(world: World) -> None:
    """Windows takes no order while the service is on its way to another state."""
    end = time.monotonic() + _ON_ITS_WAY_SECONDS
    while world.host.services.get("W3SVC").state != "RUNNING":
        try:
            world.host.services.start("W3SVC")
        except Win32Error:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _forward(world: World) -> None:
    world.host.jump(600)


def _back(world: World) -> None:
    world.host.jump(-600)


def _scan(world: World) -> None:
    """A virus scanner opens the file that the process has in hand, for a moment."""
    scanner = world.host.processes.add("MsMpEng.exe", [world.paused_at().path])
    threading.Timer(0.5, world.host.processes.end, [scanner.pid]).start()


KINDS = (
    Kind("the controller is killed", act=_kill_controller),
    Kind("the connection is cut for a second", act=_cut),
    Kind("power is lost", act=World.lose_power, before=World.forget_what_is_not_flushed),
    Kind(
        "the disk is full", ({"action": "error", "win32": 112},), wants=("append", "copy", "write", "create_directory")
    ),
    Kind("access is denied", ({"action": "error", "win32": 5, "times": 7},)),
    Kind("a file is in use for some time", ({"action": "error", "win32": 32, "times": 4},), wants=_FILES),
    Kind("somebody stops IIS", act=_stop_iis, mend=_start_iis),
    Kind("the clock jumps ten minutes forward", act=_forward),
    Kind("the clock jumps ten minutes back", act=_back),
    Kind("a virus scanner holds the file", act=_scan, wants=_FILES),
)


@dataclass(frozen=True)
class Position:
    """One kind of operation, before it, inside it, or after it."""

    operation: str
    where: str
    point: Point


def positions(trace: list[Point], wants: tuple[str, ...]) -> Iterator[Position]:
    """The first operation of each kind that is done or undone, at its three positions. Inside is the first act that fits; an
    operation without one is left out there.
    """
    seen = set()
    for begin, point in enumerate(trace):
        kind = point.what
        if ":" not in kind or point.when != "before" or kind in seen:
            continue
        seen.add(kind)
        ends = [n for n in range(begin, len(trace)) if (trace[n].when, trace[n].what) == ("after", kind)]
        end = ends[0] if ends else len(trace) - 1  # one that failed has no end
        inner = [one for one in trace[begin + 1 : end] if one.when == "before" and one.what in (wants or (one.what,))]
        if not wants:
            yield Position(kind, "before", point)
        if inner:
            yield Position(kind, "inside", inner[0])
        if not wants:
            yield Position(kind, "after", trace[end])
