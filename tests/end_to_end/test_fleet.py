# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs over several hosts: order, budget, losses, ways back, and going on with a run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from end_to_end.processes import kill
from end_to_end.runs import NEW, OLD, SALES, Controller, MakeController, Run, wanted
from standin.host import Host
from standin.testing import wait_until

OLDEST = ("2.16", "2.21")
BROKEN: dict[str, Any] = {
    **SALES,
    "instances": [{**SALES["instances"][0], "behaviour": {"upgrade_errors": True}}],
}


def said(run: Run) -> str:
    """What the last task said, which sets the exit status."""
    return str(run.results[-1].result["msg"])


def states(run: Run) -> dict[str, str]:
    """The state of every instance when the run had ended, by its host."""
    return {host: record["state"] for host, record in records(run).items()}


def records(run: Run) -> dict[str, dict[str, Any]]:
    """The record of every host's only instance when the run had ended."""
    (told,) = [one.result for one in run.results if "__upgrade_record_of_run" in one.result.get("ansible_facts", {})]
    return {one["host"]: one for one in told["ansible_facts"]["__upgrade_record_of_run"]["instances"]}


def transactions(host: Host) -> list[Path]:
    """The journals on a host."""
    return sorted(host.drives.linux(r"C:\Program Files\comindware.platform\transactions").glob("*/journal.jsonl"))


def is_applied(host: Host) -> bool:
    """Whether a transaction waits for its confirm."""
    return any('"state":"applied"' in journal.read_text(encoding="utf-8") for journal in transactions(host))


def versions(control: Controller) -> list[str | None]:
    return [control.running_version(host, "sales") for host in control.fleet.hosts]


def hooks(folder: Path, *stages: str) -> dict[str, list[str]]:
    """For each stage a file of tasks that writes stage and host into the file `lines`."""
    line = "{{ __upgrade_stage }} {{ inventory_hostname }}"
    task = {
        "name": "Write a line",
        "ansible.builtin.shell": f"echo {line} >> {folder}/lines",
        "delegate_to": "localhost",
        "vars": {"ansible_connection": "local", "ansible_become": False},
    }
    hook = folder / "hook.yml"
    hook.write_text(yaml.safe_dump([task]), encoding="utf-8")
    return {stage: [str(hook)] for stage in stages}


@pytest.mark.parametrize("core", OLDEST)
def test_a_canary_that_fails_ends_the_run(controller: MakeController, core: str, tmp_path: Path) -> None:
    """The only host of its batch fails, which would end everything, were it left to Ansible."""
    control = controller(BROKEN, SALES, SALES, environment=f"core-{core}")
    run = control.fleet_upgrade(upgrade_run_id="night", upgrade_report_folder=str(tmp_path / "reports"))
    assert run.status == 2, run.output
    assert states(run) == {"app01": "rolled_back", "app02": "not_begun", "app03": "not_begun"}, run.output
    assert versions(control) == [OLD] * 3
    assert said(run).startswith(
        f"Run night to {NEW}: stopped; 1 rolled_back, 2 not_begun.\n"
        "1 of 3 instances failed, at most 0 may (upgrade_max_failed): sales on app01 (rolled_back).\n"
        "sales on app01: rolled_back. "
    )
    kept = json.loads((tmp_path / "reports" / "night.json").read_text(encoding="utf-8"))
    assert kept["outcome"] == "stopped" and len(kept["instances"]) == 3


def test_a_failure_within_the_budget_stops_nobody(controller: MakeController) -> None:
    control = controller(BROKEN, SALES, SALES)
    run = control.fleet_upgrade(upgrade_max_failed=1, upgrade_batches=[1])
    assert run.status == 2, run.output
    assert states(run) == {"app01": "rolled_back", "app02": "handed_over", "app03": "handed_over"}
    assert versions(control) == [OLD, NEW, NEW]


def test_a_blocked_host_stops_nobody_unless_that_is_wanted(controller: MakeController) -> None:
    control = controller({**SALES, "versions": [OLD]}, SALES)
    stopped = control.fleet_upgrade(upgrade_blocked="stop")
    assert stopped.status == 2 and versions(control) == [OLD, OLD]
    assert (
        "Instances without a plan that can be carried out: 1, and upgrade_blocked is stop. Nothing was touched."
        in said(stopped)
    )
    run = control.fleet_upgrade()
    assert run.status == 2, run.output
    assert states(run) == {"app01": "blocked", "app02": "handed_over"}
    assert versions(control) == [OLD, NEW]


