# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance is judged as it is, and an upgrade is not blamed for what was wrong before it."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from end_to_end.runs import NEW, OLD, SALES, Controller, MakeController, Run
from standin.host import Host
from standin.product.application import SERVING
from standin.testing import wait_until

QUICK: dict[str, Any] = {"stable": 1, "interval": 1, "timeout": 20}
POOL = "Comindware sales"
INSTANCE: dict[str, Any] = {"name": "sales", "version": OLD, "language": "en"}
NAME = "portal.example.com"


def start(controller: MakeController, **described: Any) -> tuple[Controller, Host]:
    """A host whose instance is awake."""
    control = controller({"versions": [OLD, NEW], "instances": [{**INSTANCE, **described}]})
    host = control.fleet.hosts["app01"]
    wake(host)
    return control, host


def wake(host: Host) -> None:
    worker = host.iis.pools.worker(POOL)
    assert worker
    product = host.product("sales")
    assert product and product.wait() in SERVING


def health(control: Controller, *arguments: str, **options: Any) -> tuple[Run, dict[str, Any]]:
    run = control.task("instance_health", *arguments, **{"name": "sales", **QUICK, **options})
    result = run.only("instance_health")
    assert result["changed"] is False
    return run, result


def states(result: dict[str, Any], key: str = "checks") -> dict[str, str]:
    return {name: check["state"] for name, check in result[key].items()}


def pids(host: Host) -> list[int]:
    return [worker.pid for worker in host.iis.pools.workers()]


def test_a_healthy_instance(controller: MakeController) -> None:
    control, host = start(controller, service=True)
    before, running = host.snapshot(), pids(host)
    for arguments in ([], ["--check"]):
        run, result = health(control, *arguments)
        assert run.status == 0, run.output
        assert (result["verdict"], result["version"], result["message"]) == ("healthy", OLD, "Every check is right.")
        assert states(result) == dict.fromkeys(("iis", "worker", "services", "http", "record", "data_upgrade"), "ok")
        assert result["checks"]["record"]["message"] == f"The start-up record says version {OLD}."
        assert result["url"] == host.url("sales").replace("127.0.0.1", "localhost")
    assert before.differences(host.snapshot()) == []
    assert pids(host) == running


def test_another_version_than_wanted(controller: MakeController) -> None:
    control, _host = start(controller)
    run, result = health(control, version=NEW)
    assert run.status == 2 and result["verdict"] == "unhealthy"
    assert run.message() == f"Instance 'sales' is unhealthy. The start-up record says version {OLD}, not {NEW}."


