# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Starting and stopping an instance."""

from __future__ import annotations

from end_to_end.runs import OLD, SALES, MakeController


def test_stop_start_and_a_second_time(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    before = host.snapshot()
    for state in ("stopped", "started"):
        checked = control.task("instance_state", "--check", name="sales", state=state).only("instance_state")
        assert checked["changed"]
        done = control.task("instance_state", name="sales", state=state)
        assert done.status == 0, done.output
        assert done.only("instance_state")["changed"]
        assert done.only("instance_state")["operations"] == checked["operations"]
        assert control.inspect().only("instance_info")["facts"]["instances"][0]["state"] == state
        again = control.task("instance_state", name="sales", state=state).only("instance_state")
        assert not again["changed"]
        if state == "stopped":
            assert not [worker for worker in host.processes.all() if worker.name == "w3wp.exe"]
    assert control.running_version("app01", "sales") == OLD
    assert control.changes(before) == []


def test_restart_is_always_a_change(controller: MakeController) -> None:
    control = controller(SALES)
    assert control.running_version("app01", "sales") == OLD
    first = control.fleet.hosts["app01"].product("sales")
    run = control.task("instance_state", name="sales", state="restarted")
    assert run.status == 0, run.output
    assert run.only("instance_state")["changed"]
    assert control.running_version("app01", "sales") == OLD
    assert control.fleet.hosts["app01"].product("sales") is not first


def test_a_pool_that_never_stops_is_named_with_its_process(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert control.running_version("app01", "sales") == OLD
    pids = [worker.pid for worker in host.processes.all() if worker.name == "w3wp.exe"]
    host.pool_behaviour("Comindware sales").never_stops = True
    for pool in host.iis.configuration.pools:
        pool.shutdown_time_limit_seconds = 5  # so long an undo waits longer than it was told to
    run = control.task("instance_state", name="sales", state="stopped", stop_timeout=3)
    assert run.status == 2, run.output
    assert "Comindware sales" in run.message()
    assert any(f"worker process {pid}" in run.message() for pid in pids)
    assert control.running_version("app01", "sales") == OLD
