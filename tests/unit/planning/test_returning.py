# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan that brings an instance back: what comes from which set, and what keeps it from being carried out."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import returning
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.goals import Goal, ReturnWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.history import Done
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits, Origin
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.returning import Return
from unit import factories
from unit.factories import CONFIG, HOME, NEW, OLD, YML
from unit.planning import told_sets
from unit.planning.told_sets import SET

LATER = SET + " later"


def hop(backup: str, data_upgrade: bool = True) -> Done:
    return Done("t1", "R1", "upgrade", OLD, NEW, "5.0-within", backup, None, data_upgrade, None)


def facts() -> HostFacts:
    """The instance of the factories after an upgrade to NEW."""
    found = factories.host()
    instance = factories.instance(found)
    for link in instance["links"]:
        link["version"], link["target"] = NEW, link["target"].replace(OLD, NEW)
    instance["version"] = {"current": NEW, "links": NEW, "yml": NEW, "registry": NEW, "agree": True}
    return found


def made(answers: dict[str, Any], goal: Goal | None = None, purpose: str = "rollback", **asked: Any) -> Return:
    found = facts()
    wanted = {"accept_data_loss": True, "run": "R1" if purpose == "rollback" else None, **asked}
    wish = ReturnWish(purpose, Limits(), **wanted)
    return returning.make(found, factories.instance(found), wish, goal or Goal(SET, (hop(SET),), "R1"), answers)


def codes(plan: Return) -> dict[str, str]:
    return {one.code: one.message for one in plan.findings if one.level == "blocker"}


def titles(plan: Return) -> list[str]:
    return [one["title"] for one in plan.operations]


def test_the_order_of_operations() -> None:
    plan = made(told_sets.told())
    steps = titles(plan)
    assert codes(plan) == {}
    assert steps[0] == f"Verify config, instance_yml, registry_64, database in the backup {SET}"
    assert steps[8:] == [
        f"From here on, undoing puts {CONFIG} back from the backup",
        rf"From here on, undoing puts {HOME}\Database back from the backup",
        f"Put {CONFIG} back from the backup {SET}",
        rf"Put {HOME}\Database back from the backup {SET}",
        f"Put {YML} back from the backup {SET}",
        rf"Put HKLM\SOFTWARE\Comindware\Instances\sales (64-bit view) back from the backup {SET}",
        "Start pool 'Comindware sales'",
        "Start site 'Comindware sales'",
    ]
    sent = returning.transaction(plan, Origin("me", "R2"))
    assert sent["about"] == {"purpose": "rollback", "from": NEW, "to": OLD, "backup": SET, "run": "R1"}
    assert sent["confirm"] == "required" and sent["run"] == "R2"


def test_data_of_a_later_set() -> None:
    answers = {**told_sets.told(), **told_sets.told(LATER, created="2026-11-21T10:00:00.000Z")}
    plan = made(answers, Goal(SET, (hop(SET, data_upgrade=False), hop(LATER)), "R1"))
    assert titles(plan)[:2] == [
        f"Verify config, instance_yml, registry_64 in the backup {SET}",
        f"Verify database in the backup {LATER}",
    ]
    assert rf"Put {HOME}\Database back from the backup {LATER}" in titles(plan)
    assert f"Put {CONFIG} back from the backup {SET}" in titles(plan)
    lost = [one.message for one in plan.findings if one.code == "data_since_backup_is_lost"]
    assert lost == [
        "Everything that was entered in instance 'sales' since 2026-11-21 10:00:00 UTC, 2026-11-21 13:00:00 by the host's clock, when the "
        "backup set before later was made, is lost. The operator has accepted it."
    ]


def test_a_set_without_the_data_that_a_hop_upgraded() -> None:
    plan = made(told_sets.told(items=told_sets.items()))
    assert codes(plan) == {
        "backup_not_usable": f"The backup set {SET} of instance 'sales' cannot be put back: it does not hold database. Name another set, "
        "or put it back by hand."
    }
    assert plan.operations == []


def test_data_that_stay_need_no_acceptance_and_no_copy() -> None:
    plan = made(told_sets.told(), Goal(SET, (hop(SET, data_upgrade=False),), "R1"), accept_data_loss=False)
    assert codes(plan) == {}
    assert [one for one in titles(plan) if "Database back" in one or ", database to" in one] == []


def test_a_named_set_of_another_version_brings_its_data() -> None:
    plan = made(told_sets.told(), Goal(SET, None), run=None, backup="before")
    assert rf"Put {HOME}\Database back from the backup {SET}" in titles(plan)


def test_a_restore_brings_all_data_of_the_set() -> None:
    answers = told_sets.told(items=told_sets.items("database", "streams", version=NEW))
    plan = made(answers, Goal(SET, None), "restore", backup="before")
    assert plan.target == NEW and codes(plan) == {}
    assert rf"Put {HOME}\Streams back from the backup {SET}" in titles(plan)