@pytest.mark.parametrize("core", OLDEST)
def test_a_host_that_cannot_be_reached(controller: MakeController, core: str) -> None:
    control = controller(SALES, SALES, environment=f"core-{core}")
    control.fleet.hosts["app01"].winrm.stop()
    run = control.fleet_upgrade("--forks=1", upgrade_max_failed=1)  # planned as many at a time as there are forks
    assert run.status == 2, run.output
    assert states(run) == {"app01": "unreachable", "app02": "handed_over"}


@pytest.mark.parametrize(
    ("core", "wrong", "told"),
    [
        ("2.16", {"upgrade_timeouts": {"stop": "soon"}}, "argument 'stop' is of type"),
        ("2.21", {"upgrade_on_breach": "Hold"}, "value of upgrade_on_breach must be one of: hold, "),
    ],
)
def test_a_host_whose_own_variables_are_wrong(
    controller: MakeController, core: str, wrong: dict[str, Any], told: str, tmp_path: Path
) -> None:
    control = controller(SALES, SALES, environment=f"core-{core}")
    own = tmp_path / "own.yml"
    own.write_text(yaml.safe_dump({"all": {"hosts": {"app02": wrong}}}), encoding="utf-8")
    run = control.fleet_upgrade("-i", str(own), "--forks=1")
    assert run.status == 2, run.output
    assert states(run) == {"app01": "handed_over", "app02": "blocked"}
    assert told in records(run)["app02"]["message"]
    assert "app02: blocked. Validation of arguments failed" in said(run)


def test_what_the_run_upgraded_goes_back_when_its_budget_is_used_up(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES, SALES, BROKEN)
    run = control.fleet_upgrade(
        upgrade_canary=0,
        upgrade_batches=[2, 1],
        upgrade_on_breach="rollback_run",
        upgrade_accept_data_loss=True,
        upgrade_hooks=hooks(tmp_path, "before_return", "after_return"),
    )
    assert run.status == 2, run.output
    assert states(run) == {"app01": "returned", "app02": "returned", "app03": "rolled_back"}
    assert versions(control) == [OLD] * 3
    lines = (tmp_path / "lines").read_text().splitlines()
    assert sorted(lines[:2]) == ["before_return app01", "before_return app02"]
    assert sorted(lines[2:]) == ["after_return app01", "after_return app02"]
    order = [one.action.rpartition(".")[2] for one in run.results if "fleet_return_instance" in one.task]
    assert order == ["instance_rollback"] * 2 + ["set_fact"] * 2, "the hosts went back one after another"


def test_only_its_batch_goes_back_if_that_is_wanted(controller: MakeController) -> None:
    control = controller(SALES, SALES, BROKEN)
    run = control.fleet_upgrade(
        upgrade_canary=0, upgrade_batches=[1, 2], upgrade_on_breach="rollback_batch", upgrade_accept_data_loss=True
    )
    assert run.status == 2, run.output
    assert states(run) == {"app01": "handed_over", "app02": "returned", "app03": "rolled_back"}
    assert versions(control) == [NEW, OLD, OLD]


def test_a_window_that_ends_in_the_middle(controller: MakeController, tmp_path: Path) -> None:
    control = controller(SALES, SALES)
    hook = tmp_path / "hook.yml"
    # Not by waiting for it: a busy machine would not even have begun by then.
    task = {
        "name": "End the window",
        "ansible.builtin.set_fact": {
            "__upgrade_run": "{{ __upgrade_run | combine({'window_end': now().timestamp() | int}) }}"
        },
        "delegate_to": "{{ item }}",
        "delegate_facts": True,
        "loop": ["app01", "app02"],
    }
    hook.write_text(yaml.safe_dump([task]), encoding="utf-8")
    end = datetime.now().astimezone() + timedelta(hours=1)
    run = control.fleet_upgrade(
        upgrade_canary=0,
        upgrade_batches=[1],
        upgrade_window_end=end.isoformat(timespec="seconds"),
        upgrade_hooks={"after_host": [str(hook)]},
    )
    assert run.status == 2, run.output
    assert states(run) == {"app01": "handed_over", "app02": "not_begun"}, run.output
    assert "The maintenance window is over (upgrade_window_end)." in said(run)
    assert versions(control) == [NEW, OLD]


