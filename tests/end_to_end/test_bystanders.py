# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site of others that runs in a pool of the instance."""

from __future__ import annotations

import html
from pathlib import Path

from end_to_end.returns import back, restore, upgraded
from end_to_end.runs import ANSWERED, NEW, SALES, Controller, MakeController
from standin.ports import free_ports
from standin.windows.iis import Application, VirtualDirectory

POOL = "Comindware sales"
WARNING = (
    f"Instance 'sales': its application pool '{POOL}' also serves the site 'Intranet' (applications: /). Whatever stops the instance "
    "stops that site too."
)
KNOWN = [*ANSWERED["upgrade_acknowledged"], "stops_site:Intranet"]


def shared(controller: MakeController) -> Controller:
    """A host where somebody has put the intranet into the instance's pool."""
    control = controller(SALES)
    iis = control.fleet.hosts["app01"].iis.configuration
    root = Application("/", POOL, [VirtualDirectory("/", r"C:\inetpub\intranet")])
    iis.add_site("Intranet", ["http/*:8099:"], [root], server_auto_start=False)
    iis.save()
    return control


def test_field_6_3_an_upgrade_is_refused_until_the_site_is_acknowledged(
    controller: MakeController, tmp_path: Path
) -> None:
    control = shared(controller)
    refused = control.fleet_upgrade()
    assert refused.status == 2, refused.output
    assert 'acknowledge it: upgrade_acknowledged: ["stops_site:Intranet"].' in refused.output
    assert set(control.agent_calls()) == {"query"}
    planned = control.upgrade("--check", upgrade_acknowledged=KNOWN)
    assert planned.status == 0, planned.output
    told = f"its application pool '{POOL}' also serves the site 'Intranet'"
    assert any(told in warning for warning in planned.only("instance_upgrade")["warnings"])
    downtime = planned.only("upgrade_plan")["plan"]["downtime"]
    assert downtime["others"] == ["Intranet"] and "'Intranet'" in downtime["message"]
    done = control.fleet_upgrade(
        upgrade_acknowledged=KNOWN, upgrade_run_id="night", upgrade_report_folder=str(tmp_path)
    )
    assert done.status == 0 and control.running_version("app01", "sales") == NEW, done.output
    reports = [html.unescape((tmp_path / f"night.{kind}").read_text(encoding="utf-8")) for kind in ("json", "html")]
    assert [told in report for report in reports] == [True, True]


def test_field_6_3_whatever_else_stops_the_pools_warns(controller: MakeController) -> None:
    control = shared(controller)
    run = upgraded(control, upgrade_acknowledged=KNOWN)
    stop = control.task("instance_state", "--check", name="sales", state="stopped").only("instance_state")
    save = control.task("instance_backup", "--check", name="sales", data=True, allow_stop=True).only("instance_backup")
    undo = back(control, "--check", run=run, accept_data_loss=True).only("instance_rollback")
    name = undo["restored"].rpartition("\\")[2]
    put_back = restore(control, "--check", backup=name, accept_data_loss=True).only("instance_restore")
    for done in (stop, save, undo, put_back):
        assert done["changed"] and WARNING in done["warnings"], done


def test_field_1_4_a_second_site_on_the_folder_is_stopped_with_the_first(controller: MakeController) -> None:
    """Its pool would hold the files, or serve the instance half switched."""
    control = controller(SALES)
    iis = control.fleet.hosts["app01"].iis.configuration
    iis.add_pool("Portal")
    folder = r"C:\ProgramData\Comindware\Instances\sales\Config"
    root = Application("/", "Portal", [VirtualDirectory("/", folder)])
    iis.add_site("Portal", [f"http/*:{free_ports(1)[0]}:"], [root])
    iis.save()
    (before,) = control.inspect().only("instance_info")["facts"]["instances"]
    assert before["site"]["name"] == POOL and [one["name"] for one in before["other_sites"]] == ["Portal"]
    done = control.upgrade()
    assert done.status == 0, done.output
    stopped = [one for one in done.only("instance_upgrade")["operations"] if one.startswith("Stop ")]
    assert stopped == [
        f"Stop site '{POOL}'",
        "Stop site 'Portal'",
        *(f"Stop pool '{POOL}{role}'" for role in ("", "_adapterhost", "_apigateway")),
        "Stop pool 'Portal'",
    ]
    (after,) = control.inspect().only("instance_info")["facts"]["instances"]
    for found in (before, after):
        assert found["site"]["server_auto_start"] and found["other_sites"][0]["server_auto_start"]
    assert [pool["start_mode"] for pool in after["pools"]] == [pool["start_mode"] for pool in before["pools"]]
