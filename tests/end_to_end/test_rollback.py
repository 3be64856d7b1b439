# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Back to the state before a named run, after its confirm: equal to the start, byte for byte."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from end_to_end.returns import ENTRY, back, enter, start, upgraded
from end_to_end.runs import LEFT_BEHIND, NEW, OLD, SALES, Controller, MakeController
from end_to_end.test_several_hops import V_4_2, V_4_7, answered, instance_at

NO_DATA_UPGRADE = "".join(
    ["hops:\n", *(f"  - {{id: {hop}, data_upgrade: false}}\n" for hop in ("5.0-within", "4.2-to-4.7", "4.7-to-5.0"))]
)


@pytest.mark.parametrize("hops", [(OLD, NEW), (V_4_2, V_4_7, NEW)], ids=["one hop", "two hops"])
def test_a_run_that_upgraded_the_data_is_undone_byte_for_byte(
    controller: MakeController, hops: tuple[str, ...]
) -> None:
    control = controller(instance_at(*hops))
    before = start(control)
    run = upgraded(control, **answered(control))
    control.fleet.hosts["app01"].login("sales")
    undone = back(control, run=run, accept_data_loss=True)
    assert undone.status == 0, undone.output
    result = undone.only("instance_rollback")
    assert (result["verdict"], result["from_version"], result["to_version"]) == ("healthy", NEW, hops[0])
    assert control.running_version("app01", "sales") == hops[0]
    assert control.changes(before) == []


@pytest.mark.parametrize("hops", [(OLD, NEW), (V_4_2, V_4_7, NEW)], ids=["one hop", "two hops"])
def test_data_that_no_hop_upgraded_stay(controller: MakeController, tmp_path: Path, hops: tuple[str, ...]) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(NO_DATA_UPGRADE, encoding="utf-8")
    control = controller(instance_at(*hops))
    control.fleet.hosts["app01"].product_behaviour("sales").unchanging_versions = [V_4_7, NEW]
    before = start(control)
    run = upgraded(control, **answered(control), upgrade_policy_files=[str(policy)])
    entered = enter(control)
    undone = back(control, run=run)
    assert undone.status == 0, undone.output
    assert undone.only("instance_rollback")["data"] is None
    assert entered.read_text(encoding="utf-8") == ENTRY
    entered.unlink()
    # 5.0 works with the search index that its own yml names, which the product remembers in its data.
    assert control.changes(before, ignore=(*LEFT_BEHIND, r"*\db\journal.index")) == []


def test_nothing_of_the_controller_is_needed(controller: MakeController, tmp_path: Path) -> None:
    """Another controller, with neither plans nor policy files nor facts, and with the versions' folder of another place asked."""
    policy, plans = tmp_path / "policy.yml", tmp_path / "plans"
    policy.write_text("versions: [5.0.24055.0]\n", encoding="utf-8")
    control = controller(SALES)
    control.variables = {"ANSIBLE_HOME": str(tmp_path / "ansible")}
    before = start(control)
    wanted = {"upgrade_policy_files": [str(policy)], "upgrade_plan_folder": str(plans)}
    planned = control.playbook("comindware.platform.plan", **{**QUICK_WISH, **wanted})
    assert planned.status == 0, planned.output
    run = upgraded(control, **wanted)
    policy.unlink()
    shutil.rmtree(plans)
    shutil.rmtree(tmp_path / "ansible", ignore_errors=True)
    elsewhere = tmp_path / "another controller"
    elsewhere.mkdir()
    undone = back(Controller(control.fleet, elsewhere), run=run, accept_data_loss=True)
    assert undone.status == 0, undone.output
    assert control.changes(before) == []


QUICK_WISH: dict[str, Any] = {
    "upgrade_target_version": NEW,
    "upgrade_acknowledged": ["adjust_applications"],
    "upgrade_inputs": {"sales": {"search_index_prefix": "erp_0"}},
}


