# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan of an upgrade: its operations, and every refusal before it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import backup, kept, preflight
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.backup import BackupWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal, refuse_blockers
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.hop_plans import transaction
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Origin
from unit import factories
from unit.factories import BACKUP_ROOT, CONFIG, HOME, NEW, OLD
from unit.planning.planned import made, planning_answers, wish

ORIGIN = Origin(owner="someone@here", run="run 1")
VERSION_FOLDERS = r"C:\Program Files\Comindware\CBAP"


def blockers(facts: HostFacts, **asked: Any) -> dict[str, str]:
    return {
        finding.code: finding.message for finding in made(facts, **asked).all_findings if finding.level == "blocker"
    }


def test_the_order_of_operations() -> None:
    hop = made(factories.host()).hops[0]
    assert [operation["title"] for operation in hop.operations] == [
        "Note that http://portal.example.com:8081/Home/Login/?returnUrl=/ answers",
        "Do not let IIS start site 'Comindware sales' by itself",
        "Do not let IIS start pool 'Comindware sales' by itself (OnDemand)",
        "Stop site 'Comindware sales'",
        "Stop pool 'Comindware sales'",
        rf"Wait until nobody holds a file below {CONFIG}, {HOME}\Database",
        rf"Back up config, instance_yml, registry_64, environment, iis, database to {BACKUP_ROOT}\Comindware\sales "
        "and verify the copy",
        rf"Write 'version: {NEW}' to {factories.YML}",
        rf"Remove link {CONFIG}\bin",
        rf"Link {CONFIG}\bin -> {VERSION_FOLDERS}\{NEW}\bin",
        rf"Remove link {CONFIG}\data",
        rf"Link {CONFIG}\data -> {VERSION_FOLDERS}\{NEW}\data",
        rf"Remove link {CONFIG}\favicon.ico",
        rf"Link {CONFIG}\favicon.ico -> {VERSION_FOLDERS}\{NEW}\favicon.ico",
        rf"Set registry value version = {NEW} in HKLM\SOFTWARE\Comindware\Instances\sales (64-bit view)",
        rf"From here on, undoing puts {HOME}\Database back from the backup",
        "Start pool 'Comindware sales'",
        "Start site 'Comindware sales'",
    ]
    assert [operation["title"] for operation in hop.on_confirm] == [
        "Let IIS start pool 'Comindware sales' by itself (AlwaysRunning)",
        "Let IIS start site 'Comindware sales' by itself",
    ]
    sent = transaction(hop, ORIGIN, wish(), {"salt": "x"})
    assert sent["confirm"] == "required" and sent["deadline_seconds"] == 600
    assert sent["activity"] == {
        "paths": [rf"{HOME}\Logs\upgrade*.log", rf"{HOME}\Logs\update*.log"],
        "quiet_seconds": 120,
        "limit_seconds": 14400,
    }
    assert [step for step in sent["operations"] if "point_of_no_return" in step] == []
    assert sent["about"] == {
        "purpose": "upgrade",
        "from": OLD,
        "to": NEW,
        "target": NEW,
        "hop": "5.0-within",
        "backup": hop.backup_set,
        "data": True,
        "data_upgrade": True,
    }


def test_a_link_keeps_its_kind() -> None:
    kinds = {op["path"]: op["kind"] for op in made(factories.host()).hops[0].operations if op["op"] == "create_link"}
    assert kinds[CONFIG + r"\favicon.ico"] == "symlink_file" and kinds[CONFIG + r"\bin"] == "symlink_directory"


def test_without_a_copy_of_the_data_nothing_promises_to_put_it_back() -> None:
    hop = made(factories.host(), data=False).hops[0]
    assert "protect_tree" not in [operation["op"] for operation in hop.operations]
    assert hop.point_of_no_return == (
        f"The first start of {NEW} upgrades the data of instance 'sales', and no copy of the database was asked for: once it has "
        "started there is no way back but a backup of your own. The host does not go back by itself then: the new version runs "
        "unconfirmed, and does not start by itself after a restart of the host until it is confirmed."
    )
    sent = transaction(hop, ORIGIN, wish(data=False), {})
    marked = [step["title"] for step in sent["operations"] if step.get("point_of_no_return")]
    assert marked == ["Start pool 'Comindware sales'"]
    assert made(factories.host()).hops[0].point_of_no_return is None


