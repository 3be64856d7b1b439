# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moments and durations as people read them, in English and Russian."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII)

_UNITS = {
    "en": (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)),
    "ru": (("д", 86400), ("ч", 3600), ("мин", 60), ("с", 1)),
}
_SHOWN_UNITS = 2


def parse(text: str | None) -> datetime | None:
    """The moment in UTC, to the microsecond; a time without a zone is UTC. None for what is no ISO 8601 time."""
    found = _ISO.fullmatch(text or "")
    if not found:
        return None
    day, clock, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=timezone.utc)
        if zone and zone != "Z":
            hours, minutes = int(zone[1:3]), int(zone[-2:])
            moment -= timedelta(hours=hours, minutes=minutes) * (1 if zone[0] == "+" else -1)
        return moment + timedelta(seconds=float(fraction or 0))
    except (ValueError, OverflowError):
        return None


def moment(text: str | None, day: bool = True) -> str:
    """``2026-11-23 02:00:14 UTC``, or ``02:00:14 UTC`` without the day; what is no time stays as it is; "" for none."""
    found = parse(text)
    if found is None:
        return text or ""
    return f"{found:%Y-%m-%d %H:%M:%S} UTC" if day else f"{found:%H:%M:%S} UTC"


def duration(seconds: float, language: str) -> str:
    """``2 min 14 s``, ``2 мин 14 с``: the two largest units, tenths of a second below ten seconds."""
    if round(seconds, 1) < 10 and round(seconds, 1) != round(seconds):
        text = f"{seconds:.1f} {_UNITS[language][-1][0]}"
        return text.replace(".", ",") if language == "ru" else text
    smallest = next(size for size, least in ((3600, 86400), (60, 3600), (1, 0)) if seconds >= least)
    left = round(seconds / smallest) * smallest
    parts = []
    for name, size in _UNITS[language]:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:_SHOWN_UNITS]) or f"0 {_UNITS[language][-1][0]}"


def between(began: str | None, ended: str | None) -> float | None:
    """Seconds between two moments, None where one of them is not known or they are the wrong way round."""
    first, last = parse(began), parse(ended)
    return (last - first).total_seconds() if first and last and last >= first else None
