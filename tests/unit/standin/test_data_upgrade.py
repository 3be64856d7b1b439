# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from standin.host import Host
from standin.product.data import Data
from standin.testing import SALES, MakeHost, fetch, log, reconfigure, switch, wait_until

NEW, OLD = "5.0.24055.0", "5.0.13334.0"
POOL = "Comindware sales"


def data(host: Host) -> Data:
    return Data(host.drives.real(host.instance("sales").folder("data")))


def content(host: Host) -> dict[str, bytes]:
    folder = data(host).folder
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_the_first_start_of_newer_binaries_upgrades_the_data(host: Host) -> None:
    before = content(host)
    assert "Включен режим обслуживания" in switch(host, NEW).body
    assert (data(host).version, data(host).upgrading) == (NEW, None)
    changed = [name for name, text in content(host).items() if before.get(name) != text]
    assert any(name.endswith(".bin") for name in changed)
    assert log(host, "UpgradeOntology_").endswith("Upgrade of ontology completed successfully\r\n")
    assert log(host, "upgrade2").endswith("Upgrade completed\r\n")
    assert "ERROR" not in log(host, "upgrade2") + log(host, "UpgradeOntology_")
    assert f"Version: {NEW}\r\n" in log(host, "system_")


def test_the_service_mode_ends_with_the_login_of_an_administrator_and_not_with_a_restart(host: Host) -> None:
    switch(host, NEW)
    page = fetch(host, path="/Home/Login/?returnUrl=/")
    assert '<a href="/Home/Login/?mode=administrator">Войти как администратор</a>' in page.body
    assert fetch(host, path="/api/health").status == 503
    host.reboot()
    assert "Включен режим обслуживания" in fetch(host).body
    assert log(host, "system_").endswith("Maintenance mode is on\r\n")
    host.login("sales")
    assert fetch(host).status == 302
    assert fetch(host, path="/api/health").status == 200
    host.reboot()
    assert fetch(host).status == 302


def test_an_administrator_can_log_in_by_hand(host: Host) -> None:
    switch(host, NEW)
    assert fetch(host, path="/Home/Login/?mode=administrator").status == 200
    assert fetch(host, path="/Home/Login/?mode=administrator", method="POST").status == 302
    assert "Включен режим обслуживания" not in fetch(host, path="/Home/Login/").body


def test_the_service_mode_can_be_switched_off_and_has_a_settable_status(host: Host) -> None:
    host.product_behaviour("sales").service_mode_status = 503
    assert switch(host, NEW).status == 503


def test_without_service_mode_the_login_page_is_served(host: Host) -> None:
    host.product_behaviour("sales").service_mode = False
    assert switch(host, NEW).status == 302


def test_before_5_0_there_is_no_service_mode(make_host: MakeHost) -> None:
    host = make_host({**SALES, "version": "4.4.643.0"}, versions=["4.4.643.0", "4.7.23499.0"])
    reconfigure(host, "4.7.23499.0")
    assert switch(host, "4.7.23499.0").status == 302
    assert data(host).version == "4.7.23499.0"


def test_older_binaries_refuse_upgraded_data(host: Host) -> None:
    switch(host, NEW)
    page = switch(host, OLD)
    assert page.status == 500
    assert f"version {NEW}, which is newer than the binaries {OLD}" in log(host, "error_")
    assert switch(host, NEW).status == 200


def test_the_old_data_brings_the_old_version_back(host: Host) -> None:
    before = content(host)
    switch(host, NEW)
    host.iis.stop_pool(POOL)
    for name in content(host).keys() - before.keys():
        (data(host).folder / name).unlink()
    for name, text in before.items():
        (data(host).folder / name).write_bytes(text)
    assert switch(host, OLD).status == 302


@pytest.mark.parametrize("orderly", [True, False])
def test_an_upgrade_that_was_cut_off_leaves_data_that_only_newer_binaries_take(host: Host, orderly: bool) -> None:
    host.product_behaviour("sales").upgrade_seconds = 30
    host.iis.stop_pool(POOL)
    host.product_behaviour("sales").requests_wait = False
    assert switch(host, NEW).status == 503
    product = host.product("sales")
    assert product is not None
    wait_until(lambda: product.state == "upgrading")
    if orderly:
        host.iis.stop_pool(POOL)
    else:
        host.reboot()
        host.iis.stop_pool(POOL)
    assert (data(host).version, data(host).upgrading) == (OLD, NEW)
    host.product_behaviour("sales").upgrade_seconds = 0
    host.product_behaviour("sales").requests_wait = True
    assert switch(host, OLD).status == 500
    assert switch(host, NEW).status == 200
    assert (data(host).version, data(host).upgrading) == (NEW, None)


def test_an_upgrade_with_errors_lacks_the_words_of_success(host: Host) -> None:
    host.product_behaviour("sales").upgrade_errors = True
    switch(host, NEW)
    text = log(host, "upgrade2") + log(host, "UpgradeOntology_")
    assert "ERROR" in text and "error" in text
    assert "completed" not in text
    assert "[RED]" in log(host, "heartbeat_")


def test_nobody_can_log_in_to_what_does_not_run(host: Host) -> None:
    with pytest.raises(RuntimeError, match="has not been started"):
        host.login("sales")
    fetch(host)
    host.iis.stop_pool(POOL)
    with pytest.raises(RuntimeError, match="it is ended"):
        host.login("sales")
    with pytest.raises(KeyError, match="it has: sales"):
        host.login("nothing") if host.product("nothing") else host.instance("nothing")
