# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What inspection finds on hosts of every generation and brand."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from end_to_end.runs import OLD, MakeController


def facts_of(controller: MakeController, **instance: Any) -> dict[str, Any]:
    version = {"version": instance["version"], "brand": instance.get("brand", "Comindware")}
    control = controller({"versions": [version], "instances": [instance]})
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    run = control.inspect()
    assert run.status == 0, run.output
    assert before.differences(host.snapshot()) == []
    assert control.agent_calls() == {"query": 1}
    facts: dict[str, Any] = run.only("instance_info")["facts"]
    return facts


@pytest.mark.parametrize(
    ("version", "generation", "database"),
    [
        ("4.2.612.0", "registry", "Data"),
        ("4.4.643.0", "flat_yml", "Database"),
        ("4.7.23499.0", "flat_yml", "Database"),
        (OLD, "dotted_yml", "Database"),
    ],
)
def test_each_generation(controller: MakeController, version: str, generation: str, database: str) -> None:
    facts = facts_of(controller, name="sales", version=version)
    assert facts["problems"] == []
    (found,) = facts["instances"]
    assert found["generation"] == generation
    assert found["version"]["current"] == version and found["version"]["agree"], found["version"]
    assert found["problems"] == []
    home = r"C:\ProgramData\Comindware\Instances\sales"
    assert found["paths"]["config"].casefold() == (home + r"\Config").casefold()
    assert found["paths"]["database"].casefold() == (home + "\\" + database).casefold()
    assert found["sizes"]["database"]["files"] > 0
    assert {link["kind"] for link in found["links"]} == {"symlink_file", "symlink_directory"}
    assert all(link["version"] == version and not link["broken"] for link in found["links"])
    assert found["configuration_files"] and all(file["sha256"] for file in found["configuration_files"])


def test_the_second_brand(controller: MakeController) -> None:
    (found,) = facts_of(controller, name="sales", version=OLD, brand="CMW Lab")["instances"]
    assert found["brand"] == "CMW Lab" and found["problems"] == []
    assert found["site"]["name"] == "CMW Lab sales"


def test_a_cyrillic_name_and_long_paths_off_the_default_place(controller: MakeController) -> None:
    deep = "\\".join(["Отдел продаж и сопровождения клиентов"] * 7)
    facts = facts_of(controller, name="Продажи и сервис", version=OLD, root=f"D:\\{deep}")
    (found,) = facts["instances"]
    assert found["name"] == "Продажи и сервис" and found["problems"] == []
    assert len(found["links"][0]["path"]) > 259


def test_services_and_workers(controller: MakeController) -> None:
    (found,) = facts_of(controller, name="sales", version="4.7.23499.0", service=True)["instances"]
    assert [service["name"] for service in found["services"]] == ["comindwaresales"]


def test_prerequisites_backups_and_linked_files(controller: MakeController) -> None:
    control = controller({"versions": [OLD], "instances": [{"name": "sales", "version": OLD}]})
    host = control.fleet.hosts["app01"]
    microsoft = r"HKLM\SOFTWARE\Microsoft"
    host.registry.write(rf"{microsoft}\NET Framework Setup\NDP\v4\Full", {"Release": 533320})
    host.registry.write(
        rf"{microsoft}\Windows NT\CurrentVersion", {"CurrentBuildNumber": "20348", "ProductName": "Windows Server 2022"}
    )
    host.registry.write(rf"{microsoft}\InetStp", {"MajorVersion": 10})
    host.registry.write(rf"{microsoft}\InetStp\Components", {"WindowsAuthentication": 1, "WebDAV": 0})
    programs, home = r"C:\Program Files", r"C:\ProgramData\Comindware\Instances\sales"
    linked = r"data\Plugins\Agent\logs.config"
    for path, content in {
        rf"{programs}\dotnet\sdk\8.0.408\dotnet.dll": "",
        rf"{programs}\dotnet\shared\Microsoft.AspNetCore.App\8.0.15\a.dll": "",
        rf"{programs}\IIS\Asp.Net Core Module\V2\aspnetcorev2.dll": "",
        rf"{programs}\jdk\jdk-17\release": 'JAVA_VERSION="17.0.15"\n',
        rf"{programs}\Comindware\CBAP\{OLD}\{linked}": "abc",
        rf"{home}\Backup\Backup.202611221000.cdbbz": "PK",
    }.items():
        host.drives.write(path, content.encode())
    facts = control.inspect().only("instance_info")["facts"]
    assert facts["problems"] == []
    found = facts["prerequisites"]
    assert (found["windows_build"], found["windows_name"]) == (20348, "Windows Server 2022")
    assert (found["iis_major"], found["dotnet_framework_release"]) == (10, 533320)
    assert "WindowsAuthentication" in found["iis_components"] and "WebDAV" not in found["iis_components"]
    assert "8.0.408" in found["dotnet_sdks"] and "8.0.15" in found["aspnetcore_runtimes"] and found["aspnetcore_module"]
    assert found["java_version"] == "17.0.15"
    (version,) = facts["versions"]
    assert version["linked_files"][linked] == hashlib.sha256(b"abc").hexdigest()
    (backup,) = facts["instances"][0]["product_backups"]
    assert backup["path"].casefold() == rf"{home}\Backup\Backup.202611221000.cdbbz".casefold()
    assert backup["size"] == 2 and backup["modified"].endswith("Z")
    assert control.agent_calls() == {"query": 1}


def test_an_empty_host(controller: MakeController) -> None:
    control = controller({"versions": [], "instances": []})
    run = control.upgrade()
    assert run.status == 0, run.output
    assert run.only("instance_info")["facts"]["instances"] == []
