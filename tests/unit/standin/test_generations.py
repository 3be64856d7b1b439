# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What binaries of each generation refuse of an instance's configuration."""

from __future__ import annotations

import re

import pytest
from standin.host import Host
from standin.product.data import Data
from standin.testing import MakeHost, fetch, reconfigure, switch
from unit.standin.behaviour import QUICK

V44, V47, V50, NEW = "4.4.643.0", "4.7.23499.0", "5.0.13334.0", "5.0.24055.0"
CONFIG = r"C:\ProgramData\Comindware\Instances\sales\Config"
DATABASE = r"C:\ProgramData\Comindware\Instances\sales\Database"
YML = r"C:\ProgramData\comindware\configs\instance\sales.yml"
VERSIONS = ["4.2.612.0", V44, "4.6.1139.0", "4.6.1140.0", V47, V50, NEW]


def make(make_host: MakeHost, version: str, name: str = "sales") -> Host:
    instance = {"name": name, "version": version, "language": "en", "behaviour": QUICK}
    return make_host(instance, versions=VERSIONS)


def edit(host: Host, old: str, new: str, path: str = YML) -> None:
    file = host.drives.real(path)
    text = file.read_bytes().decode("utf-8")
    assert re.search(old, text), f"{path} has no {old}"
    file.write_bytes(re.sub(old, lambda match: new, text).encode())


def failure(host: Host, name: str = "sales") -> str:
    page = fetch(host, name)
    product = host.product(name)
    assert product is not None
    assert (page.status, product.state) == (500, "failed"), product.state
    return product.failure


@pytest.mark.parametrize("version", VERSIONS)
def test_an_instance_as_created_starts(make_host: MakeHost, version: str) -> None:
    host = make(make_host, version, "Отдел продаж")
    assert fetch(host, "Отдел продаж").status == 302


def test_4_4_reads_an_yml_and_not_the_registry(make_host: MakeHost) -> None:
    host = make(make_host, "4.2.612.0")
    switch(host, V44)
    assert failure(host) == f"the instance configuration {YML} does not exist"


def test_4_2_reads_the_registry_whatever_an_yml_says(make_host: MakeHost) -> None:
    host = make(make_host, "4.2.612.0")
    host.drives.write(YML, b"configPath: nowhere\r\n")
    assert fetch(host).status == 302


def test_4_4_needs_the_path_of_its_database(make_host: MakeHost) -> None:
    host = make(make_host, V44)
    edit(host, "databasePath", "db.workDir")
    assert failure(host) == f"{YML} has no databasePath, which {V44} needs"


def test_up_to_4_6_1139_the_old_storage_directives_are_read(make_host: MakeHost) -> None:
    host = make(make_host, V44)
    assert switch(host, "4.6.1139.0").status == 302


@pytest.mark.parametrize(
    ("directive", "new"),
    [
        ("streamsPath", "userStorage.type and userStorage.localDisk.path"),
        ("tempPath", "tempStorage.type and tempStorage.localDisk.path"),
        (
            "backupPath",
            "backup.config.default.repository.type and backup.config.default.repository.localDisk.path",
        ),
    ],
)
@pytest.mark.parametrize("version", ["4.6.1140.0", V47])
def test_from_4_6_1140_the_old_storage_directives_must_be_rewritten(
    make_host: MakeHost, version: str, directive: str, new: str
) -> None:
    host = make(make_host, version)
    edit(host, r"\Z", f"{directive}: D:\\old\r\n")
    assert failure(host) == f"{YML} still has {directive}, which must be rewritten as {new} for {version}"


def test_an_yml_of_4_4_is_refused_by_4_7_until_it_is_rewritten(make_host: MakeHost) -> None:
    host = make(make_host, V44)
    switch(host, V47)
    assert "must be rewritten" in failure(host)
    reconfigure(host, V47)
    assert switch(host, V47).status == 302


@pytest.mark.parametrize(
    "directive",
    [
        "configPath",
        "databasePath",
        "instanceName",
        "userStorage.type",
        "userStorage.localDisk.path",
        "tempStorage.type",
        "tempStorage.localDisk.path",
    ],
)
def test_what_4_7_needs(make_host: MakeHost, directive: str) -> None:
    host = make(make_host, V47)
    edit(host, rf"(?m)^{re.escape(directive)}:.*\n", "")
    assert failure(host) == f"{YML} has no {directive}, which {V47} needs"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "instanceName: sales",
            "instanceName: Sales",
            f"instanceName of {YML} is 'Sales', but the instance is 'sales'",
        ),
        (
            "databaseName: sales",
            "databaseName: crm",
            f"{YML} names the database 'crm', but the one in {DATABASE} is 'sales'",
        ),
        ("userStorage.type: LocalDisk", "userStorage.type: Disk", f"userStorage.type of {YML} is 'Disk'; there are"),
        ("Streams", "Uploads", r"Instances\\sales\\Uploads' of userStorage in"),
        (r"databasePath: C:\\", r"databasePath: C:/", "does not exist"),
        ("databasePath: .*", "databasePath: nowhere", f"the database folder 'nowhere' of {YML} does not exist"),
        ("configName: sales", "instanceName: sales", f"{YML} has instanceName twice"),
    ],
)
def test_what_4_7_refuses(make_host: MakeHost, old: str, new: str, reason: str) -> None:
    host = make(make_host, V47)
    edit(host, old, new)
    assert reason in failure(host)


