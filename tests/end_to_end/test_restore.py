# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance from a backup set: where it was, with its data elsewhere, or laid out beside it."""

from __future__ import annotations

import shutil

from end_to_end.returns import DATABASE, SETS, back, enter, restore, start
from end_to_end.runs import LEFT_BEHIND, OLD, SALES, Controller, MakeController

CONFIG = r"C:\ProgramData\Comindware\Instances\sales\Config"
YML = r"C:\ProgramData\Comindware\configs\instance\sales.yml"
REFUSED = "The restore of instance 'sales' was refused, nothing was touched. "


def saved(controller: MakeController, streams: bool = False) -> Controller:
    """An instance of which the set `before` was made."""
    control = controller(SALES)
    start(control)
    made = control.task(
        "instance_backup", name="sales", backup_name="before", data=True, streams=streams, allow_stop=True
    )
    assert made.status == 0, made.output
    return control


def test_configuration_and_data_become_what_they_were(controller: MakeController) -> None:
    control = saved(controller)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    entered = enter(control)
    host.drives.write(rf"{CONFIG}\added.config", b"<configuration />")
    host.drives.real(YML).write_text(host.drives.real(YML).read_text("utf-8") + "x.y: 1\r\n", "utf-8")
    unwilling = restore(control, backup="before")
    assert "accept_data_loss: true" in unwilling.message()
    done = restore(control, backup="before", accept_data_loss=True)
    assert done.status == 0, done.output
    assert done.only("instance_restore")["verdict"] == "healthy"
    assert not entered.exists()
    assert control.changes(before) == []
    again = restore(control, backup="before", accept_data_loss=True)
    assert again.only("instance_restore")["verdict"] == "unchanged"
    enter(control)
    forced = restore(control, backup="before", accept_data_loss=True, force=True)
    assert forced.status == 0 and forced.only("instance_restore")["changed"], forced.output
    assert not entered.exists()


def test_what_a_restore_replaced_can_be_had_again(controller: MakeController) -> None:
    control = saved(controller)
    entered = enter(control)
    done = restore(control, backup="before", accept_data_loss=True)
    assert done.status == 0, done.output
    forward = back(control, backup=done.only("instance_restore")["backup"])
    assert forward.status == 0, forward.output
    assert not entered.exists(), "the version is the same: a rollback leaves the data as they are"
    fully = restore(control, backup=done.only("instance_restore")["backup"], accept_data_loss=True)
    assert fully.status == 0 and entered.exists(), fully.output


def test_folders_that_are_lost(controller: MakeController) -> None:
    control = saved(controller)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    host.iis.stop_pool("Comindware sales")
    for folder in (DATABASE, CONFIG):
        shutil.rmtree(host.drives.real(folder))
    done = restore(control, backup="before", accept_data_loss=True)
    assert done.status == 0, done.output
    assert control.running_version("app01", "sales") == OLD
    assert control.changes(before) == []


def test_data_to_another_path(controller: MakeController) -> None:
    control = saved(controller, streams=True)
    host = control.fleet.hosts["app01"]
    entered = enter(control)
    moved = {"database_path": r"D:\Данные\sales", "streams_path": r"D:\Streams"}
    done = restore(control, backup="before", **moved)
    assert done.status == 0, done.output
    facts = control.inspect().only("instance_info")["facts"]["instances"][0]
    assert (facts["paths"]["database"], facts["paths"]["streams"]) == (moved["database_path"], moved["streams_path"])
    assert entered.exists() and not host.drives.real(rf"{moved['database_path']}\entry.txt").exists()
    product = host.product("sales")
    assert product is not None and moved["database_path"] in product.holds
    assert control.running_version("app01", "sales") == OLD
    elsewhere = back(control, backup="before", accept_data_loss=True)
    assert elsewhere.only("instance_rollback")["verdict"] == "unchanged"


