# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backup sets: complete, verified, idempotent by name, and never taken for good when they are not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from end_to_end.runs import LEFT_BEHIND, NEW, OLD, SALES, Controller, MakeController


def set_folder(control: Controller, result: dict[str, Any]) -> Path:
    return control.fleet.hosts["app01"].drives.linux(result["backup"])


def test_a_configuration_backup(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    run = control.task("instance_backup", name="sales", backup_root=r"D:\Резервные копии")
    assert run.status == 0, run.output
    folder = set_folder(control, run.only("instance_backup"))
    manifest_bytes = (folder / "manifest.json").read_bytes()
    manifest = json.loads(manifest_bytes)
    assert (folder / "complete").exists()
    assert (folder / "manifest.sha256").read_text().split()[0] == hashlib.sha256(manifest_bytes).hexdigest()
    items = {item["id"]: item for item in manifest["items"]}
    assert set(items) - {"registry_32"} == {"config", "instance_yml", "registry_64", "environment", "iis"}
    entries = {entry["path"]: entry for entry in items["config"]["entries"]}
    assert entries["bin"]["kind"] == "symlink_directory" and entries["bin"]["target"].endswith(OLD + r"\bin")
    saved = folder / "files" / "config" / "Web.config"
    assert hashlib.sha256(saved.read_bytes()).hexdigest() == entries["Web.config"]["sha256"]
    assert "sddl" in entries["Web.config"] and "attributes" in entries["Web.config"]
    assert control.changes(before, ignore=(*LEFT_BEHIND, r"D:\Резервные копии*")) == []


def test_a_named_backup_is_made_once(controller: MakeController) -> None:
    control = controller(SALES)
    first = control.task("instance_backup", name="sales", backup_name="before the move")
    assert first.status == 0, first.output
    assert first.only("instance_backup")["changed"]
    second = control.task("instance_backup", name="sales", backup_name="before the move")
    assert second.status == 0, second.output
    assert not second.only("instance_backup")["changed"]
    more = control.task("instance_backup", name="sales", backup_name="before the move", streams=True, allow_stop=True)
    assert "was made without streams. Give another backup_name to make one with." in more.message()


def test_a_name_that_cannot_be_a_folder_is_refused(controller: MakeController) -> None:
    control = controller(SALES)
    run = control.task("instance_backup", "--check", name="sales", backup_name="a:b")
    assert run.message() == (
        "The option 'backup_name' is refused, nothing was touched. 'a:b' cannot be the name of a folder: at most 100 characters, "
        'none of < > : " / \\ | ? *, and no dot or blank at the end.'
    )


def test_data_that_is_not_there_is_refused(controller: MakeController) -> None:
    control = controller(SALES)
    database = control.fleet.hosts["app01"].drives.linux(r"C:\ProgramData\Comindware\Instances\sales\Database")
    database.rename(database.with_name("Elsewhere"))
    run = control.task("instance_backup", name="sales", data=True, allow_stop=True)
    assert "Database does not exist. Correct its path in the instance's configuration" in run.message()


def test_data_of_a_running_instance_needs_leave(controller: MakeController) -> None:
    control = controller(SALES)
    assert control.running_version("app01", "sales") == OLD
    before = control.fleet.hosts["app01"].snapshot()
    run = control.task("instance_backup", name="sales", data=True)
    assert run.message() == (
        "The backup of instance 'sales' was refused, nothing was touched. The database and the streams of instance 'sales' can only be "
        "copied while it is stopped; it is started. Set allow_stop to true, or stop it first."
    )
    assert control.changes(before) == []


def test_data_and_streams_are_copied_cold_and_the_instance_runs_again(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    run = control.task("instance_backup", name="sales", data=True, streams=True, allow_stop=True)
    assert run.status == 0, run.output
    folder = set_folder(control, run.only("instance_backup"))
    database = host.drives.linux(r"C:\ProgramData\Comindware\Instances\sales\Database")
    copied = sorted(str(path.relative_to(folder / "files/database")) for path in (folder / "files/database").rglob("*"))
    assert copied == sorted(str(path.relative_to(database)) for path in database.rglob("*")) != []
    assert control.changes(before) == []
    assert control.running_version("app01", "sales") == OLD


def test_a_failed_verification_marks_the_set_unusable(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    host.add_fault("read", path=r"*\files\config\Web.config", win32=1117, times=9)
    run = control.task("instance_backup", name="sales", backup_name="bad")
    assert run.status == 2, run.output
    folder = host.drives.linux(r"C:\ProgramData\comindware.platform\backups\Comindware\sales\bad")
    assert (folder / "unusable").exists() and not (folder / "complete").exists()
    host.clear_faults()
    again = control.task("instance_backup", name="sales", backup_name="bad")
    assert "holds a backup set that is not complete and marked unusable" in again.message()


def test_check_mode_writes_nothing(controller: MakeController) -> None:
    control = controller(SALES)
    before = control.fleet.hosts["app01"].snapshot()
    run = control.task("instance_backup", "--check", "--diff", name="sales")
    assert run.status == 0 and run.only("instance_backup")["changed"]
    assert "+  instance_yml: " in run.output
    assert before.differences(control.fleet.hosts["app01"].snapshot()) == []


SHARE = r"\\backup\platform"
ON_SHARE = {**SALES, "shares": {SHARE: {}}, "delegation": True}
SETS = r"C:\ProgramData\comindware.platform\backups\Comindware\sales"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_is_restored_on_trial(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    run = control.task("instance_backup", name="sales", backup_name="one")
    assert run.only("instance_backup")["rehearsed"] == "sample"
    assert json.loads((host.drives.linux(SETS) / "one" / "complete").read_text())["rehearsed"] == "sample"
    again = control.task("instance_backup", name="sales", backup_name="one", backup_rehearse="whole")
    assert again.status == 0
    assert again.only("instance_backup")["rehearsed"] == "sample"
    assert again.only("instance_backup")["warnings"] == [
        rf"The backup set {SETS}\one is there already, and what was restored of it on trial is: sample. Give another backup_name to make "
        "one of which it is: whole."
    ]
    host.add_fault("write", path=r"*\rehearsal\config\Web.config", win32=1117, times=9)
    failed = control.task("instance_backup", name="sales", backup_name="two", backup_rehearse="whole")
    assert failed.only("instance_backup")["details"]["transaction"]["error"]["code"] == "rehearsal_failed"
    assert rf"The backup set '{SETS}\two' was restored on trial, and that failed: " in failed.message()
    assert "complete" not in names(host.drives.linux(SETS) / "two")


def test_a_share_is_no_place_for_backups(controller: MakeController) -> None:
    control = controller(ON_SHARE)
    run = control.task("instance_backup", name="sales", backup_root=SHARE)
    assert run.message().startswith(
        rf"The option 'backup_root' is refused, nothing was touched. '{SHARE}' is a share, and what an undo needs must lie on a disk of "
        "the host itself"
    )
    assert "name the share in backup_copy_to" in run.message()


def test_a_second_copy_on_a_share(controller: MakeController) -> None:
    control = controller(ON_SHARE)
    host = control.fleet.hosts["app01"]
    options = {"name": "sales", "backup_name": "one", "backup_copy_to": SHARE}
    run = control.task("instance_backup", **options)
    assert run.status == 0, run.output
    place = run.only("instance_backup")["copy"]
    assert place == SHARE + r"\APP01\Comindware\sales\one"
    copy, original = host.share(place), host.drives.linux(SETS) / "one"
    for path in original.rglob("*"):
        if path.is_file():
            assert (copy / path.relative_to(original)).read_bytes() == path.read_bytes()
    assert not control.task("instance_backup", **options).only("instance_backup")["changed"]
    (copy / "complete").unlink()
    (copy / "files" / "config" / "Web.config").unlink()
    assert control.task("instance_backup", **options).only("instance_backup")["changed"]
    assert (copy / "complete").exists() and (copy / "files" / "config" / "Web.config").exists()


def test_without_delegation_nothing_is_begun(controller: MakeController) -> None:
    control = controller({**ON_SHARE, "delegation": False})
    before = control.fleet.hosts["app01"].snapshot()
    run = control.task("instance_backup", name="sales", backup_copy_to=SHARE)
    assert "(the double hop). Let the task run with become: true, become_method: runas" in run.message()
    upgrade = control.upgrade(upgrade_backup={"copy_to": SHARE})
    assert upgrade.status == 2
    assert "(the double hop). Let the task run with become: true, become_method: runas" in upgrade.message()
    assert upgrade.of("instance_upgrade") == []
    assert control.changes(before) == []


def test_a_copy_that_fails_at_the_end_fails_the_task_and_the_set_is_good(controller: MakeController) -> None:
    control = controller(ON_SHARE)
    control.fleet.hosts["app01"].add_fault("copy", path=SHARE + "*", win32=64)
    options = {"name": "sales", "backup_name": "one", "backup_copy_to": SHARE}
    run = control.task("instance_backup", **options)
    assert "the server 'backup' ended the connection (Win32 error 64)" in run.message()
    assert run.only("instance_backup")["changed"]
    again = control.task("instance_backup", **options)
    assert again.status == 0 and again.only("instance_backup")["changed"]


def test_an_upgrade_copies_after_the_confirm_and_a_failure_is_a_warning(controller: MakeController) -> None:
    control = controller(ON_SHARE)
    host = control.fleet.hosts["app01"]
    host.add_fault("copy", path=SHARE + "*", win32=64)
    run = control.upgrade(upgrade_backup={"copy_to": SHARE})
    assert run.status == 0, run.output
    result = run.only("instance_upgrade")
    assert result["copy"] is None
    assert [one for one in result["warnings"] if "the second copy of" in one and "(Win32 error 64)" in one]
    assert control.running_version("app01", "sales") == NEW


def test_an_upgrade_copies_and_removes_old_sets(controller: MakeController) -> None:
    control = controller(ON_SHARE)
    host = control.fleet.hosts["app01"]
    for name in ("first", "second"):
        assert control.task("instance_backup", name="sales", backup_name=name).status == 0
    (host.drives.linux(SETS) / "notes").mkdir()
    run = control.upgrade(upgrade_backup={"copy_to": SHARE, "keep": 2, "rehearse": "whole"})
    assert run.status == 0, run.output
    result = run.only("instance_upgrade")
    assert result["pruned"] == [SETS + r"\first"]
    assert (host.share(result["copy"]) / "complete").exists()
    made = result["backup"].rpartition("\\")[2]
    assert names(host.drives.linux(SETS)) == sorted(["second", "notes", made])
    later = control.task("instance_backup", name="sales", backup_keep=1)
    assert later.only("instance_backup")["pruned"] == [SETS + r"\second"]
    assert made in names(host.drives.linux(SETS)), "the way back needs it"


def test_a_removal_that_fails_is_a_warning(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert control.task("instance_backup", name="sales", backup_name="first").status == 0
    host.add_fault("move", path=SETS + r"\first*", win32=1117, times=999)
    run = control.task("instance_backup", name="sales", backup_keep=1)
    assert run.status == 0, run.output
    result = run.only("instance_backup")
    assert result["changed"] and result["pruned"] == []
    assert any(
        "Back up instance 'sales' is done and final; one thing that follows it failed: " in one
        for one in result["warnings"]
    )
    assert "complete" in names(host.drives.linux(SETS) / "first")


def test_the_playbook_backs_up_every_instance(controller: MakeController) -> None:
    two = {
        "versions": [OLD],
        "instances": [{"name": name, "version": OLD} for name in ("sales", "Продажи")],
        "shares": {SHARE: {}},
        "delegation": True,
    }
    control = controller(two)
    host = control.fleet.hosts["app01"]
    wish = {"copy_to": SHARE, "keep": 1, "rehearse": "whole"}
    first = control.playbook("comindware.platform.backup", upgrade_backup=wish)
    assert first.status == 0, first.output
    assert "restored on trial: whole, second copy: " in first.output.replace("\\\\", "\\")
    assert names(host.share(SHARE + r"\APP01\Comindware")) == ["sales", "Продажи"]
    second = control.playbook("comindware.platform.backup", upgrade_backup=wish, upgrade_instances=["sales"])
    assert second.status == 0, second.output
    assert len(names(host.drives.linux(SETS))) == 1
    assert len(names(host.share(SHARE + r"\APP01\Comindware\sales"))) == 2, "copies are the operator's"
    check = control.playbook("comindware.platform.backup", "--check", upgrade_backup=wish)
    assert check.status == 0, check.output
    data = control.playbook(
        "comindware.platform.backup",
        upgrade_backup={"data": True},
        upgrade_backup_name="x",
        upgrade_instances=["sales"],
    )
    assert "Set allow_stop to true, or stop it first." in data.output
