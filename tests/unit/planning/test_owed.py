# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said about a change that is final, or undone, but for something that the host could not do yet."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import preflight, recovery
from unit import factories

START = {"title": "Let the pool start by itself", "message": "Access is denied.", "starts": True}
REST = {"title": "Remove the old file", "message": "It is held.", "starts": False}
TRIED_AGAIN = (
    "The host tries it again by itself for an hour and at each start, and so does every run; to have it tried now, run "
    "comindware.platform.instance_recover."
)


def transaction(*owed: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "id": "t1",
        "run": "night",
        "owner": "anna@control",
        "instance": "Comindware sales",
        "title": "Upgrade",
        "state": "confirmed",
        "created": "2026-11-22T01:59:00Z",
        "about": {"from": "4.7.1.0", "to": "5.0.1.0"},
        "lease": "2026-11-22T02:00:00Z",
        "past_return": False,
        "confirming": False,
        "worker": None,
        "undo_errors": [],
        "owed": list(owed),
        **changed,
    }


def host(*transactions: dict[str, Any]) -> HostFacts:
    return factories.host({"agent": {**factories.answers()["agent"], "transactions": list(transactions)}})


def problems(*transactions: dict[str, Any]) -> list[tuple[str, str]]:
    codes = ("confirm_owed", "undo_owed")
    (instance,) = host(*transactions)["instances"]
    return [(one["code"], one["message"]) for one in instance["problems"] if one["code"] in codes]


def test_field_7_1_what_a_confirm_owes_is_a_problem_of_the_instance() -> None:
    assert problems(transaction(START, REST)) == [
        (
            "confirm_owed",
            "Instance 'sales': 'Let the pool start by itself' could not be done when 'Upgrade' was confirmed: Access is denied. Until it "
            f"is, the instance may be down after a restart of the host. {TRIED_AGAIN}",
        ),
        (
            "confirm_owed",
            f"Instance 'sales': 'Remove the old file' could not be done when 'Upgrade' was confirmed: It is held. {TRIED_AGAIN}",
        ),
    ]


def test_field_7_1_what_an_undo_owes_is_a_problem_of_the_instance() -> None:
    held = transaction(state="held", undo_errors=[{"message": "Access is denied."}])
    told = f"Instance 'sales': the undo of 'Upgrade' is not finished: Access is denied. {TRIED_AGAIN}"
    assert problems(held) == [("undo_owed", told)]
    assert problems({**held, "past_return": True}) == []


def test_what_others_owe_is_no_problem_of_this_one() -> None:
    assert problems(transaction(START, instance="Comindware hr"), transaction()) == []


@pytest.mark.parametrize(("owed", "blocks"), [([START], True), ([START, REST], True), ([REST], False), ([], False)])
def test_field_7_1_nothing_is_said_to_be_unchanged_while_a_start_is_owed(
    owed: list[dict[str, Any]], blocks: bool
) -> None:
    facts = host(transaction(*owed))
    found = preflight.check_unfinished(facts, facts["instances"][0])
    assert [one.level for one in found] == ["blocker"] * blocks


def test_what_there_is_to_do_about_it() -> None:
    assert recovery.left(transaction(START))["message"] == (
        "The transaction t1 of instance 'sales', begun by anna@control (run night) at 2026-11-22T01:59:00Z, is not finished: owed. It is "
        "confirmed, and this could not be done yet: 'Let the pool start by itself': Access is denied. Mend that, then run "
        "comindware.platform.instance_recover; at each start the host tries it by itself. To leave it as it is, run it with held: confirm "
        "and the name of the instance."
    )


def test_what_is_owed_is_recovered_and_told_so() -> None:
    owing = transaction(START)
    assert recovery.of([owing, transaction()], "sales", None) == [owing]
    assert recovery.is_abandoned(owing, "2026-11-22T03:00:00Z")
    assert recovery.expected(owing) == "confirmed"
    assert recovery.summary([recovery.told(owing, "confirmed")], [], planned=False) == (
        "Transaction t1 of instance 'sales', begun by anna@control: owed, was brought to confirmed."
    )


@pytest.mark.parametrize("by_name", [False, True])
def test_only_who_names_the_instance_leaves_it_as_it_is(by_name: bool) -> None:
    assert recovery.may_decide(transaction(START), by_name) == by_name
