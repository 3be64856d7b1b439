# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Back to the state before a named run, after its confirm: equal to the start, byte for byte."""

from __future__ import annotations

from typing import Any

from end_to_end.runs import OLD, SALES, Controller, MakeController, Run

QUICK = {"health_stable": 1, "health_interval": 1, "health_timeout": 60}


def back(control: Controller, *arguments: str, accept: bool = True, **options: Any) -> Run:
    return control.task("instance_rollback", *arguments, name="sales", accept_data_loss=accept, **QUICK, **options)


def test_an_upgrade_with_its_data_is_undone(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    done = control.upgrade()
    assert done.status == 0, done.output
    run = done.only("instance_upgrade")["run"]
    host.login("sales")
    undone = back(control, run=run)
    assert undone.status == 0, undone.output
    assert undone.only("instance_rollback")["verdict"] == "healthy"
    assert control.running_version("app01", "sales") == OLD
    assert control.changes(before) == []
    again = back(control, run=run)
    assert again.status == 0 and not again.only("instance_rollback")["changed"], again.output