def test_a_healthy_instance_is_not_refused() -> None:
    assert blockers(factories.host()) == {}


def test_an_unknown_instance() -> None:
    with pytest.raises(Refusal) as refusal:
        preflight.choose_instance(factories.host(), "sale")
    assert str(refusal.value) == "There is no instance 'sale' on APP01. Instances found: 'sales'. Check the name."


def test_a_version_that_is_not_installed() -> None:
    assert blockers(factories.host(), target="5.0.25000.0")["version_not_installed"] == (
        f"The version 5.0.25000.0 is not installed on APP01. Installed: {OLD}, {NEW}. Install it first; if it lies "
        "in another folder than these, name that folder in versions_folders (in the role: upgrade_versions_folders)."
    )


def test_folder_and_assembly_disagree() -> None:
    assemblies = copy.deepcopy(factories.answers()["assemblies"])
    assemblies["items"][1]["assembly_version"] = None
    assert blockers(factories.host({"assemblies": assemblies}))["version_folder_disagrees"] == (
        rf"The folder {VERSION_FOLDERS}\{NEW} is named {NEW}, but its core assembly says nothing (it cannot be read). "
        "Install that version again."
    )


def test_another_version_s_folder_disagrees_and_blocks_nobody() -> None:
    assemblies = copy.deepcopy(factories.answers()["assemblies"])
    assemblies["items"][0]["assembly_version"] = None
    assert blockers(factories.host({"assemblies": assemblies})) == {}


def test_the_new_version_lacks_a_linked_entry() -> None:
    versions = copy.deepcopy(factories.answers()["versions"])
    versions["items"][1]["entries"] = versions["items"][1]["entries"][1:]
    assert blockers(factories.host({"versions": versions}))["entry_missing"] == (
        rf"The version folder {VERSION_FOLDERS}\{NEW} has no bin, which instance 'sales' links to. "
        "Check that the version is installed completely."
    )


def test_no_site_and_no_pool() -> None:
    iis = {**factories.answers()["iis"], "sites": [], "pools": []}
    told = blockers(factories.host({"iis": iis}))
    assert told["no_site"] == (
        rf"Instance 'sales': IIS has no site 'Comindware sales' on {CONFIG}. Create it, or name the right instance."
    )
    assert told["no_pool"] == (
        "Instance 'sales': IIS has no application pool 'Comindware sales'. Create it, or name the right instance."
    )


def test_not_enough_space_for_the_backup() -> None:
    space = copy.deepcopy(factories.answers()["free_space"])
    space["items"][0]["free_bytes"] = 100 * 1024 * 1024
    assert blockers(factories.host({"free_space": space}))["backup_space"] == (
        "The backup needs 0 MB and a reserve of 256 MB on D:\\, where 100 MB are free. "
        "Free some space, or choose another backup_root."
    )


def test_not_enough_space_for_the_backups_of_all_instances_together() -> None:
    """Each alone would fit."""
    facts = factories.host()
    megabyte = 1024 * 1024
    facts["free_space"][0]["free_bytes"] = 1000 * megabyte
    facts["instances"][0]["sizes"]["database"]["bytes"] = 400 * megabyte
    beside = {"Comindware hr": 345 * megabyte, "Comindware support": 0, "Comindware sales": 10**15}
    assert blockers(facts, planned_bytes=beside)["backup_space"] == (
        "The backups of this run need 745 MB together (Comindware hr 345 MB, Comindware sales 400 MB) and a reserve of 256 MB on D:\\, "
        "where 1 000 MB are free. Free some space, choose another backup_root, or upgrade fewer instances in one run."
    )
    assert "backup_space" not in blockers(facts, planned_bytes={"Comindware hr": 344 * megabyte})
    assert kept.as_dict(made(facts))["space"] == {"Comindware sales": 400 * megabyte}


def test_no_administrator_rights() -> None:
    identity = {**factories.answers()["identity"], "administrator": False, "user": r"APP01\reader"}
    assert blockers(factories.host({"identity": identity}))["not_administrator"] == (
        r"The account 'APP01\reader' has no administrator rights on APP01. "
        "Use an account of the local group Administrators for the WinRM connection."
    )


