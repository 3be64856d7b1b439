# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lies around instances: prerequisites, backups of the product, the search server."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from standin.fleet import Fleet
from standin.host import Host
from standin.prerequisites import IIS_COMPONENTS
from standin.testing import SALES, MakeHost

MICROSOFT = r"HKLM\SOFTWARE\Microsoft"
ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
BACKUP = r"C:\ProgramData\Comindware\Instances\sales\Backup"
DOTNET = r"C:\Program Files\dotnet"
MODULE = r"C:\Program Files\IIS\Asp.Net Core Module\V2\aspnetcorev2.dll"


def java_release(host: Host) -> str:
    home = str(host.registry.value(ENVIRONMENT, "JAVA_HOME"))
    match = re.search('JAVA_VERSION="(.*)"', host.drives.real(rf"{home}\release").read_text(encoding="utf-8"))
    assert match
    return match[1]


def test_a_host_has_what_5_0_needs_unless_told_otherwise(host: Host) -> None:
    read = host.registry.value
    assert read(rf"{MICROSOFT}\NET Framework Setup\NDP\v4\Full", "Release") == 533320
    assert read(rf"{MICROSOFT}\Windows NT\CurrentVersion", "CurrentBuildNumber") == "20348"
    assert read(rf"{MICROSOFT}\Windows NT\CurrentVersion", "ProductName") == "Windows Server 2022 Standard"
    assert read(rf"{MICROSOFT}\InetStp", "MajorVersion") == 10
    assert host.registry.read(rf"{MICROSOFT}\InetStp\Components") == dict.fromkeys(IIS_COMPONENTS, 1)
    for folder in (
        r"sdk\8.0.408",
        r"shared\Microsoft.AspNetCore.App\8.0.15",
        r"shared\Microsoft.AspNetCore.App\6.0.36",
    ):
        assert host.drives.real(rf"{DOTNET}\{folder}").is_dir()
    assert host.drives.exists(MODULE)
    assert java_release(host) == "17.0.12"
    assert host.drives.exists(str(read(ENVIRONMENT, "JAVA_HOME_DLL")))


@pytest.mark.parametrize("none", [None, []])
def test_a_host_may_lack_everything(make_host: MakeHost, none: list[str] | None) -> None:
    absent = {
        "dotnet_framework_release": None,
        "dotnet_sdks": none,
        "aspnetcore": none,
        "java": None,
        "iis_components": none,
    }
    host = make_host(prerequisites={"windows_build": 17763, **absent})
    assert host.registry.read(rf"{MICROSOFT}\NET Framework Setup\NDP\v4\Full") is None
    assert host.registry.read(rf"{MICROSOFT}\InetStp\Components") == {}
    assert host.registry.read(rf"{MICROSOFT}\Windows NT\CurrentVersion") == {
        "ProductName": "Windows Server 2019 Standard",
        "CurrentBuildNumber": "17763",
    }
    assert not host.drives.exists(DOTNET) and not host.drives.exists(MODULE)
    assert not host.drives.exists(r"C:\Program Files\jdk")
    assert set(host.registry.read(ENVIRONMENT) or {}) == {"JAVA_OPTS", "JVM_OPTS"}


def test_one_prerequisite_can_be_another_and_an_unknown_one_is_refused(make_host: MakeHost) -> None:
    host = make_host(prerequisites={"java": "11.0.2", "dotnet_sdks": ["6.0.428", "8.0.100"]})
    assert sorted(path.name for path in host.drives.real(rf"{DOTNET}\sdk").iterdir()) == ["6.0.428", "8.0.100"]
    assert java_release(host) == "11.0.2"
    with pytest.raises(TypeError, match="perl"):
        make_host(prerequisites={"perl": "5"})


def backups(host: Host) -> list[Path]:
    return sorted(host.drives.real(BACKUP).iterdir())


def test_no_backup_of_the_product_is_there_unless_asked_for(host: Host) -> None:
    assert backups(host) == []


def test_an_instance_can_come_with_a_backup_of_some_age(make_host: MakeHost) -> None:
    host = make_host({**SALES, "product_backup_hours": 2})
    (archive,) = backups(host)
    match = re.fullmatch(r"Backup\.(\d{12})\.cdbbz", archive.name)
    assert match
    wanted = datetime.now().astimezone() - timedelta(hours=2)
    named = datetime.strptime(match[1], "%Y%m%d%H%M").astimezone()
    assert abs(named - wanted) < timedelta(minutes=3)
    assert abs(archive.stat().st_mtime - wanted.timestamp()) < 120


def test_a_backup_holds_the_database_the_scripts_and_the_files(host: Host) -> None:
    path = host.product_backup("sales", age_hours=30)
    assert path.startswith(BACKUP + "\\")
    (archive,) = backups(host)
    with zipfile.ZipFile(archive) as content:
        names = content.namelist()
        assert content.testzip() is None
        assert content.read("Database/db/ontology.version") == b"5.0.13334.0"
    assert {name.partition("/")[0] for name in names} == {"Database", "Scripts", "Streams"}
    assert "Scripts/Script1.cs" in names and "Streams/2026/вложение 1.txt" in names


def test_a_person_can_have_a_backup_made(host: Host) -> None:
    answer = host.run("#backup", ["sales", "5"])
    assert (answer.exit_code, len(backups(host))) == (0, 1)
    assert answer.stdout.decode().startswith(rf"made {BACKUP}\Backup.")
    assert host.run("#backup", ["sales"]).exit_code == 0
    assert len(backups(host)) == 2
    assert b"no instance 'x'" in host.run("#backup", ["x"]).stderr
    assert b"usage: backup INSTANCE" in host.run("#backup", []).stderr


def address(host: Host, name: str = "sales") -> str:
    text = host.drives.real(host.instance(name).yml).read_text(encoding="utf-8")
    match = re.search(r"(?m)^(?:journal\.server|elasticsearchUri): (\S+)$", text)
    assert match
    return match[1]


def ask(url: str) -> tuple[int, object]:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.parametrize("version", ["4.4.643.0", "4.7.23499.0", "5.0.13334.0"])
def test_the_search_server_answers_at_the_address_of_the_configuration(make_host: MakeHost, version: str) -> None:
    host = make_host({**SALES, "version": version}, versions=[version])
    status, page = ask(address(host))
    assert isinstance(page, dict)
    assert (status, page["version"]["number"], page["version"]["distribution"]) == (200, "2.18.0", "opensearch")
    assert ask(address(host) + "/_cluster/health")[0] == 200
    assert ask(address(host) + "/cmwsales")[0] == 404


def test_a_search_server_may_be_out_of_reach(make_host: MakeHost) -> None:
    host = make_host(search_server=False)
    with pytest.raises(urllib.error.URLError, match="refused"):
        ask(address(host))


def test_a_fleet_has_one_search_server_which_runs_as_long_as_the_fleet(tmp_path: Path, cache: Path) -> None:
    one = {"versions": ["5.0.13334.0"], "instances": [SALES]}
    fleet = Fleet.create(tmp_path / "fleet", {"hosts": {"app01": one, "app02": one}}, cache)
    addresses = {address(host) for host in fleet.hosts.values()}
    assert len(addresses) == 1
    for running in (fleet, Fleet.load(tmp_path / "fleet")):
        with running:
            assert ask(*addresses)[0] == 200
            running.hosts["app01"].reboot()
            assert ask(*addresses)[0] == 200
        with pytest.raises(urllib.error.URLError, match="refused"):
            ask(*addresses)
