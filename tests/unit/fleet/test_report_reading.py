# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A record that is damaged still gives a report, and says what is wrong in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import report
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.reports import reading
from hypothesis import given
from hypothesis import strategies as st
from unit.fleet import records


def damaged(**changed: Any) -> dict[str, Any]:
    return {**records.run(records.instance("app01", "sales")), **changed}


def problems(given: dict[str, Any]) -> list[str]:
    return reading.read(given)[1]


@pytest.mark.parametrize("run", [records.small(), records.large(), records.run()], ids=["small", "large", "empty"])
def test_a_sound_record_stays_as_it_is(run: Any) -> None:
    assert reading.read(run) == (run, [])
    assert reading.read(json.loads(json.dumps(run))) == (run, [])


def test_what_a_record_has_not_is_left_out() -> None:
    given = damaged(password="hunter2")
    given["instances"][0]["token"] = "hunter2"
    given["budget"]["secret"] = "hunter2"
    read, wrong = reading.read(given)
    assert wrong == []
    assert "hunter2" not in json.dumps(read)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"instances": "none"}, ["instances is 'none', wanted is a list"]),
        (
            {"budget": 5},
            [
                "budget is 5, wanted is an object with max_failed, max_percent, failed, unknown, unreachable, handed_over, breached"
            ],
        ),
        ({"began": None}, ["began is null, wanted is a text"]),
        ({"ended": 5}, ["ended is 5, wanted is a text or null"]),
        ({"outcome": "exploded"}, ["outcome is 'exploded', wanted is one of running, succeeded, stopped, failed"]),
        ({"reason": {"a": 1}}, ["reason is an object with 1 entries, wanted is a text"]),
        ({"reason": ["a"]}, ["reason is a list of 1, wanted is a text"]),
        ({"reason": True}, ["reason is True, wanted is a text"]),
    ],
)
def test_a_wrong_value_is_named_with_the_value_wanted(changed: dict[str, Any], wanted: list[str]) -> None:
    assert problems(damaged(**changed)) == wanted


def test_what_is_missing_is_named() -> None:
    given = damaged()
    del given["reason"], given["instances"][0]["url"], given["instances"][0]["hops"], given["budget"]
    assert problems(given) == [
        "reason is missing",
        "budget is missing",
        "instances[0].url is missing",
        "instances[0].hops is missing",
    ]


def test_an_unknown_state_is_unknown() -> None:
    given = damaged()
    given["instances"][0]["state"] = "x" * 80
    read, wrong = reading.read(given)
    assert read["instances"][0]["state"] == "unknown"
    assert wrong[0].startswith(f"instances[0].state is '{'x' * 59}..., wanted is one of planned, blocked, ")


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 10**400, True, "5"])
def test_seconds_are_a_number(seconds: Any) -> None:
    given = damaged()
    given["instances"][0]["downtime"] = {**records.down(0, 5), "seconds": seconds}
    read, wrong = reading.read(given)
    assert read["instances"][0]["downtime"]["seconds"] is None
    (problem,) = wrong
    assert problem.startswith("instances[0].downtime.seconds is ") and problem.endswith(
        ", wanted is a number from 0 or null"
    )


def test_a_whole_number_may_have_come_as_another_one() -> None:
    given = damaged()
    given["instances"][0]["batch"] = 1.0
    assert reading.read(given)[0]["instances"][0]["batch"] == 1
    given["instances"][0]["batch"] = 1.5
    assert problems(given) == ["instances[0].batch is 1.5, wanted is a whole number from 0 or null"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"run": None},
            "The record has no name of a run: 'run' is null, wanted is a text such as 20261123T020000Z. Give the record that the run "
            "keeps in upgrade_report_folder.",
        ),
        (
            {"format": 2},
            "The record of the run has 'format' 2, this version of comindware.platform reads 1. Use the version of the collection that "
            "made the record.",
        ),
    ],
)
def test_what_is_no_record_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(reading.Unreadable) as refused:
        reading.read(damaged(**changed))
    assert str(refused.value) == message


def test_only_the_first_problems_are_told() -> None:
    assert reading.told([f"p{number}" for number in range(7)]) == (
        "The record of the run is damaged, and the report leaves empty what is wrong in it: p0; p1; p2; p3; p4; and 2 more. The run "
        "itself is not concerned. Make the record anew from what the hosts know, with comindware.platform.status."
    )


TIMES = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-11-23T02:10:00+23:59", "2026-11-23"]
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(TIMES)
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_no_damage_is_too_much(data: st.DataObject) -> None:
    given: Any = json.loads(json.dumps(records.small()))
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = given
        while True:
            keys = sorted(place) if isinstance(place, dict) else range(len(place))
            key = data.draw(st.sampled_from(list(keys)))
            if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.booleans()):
                break
            place = place[key]
        place[key] = data.draw(JUNK)
    given.update(run="x", format=1)
    read, _ = reading.read(given)
    assert reading.read(read) == (read, [])
    assert set(report.contents(read, "ru")) == set(report.SUFFIXES)
