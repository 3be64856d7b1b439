# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An older version again: refused, unless the backup set that was made at it is named."""

from __future__ import annotations

from typing import Any

from end_to_end.runs import NEW, OLD, SALES, Controller, MakeController, Run

LOSS = "data_since_backup_is_lost"


def back(control: Controller, backup: str | None = None, acknowledged: bool = True) -> Run:
    wanted: dict[str, Any] = {"upgrade_target_version": OLD}
    if backup:
        wanted["upgrade_restore_backups"] = {"sales": backup}
    if acknowledged:
        wanted["upgrade_acknowledged"] = [LOSS]
    return control.upgrade(**wanted)


def upgraded(controller: MakeController) -> tuple[Controller, str]:
    """An instance at NEW, and the name of the backup set made before."""
    control = controller(SALES)
    run = control.upgrade()
    assert run.status == 0, run.output
    control.fleet.hosts["app01"].login("sales")
    return control, run.only("instance_upgrade")["backup"].rpartition("\\")[2]


def test_it_is_refused_unless_asked_for(controller: MakeController) -> None:
    control, _name = upgraded(controller)
    run = back(control)
    assert run.status == 2, run.output
    assert f"{OLD} is older than {NEW}" in run.message() and "restore_backup" in run.message()
    assert control.running_version("app01", "sales") == NEW


def test_configuration_and_data_come_back(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    name = control.upgrade().only("instance_upgrade")["backup"].rpartition("\\")[2]
    host.login("sales")
    unwilling = back(control, name, acknowledged=False)
    assert unwilling.status == 2, unwilling.output
    assert f"say so: accept_data_loss: true, or in an upgrade upgrade_acknowledged: [{LOSS}]." in unwilling.message()
    run = back(control, name)
    assert run.status == 0, run.output
    assert run.only("instance_upgrade")["verdict"] == "healthy"
    assert control.running_version("app01", "sales") == OLD
    assert control.changes(before) == []


def test_a_set_that_is_not_good_for_it(controller: MakeController) -> None:
    control, name = upgraded(controller)
    assert "cannot be put back: there is no such set." in back(control, "yesterday").message()
    made = control.task("instance_backup", name="sales", backup_name="new", data=True, allow_stop=True)
    assert made.status == 0, made.output
    assert f"cannot be put back: it was made at {NEW}, not at {OLD}." in back(control, "new").message()
    bare = control.task("instance_backup", name="sales", backup_name="bare")
    assert bare.status == 0, bare.output
    assert "cannot be put back: it does not hold database." in back(control, "bare").message()
    folder = rf"C:\ProgramData\comindware.platform\backups\Comindware\sales\{name}"
    host = control.fleet.hosts["app01"]
    host.drives.real(rf"{folder}\complete").unlink()
    assert "cannot be put back: it is not complete" in back(control, name).message()
    assert control.running_version("app01", "sales") == NEW


def test_an_old_version_that_does_not_start_leaves_the_new_one(controller: MakeController) -> None:
    control, name = upgraded(controller)
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    host.product_behaviour("sales").failing_versions = [OLD]
    run = control.upgrade(
        upgrade_target_version=OLD,
        upgrade_restore_backups={"sales": name},
        upgrade_acknowledged=[LOSS],
        upgrade_health={"stable": 1, "interval": 1, "timeout": 5},
    )
    assert run.status == 2 and "unhealthy" in run.message(), run.output
    assert control.changes(before) == []
    assert control.running_version("app01", "sales") == NEW
