# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an instance is not brought back to, and how that is said; nothing is touched then."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

from end_to_end.processes import kill
from end_to_end.returns import SETS, back, start, upgraded
from end_to_end.runs import NEW, OLD, Controller, MakeController
from end_to_end.test_several_hops import V_4_2, V_4_7, answered, instance_at
from standin.testing import switch, wait_until

TWO = {
    "versions": [OLD, NEW],
    "instances": [{"name": name, "version": OLD, "language": "en"} for name in ("sales", "hr")],
}
REFUSED = "The rollback of instance 'sales' was refused, nothing was touched. "
ANOTHER = " Name another set, or put it back by hand."


def prepared(controller: MakeController) -> tuple[Controller, str, str]:
    """Two instances, of which `sales` was upgraded; the run, and the name of the set before it."""
    control = controller(TWO)
    start(control)
    run = upgraded(control, upgrade_instances=["sales"])
    (made,) = control.fleet.hosts["app01"].drives.real(SETS).iterdir()
    return control, run, made.name


def folder(control: Controller, name: str) -> Path:
    return control.fleet.hosts["app01"].drives.real(rf"{SETS}\{name}")


def test_nothing_or_something_unknown_named(controller: MakeController) -> None:
    control, run, name = prepared(controller)
    before = control.fleet.hosts["app01"].snapshot()
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    runs = (
        rf"Runs of instance 'sales' that can be undone, newest first: '{re.escape(run)}' \({OLD} -> {NEW}, at {moment}, with an upgrade of "
        r"the data\)\."
    )
    nothing = back(control)
    assert re.fullmatch(
        rf"Say to which state instance 'sales' shall go back: give 'run' or 'backup'\. Nothing was touched\. {runs} Backup sets in "
        rf"{re.escape(SETS)}: {name} \(version {OLD}, made at {moment}, with the database\)\.",
        nothing.message(),
    ), nothing.message()
    result = nothing.only("instance_rollback")
    assert [one["run"] for one in result["runs"]] == [run]
    assert [(one["version"], one["data"], one["usable"]) for one in result["sets"]] == [(OLD, ["database"], True)]
    unknown = back(control, run="yesterday")
    assert re.fullmatch(
        rf"The journal of APP01 has no confirmed run 'yesterday'\. Nothing was touched\. {runs}", unknown.message()
    ), unknown.message()
    assert back(control, run=run, name="hr").message() == (
        f"The run '{run}' changed other instances of APP01, not instance 'hr'. Nothing was touched. Runs of instance 'hr' that can be "
        "undone, newest first: none."
    )
    assert back(control, run=run, backup=name).message() == (
        "The options 'run' and 'backup' both say where to go back to. Give one of them."
    )
    assert back(control, backup="yesterday").message() == (
        rf"{REFUSED}The backup set {SETS}\yesterday of instance 'sales' cannot be put back: there is no such set.{ANOTHER}"
    )
    assert before.differences(control.fleet.hosts["app01"].snapshot()) == []


def test_sets_that_prove_nothing(controller: MakeController) -> None:
    control, run, name = prepared(controller)
    host, place = control.fleet.hosts["app01"], folder(control, name)
    before = host.snapshot()

    def told() -> str:
        undone = back(control, run=run, accept_data_loss=True)
        assert undone.status == 2, undone.output
        return undone.message()

    cannot = rf"{REFUSED}The backup set {SETS}\{name} of instance 'sales' cannot be put back: "
    manifest = (place / "manifest.json").read_bytes()
    (place / "manifest.json").write_bytes(manifest + b" ")
    assert told() == (
        rf"{cannot}The backup set '{SETS}\{name}' cannot be used: its manifest is not the one that was written. Use another set, or make a "
        f"new backup before anything else.{ANOTHER}"
    )
    for old, new, why in (
        (b'"machine":"APP01"', b'"machine":"APP02"', "it was made on APP02, another host."),
        (
            rb"Instances\\sales\\Config",
            rb"Instances\\hr\\Config",
            r"it holds C:\ProgramData\Comindware\Instances\hr\Config, the configuration of another instance.",
        ),
        (b'"id":"database"', b'"id":"databank"', "it does not hold database."),
    ):
        forged = manifest.replace(old, new)
        assert forged != manifest
        (place / "manifest.json").write_bytes(forged)
        (place / "manifest.sha256").write_text(f"{hashlib.sha256(forged).hexdigest()}  manifest.json\n")
        assert told() == cannot + why + ANOTHER
    (place / "manifest.json").write_bytes(manifest)
    (place / "manifest.sha256").write_text(f"{hashlib.sha256(manifest).hexdigest()}  manifest.json\n")
    (place / "unusable").write_text("A file differs.\n")
    assert told() == f"{cannot}it is not complete (A file differs.).{ANOTHER}"
    (place / "unusable").unlink()
    assert control.changes(before) == []
    worker = next(one["pid"] for one in workers(control))
    copy = next(file for file in (place / "files" / "database").rglob("part-0.bin"))
    copy.write_bytes(copy.read_bytes()[::-1])
    damaged = told()
    assert damaged.startswith(
        f"Bring instance 'sales' back from {NEW} to {OLD}: failed at 'Verify config, instance_yml, registry_64, database in the backup "
        rf"{SETS}\{name}'. The backup set '{SETS}\{name}' cannot be used: the copy '"
    )
    assert damaged.endswith(
        "is not equal to the file that was read. Use another set, or make a new backup before anything else. Everything done was undone; "
        "the host is as it was before."
    )
    assert next(one["pid"] for one in workers(control)) == worker, (
        "the instance was stopped for a set that proves nothing"
    )
    shutil.rmtree(place)
    assert told() == f"{cannot}there is no such set.{ANOTHER}"


