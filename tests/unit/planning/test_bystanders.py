# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites of others in an instance's pools: named by whatever stops the pools, and by an upgrade only taken down with leave."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import backup, kept, report, state
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.backup import BackupWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.upgrade import UpgradePlan
from unit import factories
from unit.planning.planned import made, rules

POOL = "Comindware sales"
WARNING = (
    f"Instance 'sales': its application pool '{POOL}' also serves the site 'Intranet' (applications: /, /wiki). Whatever stops the "
    "instance stops that site too."
)
ACKNOWLEDGED = frozenset(note.id for hop in rules().hops for note in hop.advisories if note.acknowledge)


def site(name: str, *applications: tuple[str, str]) -> dict[str, Any]:
    """A site with applications, each with its path and its pool."""
    own = [{"path": path, "pool": pool, "virtual_directories": []} for path, pool in applications]
    return {
        **factories.answers()["iis"]["sites"][0],
        "name": name,
        "id": 7,
        "applications": own,
    }


def sharing(*others: dict[str, Any]) -> HostFacts:
    """The host of the factories with other sites."""
    iis = copy.deepcopy(factories.answers()["iis"])
    iis["sites"] += others or [site("Intranet", ("/", POOL.upper()), ("/wiki", POOL), ("/own", "DefaultAppPool"))]
    return factories.host({"iis": iis})


def upgraded(language: str = "en", *acknowledged: str) -> UpgradePlan:
    return made(sharing(), acknowledged=ACKNOWLEDGED | set(acknowledged), language=language)


def told(plan: UpgradePlan) -> tuple[str, str]:
    """Level and message of the only finding about a site."""
    (found,) = [one for one in plan.all_findings if "Intranet" in one.message]
    assert found.code == "stops_site:Intranet"
    return found.level, found.message


def test_field_6_3_an_upgrade_wants_the_site_acknowledged() -> None:
    assert told(upgraded()) == (
        "blocker",
        f"Instance 'sales', to be acknowledged: its application pool '{POOL}' also serves the site 'Intranet' (applications: /, /wiki). "
        "That site is down for as long as the instance is. Give the instance a pool of its own first, or when this is taken care of, "
        'acknowledge it: upgrade_acknowledged: ["stops_site:Intranet"].',
    )
    assert told(upgraded("ru")) == (
        "blocker",
        f"Экземпляр 'sales', требует подтверждения: его пул приложений '{POOL}' обслуживает и сайт 'Intranet' (приложения: /, /wiki). "
        "Этот сайт будет недоступен столько же, сколько и экземпляр. Сначала выделите экземпляру собственный пул либо, когда это учтено, "
        'подтвердите: upgrade_acknowledged: ["stops_site:Intranet"].',
    )


@pytest.mark.parametrize("id_", ["stops_site:Intranet", "STOPS_SITE:intranet"])
def test_field_6_3_acknowledged_it_is_a_warning_and_still_names_the_site(id_: str) -> None:
    assert told(upgraded("en", id_)) == (
        "warning",
        f"Instance 'sales', note: its application pool '{POOL}' also serves the site 'Intranet' (applications: /, /wiki). That site is "
        "down for as long as the instance is. The operator has acknowledged it.",
    )
    assert told(upgraded("ru", id_))[1].endswith("сколько и экземпляр. Оператор это подтвердил.")


@pytest.mark.parametrize("id_", ["stops_site:Extranet", "stops_site", "Intranet"])
def test_field_6_3_another_id_acknowledges_nothing(id_: str) -> None:
    assert told(upgraded("en", id_))[0] == "blocker"


def test_field_6_3_plan_and_report_tell_of_the_downtime_of_the_site() -> None:
    shown = kept.as_dict(upgraded("en", "stops_site:Intranet"))
    assert shown["downtime"]["others"] == ["Intranet"]
    message = "Other sites that are down as long, because they run in its application pools: 'Intranet'."
    assert shown["downtime"]["message"].endswith(message)
    assert message in report.text(shown, "en")
    russian = kept.as_dict(upgraded("ru", "stops_site:Intranet"))
    assert (
        "Другие сайты, которые будут недоступны столько же, потому что работают в его пулах приложений: 'Intranet'."
    ) in report.text(russian, "ru")


def test_field_6_3_a_site_that_comes_to_the_pool_later_changes_an_approved_plan() -> None:
    before, after = (kept.as_dict(made(facts)) for facts in (factories.host(), sharing()))
    changed = {name for name, digest in before["fingerprint"].items() if after["fingerprint"][name] != digest}
    assert changed == {"site and pools of sales"}


@pytest.mark.parametrize(("wanted", "warned"), [("stopped", True), ("restarted", True), ("started", False)])
def test_field_6_3_a_stop_by_itself_warns(wanted: str, warned: bool) -> None:
    facts = sharing()
    found = [one.message for one in state.check(facts, factories.instance(facts), wanted)]
    assert found == ([WARNING] if warned else [])


@pytest.mark.parametrize("cold", [True, False])
def test_field_6_3_a_backup_warns_if_it_stops_the_instance(cold: bool) -> None:
    facts = sharing()
    found = backup.check(facts, factories.instance(facts), BackupWish(data=cold, allow_stop=True))
    assert [one.message for one in found if one.level == "warning"] == ([WARNING] if cold else [])


def test_field_6_3_inspection_names_it() -> None:
    found = factories.instance(sharing())
    assert [(one["code"], one["message"]) for one in found["problems"]] == [("pool_serves_others", WARNING)]


def test_field_6_3_another_pool_of_the_instance_s_site_counts_too() -> None:
    iis = copy.deepcopy(factories.answers()["iis"])
    own = {"path": "/docs", "pool": "DefaultAppPool", "virtual_directories": []}
    iis["sites"][0]["applications"].append(own)
    iis["pools"].append({**iis["pools"][0], "name": "DefaultAppPool"})
    iis["sites"].append(site("Default Web Site", ("/", "DefaultAppPool")))
    (problem,) = factories.instance(factories.host({"iis": iis}))["problems"]
    assert problem["message"].startswith(
        "Instance 'sales': its application pool 'DefaultAppPool' also serves the site 'Default Web Site' (applications: /)."
    )


def test_field_6_3_a_site_in_a_pool_of_its_own_is_nobody_s_business() -> None:
    assert factories.instance(sharing(site("Intranet", ("/", "Intranet"))))["problems"] == []
