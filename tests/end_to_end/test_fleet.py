# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs over several hosts: order, budget, losses, ways back, and going on with a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from end_to_end.runs import NEW, OLD, SALES, Controller, MakeController, Run

OLDEST = ("2.16", "2.21")
BROKEN: dict[str, Any] = {
    **SALES,
    "instances": [{**SALES["instances"][0], "behaviour": {"upgrade_errors": True}}],
}


def states(run: Run) -> dict[str, str]:
    """The state of every instance when the run had ended, by its host."""
    (told,) = [one.result for one in run.results if "__upgrade_record_of_run" in one.result.get("ansible_facts", {})]
    return {one["host"]: one["state"] for one in told["ansible_facts"]["__upgrade_record_of_run"]["instances"]}


def versions(control: Controller) -> list[str | None]:
    return [control.running_version(host, "sales") for host in control.fleet.hosts]


@pytest.mark.parametrize("core", OLDEST)
def test_a_canary_that_fails_ends_the_run(controller: MakeController, core: str, tmp_path: Path) -> None:
    """The only host of its batch fails, which would end everything, were it left to Ansible."""
    control = controller(BROKEN, SALES, SALES, environment=f"core-{core}")
    run = control.upgrade(upgrade_run_id="night", upgrade_report_folder=str(tmp_path / "reports"))
    assert run.status == 2, run.output
    assert states(run) == {"app01": "rolled_back", "app02": "not_begun", "app03": "not_begun"}
    assert versions(control) == [OLD] * 3
    assert run.message().startswith(
        f"Run night to {NEW}: stopped; 1 rolled_back, 2 not_begun.\n"
        "1 of 3 instances failed, at most 0 may (upgrade_max_failed): sales on app01 (rolled_back).\n"
        "sales on app01: rolled_back. "
    )
    kept = json.loads((tmp_path / "reports" / "night.json").read_text(encoding="utf-8"))
    assert kept["outcome"] == "stopped" and len(kept["instances"]) == 3


def test_a_failure_within_the_budget_stops_nobody(controller: MakeController) -> None:
    control = controller(BROKEN, SALES, SALES)
    run = control.upgrade(upgrade_max_failed=1, upgrade_batches=[1])
    assert run.status == 2, run.output
    assert states(run) == {"app01": "rolled_back", "app02": "handed_over", "app03": "handed_over"}
    assert versions(control) == [OLD, NEW, NEW]


def test_a_blocked_host_stops_nobody_unless_that_is_wanted(controller: MakeController) -> None:
    control = controller({**SALES, "versions": [OLD]}, SALES)
    stopped = control.upgrade(upgrade_blocked="stop")
    assert stopped.status == 2 and versions(control) == [OLD, OLD]
    assert (
        "1 instances have no plan that can be carried out, and upgrade_blocked is stop. Nothing was touched."
        in stopped.message()
    )
    run = control.upgrade()
    assert run.status == 2, run.output
    assert states(run) == {"app01": "blocked", "app02": "handed_over"}
    assert versions(control) == [OLD, NEW]


@pytest.mark.parametrize("core", OLDEST)
def test_a_host_that_cannot_be_reached(controller: MakeController, core: str) -> None:
    control = controller(SALES, SALES, environment=f"core-{core}")
    control.fleet.hosts["app01"].winrm.stop()
    run = control.upgrade(upgrade_max_failed=1)
    assert run.status == 2, run.output
    assert states(run) == {"app01": "unreachable", "app02": "handed_over"}


def test_what_the_run_upgraded_goes_back_when_its_budget_is_used_up(controller: MakeController) -> None:
    control = controller(SALES, SALES, BROKEN)
    run = control.upgrade(
        upgrade_canary=0, upgrade_batches=[2, 1], upgrade_on_breach="rollback_run", upgrade_accept_data_loss=True
    )
    assert run.status == 2, run.output
    assert states(run) == {"app01": "returned", "app02": "returned", "app03": "rolled_back"}
    assert versions(control) == [OLD] * 3


def test_a_run_goes_on_under_its_name(controller: MakeController) -> None:
    control = controller(SALES, BROKEN)
    first = control.upgrade(upgrade_run_id="night", upgrade_canary=0, upgrade_batches=[1])
    assert first.status == 2 and versions(control) == [NEW, OLD], first.output
    control.fleet.hosts["app02"].product_behaviour("sales").upgrade_errors = False
    control.fleet.hosts["app01"].login("sales")
    again = control.upgrade(upgrade_run_id="night")
    assert again.status == 0, again.output
    assert states(again) == {"app01": "unchanged", "app02": "handed_over"}
    assert versions(control) == [NEW, NEW]


def test_hooks(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES, SALES)
    hook = tmp_path / "hook.yml"
    line = "{{ __upgrade_stage }} {{ inventory_hostname }}"
    task = {
        "name": "Write a line",
        "ansible.builtin.shell": f"echo {line} >> {tmp_path}/lines",
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_become": False},
    }
    hook.write_text(yaml.safe_dump([task]), encoding="utf-8")
    stages = ("before_host", "after_host", "after_batch", "after_run")
    run = control.upgrade(upgrade_canary=0, upgrade_batches=[1], upgrade_hooks={stage: [str(hook)] for stage in stages})
    assert run.status == 0, run.output
    assert (tmp_path / "lines").read_text().splitlines() == [
        "before_host app01",
        "after_host app01",
        "after_batch app01",
        "before_host app02",
        "after_host app02",
        "after_batch app02",
        "after_run app01",
    ]


def test_a_hook_that_fails_keeps_its_host_from_being_touched(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES)
    before = control.fleet.hosts["app01"].snapshot()
    hook = tmp_path / "hook.yml"
    hook.write_text(
        yaml.safe_dump([{"name": "Fail", "ansible.builtin.fail": {"msg": "The balancer says no."}}]), encoding="utf-8"
    )
    run = control.upgrade(upgrade_hooks={"before_host": [str(hook)]})
    assert run.status == 2 and states(run) == {"app01": "failed"}, run.output
    assert "sales on app01: failed. The balancer says no." in str(run.results[-1].result["msg"])
    assert control.changes(before) == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"upgrade_batches": ["110%"]}, "upgrade_batches has the size '110%'."),
        ({"upgrade_max_failed": -1}, "upgrade_max_failed is -1."),
        ({"upgrade_window_end": "25:00"}, "upgrade_window_end is '25:00'."),
        ({"upgrade_window_end": "2020-01-01T00:00"}, "nothing can be begun any more"),
        (
            {"upgrade_on_breach": "pray"},
            "value of upgrade_on_breach must be one of: hold, rollback_batch, rollback_run, got: pray",
        ),
    ],
)
def test_wishes_that_are_refused_before_anything_is_touched(
    controller: MakeController, wrong: dict[str, Any], told: str
) -> None:
    control = controller(SALES)
    before = control.fleet.hosts["app01"].snapshot()
    run = control.upgrade(**wrong)
    assert run.status == 2 and told in run.output, run.output
    assert control.changes(before, ignore=()) == []
