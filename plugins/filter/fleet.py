# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters of the playbooks that work on many hosts; each is documented in a file of its own beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils.fleet import budget, found, order, outcomes, summary, window
from ..plugin_utils.fleet.record import BAD, InstanceRecord, RunRecord
from ..plugin_utils.model.facts import HostFacts


def fleet_kind(facts: HostFacts, plans: Sequence[Mapping[str, Any]]) -> str:
    """What makes hosts alike for an upgrade."""
    return order.kind(facts, plans)


def fleet_batches(
    kinds: Mapping[str, str], canary: int = 1, sizes: Sequence[str | int] = ("100%",)
) -> list[order.Batch]:
    """``kinds``: of every host, in the order of the inventory."""
    return list(_told(lambda: order.batches(kinds, int(canary), sizes)))


def fleet_budget(
    records: Sequence[InstanceRecord], max_failed: int | None = None, max_percent: float | None = None
) -> dict[str, Any]:
    """What is used up of the budget."""
    return dict(_told(lambda: budget.spent(records, max_failed, max_percent)))


def fleet_window(text: str, began: str) -> int:
    """Seconds since 1970 at the end of the window, of a run that began then (ISO 8601 with a zone)."""
    return int(_told(lambda: window.end(text, datetime.fromisoformat(began))).timestamp())


def fleet_planned(plan: Mapping[str, Any], host: str) -> InstanceRecord:
    """The record of an instance with a plan."""
    return outcomes.planned(host, plan)


def fleet_unreached(result: Mapping[str, Any], host: str, target: str) -> InstanceRecord:
    """The record of a host of which not even the instances are known."""
    return outcomes.unreached(host, target, result)


def fleet_name(about: Mapping[str, Any]) -> str:
    """What tells an instance from the others of its host; takes its facts or its plan."""
    return f"{about['brand']} {about.get('instance', about.get('name'))}"


def fleet_bad(records: Sequence[InstanceRecord]) -> list[InstanceRecord]:
    """Those that use up the failure budget."""
    return [one for one in records if one["state"] in BAD]


def fleet_ended(
    records: Sequence[InstanceRecord], ended: InstanceRecord, result: Mapping[str, Any]
) -> list[InstanceRecord]:
    """The records of a host after a task of instance_upgrade for one of them."""
    return [outcomes.ended(one, result) if one == ended else one for one in records]


def fleet_stopped(records: Sequence[InstanceRecord], result: Mapping[str, Any]) -> list[InstanceRecord]:
    """The records of a host that was lost, or failed, before its next instance began."""
    return outcomes.stopped(records, result)


def fleet_returned(
    records: Sequence[InstanceRecord], back: InstanceRecord, result: Mapping[str, Any]
) -> list[InstanceRecord]:
    """The records of a host after a task of instance_rollback that the run itself wanted."""
    return [outcomes.returned(one, result) if one == back else one for one in records]


def fleet_soaked(
    records: Sequence[InstanceRecord], seen: InstanceRecord, result: Mapping[str, Any]
) -> list[InstanceRecord]:
    """The records of a host after a later look at one of them by instance_health."""
    return [outcomes.soaked(one, result) if one == seen else one for one in records]


def fleet_batch_of(batches: Sequence[order.Batch], host: str) -> int:
    """The number of the batch of a host, from 1 on."""
    return next(number for number, batch in enumerate(batches, 1) if host in batch["hosts"])


def fleet_record(run: Mapping[str, Any], instances: Sequence[InstanceRecord], stopped_by: str, ended: str) -> RunRecord:
    """The ledger of a run."""
    made: RunRecord = _told(lambda: summary.record(run, instances, stopped_by, ended))
    return made


def fleet_found(facts: HostFacts, host: str, run: str, target: str) -> list[InstanceRecord]:
    """The records of a host as it remembers a run."""
    return found.records(host, facts, run, target)


def fleet_newest_run(transactions: Sequence[Mapping[str, Any]]) -> str:
    """The run of the upgrade that was begun last; "" if there is none."""
    upgrades = [one for one in transactions if one["run"] and (one["about"] or {}).get("purpose") == "upgrade"]
    return str(max(upgrades, key=lambda one: str(one["created"]))["run"]) if upgrades else ""


def fleet_status(instances: Sequence[InstanceRecord], run: str, language: str, now: str) -> RunRecord:
    """The ledger of a run as the hosts remember it."""
    return summary.status(run, instances, language, now)


def fleet_warned(records: Sequence[InstanceRecord], warning: str) -> list[InstanceRecord]:
    """The records with one warning more."""
    return [{**one, "warnings": [*one["warnings"], warning]} for one in records]


def _told(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """comindware.platform.fleet_*"""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "fleet_bad": fleet_bad,
            "fleet_batch_of": fleet_batch_of,
            "fleet_batches": fleet_batches,
            "fleet_budget": fleet_budget,
            "fleet_found": fleet_found,
            "fleet_kind": fleet_kind,
            "fleet_ended": fleet_ended,
            "fleet_name": fleet_name,
            "fleet_newest_run": fleet_newest_run,
            "fleet_planned": fleet_planned,
            "fleet_record": fleet_record,
            "fleet_returned": fleet_returned,
            "fleet_soaked": fleet_soaked,
            "fleet_status": fleet_status,
            "fleet_stopped": fleet_stopped,
            "fleet_summary": summary.counts,
            "fleet_table": summary.table,
            "fleet_text": summary.text,
            "fleet_unreached": fleet_unreached,
            "fleet_warned": fleet_warned,
            "fleet_window": fleet_window,
        }
