# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes wrong between a client and the WinRM server: on request, by time, and when the host goes down."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from standin.winrm import ModuleCall, ModuleResult
from standin.winrm.shells import MAXIMUM_SHELLS
from unit.winrm_wire import RESULT, WIN_PING, Serve, begin, call, client, serving
from winrm.exceptions import WSManFaultError


@pytest.fixture
def serve() -> Iterator[Serve]:
    yield from serving()


def test_a_receive_times_out_and_is_asked_again(serve: Serve) -> None:
    def execute(_: ModuleCall) -> ModuleResult:
        time.sleep(1.5)
        return ModuleResult.of(RESULT)

    server = serve(execute)
    assert json.loads(call(server, timeout=1)[0]) == RESULT
    assert server.requests == 7


def test_operation_timeouts_on_request(serve: Serve) -> None:
    server = serve()
    server.faults.operation_timeouts = 3
    assert json.loads(call(server)[0]) == RESULT
    assert server.requests == 9


def test_latency_on_request(serve: Serve) -> None:
    server = serve()
    server.faults.latency_seconds = 0.1
    begun = time.monotonic()
    call(server)
    assert time.monotonic() - begun >= 0.6


def test_an_exhausted_quota_on_request(serve: Serve) -> None:
    server = serve()
    server.faults.quota_on_command = 1
    protocol = client(server)
    shell = protocol.open_shell()
    with pytest.raises(WSManFaultError) as caught:
        protocol.run_command(shell, "x")
    assert caught.value.wmierror_code == 2150859174
    assert protocol.run_command(shell, "x")


def test_junk_before_the_result(serve: Serve) -> None:
    server = serve()
    server.faults.junk_before_result = "ВНИМАНИЕ: профиль"
    first, second = call(server)[0].split(b"\r\n", 1)
    assert (first.decode(), json.loads(second)) == ("ВНИМАНИЕ: профиль", RESULT)


def test_a_connection_dropped_before_the_run(serve: Serve) -> None:
    server = serve()
    server.faults.drop_before_run = 1
    with pytest.raises(Exception, match="aborted"):
        call(server)
    assert server.calls == []
    assert json.loads(call(server)[0]) == RESULT


def test_a_connection_dropped_after_the_run(serve: Serve) -> None:
    server = serve()
    server.faults.drop_after_run = 1
    with pytest.raises(Exception, match="aborted"):
        call(server)
    assert len(server.calls) == 1
    assert json.loads(call(server)[0]) == RESULT


def test_faults_may_concern_one_command_of_the_agent(serve: Serve) -> None:
    server = serve()
    server.faults.drop_after_run = 1
    server.faults.only_command = "execute"
    call(server)
    call(server, WIN_PING)
    server.faults.only_command = "query"
    with pytest.raises(Exception, match="aborted"):
        call(server)


def ends_when_terminated(ended: threading.Event) -> Callable[[ModuleCall], ModuleResult]:
    def execute(module_call: ModuleCall) -> ModuleResult:
        assert module_call.terminated.wait(20)
        ended.set()
        return ModuleResult.of(RESULT)

    return execute


@pytest.mark.parametrize("how", ["signal", "delete", "expiry", "stop"])
def test_a_running_module_ends_with_its_command(serve: Serve, how: str) -> None:
    ended = threading.Event()
    server = serve(ends_when_terminated(ended), idle_seconds=0.2)
    protocol = client(server)
    shell = protocol.open_shell()
    command = begin(protocol, shell)
    if how == "signal":
        protocol.cleanup_command(shell, command)
    elif how == "delete":
        protocol.close_shell(shell)
    elif how == "expiry":
        time.sleep(0.3)
        client(server).open_shell()
        assert server.open_shells == 1
    else:
        server.stop()
    assert ended.wait(5)


def test_a_waiting_receive_keeps_its_shell(serve: Serve) -> None:
    def execute(_: ModuleCall) -> ModuleResult:
        time.sleep(0.8)
        return ModuleResult.of(RESULT)

    server = serve(execute, idle_seconds=0.3)
    protocol = client(server)
    shell = protocol.open_shell()
    command = begin(protocol, shell)
    with ThreadPoolExecutor() as pool:
        output = pool.submit(protocol.get_command_output, shell, command)
        time.sleep(0.5)
        client(server).open_shell()
        assert json.loads(output.result()[0]) == RESULT


def test_a_user_may_open_so_many_shells(serve: Serve) -> None:
    server = serve()
    protocol = client(server)
    for _ in range(MAXIMUM_SHELLS):
        protocol.open_shell()
    with pytest.raises(WSManFaultError) as caught:
        protocol.open_shell()
    assert caught.value.wsman_fault_code == 2150859236


def test_a_stopped_server_refuses_and_comes_back_on_its_port(serve: Serve) -> None:
    server = serve()
    port = server.port
    protocol = client(server)
    protocol.open_shell()
    server.stop()
    assert (server.open_shells, server.port) == (0, port)
    with pytest.raises(Exception, match=r"refused|aborted|reset"):
        protocol.open_shell()
    with pytest.raises(Exception, match="refused"):
        client(server).open_shell()
    server.start()
    assert json.loads(call(server)[0]) == RESULT
