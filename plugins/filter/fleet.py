# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters of the playbooks that work on many hosts; each is documented in a file of its own beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils.fleet import budget, found, order, outcomes, slices, summary, window
from ..plugin_utils.fleet.record import InstanceRecord, RunRecord
from ..plugin_utils.model.facts import HostFacts


def fleet_kind(facts: HostFacts, plans: Sequence[Mapping[str, Any]]) -> str:
    """What makes hosts alike for an upgrade."""
    return order.kind(facts, plans)


def fleet_at_work(facts: HostFacts, run: str) -> list[str]:
    """What a run has begun on a host and somebody still has a claim to."""
    return [one["id"] for one in found.at_work(facts, run)]


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


def fleet_slice(variables: Mapping[str, object], language: str = "en") -> str:
    """Why a job of AWX that is one slice of several must not go on; "" for every other."""
    return slices.slice_refusal(variables, language)


def fleet_planned(
    plans: Sequence[Mapping[str, Any]], host: str, facts: HostFacts, run: str = ""
) -> list[InstanceRecord]:
    """The records of a host whose instances are planned; of one that the run has brought to the target already, as the host tells it."""
    return [outcomes.planned(host, plan, found.of(host, facts, run, plan)) for plan in plans]


def fleet_promised(plans: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of plans only what an upgrade compares with the plans of now."""
    # Ansible imports a filter in each fork of a task anew. Most of it would be the planning, which only this one needs.
    from ..plugin_utils.planning import kept  # noqa: PLC0415

    return [kept.promise(plan) for plan in plans]


def fleet_unreached(result: Mapping[str, Any], host: str, target: str) -> list[InstanceRecord]:
    """The records of a host of which not even the instances are known."""
    return [outcomes.unreached(host, target, result)]


def fleet_after(
    records: Sequence[InstanceRecord], task: str, result: Mapping[str, Any], instance: InstanceRecord | None = None
) -> list[InstanceRecord]:
    """The records of a host after a task, for one of its instances or for the host."""
    if task not in outcomes.AFTER:
        raise AnsibleFilterError(f"fleet_after knows {', '.join(outcomes.AFTER)}, not {task!r}.")
    return outcomes.AFTER[task](records, result, instance)


def fleet_record(run: Mapping[str, Any], instances: Sequence[InstanceRecord], stopped_by: str, ended: str) -> RunRecord:
    """The ledger of a run."""
    made: RunRecord = _told(lambda: summary.record(run, instances, stopped_by, ended))
    return made


def fleet_status(results: Mapping[str, Mapping[str, Any]], run: str, target: str, language: str, now: str) -> RunRecord:
    """The ledger of a run as the hosts remember it; of the newest one where none is named."""
    return found.run_record(results, run, target, language, now)


def fleet_told(record: RunRecord) -> dict[str, Any]:
    """What is said of a run: in numbers, in sentences, as a table."""
    return {
        "counts": summary.counts(record["instances"]),
        "text": summary.text(record),
        "table": summary.table(record).splitlines(),
    }


def _told(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """comindware.platform.fleet_*"""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "fleet_after": fleet_after,
            "fleet_at_work": fleet_at_work,
            "fleet_batches": fleet_batches,
            "fleet_budget": fleet_budget,
            "fleet_kind": fleet_kind,
            "fleet_planned": fleet_planned,
            "fleet_promised": fleet_promised,
            "fleet_record": fleet_record,
            "fleet_slice": fleet_slice,
            "fleet_status": fleet_status,
            "fleet_told": fleet_told,
            "fleet_unreached": fleet_unreached,
            "fleet_window": fleet_window,
        }
