# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is planned for an instance of which something was stopped before."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import backup, kept, returning
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.backup import BackupWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.goals import Goal, ReturnWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits, Origin, stopped_parts
from unit import factories
from unit.planning import told_sets
from unit.planning.planned import made
from unit.planning.told_sets import SET

SITE = POOL = "Comindware sales"
ADAPTER = "Comindware sales_adapterhost"
SERVICE = "comindwaresales"


def stopped(*names: str) -> HostFacts:
    """The host of the factories, with a second pool and a service, and these stopped."""
    iis = copy.deepcopy(factories.answers()["iis"])
    iis["pools"].append({**iis["pools"][0], "name": ADAPTER})
    service = {
        "name": SERVICE,
        "state": "stopped" if "service" in names else "running",
        "start_type": "manual",
    }
    for pool in iis["pools"]:
        pool["state"] = "Stopped" if pool["name"] in names else "Started"
    iis["sites"][0]["state"] = "Stopped" if "site" in names else "Started"
    iis["workers"] = [] if POOL in names else iis["workers"]
    return factories.host({"iis": iis, "services": {"services": [service]}})


EVERYTHING = ("site", POOL, ADAPTER, "service")
STATES = [(), ("site",), (POOL,), (ADAPTER,), ("service",), ("site", ADAPTER), EVERYTHING]


def titles(operations: Collection[dict[str, Any]]) -> list[str]:
    return [one["title"] for one in operations]


def stops(names: tuple[str, ...]) -> list[str]:
    """The operations that stop these."""
    told = {"site": f"Stop site '{SITE}'", "service": f"Stop service '{SERVICE}'"}
    return [told.get(name, f"Stop pool '{name}'") for name in names]


@pytest.mark.parametrize("names", STATES, ids=str)
def test_field_6_7_a_backup_starts_only_what_ran(names: tuple[str, ...]) -> None:
    facts = stopped(*names)
    wish = BackupWish(data=True, allow_stop=True)
    plan = backup.make(facts, factories.instance(facts), wish, "set", Origin("o", "r"), Limits(), [])
    started = [title for title in titles(plan["operations"]) if title.startswith("Start ")]
    wanted = {
        "service": f"Start service '{SERVICE}'",
        POOL: f"Start pool '{POOL}'",
        ADAPTER: f"Start pool '{ADAPTER}'",
        "site": f"Start site '{SITE}'",
    }
    assert started == [title for name, title in wanted.items() if name not in names]


@pytest.mark.parametrize("names", STATES, ids=str)
def test_field_6_7_an_upgrade_says_what_it_starts_and_leaves_started(names: tuple[str, ...]) -> None:
    plan = made(stopped(*names))
    found = [one.message for one in plan.findings if one.code == "will_be_started"]
    state = factories.instance(stopped(*names))["state"]
    told = ", ".join(stops(names)).replace("Stop ", "")
    assert found == (
        []
        if state == "started"
        else [
            f"Instance 'sales' is {state} now ({told}); the upgrade starts it, and leaves it started. Undone, it is as it was."
        ]
    )
    about = next(one["about"] for one in plan.hops[0].operations if one["op"] == "backup_set")
    assert about["stopped"] == stopped_parts(factories.instance(stopped(*names)))


def test_field_6_7_what_is_stopped_at_the_moment_changes_no_approved_plan() -> None:
    before, after = made(stopped()), made(stopped("site", ADAPTER))
    assert [kept.digest(hop) for hop in before.hops] == [kept.digest(hop) for hop in after.hops]
    kept.refuse_changes(kept.as_dict(before), after)


def returned(purpose: str, then: HostFacts, now: HostFacts) -> returning.Return:
    """A return to a set that was made when the host was like ``then``."""
    about = {"stopped": stopped_parts(factories.instance(then))}
    wish = ReturnWish(purpose, Limits(), backup=SET, accept_data_loss=True)
    return returning.make(now, factories.instance(now), wish, Goal(SET, None), told_sets.told(about=about))


@pytest.mark.parametrize("names", STATES, ids=str)
@pytest.mark.parametrize("now", [(), EVERYTHING], ids=str)
def test_field_6_7_a_rollback_stops_again_what_was_stopped(names: tuple[str, ...], now: tuple[str, ...]) -> None:
    plan = returned("rollback", stopped(*names), stopped(*now))
    behind = [title for title in titles(plan.on_confirm) if title.startswith("Stop ")]
    assert behind == stops(names)
    assert [title for title in titles(plan.operations) if title.startswith("Start ")][-1] == f"Start site '{SITE}'"
    told = {one.code: one.message for one in plan.findings if one.level == "warning"}
    if names:
        parts = ", ".join(stops(names)).replace("Stop ", "")
        assert told["stopped_again"].endswith(
            f"was made: {parts}. It is started to be judged, and stopped again at the end."
        )
    elif now:
        assert told["will_be_started"].endswith("The rollback starts it, and leaves it started.")
    else:
        assert not {"stopped_again", "will_be_started"} & set(told)


@pytest.mark.parametrize(
    ("then", "now", "when"),
    [
        (("site",), (), f"was stopped when the backup set was made: site '{SITE}'"),
        ((), (ADAPTER,), f"is stopped now: pool '{ADAPTER}'"),
    ],
)
def test_field_6_7_a_restore_leaves_the_instance_started_and_says_so(
    then: tuple[str, ...], now: tuple[str, ...], when: str
) -> None:
    plan = returned("restore", stopped(*then), stopped(*now))
    assert not any(title.startswith("Stop ") for title in titles(plan.on_confirm))
    assert [one.message for one in plan.findings if one.code == "will_be_started"] == [
        f"Of instance 'sales' this {when}. The restore starts it, and leaves it started."
    ]
