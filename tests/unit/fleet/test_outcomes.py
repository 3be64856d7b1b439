# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What results of modules mean for a run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import outcomes, record

HOP = {
    "id": "5.0-within",
    "from": "4.7.1.0",
    "to": "5.0.1.0",
    "verdict": "healthy",
    "transaction": "t1",
    "backup": r"C:\sets\one",
    "stopped_at": "2026-11-23T02:00:00Z",
    "started_at": "2026-11-23T02:03:00Z",
}


def planned(state: str = "planned") -> record.InstanceRecord:
    one = record.new_instance("app01", "Comindware", "sales", "5.0.1.0")
    return {**one, "state": state, "start": "4.7.1.0", "version": "4.7.1.0"}


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"verdict": "healthy", "to_version": "5.0.1.0", "hops": [HOP]}, "upgraded"),
        ({"verdict": "healthy", "to_version": "5.0.1.0", "hops": [{**HOP, "to": "4.9.1.0"}]}, "manual"),
        ({"verdict": "handed_over", "hops": [HOP]}, "handed_over"),
        ({"verdict": "unchanged"}, "unchanged"),
        ({"verdict": "manual"}, "manual"),
        ({"verdict": "planned", "hops": [{**HOP, "verdict": "planned"}]}, "planned"),
        ({"unreachable": True, "msg": "no route"}, "unreachable"),
        ({"failed": True, "code": "connection_lost", "changed": True}, "lost"),
        ({"failed": True, "code": "refused", "changed": False, "msg": "refused"}, "blocked"),
        ({"failed": True, "code": "refused", "changed": True, "msg": "the next hop was refused"}, "failed"),
        ({"failed": True, "timedout": {"period": 12}, "msg": "Timed out after 12 second(s)."}, "lost"),
        ({"failed": True, "msg": "Unexpected failure during module execution."}, "lost"),
        ({"failed": True, "code": "module_failed", "msg": "no PowerShell"}, "unknown"),
        ({"failed": True, "code": "unexpected", "changed": True, "msg": "a fault"}, "unknown"),
        (
            {"failed": True, "code": "transaction_failed", "details": {"transaction": {"state": "rolled_back"}}},
            "rolled_back",
        ),
        ({"failed": True, "code": "verdict_unhealthy", "details": {"transaction_state": "rolled_back"}}, "rolled_back"),
        ({"failed": True, "code": "verdict_unhealthy", "details": {"transaction_state": "held"}}, "held"),
        ({"failed": True, "code": "verdict_unhealthy", "details": {"transaction_state": "applied"}}, "held"),
        ({"failed": True, "code": "verdict_unknown", "details": {}, "changed": True}, "unknown"),
        ({"failed": True, "code": "confirm_failed", "details": {}, "changed": True}, "failed"),
        ({"failed": True, "code": "transaction_failed", "details": {"transaction": {"state": "undoing"}}}, "failed"),
        ({"failed": True, "code": "drift", "details": {}, "changed": False}, "blocked"),
    ],
)
def test_states(result: dict[str, Any], state: str) -> None:
    assert outcomes.ended(planned(), result)["state"] == state


def test_what_is_remembered_of_an_upgrade() -> None:
    diff = [
        {"before_header": "a (1)", "after_header": "a (2)", "before": "x\n", "after": "y\n"},
        {"before": "", "after": ""},
    ]
    result = {
        "verdict": "healthy",
        "to_version": "5.0.1.0",
        "hops": [HOP],
        "message": "It runs.",
        "url": "http://x/",
        "warnings": ["w"],
        "diff": diff,
    }
    done = outcomes.ended(planned(), result)
    assert (done["version"], done["backups"], done["next_step"], done["url"]) == (
        "5.0.1.0",
        [r"C:\sets\one"],
        "",
        "http://x/",
    )
    assert (done["began"], done["ended"]) == (HOP["stopped_at"], HOP["started_at"])
    assert done["changes"] == [{"file": "a (2)", "diff": "--- a (1)\n+++ a (2)\n@@ -1 +1 @@\n-x\n+y"}]


def test_only_the_instance_whose_turn_it_was_bears_what_stopped_its_host() -> None:
    told = outcomes.stopped([planned("upgraded"), planned(), planned()], {"unreachable": True, "msg": "no route"})
    assert [one["state"] for one in told] == ["upgraded", "unreachable", "planned"]


def test_a_later_look() -> None:
    seen = planned("handed_over")
    assert outcomes.looked_at(seen, {"verdict": "handed_over"}) == seen
    assert outcomes.looked_at(seen, {"verdict": "healthy"})["state"] == "upgraded"
    assert outcomes.looked_at(seen, {"failed": True, "verdict": "unhealthy", "msg": "It fell."})["state"] == "failed"
    assert outcomes.looked_at(seen, {"failed": True, "verdict": "unknown", "msg": "?"})["state"] == "unknown"
    assert outcomes.looked_at(seen, {"unreachable": True, "msg": "no route"})["state"] == "lost"


