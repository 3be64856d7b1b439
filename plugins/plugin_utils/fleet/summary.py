# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as a whole: its record, and what is said of it at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from . import budget
from . import record as record_of
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
    """``run``: what the playbook has fixed at the begin (``id``, ``began``, ``target``, ``language``, ``batches``, ``budget``, and
    ``only``: "canary" or "check" where the run was not to do everything). ``stopped_by``: why the batches ended early, "" if they did not.
    """
    partial = bool(run.get("only")) and not stopped_by
    told = list(instances) if partial else [_not_begun(one, stopped_by) for one in instances]
    return {
        "format": FORMAT,
        "run": run["id"],
        "target": run["target"],
        "language": run["language"],
        "began": run["began"],
        "ended": ended,
        "outcome": _outcome(told, stopped_by, _FINE | {PLANNED} if partial else _FINE),
        "reason": stopped_by,
        "budget": budget.spent(told, run["budget"]["max_failed"], run["budget"]["max_percent"]),
        "batches": [_batch(one) for one in run["batches"]],
        "instances": told,
    }


def status(run: str, instances: Sequence[InstanceRecord], language: str, now: str) -> RunRecord:
    """A run as the hosts remember it: its budget and batches are not known there. It runs as long as an instance is at work."""
    began = sorted(one["began"] for one in instances if one["began"])
    at_work = any(one["state"] == record_of.RUNNING for one in instances)
    return {
        "format": FORMAT,
        "run": run,
        "target": next((one["target"] for one in instances if one["hops"]), ""),
        "language": language,
        "began": began[0] if began else now,
        "ended": None if at_work else max((one["ended"] or "" for one in instances), default="") or None,
        "outcome": RUNNING if at_work else _outcome(instances, "", _FINE),
        "reason": "",
        "budget": budget.spent(instances, None, None),
        "batches": [],
        "instances": list(instances),
    }


def table(run: RunRecord) -> str:
    """A line for every instance, in columns."""
    rows = [("HOST", "INSTANCE", "STATE", "FROM", "NOW", "MINUTES DOWN")]
    for one in run["instances"]:
        seconds = one["downtime"]["seconds"]
        down = "" if seconds is None else f"{seconds / 60:.1f}"
        rows.append((one["host"], one["name"] or "?", one["state"], one["start"] or "", one["version"] or "", down))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([text(run).splitlines()[0], *lines])


def _not_begun(one: InstanceRecord, stopped_by: str) -> InstanceRecord:
    if one["state"] != PLANNED:
        return one
    message = f"Not begun: {stopped_by or 'another instance of its host failed.'} Run again with the same upgrade_run_id to go on."
    return {**one, "state": NOT_BEGUN, "message": message, "next_step": message}


def _batch(batch: Mapping[str, Any]) -> BatchRecord:
    return {
        "number": int(batch["number"]),
        "name": batch["name"],
        "hosts": list(batch["hosts"]),
        "began": None,
        "ended": None,
    }


def _outcome(instances: Sequence[InstanceRecord], stopped_by: str, fine: frozenset[str]) -> str:
    if stopped_by:
        return STOPPED
    return SUCCEEDED if instances and all(one["state"] in fine for one in instances) else FAILED


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
