# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans that are shown, kept, approved, and refused when they are no longer true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from end_to_end.runs import ANSWERED, NEW, OLD, SALES, Controller, MakeController, Run
from end_to_end.test_several_hops import STOPS_3_5, V_4_2, V_4_7, answered, instance_at
from standin.host import Host

POLICY = Path(__file__).parents[1] / "standin" / "templates_policy.yml"
WEB_CONFIG = r"C:\ProgramData\Comindware\Instances\sales\Config\Web.config"


def plan(control: Controller, *arguments: str, **variables: Any) -> Run:
    return control.playbook(
        "comindware.platform.plan", *arguments, **{"upgrade_target_version": NEW, **ANSWERED, **variables}
    )


def kept(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "app01.sales.json").read_text(encoding="utf-8"))
    return content


def edit(host: Host, path: str, old: str, new: str) -> None:
    file = host.drives.real(path)
    text = file.read_bytes()
    assert old.encode() in text
    file.write_bytes(text.replace(old.encode(), new.encode()))


def test_a_plan_changes_nothing_and_holds_no_secret(controller: MakeController, tmp_path: Path) -> None:
    control = controller(instance_at(V_4_7, NEW))
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    run = plan(control, "-vvvvvv", "--diff", upgrade_plan_folder=str(tmp_path / "plans"), **answered(control))
    assert run.status == 0, run.output
    assert before.differences(host.snapshot()) == []
    text = (tmp_path / "plans" / "app01.sales.json").read_text(encoding="utf-8")
    assert "CANARY" not in text and "CANARY" not in run.output
    assert "\u27e6secret:" not in text and "\u27e6secret 1\u27e7" in text
    again = plan(control, upgrade_plan_folder=str(tmp_path / "plans"), **answered(control))
    assert not any(one.result.get("changed") for one in again.results), again.output


def test_the_report_of_a_whole_way(controller: MakeController) -> None:
    control = controller(instance_at(*STOPS_3_5, V_4_2, V_4_7, NEW, product_backup_hours=1))
    run = plan(control, **answered(control))
    assert run.status == 0, run.output
    planned = run.only("upgrade_plan")
    way = " -> ".join((*STOPS_3_5, V_4_2, V_4_7, NEW))
    assert f"  Way: {way}\n" in planned["text"]
    assert f"  Hop 1 of 6: {STOPS_3_5[0]} -> {STOPS_3_5[1]}, in place, in this run\n" in planned["text"]
    assert f"  Hop 6 of 6: {V_4_7} -> {NEW}, in place, in a later run\n" in planned["text"]
    assert "    Downtime: Instance 'sales' will be down for about " in planned["text"]
    assert planned["plan"]["hops_of_this_run"] == 1
    russian = plan(control, upgrade_language="ru", **answered(control)).only("upgrade_plan")["text"]
    assert f"  Переход 1 из 6: {STOPS_3_5[0]} -> {STOPS_3_5[1]}, на месте, в этом запуске\n" in russian


def test_blockers_are_shown_and_end_the_playbook_with_an_error(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, NEW))
    run = plan(control)
    assert run.status == 2, run.output
    planned = run.only("upgrade_plan")
    assert planned["level"] == "blocker"
    assert f"BLOCKER missing_versions: No supported path leads from {V_4_2} to {NEW}" in planned["text"]
    assert run.message() == "The plan of sales has blockers. They are shown above, each with what to do."


def test_an_approved_plan_is_carried_out(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES)
    assert plan(control, upgrade_plan_folder=str(tmp_path)).status == 0
    run = control.upgrade(upgrade_plan_folder=str(tmp_path))
    assert run.status == 0, run.output
    done = run.only("instance_upgrade")
    approved = [title for hop in kept(tmp_path)["hops"] for title in hop["operations"] + hop["on_confirm"]]
    assert done["operations"] == approved
    assert control.running_version("app01", "sales") == NEW
    assert control.upgrade(upgrade_plan_folder=str(tmp_path)).status == 0


