# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The WinRM server over its socket: what it answers, to honest clients and to others."""

from __future__ import annotations

import base64
import http.client
import json
import random
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest
from standin.winrm import ModuleCall, ModuleResult, WinRmServer
from unit.winrm_wire import (
    HOST_AGENT,
    PASSWORD,
    RESULT,
    SHELL,
    USER,
    WIN_PING,
    Serve,
    begin,
    call,
    client,
    envelope,
    fault_of,
    post,
    serving,
)
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError, WSManFaultError


@pytest.fixture
def serve() -> Iterator[Serve]:
    yield from serving()


def test_a_call_takes_six_requests_and_leaves_no_shell(serve: Serve) -> None:
    seen: list[ModuleCall] = []

    def execute(module_call: ModuleCall) -> ModuleResult:
        seen.append(module_call)
        return ModuleResult.of(RESULT)

    server = serve(execute)
    stdout, stderr, code = call(server)
    assert (json.loads(stdout), stderr, code) == (RESULT, b"", 0)
    assert (server.requests, server.open_shells) == (6, 0)
    assert [module_call.module for module_call in seen] == ["comindware.platform.host_agent"]
    assert [(record.module, record.command) for record in server.calls] == [("comindware.platform.host_agent", "query")]
    assert server.calls[0].request["note"] == "Экземпляр 1"


def test_standard_input_may_come_in_parts(serve: Serve) -> None:
    server = serve()
    protocol = client(server)
    shell = protocol.open_shell()
    command = begin(protocol, shell, part=701)
    assert json.loads(protocol.get_command_output(shell, command)[0]) == RESULT


def test_a_large_answer_comes_in_envelopes_of_the_size_asked_for(serve: Serve) -> None:
    text = "ъ🦊x" * 80_000
    server = serve(lambda _: ModuleResult.of({"text": text}))
    protocol = client(server)
    sizes: list[int] = []
    send = protocol.transport.send_message

    def measured(message: str) -> bytes:
        answer: bytes = send(message)
        sizes.append(len(answer))
        return answer

    protocol.transport.send_message = measured
    shell = protocol.open_shell()
    stdout, _, _ = protocol.get_command_output(shell, begin(protocol, shell))
    assert json.loads(stdout)["text"] == text
    assert max(sizes) <= 153_600 and len(sizes) > 5


def test_output_is_cut_anywhere(serve: Serve) -> None:
    text = "щ" * 50
    cut_characters = 0
    server = serve(lambda _: ModuleResult.of({"text": text}))
    for _ in range(20):
        protocol = client(server)
        shell = protocol.open_shell()
        command = begin(protocol, shell)
        receive = (
            f'<rsp:Receive><rsp:DesiredStream CommandId="{command}">stdout stderr</rsp:DesiredStream></rsp:Receive>'
        )
        _, body, _ = post(server, envelope(f"{SHELL}Receive", receive, shell))
        pieces = [
            base64.b64decode(stream.text)
            for stream in ElementTree.fromstring(body).iter(
                "{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}Stream"
            )
            if stream.text
        ]
        assert json.loads(b"".join(pieces))["text"] == text
        cut_characters += sum(0x80 <= piece[0] < 0xC0 for piece in pieces)
        protocol.close_shell(shell)
    assert cut_characters


def test_a_wrong_password_is_refused(serve: Serve) -> None:
    server = serve()
    with pytest.raises(InvalidCredentialsError):
        client(server, "wrong").open_shell()
    assert server.requests == 0


@pytest.mark.parametrize("authorization", ["", "Negotiate abc", "Basic ?", "Basic", "Bearer x", "basic \xff"])
def test_any_other_authentication_gets_a_challenge(serve: Serve, authorization: str) -> None:
    status, _, headers = post(serve(), b"x", Authorization=authorization)
    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="WSMAN"')


