# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Failures in the middle leave the old version running, with its data, and say so; no backup is lost."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Thread
from typing import Any

from end_to_end.processes import kill
from end_to_end.runs import ANSWERED, NEW, OLD, SALES, Controller, MakeController
from standin.host import Host
from standin.snapshot import Snapshot
from standin.testing import wait_until

BACKUPS = r"C:\ProgramData\comindware.platform\backups\Comindware\sales"
DATABASE = r"C:\ProgramData\Comindware\Instances\sales\Database"


def start(controller: MakeController) -> tuple[Controller, Host, Snapshot]:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    return control, host, host.snapshot()


def assert_as_before(control: Controller, before: Snapshot) -> None:
    """Files, links, registry, IIS configuration, states and tasks; and the old version answers."""
    assert control.changes(before) == []
    assert control.running_version("app01", "sales") == OLD


def backup_sets(host: Host) -> list[Path]:
    folder = host.drives.linux(BACKUPS)
    return sorted(folder.iterdir()) if folder.exists() else []


def test_a_pool_that_never_stops(controller: MakeController) -> None:
    """IIS takes no orders for such a pool, so that nobody can start it again: that is said, and the next run mends it."""
    control, host, _before = start(controller)
    pool = "Comindware sales"
    host.pool_behaviour(pool).never_stops = True
    configured = host.iis.configuration.pool(pool)
    assert configured
    configured.shutdown_time_limit_seconds = 2
    run = control.upgrade(upgrade_timeouts={"stop": 3, "start": 5})
    assert run.status == 2, run.output
    message = run.message()
    assert message.startswith(f"Upgrade instance 'sales' from {OLD} to {NEW}: failed at 'Stop pool '{pool}''. ")
    assert "is still running. Allow it more time, or end that process in the Task Manager." in message
    # Every start that an undo asks for has the operator's own limit.
    started = [f"The application pool '{pool}' did not start within {limit} seconds" for limit in (5, 180)]
    assert "Undoing failed as well" in message and [told in message for told in started] == [True, False], message
    host.pool_behaviour(pool).never_stops = False
    again = control.upgrade()
    assert again.status == 0, again.output
    assert control.running_version("app01", "sales") == NEW


def test_a_pool_that_takes_longer_than_the_operator_wants_to_wait(controller: MakeController) -> None:
    control, host, before = start(controller)
    host.pool_behaviour("Comindware sales").stop_seconds = 6
    run = control.upgrade(upgrade_timeouts={"stop": 3})
    assert run.status == 2, run.output
    message = run.message()
    assert message.startswith(
        f"Upgrade instance 'sales' from {OLD} to {NEW}: failed at 'Stop pool 'Comindware sales''. "
        "The application pool 'Comindware sales' did not stop within 3 seconds: its state is Stopping"
    )
    assert message.endswith("Everything done was undone; the host is as it was before.")
    assert_as_before(control, before)


def test_a_file_that_somebody_holds(controller: MakeController) -> None:
    control, host, before = start(controller)
    holder = host.processes.add("backup-agent.exe", [DATABASE + r"\db"])
    run = control.upgrade(upgrade_timeouts={"release": 2})
    assert run.status == 2, run.output
    assert f"backup-agent.exe (process {holder.pid})" in run.message()
    host.processes.end(holder.pid)
    assert_as_before(control, before)


def test_a_link_that_cannot_be_made(controller: MakeController) -> None:
    control, host, before = start(controller)
    host.add_fault("create_link", path=r"*\Config\data", win32=1314)
    run = control.upgrade()
    assert run.status == 2, run.output
    assert "1314" in run.message()
    assert run.message().endswith("Everything done was undone; the host is as it was before.")
    assert_as_before(control, before)
    assert [(each / "complete").exists() for each in backup_sets(host)] == [True]


def test_a_new_version_that_does_not_start(controller: MakeController) -> None:
    control, host, before = start(controller)
    host.product_behaviour("sales").failing_versions = [NEW]
    run = control.upgrade(upgrade_health={"stable": 1, "interval": 1, "timeout": 5})
    assert run.status == 2, run.output
    assert f"Upgrade instance 'sales' from {OLD} to {NEW}: unhealthy." in run.message()
    assert run.message().endswith(f"Instance 'sales' is started at version {OLD}.")
    assert_as_before(control, before)
    assert [(each / "complete").exists() for each in backup_sets(host)] == [True]


def test_a_data_upgrade_with_errors_brings_the_data_back(controller: MakeController) -> None:
    control, host, before = start(controller)
    host.product_behaviour("sales").upgrade_errors = True
    run = control.upgrade()
    assert run.status == 2, run.output
    assert "unhealthy" in run.message() and "has an error" in run.message()
    assert_as_before(control, before)


def test_a_new_version_whose_process_dies(controller: MakeController) -> None:
    control, host, before = start(controller)
    host.product_behaviour("sales").crashing_versions = [NEW]
    run = control.upgrade(upgrade_health={"stable": 1, "interval": 1, "timeout": 20})
    assert run.status == 2, run.output
    assert_as_before(control, before)