def test_a_host_that_has_changed_since_is_refused(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert plan(control, upgrade_plan_folder=str(tmp_path)).status == 0
    edit(host, WEB_CONFIG, "shutdownTimeout", "shutDownTimeout")
    pool = host.iis.configuration.pool("Comindware sales")
    assert pool
    pool.start_mode = "AlwaysRunning" if pool.start_mode != "AlwaysRunning" else "OnDemand"
    before = host.snapshot()
    run = control.upgrade(upgrade_plan_folder=str(tmp_path))
    assert run.status == 2, run.output
    created = kept(tmp_path)["created"]
    assert run.message() == (
        f"The plan of instance 'sales' of {created} is refused, nothing was touched. The host has changed since: configuration files "
        "of sales, site and pools of sales. Make a new plan with comindware.platform.plan, have it approved, and run again."
    )
    assert control.changes(before) == []


def test_another_wish_is_refused(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES)
    assert plan(control, upgrade_plan_folder=str(tmp_path)).status == 0
    run = control.upgrade(upgrade_plan_folder=str(tmp_path), upgrade_backup={"data": False})
    assert "It was made with backup_data = true, and now that is false." in run.message()
    assert control.running_version("app01", "sales") == OLD


def test_a_missing_plan_is_refused(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES)
    run = control.upgrade(upgrade_plan_folder=str(tmp_path))
    assert run.status == 2, run.output
    assert run.message().startswith(
        f"The approved plan of instance 'sales' on APP01 is {tmp_path}/app01.sales.json, which cannot be read"
    )
    assert run.message().endswith("Nothing was touched. Make the plan with comindware.platform.plan.")


def test_a_plan_of_several_hops_stays_good_after_the_first(controller: MakeController, tmp_path: Path) -> None:
    """The run ends after the first hop, people do their part, and the same approved plan goes on."""
    control = controller(instance_at(*STOPS_3_5, product_backup_hours=1))
    host = control.fleet.hosts["app01"]
    wanted = {"upgrade_target_version": STOPS_3_5[-1], "upgrade_plan_folder": str(tmp_path), **answered(control)}
    assert plan(control, **wanted).status == 0
    assert control.upgrade(**wanted).status == 0
    host.login("sales")
    host.product_backup("sales")
    second = control.upgrade(**wanted)
    assert second.status == 0, second.output
    assert control.running_version("app01", "sales") == STOPS_3_5[2]
    host.login("sales")
    host.product_backup("sales")
    edit(host, r"C:\ProgramData\Comindware\Instances\sales\Config\Workers.config", "true", "false")
    third = control.upgrade(**wanted)
    assert third.status == 0, third.output  # the plan does nothing with that file


def test_too_long_a_downtime_is_refused(controller: MakeController) -> None:
    control = controller(SALES)
    run = control.upgrade(upgrade_max_downtime=1)
    assert run.status == 2, run.output
    assert "The limit is 1 min. Raise the limit to " in run.message()
    assert control.running_version("app01", "sales") == OLD


def test_two_instances_of_a_host_with_plans_made_before_either(controller: MakeController, tmp_path: Path) -> None:
    """The first one keeps the pristine files of the new version; the plan of the second one stays good all the same."""
    versions = [{"version": version, "templates": True} for version in (OLD, NEW)]
    instances = [{"name": name, "version": OLD, "language": "en"} for name in ("hr", "sales")]
    control = controller({"versions": versions, "instances": instances})
    wanted = {"upgrade_plan_folder": str(tmp_path), "upgrade_policy_files": [str(POLICY)]}
    assert plan(control, **wanted).status == 0
    run = control.upgrade(**wanted)
    assert run.status == 0, run.output
    assert [control.running_version("app01", name) for name in ("hr", "sales")] == [NEW, NEW]
