# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the results of the modules mean for the records of a run."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from . import states
from .record import (
    BLOCKED,
    FAILED,
    LOST,
    PLANNED,
    RETURNED,
    UNCHANGED,
    UNKNOWN,
    UNREACHABLE,
    UPGRADED,
    Change,
    Downtime,
    HopRecord,
    InstanceRecord,
    empty_downtime,
    new_instance,
)

After = Callable[[Sequence[InstanceRecord], Mapping[str, Any], "InstanceRecord | None"], "list[InstanceRecord]"]


def planned(host: str, plan: Mapping[str, Any], known: InstanceRecord | None = None) -> InstanceRecord:
    """An instance with its plan, as :func:`..planning.kept.as_dict` gives it. ``known``: how the host remembers that this run has brought
    it to the target already.
    """
    if known:
        return known
    record = new_instance(host, plan["brand"], plan["instance"], plan["to"])
    record["start"] = record["version"] = plan["from"]
    record["path"] = list(plan["path"])
    record["warnings"] = list(_told(plan, plan["hops"][: plan["hops_of_this_run"]], "warning"))
    if plan["from"] == plan["to"]:
        record["state"] = UNCHANGED
    if plan["level"] == "blocker":
        record["state"] = BLOCKED
        record["message"] = record["next_step"] = " ".join(_told(plan, plan["hops"], "blocker"))
    return record


def _told(plan: Mapping[str, Any], hops: Sequence[Mapping[str, Any]], level: str) -> Iterator[str]:
    """The messages of findings of that level; of a later hop it is said which, as it is not what the run would begin with."""
    yield from (finding["message"] for finding in plan["findings"] if finding["level"] == level)
    for number, hop in enumerate(hops):
        later = f"Hop {number + 1} of {len(plan['hops'])}, {hop['from']} -> {hop['to']}: " if number else ""
        yield from (later + finding["message"] for finding in hop["findings"] if finding["level"] == level)


def unreached(host: str, target: str, result: Mapping[str, Any]) -> InstanceRecord:
    """A host of which not even the instances are known: it could not be reached, or not be looked at."""
    record = new_instance(host, "", "", target)
    away = bool(result.get("unreachable"))
    record["state"] = UNREACHABLE if away else UNKNOWN if states.is_open(result) else BLOCKED
    record["message"] = record["next_step"] = str(result.get("msg", ""))
    return record


def ended(record: InstanceRecord, result: Mapping[str, Any]) -> InstanceRecord:
    """The record after a task of ``instance_upgrade``, whatever became of it."""
    hops = [_hop(one) for one in result.get("hops", []) if one["verdict"] != "planned"]
    good = [one["target"] for one in hops if one["verdict"] in ("healthy", "handed_over")]
    now = state(result)
    message = str(result.get("message") or result.get("msg") or "")
    if now == LOST and "code" not in result:
        message = f"{message} {states.GOES_ON}"
    return {
        **record,
        "state": now,
        "verdict": str(result.get("verdict", result.get("code", ""))),
        "message": message,
        "next_step": "" if now in (UPGRADED, UNCHANGED, PLANNED) else message,
        "url": result.get("url", record["url"]),
        "version": good[-1] if good else record["version"],
        "warnings": list(dict.fromkeys([*record["warnings"], *result.get("warnings", [])])),
        "hops": hops,
        "backups": [backup for one in hops if (backup := one["backup"])],
        "began": next((one["began"] for one in hops if one["began"]), None),
        "ended": next((one["ended"] for one in reversed(hops) if one["ended"]), None),
        "downtime": together([one["downtime"] for one in hops] or _of_failure(result)),
        "changes": _changes(result.get("diff")),
    }


def stopped(records: Sequence[InstanceRecord], result: Mapping[str, Any]) -> list[InstanceRecord]:
    """The records of a host that was lost, or on which something failed, before its next instance began: that one bears it."""
    turn = next((number for number, one in enumerate(records) if one["state"] == PLANNED), None)
    message = str(result.get("msg", ""))
    now = UNREACHABLE if result.get("unreachable") else FAILED
    return [
        {**one, "state": now, "message": message, "next_step": message} if number == turn else one
        for number, one in enumerate(records)
    ]


