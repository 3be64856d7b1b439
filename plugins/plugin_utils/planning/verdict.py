# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judging whether an instance works after its start.

*Healthy* needs every check to be right; *unhealthy* needs a proof of the contrary; *handed over* is healthy but for the
service-mode page, which only an administrator's login can end; everything else is *unknown*.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..model import paths
from ..model.facts import InstanceFacts
from ..model.versions import Version

# Check states. SUSPECT is a failing answer that may still turn right while the instance starts.
OK, PENDING, SUSPECT, BAD, HANDED_OVER, UNKNOWN = "ok", "pending", "suspect", "bad", "handed_over", "unknown"

_HEALTH_SINCE = Version.parse("5.0.0.0")
LOG_TAIL = 131072
"""Bytes of each log that are read."""
_RECORD = re.compile(r"(?:has started\.|запущен\.)", re.IGNORECASE)
_RECORD_VERSION = re.compile(r"(?:Version|Версия)\s*:\s*(\d+\.\d+\.\d+\.\d+)")
_LOG_TIME = re.compile(r"(?m)^\W*(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)")
_SERVICE_MODE = re.compile(
    r"Включен режим обслуживания|Войти как администратор|<(?:h\d|title)[^>]*>\s*(?:The )?(?:service|maintenance) mode",
    re.IGNORECASE,
)
_DONE = re.compile(r"Upgrade of ontology completed successfully|Upgrade completed", re.IGNORECASE)
# The vendor's procedure: no "error" (4.2: also "ошиб") anywhere in the upgrade logs. Sentences that deny one are no error.
_ERROR = re.compile(r"(?im)^(?!.*(?:\b(?:without|no|0) errors?\b|без ошибок)).*(?:error|fatal|exception|ошиб).*$")


@dataclass(frozen=True)
class Check:
    """One check: its state and a sentence about what was seen."""

    name: str
    state: str
    message: str


@dataclass(frozen=True)
class Verdict:
    """``state``: healthy, handed_over, unhealthy, unknown, or pending while there is still hope.

    ``pages_unseen``: the pages ask for a login (401 is an answer) or lie behind a certificate that the host does not trust, so that
    service mode cannot be told from outside.
    """

    state: str
    checks: tuple[Check, ...]
    pages_unseen: bool = False

    def message(self) -> str:
        """The checks that were not right, as one sentence each."""
        wrong = [check.message for check in self.checks if check.state != OK]
        return " ".join(wrong) or "Every check is right."

    def as_dict(self) -> dict[str, Any]:
        """For results of modules."""
        checks = {check.name: {"state": check.state, "message": check.message} for check in self.checks}
        return {"state": self.state, "checks": checks}


def queries(instance: InstanceFacts, version: Version) -> list[dict[str, Any]]:
    """What to ask the host for :func:`judge`."""
    site, logs = instance["site"], instance["paths"]["logs"]
    asked: list[dict[str, Any]] = [
        {"id": "identity", "kind": "identity"},
        {"id": "iis", "kind": "iis"},
        {
            "id": "system_logs",
            "kind": "read",
            "paths": [paths.join(logs, "system*.log")],
            "tail_bytes": LOG_TAIL,
        },
        {
            "id": "upgrade_logs",
            "kind": "read",
            "paths": upgrade_logs(instance),
            "tail_bytes": LOG_TAIL,
        },
    ]
    if site and site["local_url"]:
        pages = [f"{site['local_url']}Home/Login/?returnUrl=/"]
        if version >= _HEALTH_SINCE:
            pages.append(f"{site['local_url']}api/health")
        http = {"id": "http", "kind": "http", "urls": pages, "timeout_seconds": 20, "follow_redirects": True}
        asked.append({**http, "host_header": site["host_header"]} if site["host_header"] else http)
    return asked


def upgrade_logs(instance: InstanceFacts) -> list[str]:
    """Globs of the logs that an upgrade of the data writes."""
    return [paths.join(instance["paths"]["logs"], glob) for glob in ("upgrade*.log", "update*.log")]


def judge(
    instance: InstanceFacts, version: Version, started_at: str | None, answers: dict[str, Any], final: bool
) -> Verdict:
    """Judges the answers to :func:`queries`. ``started_at``: when the old version was stopped, UTC. ``final``: no time is left."""
    began = datetime.fromisoformat(started_at.rstrip("Z")[:23]) if started_at else None
    start = local_time(began, answers.get("identity", {}))
    checks = (
        _iis(instance, answers.get("iis", {})),
        pages(answers.get("http", {})),
        _record(version, start, answers.get("system_logs", {})),
        data_upgrade(start, answers.get("upgrade_logs", {})),
    )
    return Verdict(_conclude({check.state for check in checks}, final), checks, unseen(answers.get("http", {})))