def test_only_the_record_of_the_instance_changes() -> None:
    first, second = planned("upgraded"), planned("upgraded")
    second["name"] = "hr"
    told = outcomes.AFTER["instance_health"]([first, second], {"failed": True, "msg": "It fell."}, second)
    assert [one["state"] for one in told] == ["upgraded", "failed"]
    warned = outcomes.AFTER["hook"]([first, second], {"msg": "The balancer says no."}, None)
    assert [one["warnings"] for one in warned] == [["The balancer says no."]] * 2


def test_what_the_run_has_done_before_is_taken_from_the_host() -> None:
    known = planned("upgraded")
    plan = {"brand": "Comindware", "instance": "sales", "from": "5.0.1.0", "to": "5.0.1.0"}
    assert outcomes.planned("app01", plan, known) is known


def test_the_downtime_of_a_change_that_did_not_stand() -> None:
    down = {"seconds": 41, "last_answer": "2026-11-23T02:00:00Z", "first_answer": "2026-11-23T02:00:41Z"}
    for details in (
        {"transaction_state": "rolled_back", "downtime": down},
        {"transaction": {"state": "rolled_back", "downtime": down}},
    ):
        told = outcomes.ended(planned(), {"failed": True, "code": "transaction_failed", "details": details})
        assert (told["state"], told["downtime"]) == ("rolled_back", down)


def test_the_way_back() -> None:
    upgraded = outcomes.ended(planned(), {"verdict": "healthy", "to_version": "5.0.1.0", "hops": [HOP]})
    back = outcomes.returned(upgraded, {"message": "It is back."})
    assert (back["state"], back["version"], back["next_step"]) == ("returned", "4.7.1.0", "")
    assert outcomes.returned(upgraded, {"failed": True, "msg": "no"})["state"] == "failed"
    assert outcomes.returned(upgraded, {"unreachable": True, "msg": "no"})["state"] == "lost"
    assert outcomes.returned(upgraded, {"failed": True, "code": "connection_lost", "msg": "no"})["state"] == "lost"


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"unreachable": True, "msg": "no route"}, "unreachable"),
        ({"failed": True, "msg": "upgrade_target_version is missing"}, "blocked"),
        ({"failed": True, "code": "refused", "msg": "no such version"}, "blocked"),
        ({"failed": True, "code": "module_failed", "msg": "no PowerShell"}, "unknown"),
        ({"failed": True, "timedout": {"period": 12}, "msg": "Timed out after 12 second(s)."}, "unknown"),
    ],
)
def test_a_host_without_a_plan(result: dict[str, Any], state: str) -> None:
    assert outcomes.unreached("app01", "5.0.1.0", result)["state"] == state


def test_field_6_1_what_a_time_out_of_the_task_leaves_behind_is_said() -> None:
    told = outcomes.ended(
        planned(), {"failed": True, "timedout": {"period": 12}, "msg": "Timed out after 12 second(s)."}
    )
    assert told["next_step"] == (
        "Timed out after 12 second(s). The host goes on by itself: what is not confirmed is rolled back at its deadline, or held where the "
        "plan says that there is no way back. Look at it with comindware.platform.inspect when it can be reached."
    )


def told_plan(
    *hops: list[tuple[str, str]], own: list[tuple[str, str]] | None = None, runs: int = 1
) -> record.InstanceRecord:
    """The record of a plan, by the levels and messages of its hops and of its own."""

    def findings(found: list[tuple[str, str]]) -> list[dict[str, str]]:
        return [{"level": level, "code": "c", "message": message} for level, message in found]

    everything = [*(own or []), *(one for hop in hops for one in hop)]
    plan = {
        "brand": "Comindware",
        "instance": "legacy",
        "from": "4.2.612.0",
        "to": "5.0.24055.0",
        "path": [],
        "level": "blocker" if "blocker" in dict(everything) else "ok",
        "findings": findings(own or []),
        "hops": [
            {"from": f"4.{number}.0.0", "to": f"4.{number + 1}.0.0", "findings": findings(hop)}
            for number, hop in enumerate(hops)
        ],
        "hops_of_this_run": runs,
    }
    return outcomes.planned("app05", plan)


def test_field_5_2_the_blocker_of_a_later_hop_is_told_with_its_hop() -> None:
    told = told_plan(
        [("warning", "w0")],
        [("blocker", "Java 17 is missing."), ("warning", "w1")],
        [("blocker", "An input is missing.")],
    )
    message = "Hop 2 of 3, 4.1.0.0 -> 4.2.0.0: Java 17 is missing. Hop 3 of 3, 4.2.0.0 -> 4.3.0.0: An input is missing."
    assert (told["state"], told["message"], told["next_step"]) == ("blocked", message, message)
    assert told["warnings"] == ["w0"]  # of the hops of this run


def test_field_5_2_blockers_of_the_instance_and_of_its_first_hop_come_first() -> None:
    told = told_plan([("blocker", "first")], [("blocker", "second")], own=[("blocker", "own")], runs=2)
    assert told["message"] == "own first Hop 2 of 2, 4.1.0.0 -> 4.2.0.0: second"


@pytest.mark.parametrize("runs", [0, 1, 2])
def test_field_5_2_whatever_a_run_does_no_instance_is_blocked_without_a_reason(runs: int) -> None:
    for place in range(3):
        hops = [[("blocker", "why")] if number == place else [] for number in range(3)]
        assert told_plan(*hops, runs=runs)["message"].endswith("why")