def test_an_yml_of_4_7_is_refused_by_5_0_until_it_is_rewritten(make_host: MakeHost) -> None:
    host = make(make_host, V47)
    switch(host, NEW)
    assert failure(host) == f"{YML} still has isFederationAuthEnabled, which must be removed for {NEW}"
    edit(host, "isFederationAuthEnabled: 0\r\n", "")
    host.reboot()
    assert failure(host) == f"{YML} still has manageAdapterHost, which must be removed for {NEW}"
    edit(host, "manageAdapterHost: true\r\n", "")
    renamed = {
        "instanceName": "clusterName",
        "databasePath": "db.workDir",
        "databaseName": "db.name",
        "elasticsearchUri": "journal.server",
        "kafkaBootstrapServer": "mq.server",
    }
    for old, new in renamed.items():
        host.reboot()
        assert failure(host) == f"{YML} has no {new}, which {NEW} needs; {old} is there, which {NEW} does not read"
        edit(host, f"{old}:", f"{new}:")
    host.reboot()
    assert "Включен режим обслуживания" in fetch(host).body


def test_old_names_beside_the_new_ones_do_no_harm(make_host: MakeHost) -> None:
    host = make(make_host, NEW)
    edit(host, r"\Z", "databasePath: D:\\old\r\ninstanceName: old\r\nkafkaBootstrapServer: 127.0.0.1:1\r\n")
    assert fetch(host).status == 302


@pytest.mark.parametrize(
    "directive",
    [
        "clusterName",
        "configPath",
        "db.workDir",
        "db.name",
        "journal.server",
        "userStorage.type",
        "tempStorage.localDisk.path",
    ],
)
def test_what_5_0_needs(make_host: MakeHost, directive: str) -> None:
    host = make(make_host, V50)
    edit(host, rf"(?m)^{re.escape(directive)}:.*\n", "")
    assert failure(host) == f"{YML} has no {directive}, which {V50} needs"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("clusterName: sales", "clusterName: crm", f"clusterName of {YML} is 'crm', but the instance is 'sales'"),
        ("db.name: sales", "db.name: crm", f"{YML} names the database 'crm', but the one in {DATABASE} is 'sales'"),
        ("mq.enabled: true", "mq.server: 127.0.0.1:9092", f"{YML} has mq.server twice"),
    ],
)
def test_what_5_0_refuses(make_host: MakeHost, old: str, new: str, reason: str) -> None:
    host = make(make_host, NEW)
    edit(host, old, new)
    assert failure(host) == reason


@pytest.mark.parametrize(
    ("file", "directive", "shared"),
    [
        ("adapterhost.yml", "clusterName", "clusterName"),
        ("adapterhost.yml", "mq.server", "mq.server"),
        ("adapterhost.yml", "mq.group", "mq.group"),
        ("adapterhost.yml", "mq.node", "mq.node"),
        ("apigateway.yml", "cluster.name", "clusterName"),
        ("apigateway.yml", "mq.server", "mq.server"),
        ("apigateway.yml", "mq.group", "mq.group"),
        ("apigateway.yml", "mq.node", "mq.node"),
    ],
)
def test_the_three_files_of_5_0_must_agree(make_host: MakeHost, file: str, directive: str, shared: str) -> None:
    host = make(make_host, NEW)
    path = rf"{CONFIG}\{file}"
    edit(host, rf"(?m)^{re.escape(directive)}: .*\r$", f"{directive}: another\r", path)
    reason = failure(host)
    assert reason.startswith(f"{directive} of {path} is 'another', but {shared} of {YML} is ")
    assert reason.endswith("; they must be equal")
    edit(host, rf"(?m)^{re.escape(directive)}: another\r\n", "", path)
    host.reboot()
    assert fetch(host).status == 302


def test_the_three_files_are_not_compared_before_5_0(make_host: MakeHost) -> None:
    host = make(make_host, V47)
    host.drives.write(rf"{CONFIG}\adapterhost.yml", b"mq.server: elsewhere\r\n")
    assert fetch(host).status == 302


def index(host: Host) -> str | None:
    return Data(host.drives.real(DATABASE)).index


def test_without_its_prefix_the_search_index_is_silently_lost(make_host: MakeHost) -> None:
    host = make(make_host, V50)
    fetch(host)
    assert index(host) == "erp_sales"
    assert "Включен режим обслуживания" in switch(host, NEW).body
    assert index(host) == "cmwsales"


def test_with_its_prefix_the_search_index_is_kept(make_host: MakeHost) -> None:
    host = make(make_host, V50)
    edit(host, r"\Z", "journal.name: erp_sales\r\n")
    assert "Включен режим обслуживания" in switch(host, NEW).body
    assert index(host) == "erp_sales"


def test_before_the_prefix_moved_to_the_yml_nobody_reads_it_there(make_host: MakeHost) -> None:
    host = make(make_host, V50)
    edit(host, r"\Z", "journal.name: other\r\n")
    fetch(host)
    assert index(host) == "erp_sales"


def test_a_prefix_that_nobody_chose_has_only_letters_that_the_search_server_takes(make_host: MakeHost) -> None:
    host = make(make_host, NEW, "Отдел 7")
    yml = host.instance("Отдел 7").yml
    assert "journal.name: erp_______7\r\n" in host.drives.real(yml).read_bytes().decode()
    edit(host, "journal.name: .*\r\n", "", yml)
    fetch(host, "Отдел 7")
    assert Data(host.drives.real(host.instance("Отдел 7").folder("data"))).index == "cmw______7"
