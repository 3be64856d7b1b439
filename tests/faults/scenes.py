# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The worlds in which flows happen, with the images they begin from and the manifests they may end at."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from ansible_collections.comindware.platform.plugins.plugin_utils import host as agent_host  # its clock is replaced
from ansible_collections.comindware.platform.plugins.plugin_utils.model import secrets

from .cases import Judge, Seen
from .controller import run_module
from .flows import (
    BACKUP,
    FORWARD,
    LAST,
    MIDDLE,
    ONE_HOP,
    RETURN,
    TWO_HOPS,
    UNCONFIRMED,
    UPGRADE,
    Flow,
    Manifest,
    Running,
    behind,
    compiling,
)
from .histories import Historian
from .points import Point, Trace
from .world import AGENT_FOLDER, World


def make_predictable() -> None:
    """One salt for all tokens, so that the same question has one text; no pauses where a controller waits for a host."""
    quick = SimpleNamespace(monotonic=time.monotonic, sleep=lambda seconds: time.sleep(min(seconds, 0.3)))
    setattr(secrets, "secrets", SimpleNamespace(token_hex=lambda size: "0" * 2 * size))  # noqa: B010
    setattr(agent_host, "time", quick)  # noqa: B010


class Scene:
    """A world with flows that were traced once."""

    def __init__(self, world: World, flows: list[Flow], manifests: dict[str, Manifest], seen: Seen) -> None:
        self.world = world
        self.flows = {flow.name: flow for flow in flows}
        self.judge = Judge(world, self.flows, manifests, seen)
        self.historian = Historian(world, manifests)

    def trace(self, flow: str) -> Trace:
        """Points and calls of one undisturbed run. Raises AssertionError where they are not what plans and journals demand."""
        self.world.reset(self.flows[flow].image, self.flows[flow].prepare, remember=False)
        before = self.world.planned()
        self.flows[flow].run(self.world)
        self.world.end()
        trace = self.world.trace()
        self._compare(flow, trace.points, self.world.planned() - before)
        return trace

    @staticmethod
    def _compare(flow: str, trace: list[Point], wanted: Counter[str]) -> None:
        """Each operation that a plan has, each that its journal undid, and each event of the journal has its points."""
        seen = Counter(one.what.partition(":")[0] for one in trace if one.when == "after")
        for what in ("operation", "confirm", "undo", "append"):
            if seen[what] != wanted[what]:
                raise AssertionError(f"{flow}: {wanted[what]} times {what} are planned, the trace has {seen[what]}")
        print(
            f"{flow}: {wanted['operation']} operations, {wanted['confirm']} of the confirm, {wanted['undo']} undone, "
            f"{wanted['append']} flushes of the journal"
        )


def one_hop(folder: Path, cache: Path, seen: Seen) -> Scene:
    """An instance at OLD; NEW is one hop away, and upgrades the data. Images: `old`; `bare`, where no worker is; `new`, after the run
    `first`, whose backup set has the old state; `interrupted`, where the power went when the new version had just been started.
    `forward` has no copy of the database and so no way back once the new version has started.
    """
    world = World(folder, cache, ONE_HOP)
    manifests = {"old": _prepare(world, "old")}
    upgrade = Flow("upgrade", "old", "instance_upgrade", {**UPGRADE, "run_id": "first"}, "new", ("old", "new"))
    manifests["new"] = _end_of(world, upgrade)
    world.keep("new")
    world.reset("old", _no_worker)
    world.keep("bare")
    _abandon(world, upgrade, world.stop)
    world.keep("interrupted", running=False)
    forward = Flow(
        "forward",
        "old",
        "instance_upgrade",
        FORWARD,
        "new",
        ("old", UNCONFIRMED, "new"),
        own=behind("operation:registry_value"),
    )
    _abandon(world, forward)
    world.come_to_rest()
    manifests[UNCONFIRMED] = Manifest.of(UNCONFIRMED, world)
    flows = [
        upgrade,
        Flow(
            "undo",
            "old",
            "instance_upgrade",
            UPGRADE,
            "old",
            ("old",),
            _data_upgrade_fails,
            behind("operation:start_site"),
            "upgrade",
        ),
        replace(upgrade, name="install", image="bare", own=compiling),
        Flow("recover", "interrupted", "instance_recover", {}, "old", ("old",), _task_is_lost, then="upgrade"),
        Flow("backup", "old", "instance_backup", BACKUP, "old", ("old",)),
        forward,
        Flow("rollback", "new", "instance_rollback", {**RETURN, "run": "first"}, "old", ("old", "new")),
        Flow("restore", "new", "instance_restore", {**RETURN, "backup": _newest_set(world)}, "old", ("old", "new")),
    ]
    return Scene(world, flows, manifests, seen)


