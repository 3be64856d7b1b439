# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A place for the hosts of tests: they write, flush and remove very many small files, which takes a disk twice as long."""

from __future__ import annotations

import os
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM = 3 << 30


def memory() -> str | None:
    """A folder in memory, where there is room and programs can be run. None: the usual place."""
    if not _MEMORY.is_dir() or not os.access(_MEMORY, os.W_OK):
        return None
    its = os.statvfs(_MEMORY)
    fits = its.f_bavail * its.f_frsize > _ROOM and not its.f_flag & os.ST_NOEXEC
    return str(_MEMORY) if fits else None
