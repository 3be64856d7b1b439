# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import socket
import threading
import time

import pytest
from standin.host import Host
from standin.product import application
from standin.testing import SALES, MakeHost, fetch, wait_until
from standin.windows.win32 import Win32Error

POOL = "Comindware sales"
BIN = r"C:\Program Files\Comindware\CBAP\5.0.13334.0\bin"


def held(host: Host, pid: int) -> list[str]:
    lines = (host.folder / "held").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[2] for line in lines if line.startswith(f"{pid}\tw3wp.exe\t")]


def worker_of(host: Host, pool: str = POOL) -> int:
    worker = host.iis.pools.worker(pool)
    assert worker is not None
    return worker.pid


def test_a_worker_starts_at_the_first_request_and_holds_binaries_and_data(host: Host) -> None:
    assert not [worker for worker in host.iis.pools.workers() if worker.pool == POOL]
    fetch(host)
    pid = worker_of(host)
    assert rf"{BIN}\Comindware.Platform.Core.dll" in held(host, pid)
    assert r"C:\ProgramData\Comindware\Instances\sales\Database" in held(host, pid)


def test_an_always_running_pool_has_a_worker_at_once(host: Host) -> None:
    pools = {worker.pool: worker.pid for worker in host.iis.pools.workers()}
    assert set(pools) == {f"{POOL}_adapterhost", f"{POOL}_apigateway"}
    assert rf"{BIN}\Comindware.ApiGateway.dll" in held(host, pools[f"{POOL}_apigateway"])


def test_a_pool_is_stopping_for_a_while_and_keeps_its_files_until_it_is_stopped(host: Host) -> None:
    pid = worker_of(host)
    host.behaviour.stop_blocks = False
    host.pool_behaviour(POOL).stop_seconds = 0.2
    host.iis.stop_pool(POOL)
    assert host.iis.pool_state(POOL) == "Stopping"
    assert held(host, pid)
    for act in (host.iis.stop_pool, host.iis.start_pool):
        with pytest.raises(Win32Error) as caught:
            act(POOL)
        assert caught.value.code == 1061
    wait_until(lambda: host.iis.pool_state(POOL) == "Stopped")
    assert not held(host, pid)
    assert host.processes.get(pid) is None


def test_a_blocking_stop_returns_when_the_pool_is_stopped(host: Host) -> None:
    worker_of(host)
    host.pool_behaviour(POOL).stop_seconds = 0.2
    begin = time.monotonic()
    host.iis.stop_pool(POOL)
    assert time.monotonic() - begin >= 0.2
    assert host.iis.pool_state(POOL) == "Stopped"


def test_a_pool_without_a_worker_stops_at_once(host: Host) -> None:
    host.pool_behaviour(POOL).stop_seconds = 60
    host.iis.stop_pool(POOL)
    assert host.iis.pool_state(POOL) == "Stopped"


def test_a_pool_that_never_stops_outlasts_its_limit(host: Host) -> None:
    pid = worker_of(host)
    host.pool_behaviour(POOL).never_stops = True
    pool = host.iis.configuration.pool(POOL)
    assert pool is not None
    pool.shutdown_time_limit_seconds = 0
    host.iis.stop_pool(POOL)
    time.sleep(0.1)
    assert host.iis.pool_state(POOL) == "Stopping"
    assert held(host, pid)
    host.pool_behaviour(POOL).never_stops = False
    wait_until(lambda: host.iis.pool_state(POOL) == "Stopped")


def test_an_orphan_is_in_no_list_and_keeps_its_files(host: Host) -> None:
    pid = worker_of(host)
    host.pool_behaviour(POOL).orphans = True
    host.iis.stop_pool(POOL)
    assert host.iis.pool_state(POOL) == "Stopped"
    assert pid not in [worker.pid for worker in host.iis.pools.workers()]
    assert held(host, pid)


def test_a_recycle_overlaps(host: Host) -> None:
    old = worker_of(host)
    host.iis.recycle_pool(POOL)
    new = worker_of(host)
    assert old != new
    assert held(host, old)
    assert held(host, new)
    wait_until(lambda: not held(host, old))


def test_stopping_a_site_keeps_workers_and_locks(host: Host) -> None:
    fetch(host)
    host.iis.stop_site(POOL)
    assert held(host, worker_of(host))
    with pytest.raises(ConnectionRefusedError):
        fetch(host)


