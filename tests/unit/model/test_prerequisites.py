# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What inspection finds out about prerequisites, backups of the product, and linked files of versions."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model import prerequisites, queries
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import Prerequisites
from ansible_collections.comindware.platform.plugins.plugin_utils.model.inspection import host_facts
from unit import factories
from unit.factories import BACKUP_FILE, HOME, NEW, OLD

NOTHING_KNOWN = {
    "windows_build": None,
    "windows_name": None,
    "iis_major": None,
    "iis_components": None,
    "dotnet_framework_release": None,
    "dotnet_sdks": None,
    "aspnetcore_runtimes": None,
    "aspnetcore_module": None,
    "java_version": None,
}
AGENT_LOGS = r"data\Plugins\Agent\logs.config"


INSTALLED = sorted([*factories.COMPONENTS, "ASPNET45", "W3SVC"])


def found(changed: dict[str, Any] | None = None) -> Prerequisites:
    return factories.host(changed)["prerequisites"]


def changed(query: str) -> dict[str, Any]:
    """The healthy answer, to be changed."""
    return copy.deepcopy(factories.answers())[query]  # type: ignore[no-any-return]


def test_a_host_with_everything() -> None:
    assert found() == {
        "windows_build": 20348,
        "windows_name": "Windows Server 2022 Standard",
        "iis_major": 10,
        "iis_components": INSTALLED,
        "dotnet_framework_release": 533320,
        "dotnet_sdks": ["6.0.428", "8.0.408"],
        "aspnetcore_runtimes": ["6.0.36", "8.0.15"],
        "aspnetcore_module": True,
        "java_version": "17.0.15",
    }


def test_keys_that_are_not_there() -> None:
    absent = {"views": {"64": {"exists": False, "values": {}, "keys": {}}}}
    seen = found(dict.fromkeys(("windows", "dotnet_framework", "inetstp"), absent))
    unknown = ("windows_build", "windows_name", "iis_major", "iis_components", "dotnet_framework_release")
    assert {name: seen[name] for name in unknown} == dict.fromkeys(unknown)  # type: ignore[literal-required]


def test_folders_that_are_not_there_mean_that_nothing_is_installed() -> None:
    dotnet = changed("dotnet")
    dotnet["items"] = [{"path": item["path"], "exists": False} for item in dotnet["items"]]
    seen = found({"dotnet": dotnet, "java_release": {"items": [{"path": r"C:\jdk\release", "exists": False}]}})
    assert (seen["dotnet_sdks"], seen["aspnetcore_runtimes"], seen["aspnetcore_module"]) == ([], [], False)
    assert seen["java_version"] is None


def test_sdks_are_sorted_by_their_numbers() -> None:
    dotnet = changed("dotnet")
    names = ("10.0.100", "9.0.200", "8.0.1000", "8.0.408")
    dotnet["items"][0]["entries"] = [{"name": name, "path": name, "kind": "directory"} for name in names]
    assert found({"dotnet": dotnet})["dotnet_sdks"] == ["8.0.408", "8.0.1000", "9.0.200", "10.0.100"]


def test_names_of_the_registry_are_compared_without_case() -> None:
    inetstp = changed("inetstp")
    key = inetstp["views"]["64"]
    key["values"] = {"majorversion": key["values"]["MajorVersion"]}
    key["keys"] = {"components": key["keys"]["Components"]}
    seen = found({"inetstp": inetstp})
    assert seen["iis_major"] == 10 and seen["iis_components"] == INSTALLED


@pytest.mark.parametrize("data", ["", "twenty", None, ["1"]])
def test_a_value_of_another_form_is_unknown(data: object) -> None:
    windows = changed("windows")
    windows["views"]["64"]["values"]["CurrentBuildNumber"]["data"] = data
    assert found({"windows": windows})["windows_build"] is None


def test_java_home_with_and_without_bin_is_asked() -> None:
    asked = {query["id"]: query for query in prerequisites.queries()}
    source = {"from": "environment", "select": "machine.JAVA_HOME", "append": "release"}
    assert asked["java_release"]["paths"] == [source, {**source, "pattern": r"(?i)^(?<value>.+)\\bin\\?$"}]
    release = changed("java_release")["items"]
    assert found({"java_release": {"items": release[1:]}})["java_version"] == "17.0.15"