def test_a_run_goes_on_under_its_name(controller: MakeController) -> None:
    control = controller(SALES, BROKEN)
    first = control.fleet_upgrade(upgrade_run_id="night", upgrade_canary=0, upgrade_batches=[1])
    assert first.status == 2 and versions(control) == [NEW, OLD], first.output
    control.fleet.hosts["app02"].product_behaviour("sales").upgrade_errors = False
    control.fleet.hosts["app01"].login("sales")
    again = control.fleet_upgrade(upgrade_run_id="night")
    assert again.status == 0, again.output
    assert states(again) == {"app01": "upgraded", "app02": "handed_over"}
    assert versions(control) == [NEW, NEW]


class Told(BaseHTTPRequestHandler):
    """Keeps what is posted to it."""

    posted: list[dict[str, Any]]

    def do_POST(self) -> None:  # the name that http.server wants
        self.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()


@pytest.fixture
def chat() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A URL, and what was posted to it."""
    Told.posted = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Told) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", Told.posted
        server.shutdown()


def test_hooks_and_a_look_after_each_batch(
    controller: MakeController, tmp_path: Path, chat: tuple[str, list[dict[str, Any]]]
) -> None:
    control = controller(SALES, SALES)
    url, posted = chat
    wanted_hooks = hooks(tmp_path, "before_host", "after_host", "after_batch", "after_run")
    wanted_hooks["after_batch"].append(url)
    run = control.fleet_upgrade(
        upgrade_run_id="night", upgrade_canary=0, upgrade_batches=[1], upgrade_soak=1, upgrade_hooks=wanted_hooks
    )
    assert run.status == 0, run.output
    assert [(one["run"], one["stage"], one["host"], one["target"]) for one in posted] == [
        ("night", "after_batch", "app01", NEW),
        ("night", "after_batch", "app02", NEW),
    ]
    assert [one["instances"][0]["state"] for one in posted] == ["handed_over"] * 2
    assert [one["verdict"] for one in run.of("instance_health")] == ["handed_over"] * 2
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
    run = control.fleet_upgrade(upgrade_hooks={"before_host": [str(hook)]})
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
    control = controller(SALES, SALES)
    before = control.fleet.hosts["app01"].snapshot()
    run = control.fleet_upgrade(**wrong)
    assert run.status == 2, run.output
    assert told in str(run.results[-1].result), "the refusal is the last word"
    assert control.changes(before, ignore=()) == []


def test_without_a_target_version(controller: MakeController) -> None:
    variables = wanted({})
    del variables["upgrade_target_version"]
    run = controller(SALES, SALES).playbook("comindware.platform.upgrade", **variables)
    assert run.status == 2, run.output
    assert (
        "app02: blocked. Validation of arguments failed:\nmissing required arguments: upgrade_target_version"
        in said(run)
    )


@pytest.mark.parametrize("core", OLDEST)
def test_a_host_that_is_lost_in_the_middle_is_named_and_picked_up_again(controller: MakeController, core: str) -> None:
    control = controller(SALES, SALES, environment=f"core-{core}")
    lost = control.fleet.hosts["app01"]
    lost.product_behaviour("sales").start_seconds = 6

    def lose() -> None:
        wait_until(lambda: is_applied(lost))
        lost.winrm.stop()

    thread = threading.Thread(target=lose)
    thread.start()
    night = {"upgrade_run_id": "night", "upgrade_canary": 0, "upgrade_max_failed": 1}
    run = control.fleet_upgrade(**night, upgrade_timeouts={"reconnect": 1})
    thread.join()
    assert run.status == 2, run.output
    assert states(run) == {"app01": "lost", "app02": "handed_over"}
    told = said(run)
    assert "sales on app01: lost. The connection was lost after the host had begun, and did not come back." in told
    assert "The host goes on by itself: what nobody confirms it rolls back at its deadline and at every start" in told
    lost.product_behaviour("sales").start_seconds = 0.2
    lost.winrm.start()
    lost.reboot()
    wait_until(lambda: lost.scheduler.names() == [])
    control.fleet.hosts["app02"].login("sales")
    again = control.fleet_upgrade(**night)
    assert again.status == 0, again.output
    assert states(again) == {"app01": "handed_over", "app02": "upgraded"}


def test_field_5_4_the_status_of_a_run_that_no_host_knows_is_an_error(controller: MakeController) -> None:
    status = controller(SALES).playbook("comindware.platform.status", upgrade_run_id="nosuch")
    assert status.status == 2, status.output
    assert status.results[-1].result["msg"] == (
        "No host knows a run 'nosuch'. A run is known to a host as soon as it begins to upgrade an instance there."
    )


def test_a_killed_run_is_resumed_from_another_controller_by_what_the_hosts_know(
    controller: MakeController, tmp_path: Path
) -> None:
    control = controller(SALES, SALES, SALES)
    second = control.fleet.hosts["app02"]
    second.product_behaviour("sales").start_seconds = 30
    night = {"upgrade_run_id": "night", "upgrade_canary": 0, "upgrade_batches": [1]}
    process = control.begin("comindware.platform.upgrade", **wanted(night))
    wait_until(lambda: is_applied(second))
    kill(process)
    second.product_behaviour("sales").start_seconds = 0.2
    status = control.playbook("comindware.platform.status", upgrade_run_id="night", upgrade_target_version=NEW)
    assert status.status == 0, status.output
    assert [line.split()[:3] for line in status.results[-1].result["msg"][2:]] == [
        ["app01", "sales", "handed_over"],
        ["app02", "sales", "running"],
        ["app03", "sales", "not_begun"],
    ]
    must = control.playbook("comindware.platform.status", upgrade_run_id="night", status_must_succeed=True)
    assert must.status == 2, must.output
    second.reboot()
    wait_until(lambda: second.scheduler.names() == [])
    (tmp_path / "elsewhere").mkdir()
    other = Controller(control.fleet, tmp_path / "elsewhere")
    run = other.fleet_upgrade(**night)
    assert run.status == 0, run.output
    assert states(run) == dict.fromkeys(("app01", "app02", "app03"), "handed_over")
    assert [one["instance"] for one in run.of("instance_upgrade", "app01")] == []
    assert records(run)["app01"]["hops"][0]["verdict"] == "handed_over"


def test_the_downtime_is_measured_on_the_host(controller: MakeController) -> None:
    control = controller(SALES, BROKEN)
    for host in control.fleet.hosts.values():
        host.running_version("sales")  # it is awake
    run = control.fleet_upgrade(upgrade_run_id="night", upgrade_canary=0)
    assert states(run) == {"app01": "handed_over", "app02": "rolled_back"}, run.output
    for record in records(run).values():
        down = record["downtime"]
        assert down["last_answer"] < down["first_answer"] and down["seconds"] >= 0, record
    status = control.playbook("comindware.platform.status", upgrade_run_id="night", upgrade_target_version=NEW)
    (told,) = [
        one.result["ansible_facts"] for one in status.results if "__record" in one.result.get("ansible_facts", {})
    ]
    assert told["__record"]["instances"][0]["downtime"] == records(run)["app01"]["downtime"]


def test_only_the_canary_then_the_others(controller: MakeController) -> None:
    control = controller(SALES, SALES)
    first = control.fleet_upgrade(upgrade_run_id="night", upgrade_only_canary=True)
    assert first.status == 0, first.output
    assert states(first) == {"app01": "handed_over", "app02": "planned"}
    then = control.fleet_upgrade(upgrade_run_id="night")
    assert then.status == 0, then.output
    assert states(then) == {"app01": "handed_over", "app02": "handed_over"}


def test_check_mode_touches_nothing(controller: MakeController) -> None:
    control = controller(SALES, SALES)
    before = control.fleet.hosts["app01"].snapshot()
    run = control.fleet_upgrade("--check", "--diff")
    assert run.status == 0, run.output
    assert set(states(run).values()) == {"planned"}
    assert control.changes(before, ignore=()) == []


def test_an_empty_fleet_is_told(controller: MakeController) -> None:
    control = controller(SALES)
    run = control.fleet_upgrade(upgrade_hosts="all:!app01")
    assert run.status == 0 and "no hosts matched" in run.output, run.output


class Approved:
    """Plans that lie on their hosts, and their hashes as a job hands them on."""

    def __init__(self, control: Controller) -> None:
        run = control.playbook("comindware.platform.plan", **wanted({"upgrade_plans_on_host": True}))
        assert run.status == 0, run.output
        (stats,) = [one.result["ansible_stats"]["data"] for one in run.results if "ansible_stats" in one.result]
        self.plans: dict[str, str] = stats["upgrade_approved_plans"]


def test_the_approved_plan_is_the_one_applied(controller: MakeController) -> None:
    control = controller(SALES, SALES)
    plans = Approved(control).plans
    assert sorted(plans) == ["app01/Comindware/sales", "app02/Comindware/sales"]
    assert Approved(control).plans == plans
    del plans["app02/Comindware/sales"]
    other = control.fleet_upgrade(upgrade_approved_plans=plans, upgrade_backup={"streams": True})
    assert states(other) == {"app01": "blocked", "app02": "blocked"}, other.output
    assert "The plan of instance 'sales' that was approved is refused, nothing was touched. It was made with" in said(
        other
    )
    run = control.fleet_upgrade(upgrade_approved_plans=plans)
    assert states(run) == {"app01": "handed_over", "app02": "blocked"}, run.output
    assert "sales on app02: blocked. No plan of instance 'sales' is among the approved ones." in said(run)


def test_an_approved_plan_that_was_changed_on_its_host(controller: MakeController) -> None:
    control = controller(SALES)
    plans = Approved(control).plans
    (file,) = (
        control.fleet.hosts["app01"].drives.linux(r"C:\Program Files\comindware.platform\plans").glob("*/plan.json")
    )
    file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
    run = control.fleet_upgrade(upgrade_approved_plans=plans)
    assert states(run) == {"app01": "blocked"}, run.output
    assert (
        f"The approved plan {plans['app01/Comindware/sales'][:12]} of instance 'sales' was changed on the host."
        in said(run)
    )


@pytest.mark.parametrize("core", OLDEST)
def test_hooks_of_the_run_that_fail_but_stop_nobody(controller: MakeController, core: str, tmp_path: Path) -> None:
    """One before it that deals with its failure itself, and one behind it: its report and its last word come all the same."""
    control = controller(SALES, SALES, environment=f"core-{core}")
    fails = {"name": "Call", "ansible.builtin.fail": {"msg": "Nobody answers."}}
    rescued = {"name": "Call", "block": [fails], "rescue": [{"name": "Go on", "ansible.builtin.debug": None}]}
    for name, task in ("before", rescued), ("after", fails):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump([task]), encoding="utf-8")
    stages = {f"{name}_run": [str(tmp_path / f"{name}.yml")] for name in ("before", "after")}
    run = control.fleet_upgrade(upgrade_hooks=stages, upgrade_report_folder=str(tmp_path), upgrade_run_id="night")
    assert run.status == 0, run.output
    assert said(run).startswith(f"Run night to {NEW}: succeeded; 2 handed_over.")
    assert "after_run failed: Nobody answers. The run itself is not concerned." in run.output
    assert (tmp_path / "night.html").exists()


@pytest.mark.parametrize("core", OLDEST)
def test_a_hook_of_the_batch_that_fails_keeps_the_batch_from_being_touched(
    controller: MakeController, core: str, tmp_path: Path
) -> None:
    control = controller(SALES, SALES, environment=f"core-{core}")
    hook = tmp_path / "hook.yml"
    hook.write_text(
        yaml.safe_dump([{"name": "Fail", "ansible.builtin.fail": {"msg": "The balancer says no."}}]), encoding="utf-8"
    )
    run = control.fleet_upgrade(upgrade_hooks={"before_batch": [str(hook)]})
    assert run.status == 2 and set(states(run).values()) == {"not_begun"}, run.output
    assert "before_batch failed: The balancer says no." in said(run)
    run = control.fleet_upgrade(upgrade_hooks={"before_run": [str(hook)]})
    assert run.status == 2 and "before_run failed: The balancer says no." in said(run), run.output
    run = control.fleet_upgrade(upgrade_hooks={"after_batch": [str(hook)]})
    assert run.status == 2 and "after_batch failed: The balancer says no." in said(run), run.output
    assert versions(control) == [NEW, OLD]


def test_a_slice_of_a_job_is_refused(controller: MakeController) -> None:
    control = controller(SALES)
    names = {"awx_workflow_job_name": "Upgrade", "awx_job_template_name": "Upgrade"}
    run = control.fleet_upgrade(**names)
    assert run.status == 2 and "AWX has cut this job into slices" in run.output, run.output
    assert run.of("instance_info") == []
