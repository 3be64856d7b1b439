# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hops that this collection does not do in place: by the vendor's script, by people, and back from a backup."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import kept, report
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.upgrade import UpgradePlan
from unit import factories
from unit.factories import BACKUP_ROOT, CONFIG, HOME, NEW, OLD, YML
from unit.planning import told_sets
from unit.planning.planned import made
from unit.planning.told_sets import SET

SCRIPT = r"C:\Program Files\CMW_Windows\scripts\instance_upgrade.ps1"
LOSS = "data_since_backup_is_lost"


def by(method: str, **more: Any) -> policy.Policy:
    return policy.load([{"hops": [{"id": "5.0-within", "method": method, **more}]}])


def test_the_vendor_s_script_is_one_operation_inside_the_transaction() -> None:
    hop = made(factories.host(), used=by("vendor_script", script=SCRIPT)).hops[0]
    names = [operation["op"] for operation in hop.operations]
    assert names[5:] == [
        "wait_released",
        "backup_set",
        "protect_tree",
        "protect_tree",
        "write_file",
        "registry_value",
        "run_script",
        "start_pool",
        "start_site",
    ]
    run = hop.operations[-3]
    assert (run["path"], run["arguments"]) == (SCRIPT, ["-name", "sales", "-version", NEW])
    protected = [operation["path"] for operation in hop.operations if operation["op"] == "protect_tree"]
    assert run["changes"] == [CONFIG] and protected == [CONFIG, rf"{HOME}\Database"]
    assert "vendor_script" in {finding.code for finding in hop.findings}


def test_a_manual_hop_has_steps_with_the_instance_s_own_paths() -> None:
    plan = made(factories.host(), used=by("manual", procedure="new_instance"))
    assert plan.run == () and plan.hops[0].operations == []
    steps = " ".join(plan.hops[0].steps)
    assert rf"{HOME}\Database" in steps and YML in steps and "{" not in steps
    text = report.text(kept.as_dict(plan), "en")
    assert f"  Hop 1 of 1: {OLD} -> {NEW}, manual, by hand; the run stops before it\n" in text
    assert "    Steps, by hand:\n      1. " in text


def back(answers: dict[str, Any], facts: HostFacts | None = None, **asked: Any) -> UpgradePlan:
    facts = facts or factories.host()
    instance = factories.instance(facts)
    for link in instance["links"]:
        link["version"], link["target"] = NEW, link["target"].replace(OLD, NEW)
    instance["version"] = {"current": NEW, "links": NEW, "yml": NEW, "registry": NEW, "agree": True}
    return made(facts, answers, target=OLD, restore_backup="before", **asked)


def test_going_back_saves_what_is_there_and_puts_the_set_back() -> None:
    hop = back(told_sets.told(), acknowledged=frozenset([LOSS])).hops[0]
    titles = [operation["title"] for operation in hop.operations]
    assert titles[0] == f"Verify config, instance_yml, registry_64, database in the backup {SET}"
    assert titles[7:15] == [
        rf"Back up config, instance_yml, registry_64, environment, iis, database to {BACKUP_ROOT}\Comindware\sales and verify the copy",
        f"From here on, undoing puts {CONFIG} back from the backup",
        rf"From here on, undoing puts {HOME}\Database back from the backup",
        f"Put {CONFIG} back from the backup {SET}",
        rf"Put {HOME}\Database back from the backup {SET}",
        f"Put {YML} back from the backup {SET}",
        rf"Put HKLM\SOFTWARE\Comindware\Instances\sales (64-bit view) back from the backup {SET}",
        "Start pool 'Comindware sales'",
    ]
    assert {finding.code: finding.level for finding in hop.findings} == {LOSS: "warning"}


def test_going_back_to_before_the_yml_removes_it() -> None:
    answers = told_sets.told(items=told_sets.items("database", yml=False))
    titles = [operation["title"] for operation in back(answers).hops[0].operations]
    assert f"Remove {YML}" in titles


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"exists": False}, "there is no such set"),
        ({"error": {"message": "The manifest is damaged."}}, "The manifest is damaged"),
        ({"complete": False}, "it is not complete (it was never finished)"),
        ({"complete": False, "unusable": "a file differs"}, "it is not complete (a file differs)"),
        ({"protected": False}, "others than administrators could have changed it"),
        ({"machine": "APP02"}, "it was made on APP02, another host"),
        ({"items": []}, "it does not hold config, database"),
    ],
)
def test_a_set_that_cannot_be_put_back(changed: dict[str, Any], told: str) -> None:
    found = {finding.code: finding.message for finding in back(told_sets.told(**changed)).all_findings}
    assert found["backup_not_usable"] == (
        f"The backup set {SET} of instance 'sales' cannot be put back: {told}. Name a set that was made at {OLD} with the data, in "
        "restore_backup."
    )


def test_a_set_of_another_version() -> None:
    answers = told_sets.told(items=told_sets.items("database", version="4.7.23499.0"))
    found = {finding.code: finding.message for finding in back(answers).all_findings}
    assert f"it was made at 4.7.23499.0, not at {OLD}. Name a set" in found["backup_not_usable"]


def test_the_loss_is_to_be_acknowledged() -> None:
    plan = back(told_sets.told())
    assert plan.level == "blocker"
    assert plan.hops[0].findings[-1].message == (
        "Everything that was entered in instance 'sales' since 2026-11-20 10:00:00 UTC, 2026-11-20 13:00:00 by the host's clock, when "
        "the backup set before was made, is lost. If that is meant, say so: accept_data_loss: true, or in an upgrade "
        f"upgrade_acknowledged: [{LOSS}]."
    )


def test_without_the_name_of_a_set_an_older_version_is_refused() -> None:
    facts = factories.host()
    factories.instance(facts)["version"]["current"] = NEW
    found = {finding.code: finding.message for finding in made(facts, target=OLD).all_findings}
    assert found["downgrade"].startswith(f"{OLD} is older than {NEW}") and "restore_backup" in found["downgrade"]


def test_an_unfinished_upgrade_does_not_keep_anybody_from_going_back() -> None:
    about = {"purpose": "upgrade", "from": OLD, "to": NEW, "hop": "5.0-within"}
    done = {
        "id": "t1",
        "instance": "Comindware sales",
        "state": "confirmed",
        "started_at": "2026-11-22T18:00:00.000Z",
        "about": about,
    }
    agent = {**factories.answers()["agent"], "transactions": [done]}
    plan = back(told_sets.told(), facts=factories.host({"agent": agent}), acknowledged=frozenset([LOSS]))
    assert plan.conditions == [] and plan.level == "warning"
