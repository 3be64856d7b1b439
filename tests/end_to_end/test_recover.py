# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an interrupted run has left is finished by the next one, or by instance_recover; a person decides about what is held."""

from __future__ import annotations

import subprocess
from typing import Any

from end_to_end.processes import kill
from end_to_end.runs import ANSWERED, NEW, OLD, Controller, MakeController, Run
from end_to_end.test_failures import assert_as_before, kill_controller_at_work, start, wait_for_state
from standin.host import Host
from standin.snapshot import Snapshot
from standin.testing import wait_until

WITHOUT_DATA = {"upgrade_backup": {"data": False, "product_backup": "existing"}}
"""No cold copy of the data: the first start of the new version is the point of no return."""


def transactions(host: Host) -> list[str]:
    """Their ids, the oldest first."""
    return sorted(
        path.name for path in host.drives.linux(r"C:\Program Files\comindware.platform\transactions").iterdir()
    )


def leave(process: subprocess.Popen[str], host: Host) -> None:
    """When the host's only fault delays its worker: controller and worker go, and nothing looks after what they have begun."""
    wait_until(lambda: '"times":0' in (host.folder / "faults.json").read_text("utf-8").replace(" ", ""))
    kill(process)
    host.winrm.stop()
    for task in host.scheduler.names():
        host.scheduler.end(task)
    host.clear_faults()
    host.winrm.start()


def left_in_the_middle(controller: MakeController) -> tuple[Controller, Host, Snapshot]:
    """Half of the links lead to the new version; controller and worker are gone, and nothing looks after it."""
    control, host, before = start(controller)
    host.add_fault("operation:create_link", path=r"*\Config\data", action="delay", seconds=120)
    process = control.begin("comindware.platform.upgrade", upgrade_target_version=NEW, **ANSWERED)
    wait_for_state(host, "running")
    leave(process, host)
    return control, host, before


def test_what_a_killed_run_left(controller: MakeController) -> None:
    control, host, before = left_in_the_middle(controller)
    now = host.snapshot()
    checked = control.task("instance_recover", "--check", "--diff")
    assert checked.status == 0, checked.output
    assert now.differences(host.snapshot(), ignore=(r"*\worker.lock",)) == []
    run = control.task("instance_recover", "--diff")
    assert run.status == 0, run.output
    done = run.only("instance_recover")
    (one,) = done["recovered"]
    assert (one["instance"], one["brand"], one["from"], one["to"]) == ("sales", "Comindware", OLD, NEW)
    assert (done["changed"], done["unfinished"]) == (True, [])
    assert done["message"] == (
        f"Transaction {one['transaction']} of instance 'sales', begun by {one['owner']}: running, was brought to rolled_back."
    )
    assert done["diff"] == {
        "before": f"{one['transaction']} of sales: running\n",
        "after": f"{one['transaction']} of sales: rolled_back\n",
    }
    planned = checked.only("instance_recover")
    assert (planned["changed"], planned["diff"]) == (True, done["diff"])
    assert_as_before(control, before)
    again = control.task("instance_recover").only("instance_recover")
    assert (again["changed"], again["recovered"], again["message"]) == (False, [], "Nothing is unfinished.")


def test_the_next_upgrade_recovers_first(controller: MakeController) -> None:
    """A plan for what an interrupted run has left would be a plan for a ruin."""
    control, host, _before = left_in_the_middle(controller)
    run = control.upgrade()
    assert run.status == 0, run.output
    assert [one["state"] for one in run.only("instance_recover")["recovered"]] == ["rolled_back"]
    assert run.only("instance_upgrade")["changed"]
    assert control.running_version("app01", "sales") == NEW
    assert len(transactions(host)) == 2


def test_every_change_of_the_instance_recovers_first(controller: MakeController) -> None:
    control, _host, _before = left_in_the_middle(controller)
    run = control.task("instance_state", name="sales", state="started")
    assert run.status == 0, run.output
    done = run.only("instance_state")
    assert [one["state"] for one in done["recovered"]] == ["rolled_back"]
    assert (done["changed"], done["state"]) == (True, "started")
    assert control.running_version("app01", "sales") == OLD