def test_a_failed_upgrade_can_be_repeated(controller: MakeController) -> None:
    control, host, _before = start(controller)
    host.add_fault("create_link", path=r"*\Config\data", win32=1314)
    assert control.upgrade().status == 2
    assert control.upgrade().status == 0
    assert control.running_version("app01", "sales") == NEW


def test_a_file_changed_since_the_inspection_is_refused(controller: MakeController) -> None:
    """What the fingerprint is for: a saved inspection is applied to a host that has changed."""
    control, host, _before = start(controller)
    facts = control.inspect().only("instance_info")["facts"]
    host.drives.write(r"C:\ProgramData\Comindware\Instances\sales\Config\Web.config", b"<configuration/>")
    now = host.snapshot()
    run = control.task(
        "instance_upgrade", name="sales", version=NEW, facts=facts, inputs=ANSWERED["upgrade_inputs"]["sales"]
    )
    assert run.status == 2, run.output
    assert run.only("instance_upgrade")["code"] == "drift"
    assert run.only("instance_upgrade")["details"]["changed"] == ["configuration files of sales"]
    assert control.changes(now) == []


def test_connections_that_break_cost_nothing(controller: MakeController) -> None:
    control, host, _before = start(controller)
    fault = host.winrm.faults.lose("closed", "result", "status", times=2)
    run = control.upgrade()
    assert run.status == 0, run.output
    assert control.running_version("app01", "sales") == NEW
    assert fault.times == 0


def test_a_reboot_before_the_confirm_brings_the_old_version_back(controller: MakeController) -> None:
    """The new version waits for its verdict when the power fails; the task at boot rolls back, and the controller is told."""
    control, host, before = start(controller)
    host.product_behaviour("sales").start_seconds = 8

    def fail_power() -> None:
        wait_for_state(host, "applied")
        host.reboot()

    thread = Thread(target=fail_power)
    thread.start()
    run = control.upgrade()
    thread.join()
    assert run.status == 2, run.output
    host.product_behaviour("sales").start_seconds = 0.2
    wait_for_state(host, "rolled_back")
    assert_as_before(control, before)


def kill_controller_at_work(control: Controller, host: Host, **variables: Any) -> None:
    """An upgrade whose controller dies while the host waits for its verdict."""
    process = control.begin(
        "comindware.platform.upgrade",
        upgrade_target_version=NEW,
        upgrade_health={"timeout": 60},
        **ANSWERED,
        **variables,
    )
    wait_for_state(host, "applied")
    kill(process)


def test_a_killed_controller_is_never_taken_for_success(controller: MakeController) -> None:
    control, host, before = start(controller)
    host.product_behaviour("sales").start_seconds = 6
    kill_controller_at_work(control, host)
    run = control.upgrade()
    assert run.status == 2, run.output
    assert "is not finished: applied. If nobody confirms it, the host goes back by itself at " in run.message()
    host.product_behaviour("sales").start_seconds = 0.2
    host.reboot()
    wait_for_state(host, "rolled_back")
    assert_as_before(control, before)


def wait_for_state(host: Host, state: str) -> None:
    """Until the newest transaction of the host is in that state."""
    journals = host.drives.linux(r"C:\Program Files\comindware.platform\transactions")

    def there() -> bool:
        lines = [line for path in journals.glob("*/journal.jsonl") for line in path.read_text().splitlines()]
        states = [line for line in lines if '"event":"state"' in line]
        return bool(states) and f'"state":"{state}"' in states[-1]

    wait_until(there)


def test_facts_of_another_host_are_refused(controller: MakeController) -> None:
    control = controller(SALES, SALES)
    facts = control.inspect().of("instance_info", "app01")[0]["facts"]
    before = control.fleet.hosts["app02"].snapshot()
    run = control.task(
        "instance_upgrade",
        "--limit",
        "app02",
        name="sales",
        version=NEW,
        facts=facts,
        inputs=ANSWERED["upgrade_inputs"]["sales"],
    )
    assert run.status == 2, run.output
    assert run.message().startswith(
        "This is APP02, another machine than the one that was inspected, so nothing was done here."
    )
    assert control.changes(before, "app02") == []


def test_field_1_1_the_database_that_is_backed_up_is_the_one_that_is_upgraded(controller: MakeController) -> None:
    """The database was moved, with a note in the yml, and an old one lies at the default place."""
    moved = r"D:\Moved\Database"
    instance = {**SALES["instances"][0], "paths": {"data": moved}}
    control = controller({**SALES, "instances": [instance]})
    host = control.fleet.hosts["app01"]
    yml = r"C:\ProgramData\Comindware\configs\instance\sales.yml"
    text = host.drives.real(yml).read_text(encoding="utf-8")
    assert f"db.workDir: {moved}" in text
    host.drives.write(yml, text.replace(f"db.workDir: {moved}", f"db.workDir: {moved} # moved 12.03.").encode())
    host.drives.write(DATABASE + r"\old.db", b"left behind")
    host.product_behaviour("sales").upgrade_errors = True
    before = host.snapshot()
    run = control.upgrade()
    assert run.status == 2, run.output
    assert "has an error" in run.message()
    assert_as_before(control, before)
    (made,) = backup_sets(host)
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    assert [one["path"] for one in manifest["items"] if one["id"] == "database"] == [moved]
