# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as a whole: its record, and what is said of it at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from . import budget
from .record import (
    BAD,
    BLOCKED,
    FORMAT,
    GOOD,
    HANDED_OVER,
    LOST,
    MANUAL,
    NOT_BEGUN,
    PLANNED,
    STATES,
    BatchRecord,
    InstanceRecord,
    RunRecord,
)

RUNNING, SUCCEEDED, STOPPED, FAILED = "running", "succeeded", "stopped", "failed"
_FINE = GOOD | {HANDED_OVER, MANUAL}


def record(run: Mapping[str, Any], instances: Sequence[InstanceRecord], stopped_by: str, ended: str) -> RunRecord:
    """``run``: what the playbook has fixed at the begin (``id``, ``began``, ``target``, ``language``, ``batches``, ``budget``).
    ``stopped_by``: why the batches ended early, "" if they did not.
    """
    told = [_not_begun(one, stopped_by) for one in instances]
    return {
        "format": FORMAT,
        "run": run["id"],
        "target": run["target"],
        "language": run["language"],
        "began": run["began"],
        "ended": ended,
        "outcome": _outcome(told, stopped_by),
        "reason": stopped_by,
        "budget": budget.spent(told, run["budget"]["max_failed"], run["budget"]["max_percent"]),
        "batches": [_batch(number, one) for number, one in enumerate(run["batches"], 1)],
        "instances": told,
    }


def _not_begun(one: InstanceRecord, stopped_by: str) -> InstanceRecord:
    if one["state"] != PLANNED:
        return one
    message = f"Not begun: {stopped_by or 'another instance of its host failed.'} Run again with the same upgrade_run_id to go on."
    return {**one, "state": NOT_BEGUN, "message": message, "next_step": message}


def _batch(number: int, batch: Mapping[str, Any]) -> BatchRecord:
    return {"number": number, "name": batch["name"], "hosts": list(batch["hosts"]), "began": None, "ended": None}


def _outcome(instances: Sequence[InstanceRecord], stopped_by: str) -> str:
    if stopped_by:
        return STOPPED
    return SUCCEEDED if instances and all(one["state"] in _FINE for one in instances) else FAILED


def counts(instances: Sequence[InstanceRecord]) -> dict[str, int]:
    """How many instances are in each state that occurs, in the order of :data:`STATES`."""
    found = Counter(one["state"] for one in instances)
    return {state: found[state] for state in STATES if found[state]}


def text(run: RunRecord) -> str:
    """What the last task says: the counts, why it stopped, and every instance about which somebody has to do something."""
    total = ", ".join(f"{count} {state}" for state, count in counts(run["instances"]).items()) or "no instances"
    lines = [f"Run {run['run']} to {run['target']}: {run['outcome']}; {total}."]
    if run["reason"]:
        lines.append(run["reason"])
    for one in run["instances"]:
        if one["state"] in BAD | {BLOCKED}:
            lines.append(
                f"{one['name'] or 'The host'} on {one['host']}: {one['state']}. {one['message']}{_dead_man(one)}"
            )
    return "\n".join(lines)


def _dead_man(one: InstanceRecord) -> str:
    if one["state"] != LOST:
        return ""
    return (
        " The host goes on by itself: what nobody confirms it rolls back at its deadline and at every start, or holds where the plan has "
        "no way back. The next run with the same upgrade_run_id looks at it first."
    )