def test_a_stopped_pool_is_503_of_http_sys(host: Host) -> None:
    host.iis.stop_pool(POOL)
    page = fetch(host)
    assert (page.status, page.headers["Server"]) == (503, "Microsoft-HTTPAPI/2.0")
    assert "HTTP Error 503. Service Unavailable." in page.body


@pytest.mark.parametrize("status", [404, 503])
def test_a_stopped_site_can_leave_its_port_open(host: Host, status: int) -> None:
    host.behaviour.stopped_site_answers = status
    host.iis.stop_site(POOL)
    assert fetch(host).status == status


def test_five_crashes_stop_the_pool(host: Host) -> None:
    host.product_behaviour("sales").crashing_versions = ["5.0.13334.0"]
    wait_until(lambda: fetch(host).status == 503 and host.iis.pool_state(POOL) == "Stopped")
    assert fetch(host).headers["Server"] == "Microsoft-HTTPAPI/2.0"


def test_a_site_runs_once_under_concurrent_requests_and_stops(host: Host) -> None:
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(fetch(host).status)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [302] * 20
    assert len([worker for worker in host.iis.pools.workers() if worker.pool == POOL]) == 1


def test_what_starts_itself_after_a_reboot_is_decided_by_the_configuration_only(host: Host) -> None:
    fetch(host)
    old = worker_of(host)
    boot = host.boot_id
    host.iis.stop_site(POOL)
    host.iis.stop_pool(POOL)
    host.reboot()
    assert host.boot_id != boot
    assert (host.iis.site_state(POOL), host.iis.pool_state(POOL)) == ("Started", "Started")
    assert not held(host, old)
    configuration = host.iis.configuration
    for item in (configuration.site(POOL), configuration.pool(POOL)):
        assert item is not None
        setattr(item, "auto_start" if hasattr(item, "auto_start") else "server_auto_start", False)
    host.reboot()
    assert (host.iis.site_state(POOL), host.iis.pool_state(POOL)) == ("Stopped", "Stopped")


def test_a_reboot_while_a_pool_is_stopping_is_not_disturbed_by_the_old_stop(host: Host) -> None:
    worker_of(host)
    host.behaviour.stop_blocks = False
    host.pool_behaviour(POOL).stop_seconds = 0.15
    host.iis.stop_pool(POOL)
    host.reboot()
    time.sleep(0.3)
    assert host.iis.pool_state(POOL) == "Started"


def test_restarting_was_starts_what_starts_itself(host: Host) -> None:
    pid = worker_of(host)
    host.iis.stop_pool("DefaultAppPool")
    host.services.stop("W3SVC")
    assert host.processes.get(pid) is None
    assert host.iis.site_state(POOL) == "Unknown"
    wait_until(lambda: host.services.get("W3SVC").state == "STOPPED")
    host.services.start("W3SVC")
    assert host.iis.pool_state("DefaultAppPool") == "Started"
    assert fetch(host).status == 302


def test_an_orphan_locks_the_database_for_the_next_start(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "DATABASE_LOCK_SECONDS", 0.1)
    fetch(host)
    orphan = worker_of(host)
    host.pool_behaviour(POOL).orphans = True
    host.iis.stop_pool(POOL)
    host.iis.start_pool(POOL)
    assert f"is locked by process {orphan}" in fetch(host).body


def test_after_a_recycle_the_new_worker_waits_for_the_database(host: Host) -> None:
    fetch(host)
    host.iis.recycle_pool(POOL)
    assert fetch(host).status == 302


def test_a_binding_with_a_host_name_answers_to_that_name_only(make_host: MakeHost) -> None:
    host = make_host({**SALES, "host_header": "sales.example.com"})
    assert fetch(host, Host="SALES.example.com:80").status == 302
    assert fetch(host).status == 404


def test_a_host_whose_site_has_lost_its_port_does_not_start(host: Host) -> None:
    host.stop()
    with socket.socket() as other:
        other.bind(("127.0.0.1", host.instance("sales").port))
        other.listen()
        with pytest.raises(OSError, match="another process has the port of Comindware sales"):
            host.start()


def test_while_a_host_is_down_nothing_answers(host: Host) -> None:
    ports = [host.winrm.port, host.instance("sales").port]
    host.stop()
    for port in ports:
        with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            pass
    assert not (host.folder / "control").exists()
    host.start()
    for port in ports:
        socket.create_connection(("127.0.0.1", port)).close()