def test_a_running_administration_tool() -> None:
    tool = {"items": [{"path": "x", "exists": True, "processes": [{"pid": 77, "name": "Tool.exe"}]}]}
    assert blockers(factories.host({"tool": tool}))["administration_tool_running"] == (
        "The Administration Tool runs on APP01 (Tool.exe, process 77). Close it: it changes the same instances."
    )


def test_a_stopped_iis_service() -> None:
    iis = {**factories.answers()["iis"], "services": {"W3SVC": "stopped", "WAS": "running"}}
    assert blockers(factories.host({"iis": iis}))["iis_not_running"] == (
        "The service W3SVC on APP01 is stopped, not running. Start it: net start W3SVC."
    )


def unfinished(**status: Any) -> dict[str, str]:
    """The blockers of a host with a transaction of the instance."""
    begun = {
        "id": "t1",
        "instance": "Comindware sales",
        "owner": "anna@ctl",
        "run": "r1",
        "created": "2026-11-22T19:00:00.000Z",
    }
    rest: dict[str, Any] = {
        "title": "Upgrade",
        "about": None,
        "worker": None,
        "lease": None,
        "past_return": False,
        "undo_errors": [],
    }
    agent = {**factories.answers()["agent"], "transactions": [begun | rest | status]}
    return blockers(factories.host({"agent": agent}))


BEGUN = (
    "The transaction t1 of instance 'sales', begun by anna@ctl (run r1) at 2026-11-22T19:00:00.000Z, is not finished: "
)


def test_a_transaction_that_waits_for_its_confirm() -> None:
    assert unfinished(state="applied", lease="2026-11-22T20:00:00.000Z")["unfinished_transaction"] == (
        f"{BEGUN}applied. If nobody confirms it, the host goes back by itself at 2026-11-22T20:00:00.000Z (UTC). Wait for that, then try "
        "again; or decide it with comindware.platform.instance_recover, held: confirm or rollback."
    )


def test_a_transaction_that_a_process_works_on() -> None:
    worker = {"pid": 4711, "started": "2026-11-22T19:00:01.000Z"}
    assert unfinished(state="running", worker=worker)["unfinished_transaction"] == (
        f"{BEGUN}running. The process 4711 of the host has been at work on it since 2026-11-22T19:00:01.000Z. Wait for its end, then try "
        "again."
    )


def test_a_transaction_that_is_held_past_its_point_of_no_return() -> None:
    assert unfinished(state="held", past_return=True)["unfinished_transaction"] == (
        f"{BEGUN}held. It is past its point of no return: the new version runs, unconfirmed, and does not start by itself after a restart "
        "of the host. Look at it. Then run comindware.platform.instance_recover with held: confirm; or put the data back yourself, and run "
        "it with held: rollback."
    )


def test_a_transaction_that_nobody_has_a_claim_to_is_recovered_by_the_run_itself() -> None:
    assert "unfinished_transaction" not in unfinished(state="running", lease="2026-11-22T17:00:00.000Z")
    assert "unfinished_transaction" not in unfinished(state="applied", lease="2026-11-22T17:00:00.000Z")
    assert "unfinished_transaction" not in unfinished(state="held", lease="2026-11-22T17:00:00.000Z")
    assert "unfinished_transaction" not in unfinished(state="confirmed")


def test_a_database_that_is_not_where_it_should_be() -> None:
    facts = factories.host({"sizes": {"items": [{"path": CONFIG, "exists": True, "bytes": 1, "files": 1}]}})
    assert blockers(facts)["no_data_folder"] == (
        rf"The database folder of instance 'sales' shall be copied, but {HOME}\Database does not exist. Correct its path in the "
        "instance's configuration, or do not ask for that copy."
    )
    assert "no_data_folder" not in blockers(facts, data=False)


def test_the_folder_beside_the_present_version_wins() -> None:
    facts = factories.host()
    other: Any = {**facts["versions"][1], "folder": rf"C:\Program Files\CMW Lab\CBAP\{NEW}"}
    facts["versions"].insert(0, other)
    found = preflight.installed_version(facts, factories.instance(facts), Version.parse(NEW))
    assert found and found["folder"] == rf"{VERSION_FOLDERS}\{NEW}"