def workers(control: Controller) -> list[dict[str, int]]:
    facts = control.inspect().only("instance_info")["facts"]["instances"]
    return [{"pid": pid} for one in facts if one["name"] == "sales" for pid in one["pools"][0]["workers"]]


def test_a_host_that_has_changed_since(controller: MakeController) -> None:
    control, run, _name = prepared(controller)
    host = control.fleet.hosts["app01"]
    old = host.drives.real(rf"C:\Program Files\Comindware\CBAP\{OLD}")
    old.rename(old.with_name("gone"))
    assert (
        back(control, run=run, accept_data_loss=True)
        .message()
        .startswith(f"{REFUSED}The version {OLD} is not installed on APP01. Installed: {NEW}. Install it first; ")
    )
    old.with_name("gone").rename(old)
    switch(host, OLD)
    assert back(control, run=run, accept_data_loss=True).message() == (
        f"The run '{run}' cannot be undone for instance 'sales', nothing was touched: it ended at {NEW}, and the instance is at {OLD}. "
        "Somebody else has changed it since. If you want the state of a backup set all the same, name it with 'backup'."
    )


def test_an_unfinished_transaction(controller: MakeController) -> None:
    control, run, name = prepared(controller)
    host = control.fleet.hosts["app01"]
    host.product_behaviour("sales").start_seconds = 20
    wanted = {"rollback_run": run, "rollback_accept_data_loss": True, "upgrade_health": {"timeout": 60}}
    process = control.begin("comindware.platform.rollback", **wanted)
    journals = host.drives.linux(r"C:\Program Files\comindware.platform\transactions")
    own = "*-rollback-*/journal.jsonl"
    wait_until(lambda: any('"state":"applied"' in one.read_text("utf-8") for one in journals.glob(own)))
    kill(process)
    told = back(control, backup=name, accept_data_loss=True).message()
    assert re.match(
        re.escape(REFUSED)
        + r"The transaction \S+ of instance 'sales', begun by \S+ \(run .+\) at \S+, is not finished: applied\. If "
        r"nobody confirms it, the host goes back by itself at \S+ \(UTC\)\. Wait for that, then try again; or decide it with "
        r"comindware\.platform\.instance_recover, held: confirm or rollback\.",
        told,
    ), told


def test_the_set_that_two_hops_need_is_named(controller: MakeController) -> None:
    control = controller(instance_at(V_4_2, V_4_7, NEW))
    start(control)
    done = control.upgrade(**answered(control))
    assert done.status == 0, done.output
    first, second = (hop["backup"] for hop in done.only("instance_upgrade")["hops"])
    shutil.rmtree(control.fleet.hosts["app01"].drives.real(first))
    undone = back(control, run=done.only("instance_upgrade")["run"], accept_data_loss=True)
    assert undone.message() == (
        f"{REFUSED}The backup set {first} of instance 'sales' cannot be put back: there is no such set.{ANOTHER}"
    )
    assert control.fleet.hosts["app01"].drives.real(second).is_dir()
    assert control.running_version("app01", "sales") == NEW
