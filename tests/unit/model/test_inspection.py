# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From answers to facts."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import preflight
from unit import factories
from unit.factories import CONFIG, HOME, NEW, OLD


def problems(facts: Any) -> dict[str, str]:
    """Problems of the only instance by code."""
    return {problem["code"]: problem["message"] for problem in factories.instance(facts)["problems"]}


def test_a_healthy_instance_has_no_problem() -> None:
    facts = factories.host()
    found = factories.instance(facts)
    assert facts["problems"] == [] and found["problems"] == []
    assert found["found_in"] == ["registry", "yml", "iis"]
    assert found["generation"] == "dotted_yml"
    assert found["state"] == "started"
    assert found["version"] == {"current": OLD, "links": OLD, "yml": OLD, "registry": OLD, "agree": True}
    assert found["paths"]["logs"] == HOME + r"\Logs"
    assert found["sizes"]["database"]["bytes"] == 4096
    assert found["site"] and found["site"]["url"] == "http://portal.example.com:8081/"
    assert [version["version"] for version in facts["versions"]] == [OLD, NEW]
    assert [expectation["title"] for expectation in found["fingerprint"]] == [
        "name of the host",
        "links of sales",
        "configuration files of sales",
        factories.YML,
    ]


def test_links_of_different_versions_are_named() -> None:
    links = copy.deepcopy(factories.answers()["links"])
    links["items"][0]["entries"][1]["target"] = rf"C:\Program Files\Comindware\CBAP\{NEW}\data"
    facts = factories.host({"links": links})
    assert problems(facts)["mixed_links"] == (
        f"Instance 'sales': its links lead to different versions: bin -> {OLD}; data -> {NEW}; favicon.ico -> {OLD}. "
        "Point all of them at one version first."
    )
    assert factories.instance(facts)["version"]["current"] is None


def test_a_link_of_the_customer_s_own_is_nobody_s_business() -> None:
    links = copy.deepcopy(factories.answers()["links"])
    own = {**links["items"][0]["entries"][0], "name": "custom", "path": "custom", "target": r"D:\Shared\custom"}
    links["items"][0]["entries"].append(own)
    assert problems(factories.host({"links": links})) == {}


def test_a_running_service_is_not_stopped() -> None:
    iis = copy.deepcopy(factories.answers()["iis"])
    iis["sites"][0]["state"] = iis["pools"][0]["state"] = "Stopped"
    iis["workers"] = []
    assert factories.instance(factories.host({"iis": iis}))["state"] == "stopped"
    service = {"name": "comindwaresales", "state": "running", "start_type": "automatic"}
    facts = factories.host({"iis": iis, "services": {"services": [service]}})
    assert factories.instance(facts)["state"] == "mixed"


def test_a_site_of_another_name_on_the_folder_is_the_instance_s() -> None:
    iis = copy.deepcopy(factories.answers()["iis"])
    iis["sites"][0]["name"] = "portal"
    found = factories.instance(factories.host({"iis": iis}))
    assert found["site"] and found["site"]["name"] == "portal"
    assert found["problems"] == []


def test_a_site_that_serves_another_folder_is_named() -> None:
    iis = copy.deepcopy(factories.answers()["iis"])
    iis["sites"][0]["applications"][0]["virtual_directories"][0]["expanded_path"] = r"E:\Other\Config"
    assert problems(factories.host({"iis": iis}))["site_elsewhere"] == (
        rf"Instance 'sales': the site 'Comindware sales' serves E:\Other\Config, but the configuration folder is {CONFIG}. "
        "Correct whichever is wrong."
    )


def test_a_site_without_a_binding_to_ask() -> None:
    iis = copy.deepcopy(factories.answers()["iis"])
    iis["sites"][0]["bindings"] = [{"protocol": "net.tcp", "information": "808:*"}]
    assert problems(factories.host({"iis": iis}))["no_binding"] == (
        "Instance 'sales': the site 'Comindware sales' has no http or https binding that could be asked. Add one."
    )