def test_data_at_another_path_go_again_when_the_instance_does_not_work(controller: MakeController) -> None:
    control = saved(controller)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    host.product_behaviour("sales").failing_versions = [OLD]
    done = restore(control, backup="before", database_path=r"D:\Data\sales", health_timeout=5, start_timeout=5)
    assert done.status == 2 and ": unhealthy." in done.message(), done.output
    host.product_behaviour("sales").failing_versions = []
    assert control.changes(before) == []
    assert not host.drives.exists(r"D:\Data")


def test_a_set_is_laid_out_beside_the_instance(controller: MakeController) -> None:
    control = saved(controller)
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    shown = restore(control, "--check", backup="before", to=r"D:\Look\here")
    assert shown.status == 0 and shown.only("instance_restore")["changed"], shown.output
    assert not host.drives.exists(r"D:\Look")
    done = restore(control, backup="before", to=r"D:\Look\here")
    assert done.status == 0, done.output
    there = host.drives.real(r"D:\Look\here")
    assert sorted(one.name for one in there.iterdir()) == [
        "config",
        "database",
        "environment.json",
        "iis.json",
        "instance_yml",
        "registry_64.json",
    ]
    assert (there / "instance_yml" / "sales.yml").read_bytes() == host.drives.real(YML).read_bytes()
    files = {str(one.relative_to(there / "database")) for one in (there / "database").rglob("*")}
    assert files == {str(one.relative_to(host.drives.real(DATABASE))) for one in host.drives.real(DATABASE).rglob("*")}
    assert control.changes(before, ignore=(*LEFT_BEHIND, r"D:\Look*")) == []
    again = restore(control, backup="before", to=r"D:\Look\here")
    assert again.message() == (
        rf"Laying out the backup set {SETS}\before was refused, nothing was touched. Nothing can be laid out in D:\Look\here: it is not "
        "empty. Empty it, or name another folder."
    )


def test_places_that_are_somebody_s(controller: MakeController) -> None:
    control = saved(controller)
    before = control.fleet.hosts["app01"].snapshot()
    lay = rf"Laying out the backup set {SETS}\before was refused, nothing was touched. Nothing can be laid out in "
    versions = rf"C:\Program Files\Comindware\CBAP\{OLD}"
    for place, whose in (
        (rf"{CONFIG}\x", f"{CONFIG} is a folder of instance 'sales'"),
        (rf"{versions}\x", f"{versions} is the folder of a product version"),
        (rf"{SETS}\x", r"C:\ProgramData\comindware.platform\backups is the folder of the backup sets"),
    ):
        told = restore(control, "--check", backup="before", to=place).message()
        assert told == f"{lay}{place}: {whose}. Name another folder."
    told = restore(control, backup="before", database_path=rf"{DATABASE}\x").message()
    assert told == (
        rf"{REFUSED}Nothing can be laid out in {DATABASE}\x: {DATABASE} is a folder of instance 'sales'. Name another folder."
    )
    both = restore(control, backup="before", to=r"D:\x", database_path=r"D:\y").message()
    assert both == (
        "The option 'to' lays the set out beside the instance and changes nothing of it, so database_path and streams_path have no meaning "
        "there. Leave out one or the other."
    )
    without = restore(control, backup="before", streams_path=r"D:\x", accept_data_loss=True).message()
    assert without.endswith(
        rf"The backup set {SETS}\before does not hold the streams, which shall go to D:\x. Name a set that does."
    )
    assert control.changes(before) == []


def test_the_playbook_restores_the_instances_that_it_is_told(controller: MakeController) -> None:
    control = saved(controller)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    nothing = control.playbook("comindware.platform.restore")
    assert nothing.message().startswith("Say which backup set each instance is restored from: ")
    enter(control)
    done = control.playbook(
        "comindware.platform.restore",
        restore_backups={"sales": "before"},
        restore_accept_data_loss=True,
        upgrade_health={"stable": 1, "interval": 1, "timeout": 60},
    )
    assert done.status == 0, done.output
    assert control.changes(before) == []