def test_windows_is_read_without_what_lies_below_its_key() -> None:
    asked = {query["id"]: query for query in prerequisites.queries()}
    assert {name: asked[name]["recurse"] for name in ("windows", "dotnet_framework", "inetstp")} == {
        "windows": False,
        "dotnet_framework": False,
        "inetstp": True,
    }


def test_a_host_that_answers_none_of_it_is_inspected_all_the_same() -> None:
    refused = {"error": {"code": "win32", "message": "Access is denied."}}
    facts = factories.host(dict.fromkeys(queries.TOLERATED, refused))
    assert facts["prerequisites"] == NOTHING_KNOWN
    assert factories.instance(facts)["product_backups"] is None
    assert [version["linked_files"] for version in facts["versions"]] == [{}, {}]
    assert {problem["code"] for problem in facts["problems"]} == {"fact_unknown"}
    assert facts["problems"][0]["message"] == (
        "The host could not answer the query 'product_backups': Access is denied."
    )


def test_a_host_that_was_not_asked() -> None:
    answers = {name: answer for name, answer in factories.answers().items() if name not in queries.TOLERATED}
    facts = host_facts(answers, factories.BACKUP_ROOT)
    assert facts["prerequisites"] == NOTHING_KNOWN and facts["problems"] == []


def test_backups_of_the_product_are_newest_first() -> None:
    names = ("Backup.202611220900.cdbbz", "Backup.202611221000.cdbbz")
    listed = factories.backups(HOME + r"\Backup", *names)
    listed["entries"].append({**listed["entries"][0], "name": "x.cdbbz", "path": "x.cdbbz", "kind": "directory"})
    assert factories.instance(factories.host({"product_backups": {"items": [listed]}}))["product_backups"] == [
        {"path": BACKUP_FILE, "size": 4096, "modified": "2026-11-22T10:00:00.000Z"},
        {"path": rf"{HOME}\Backup\{names[0]}", "size": 4096, "modified": "2026-11-22T09:00:00.000Z"},
    ]


@pytest.mark.parametrize("directive", ["backup.defaultFolder", "backup.config.default.repository.localDisk.path"])
def test_the_backup_folder_is_the_one_that_the_yml_names(directive: str) -> None:
    ymls = changed("ymls")
    ymls["items"][0]["text"] += f"{directive}: E:\\Copies\r\n"
    listed = {"items": [factories.backups(HOME + r"\Backup", "old.cdbbz"), factories.backups(r"E:\copies", "a.cdbbz")]}
    instance = factories.instance(factories.host({"ymls": ymls, "product_backups": listed}))
    assert [backup["path"] for backup in instance["product_backups"] or []] == [r"E:\Copies\a.cdbbz"]


def test_an_absent_backup_folder_is_empty_and_one_out_of_reach_is_unknown() -> None:
    absent: dict[str, Any] = {"path": HOME + r"\Backup", "exists": False}
    lost = {**absent, "error": {"code": "win32", "message": "The network path was not found."}}
    for items, wanted in (([absent], []), ([], []), ([lost], None)):
        facts = factories.host({"product_backups": {"items": items}})
        assert factories.instance(facts)["product_backups"] == wanted


def test_linked_files_by_version() -> None:
    versions = factories.host()["versions"]
    assert [version["linked_files"] for version in versions] == [
        {AGENT_LOGS: f"hash of {OLD}"},
        {AGENT_LOGS: f"hash of {NEW}"},
    ]


def test_what_is_asked_about_linked_files() -> None:
    asked = {query["id"]: query for query in queries.inspection({}, [r"D:\Versions"], r"D:\Backups", sizes=False)}
    assert asked["linked_files"] == {
        "id": "linked_files",
        "kind": "list",
        "paths": [
            r"%ProgramFiles%\Comindware\CBAP\*\data\Plugins\Agent",
            r"%ProgramFiles%\CMW Lab\CBAP\*\data\Plugins\Agent",
            r"D:\Versions\*\data\Plugins\Agent",
            {
                "from": "links",
                "select": "items[].entries[].target",
                "pattern": r"^(?<value>.+)\\\d+\.\d+\.\d+\.\d+(?:\\|$)",
                "append": r"*\data\Plugins\Agent",
            },
        ],
        "names": ["logs.config", "Agent.config"],
        "hash": True,
    }