def test_a_sleeping_instance_is_left_asleep(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    running = pids(host)
    run, result = health(control)
    assert run.status == 2 and result["verdict"] == "unknown"
    assert run.message() == (
        f"Instance 'sales' is unknown. The instance sleeps: its pool '{POOL}' is started and has no worker process, because nobody "
        "has asked for a page for a while. To ask would start it, so nothing was asked. Set wake to true to have it started and judged."
    )
    assert pids(host) == running
    assert health(control, accept=["unknown"])[0].status == 0
    run, result = health(control, wake=True)
    assert run.status == 0 and result["verdict"] == "healthy", run.output


def test_a_stopped_instance(controller: MakeController) -> None:
    control, host = start(controller)
    host.iis.stop_pool(POOL)
    run, result = health(control, wake=True)
    assert run.status == 2 and result["verdict"] == "unhealthy"
    assert run.message().endswith(f"The pool '{POOL}' is Stopped: it failed repeatedly, or somebody stopped it.")


def test_a_stopped_service(controller: MakeController) -> None:
    control, host = start(controller, service=True)
    host.services.stop("comindwaresales")
    run, result = health(control)
    assert run.status == 2 and result["verdict"] == "unhealthy"
    assert run.message().startswith(
        "Instance 'sales' is unhealthy. The service 'comindwaresales' is stopped: it starts by itself"
    )


def test_a_crash_loop(controller: MakeController) -> None:
    control, host = start(controller)
    host.product_behaviour("sales").crash_seconds = 2
    host.iis.recycle_pool(POOL)
    run, result = health(control, wake=True, stable=30, timeout=40)
    assert run.status == 2 and result["verdict"] == "unhealthy", run.output
    assert states(result)["worker"] == "bad"
    assert f"The worker process of pool '{POOL}' ends again and again, a crash loop: process " in run.message()
    assert " was replaced by " in run.output


def test_one_recycling_is_no_crash_loop(controller: MakeController) -> None:
    control, host = start(controller)
    first, looks = pids(host), control.agent_calls()["query"]

    def recycle() -> None:
        wait_until(lambda: control.agent_calls()["query"] > looks + 1)  # it has seen the first one
        host.iis.stop_pool(POOL)
        host.iis.start_pool(POOL)
        wake(host)

    thread = Thread(target=recycle)
    thread.start()
    run, result = health(control, stable=8, interval=2, timeout=60)
    thread.join()
    assert run.status == 0 and result["verdict"] == "healthy", run.output
    assert pids(host) != first


def test_the_service_mode_is_recognised(controller: MakeController) -> None:
    control, host = start(controller)
    run = control.upgrade()
    assert run.status == 0, run.output
    assert run.only("instance_upgrade")["verdict"] == "handed_over"
    run, result = health(control)
    assert run.status == 0 and result["verdict"] == "handed_over", run.output
    host.login("sales")
    assert health(control)[1]["verdict"] == "healthy"


def test_what_was_broken_before_is_not_blamed(controller: MakeController) -> None:
    control, host = start(controller)
    host.product_behaviour("sales").failing_health = True
    host.product_behaviour("sales").service_mode = False
    url = host.url("sales").replace("127.0.0.1", "localhost")
    assert health(control)[1]["verdict"] == "unhealthy"
    run = control.upgrade()
    assert run.status == 0, run.output
    result = run.only("instance_upgrade")
    assert (result["verdict"], result["agent_calls"]["query"]) == ("healthy", 1)
    told = {"state": "known", "message": f"{url}api/health answers HTTP 500, as before."}
    assert result["health"]["http"] == told
    assert result["message"] == f"Instance 'sales' runs {NEW}: {url} Not blamed on the upgrade: {told['message']}"
    assert control.running_version("app01", "sales") == NEW


def test_what_breaks_is_blamed(controller: MakeController) -> None:
    control, host = start(controller)
    behaviour = host.product_behaviour("sales")
    behaviour.service_mode = False

    def break_it() -> None:
        wait_until(lambda: host.iis.pool_state(POOL) == "Stopped")
        behaviour.failing_health = True

    thread = Thread(target=break_it)
    thread.start()
    run = control.upgrade(upgrade_health={"stable": 1, "interval": 1, "timeout": 5})
    thread.join()
    assert run.status == 2, run.output
    assert "api/health answers HTTP 500; before: HTTP 200." in run.message()
    assert run.message().endswith(f"Instance 'sales' is started at version {OLD}.")


def test_a_sleeping_instance_has_nothing_to_compare_with(controller: MakeController) -> None:
    control = controller(SALES)
    control.fleet.hosts["app01"].product_behaviour("sales").service_mode = False
    run = control.upgrade()
    assert run.status == 0, run.output
    assert "There was nothing to compare with: the instance slept before." in run.output


@pytest.mark.parametrize("kind", ["trusted", "untrusted", "wrong_name", "expired"])
def test_certificates(controller: MakeController, kind: str) -> None:
    """The certificate counts for an instance as it is, and not for an upgrade that has found it so."""
    control, host = start(controller, certificate=kind, host_header=NAME)
    host.product_behaviour("sales").service_mode = False
    run, result = health(control, timeout=3)
    problem = kind != "trusted"
    assert (run.status, result["verdict"]) == ((2, "unhealthy") if problem else (0, "healthy")), run.output
    assert states(result)["http"] == "ok"
    assert states(result)["certificate"] == ("suspect" if problem else "ok")
    assert f"https://{NAME}:{host.instance('sales').port}/Home/Login/" in result["checks"]["http"]["message"]
    if problem:
        assert f"(problem: {kind})" in run.message()
        assert health(control, validate_certs=False)[1]["verdict"] == "healthy"
    run = control.upgrade()
    assert run.status == 0, run.output
    result = run.only("instance_upgrade")
    assert result["verdict"] == "healthy"
    assert states(result, "health")["certificate"] == ("known" if problem else "ok")


def test_a_data_upgrade_at_work_is_waited_for(controller: MakeController) -> None:
    control, host = start(controller)
    behaviour = host.product_behaviour("sales")
    behaviour.service_mode, behaviour.requests_wait, behaviour.upgrade_seconds = False, False, 12
    short = {"stable": 1, "interval": 1, "timeout": 3}
    run = control.upgrade(upgrade_health={**short, "data_upgrade_timeout": 60})
    assert run.status == 0, run.output
    assert "The data upgrade is still at work (" in run.output
    assert control.running_version("app01", "sales") == NEW


def test_a_data_upgrade_that_is_silent_is_not(controller: MakeController) -> None:
    control, host = start(controller)
    behaviour = host.product_behaviour("sales")
    behaviour.requests_wait, behaviour.upgrade_seconds = False, 60
    short = {"stable": 1, "interval": 1, "timeout": 3, "data_upgrade_quiet": 2}
    run = control.upgrade(upgrade_health=short)
    assert run.status == 2, run.output
    assert "The data upgrade is still at work (" in run.message()
    assert run.message().endswith(f"Instance 'sales' is started at version {OLD}.")