def test_a_broken_link_is_named() -> None:
    links = copy.deepcopy(factories.answers()["links"])
    links["items"][0]["entries"][0]["target_exists"] = False
    assert problems(factories.host({"links": links}))["broken_link"] == (
        rf"Instance 'sales': the link {CONFIG}\bin leads to nothing: C:\Program Files\Comindware\CBAP\{OLD}\bin. Repair it first."
    )


def test_a_folder_whose_assembly_disagrees_is_a_problem_of_the_host() -> None:
    assemblies = copy.deepcopy(factories.answers()["assemblies"])
    assemblies["items"][1]["assembly_version"] = "5.0.24000.0"
    facts = factories.host({"assemblies": assemblies})
    assert facts["problems"][0]["message"] == (
        rf"The folder C:\Program Files\Comindware\CBAP\{NEW} is named {NEW}, but its core assembly says 5.0.24000.0. "
        "Install that version again."
    )


def test_an_instance_known_to_the_registry_alone_is_found() -> None:
    key = {
        "ConfigPath": CONFIG,
        "DatabasePath": HOME + r"\Data",
        "version": "4.2.612.0",
        "webSiteName": "Comindware sales",
    }
    values = {name: {"type": "string", "data": data} for name, data in key.items()}
    view = {"views": {"64": {"exists": True, "values": {}, "keys": {"sales": {"values": values}}}}}
    iis = {**factories.answers()["iis"], "sites": [], "pools": []}
    found = factories.instance(factories.host({"registry Comindware": view, "ymls": {"items": []}, "iis": iis}))
    assert found["generation"] == "registry" and found["found_in"] == ["registry"]
    assert found["paths"]["database"] == HOME + r"\Data"
    assert {problem["code"] for problem in found["problems"]} == {"no_site", "no_pool", "versions_disagree"}


def test_two_instances_on_one_configuration_folder_are_both_told() -> None:
    ymls = copy.deepcopy(factories.answers()["ymls"])
    twin = copy.deepcopy(ymls["items"][0])
    twin["path"] = factories.YML.replace("sales", "twin")
    ymls["items"].append(twin)
    facts = factories.host({"ymls": ymls})
    for instance in facts["instances"]:
        told = {problem["code"]: problem["message"] for problem in instance["problems"]}["shared_config_folder"]
        assert told == (
            f"The instances 'sales', 'twin' share the configuration folder {CONFIG}: changing one changes the other. "
            "Give each a folder of its own first."
        )


def test_a_query_that_failed_is_a_problem_of_the_host() -> None:
    facts = factories.host({"iis": {"error": {"code": "x", "message": "appcmd.exe ended with 5."}}})
    told = {problem["code"]: problem["message"] for problem in facts["problems"]}
    assert told["query_failed"] == "The host could not answer the query 'iis': appcmd.exe ended with 5."


def test_a_cyrillic_letter_among_latin_ones_is_named() -> None:
    ymls = copy.deepcopy(factories.answers()["ymls"])
    ymls["items"][0]["text"] = ymls["items"][0]["text"].replace(
        r"\Comindware\Instances", "\\\u0421omindware\\Instances"
    )
    told = problems(factories.host({"ymls": ymls}))["look_alike_path"]
    assert "U+0421 CYRILLIC CAPITAL LETTER ES at position 16, where the Latin letter 'C' was meant" in told