def looked_at(record: InstanceRecord, result: Mapping[str, Any]) -> InstanceRecord:
    """The record after a later look by ``instance_health``: what became worse counts as failed, what cannot be seen as unknown, and who
    waited for a login may have had it.
    """
    verdict = str(result.get("verdict", ""))
    message = str(result.get("msg") or result.get("message") or "")
    if result.get("unreachable"):
        now = LOST
    elif result.get("failed"):
        now = UNKNOWN if verdict == "unknown" or states.is_open(result) else FAILED
    elif verdict == "healthy":
        return {**record, "state": UPGRADED, "verdict": verdict, "next_step": ""}
    else:
        return record
    return {**record, "state": now, "verdict": verdict, "message": message, "next_step": message}


def returned(record: InstanceRecord, result: Mapping[str, Any]) -> InstanceRecord:
    """The record after a task of ``instance_rollback``, which the run itself wanted."""
    message = str(result.get("message") or result.get("msg") or "")
    if result.get("unreachable") or states.is_open(result):
        return {**record, "state": LOST, "message": message, "next_step": message}
    if result.get("failed"):
        return {**record, "state": FAILED, "message": message, "next_step": message}
    return {**record, "state": RETURNED, "version": record["start"], "message": message, "next_step": ""}


def state(result: Mapping[str, Any]) -> str:
    """One of :data:`..record.STATES`, for a result of ``instance_upgrade``."""
    if result.get("unreachable"):
        return UNREACHABLE
    return (states.of_failure if result.get("failed") else states.of_success)("instance_upgrade", result)


def _hop(told: Mapping[str, Any]) -> HopRecord:
    return {
        "start": told["from"],
        "target": told["to"],
        "verdict": told["verdict"],
        "transaction": told.get("transaction"),
        "backup": told.get("backup"),
        "began": told.get("stopped_at"),
        "ended": told.get("started_at"),
        "downtime": told.get("downtime") or empty_downtime(),
    }


def _of_failure(result: Mapping[str, Any]) -> list[Downtime]:
    """Of a change that did not stand: until the old version answered again."""
    details = result.get("details") or {}
    transaction = details.get("transaction")
    measured = details.get("downtime") or (transaction.get("downtime") if isinstance(transaction, dict) else None)
    return [measured] if measured else []


def together(parts: Sequence[Downtime]) -> Downtime:
    """Of all hops: from the first outage to the end of the last, without what was up between them."""
    known = [one["seconds"] for one in parts if one["seconds"] is not None]
    return {
        "seconds": round(sum(known), 1) if known and len(known) == len(parts) else None,
        "last_answer": parts[0]["last_answer"] if parts else None,
        "first_answer": parts[-1]["first_answer"] if parts else None,
    }


def _changes(diffs: Any) -> list[Change]:
    """From the differences that a module returns for ``--diff``."""
    listed = diffs if isinstance(diffs, list) else [diffs] if diffs else []
    found = []
    for one in listed:
        before, after = (str(one.get(side) or "").splitlines() for side in ("before", "after"))
        old, new = (str(one.get(f"{side}_header") or "") for side in ("before", "after"))
        lines = difflib.unified_diff(before, after, old, new, lineterm="")
        found.append(Change(file=new, diff="\n".join(lines)))
    return [one for one in found if one["diff"]]


def _of_one(change: Callable[[InstanceRecord, Mapping[str, Any]], InstanceRecord]) -> After:
    def after(
        records: Sequence[InstanceRecord], result: Mapping[str, Any], instance: InstanceRecord | None
    ) -> list[InstanceRecord]:
        return [change(one, result) if one == instance else one for one in records]

    return after


def _warned(
    records: Sequence[InstanceRecord], result: Mapping[str, Any], _instance: InstanceRecord | None
) -> list[InstanceRecord]:
    return [{**one, "warnings": [*one["warnings"], str(result.get("msg", ""))]} for one in records]


AFTER: dict[str, After] = {
    "instance_upgrade": _of_one(ended),
    "instance_rollback": _of_one(returned),
    "instance_health": _of_one(looked_at),
    "host": lambda records, result, _instance: stopped(records, result),
    "hook": _warned,
}
"""The records of a host after a task: of a module for one instance, of the host before its next instance began, or of a hook behind it."""
