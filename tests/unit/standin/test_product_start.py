# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from standin.host import Host
from standin.product.versions import LINKED, install_version, make_links
from standin.testing import SALES, MakeHost, fetch, log, relink
from standin.windows.paths import LinkKind

CONFIG = r"C:\ProgramData\Comindware\Instances\sales\Config"
YML = r"C:\ProgramData\comindware\configs\instance\sales.yml"
VERSIONS = r"C:\Program Files\Comindware\CBAP"


def failure(host: Host) -> str:
    """The reason of a failed start, which is a 500 and a record in the error log."""
    page = fetch(host)
    product = host.product("sales")
    assert product is not None
    assert (page.status, product.state) == (500, "failed")
    assert product.failure in log(host, "error_")
    assert log(host, "system_").endswith("Core is loading\r\n")
    return product.failure


def test_a_start_serves_the_login_page_and_writes_the_start_up_record(host: Host) -> None:
    page = fetch(host)
    assert (page.status, page.headers["Location"]) == (302, "/Home/Login/?returnUrl=/")
    assert fetch(host, path="/Home/Login/?returnUrl=/").status == 200
    assert fetch(host, path="/api/health").status == 200
    record = log(host, "system_")
    assert "INFO 00000000-0000-0000-0000-000000000000 systemAccount Core is loading\r\n" in record
    assert "Comindware Platform has started.\r\nSystem information:\r\n" in record
    assert "\r\nVersion: 5.0.13334.0\r\nConfig path: " + CONFIG in record
    assert "[GREEN]" in log(host, "heartbeat_")


def test_the_record_is_in_the_language_of_the_instance(make_host: MakeHost) -> None:
    host = make_host({**SALES, "language": "ru"})
    fetch(host)
    assert "Экземпляр Comindware Platform запущен.\r\nСистемная информация:" in log(host, "system_")
    assert "\r\nВерсия: 5.0.13334.0\r\n" in log(host, "system_")


def test_the_version_is_that_of_the_assembly_and_not_of_the_folder(make_host: MakeHost) -> None:
    host = make_host(versions=[{"version": "5.0.13334.0", "assembly": "5.0.24055.0"}])
    fetch(host)
    assert "Version: 5.0.24055.0" in log(host, "system_")


@pytest.mark.parametrize("name", list(LINKED))
def test_a_missing_link_fails_the_start(host: Host, name: str) -> None:
    host.drives.linux(rf"{CONFIG}\{name}").unlink()
    assert rf"{CONFIG}\{name} does not exist" in failure(host)


def test_a_broken_link_fails_the_start(host: Host) -> None:
    relink(host, "5.0.99999.0", "resources")
    assert r"5.0.99999.0\resources, which does not exist" in failure(host)


@pytest.mark.parametrize("name", ["bin", "robots.txt"])
def test_links_to_several_versions_fail_the_start(host: Host, name: str) -> None:
    relink(host, "5.0.24055.0", name)
    reason = failure(host)
    assert "lead to several versions" in reason
    assert rf"{name} -> {VERSIONS}\5.0.24055.0" in reason


@pytest.mark.parametrize(("name", "kind"), [("bin", LinkKind.FILE), ("robots.txt", LinkKind.DIRECTORY)])
def test_a_link_of_the_wrong_kind_fails_the_start(host: Host, name: str, kind: LinkKind) -> None:
    relink(host, "5.0.13334.0", name, kind=kind)
    assert rf"the link {CONFIG}\{name} is a link to" in failure(host)


def test_a_copy_in_place_of_a_link_fails_the_start(host: Host) -> None:
    host.drives.linux(rf"{CONFIG}\robots.txt").unlink()
    host.drives.write(rf"{CONFIG}\robots.txt", b"")
    assert "robots.txt is no link" in failure(host)


def test_junctions_to_folders_are_as_good_as_symbolic_links(host: Host) -> None:
    directories = [name for name, kind in LINKED.items() if kind is LinkKind.DIRECTORY]
    relink(host, "5.0.13334.0", *directories, kind=LinkKind.JUNCTION)
    assert fetch(host).status == 302


def test_a_version_without_a_readable_assembly_fails_the_start(host: Host) -> None:
    host.drives.real(rf"{VERSIONS}\5.0.13334.0\bin\Comindware.Platform.Core.dll").write_bytes(b"MZ")
    assert "Could not load file or assembly" in failure(host)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("configPath: C:", "configPath: D:", "but the site runs in"),
        ("db.workDir: C:", "db.workDir: D:", "does not exist"),
        ("clusterName:", "clusterName: [", "cannot be read"),
    ],
)
def test_a_wrong_instance_configuration_fails_the_start(host: Host, old: str, new: str, reason: str) -> None:
    file = host.drives.real(YML)
    file.write_bytes(file.read_bytes().replace(old.encode(), new.encode()))
    assert reason in failure(host)