def test_all_blockers_are_told_at_once() -> None:
    facts = factories.host({"iis": {**factories.answers()["iis"], "sites": [], "pools": []}})
    with pytest.raises(Refusal) as refusal:
        refuse_blockers("The upgrade", made(facts, target="5.0.25000.0").all_findings)
    assert str(refusal.value).startswith(
        "The upgrade was refused, nothing was touched. Instance 'sales': IIS has no site"
    )
    assert "The version 5.0.25000.0 is not installed" in str(refusal.value)


def test_an_unsupported_path() -> None:
    facts = factories.host()
    factories.instance(facts)["version"]["current"] = "2.0.1.0"
    assert blockers(facts)["unknown_start"].startswith(
        f"No path leads from 2.0.1.0 to {NEW}: the policy has no hop from 2.0.1.0"
    )


def test_an_unknown_version() -> None:
    facts = factories.host()
    factories.instance(facts)["version"]["current"] = None
    assert blockers(facts)["unknown_version"] == (
        "The present version of instance 'sales' is not known: neither its links nor its yml nor the registry say it."
    )


def test_a_backup_of_data_of_a_running_instance_needs_leave_to_stop_it() -> None:
    facts = factories.host()
    found = backup.check(facts, factories.instance(facts), BackupWish(data=True))
    assert [finding.message for finding in found if finding.level == "blocker"] == [
        "The database and the streams of instance 'sales' can only be copied while it is stopped; it is started. "
        "Set allow_stop to true, or stop it first."
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("backups", "'backups' is not an absolute Windows path; give one such as D:\\Backups."),
        ("D:\\Back\u0443p", "U+0443 CYRILLIC SMALL LETTER U at position 8, where the Latin letter 'y' was meant"),
    ],
)
def test_bad_path_options(value: str, told: str) -> None:
    with pytest.raises(Refusal) as refusal:
        preflight.check_paths([("backup_root", value)])
    assert str(refusal.value).startswith("The option 'backup_root' is refused, nothing was touched. ")
    assert told in str(refusal.value)


def test_a_file_that_is_no_text() -> None:
    answers = planning_answers()
    answers["ours"]["items"][0].update(text=None, encoding="binary")
    found = {finding.code: finding.message for finding in made(factories.host(), answers).all_findings}
    assert found["not_text"] == (
        rf"Instance 'sales': {factories.YML} could not be read, is no text in an encoding that can be kept, or is larger than 1 MB: it "
        "cannot be merged. Save it as UTF-8."
    )


def test_more_downtime_than_the_operator_allows() -> None:
    found = blockers(factories.host(), max_downtime=1)
    assert "The limit is 1 min. Raise the limit to " in found["downtime_above_limit"]
    assert "downtime_above_limit" not in blockers(factories.host(), max_downtime=60)


def test_files_that_could_not_be_read_are_no_missing_files() -> None:
    """Else the plan would switch links and leave the configuration of the old version."""
    answers = {"ours": {"error": {"code": "win32", "message": "Access is denied."}}}
    found = [finding.message for finding in made(factories.host(), answers).all_findings if finding.code == "not_text"]
    assert len(found) == 2 and all("could not be read" in message for message in found)


def test_a_file_of_a_version_that_is_no_text_is_a_warning() -> None:
    name = rf"{VERSION_FOLDERS}\{OLD}\data\Plugins\Agent\logs.config"
    answers = {"linked": {"items": [{"path": name, "exists": True, "text": None, "truncated": False}]}}
    plan = made(factories.host(), answers)
    assert plan.level == "warning"
    assert f"Instance 'sales': a file of a version is not compared. {name} is no text, or larger than 1 MB." in [
        finding.message for finding in plan.findings
    ]


def test_a_link_to_the_version_folder_itself() -> None:
    facts = factories.host()
    link = factories.instance(facts)["links"][0]
    link["target"] = rf"{VERSION_FOLDERS}\{OLD}"
    (made_link,) = [
        op for op in made(facts).hops[0].operations if op["op"] == "create_link" and op["path"] == link["path"]
    ]
    assert made_link["target"] == rf"{VERSION_FOLDERS}\{NEW}"


@pytest.mark.parametrize("name", [r"..\hr\2026", "a/b", "CON?"])
def test_the_name_of_a_set_to_put_back(name: str) -> None:
    with pytest.raises(Refusal, match=r"^The option 'restore_backup' is refused, nothing was touched."):
        backup.check_name(name, "restore_backup")