def with_yml(*lines: str) -> Any:
    """Facts where these lines stand in the yml in the place of the one about the database."""
    ymls = copy.deepcopy(factories.answers()["ymls"])
    kept = [one for one in ymls["items"][0]["text"].splitlines() if not one.startswith("db.workDir")]
    ymls["items"][0]["text"] = "\r\n".join([*lines, *kept, ""])
    return factories.host({"ymls": ymls})


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            "db.workDir: *moved",
            "line 1: the value of db.workDir refers to *moved, which nothing above it defines",
        ),
        ("db.workDir: Database", "line 1: the value of db.workDir is 'Database', which is not an absolute path"),
        ("db.workDir:", "line 1: the value of db.workDir is empty"),
        (
            "db: {workDir: 'D:\\Moved'}",
            "line 1 has db.workDir below another directive, and it is known only when it is written flat",
        ),
        ("databasepath: D:\\Moved", "line 1 has databasepath, which differs from databasePath in case"),
    ],
)
def test_field_1_1_a_directive_that_is_not_understood_blocks_and_has_no_default(line: str, told: str) -> None:
    facts = with_yml(line)
    found = factories.instance(facts)
    assert (found["paths"]["database"], found["path_sources"]["database"]["place"]) == ("", "unknown")
    assert "database" not in found["sizes"]
    blockers = [one for one in preflight.check_instance(found) if one.level == "blocker"]
    assert [(one.code, one.message) for one in blockers] == [
        (
            "directive_not_understood",
            rf"Instance 'sales': {factories.YML}, {told}. Write the whole path there, such as D:\Data\Database.",
        )
    ]


def test_field_1_1_a_yml_that_is_no_yaml_blocks() -> None:
    found = factories.instance(with_yml('db.workDir: "D:\\Moved"'))
    assert set(found["paths"].values()) == {""}
    (blocker,) = (one for one in preflight.check_instance(found) if one.level == "blocker" and "yml" in one.code)
    assert blocker.message == (
        f"Instance 'sales': {factories.YML} cannot be read as YAML: line 1 (db.workDir): found unknown escape character. "
        "Correct it; until then nothing is known of what it says."
    )


def test_field_1_1_a_yml_that_is_no_text_blocks() -> None:
    ymls = copy.deepcopy(factories.answers()["ymls"])
    ymls["items"][0]["text"] = None
    assert problems(factories.host({"ymls": ymls}))["yml_not_understood"] == (
        f"Instance 'sales': {factories.YML} cannot be read as YAML: it is no text, or larger than 1 MB. "
        "Correct it; until then nothing is known of what it says."
    )


def test_field_1_2_old_and_new_name_of_a_folder_that_disagree() -> None:
    found = factories.instance(with_yml(r"db.workDir: D:\New", r"databasePath: D:\Old"))
    (problem,) = (one for one in found["problems"] if one["code"] == "directive_not_understood")
    assert problem["message"] == (
        rf"Instance 'sales': {factories.YML}: line 1 says db.workDir: D:\New, line 2 says databasePath: D:\Old, and which of them counts "
        "depends on the version. Take one of them out, or make them equal."
    )
    same = factories.instance(with_yml(r"db.workDir: D:\New", "databasePath: d:\\new\\"))
    assert same["paths"]["database"] == r"D:\New" and not same["problems"]


@pytest.mark.parametrize("data", ["Database", r"\Moved", ["D:\\Moved"], "D:\\*"])
def test_field_1_1_a_path_of_the_registry_that_is_not_understood(data: Any) -> None:
    registry = copy.deepcopy(factories.answers()["registry Comindware"])
    registry["views"]["64"]["keys"]["sales"]["values"]["DatabasePath"] = {"type": "string", "data": data}
    ymls: dict[str, Any] = {"items": []}
    found = factories.instance(factories.host({"registry Comindware": registry, "ymls": ymls}))
    assert found["paths"]["database"] == ""
    (problem,) = (one for one in found["problems"] if one["code"] == "directive_not_understood")
    assert problem["message"].startswith(
        r"Instance 'sales': HKLM\SOFTWARE\Comindware\Instances\sales (64 bit): the value of DatabasePath is "
    )


def test_field_1_2_a_variable_that_the_host_does_not_have() -> None:
    found = factories.instance(with_yml(r"db.workDir: '%DATA%\Database'"))
    (problem,) = (one for one in found["problems"] if one["code"] == "directive_not_understood")
    assert problem["message"] == (
        rf"Instance 'sales': {factories.YML}, line 1: the value of db.workDir is '%DATA%\Database', and the host has no variable "
        "%DATA%. Write the path out."
    )
