# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups of the product in the place of a copy of the database, and the space that all backups of a host need together."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from end_to_end.runs import LEFT_BEHIND, NEW, OLD, Controller, MakeController
from end_to_end.test_secrets import forms, places
from end_to_end.test_several_hops import V_4_2, V_4_7, answered, instance_at

PASSWORD = "CANARY-api-password"
FOLDER = r"C:\ProgramData\Comindware\Instances\sales\Backup"
EXISTING = {"data": False, "product_backup": "existing"}
SESSION = {
    "data": False,
    "product_backup": "session",
    "product_backup_configuration": "backupConfig.1",
    "product_backup_timeout": 60,
}
LOGIN = {"upgrade_product_backup_user": "api", "upgrade_product_backup_password": PASSWORD}
MEGABYTE = 1024 * 1024


def sales(**more: Any) -> dict[str, Any]:
    return {"versions": [OLD, NEW], "instances": [{"name": "sales", "version": OLD, "language": "en", **more}]}


def archive_of(control: Controller) -> Path:
    """The only archive of the product on the host."""
    (found,) = control.fleet.hosts["app01"].drives.real(FOLDER).glob("*.cdbbz")
    return found


def untouched(control: Controller, before: Any) -> None:
    """Nothing was stopped or changed besides the product's own files; the instance runs the old version."""
    assert control.changes(before, ignore=(*LEFT_BEHIND, rf"{FOLDER}*")) == []
    assert control.running_version("app01", "sales") == OLD


def test_without_any_backup_data_are_not_upgraded(controller: MakeController) -> None:
    control = controller(sales(product_backup_hours=1))
    before = control.fleet.hosts["app01"].snapshot()
    run = control.upgrade(upgrade_backup={"data": False})
    assert run.status == 2, run.output
    assert (
        f"Instance 'sales': the hop {OLD} -> {NEW} upgrades the data, and nothing was asked for that could bring them back "
        "(backup_data: false, product_backup: none). Choose one: backup_data: true copies the database while the instance is stopped, "
        "and is the only one with which the host can go back by itself; product_backup: existing takes the newest .cdbbz in "
        rf"{FOLDER}, if it proves to be good; product_backup: session has the product make one before anything is stopped."
    ) in run.message()
    untouched(control, before)


def test_an_existing_backup(controller: MakeController) -> None:
    control = controller(sales(product_backup_hours=1))
    run = control.upgrade(upgrade_backup=EXISTING)
    assert run.status == 0, run.output
    plan = run.only("upgrade_plan")["plan"]
    assert plan["return"] == {
        "automatic": False,
        "to_origin": False,
        "text": f"From the first start of {NEW} on ({OLD} -> {NEW}) the host does not go back by itself. Afterwards no backup sets lead "
        f"back to {OLD}: {OLD} -> {NEW} upgrades the data without a copy of the database.",
    }
    (good,) = [one for one in plan["hops"][0]["findings"] if one["code"] == "product_backup_good"]
    assert (
        good["level"] == "ok"
        and f"{archive_of(control).name} is 2 hours old, at most 24 are wanted; it was read" in good["message"]
    )
    assert control.running_version("app01", "sales") == NEW


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("flip", "is damaged: the entry 'Database/"),
        ("cut", "is damaged: it has no end record: it is cut off, or no ZIP archive"),
        ("other", "is not complete: it holds no file 'Database/*'"),
        ("old", "hours old, at most 24 are wanted"),
        ("none", f"but no .cdbbz in {FOLDER}, one of at most 24 hours is wanted"),
    ],
)
def test_an_existing_backup_that_is_no_good(controller: MakeController, spoil: str, reason: str) -> None:
    control = controller(sales(product_backup_hours=30 if spoil == "old" else 1))
    file = archive_of(control)
    content = file.read_bytes()
    if spoil == "flip":
        file.write_bytes(content[:200] + bytes([content[200] ^ 1]) + content[201:])
    elif spoil == "cut":
        file.write_bytes(content[:-1])
    elif spoil == "other":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("Streams/x", "x")
    elif spoil == "none":
        file.unlink()
    before = control.fleet.hosts["app01"].snapshot()
    run = control.upgrade(upgrade_backup=EXISTING)
    assert run.status == 2, run.output
    assert "Instance 'sales': product_backup is existing, but " in run.message() and reason in run.message()
    assert "Have the product make a new backup and run again, or choose product_backup: session" in run.message()
    untouched(control, before)


def test_a_session(controller: MakeController) -> None:
    control = controller(sales(behaviour={"backup_seconds": 3}))
    run = control.upgrade(upgrade_backup=SESSION, **LOGIN)
    assert run.status == 0, run.output
    (made,) = run.only("instance_upgrade")["product_backups"]
    assert (
        made["path"] == rf"{FOLDER}\{archive_of(control).name}" and made["size"] == archive_of(control).stat().st_size
    )
    assert (made["from"], made["to"]) == (OLD, NEW)
    assert made["session"] == {
        "id": "backupSession.1",
        "configurationId": "backupConfig.1",
        "status": "Completed",
    }
    with zipfile.ZipFile(archive_of(control)) as archive:
        assert archive.read("Database/db/ontology.version").decode() == OLD
    assert control.running_version("app01", "sales") == NEW


