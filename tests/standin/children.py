# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Processes of this machine in which something of a host runs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading

_POLL_SECONDS = 0.1


def wait(process: subprocess.Popen[bytes], terminated: threading.Event) -> tuple[bytes, bytes]:
    """What a process has written at its end. It has a group of its own, which is killed with all its children when it is `terminated`."""
    while True:
        try:
            return process.communicate(timeout=_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if terminated.is_set():
                kill(process)
                return process.communicate()


def kill(process: subprocess.Popen[bytes]) -> None:
    """With the whole group that it leads; one that is gone already is left alone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
