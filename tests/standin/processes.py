# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The processes of a stand-in host that are only played, and the files they hold.

The file `held` has a line `pid<TAB>process name<TAB>Windows path` for each file, or folder with all its files; the file
`started` a line `pid<TAB>time` for each process.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import count
from pathlib import Path

_pids = count(5_000_000, 4)  # above Linux's greatest process id: a played process is never mistaken for a real one


@dataclass(frozen=True)
class Process:
    """A process in the task list; `holds` are the Windows paths it keeps open."""

    name: str
    holds: tuple[str, ...] = ()
    session: str = "Services"
    pid: int = field(default_factory=lambda: next(_pids))
    started: str = field(default_factory=lambda: f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z")


class ProcessTable:
    """All played processes of a host; every change is in `held` before the call returns."""

    def __init__(self, held: Path) -> None:
        self._held = held
        self._processes: dict[int, Process] = {}
        self._lock = threading.Lock()

    def add(self, name: str, holds: Iterable[str] = (), session: str = "Services") -> Process:
        process = Process(name, tuple(holds), session)
        with self._lock:
            self._processes[process.pid] = process
            self._write()
        return process

    def end(self, pid: int) -> bool:
        """End a process and free what it holds; says whether it was there."""
        with self._lock:
            known = self._processes.pop(pid, None) is not None
            if known:
                self._write()
        return known

    def end_all(self) -> None:
        with self._lock:
            self._processes.clear()
            self._write()

    def all(self) -> list[Process]:
        with self._lock:
            return list(self._processes.values())

    def get(self, pid: int) -> Process | None:
        with self._lock:
            return self._processes.get(pid)

    def _write(self) -> None:
        lines = [
            f"{process.pid}\t{process.name}\t{path}\n" for process in self._processes.values() for path in process.holds
        ]
        _put(self._held, lines)
        _put(self._held.with_name("started"), [f"{each.pid}\t{each.started}\n" for each in self._processes.values()])


def _put(file: Path, lines: list[str]) -> None:
    draft = file.with_name(f"{file.name}.draft")
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(file)