def unseen(answer: dict[str, Any]) -> bool:
    """Whether a page asks for a login or could not be read: then service mode cannot be told from outside."""
    return any(page.get("status") in (401, None) for page in answer.get("items", []))


def _conclude(states: set[str], final: bool) -> str:
    if BAD in states or (final and SUSPECT in states):
        return "unhealthy"
    if states & {PENDING, SUSPECT, UNKNOWN}:
        return "unknown" if final else "pending"
    return "handed_over" if HANDED_OVER in states else "healthy"


def _iis(instance: InstanceFacts, answer: dict[str, Any]) -> Check:
    if "sites" not in answer:
        return Check("iis", UNKNOWN, f"The state of IIS could not be read: {_reason(answer)}.")
    states = {f"site '{site['name']}'": site["state"] for site in answer["sites"]}
    states |= {f"pool '{pool['name']}'": pool["state"] for pool in answer["pools"]}
    wanted = [f"pool '{pool['name']}'" for pool in instance["pools"]]
    wanted += [f"site '{instance['site']['name']}'"] if instance["site"] else []
    for thing in wanted:
        state = states.get(thing, "absent")
        if state in ("Stopped", "absent"):
            return Check("iis", BAD, f"The {thing} is {state}: it failed repeatedly, or somebody stopped it.")
        if state != "Started":
            return Check("iis", PENDING, f"The {thing} is {state}.")
    if not any(worker["pool"].casefold() == instance["pools"][0]["name"].casefold() for worker in answer["workers"]):
        return Check("iis", PENDING, f"No worker process of pool '{instance['pools'][0]['name']}' runs.")
    return Check("iis", OK, "Site and pools are started and a worker process runs.")


def pages(answer: dict[str, Any]) -> Check:
    """The answer to the query ``http``: HANDED_OVER when a page is that of the service mode."""
    if "items" not in answer:
        return Check("http", UNKNOWN, f"The pages could not be asked for: {_reason(answer)}.")
    for page in answer["items"]:
        status = page.get("status")
        if status is None and page["error"]["code"] == "certificate":
            # The host asks itself by another name than people do: that proves nothing about the certificate.
            continue
        if status is None:
            return Check("http", SUSPECT, f"{page['url']} does not answer: {page['error']['message']}")
        if _SERVICE_MODE.search(page.get("body") or ""):
            return Check("http", HANDED_OVER, f"{page['url']} shows the service-mode page (HTTP {status}).")
        # Builds that have no such page answer 404 for it; the vendor names it from 5.0 on, without a build.
        if status not in ((200, 401, 404) if page["url"].endswith("api/health") else (200, 401)):
            return Check("http", SUSPECT, f"{page['url']} answers HTTP {status}.")
    return Check(
        "http",
        OK,
        ", ".join(f"{page['url']} answers HTTP {page['status'] or 'behind TLS'}" for page in answer["items"]) + ".",
    )


def _record(version: Version, start: datetime | None, answer: dict[str, Any]) -> Check:
    """The start-up record is the best proof of the version that runs: the product reads it from its own assembly."""
    if "items" not in answer or start is None:
        return Check("record", UNKNOWN, f"The system log could not be read: {_reason(answer)}.")
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


def data_upgrade(start: datetime | None, answer: dict[str, Any]) -> Check:
    """Upgrade logs written since the start must be without errors and end with success."""
    if "items" not in answer or start is None:
        return Check("data_upgrade", UNKNOWN, f"The upgrade logs could not be read: {_reason(answer)}.")
    seen = []
    for item in answer["items"]:
        text = written_since(item.get("text") or "", start)
        if not text:
            continue
        seen.append(paths.name(item["path"]))
        if error := _ERROR.search(text):
            return Check("data_upgrade", BAD, f"{seen[-1]} has an error: {error.group().strip()[:200]}")
        if not _DONE.search(text):
            return Check("data_upgrade", PENDING, f"The data upgrade is still at work ({seen[-1]}).")
    if seen:
        return Check("data_upgrade", OK, f"The data upgrade finished without errors ({', '.join(seen)}).")
    return Check("data_upgrade", OK, "No upgrade log was written since the start: the data needed no upgrade.")


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


def _reason(answer: dict[str, Any]) -> str:
    return str(answer.get("error", {}).get("message", "no answer"))
