# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known about a run: the ledger, which the reports show. It is a cache; the hosts hold the truth.

Times are texts, ISO 8601 in UTC (``2026-11-23T02:00:00Z``), of the host where it is about an instance, else of the controller.
"""

from __future__ import annotations

from typing import TypedDict

FORMAT = 1

PLANNED, BLOCKED, RUNNING = "planned", "blocked", "running"
UPGRADED, UNCHANGED, HANDED_OVER, MANUAL = "upgraded", "unchanged", "handed_over", "manual"
ROLLED_BACK, RETURNED, FAILED, HELD, UNKNOWN = "rolled_back", "returned", "failed", "held", "unknown"
LOST, UNREACHABLE, NOT_BEGUN = "lost", "unreachable", "not_begun"

STATES = {
    PLANNED: "has a plan, its turn has not come",
    BLOCKED: "refused by its plan, nothing was touched",
    RUNNING: "at work",
    UPGRADED: "runs the target and is healthy",
    UNCHANGED: "ran the target already",
    HANDED_OVER: "runs the new version and waits for an administrator's login",
    MANUAL: "a person has to act before the next hop",
    ROLLED_BACK: "failed, and is at the version before again",
    RETURNED: "was upgraded, and went back because the run failed elsewhere",
    FAILED: "failed, and is not wholly at either version as far as the host said",
    HELD: "the new version runs unconfirmed until a person decides",
    UNKNOWN: "nobody could find out whether it works",
    LOST: "the host was lost in the middle; it goes back by itself",
    UNREACHABLE: "the host could not be reached, nothing was touched",
    NOT_BEGUN: "the run ended before its turn",
}
"""Every state of an instance in a run."""

BAD = frozenset({ROLLED_BACK, FAILED, HELD, UNKNOWN, LOST, UNREACHABLE})
"""States that use up the failure budget."""
GOOD = frozenset({UPGRADED, UNCHANGED})


class Downtime(TypedDict):
    """``seconds`` between the last good answer and the first good one, both measured on the host; None where one is not known."""

    seconds: float | None
    last_answer: str | None
    first_answer: str | None


class HopRecord(TypedDict):
    """One hop that was begun. ``transaction``: its id on the host. ``backup``: the folder of its set on the host."""

    start: str
    target: str
    verdict: str
    transaction: str | None
    backup: str | None
    began: str | None
    ended: str | None
    downtime: Downtime


class Change(TypedDict):
    """A file whose content or name changed; ``diff`` is unified, without any secret."""

    file: str
    diff: str


class InstanceRecord(TypedDict):
    """One instance. ``host``: its inventory name. ``path``: the versions of its way, both ends included. ``version``: what runs, as
    far as known. ``batch``: number of its batch, None before that is known. ``message``: the last word about it, for people.
    ``next_step``: what somebody has to do, "" if nothing. ``logs``: files on the host worth reading.
    """

    host: str
    brand: str
    name: str
    url: str | None
    start: str | None
    target: str
    version: str | None
    path: list[str]
    batch: int | None
    state: str
    verdict: str
    began: str | None
    ended: str | None
    downtime: Downtime
    hops: list[HopRecord]
    backups: list[str]
    changes: list[Change]
    warnings: list[str]
    message: str
    next_step: str
    logs: list[str]


class BatchRecord(TypedDict):
    """``name``: canary, or its number in words for people. ``hosts``: inventory names."""

    number: int
    name: str
    hosts: list[str]
    began: str | None
    ended: str | None


class Budget(TypedDict):
    """``max_failed``: instances; ``max_percent``: of all instances that are not blocked; None: no limit. ``failed``, ``unknown`` and
    ``unreachable`` count, ``handed_over`` is told by itself. ``breached``: why, as a sentence; "" if it was not.
    """

    max_failed: int | None
    max_percent: float | None
    failed: int
    unknown: int
    unreachable: int
    handed_over: int
    breached: str


class RunRecord(TypedDict):
    """``outcome``: running, succeeded (every instance is GOOD or handed over), stopped (by budget, window or an operator), failed."""

    format: int
    run: str
    target: str
    language: str
    began: str
    ended: str | None
    outcome: str
    reason: str
    budget: Budget
    batches: list[BatchRecord]
    instances: list[InstanceRecord]


def empty_downtime() -> Downtime:
    """Nothing measured."""
    return {"seconds": None, "last_answer": None, "first_answer": None}


def new_instance(host: str, brand: str, name: str, target: str) -> InstanceRecord:
    """An instance of which nothing else is known yet."""
    return {
        "host": host,
        "brand": brand,
        "name": name,
        "url": None,
        "start": None,
        "target": target,
        "version": None,
        "path": [],
        "batch": None,
        "state": PLANNED,
        "verdict": "",
        "began": None,
        "ended": None,
        "downtime": empty_downtime(),
        "hops": [],
        "backups": [],
        "changes": [],
        "warnings": [],
        "message": "",
        "next_step": "",
        "logs": [],
    }
