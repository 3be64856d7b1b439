# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the result of a module says about the state of its instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import record

REFUSED, CONNECTION_LOST, NO_ANSWER, UNEXPECTED = "refused", "connection_lost", "module_failed", "unexpected"
"""Codes of failures that the host has not told: a wish that was refused, a host that gave no answer or none that can be read, a fault of
the collection.
"""
GOES_ON = (
    "The host goes on by itself: what is not confirmed is rolled back at its deadline, or held where the plan says that there is no way "
    "back. Look at it with comindware.platform.inspect when it can be reached."
)

_RETURNS = ("instance_rollback", "instance_restore")
_VERDICTS = {
    "healthy": record.UPGRADED,
    "unchanged": record.UNCHANGED,
    "handed_over": record.HANDED_OVER,
    "manual": record.MANUAL,
    "planned": record.PLANNED,
}


def of_success(action: str, result: Mapping[str, Any]) -> str:
    """A state of :mod:`.record` for a module that did not fail; "" where its result says nothing about a run."""
    if action == "upgrade_plan":
        plan = result.get("plan") or {}
        if result.get("level") == "blocker":
            return record.BLOCKED
        return record.UNCHANGED if plan.get("from") == plan.get("to") else record.PLANNED
    verdict = result.get("verdict")
    if action in _RETURNS and verdict in ("healthy", "handed_over", "unchanged"):
        return record.RETURNED
    if action != "instance_upgrade":
        return ""
    if verdict == "healthy" and reached(result) != result.get("to_version"):
        return record.MANUAL  # it waits before a later hop
    return _VERDICTS.get(str(verdict), record.UNKNOWN)


def message(result: Mapping[str, Any]) -> str:
    """What a module that did not fail says to people; of a plan that cannot be carried out: why."""
    plan = result.get("plan") or {}
    parts = [plan, *plan.get("hops", [])]
    blockers = [one["message"] for part in parts for one in part.get("findings", []) if one["level"] == "blocker"]
    return str(result.get("message") or "\n".join(blockers))


def reached(result: Mapping[str, Any]) -> str | None:
    """The version at which an upgrade that did not fail has left the instance."""
    hops = result.get("hops") or []
    version = hops[-1]["to"] if hops else result.get("from_version")
    return str(version) if version else None


def of_failure(action: str, result: Mapping[str, Any]) -> str:
    """A state of :mod:`.record` for a module that failed; "" where its failure says nothing about a run."""
    if action == "upgrade_plan":
        return record.UNKNOWN if is_open(result) else record.BLOCKED
    if action not in ("instance_upgrade", *_RETURNS):
        return ""
    if (
        result.get("code", CONNECTION_LOST) == CONNECTION_LOST
    ):  # without one it did not come to its end: a time-out of the task, a worker that was killed
        return record.LOST
    if is_open(result):
        return record.UNKNOWN
    details = result.get("details") or {}
    transaction = details.get("transaction")
    state = details.get("transaction_state") or (transaction.get("state") if isinstance(transaction, dict) else None)
    if state == "rolled_back":
        return record.ROLLED_BACK
    if result.get("code") == "verdict_unknown":
        return record.UNKNOWN
    if state in ("held", "applied"):
        return record.HELD
    return record.FAILED if state or transaction or result.get("changed") else record.BLOCKED


def is_open(result: Mapping[str, Any]) -> bool:
    """Whether a failed result of a module tells nothing about the host: it is no refusal, neither of the module nor of the host."""
    return "timedout" in result or result.get("code") in (CONNECTION_LOST, NO_ANSWER, UNEXPECTED)
