# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as the journals of the hosts tell it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import found
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from unit import factories
from unit.factories import NEW, OLD

NOW = "2026-11-23T03:00:00Z"
DOWN = {"last_answer": "2026-11-23T02:00:00Z", "first_answer": "2026-11-23T02:01:30Z", "seconds": 90}


def transaction(state: str = "confirmed", **changed: Any) -> dict[str, Any]:
    """A hop of the run `night`, to the version at which the instance of the factories is."""
    about = {"purpose": "upgrade", "from": "5.0.13286.0", "to": OLD, "target": OLD, "backup": r"D:\\set"}
    return {
        "id": "t1",
        "run": "night",
        "instance": "Comindware sales",
        "state": state,
        "created": "2026-11-23T01:59:00Z",
        "about": about,
        "verdict": "healthy" if state == "confirmed" else None,
        "stopped_at": "2026-11-23T02:00:01Z",
        "started_at": "2026-11-23T02:01:00Z",
        "downtime": DOWN,
        "error": None if state == "confirmed" else {"message": "It failed."},
        "title": "Upgrade",
        "undo_errors": [],
        "past_return": False,
        "lease": None,
        **changed,
    }


def host(*transactions: dict[str, Any]) -> HostFacts:
    return factories.host({"agent": {**factories.answers()["agent"], "transactions": list(transactions)}})


def state(*transactions: dict[str, Any], target: str = OLD) -> str:
    (record,) = found.records("app01", host(*transactions), "night", target)
    return record["state"]


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (transaction(), "upgraded"),
        (transaction(verdict="handed_over"), "handed_over"),
        (transaction(about={**transaction()["about"], "target": NEW}), "manual"),
        (transaction("rolled_back"), "rolled_back"),
        (transaction("held"), "failed"),
        (transaction("held", past_return=True), "held"),
        (transaction("applied", lease="2027-01-01T00:00:00Z"), "running"),
        (transaction("running"), "running"),
        (transaction("applied", lease="2026-11-22T00:00:00Z"), "lost"),
    ],
)
def test_states(known: dict[str, Any], wanted: str) -> None:
    assert state(known) == wanted


def test_what_the_host_knows_nothing_of() -> None:
    assert state(transaction(run="another")) == "unchanged"
    assert state(target=NEW) == "not_begun"


def test_what_went_back_behind_the_run() -> None:
    back = transaction(
        id="t2", run="morning", about={"purpose": "rollback", "run": "night", "from": OLD, "to": "5.0.13286.0"}
    )
    assert state(transaction(), back) == "returned"
    assert state(transaction(), {**back, "state": "rolled_back"}) == "upgraded"


def test_a_second_try_counts_and_the_first_one_stays_told() -> None:
    (record,) = found.records("app01", host(transaction("rolled_back", id="t0"), transaction()), "night", OLD)
    assert (record["state"], record["path"]) == ("upgraded", ["5.0.13286.0", OLD])
    assert [hop["verdict"] for hop in record["hops"]] == ["rolled_back", "healthy"]
    assert record["downtime"]["seconds"] == 180


def test_the_newest_run_is_taken_where_none_is_named() -> None:
    older = transaction(id="t0", run="last year", created="2025-11-23T01:59:00Z")
    results: dict[str, Any] = {
        "app01": {"facts": host(older, transaction())},
        "app02": {"unreachable": True, "msg": "no route"},
    }
    run = found.run_record(results, "", OLD, "en", NOW)
    assert (run["run"], run["target"]) == ("night", OLD)
    assert [one["state"] for one in run["instances"]] == ["upgraded", "unreachable"]
    assert run["outcome"] == "failed"


def test_a_run_at_work() -> None:
    run = found.run_record({"app01": {"facts": host(transaction("running"))}}, "night", OLD, "en", NOW)
    assert (run["outcome"], run["ended"], run["began"]) == ("running", None, "2026-11-23T02:00:01Z")


def test_only_this_run_has_finished_what_it_has() -> None:
    plan = {"brand": "Comindware", "instance": "sales", "from": OLD, "to": OLD}
    known = found.of("app01", host(transaction()), "night", plan)
    assert known and known["state"] == "upgraded" and known["hops"][0]["backup"]
    assert found.of("app01", host(transaction()), "morning", plan) is None
    assert found.of("app01", host(transaction()), "", plan) is None
    assert found.of("app01", host(transaction("rolled_back")), "night", plan) is None


def test_what_a_killed_run_has_left_at_work() -> None:
    """Held ones have no lease: they wait for a person, and nobody waits for them."""
    left = [
        transaction("applied", id="waits", lease="2027-01-01T00:00:00Z"),
        transaction("running", id="works"),
        transaction("applied", id="abandoned", lease="2026-11-22T00:00:00Z"),
        transaction("held", id="held"),
        transaction(id="over"),
    ]
    assert [one["id"] for one in found.at_work(host(*left), "night")] == ["waits", "works"]
    assert found.at_work(host(*left), "") == found.at_work(host(*left), "morning") == []


def reason(*hosts: HostFacts | None, run: str = "nosuch") -> str:
    results = {
        f"app{number:02}": {"facts": facts} if facts else {"unreachable": True, "msg": "no route"}
        for number, facts in enumerate(hosts, start=1)
    }
    record = found.run_record(results, run, NEW, "en", NOW)
    assert record["reason"] == "" or (record["outcome"], record["instances"]) == ("failed", [])
    return record["reason"]


def test_field_5_4_a_run_that_no_host_knows() -> None:
    morning = transaction(id="t2", run="morning", created="2026-11-24T08:00:00Z")
    again = transaction(id="t3", created="2026-11-25T08:00:00Z")
    others = [
        transaction(run="back", about={"purpose": "rollback"}),
        transaction(run="", about=None),
        transaction(run="x", about=None),
    ]
    assert reason(host(transaction(), morning), host(again, *others), host()) == (
        "No host knows a run 'nosuch'. Known runs, the newest first: 'night' of 2026-11-25, 'morning' of 2026-11-24. "
        "Set upgrade_run_id to one of them; without it the newest is shown."
    )
    assert reason(host(transaction()), host(), run="night") == ""


def test_field_5_4_hosts_that_did_not_answer_may_know_the_run() -> None:
    assert reason(None, host(transaction()), None).startswith(
        "No host knows a run 'nosuch' (not asked, because they gave no answer: app01, app03). Known runs, the newest first: 'night'"
    )


def test_field_5_4_only_the_newest_of_many_runs_are_named() -> None:
    many = [transaction(run=f"run{number:02}", created=f"2026-11-{number:02}T08:00:00Z") for number in range(1, 14)]
    told = reason(host(*many))
    assert "first: 'run13' of 2026-11-13, 'run12' of 2026-11-12, " in told
    assert "'run04' of 2026-11-04, and 3 older ones. Set" in told


@pytest.mark.parametrize(
    ("run", "words"), [("nosuch", "No host knows a run 'nosuch'."), ("", "No host knows of a run.")]
)
def test_field_5_4_hosts_that_know_no_run_at_all(run: str, words: str) -> None:
    known = "A run is known to a host as soon as it begins to upgrade an instance there."
    assert reason(host(), host(transaction(about=None)), run=run) == f"{words} {known}"
