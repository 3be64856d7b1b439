# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the logs of an instance say about its start: the start-up record and the logs of the data upgrade."""

from __future__ import annotations

import re
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
    for item in answer["items"]:
        text = written_since(item.get("text") or "", start)
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
    for item in [*(errors or {"items": []})["items"], *answer["items"]]:
        if error := _ERROR.search(written_since(item.get("text") or "", start)):
            name = paths.name(item["path"])
            return Check("data_upgrade", BAD, f"{name} has an error: {error.group().strip()[:200]}")
    seen = []
    for item in answer["items"]:
        text = written_since(item.get("text") or "", start)
        if not text:
            continue
        seen.append(paths.name(item["path"]))
        if not _DONE.search(text):
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
    return [paths.name(log["path"]) for log in logs if written_since(log.get("text") or "", start)]


def moment(text: str) -> datetime:
    """A time as hosts tell it, without its zone, which is UTC."""
    return datetime.fromisoformat(text.rstrip("Z")[:23])


def sizes(answers: dict[str, Any]) -> dict[str, tuple[int, str]]:
    """Size and time of each upgrade log: what changes while a data upgrade is at work."""
    logs = answers.get("upgrade_logs", {}).get("items", [])
    return {log["path"]: (log.get("size", 0), log.get("modified", "")) for log in logs}


def written_since(text: str, start: datetime) -> str:
    """The part of a log that was written since then. Times in logs are the host's local time, to the second."""
    for line in _LOG_TIME.finditer(text):
        if datetime.fromisoformat(f"{line[1]} {line[2]}") >= start.replace(microsecond=0):
            return text[line.start() :]
    return ""


def local_time(moment: datetime | None, identity: dict[str, Any]) -> datetime | None:
    """A time without zone, in UTC, as the host's local time; None when either is not known."""
    if moment is None or "utc_offset_minutes" not in identity:
        return None
    return moment + timedelta(minutes=identity["utc_offset_minutes"])
