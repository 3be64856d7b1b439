# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ports of the loopback for hosts. Several processes make fleets at once, and a port is used some time after it was chosen."""

from __future__ import annotations

import fcntl
import itertools
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

# Below the ports that Linux gives to outgoing connections (32768 and above).
_FIRST, _BLOCK, _BLOCKS = 20000, 400, 30


class _Block:
    """Ports that no other process chooses as long as this one lives: a lock on a file is gone with its process."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._lock: IO[str] | None = None
        self._ports: Iterator[int] = iter(())

    def take(self, count: int) -> list[int]:
        with self._guard:
            if self._lock is None:
                self._lock, first = _reserve()
                self._ports = itertools.cycle(range(first, first + _BLOCK))
            free = (port for port in itertools.islice(self._ports, _BLOCK) if _is_free(port))
            return list(itertools.islice(free, count))


def _reserve() -> tuple[IO[str], int]:
    folder = Path(tempfile.gettempdir()) / f"standin-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for number in range(_BLOCKS):
        file = (folder / str(number)).open("w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        return file, _FIRST + number * _BLOCK
    raise OSError(f"{_BLOCKS} processes have stand-in fleets on this machine: stop some of them")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # an ended connection's port can be listened on
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_BLOCK_OF_THIS_PROCESS = _Block()


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that are free now; all different. Raises OSError if there are not so many."""
    ports = _BLOCK_OF_THIS_PROCESS.take(count)
    if len(ports) < count:
        raise OSError(f"only {len(ports)} of {count} ports are free between {_FIRST} and {_FIRST + _BLOCK * _BLOCKS}")
    return ports
