# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the logs of an instance say about its start: the start-up record and the logs of the data upgrade."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..model import paths
from ..model.facts import InstanceFacts
from ..model.versions import Version
from .health import BAD, OK, PENDING, UNKNOWN, Check, reason

LOG_TAIL = 131072
"""Bytes of each log of an upgrade that are read for its end."""

_RECORD_LINES = 12
"""The version stands so many lines behind the head of a start-up record at most; the vendor's samples have it in the fifth."""

_RECORD = re.compile(r"(?:has started\.|запущен\.)", re.IGNORECASE)
_RECORD_VERSION = re.compile(r"(?:Version|Версия)\s*:\s*(\d+\.\d+\.\d+\.\d+)")
_LOG_TIME = re.compile(r"(?m)^\W*(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
_DISORDER = timedelta(seconds=60)
"""So far apart two threads may write their records; a clock that is put back goes further."""
_BEGUN = re.compile(r"Execute upgrade|Upgrade of ontology .*started", re.IGNORECASE)
_DONE = re.compile(r"Upgrade of ontology completed successfully|Upgrade completed", re.IGNORECASE)
# The vendor's procedure: no "error" (4.2: also "ошиб") anywhere in the upgrade logs. Sentences that deny one are no error.
_ERROR_LINE = r"^(?!.*(?:\b(?:without|no|0) errors?\b|без ошибок)).*(?:error|fatal|exception|ошиб)"
_ERROR = re.compile(rf"(?im){_ERROR_LINE}.*$")


def queries(instance: InstanceFacts, since: str | None) -> list[dict[str, Any]]:
    """Asks for the logs, of those that were written since a moment (UTC, as hosts tell it) where it is known: the product keeps 100
    days of them. Of the large ones only the lines travel that matter.
    """
    recent = {"modified_since": since} if since else {}
    system, upgrade = [paths.join(instance["paths"]["logs"], "system*.log")], upgrade_logs(instance)
    record = {"pattern": f"(?i){_RECORD.pattern}", "after": _RECORD_LINES}
    asked: list[dict[str, Any]] = [
        {"id": "system_logs", "kind": "read", "paths": system, "lines": record},
        {"id": "upgrade_logs", "kind": "read", "paths": upgrade, "tail_bytes": LOG_TAIL},
        {"id": "upgrade_errors", "kind": "read", "paths": upgrade, "lines": {"pattern": f"(?i){_ERROR_LINE}"}},
    ]
    return [{**query, **recent} for query in asked]


def upgrade_logs(instance: InstanceFacts) -> list[str]:
    """Globs of the logs that an upgrade of the data writes."""
    return [paths.join(instance["paths"]["logs"], glob) for glob in ("upgrade*.log", "update*.log")]


def record(version: Version, start: datetime | None, answer: dict[str, Any]) -> Check:
    """The start-up record is the best proof of the version that runs: the product reads it from its own assembly."""
    if start is None:
        return Check(
            "record", UNKNOWN, "When the instance was started is not known, so its start-up record is not either."
        )
    if "items" not in answer:
        return Check("record", UNKNOWN, f"The system log could not be read: {reason(answer)}.")
    told = None
    for log in whole_logs(answer["items"]):
        text = log.written_since(start)
        for begin in _RECORD.finditer(text):
            found = _RECORD_VERSION.search(text, begin.end())
            told = found[1] if found else told
    if told is None:
        return Check("record", PENDING, "The system log has no start-up record of this start yet.")
    if Version.parse(told) != version:
        return Check("record", BAD, f"The start-up record says version {told}, not {version}.")
    return Check("record", OK, f"The start-up record says version {told}.")


def data_upgrade(start: datetime | None, answer: dict[str, Any], errors: dict[str, Any] | None = None) -> Check:
    """Upgrade logs written since the start must be without errors and end with success. ``errors``: the lines of them that have one,
    from the whole files.
    """
    unread = next((one for one in (answer, errors) if one is not None and "items" not in one), None)
    if unread is not None or start is None:
        why = reason(unread) if unread is not None else "when the instance was started is not known"
        return Check("data_upgrade", UNKNOWN, f"The upgrade logs could not be read: {why}.")
    for log in [*whole_logs((errors or {"items": []})["items"]), *whole_logs(answer["items"])]:
        for part, text in log.parts_since(start):
            if error := _ERROR.search(text):
                return Check("data_upgrade", BAD, f"{part} has an error: {error.group().strip()[:200]}")
    seen = []
    for log in whole_logs(answer["items"]):
        if not (text := log.written_since(start)):
            continue
        seen += [part for part, _text in log.parts_since(start)]
        done = max((found.end() for found in _DONE.finditer(text)), default=-1)
        if done < 0 or _BEGUN.search(text, done):
            return Check("data_upgrade", PENDING, f"The data upgrade is still at work ({seen[-1]}).")
    if seen:
        return Check("data_upgrade", OK, f"The data upgrade finished without errors ({', '.join(seen)}).")
    return Check("data_upgrade", OK, "No upgrade log was written since the start: the data needed no upgrade.")


def written(since: str, answers: dict[str, Any]) -> list[str] | None:
    """The names of the upgrade logs that were written since a moment (UTC, as hosts tell it); None where that cannot be told."""
    start = local_time(moment(since), answers.get("identity", {}))
    logs = answers.get("upgrade_logs", {}).get("items")
    if start is None or logs is None:
        return None
    return [part for log in whole_logs(logs) for part, _text in log.parts_since(start)]


def moment(text: str) -> datetime:
    """A time as hosts tell it, without its zone, which is UTC."""
    return datetime.fromisoformat(text.rstrip("Z")[:23])


def sizes(answers: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Size and time of each upgrade log: what changes while a data upgrade is at work."""
    logs = answers.get("upgrade_logs", {}).get("items", [])
    return {log["path"]: (log.get("size", 0), log.get("modified", "")) for log in logs}


@dataclass(frozen=True)
class Log:
    """One log, however many files it was split into by date, size or the change of the day: name and text of each, the oldest first."""

    parts: tuple[tuple[str, str], ...]

    def written_since(self, start: datetime) -> str:
        """What was written since then, the host's local time."""
        return "\n".join(text for _name, text in self.parts_since(start))

    def parts_since(self, start: datetime) -> list[tuple[str, str]]:
        """The files that have some of it, and which."""
        whole = "\n".join(text for _name, text in self.parts)
        begin, found, end = begin_of(whole, start), [], 0
        for name, text in self.parts:
            end += len(text) + 1
            if begin is not None and end - 1 > begin:
                found.append((name, text[max(0, begin - (end - 1 - len(text))) :]))
        return [(name, text) for name, text in found if text.strip()]


def whole_logs(items: Iterable[Mapping[str, Any]]) -> list[Log]:
    """The logs of which files are the parts: their names begin with the same letters. Files are in the order in which they were last
    written, which is UTC: a name has no order that holds for every way to split a log.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for item in items:
        kind = re.match(r"[^\W\d_]*", paths.name(item["path"]))
        found.setdefault(kind.group().casefold() if kind else "", []).append(item)
    return [
        Log(
            tuple(
                (paths.name(one["path"]), one.get("text") or "")
                for one in sorted(parts, key=lambda one: (one.get("modified") or "", paths.key(one["path"])))
            )
        )
        for parts in found.values()
    ]


def begin_of(text: str, start: datetime) -> int | None:
    """Where in a log that begins which was written since then, None if nothing was. ``start``: in the local time of now.

    Times in logs are the host's local time, to the second. Where they go back the clock was put back, and what stands behind is newer all
    the same: in front of that place the local time was ahead by as much.
    """
    begin, ahead, newer = None, timedelta(), None
    for segment in reversed(_segments(text)):
        if newer is not None:
            ahead += _whole_half_hours(segment[-1][1] - newer)
        newer = segment[0][1]
        inside = next((place for place, time in segment if time >= start.replace(microsecond=0) + ahead), None)
        if inside is None:
            break
        begin = inside
        if inside != segment[0][0]:
            break
    return begin


def _segments(text: str) -> list[list[tuple[int, datetime]]]:
    """Place and time of each record, in pieces within which the clock went forward."""
    segments: list[list[tuple[int, datetime]]] = []
    for line in _LOG_TIME.finditer(text):
        time = datetime.fromisoformat(f"{line[1]} {line[2]}")
        if not segments or time < segments[-1][-1][1] - _DISORDER:
            segments.append([])
        segments[-1].append((line.start(), time))
    return segments


def _whole_half_hours(went_back: timedelta) -> timedelta:
    """By how much a clock was put back, when a part of that has passed since: zones and their summer times differ by half hours."""
    half = timedelta(minutes=30)
    return -(-went_back // half) * half


def local_time(moment: datetime | None, identity: dict[str, Any]) -> datetime | None:
    """A time without zone, in UTC, as the host's local time; None when either is not known."""
    if moment is None or "utc_offset_minutes" not in identity:
        return None
    return moment + timedelta(minutes=identity["utc_offset_minutes"])
