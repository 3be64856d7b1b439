# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What goes wrong between a client and the WinRM server: on request, by time, and when the service or the host goes down.

Nothing here is decided by how fast anything is: clocks are set by hand, and modules go on when they are told to.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from standin.winrm import ModuleCall, ModuleResult, WinRmServer
from standin.winrm.faults import KINDS, Fault, Phase
from standin.winrm.shells import IDLE_SECONDS, MAXIMUM_SHELLS
from unit.winrm_wire import RESULT, WIN_PING, Hand, Serve, begin, call, client, serving
from winrm.exceptions import (
    InvalidCredentialsError,
    WinRMOperationTimeoutError,
    WinRMTransportError,
    WSManFaultError,
)
from winrm.protocol import Protocol

PHASES: tuple[Phase, ...] = ("create", "command", "send", "run", "result", "signal")
RAN = ("run", "result", "signal")


@pytest.fixture
def serve() -> Iterator[Serve]:
    yield from serving()


class Module:
    """A module that ends when it is told to, or with its shell."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.killed = threading.Event()

    def __call__(self, module_call: ModuleCall) -> ModuleResult:
        while not self.go_on.wait(0.01):
            if module_call.terminated.is_set():
                self.killed.set()
                break
        return ModuleResult.of(RESULT)


def test_a_receive_times_out_and_is_asked_again(serve: Serve) -> None:
    module = Module()
    server = serve(module)
    protocol = client(server, timeout=1)
    send, timed_out = protocol.send_message, []

    def watched(message: str) -> bytes:
        try:
            answer: bytes = send(message)
        except WinRMOperationTimeoutError:
            timed_out.append(message)
            module.go_on.set()
            raise
        return answer

    protocol.send_message = watched
    shell = protocol.open_shell()
    assert json.loads(protocol.get_command_output(shell, begin(protocol, shell))[0]) == RESULT
    assert timed_out and server.requests == 4 + len(timed_out)


def test_operation_timeouts_on_request(serve: Serve) -> None:
    server = serve()
    server.faults.operation_timeouts = 3
    assert json.loads(call(server)[0]) == RESULT
    assert (server.requests, server.faults.operation_timeouts) == (9, 0)


def test_latency_on_request(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("standin.winrm.server.time", type("Time", (), {"sleep": waited.append}))
    server = serve(clock=Hand())
    server.faults.latency_seconds = 0.1
    call(server)
    assert waited == [0.1] * 6


def test_junk_before_the_result(serve: Serve) -> None:
    server = serve()
    server.faults.junk_before_result = "ВНИМАНИЕ: профиль"
    first, second = call(server)[0].split(b"\r\n", 1)
    assert (first.decode(), json.loads(second)) == ("ВНИМАНИЕ: профиль", RESULT)


def test_an_exhausted_quota_has_the_shape_that_clients_look_for(serve: Serve) -> None:
    server = serve()
    server.faults.lose("quota", "command")
    protocol = client(server)
    shell = protocol.open_shell()
    with pytest.raises(WSManFaultError) as caught:
        protocol.run_command(shell, "x")
    assert (caught.value.wmierror_code, caught.value.fault_subcode) == (2150859174, "w:InternalError")
    assert protocol.run_command(shell, "x")


def shell_gone(error: BaseException) -> bool:
    return isinstance(error, WSManFaultError) and error.wsman_fault_code == 2150858843


def status(number: int) -> Callable[[BaseException], bool]:
    return lambda error: isinstance(error, WinRMTransportError) and (error.code, error.response_text) == (number, "")


def broken(error: BaseException) -> bool:
    return isinstance(error, requests.exceptions.ConnectionError) and "Connection aborted" in str(error)


SEEN: dict[str, Callable[[BaseException], bool]] = {
    "shell gone": shell_gone,
    "aborted": lambda error: isinstance(error, WSManFaultError) and error.wsman_fault_code == 995,
    "quota": lambda error: isinstance(error, WSManFaultError) and error.wmierror_code == 2150859174,
    "http 401": lambda error: isinstance(error, InvalidCredentialsError),
    "http 500": status(500),
    "http 502": status(502),
    "http 503": status(503),
    "closed": lambda error: broken(error) and "closed connection without response" in str(error),
    "reset": lambda error: broken(error) and "reset by peer" in str(error),
    "refused": broken,
    "silence": lambda error: isinstance(error, requests.exceptions.ReadTimeout),
}
"""What pywinrm makes of each kind."""


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_lost_connection_at_each_phase(serve: Serve, kind: str, phase: Phase) -> None:
    """The client sees what it would see of Windows; the module has run, or has not; and the next call is served."""
    server = serve()
    lose_a_call(server, kind, phase)
    assert len(server.calls) == (1 if phase in RAN else 0)
    wait_for_service(server)
    assert json.loads(call(server)[0]) == RESULT


ACTIONS = dict(zip(PHASES, ("Create", "Command", "Send", "Receive", "Receive", "Signal"), strict=True))


def lose_a_call(server: WinRmServer, kind: str, phase: Phase) -> None:
    """A call whose connection is lost; the client has no patience with the request where that happens, and does not tidy up."""
    played = threading.Event()
    server.faults.lose(kind, phase, first=played.set)
    protocol = client(server)
    send = protocol.send_message

    def impatient(message: str) -> bytes:
        here = f"/{ACTIONS[phase]}</a:Action>" in message
        protocol.transport.read_timeout_sec = 0.2 if here and kind == "silence" else 60
        answer: bytes = send(message)
        return answer

    protocol.send_message = impatient
    with pytest.raises(Exception) as caught:  # noqa: PT011  # SEEN says which
        call_of(protocol)
    assert SEEN[kind](caught.value), repr(caught.value)
    assert played.wait(60)


def call_of(protocol: Protocol) -> None:
    shell = protocol.open_shell()
    command = begin(protocol, shell)
    protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)


def wait_for_service(server: WinRmServer) -> None:
    while True:
        try:
            client(server).open_shell()
        except requests.exceptions.ConnectionError:
            time.sleep(0.05)
        else:
            return


def test_only_a_lost_shell_takes_the_running_module_with_it(serve: Serve) -> None:
    for kind in KINDS:
        module = Module()
        lose_a_call(serve(module), kind, "run")
        assert module.killed.is_set() == (kind == "shell gone"), kind


def test_the_call_and_the_number_of_calls_are_chosen(serve: Serve) -> None:
    server = serve()
    server.faults.lose("http 500", "result", "execute")
    server.faults.lose("http 500", "result", "query", skip=1, times=2)
    server.faults.lose("http 503", "command", skip=5)
    call(server)
    call(server, WIN_PING)
    for _ in range(2):
        with pytest.raises(WinRMTransportError, match="500"):
            call(server)
    call(server)
    with pytest.raises(WinRMTransportError, match="503"):
        call(server)
    assert [(one.command, one.times) for one in server.faults.lost] == [("execute", 1), ("query", 0), ("", 0)]


def test_something_may_happen_first(serve: Serve) -> None:
    server = serve()
    restarted = threading.Event()

    def restart() -> None:
        server.restart()
        restarted.set()

    server.faults.lose("closed", "result", first=restart)
    with pytest.raises(requests.exceptions.ConnectionError):
        call(server)
    assert restarted.wait(60)
    assert (server.open_shells, len(server.calls)) == (0, 1)
    assert json.loads(call(server)[0]) == RESULT


@pytest.mark.parametrize(
    ("kind", "phase", "command", "message"),
    [
        ("http 404", "run", "", "no fault 'http 404' at 'run'"),
        ("closed", "delete", "", "no fault 'closed' at 'delete'"),
        ("closed", "create", "query", "at 'create' nobody knows the command of the agent yet; count calls with skip"),
    ],
)
def test_a_fault_that_would_never_be_played_is_refused(kind: str, phase: Phase, command: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(kind, phase, command)


@pytest.mark.parametrize("how", ["signal", "delete", "expiry", "stop", "restart"])
def test_a_running_module_ends_with_its_command(serve: Serve, how: str) -> None:
    module, clock = Module(), Hand()
    server = serve(module, clock=clock)
    protocol = client(server)
    shell = protocol.open_shell()
    command = begin(protocol, shell)
    if how == "signal":
        protocol.cleanup_command(shell, command)
    elif how == "delete":
        protocol.close_shell(shell)
    elif how == "expiry":
        clock.seconds = IDLE_SECONDS + 1
        client(server).open_shell()
        assert server.open_shells == 1
    elif how == "stop":
        server.stop()
    else:
        server.restart()
        with pytest.raises(WSManFaultError) as caught:
            protocol.cleanup_command(shell, command)
        assert shell_gone(caught.value)
    assert module.killed.wait(60)


@pytest.mark.parametrize(("asked", "seconds"), [("PT90.5S", 90.5), ("PT1H", 3600), (None, IDLE_SECONDS)])
def test_the_idle_time_that_the_client_asks_for(serve: Serve, asked: str | None, seconds: float) -> None:
    clock = Hand()
    server = serve(clock=clock)
    protocol = client(server)
    shell = protocol.open_shell(idle_timeout=asked)
    for _ in range(3):
        clock.seconds += seconds
        protocol.run_command(shell, "x")
    clock.seconds += seconds + 1
    with pytest.raises(WSManFaultError) as caught:
        protocol.run_command(shell, "x")
    assert shell_gone(caught.value)


def test_a_waiting_receive_keeps_its_shell(serve: Serve) -> None:
    module, clock = Module(), Hand()
    server = serve(module, clock=clock)
    protocol = client(server)
    shell = protocol.open_shell()
    command = begin(protocol, shell)
    asked = threading.Event()

    def wait_in_the_receive() -> None:
        asked.set()
        assert module.go_on.wait(60)

    server.faults.lose("http 500", "run", first=wait_in_the_receive)
    with ThreadPoolExecutor() as pool:
        output = pool.submit(protocol.get_command_output, shell, command)
        assert asked.wait(60)
        clock.seconds = IDLE_SECONDS + 1
        client(server).open_shell()
        assert server.open_shells == 2
        module.go_on.set()
        with pytest.raises(WinRMTransportError, match="500"):
            output.result()
    assert json.loads(protocol.get_command_output(shell, command)[0]) == RESULT


def test_a_user_may_open_so_many_shells(serve: Serve) -> None:
    server = serve()
    protocol = client(server)
    for _ in range(MAXIMUM_SHELLS):
        protocol.open_shell()
    with pytest.raises(WSManFaultError) as caught:
        protocol.open_shell()
    assert caught.value.wsman_fault_code == 2150859173


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