def test_a_missing_instance_configuration_fails_the_start(host: Host) -> None:
    host.drives.real(YML).unlink()
    assert "does not exist" in failure(host)


@pytest.mark.parametrize("content", [None, b"<configuration>"])
def test_a_missing_or_malformed_web_config_fails_the_start(host: Host, content: bytes | None) -> None:
    file = host.drives.real(rf"{CONFIG}\Web.config")
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert "Web.config" in failure(host)


def test_a_failed_start_stays_failed_until_the_pool_is_stopped(host: Host) -> None:
    relink(host, "5.0.24055.0", "bin")
    failure(host)
    relink(host, "5.0.13334.0", "bin")
    assert fetch(host).status == 500
    host.iis.stop_pool("Comindware sales")
    host.iis.start_pool("Comindware sales")
    assert fetch(host).status == 302


def test_a_running_worker_keeps_the_old_version_until_it_is_stopped(host: Host) -> None:
    fetch(host)
    relink(host, "5.0.24055.0")
    product = host.product("sales")
    assert fetch(host).status == 302
    assert product is not None and product.version == "5.0.13334.0"
    assert r"5.0.13334.0\bin\Comindware.Platform.Core.dll" in (host.folder / "held").read_text(encoding="utf-8")


def test_faults_on_request(host: Host) -> None:
    host.product_behaviour("sales").failing_health = True
    assert fetch(host, path="/api/health").status == 500
    host.product_behaviour("sales").failing_versions = ["5.0.13334.0"]
    host.reboot()
    assert "Could not start the core of version 5.0.13334.0" in failure(host)


def test_requests_during_the_start_get_503_if_asked(make_host: MakeHost) -> None:
    host = make_host({**SALES, "behaviour": {"start_seconds": 0.2, "requests_wait": False}})
    assert fetch(host).status == 503
    product = host.product("sales")
    assert product is not None and product.wait() == "running"
    assert fetch(host).status == 302


@pytest.mark.parametrize(
    ("version", "generation"),
    [("4.2.612.0", "registry"), ("4.4.643.0", "yml_4_4"), ("4.7.23499.0", "yml_4_7"), ("5.0.13334.0", "yml_5_0")],
)
@pytest.mark.parametrize("brand", ["Comindware", "CMW Lab"])
def test_every_generation_and_brand_starts(make_host: MakeHost, version: str, generation: str, brand: str) -> None:
    instance = {"name": "Отдел продаж", "version": version, "brand": brand, "root": r"D:\Данные 1\Продажи"}
    host = make_host(instance, versions=[{"version": version, "brand": brand}])
    assert host.instance("Отдел продаж").generation == generation
    assert fetch(host, "отдел ПРОДАЖ").status == 302
    assert f"Версия: {version}" in log(host, "system_", "Отдел продаж")
    assert host.drives.exists(rf"C:\ProgramData\{brand}\configs\instance\Отдел продаж.yml") == (
        generation != "registry"
    )
    assert fetch(host, "Отдел продаж", "/api/health").status == (200 if generation == "yml_5_0" else 404)


def test_windows_authentication_answers_negotiate(make_host: MakeHost) -> None:
    host = make_host({**SALES, "authentication": "negotiate"})
    page = fetch(host)
    assert (page.status, page.headers["WWW-Authenticate"]) == (401, "Negotiate")
    assert fetch(host, Authorization="Negotiate x").status == 302


def test_two_instances_share_a_version_folder(make_host: MakeHost) -> None:
    host = make_host(SALES, {**SALES, "name": "hr", "port": 0})
    assert [fetch(host, name).status for name in ("sales", "hr")] == [302, 302]
    host.iis.stop_pool("Comindware sales")
    assert [fetch(host, name).status for name in ("sales", "hr")] == [503, 302]


def test_links_made_by_the_installer_are_complete(host: Host) -> None:
    folder = install_version(host.drives, host._surroundings._assemblies, "Comindware", "5.0.24055.0")
    host.drives.make_directory(r"D:\Config")
    make_links(host.drives, r"D:\Config", folder)
    assert {name: host.drives.link(rf"D:\Config\{name}") for name in LINKED} == {
        name: (kind, rf"{folder}\{name}") for name, kind in LINKED.items()
    }


def test_iis_may_know_the_folder_by_a_variable_and_links_may_be_junctions(make_host: MakeHost) -> None:
    path = r"%programdata%\Comindware\Instances\SALES\config"
    host = make_host({**SALES, "physical_path": path, "junctions": True})
    assert host.drives.link(rf"{CONFIG}\bin") == (LinkKind.JUNCTION, rf"{VERSIONS}\5.0.13334.0\bin")
    assert fetch(host).status == 302