def _abandon(world: World, flow: Flow, meanwhile: Callable[[], None] = lambda: None) -> None:
    """The controller is killed when the last operation is done."""
    world.reset(flow.image, lambda world: world.host.add_fault("after:operation:start_site", action="pause"))
    running = Running(flow, world)
    world.wait_for_pause(running.ended)
    world.controller_killed = True
    meanwhile()
    world.break_calls()
    running.wait(60)
    world.go_on()
    world.host.clear_faults()


def _newest_set(world: World) -> str:
    """The set of the upgrade, in the image `new`."""
    return max(mark.parent.name for mark in world.image("new").rglob("complete"))


def two_hops(folder: Path, cache: Path, seen: Seen) -> Scene:
    """An instance at FIRST; LAST is two hops away. Images: `old`, and `new` after both hops, whose backup sets lead back."""
    world = World(folder, cache, TWO_HOPS)
    manifests = {"old": _prepare(world, "old")}
    half = Flow("first hop", "old", "instance_upgrade", {**UPGRADE, "version": MIDDLE}, "middle", ("old", "middle"))
    manifests["middle"] = _end_of(world, half)
    options = {**UPGRADE, "version": LAST, "run_id": "first"}
    both = Flow("two hops", "old", "instance_upgrade", options, "new", ("old", "middle", "new"))
    manifests["new"] = _end_of(world, both)
    world.keep("new")
    back = Flow("two hops back", "new", "instance_rollback", {**RETURN, "run": "first"}, "old", ("old", "new"))
    return Scene(world, [both, back], manifests, seen)


SCENES = {"one hop": one_hop, "two hops": two_hops}


def _prepare(world: World, image: str) -> Manifest:
    """The agent is installed, the instance runs, and its pool starts with IIS: what a boot does to it counts."""
    world.start()
    for pool in world.host.instance("sales").pool_names:
        world.host.run("appcmd", ["set", "apppool", pool, "/startMode:AlwaysRunning"])
    result = run_module("instance_backup", {"name": "sales"}, world.agent)
    if result.get("failed"):
        raise RuntimeError(result["msg"])
    world.end()
    world.keep(image)
    time.sleep(1)  # a set is called by its second: the first flow makes the next one
    return Manifest.of(image, world)


def _end_of(world: World, flow: Flow) -> Manifest:
    world.reset(flow.image, flow.prepare)
    result = flow.run(world)
    if result.get("failed"):
        raise RuntimeError(result["msg"])
    world.end()
    return Manifest.of(flow.goal, world)


def _no_worker(world: World) -> None:
    shutil.rmtree(world.host.drives.real(AGENT_FOLDER) / "bin")


def _task_is_lost(world: World) -> None:
    """So that the recovery is the module's, and not begun by whoever comes first after the boot: it has just been."""
    world.host.be_young()
    for name in world.host.scheduler.names():
        world.host.scheduler.delete(name)


def _data_upgrade_fails(world: World) -> None:
    world.host.product_behaviour("sales").upgrade_errors = True
