# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What uses up the failure budget of a run, and when it is used up."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import budget, record
from hypothesis import given
from hypothesis import strategies as st


def records(*states: str) -> list[record.InstanceRecord]:
    found = []
    for number, state in enumerate(states, 1):
        one = record.new_instance(f"app{number:02}", "Comindware", "sales", "5.0.24055.0")
        one["state"] = state
        found.append(one)
    return found


def test_what_counts() -> None:
    spent = budget.spent(
        records("rolled_back", "unknown", "lost", "unreachable", "handed_over", "blocked", "upgraded", "held"),
        None,
        None,
    )
    assert (spent["failed"], spent["unknown"], spent["unreachable"], spent["handed_over"]) == (2, 1, 2, 1)
    assert spent["breached"] == ""


def test_too_many() -> None:
    assert budget.spent(records("failed", "upgraded"), 1, None)["breached"] == ""
    assert budget.spent(records("failed", "upgraded", "lost"), 1, None)["breached"] == (
        "2 of 3 instances failed, at most 1 may (upgrade_max_failed): sales on app01 (failed), sales on app03 (lost)."
    )


def test_too_large_a_share_of_those_that_take_part() -> None:
    some = records("failed", "upgraded", "planned", "planned", "blocked")
    assert budget.spent(some, None, 25)["breached"] == ""
    assert budget.spent(some, None, 24.9)["breached"] == (
        "1 of 4 instances failed, 25 %, at most 24.9 % may (upgrade_max_failed_percent): sales on app01 (failed)."
    )


def test_many_are_not_all_named() -> None:
    told = budget.spent(records(*["failed"] * 8), 0, None)["breached"]
    assert told.endswith("sales on app05 (failed) and 3 more.")


def test_a_host_of_which_nothing_is_known() -> None:
    lost = record.new_instance("app09", "", "", "5.0.24055.0")
    lost["state"] = "unreachable"
    assert "all instances on app09 (unreachable)" in budget.spent([lost], 0, None)["breached"]


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ((-1, None), "upgrade_max_failed is -1. Give the number of instances that may fail, 0 or more."),
        ((None, 101.0), "upgrade_max_failed_percent is 101. Give a percentage from 0 to 100."),
        ((None, -0.5), "upgrade_max_failed_percent is -0.5. Give a percentage from 0 to 100."),
    ],
)
def test_limits_that_are_none(limits: tuple[int | None, float | None], told: str) -> None:
    with pytest.raises(budget.BudgetError) as raised:
        budget.spent([], *limits)
    assert str(raised.value) == told


@given(st.lists(st.sampled_from(sorted(record.STATES))), st.integers(0, 5), st.floats(0, 100))
def test_one_more_failure_never_mends_a_breach(states: list[str], most: int, share: float) -> None:
    before = budget.spent(records(*states), most, share)["breached"]
    after = budget.spent(records(*states, "failed"), most, share)["breached"]
    assert after or not before