def test_a_session_before_every_hop(controller: MakeController) -> None:
    """The second one holds the data as the first hop left them."""
    control = controller(instance_at(V_4_2, V_4_7, NEW))
    run = control.upgrade(upgrade_backup=SESSION, **LOGIN, **answered(control))
    assert run.status == 0, run.output
    plan = run.only("upgrade_plan")["plan"]
    assert [bool(hop["point_of_no_return"]) for hop in plan["hops"]] == [True, True]
    made = run.only("instance_upgrade")["product_backups"]
    assert [(one["from"], one["to"]) for one in made] == [(V_4_2, V_4_7), (V_4_7, NEW)]
    newest = control.fleet.hosts["app01"].drives.real(made[1]["path"])
    with zipfile.ZipFile(newest) as archive:
        assert archive.read("Database/db/ontology.version").decode() == V_4_7
    assert control.running_version("app01", "sales") == NEW


@pytest.mark.parametrize("fault", ["endless", "truncated"])
def test_a_session_that_gives_no_good_backup(controller: MakeController, fault: str) -> None:
    control = controller(sales(behaviour={"backup_fault": fault, "backup_seconds": 1}))
    before = control.fleet.hosts["app01"].snapshot()
    run = control.upgrade(upgrade_backup={**SESSION, "product_backup_timeout": 8}, **LOGIN)
    assert run.status == 2, run.output
    reason, status = {
        "endless": ("was still growing", "InProgress"),
        "truncated": ("is damaged: it has no end record: it is cut off, or no ZIP archive", "Completed"),
    }[fault]
    told = run.message()
    name = archive_of(control).name
    assert told.startswith(
        rf"The backup of the product of instance 'sales' was not finished within 8 seconds: {FOLDER}\{name} {reason}. The product says "
        "about the session: "
    )
    assert f'"status": "{status}"' in told
    assert told.endswith(f"Nothing was stopped; the instance stays at {OLD}.")
    untouched(control, before)


@pytest.mark.parametrize("core", ["2.16", "2.21"])
def test_credentials_are_found_nowhere(controller: MakeController, tmp_path: Path, core: str) -> None:
    """Refused or not, with everything that ansible can say about a run: not in it, and on no disk of the controller or the host."""
    control = controller(sales(behaviour={"api_password": "another one"}), environment=f"core-{core}")
    control.variables = {"ANSIBLE_DEBUG": "1"}
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    login = tmp_path.parent / f"{tmp_path.name}-login.yml"
    login.write_text(
        f"upgrade_product_backup_user: api\nupgrade_product_backup_password: {PASSWORD}\n", encoding="utf-8"
    )
    wanted = ("-vvvvvv", "-e", f"@{login}")
    try:
        refused = control.upgrade(*wanted, upgrade_backup=SESSION)
        untouched(control, before)
        host.product_behaviour("sales").api_password = PASSWORD
        done = control.upgrade(*wanted, upgrade_backup=SESSION)
    finally:
        login.unlink()
    assert refused.status == 2, refused.output
    assert refused.message() == (
        "The product of instance 'sales' started no backup session: it answered HTTP 401 (POST "
        f"{refused.only('instance_upgrade')['url']}webapi/Backup/Session/backupConfig.1). Check product_backup_user and "
        "product_backup_password: a local account of the product is wanted, not one of the domain. Nothing was stopped; the instance "
        f"stays at {OLD}."
    )
    assert done.status == 0 and len(done.only("instance_upgrade")["product_backups"]) == 1, done.output
    for run in (refused, done):
        assert [form for form in forms(PASSWORD) if form in run.output.encode()] == []
    assert places([PASSWORD], tmp_path) == []


def test_two_instances_that_do_not_fit_together(controller: MakeController) -> None:
    data = {"data_files": 24, "data_file_bytes": MEGABYTE}
    described = sales(**data)
    described["instances"].append({"name": "hr", "version": OLD, "language": "en", **data})
    control = controller(described)
    host = control.fleet.hosts["app01"]
    sizes = {
        instance["name"]: instance["sizes"]["database"]["bytes"] + instance["sizes"]["config"]["bytes"]
        for instance in control.inspect().only("instance_info")["facts"]["instances"]
    }
    free = 256 * MEGABYTE + sum(sizes.values()) - 1
    host.set(free_bytes={"c": free, "d": 10**12})
    before = host.snapshot()
    wanted = {"upgrade_backup": {"rehearse": "none"}}  # which takes space for a while
    run = control.upgrade(**wanted)
    assert run.status == 2, run.output
    first, second = (f"Comindware {name} {round(size / MEGABYTE)} MB" for name, size in sizes.items())
    assert (
        f"The backups of this run need {round(sum(sizes.values()) / MEGABYTE)} MB together ({first}, {second}) and a reserve of 256 MB on "
        f"C:\\, where {round(free / MEGABYTE)} MB are free. Free some space, choose another backup_root, or upgrade fewer instances in one "
        "run."
    ) in run.message()
    assert control.changes(before, ignore=()) == []
    host.set(free_bytes={"c": free + 1, "d": 10**12})
    assert control.upgrade(**wanted).status == 0
