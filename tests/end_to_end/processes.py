# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The processes of an ansible-playbook: itself, and the forks that it has made."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

PROC = Path("/proc")


def kill(process: subprocess.Popen[Any]) -> None:
    """What the end of its machine does to an ansible-playbook. From ansible-core 2.19 on its forks are sessions of their own, which
    go on with their hosts when only it is killed.
    """
    process.send_signal(signal.SIGSTOP)  # no new ones meanwhile
    for one in [*descendants(process.pid), process.pid]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    process.communicate()


def descendants(process: int) -> list[int]:
    """The children of a process, and theirs."""
    found = []
    for child in children(process):
        found += [child, *descendants(child)]
    return found


def children(process: int) -> list[int]:
    found: list[int] = []
    for task in (PROC / str(process) / "task").glob("*"):
        found += [int(child) for child in read(task / "children").split()]
    return found


def read(file: Path) -> bytes:
    """A file of a process; empty if that has ended meanwhile."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
