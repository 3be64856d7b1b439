# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Old products, played hop by hop: an administrator must finish an upgrade before the next."""

from __future__ import annotations

import fnmatch
import ntpath

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import verdict
from standin.host import Host
from standin.product.data import Data
from standin.testing import MakeHost, fetch, log, reconfigure, switch
from unit import factories
from unit.standin.behaviour import QUICK

OLDEST = "3.5.1030.0"
CHAIN = ["3.5.1058.0", "3.5.1076.0", "3.5.1100.0", "4.2.612.0", "4.7.23499.0", "5.0.24055.0"]
LOGIN_PAGE = "/Home/Login/?returnUrl=/"


@pytest.fixture
def old_host(make_host: MakeHost) -> Host:
    """An instance of 3.5 on a host that has every version up to 5.0."""
    instance = {"name": "sales", "version": OLDEST, "language": "en", "behaviour": QUICK}
    return make_host(instance, versions=[OLDEST, *CHAIN])


def data(host: Host) -> Data:
    return Data(host.drives.real(host.instance("sales").folder("data")))


def hop(host: Host, version: str) -> None:
    reconfigure(host, version)
    switch(host, version)


def state(host: Host) -> str:
    product = host.product("sales")
    assert product is not None
    return f"{product.state} {product.failure}".strip()


def test_the_whole_chain_is_playable_with_a_login_after_every_hop(old_host: Host) -> None:
    seen = []
    for version in CHAIN:
        hop(old_host, version)
        seen.append(state(old_host))
        assert data(old_host).version == version
        assert old_host.running_version("sales") == version
        old_host.login("sales")
        assert (state(old_host), data(old_host).initialised) == ("running", True)
    assert seen == ["waiting", "waiting", "waiting", "waiting", "running", "service mode"]
    assert log(old_host, "audit_").count("admin: login") == len(CHAIN)


def test_3_5_has_its_settings_in_the_registry_its_data_in_data_and_one_pool(old_host: Host) -> None:
    instance = old_host.instance("sales")
    assert instance.generation == "registry"
    assert instance.folder("data") == r"C:\ProgramData\Comindware\Instances\sales\Data"
    assert old_host.registry.value(instance.registry_key, "DatabasePath") == instance.folder("data")
    assert not old_host.drives.exists(instance.yml)
    assert instance.pool_names == ["Comindware sales"]
    assert fetch(old_host).status == 302
    assert data(old_host).index is None


def test_nothing_outside_shows_that_the_prompts_wait_for_an_administrator(old_host: Host) -> None:
    fetch(old_host)
    before = [fetch(old_host, path=path) for path in (LOGIN_PAGE, "/", "/webapi/Heartbeat/IsAlive", "/api/health")]
    hop(old_host, "3.5.1058.0")
    after = [fetch(old_host, path=path) for path in (LOGIN_PAGE, "/", "/webapi/Heartbeat/IsAlive", "/api/health")]
    assert [(page.status, page.body) for page in after] == [(page.status, page.body) for page in before]
    assert after[0].status == 200 and "режим обслуживания" not in after[0].body
    assert "Maintenance" not in log(old_host, "system_")
    assert (data(old_host).version, data(old_host).initialised) == ("3.5.1058.0", False)


def test_the_prompts_still_wait_after_a_reboot_and_end_with_a_login_by_hand(old_host: Host) -> None:
    hop(old_host, "3.5.1058.0")
    old_host.reboot()
    fetch(old_host)
    assert state(old_host) == "waiting"
    assert fetch(old_host, path="/Home/Login/", method="POST").status == 302
    assert (state(old_host), data(old_host).initialised) == ("running", True)
    assert log(old_host, "audit_").count("admin: login") == 1


@pytest.mark.parametrize(("reached", "wanted"), [("3.5.1058.0", "3.5.1076.0"), ("4.2.612.0", "4.7.23499.0")])
def test_newer_binaries_refuse_data_whose_upgrade_nobody_finished(old_host: Host, reached: str, wanted: str) -> None:
    for version in CHAIN[: CHAIN.index(reached)]:
        hop(old_host, version)
        old_host.login("sales")
    hop(old_host, reached)
    hop(old_host, wanted)
    assert state(old_host) == (
        rf"failed the upgrade of the data in C:\ProgramData\Comindware\Instances\sales\Data to {reached} was never "
        rf"finished by an administrator: start {reached}, log in and press Next to the end"
    )
    assert fetch(old_host).status == 500
    assert data(old_host).version == reached
    hop(old_host, reached)
    old_host.login("sales")
    hop(old_host, wanted)
    assert data(old_host).version == wanted


@pytest.mark.parametrize("wanted", ["3.5.1076.0", "3.5.1100.0", "4.2.612.0", "4.7.23499.0", "5.0.24055.0"])
def test_a_mandatory_build_cannot_be_left_out(old_host: Host, wanted: str) -> None:
    hop(old_host, wanted)
    assert state(old_host) == (
        rf"failed the data in C:\ProgramData\Comindware\Instances\sales\Data has version {OLDEST}, which {wanted} cannot "
        "upgrade: 3.5.1058 or a later build before the next mandatory one must upgrade it first"
    )
    assert data(old_host).version == OLDEST


def test_3_5_1100_cannot_go_past_4_2(make_host: MakeHost) -> None:
    instance = {"name": "sales", "version": "3.5.1100.0", "behaviour": QUICK}
    host = make_host(instance, versions=["3.5.1100.0", *CHAIN[3:]])
    hop(host, "4.7.23499.0")
    assert "which 4.7.23499.0 cannot upgrade: 4.2 or a later build" in state(host)
    hop(host, "4.2.612.0")
    assert state(host) == "waiting"


def test_4_2_gets_its_search_index_when_an_administrator_finishes_the_upgrade(old_host: Host) -> None:
    indices = []
    for version in CHAIN[:5]:
        hop(old_host, version)
        old_host.login("sales")
        indices.append(data(old_host).index)
    assert indices == [None, None, None, "cmwsales", "cmwsales"]


def test_the_wait_can_be_switched_off(old_host: Host) -> None:
    old_host.product_behaviour("sales").service_mode = False
    hop(old_host, "3.5.1058.0")
    assert (state(old_host), data(old_host).initialised) == ("running", True)


def test_the_log_of_the_upgrade_has_no_date_before_4_4_and_the_verdict_reads_it(old_host: Host) -> None:
    hop(old_host, "3.5.1058.0")
    logs = old_host.drives.real(old_host.instance("sales").folder("logs"))
    (file,) = [path for path in logs.iterdir() if path.name.lower().startswith("up")]
    assert file.name == "upgrade.log"
    text = file.read_text(encoding="utf-8")
    assert text.endswith("systemAccount Upgrade completed\n")
    asked = verdict.queries(factories.instance(factories.host()), Version.parse("3.5.1058.0"))
    (question,) = [query for query in asked if query["id"] == "upgrade_logs"]
    assert any(fnmatch.fnmatch(file.name, ntpath.basename(path)) for path in question["paths"])


def test_the_log_of_an_upgrade_with_errors_before_4_4(old_host: Host) -> None:
    old_host.product_behaviour("sales").upgrade_errors = True
    hop(old_host, "3.5.1058.0")
    assert " ERROR " in log(old_host, "upgrade") and "completed" not in log(old_host, "upgrade")
