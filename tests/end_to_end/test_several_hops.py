# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several hops in one run, each a transaction of its own; and every way in which a run ends before the target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from end_to_end.runs import LEFT_BEHIND, NEW, Controller, MakeController
from standin.testing import reconfigure, switch

V_4_2, V_4_7 = "4.2.612.0", "4.7.23499.0"
STOPS_3_5 = ("3.5.1030.0", "3.5.1058.0", "3.5.1076.0", "3.5.1100.0")


def answered(control: Controller) -> dict[str, Any]:
    """What the policy wants of an operator on the way of `sales` from the oldest version to NEW."""
    return {
        "upgrade_acknowledged": ["adjust_applications", "applications_3_5_to_4_2"],
        "upgrade_inputs": {
            "sales": {
                "search_index_prefix": "erp_sales",
                "search_server_address": control.fleet.hosts["app01"].description.search_address,
                "message_server_address": "127.0.0.1:9092",
                "database_name": "sales",
            }
        },
    }


def instance_at(version: str, *versions: str, **more: object) -> dict[str, object]:
    return {
        "versions": [version, *versions],
        "instances": [{"name": "sales", "version": version, "language": "en", **more}],
    }


def versions_of(control: Controller) -> dict[str, object]:
    facts = control.inspect().only("instance_info")["facts"]["instances"][0]
    version: dict[str, object] = facts["version"]
    return version


def test_two_hops_in_one_run(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, V_4_7, NEW))
    run = control.upgrade(**answered(control))
    assert run.status == 0, run.output
    done = run.only("instance_upgrade")
    assert [(hop["from"], hop["to"], hop["verdict"]) for hop in done["hops"]] == [
        (V_4_2, V_4_7, "healthy"),
        (V_4_7, NEW, "handed_over"),
    ]
    assert len({hop["transaction"] for hop in done["hops"]}) == len({hop["backup"] for hop in done["hops"]}) == 2
    assert control.running_version("app01", "sales") == NEW
    assert versions_of(control) == {"current": NEW, "links": NEW, "yml": NEW, "registry": NEW, "agree": True}
    assert done["message"] == (
        f"Instance 'sales' runs {NEW} and waits in service mode: open {done['url']} and log in as an administrator "
        "to finish the upgrade."
    )
    again = control.upgrade(**answered(control))
    assert again.status == 0 and again.only("instance_upgrade")["verdict"] == "unchanged", again.output


def test_check_mode_shows_every_operation_of_every_hop(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, V_4_7, NEW))
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    planned = control.upgrade("--check", "--diff", **answered(control))
    assert planned.status == 0, planned.output
    assert before.differences(host.snapshot()) == []
    done = control.upgrade(**answered(control))
    shown, carried_out = planned.only("instance_upgrade"), done.only("instance_upgrade")
    assert shown["operations"] == carried_out["operations"]
    assert [hop["to"] for hop in shown["hops"]] == [hop["to"] for hop in carried_out["hops"]] == [V_4_7, NEW]
    titles = [one["title"] for one in transactions(control)]
    assert titles == [
        f"Upgrade instance 'sales' from {V_4_2} to {V_4_7}",
        f"Upgrade instance 'sales' from {V_4_7} to {NEW}",
    ]


def transactions(control: Controller) -> list[dict[str, object]]:
    """What the host's journal knows, oldest first."""
    found = control.inspect().only("instance_info")["facts"]["agent"]["transactions"]
    return sorted(found, key=lambda one: str(one["created"]))


def test_a_failing_second_hop_leaves_the_last_good_version(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, V_4_7, NEW))
    control.fleet.hosts["app01"].product_behaviour("sales").failing_versions = [NEW]
    run = control.upgrade(upgrade_health={"stable": 1, "interval": 1, "timeout": 5}, **answered(control))
    assert run.status == 2, run.output
    result = run.only("instance_upgrade")
    assert [(hop["to"], hop["verdict"]) for hop in result["hops"]] == [(V_4_7, "healthy")]
    assert result["changed"]
    assert run.message().startswith(f"Upgrade instance 'sales' from {V_4_7} to {NEW}: unhealthy.")
    assert run.message().endswith(
        f"Instance 'sales' is started at version {V_4_7}. This was not the first hop of the run: those before it stand, and led to {V_4_7}."
    )
    assert control.running_version("app01", "sales") == V_4_7
    control.fleet.hosts["app01"].product_behaviour("sales").failing_versions = []
    again = control.upgrade(**answered(control))
    assert again.status == 0, again.output
    assert [hop["to"] for hop in again.only("instance_upgrade")["hops"]] == [NEW]


def test_a_hop_that_a_person_has_to_finish_ends_the_run(controller: MakeController) -> None:
    """The first hops of 3.5: an administrator presses "Next" after each, and the next one wants a new .cdbbz."""
    control = controller(instance_at(*STOPS_3_5, V_4_2, product_backup_hours=1))
    host = control.fleet.hosts["app01"]
    wanted = {"upgrade_target_version": V_4_2, **answered(control)}
    first = control.upgrade(**wanted)
    assert first.status == 0, first.output
    done = first.only("instance_upgrade")
    assert [hop["to"] for hop in done["hops"]] == [STOPS_3_5[1]]
    assert f"Before the next hop towards {V_4_2}: Log in as an administrator and press" in done["message"]
    assert done["message"].endswith("Then run again: it goes on from here.")
    too_early = control.upgrade(**wanted)
    assert too_early.status == 2, too_early.output
    assert "could not be checked: Log in as an administrator and press" in too_early.message()
    assert "acknowledge it: upgrade_acknowledged: [log_in_and_press_next]." in too_early.message()
    assert control.running_version("app01", "sales") == STOPS_3_5[1]
    host.login("sales")
    host.product_backup("sales")
    second = control.upgrade(**wanted)
    assert second.status == 0, second.output
    assert [hop["to"] for hop in second.only("instance_upgrade")["hops"]] == [STOPS_3_5[2]]