def test_a_host_that_never_was_changed(controller: MakeController) -> None:
    control, _host, before = start(controller)
    run = control.playbook("comindware.platform.recover")
    assert run.status == 0, run.output
    (done,) = run.only("instance_recover")["results"]
    assert (done["changed"], done["agent_calls"]) == (False, {"query": 1})
    assert control.changes(before, ignore=()) == []


def held(controller: MakeController) -> tuple[Controller, Host, Run]:
    """The power failed when the new version had been started, and there is no copy of the data."""
    control, host, _before = start(controller)
    host.product_backup("sales")
    host.product_behaviour("sales").start_seconds = 8
    kill_controller_at_work(control, host, **WITHOUT_DATA)
    host.product_behaviour("sales").start_seconds = 0.2
    host.reboot()
    wait_for_state(host, "held")
    wait_until(lambda: host.scheduler.names() == [])
    assert control.running_version("app01", "sales") == NEW
    return control, host, control.upgrade()


def test_what_is_held_waits_for_a_person(controller: MakeController) -> None:
    control, host, refused = held(controller)
    (transaction,) = transactions(host)
    site = host.iis.configuration.site("Comindware sales")
    assert site and not site.server_auto_start
    run = control.playbook("comindware.platform.recover")
    assert run.status == 2, run.output
    (left,) = run.only("instance_recover")["results"][0]["unfinished"]
    assert (left["state"], left["past_return"], left["lease"]) == ("held", True, None)
    assert left["message"] == (
        f"The transaction {transaction} of instance 'sales', begun by {left['owner']} (run {left['run']}) at {left['created']}, is not "
        "finished: held. It is past its point of no return: the new version runs, unconfirmed, and does not start by itself after a "
        "restart of the host. Look at it. Then run comindware.platform.instance_recover with held: confirm; or put the data back yourself, "
        "and run it with held: rollback."
    )
    assert run.message() == left["message"]
    assert refused.status == 2
    assert left["message"] in refused.message()
    checked = control.task("instance_recover", "--check", held="confirm").only("instance_recover")
    assert [one["state"] for one in checked["recovered"]] == ["confirmed"]
    done = control.task("instance_recover", held="confirm").only("instance_recover")
    assert [(one["transaction"], one["state"]) for one in done["recovered"]] == [(transaction, "confirmed")]
    assert (done["changed"], done["unfinished"]) == (True, [])
    site = host.iis.configuration.site("Comindware sales")
    assert site and site.server_auto_start
    again = control.upgrade()
    assert again.status == 0, again.output
    assert again.only("instance_upgrade")["verdict"] == "unchanged"


def test_what_is_held_is_rolled_back_on_demand(controller: MakeController) -> None:
    """The operator has put the data back himself."""
    control, host, _refused = held(controller)
    database = host.drives.linux(r"C:\ProgramData\Comindware\Instances\sales\Database\db\ontology.version")
    database.write_text(OLD)
    done = control.task("instance_recover", name="sales", held="rollback").only("instance_recover")
    assert [one["state"] for one in done["recovered"]] == ["rolled_back"]
    assert control.running_version("app01", "sales") == OLD


def test_one_that_waits_for_its_confirm_is_left_to_who_began_it(controller: MakeController) -> None:
    control, host, before = start(controller)
    host.product_behaviour("sales").start_seconds = 6
    kill_controller_at_work(control, host)
    options: dict[str, Any] = {"held": "rollback"}
    left = control.task("instance_recover", **options).only("instance_recover")
    assert (left["changed"], [one["state"] for one in left["unfinished"]]) == (False, ["applied"])
    assert left["unfinished"][0]["lease"] in left["unfinished"][0]["message"]
    host.product_behaviour("sales").start_seconds = 0.2
    done = control.task("instance_recover", name="sales", **options).only("instance_recover")
    assert [one["state"] for one in done["recovered"]] == ["rolled_back"]
    assert_as_before(control, before)
