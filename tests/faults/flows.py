# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What operators do, and how it must end: wholly at one of the versions, running, with its data."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from standin.snapshot import Snapshot

from .controller import ControllerKilled, run_module
from .points import Point
from .world import LEFT_BEHIND, World

UNCONFIRMED = "unconfirmed"
"""The manifest of a new version behind a point of no return: it runs, and a person has to decide about it."""

OLD, NEW = "4.7.23499.0", "4.7.24055.0"
FIRST, MIDDLE, LAST = "4.2.612.0", "4.7.23499.0", "5.0.24055.0"

ONE_HOP: dict[str, Any] = {
    "versions": [OLD, NEW],
    "instances": [
        {
            "name": "sales",
            "version": OLD,
            "language": "en",
            "data_files": 1,
            "product_backup_hours": 1,
            "behaviour": {"start_seconds": 0, "upgrade_seconds": 0},
        }
    ],
    "stop_seconds": 0,
}
TWO_HOPS: dict[str, Any] = {
    **ONE_HOP,
    "versions": [FIRST, MIDDLE, LAST],
    "instances": [{**ONE_HOP["instances"][0], "version": FIRST}],
}

SHORT_WAITS = {"stop_timeout": 20, "start_timeout": 20, "release_timeout": 5}
UPGRADE = {
    "name": "sales",
    "version": NEW,
    "acknowledged": ["adjust_applications", "opensearch_2_18", "elasticsearch_8_10"],
    "inputs": {
        "search_index_prefix": "erp_sales",
        "search_server_address": "http://search.example.com:9200",
        "message_server_address": "127.0.0.1:9092",
        "database_name": "sales",
    },
    "health_timeout": 10,
    "health_stable": 0,
    "health_interval": 1,
    **SHORT_WAITS,
    "backup_rehearse": "none",
}
FORWARD = {**UPGRADE, "backup_data": False, "product_backup": "existing"}
BACKUP = {"name": "sales", "data": True, "allow_stop": True, "backup_rehearse": "whole", **SHORT_WAITS}
RETURN = {
    "name": "sales",
    "accept_data_loss": True,
    "health_timeout": 10,
    "health_stable": 0,
    "health_interval": 1,
    **SHORT_WAITS,
}


@dataclass(frozen=True)
class Flow:
    """`image`: the state of the disk at its begin. `goal`: the manifest at its end, `ends`: those that any end may have.
    `prepare`: what is wrong with the world already. `own`: what of its trace no other flow has. `then`: the flow of a further run,
    if it is not this one.
    """

    name: str
    image: str
    module: str
    options: dict[str, Any]
    goal: str
    ends: tuple[str, ...]
    prepare: Callable[[World], None] = field(default=lambda world: None)
    own: Callable[[list[Point]], list[Point]] = field(default=lambda points: points)
    then: str = ""

    @property
    def direction(self) -> str:
        """Where what interrupts it leads: a fault on the way back says nothing about the same one on the way forward."""
        return "forward" if UNCONFIRMED in self.ends else "back"

    def run(self, world: World) -> dict[str, Any]:
        """The result of the module."""
        return run_module(self.module, self.options, world.agent)


CONFIRM = Flow("confirm", "", "instance_recover", {"name": "sales", "held": "confirm"}, "new", ("new",))
"""What a person decides about a new version that is held behind its point of no return."""


def behind(operation: str) -> Callable[[list[Point]], list[Point]]:
    """What comes when an operation is done, up to which another flow is the same."""

    def own(points: list[Point]) -> list[Point]:
        return points[[(one.when, one.what) for one in points].index(("after", operation)) :]

    return own


def compiling(points: list[Point]) -> list[Point]:
    """From the call of the compiler to the moment in which the worker has its name."""
    begin = next(place for place, one in enumerate(points) if one.path.startswith("csc.exe"))
    end = next(place for place, one in enumerate(points) if place > begin and one.label.endswith("after move"))
    return points[begin : end + 1]


class Running:
    """A flow in a thread of its own; `result` stays None when its controller was killed."""

    def __init__(self, flow: Flow, world: World) -> None:
        self.ended = threading.Event()
        self.result: dict[str, Any] | None = None
        self.error: BaseException | None = None
        self._flow, self._world = flow, world
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._flow.run(self._world)
        except ControllerKilled:
            pass
        except BaseException as error:  # whatever it is, it is the harness's own business to tell
            self.error = error
        finally:
            self.ended.set()

    def wait(self, seconds: float) -> bool:
        """Whether it ended in time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()


@dataclass(frozen=True)
class Manifest:
    """A state in which an instance may end: everything on the disk, in the registry and in IIS, and the version that answers."""

    name: str
    snapshot: Snapshot
    version: str | None

    @classmethod
    def of(cls, name: str, world: World) -> Manifest:
        version = world.host.running_version("sales")
        return cls(name, world.look(), version)

    def differences(self, other: Manifest) -> list[str]:
        """What is not as here."""
        found = self.snapshot.differences(other.snapshot, ignore=LEFT_BEHIND)
        if self.version != other.version:
            found.append(f"the version that answers: {self.version} became {other.version}")
        return found