def test_a_refused_request_keeps_the_connection(serve: Serve) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", serve().port, timeout=20)
    for _ in range(3):
        connection.request("POST", "/wsman", b"x" * 100_000)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 401 and not answer.will_close
    connection.close()


def test_other_paths_and_methods(serve: Serve) -> None:
    server = serve()
    assert post(server, b"x", "/powershell")[0] == 404
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", "/wsman")
    assert connection.getresponse().status == 405
    connection.close()


def test_a_body_above_500_kb_is_refused(serve: Serve) -> None:
    server = serve()
    assert post(server, b"x" * 512_001)[0] == 413
    assert fault_of(post(server, b"x" * 512_000))[0] == "w:SchemaValidationError"


@pytest.mark.parametrize(
    ("body", "subcode"),
    [
        (b"", "w:SchemaValidationError"),
        (b"\xff\xfe<", "w:SchemaValidationError"),
        (b"<x/>", "w:SchemaValidationError"),
        (b'<!DOCTYPE x [<!ENTITY y "z">]><x>&y;</x>', "w:SchemaValidationError"),
        (envelope("http://x/Get"), "a:ActionNotSupported"),
        (envelope(f"{SHELL}Connect", shell="x"), "a:ActionNotSupported"),
        (envelope(f"{SHELL}Command", shell="x"), "w:InvalidSelectors"),
        (envelope(f"{SHELL}Command"), "w:InvalidSelectors"),
        (
            envelope(f"{SHELL}Send", header="<w:OperationTimeout>soon</w:OperationTimeout>"),
            "a:InvalidMessageInformationHeader",
        ),
        (envelope(f"{SHELL}Send", header="<w:MaxEnvelopeSize>x</w:MaxEnvelopeSize>"), "w:SchemaValidationError"),
        (envelope(f"{SHELL}Send", header="<w:MaxEnvelopeSize>8191</w:MaxEnvelopeSize>"), "w:EncodingLimit"),
        (envelope(f"{SHELL}Send").replace(b"shell/cmd", b"shell/x"), "a:DestinationUnreachable"),
    ],
)
def test_wrong_requests_are_answered_with_a_fault(serve: Serve, body: bytes, subcode: str) -> None:
    assert fault_of(post(serve(), body))[0] == subcode


def test_damaged_requests_are_answered(serve: Serve) -> None:
    server = serve()
    shell = client(server).open_shell()
    chance = random.Random(11)
    option = '<w:OptionSet><w:Option Name="WINRS_CONSOLEMODE_STDIN">TRUE</w:Option></w:OptionSet>'
    time_limit = "<w:OperationTimeout>PT0.01S</w:OperationTimeout>"
    command = envelope(
        f"{SHELL}Command", "<rsp:CommandLine><rsp:Command>x</rsp:Command></rsp:CommandLine>", shell, option
    )
    receive = envelope(
        f"{SHELL}Receive", '<rsp:Receive><rsp:DesiredStream CommandId="x"/></rsp:Receive>', shell, time_limit
    )
    for _ in range(300):
        damaged = bytearray(chance.choice((command, receive)))
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(damaged))
            damaged[at : at + chance.randint(0, 9)] = chance.randbytes(chance.randint(0, 3))
        assert post(server, bytes(damaged))[0] in (200, 500)


def test_unknown_shells_and_commands(serve: Serve) -> None:
    server = serve()
    protocol = client(server)
    shell = protocol.open_shell()
    operations: tuple[Callable[[], Any], ...] = (
        lambda: protocol.cleanup_command(shell, "00000000-0000-0000-0000-000000000000"),
        lambda: protocol.get_command_output("no-such-shell", "x"),
        lambda: protocol.close_shell("no-such-shell", close_session=False),
    )
    for operation in operations:
        with pytest.raises(WSManFaultError) as caught:
            operation()
        assert caught.value.wsman_fault_code == 2150858843


