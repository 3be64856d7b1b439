# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The second copy of a backup set, on a share or elsewhere, made by the module itself under the caller's logon."""

from __future__ import annotations

from collections.abc import Callable

from .host import Host, HostError
from .pace import Pace
from .planning.findings import Finding
from .stages import COPY, Line, where


def probe(host: Host, place: str) -> list[Finding]:
    """A blocker when no file can be made in the folder for copies, found before anything is stopped."""
    try:
        host.probe_copy(place)
    except HostError as error:
        return [Finding("blocker", error.code, str(error))]
    return []


def make(host: Host, backup: str, place: str, progress: Callable[[str], None]) -> int:
    """Copies a set; the number of files that were not there yet. Raises :class:`HostError`; a later call goes on from there."""
    pace, start = Pace(), 0
    copied: int = 0
    while True:
        answer = host.copy_set(backup, place, start)
        copied += answer["copied"]
        if answer["complete"]:
            return copied
        if line := pace.see(answer["bytes"], answer["total_bytes"]):
            progress(Line(f"copy of {backup} to {place}: {line}", {"stage": COPY, **where(line)}))
        start = answer["next"]
