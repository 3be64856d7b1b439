# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything of IIS that serves the folders of an instance belongs to its stop, or is named by a blocker."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import InstanceFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import backup, plans, preflight
from unit import factories
from unit.factories import CONFIG, HOME

OWN = "Comindware sales"
HTTP = ({"protocol": "http", "information": "*:9000:"},)


def site(name: str, folder: str, pool: str = "", path: str = "/", **more: Any) -> dict[str, Any]:
    served = [{"path": "/", "physical_path": folder, "expanded_path": folder}]
    application = {"path": path, "pool": pool or name, "virtual_directories": served}
    root = {"path": "/", "pool": "DefaultAppPool", "virtual_directories": []}
    applications = [application] if path == "/" else [root, application]
    known = factories.answers()["iis"]["sites"][0]
    return {**known, "name": name, "bindings": list(HTTP), "applications": applications, **more}


def found(*others: dict[str, Any], first: bool = False, pools: tuple[str, ...] = (), **own: Any) -> InstanceFacts:
    """The instance of the factories beside other sites, each with a pool of its own."""
    iis = copy.deepcopy(factories.answers()["iis"])
    known = {**iis["sites"][0], **own}
    iis["sites"] = [*others, known] if first else [known, *others]
    names = pools or tuple(application["pool"] for one in others for application in one["applications"])
    iis["pools"] += [{**iis["pools"][0], "name": name} for name in dict.fromkeys(names)]
    return factories.instance(factories.host({"iis": iis}))


def titles(instance: InstanceFacts) -> list[str]:
    limits = plans.Limits()
    return [one["title"] for one in plans.stop_operations(instance, limits) if one["op"] != "wait_released"]


def told(instance: InstanceFacts, level: str) -> list[str]:
    return [one.message for one in preflight.check_instance(instance) if one.level == level]


@pytest.mark.parametrize("first", [True, False])
def test_field_1_4_a_second_site_on_the_folder_stops_with_the_first(first: bool) -> None:
    instance = found(site("Portal", CONFIG.lower()), first=first)
    assert instance["site"] and instance["site"]["name"] == OWN
    assert titles(instance) == [f"Stop site '{OWN}'", "Stop site 'Portal'", f"Stop pool '{OWN}'", "Stop pool 'Portal'"]
    assert told(instance, "blocker") == []
    assert told(instance, "warning") == [
        f"Instance 'sales': the site 'Portal' (pool 'Portal') serves {CONFIG}, too, and stops and starts with the instance. The instance's "
        f"own site is '{OWN}', by its name."
    ]


def test_field_1_4_an_application_stops_by_its_pool_and_its_site_goes_on() -> None:
    instance = found(site("Intranet", HOME + r"\Streams\public", "Files", "/files"))
    assert titles(instance) == [f"Stop site '{OWN}'", f"Stop pool '{OWN}'", "Stop pool 'Files'"]
    assert told(instance, "warning") == [
        rf"Instance 'sales': the application 'Intranet/files' (pool 'Files') serves {HOME}\Streams, too, and stops and starts with the "
        "instance."
    ]


def test_field_1_4_a_pool_that_serves_more_is_told_as_such() -> None:
    instance = found(site("Intranet", CONFIG, "DefaultAppPool", "/sales"))
    assert [one["also_serves"] for one in instance["pools"]] == [[], [{"site": "Intranet", "application": "/"}]]
    assert (
        "Instance 'sales': its application pool 'DefaultAppPool' also serves the site 'Intranet' (applications: /)"
        in (" ".join(told(instance, "warning")))
    )


@pytest.mark.parametrize(
    ("other", "pools", "why"),
    [
        (
            site("Files", CONFIG, bindings=[{"protocol": "ftp", "information": "*:21:"}]),
            ("Files",),
            "it is served by FTP as well, which no pool stops",
        ),
        (site("Files", CONFIG, "Gone"), ("Files",), "IIS has no application pool 'Gone'"),
    ],
)
def test_field_1_4_what_cannot_be_stopped_is_a_blocker(other: dict[str, Any], pools: tuple[str, ...], why: str) -> None:
    instance = found(other, pools=pools)
    (blocker,) = told(instance, "blocker")
    assert blocker == (
        f"Instance 'sales': the site 'Files' serves {CONFIG}, too, and cannot be stopped with the instance: {why}. Take it away "
        "first."
    )


def test_field_1_4_of_several_sites_the_binding_decides_and_else_nothing() -> None:
    by_name = found(
        site("Portal", CONFIG, bindings=[{"protocol": "http", "information": "*:80:portal.example.com"}]), name="A"
    )
    assert by_name["site"] and by_name["site"]["name"] == "Portal"
    assert "The instance's own site is 'Portal', by its binding." in " ".join(told(by_name, "warning"))
    undecided = found(site("Portal", CONFIG), name="A")
    assert told(undecided, "blocker") == [
        f"Instance 'sales': the sites 'A', 'Portal' all serve {CONFIG}, and neither name nor binding tells which one is the instance's "
        "own. Call that one 'Comindware sales', or bind it to the fqdn of the yml."
    ]


@pytest.mark.parametrize("folder", [r"C:\ProgramData\Comindware\Instances\sales2\Config", r"D:\Wiki"])
def test_field_1_4_other_folders_are_no_part_of_it(folder: str) -> None:
    instance = found(site("Wiki", folder))
    assert (instance["served_by"], instance["other_sites"], len(instance["pools"])) == ([], [], 1)


def test_field_1_4_what_was_stopped_is_not_started_and_comes_back_as_it_was() -> None:
    instance = found(site("Portal", CONFIG, state="Stopped", server_auto_start=False))
    assert instance["state"] == "started"
    starts = [one["title"] for one in plans.start_operations(instance, plans.Limits())]
    assert "Start site 'Portal'" not in starts and f"Start site '{OWN}'" in starts
    (back,) = (one for one in plans.start_behaviour_back(instance, plans.Limits()) if one.get("site") == "Portal")
    assert back["value"] is False


def test_field_1_4_an_instance_is_not_stopped_while_another_site_serves_it() -> None:
    iis = copy.deepcopy(factories.answers()["iis"])
    iis["sites"][0]["state"] = iis["pools"][0]["state"] = "Stopped"
    iis["sites"].append(site("Portal", CONFIG))
    iis["pools"].append({**iis["pools"][0], "name": "Portal", "state": "Started"})
    iis["workers"] = []
    assert factories.instance(factories.host({"iis": iis}))["state"] == "mixed"


def test_field_1_4_a_set_records_them_all() -> None:
    items = {one["id"]: one for one in backup.items(found(site("Portal", CONFIG)), backup.BackupWish())}
    assert items["iis"]["sites"] == [OWN, "Portal"]