def test_a_set_that_was_made_at_another_version_than_the_journal_says() -> None:
    plan = made(told_sets.told(items=told_sets.items("database", version="4.7.23499.0")))
    assert codes(plan)["backup_not_usable"] == (
        f"The backup set {SET} of instance 'sales' cannot be put back: it was made at 4.7.23499.0, not at {OLD}. Name another set, or put "
        "it back by hand."
    )


def old_yml(text: str) -> dict[str, Any]:
    return {"old_yml": {"items": [{"path": "x", "exists": True, "text": text}]}}


def test_data_that_lay_elsewhere_then() -> None:
    answers = {**told_sets.told(), **old_yml("clusterName: sales\r\ndb.workDir: D:\\Old\\Database\r\n")}
    plan = made(answers, Goal(SET, (hop(SET, data_upgrade=False),), "R1"))
    assert codes(plan) == {
        "data_moved": rf"The database of instance 'sales' lay in D:\Old\Database when the backup set {SET} was made, and lies in "
        rf"{HOME}\Database now: going back would leave it there. Use comindware.platform.instance_restore with database_path, an empty "
        "folder."
    }


def test_data_to_another_path() -> None:
    place = r"E:\Data\sales"
    space = {"path": place, "existing": "E:\\", "volume": "E:\\", "free_bytes": 10**12}
    answers = {
        **told_sets.told(items=told_sets.items("database", version=NEW)),
        **old_yml("clusterName: sales\r\ndb.workDir: C:\\Elsewhere\r\n"),
        f"place {place}": {"items": [{"path": place, "exists": False}]},
        f"space {place}": {"items": [space]},
    }
    plan = made(answers, Goal(SET, None), "restore", backup="before", moved={"database": place}, accept_data_loss=False)
    assert codes(plan) == {}
    steps = titles(plan)
    assert steps[1] == f"Lay database of the backup {SET} out in {place}"
    assert steps.index(f"Write '{place}' to {YML}") == steps.index(f"Put {YML} back from the backup {SET}") + 1
    assert [one for one in steps if "Database back" in one] == []
    stays = [one.message for one in plan.findings if one.code == "data_stays_behind"]
    assert stays == [
        rf"The present database of instance 'sales' stays in {HOME}\Database; what was entered there since is not in the restored one."
    ]
    space["free_bytes"] = 1000
    full = made(answers, Goal(SET, None), "restore", backup="before", moved={"database": place})
    assert codes(full)["place"] == (
        rf"Nothing can be laid out in {place}: 0 MB and a reserve of 256 MB are needed, and 0 MB are free on E:\. Free some space, or name "
        "another folder."
    )


def test_nothing_names_the_folder() -> None:
    answers = told_sets.told(items=told_sets.items("database", version=NEW))
    plan = made(answers, Goal(SET, None), "restore", backup="before", moved={"database": r"E:\Data"})
    assert codes(plan)["no_directive"] == (
        f"Neither the yml in the backup set {SET} nor the registry names the database folder of instance 'sales': the product could not be "
        r"told of E:\Data. Leave out database_path."
    )


def test_variables_of_the_machine_and_start_behaviour_come_from_the_set() -> None:
    recorded = {"machine": {"JAVA_HOME": r"C:\jdk-11", "JAVA_OPTS": None, "JVM_OPTS": None}, "process": {}}
    about = {"start_behaviour": {"site": False, "pools": [["Comindware sales", True, "OnDemand"]]}}
    answers = {
        **told_sets.told(about=about),
        "variables": {"items": [{"path": "x", "exists": True, "text": json.dumps(recorded)}]},
    }
    plan = made(answers)
    assert "Set the machine's variable JAVA_HOME" in titles(plan)
    assert [one["title"] for one in plan.on_confirm] == [
        "Let IIS start pool 'Comindware sales' by itself (OnDemand)",
        "Do not let IIS start site 'Comindware sales' by itself",
    ]
    told = [one.message for one in plan.findings if one.code == "machine_variables"]
    assert told == [
        "The machine's variables JAVA_HOME of APP01 go back to what they were as well; they hold for every instance of the host."
    ]


def test_the_difference_has_numbers_in_place_of_secrets() -> None:
    token = "⟦secret:0123456789abcdef⟧"
    answers = {
        **told_sets.told(),
        **old_yml(f"mq.password: {token}\r\n"),
        "yml": {"items": [{"path": YML, "exists": True, "text": "mq.password: x\r\n"}]},
    }
    head, yml = returning.difference(made(answers))
    assert head["after"] == (
        f"version: {OLD}\nconfiguration: of 2026-11-20 10:00:00 UTC\ndatabase: of 2026-11-20 10:00:00 UTC\nstreams: as now\n"
    )
    assert token not in yml["after"] and yml["before"] == "mq.password: x\n"
