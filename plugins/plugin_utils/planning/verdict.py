# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judging whether an instance works, after its start or as it is.

*Healthy* needs every check to be right; *unhealthy* needs a proof of the contrary; *handed over* is healthy but for the
service-mode page, which only an administrator's login can end; everything else is *unknown*. What was wrong before a change is
reported and not blamed on it, except what the change must prove anew: the version in the start-up record and the data upgrade.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..model.facts import InstanceFacts
from ..model.versions import Version
from . import health_host, health_logs, health_pages
from .health import BAD, HANDED_OVER, KNOWN, OK, PENDING, SUSPECT, UNKNOWN, Baseline, Check
from .health_pages import Manner

_BEFORE = "before "


@dataclass(frozen=True)
class Verdict:
    """``state``: healthy, handed_over, unhealthy, unknown, or pending while there is still hope.

    ``pages_unseen``: the pages ask for a login (401 is an answer), so that service mode cannot be told from outside.
    ``note``: what else must be said, such as that there was nothing to compare with. ``answered_at``: when a page first answered.
    """

    state: str
    checks: tuple[Check, ...]
    pages_unseen: bool = False
    note: str = ""
    answered_at: str | None = None

    def message(self) -> str:
        """The checks that were not right, as one sentence each."""
        wrong = [check.message for check in self.checks if check.state not in (OK, KNOWN)]
        known = [check.message for check in self.checks if check.state == KNOWN]
        told = wrong or ([] if known else ["Every check is right."])
        if known:
            told = [*told, "Not blamed:", *known]
        return " ".join([*told, *([self.note] if self.note else [])])

    def check(self, name: str) -> str | None:
        """The state of a check, None if it was not made."""
        return next((check.state for check in self.checks if check.name == name), None)

    def as_dict(self) -> dict[str, Any]:
        """For results of modules."""
        checks = {check.name: {"state": check.state, "message": check.message} for check in self.checks}
        return {"state": self.state, "checks": checks}


def queries(
    instance: InstanceFacts, version: Version, since: str | None = None, manner: Manner | None = None
) -> list[dict[str, Any]]:
    """What to ask the host for :func:`judge`. ``since``: the moment (UTC, as hosts tell it) since which logs matter; all of them
    where it is not known. The pages come first: their request starts the worker process that IIS is then asked for.
    """
    return [
        {"id": "identity", "kind": "identity"},
        *health_pages.query(instance["site"], version, manner or Manner()),
        *health_host.queries(instance),
        *health_logs.queries(instance, since),
    ]


def baseline_queries(instance: InstanceFacts, manner: Manner | None = None) -> list[dict[str, Any]]:
    """What to ask before the stop for :func:`baseline`, under ids of their own; nothing of an instance that sleeps or is stopped,
    which a request would start.
    """
    if _no_baseline(instance):
        return []
    version = Version.parse(instance["version"]["current"]) if instance["version"]["current"] else None
    asked = [*health_pages.query(instance["site"], version, manner or Manner()), *health_host.queries(instance)]
    return [{**query, "id": _BEFORE + query["id"]} for query in asked]


def baseline(instance: InstanceFacts, answers: dict[str, Any]) -> Baseline:
    """The answers to :func:`baseline_queries`, among others of the same call."""
    if absent := _no_baseline(instance):
        return Baseline({}, absent)
    found = {id_.removeprefix(_BEFORE): answer for id_, answer in answers.items() if id_.startswith(_BEFORE)}
    return Baseline(found, "" if found else "it was not looked at")


def _no_baseline(instance: InstanceFacts) -> str:
    if instance["state"] == "stopped" or not instance["pools"] or instance["pools"][0]["state"] != "Started":
        return "the instance was stopped"
    return "" if instance["pools"][0]["workers"] else "the instance slept"


def judge(
    instance: InstanceFacts,
    version: Version,
    started_at: str | None,
    answers: dict[str, Any],
    final: bool,
    *,
    before: Baseline | None = None,
    worker: Check | None = None,
) -> Verdict:
    """Judges the answers to :func:`queries`.

    ``started_at``: since when everything must be new, UTC: the stop of the old version, or the start of the worker process.
    ``final``: no time is left. ``before``: how it was before the change. ``worker``: what watching the worker process found.
    """
    began = health_logs.moment(started_at) if started_at else None
    start = health_logs.local_time(began, answers.get("identity", {}))
    http = answers.get("http", {})
    checks = (
        health_host.iis(instance, answers.get("iis", {}), before),
        *([worker] if worker else []),
        *health_host.services(instance, answers.get("services", {}), before),
        health_pages.pages(http, before),
        *health_pages.certificates(http, before),
        health_logs.record(version, start, answers.get("system_logs", {})),
        health_logs.data_upgrade(start, answers.get("upgrade_logs", {}), answers.get("upgrade_errors", {})),
    )
    note = f"There was nothing to compare with: {before.absent} before." if before and before.absent else ""
    return Verdict(_conclude({check.state for check in checks}, final), checks, health_pages.unseen(http), note)


def _conclude(states: set[str], final: bool) -> str:
    if BAD in states or (final and SUSPECT in states):
        return "unhealthy"
    if states & {PENDING, SUSPECT, UNKNOWN}:
        return "unknown" if final else "pending"
    return "handed_over" if HANDED_OVER in states else "healthy"
