# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which recorded state a named run or set means, by the journal of the host alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import goals, history
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.goals import Goal, ReturnWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits
from unit import factories
from unit.factories import BACKUP_ROOT

A, B, C, D = "4.2.612.0", "4.7.23499.0", "5.0.13334.0", "5.0.24055.0"
SETS = rf"{BACKUP_ROOT}\Comindware\sales"


def done(
    number: int, start: str, target: str, purpose: str = "upgrade", run: str = "R1", **about: Any
) -> dict[str, Any]:
    """A confirmed transaction, the ``number``-th; its set is called after the version before it."""
    told = {
        "purpose": purpose,
        "from": start,
        "to": target,
        "backup": rf"{SETS}\{start}",
        "data_upgrade": True,
        **about,
    }
    moment = f"2026-11-{number:02}T10:00:00.000Z"
    return {
        "id": f"t{number}",
        "instance": "Comindware sales",
        "state": "confirmed",
        "run": run,
        "started_at": moment,
        "about": told,
    }


def host(*transactions: dict[str, Any], at: str) -> HostFacts:
    facts = factories.host({"agent": {**factories.answers()["agent"], "transactions": list(transactions)}})
    factories.instance(facts)["version"]["current"] = at
    return facts


def find(facts: HostFacts, purpose: str = "rollback", **asked: Any) -> Goal:
    return goals.find(facts, factories.instance(facts), ReturnWish(purpose, Limits(), **asked))


def refused(facts: HostFacts, **asked: Any) -> str:
    with pytest.raises(Refusal) as refusal:
        find(facts, **asked)
    return str(refusal.value)


def test_a_run_of_several_hops_goes_to_its_origin() -> None:
    goal = find(host(done(1, A, B), done(2, B, C), at=C), run="R1")
    assert (goal.target, goal.configuration, goal.data) == (A, rf"{SETS}\{A}", rf"{SETS}\{A}")


def test_data_come_from_the_first_hop_that_upgraded_them() -> None:
    """What was entered between the hops stays, as far as the old version can read it."""
    goal = find(host(done(1, A, B, data_upgrade=False), done(2, B, C), at=C), run="R1")
    assert (goal.target, goal.configuration, goal.data) == (A, rf"{SETS}\{A}", rf"{SETS}\{B}")


def test_data_that_no_hop_upgraded_stay() -> None:
    goal = find(host(done(1, A, B, data_upgrade=False), at=B), run="R1")
    assert goal.data is None


def test_what_is_not_known_of_the_data_is_taken_for_an_upgrade() -> None:
    told = done(1, A, B)
    del told["about"]["data_upgrade"]
    assert find(host(told, at=B), run="R1").data == rf"{SETS}\{A}"


def test_only_the_last_run_that_still_counts_can_be_undone() -> None:
    first, second = done(1, A, B), done(2, B, C, run="R2")
    both = host(first, second, at=C)
    assert find(both, run="R2").target == B
    assert refused(both, run="R1") == (
        f"The run 'R1' cannot be undone for instance 'sales', nothing was touched: it ended at {B}, and the run 'R2' has led from {B} to "
        f"{C} since. Undo the run 'R2' first, or name a backup set."
    )
    undone = done(3, C, B, "rollback", "R3", backup=rf"{SETS}\{B}", run_undone="R2")
    assert find(host(first, second, undone, at=B), run="R1").target == A


def test_half_a_run_that_is_left() -> None:
    """Somebody went back to the set in the middle: the run ended there now."""
    back = done(3, C, B, "rollback", "R2", backup=rf"{SETS}\{B}")
    goal = find(host(done(1, A, B), done(2, B, C), back, at=B), run="R1")
    assert (goal.target, [one.id for one in goal.undone or ()]) == (A, ["t1"])


def test_a_run_that_was_undone_already() -> None:
    back = done(2, B, A, "rollback", "R2", backup=rf"{SETS}\{A}")
    back["about"]["run"] = "R1"
    goal = find(host(done(1, A, B), back, at=A), run="R1")
    assert goal.reached is not None and goal.reached.id == "t2"
    again = host(done(1, A, B), back, done(3, A, B, run="R3"), at=B)
    assert refused(again, run="R1").startswith(
        "The run 'R1' of instance 'sales' has been undone already, and something came after that. Nothing was touched. Runs of instance "
        f"'sales' that can be undone, newest first: 'R3' ({A} -> {B}, at 2026-11-03 10:00:00 UTC, with an upgrade of the data)."
    )


def test_an_instance_that_somebody_else_has_changed() -> None:
    assert refused(host(done(1, A, B), at=D), run="R1") == (
        f"The run 'R1' cannot be undone for instance 'sales', nothing was touched: it ended at {B}, and the instance is at {D}. Somebody "
        "else has changed it since. If you want the state of a backup set all the same, name it with 'backup'."
    )


def test_a_run_of_which_the_journal_does_not_tell_the_set() -> None:
    told = done(1, A, B)
    del told["about"]["backup"]
    assert refused(host(told, at=B), run="R1") == (
        "The run 'R1' cannot be undone for instance 'sales', nothing was touched: the journal does not say which backup set was made "
        f"before the hop {A} -> {B}. Name a set with 'backup'."
    )


def test_a_named_set_of_a_hop_knows_what_it_undoes() -> None:
    goal = find(host(done(1, A, B), done(2, B, C, data_upgrade=False), at=C), backup=B)
    assert (goal.target, goal.data) == (B, None)
    assert find(host(done(1, A, B), at=B), backup="by hand").undone is None


def test_a_set_that_was_put_back_last() -> None:
    back = done(2, B, A, "restore", "R2", backup=rf"{SETS}\{A}")
    facts = host(done(1, A, B), back, at=A)
    assert find(facts, "restore", backup=A).reached is not None
    assert find(facts, "restore", backup=A, again=True).reached is None
    assert find(facts, "restore", backup=rf"{SETS}\{A.upper()}").reached is not None
    assert find(facts, backup=A).reached is not None
    assert find(facts, "restore", backup=A, moved={"database": r"E:\Data"}).reached is None
    facts["instances"][0]["version"]["current"] = C
    assert find(facts, "restore", backup=A).reached is None
    rolled_back = host(done(1, A, B), done(2, B, A, "rollback", "R2", backup=rf"{SETS}\{A}"), at=A)
    assert find(rolled_back, "restore", backup=A).reached is None


def test_an_unfinished_transaction_does_not_count() -> None:
    waiting = {**done(2, B, C), "state": "applied"}
    assert [one.id for one in history.changes(host(done(1, A, B), waiting, at=C))] == ["t1"]
