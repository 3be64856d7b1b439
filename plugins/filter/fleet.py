# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters of the playbooks that work on many hosts; each is documented in a file of its own beside this one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible.errors import AnsibleFilterError

from ..plugin_utils.fleet import budget, order, outcomes, window
from ..plugin_utils.fleet.record import InstanceRecord


def fleet_batches(
    hosts: Mapping[str, Mapping[str, Any]], canary: int = 1, sizes: Sequence[str | int] = ("100%",)
) -> list[order.Batch]:
    """``hosts``: for every name the ``facts`` and the ``plans`` of the host."""
    kinds = {name: order.kind(about["facts"], about["plans"]) for name, about in hosts.items()}
    return _told(lambda: order.batches(kinds, canary, sizes))


def fleet_budget(
    records: Sequence[InstanceRecord], max_failed: int | None = None, max_percent: float | None = None
) -> dict[str, Any]:
    """What is used up of the budget."""
    return dict(_told(lambda: budget.spent(records, max_failed, max_percent)))


def fleet_window(text: str, began: str) -> int:
    """Seconds since 1970 at the end of the window, of a run that began then (ISO 8601 with a zone)."""
    return _told(lambda: int(window.end(text, datetime.fromisoformat(began)).timestamp()))


def fleet_planned(plan: Mapping[str, Any], host: str) -> InstanceRecord:
    """The record of an instance with a plan."""
    return outcomes.planned(host, plan)


def fleet_unreached(result: Mapping[str, Any], host: str, target: str) -> InstanceRecord:
    """The record of a host of which not even the instances are known."""
    return outcomes.unreached(host, target, result)


def fleet_ended(record: InstanceRecord, result: Mapping[str, Any]) -> InstanceRecord:
    """The record after a task of instance_upgrade."""
    return outcomes.ended(record, result)


def fleet_returned(record: InstanceRecord, result: Mapping[str, Any]) -> InstanceRecord:
    """The record after a task of instance_rollback that the run itself wanted."""
    return outcomes.returned(record, result)


def _told(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """comindware.platform.fleet_*"""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {
            "fleet_batches": fleet_batches,
            "fleet_budget": fleet_budget,
            "fleet_ended": fleet_ended,
            "fleet_planned": fleet_planned,
            "fleet_returned": fleet_returned,
            "fleet_unreached": fleet_unreached,
            "fleet_window": fleet_window,
        }