def test_the_second_run_changes_nothing_and_check_mode_neither(controller: MakeController) -> None:
    control = controller(SALES)
    start(control)
    run = upgraded(control)
    now = control.fleet.hosts["app01"].snapshot()
    unwilling = back(control, run=run)
    assert re.fullmatch(
        r"The rollback of instance 'sales' was refused, nothing was touched\. Everything that was entered in instance 'sales' since "
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d by the host's clock, when the backup set \S+ was made, is "
        r"lost\. If that is meant, say so: accept_data_loss: true, or in an upgrade upgrade_acknowledged: \[data_since_backup_is_lost\]\.",
        unwilling.message(),
    ), unwilling.message()
    shown = back(control, "--check", "--diff", run=run, accept_data_loss=True)
    assert shown.status == 0 and shown.only("instance_rollback")["verdict"] == "planned", shown.output
    assert f"-version: {NEW}\n" in shown.output and f"+version: {OLD}\n" in shown.output
    assert "+database: of 20" in shown.output and " streams: as now" in shown.output
    assert control.changes(now, ignore=()) == []
    done = back(control, run=run, accept_data_loss=True)
    assert done.status == 0, done.output
    planned, carried_out = shown.only("instance_rollback"), done.only("instance_rollback")
    hidden = re.compile(r"\d{8}T\d{6}Z")
    assert [hidden.sub("T", one) for one in planned["operations"]] == [
        hidden.sub("T", one) for one in carried_out["operations"]
    ]
    again = back(control, run=run, accept_data_loss=True)
    assert again.status == 0, again.output
    result = again.only("instance_rollback")
    assert (result["changed"], result["verdict"]) == (False, "unchanged")
    assert result["message"].startswith(f"Instance 'sales' was brought back to {OLD} by the transaction ")
    further = upgraded(control)
    assert further != run and control.running_version("app01", "sales") == NEW


def test_the_set_of_a_hop_in_the_middle_goes_back_to_there(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, V_4_7, NEW))
    start(control)
    done = control.upgrade(**answered(control))
    assert done.status == 0, done.output
    first, second = done.only("instance_upgrade")["hops"]
    there = back(control, backup=second["backup"].rpartition("\\")[2], accept_data_loss=True)
    assert there.status == 0, there.output
    assert control.running_version("app01", "sales") == V_4_7
    rest = back(control, run=done.only("instance_upgrade")["run"], accept_data_loss=True)
    assert rest.status == 0, rest.output
    assert rest.only("instance_rollback")["restored"] == first["backup"]
    assert control.running_version("app01", "sales") == V_4_2


def test_an_old_version_that_does_not_start_leaves_the_new_one(controller: MakeController) -> None:
    control = controller(SALES)
    start(control)
    run = upgraded(control)
    host = control.fleet.hosts["app01"]
    host.login("sales")
    before = host.snapshot()
    host.product_behaviour("sales").failing_versions = [OLD]
    undone = back(control, run=run, accept_data_loss=True, health_timeout=5)
    assert undone.status == 2, undone.output
    assert undone.message().startswith(f"Bring instance 'sales' back from {NEW} to {OLD}: unhealthy.")
    assert undone.message().endswith(f"Instance 'sales' is started at version {NEW}.")
    assert not undone.only("instance_rollback")["changed"]
    assert control.changes(before) == []
    assert control.running_version("app01", "sales") == NEW


def test_start_behaviour_and_registry_come_back(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    key = r"HKLM\SOFTWARE\Comindware\Instances\sales"
    pool = "Comindware sales"
    before = start(control)
    run = upgraded(control)
    host.registry.write(key, {**(host.registry.read(key) or {}), "fqdn": "elsewhere.example.com", "added": "x"})
    host.registry.write(rf"{key}\Below", {"value": "x"})
    host.run("appcmd", ["set", "apppool", f"/apppool.name:{pool}", "/autoStart:false"])
    undone = back(control, run=run, accept_data_loss=True)
    assert undone.status == 0, undone.output
    assert control.changes(before) == []


def test_the_playbook_undoes_a_run_on_every_host_that_it_changed(controller: MakeController) -> None:
    control = controller(SALES, SALES)
    start(control)
    before = {name: host.snapshot() for name, host in control.fleet.hosts.items()}
    upgraded(control, "--limit", "app01", upgrade_run_id="release 1")
    wanted = {"upgrade_health": {"stable": 1, "interval": 1, "timeout": 60}, "rollback_accept_data_loss": True}
    nobody = control.playbook("comindware.platform.rollback", rollback_run="release 2", **wanted)
    assert nobody.message("app01") == (
        "Nothing was brought back: no journal of app01, app02 has a run 'release 2' of a chosen instance."
    )
    undone = control.playbook("comindware.platform.rollback", rollback_run="release 1", **wanted)
    assert undone.status == 0, undone.output
    (result,) = undone.of("instance_rollback", "app01")[-1]["results"]
    assert result["verdict"] == "healthy"
    assert [control.changes(before[name], name) for name in before] == [[], []]
    listed = control.playbook("comindware.platform.rollback")
    assert listed.status == 2 and "give 'run' or 'backup'. Nothing was touched." in listed.output
    named = control.playbook("comindware.platform.rollback", rollback_backups={"hr": "x"}, **wanted)
    assert "has an instance called hr." in named.output