def test_a_manual_hop_stops_the_run_before_it(controller: MakeController) -> None:
    control = controller(instance_at(NEW, "6.0.100.0", product_backup_hours=1))
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    run = control.upgrade(
        upgrade_target_version="6.0.100.0",
        upgrade_acknowledged=["instance_is_deleted", "adjust_applications", "applications_2026"],
    )
    assert run.status == 0, run.output
    result = run.only("instance_upgrade")
    assert result["verdict"] == "manual" and not result["changed"]
    assert r"C:\ProgramData\Comindware\Instances\sales\Database" in result["message"]
    assert result["message"].endswith("Then run again: it goes on after it.")
    assert control.changes(before, ignore=()) == []


def test_a_missing_stop_is_named(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, NEW))
    before = control.fleet.hosts["app01"].snapshot()
    run = control.upgrade(**answered(control))
    assert run.status == 2, run.output
    assert f"Install {V_4_7} on the host" in run.message()
    assert control.changes(before, ignore=()) == []


def test_the_input_that_only_the_operator_knows(controller: MakeController) -> None:
    """Without the prefix, 5.0 would start an empty search index: the product says nothing about it."""
    control = controller(instance_at(V_4_7, NEW))
    run = control.upgrade(upgrade_inputs={})
    assert run.status == 2, run.output
    assert "Give it: upgrade_inputs: {sales: {search_index_prefix: …}}." in run.message()
    wrong = control.upgrade(upgrade_inputs={"sales": {"search_index_prefix": "ERP sales"}})
    assert "the input search_index_prefix is 'ERP sales', and must match [a-z0-9_]+. Correct it." in wrong.message()
    right = control.upgrade(**answered(control))
    assert right.status == 0, right.output
    index = control.fleet.hosts["app01"].drives.real(
        r"C:\ProgramData\Comindware\Instances\sales\Database\db\journal.index"
    )
    assert control.running_version("app01", "sales") == NEW
    assert index.read_text(encoding="utf-8").strip() == "erp_sales"


def test_field_6_8_the_given_search_server_is_asked_by_a_hop_that_does_not_write_it(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, V_4_7))
    wanted = {**answered(control), "upgrade_target_version": V_4_7}
    address = wanted["upgrade_inputs"]["sales"].pop("search_server_address")
    unknown = control.upgrade("--check", **wanted)
    assert (
        "search server: no address that can be asked without a password in journal.server or elasticsearchUri, nor in the input "
        "search_server_address. If this is right all the same, acknowledge it: upgrade_acknowledged: [elasticsearch_8_10]."
    ) in unknown.message()
    wanted["upgrade_inputs"]["sales"]["search_server_address"] = address
    known = control.upgrade("--check", **wanted)
    assert known.status == 0, known.output
    assert known.only("instance_upgrade")["verdict"] == "planned"
    findings = known.only("upgrade_plan")["plan"]["hops"][0]["findings"]
    assert any(f"search server: {address} answers HTTP 200." in one["message"] for one in findings), findings


@pytest.mark.parametrize("acknowledged", [[], ["another_note"]])
def test_a_note_to_be_acknowledged(controller: MakeController, acknowledged: list[str]) -> None:
    control = controller(instance_at(V_4_7, NEW))
    before = control.fleet.hosts["app01"].snapshot()
    run = control.upgrade(**{**answered(control), "upgrade_acknowledged": acknowledged})
    assert run.status == 2, run.output
    assert "acknowledge it: upgrade_acknowledged: [adjust_applications]." in run.message()
    assert control.changes(before, ignore=LEFT_BEHIND) == []


def test_a_missing_prerequisite_is_seen_before_the_first_hop(controller: MakeController) -> None:
    control = controller({**instance_at(V_4_2, V_4_7, NEW), "prerequisites": {"java": None}})
    run = control.upgrade(**answered(control))
    assert run.status == 2, run.output
    assert "Java: " in run.message() and "nothing was touched" in run.message()
    assert control.running_version("app01", "sales") == V_4_2


def test_after_a_manual_hop_the_next_run_goes_on(controller: MakeController, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text("hops: [{id: 4.2-to-4.7, method: manual, procedure: new_instance}]\n", encoding="utf-8")
    control = controller(instance_at(V_4_2, V_4_7, NEW, product_backup_hours=1))
    host = control.fleet.hosts["app01"]
    wanted = {**answered(control), "upgrade_policy_files": [str(policy)]}
    first = control.upgrade(**wanted)
    assert first.status == 0, first.output
    assert first.only("instance_upgrade")["verdict"] == "manual"
    reconfigure(host, V_4_7)
    switch(host, V_4_7)
    second = control.upgrade(**wanted)
    assert second.status == 0, second.output
    assert [(hop["from"], hop["to"]) for hop in second.only("instance_upgrade")["hops"]] == [(V_4_7, NEW)]
    assert control.running_version("app01", "sales") == NEW
