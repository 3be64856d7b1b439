# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance of which something was stopped before: what becomes of that."""

from __future__ import annotations

import pytest
from end_to_end.returns import back, restore, start, upgraded
from end_to_end.runs import NEW, OLD, SALES, Controller, MakeController
from standin.snapshot import Snapshot

SITE = POOL = "Comindware sales"


def stopped(controller: MakeController, *what: str) -> tuple[Controller, Snapshot]:
    """An instance whose site or pool somebody has stopped."""
    control = controller(SALES)
    start(control)
    host = control.fleet.hosts["app01"]
    for kind in what:
        assert host.run("appcmd", ["stop", kind, SITE]).exit_code == 0
    return control, host.snapshot()


def test_field_6_7_a_stopped_site_is_stopped_again_when_the_run_is_undone(controller: MakeController) -> None:
    control, before = stopped(controller, "site")
    done = control.upgrade()
    assert done.status == 0 and control.running_version("app01", "sales") == NEW, done.output
    result = done.only("instance_upgrade")
    assert (
        f"Instance 'sales' is mixed now (site '{SITE}'); the upgrade starts it, and leaves it started. Undone, it is as it was."
    ) in result["warnings"]
    planned = back(control, "--check", run=result["run"], accept_data_loss=True).only("instance_rollback")
    assert planned["operations"][-1] == f"Stop site '{SITE}'"
    told = f"this was stopped when the backup set {result['hops'][0]['backup'].rpartition(chr(92))[2]} was made: site '{SITE}'."
    assert any(told in warning for warning in planned["warnings"])
    undone = back(control, run=result["run"], accept_data_loss=True)
    assert undone.status == 0, undone.output
    assert control.changes(before) == []
    message = undone.only("instance_rollback")["message"]
    assert message.startswith(f"Instance 'sales' was judged at {OLD} again, as the backup set ")
    assert f" Stopped again, as it was: site '{SITE}'. What was there before is kept in " in message
    again = back(control, run=result["run"], accept_data_loss=True)
    assert again.only("instance_rollback")["verdict"] == "unchanged" and control.changes(before) == []


@pytest.mark.parametrize("what", [("site",), ("site", "apppool")], ids=str)
def test_field_6_7_a_change_that_does_not_stand_leaves_it_stopped(
    controller: MakeController, what: tuple[str, ...]
) -> None:
    control, before = stopped(controller, *what)
    control.fleet.hosts["app01"].product_behaviour("sales").failing_versions = [NEW]
    failed = control.upgrade(upgrade_health={"stable": 1, "interval": 1, "timeout": 5})
    assert failed.status == 2 and "unhealthy" in failed.message(), failed.output
    assert control.changes(before) == []


def test_field_6_7_a_backup_starts_nothing_that_was_stopped(controller: MakeController) -> None:
    control, before = stopped(controller, "site")
    done = control.task("instance_backup", name="sales", data=True, allow_stop=True)
    assert done.status == 0, done.output
    assert control.changes(before) == []


def test_field_6_7_a_restore_leaves_it_started_and_says_so(controller: MakeController) -> None:
    control, _before = stopped(controller, "site")
    upgraded(control)
    control.fleet.hosts["app01"].login("sales")
    kept = control.task("instance_backup", name="sales", backup_name="kept", data=True, allow_stop=True)
    assert kept.status == 0, kept.output
    assert control.fleet.hosts["app01"].run("appcmd", ["stop", "site", SITE]).exit_code == 0
    done = restore(control, backup="kept", accept_data_loss=True)
    assert done.status == 0, done.output
    assert (
        f"Of instance 'sales' this is stopped now: site '{SITE}'. The restore starts it, and leaves it started."
    ) in done.only("instance_restore")["warnings"]
    assert control.running_version("app01", "sales") == NEW