def test_input_that_is_not_base64_and_input_after_the_end(serve: Serve) -> None:
    server = serve()
    protocol = client(server)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "x", console_mode_stdin=False)
    send = f'<rsp:Send><rsp:Stream Name="stdin" CommandId="{command}" End="true">%s</rsp:Stream></rsp:Send>'
    assert fault_of(post(server, envelope(f"{SHELL}Send", send % "?", shell)))[0] == "w:SchemaValidationError"
    assert post(server, envelope(f"{SHELL}Send", send % "eA==", shell))[0] == 200
    assert fault_of(post(server, envelope(f"{SHELL}Send", send % "eA==", shell)))[0] == "w:SchemaValidationError"


def test_a_raw_command_fails(serve: Serve) -> None:
    server = serve()
    protocol = client(server)
    shell = protocol.open_shell()
    stdout, stderr, code = protocol.get_command_output(shell, protocol.run_command(shell, "ipconfig", ["/all"]))
    assert (stdout, code) == (stderr, 1)
    assert b"raw commands, scripts and file transfers are not served here" in stderr and b"ipconfig /all" in stderr
    assert server.calls == []


def test_an_undecodable_payload_is_a_failed_module(serve: Serve) -> None:
    stdout, _, _ = call(serve(), (HOST_AGENT[0], HOST_AGENT[1][:-100]))
    result = json.loads(stdout)
    assert result["failed"] and result["msg"].startswith("stand-in host: cannot decode the payload: ")


def test_an_exception_of_the_executor_is_a_failed_module(serve: Serve) -> None:
    def execute(_: ModuleCall) -> ModuleResult:
        raise KeyError("oops")

    result = json.loads(call(serve(execute))[0])
    assert result["failed"] and "KeyError" in result["msg"]


def test_the_fault_of_a_receive_that_times_out(serve: Serve) -> None:
    server = serve()
    protocol = client(server)
    shell = protocol.open_shell()
    command = protocol.run_command(shell, "x", console_mode_stdin=False)
    receive = f'<rsp:Receive><rsp:DesiredStream CommandId="{command}">stdout stderr</rsp:DesiredStream></rsp:Receive>'
    header = "<w:OperationTimeout>PT0.2S</w:OperationTimeout>"
    assert fault_of(post(server, envelope(f"{SHELL}Receive", receive, shell, header))) == ("w:TimedOut", "2150858793")


def test_many_clients_at_once(serve: Serve) -> None:
    server = serve(lambda module_call: ModuleResult.of({"module": module_call.module}))
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: call(server, (HOST_AGENT, WIN_PING)[n % 2]), range(40)))
    expected = ["comindware.platform.host_agent", "ansible.windows.win_ping"]
    assert [json.loads(stdout)["module"] for stdout, _, _ in answers] == expected * 20
    assert (server.requests, server.open_shells) == (240, 0)


def test_half_a_request_disturbs_nobody(serve: Serve) -> None:
    server = serve()
    with socket.create_connection(("127.0.0.1", server.port)) as lazy:
        lazy.sendall(b"POST /wsman HTTP/1.1\r\nContent-Length: 1000\r\n\r\nhalf")
        assert json.loads(call(server)[0]) == RESULT
    with socket.create_connection(("127.0.0.1", server.port)) as garbled:
        garbled.sendall(b"\x16\x03\x01\x00 hello TLS\r\n\r\n")
        garbled.recv(1000)
    assert json.loads(call(server)[0]) == RESULT


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.0.1", "::"])
def test_other_addresses_than_loopback_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        WinRmServer(USER, PASSWORD, lambda _: ModuleResult.of({}), address=address)


def test_a_taken_port_is_an_error(serve: Serve) -> None:
    server = serve()
    with pytest.raises(OSError, match="in use"):
        WinRmServer(USER, PASSWORD, lambda _: ModuleResult.of({}), port=server.port)


def test_transport_errors_carry_their_status(serve: Serve) -> None:
    with pytest.raises(WinRMTransportError, match="413"):
        client(serve()).send_message("x" * 600_000)
