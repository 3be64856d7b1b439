# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much may go wrong in a whole run before nothing more is begun."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .record import BAD, BLOCKED, HANDED_OVER, LOST, UNKNOWN, UNREACHABLE, Budget, InstanceRecord

_AWAY = (LOST, UNREACHABLE)


class BudgetError(ValueError):
    """A limit that is none; the text is for operators."""


def spent(records: Sequence[InstanceRecord], max_failed: int | None, max_percent: float | None) -> Budget:
    """What the records have used up of the budget: so many instances, or so many percent of those that take part (blocked ones do not).

    None is no limit. Raises :class:`BudgetError`.
    """
    _check(max_failed, max_percent)
    bad = [one for one in records if one["state"] in BAD]
    unknown = _count(bad, (UNKNOWN,))
    away = _count(bad, _AWAY)
    part = len(records) - _count(records, (BLOCKED,))
    return {
        "max_failed": max_failed,
        "max_percent": max_percent,
        "failed": len(bad) - unknown - away,
        "unknown": unknown,
        "unreachable": away,
        "handed_over": _count(records, (HANDED_OVER,)),
        "breached": _breach(bad, part, max_failed, max_percent),
    }


def _count(records: Iterable[InstanceRecord], states: Sequence[str]) -> int:
    return sum(one["state"] in states for one in records)


def _breach(bad: Sequence[InstanceRecord], part: int, max_failed: int | None, max_percent: float | None) -> str:
    seen = ", ".join(f"{one['name'] or 'all instances'} on {one['host']} ({one['state']})" for one in bad[:5])
    more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
    if max_failed is not None and len(bad) > max_failed:
        return f"{len(bad)} of {part} instances failed, at most {max_failed} may (upgrade_max_failed): {seen}{more}."
    if max_percent is not None and bad and 100 * len(bad) > max_percent * part:
        share = f"{round(100 * len(bad) / part, 1):g} %"
        limit = f"at most {max_percent:g} % may (upgrade_max_failed_percent)"
        return f"{len(bad)} of {part} instances failed, {share}, {limit}: {seen}{more}."
    return ""


def _check(max_failed: int | None, max_percent: float | None) -> None:
    if max_failed is not None and max_failed < 0:
        raise BudgetError(f"upgrade_max_failed is {max_failed}. Give the number of instances that may fail, 0 or more.")
    if max_percent is not None and not 0 <= max_percent <= 100:
        raise BudgetError(f"upgrade_max_failed_percent is {max_percent:g}. Give a percentage from 0 to 100.")
