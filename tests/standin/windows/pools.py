# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Application pools at run time: their states and their worker processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..processes import ProcessTable
from .iis import IisConfiguration, Pool
from .win32 import (
    OBJECT_IDENTIFIER_INVALID,
    SERVICE_ALREADY_RUNNING,
    SERVICE_CANNOT_ACCEPT_CONTROL,
    SERVICE_NOT_ACTIVE,
    Win32Error,
)
from .workers import IisBehaviour, PoolBehaviour, Worker, Workload

RAPID_FAIL_CRASHES = 5  # rapidFailProtectionMaxCrashes and its interval, the documented defaults
RAPID_FAIL_SECONDS = 300
_STUCK_SECONDS = 0.05  # how soon a pool that never stops notices that it may

Launch = Callable[[Pool], Workload]


@dataclass
class _RunningPool:
    state: str = "Stopped"
    workers: list[Worker] = field(default_factory=list)
    crashes: list[float] = field(default_factory=list)


class Pools:
    """States Starting, Started, Stopping, Stopped as seen on a live IIS; every method may be called from any thread.

    `epoch` counts the boots: what a timer of an earlier boot wants to do is dropped.
    """

    def __init__(
        self, configuration: IisConfiguration, behaviour: IisBehaviour, processes: ProcessTable, launch: Launch
    ) -> None:
        self._configuration = configuration
        self._behaviour = behaviour
        self._processes = processes
        self._launch = launch
        self._running: dict[str, _RunningPool] = {}
        self._epoch = 0
        self._changed = threading.Condition(threading.RLock())

    def state(self, name: str) -> str:
        with self._changed:
            return self._pool(name).state

    def workers(self) -> list[Worker]:
        with self._changed:
            return [worker for pool in self._running.values() for worker in pool.workers]

    def start(self, name: str) -> None:
        with self._changed:
            pool = self._configured(name)
            running = self._pool(name)
            if running.state in ("Started", "Starting"):
                raise Win32Error(SERVICE_ALREADY_RUNNING)
            if running.state == "Stopping":
                raise Win32Error(SERVICE_CANNOT_ACCEPT_CONTROL)
            running.crashes.clear()
            self._move(running, "Starting")
            seconds = self._behaviour.pool(name).start_seconds
            if seconds:
                self._later(seconds, lambda: self._started(pool, running))
            else:
                self._started(pool, running)

    def stop(self, name: str) -> None:
        """Ask a pool to stop. Blocks while it is Stopping if the host is set so, at most for its shutdownTimeLimit."""
        with self._changed:
            pool = self._configured(name)
            running = self._pool(name)
            if running.state == "Stopped":
                raise Win32Error(SERVICE_NOT_ACTIVE)
            if running.state in ("Stopping", "Starting"):
                raise Win32Error(SERVICE_CANNOT_ACCEPT_CONTROL)
            self._move(running, "Stopping")
            behaviour = self._behaviour.pool(name)
            if not running.workers:
                self._stopped(running, orphan=False)
            else:
                seconds = min(behaviour.stop_seconds, pool.shutdown_time_limit_seconds)
                self._later(seconds, lambda: self._try_to_stop(running, behaviour))
            if self._behaviour.stop_blocks:
                self._changed.wait_for(lambda: running.state != "Stopping", pool.shutdown_time_limit_seconds)

    def recycle(self, name: str) -> None:
        """A new worker starts before the old one ends: both hold their files for a while."""
        with self._changed:
            pool = self._configured(name)
            running = self._pool(name)
            if running.state != "Started":
                raise Win32Error(SERVICE_NOT_ACTIVE)
            old = list(running.workers)
            if old:
                self._spawn(pool, running)
            self._later(self._behaviour.pool(name).stop_seconds, lambda: self._end(running, old))

    def worker(self, name: str) -> Worker | None:
        """The newest worker of a started pool, started now if there is none; None if the pool is not started."""
        with self._changed:
            pool = self._configuration.pool(name)
            running = self._pool(name)
            if pool is None or running.state != "Started":
                return None
            return running.workers[-1] if running.workers else self._spawn(pool, running)

    def boot(self) -> None:
        """WAS starts: pools with autoStart start, AlwaysRunning ones get a worker at once."""
        for pool in self._configuration.pools:
            if pool.auto_start:
                self.start(pool.name)

    def power_off(self) -> None:
        """WAS stops or the host loses power: all workers are gone, at once and without a word."""
        with self._changed:
            self._epoch += 1
            workers = self.workers()
            self._running.clear()
            for worker in workers:
                self._processes.end(worker.pid)
            self._changed.notify_all()
        for worker in workers:
            worker.workload.end(orderly=False)

    def _started(self, pool: Pool, running: _RunningPool) -> None:
        self._move(running, "Started")
        if pool.always_running:
            self._spawn(pool, running)

    def _try_to_stop(self, running: _RunningPool, behaviour: PoolBehaviour) -> None:
        if behaviour.never_stops:
            self._later(_STUCK_SECONDS, lambda: self._try_to_stop(running, behaviour))
        else:
            self._stopped(running, behaviour.orphans)

    def _stopped(self, running: _RunningPool, orphan: bool) -> None:
        if running.state == "Stopping":
            self._end(running, list(running.workers), keep_process=orphan)
            self._move(running, "Stopped")

    def _spawn(self, pool: Pool, running: _RunningPool) -> Worker | None:
        workload = self._launch(pool)
        worker = Worker(self._processes.add("w3wp.exe", workload.holds).pid, pool.name, workload)
        running.workers.append(worker)
        workload.begin(lambda: self._later(0, lambda: self._crashed(running, worker)))
        return worker

    def _crashed(self, running: _RunningPool, worker: Worker) -> None:
        if worker not in running.workers:
            return
        self._end(running, [worker], orderly=False)
        now = time.monotonic()
        running.crashes = [at for at in running.crashes if now - at < RAPID_FAIL_SECONDS] + [now]
        if len(running.crashes) >= RAPID_FAIL_CRASHES:
            self._move(running, "Stopped")

    def _end(
        self, running: _RunningPool, workers: list[Worker], orderly: bool = True, keep_process: bool = False
    ) -> None:
        for worker in workers:
            if worker in running.workers:
                running.workers.remove(worker)
                worker.workload.end(orderly)
                if not keep_process:
                    self._processes.end(worker.pid)

    def _move(self, running: _RunningPool, state: str) -> None:
        running.state = state
        self._changed.notify_all()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        epoch = self._epoch

        def run() -> None:
            with self._changed:
                if epoch == self._epoch:
                    act()

        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()

    def _configured(self, name: str) -> Pool:
        pool = self._configuration.pool(name)
        if pool is None:
            raise Win32Error(OBJECT_IDENTIFIER_INVALID)
        return pool

    def _pool(self, name: str) -> _RunningPool:
        return self._running.setdefault(name.casefold(), _RunningPool())
