# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled tasks of a stand-in host: registered as XML files below `tasks`, run as real Linux processes."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from ..children import kill
from ..clock import Clock
from ..environment import expand
from ..processes import Process
from .command_line import split_command_line
from .paths import Drives
from .task_definition import TaskDefinition, TimeTrigger, parse_task

if TYPE_CHECKING:
    from ..runtime import Runtime

_TICK_SECONDS = 0.1
_TASKS = r"C:\Windows\System32\Tasks"


@dataclass
class _Run:
    process: subprocess.Popen[bytes]
    image: str
    time_limit_seconds: int
    started: float = field(default_factory=time.monotonic)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    @property
    def overdue(self) -> bool:
        return bool(self.time_limit_seconds) and time.monotonic() - self.started > self.time_limit_seconds


class Scheduler:
    """MultipleInstances is IgnoreNew: a task that runs is not started again.

    A trigger whose time passed while the host was down fires at the next boot only with StartWhenAvailable.
    """

    def __init__(self, folder: Path, drives: Drives, runtime: Runtime, clock: Clock) -> None:
        self._folder = folder
        self._drives = drives
        self._runtime = runtime
        self._environment = runtime.environment
        self._now = clock.now
        self._running: dict[str, _Run] = {}
        self._looked = self._now()
        self._lock = threading.RLock()
        self._halt = threading.Event()
        self._clock: threading.Thread | None = None

    def register(self, name: str, document: bytes, replace: bool) -> None:
        """Raises FileExistsError for a known name without `replace`, ValueError for XML that Windows refuses."""
        parse_task(document)
        with self._lock:
            file = self._file(name)
            if file.exists() and not replace:
                raise FileExistsError(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            draft = file.with_name(file.name + ".draft")
            draft.write_bytes(document)
            draft.replace(file)
            self._drives.write(_TASKS + name, b"see the folder tasks of the host")  # an agent flushes it

    def document(self, name: str) -> bytes:
        """The XML of a task. Raises FileNotFoundError for an unknown one."""
        return self._file(name).read_bytes()

    def delete(self, name: str) -> None:
        """A run of the task goes on, as on Windows. Raises FileNotFoundError for an unknown task."""
        with self._lock:
            file = self._file(name)
            file.unlink()
            played = self._drives.real(_TASKS + name)
            played.unlink()
            if not any(played.parent.iterdir()):
                played.parent.rmdir()
            if file.parent != self._folder and not any(file.parent.iterdir()):
                file.parent.rmdir()

    def names(self) -> list[str]:
        with self._lock:
            files = list(self._folder.rglob("*.xml"))
        return sorted("\\" + str(file.relative_to(self._folder))[:-4].replace("/", "\\") for file in files)

    def exists(self, name: str) -> bool:
        return self._file(name).exists()

    def enabled(self, name: str) -> bool:
        return self._definition(name).enabled

    def running(self, name: str) -> bool:
        with self._lock:
            run = self._running.get(_key(name))
            return run is not None and run.alive

    def run(self, name: str) -> None:
        """Start a task now, detached. Raises FileNotFoundError for an unknown task, PermissionError if disabled."""
        with self._lock:
            definition = self._definition(name)
            if not definition.enabled:
                raise PermissionError(f"the task {name} is disabled")
            if self.running(name):
                return
            output = self._folder / "output" / (_key(name).strip("\\").replace("\\", "_") + ".txt")
            output.parent.mkdir(parents=True, exist_ok=True)
            with output.open("ab") as file:
                process = subprocess.Popen(
                    self._command(definition),
                    cwd=self._directory(definition),
                    env=self._environment,
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
            image = definition.command.rpartition("\\")[2]
            self._running[_key(name)] = _Run(process, image, definition.time_limit_seconds)

    def end(self, name: str) -> None:
        """Kill a run of a task and its children. Raises FileNotFoundError for an unknown task."""
        with self._lock:
            self._definition(name)
            self._kill(_key(name))

    @property
    def looked_at(self) -> datetime:
        """What was due until then has been started."""
        with self._lock:
            return self._looked

    def processes(self) -> list[Process]:
        """The running tasks as the task list shows them, with their real process ids."""
        with self._lock:
            return [Process(run.image, pid=run.process.pid) for run in self._running.values() if run.alive]

    def boot(self) -> None:
        """Start the clock, run tasks with a boot trigger, and those that missed their time and are to catch up."""
        last = self._last_look()
        self._looked = self._now()
        self._halt = threading.Event()
        for name in self.names():
            definition = self._definition(name)
            missed = definition.start_when_available and self._due(definition, last, self._looked)
            if definition.enabled and (definition.at_boot or missed):
                delay = definition.boot_delay_seconds if not missed else 0
                self._later(delay, name)
        self._clock = threading.Thread(target=self._tick, args=(self._halt,), name="task scheduler", daemon=True)
        self._clock.start()

    def power_off(self) -> None:
        """Kill every running task at once, as a power loss does."""
        self._halt.set()
        with self._lock:
            for key in list(self._running):
                self._kill(key)
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / "clock.json").write_text(json.dumps(self._looked.timestamp()), encoding="ascii")
        if self._clock and self._clock is not threading.current_thread():
            self._clock.join()

    def _tick(self, halt: threading.Event) -> None:
        while not halt.wait(_TICK_SECONDS):
            with self._lock:
                now = self._now()
                since, self._looked = self._looked, now
                for name in self.names():
                    definition = self._definition(name)
                    if definition.enabled and self._due(definition, since, now):
                        self._try(name)
                for key, run in list(self._running.items()):
                    if run.overdue:
                        self._kill(key)

    @staticmethod
    def _due(definition: TaskDefinition, since: datetime, now: datetime) -> bool:
        return any(trigger.enabled and _fires(trigger, since, now) for trigger in definition.times)

    def _later(self, seconds: float, name: str) -> None:
        halt = self._halt

        def start() -> None:
            with self._lock:
                if not halt.is_set() and self.exists(name):
                    self._try(name)

        timer = threading.Timer(seconds, start)
        timer.daemon = True
        timer.start()

    def _try(self, name: str) -> None:
        """A trigger whose program cannot be started is only a line in the history of the task."""
        with contextlib.suppress(OSError, ValueError):
            self.run(name)

    def _command(self, definition: TaskDefinition) -> list[str]:
        program = expand(definition.command, self._environment)
        arguments = split_command_line(expand(definition.arguments, self._environment))
        return [*self._runtime.command(program), *arguments]

    def _directory(self, definition: TaskDefinition) -> Path:
        wanted = expand(definition.working_directory or r"C:\Windows\System32", self._environment)
        return self._drives.real(wanted)

    def _kill(self, key: str) -> None:
        run = self._running.pop(key, None)
        if run and run.alive:
            kill(run.process)
            run.process.wait()

    def _definition(self, name: str) -> TaskDefinition:
        return parse_task(self.document(name))

    def _last_look(self) -> datetime:
        file = self._folder / "clock.json"
        return (
            datetime.fromtimestamp(json.loads(file.read_text("ascii")), timezone.utc) if file.exists() else self._now()
        )

    def _file(self, name: str) -> Path:
        wanted = _key(name).strip("\\")
        exact = self._folder / (name.strip("\\").replace("\\", "/") + ".xml")
        return next(
            (
                self._folder / (known.strip("\\").replace("\\", "/") + ".xml")
                for known in self.names()
                if _key(known).strip("\\") == wanted
            ),
            exact,
        )


def _key(name: str) -> str:
    return "\\" + name.strip("\\").casefold()


def _fires(trigger: TimeTrigger, since: datetime, now: datetime) -> bool:
    if not trigger.interval_seconds or trigger.start > now:
        return since < trigger.start <= now
    periods = (now - trigger.start) // timedelta(seconds=trigger.interval_seconds)
    return since < trigger.start + timedelta(seconds=periods * trigger.interval_seconds) <= now
