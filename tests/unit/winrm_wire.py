# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client of the stand-in's WinRM for tests: pywinrm, and plain HTTP for what pywinrm would not send."""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from standin.winrm import ModuleCall, ModuleResult, WinRmServer
from standin.winrm.recording import rebuild
from winrm.protocol import Protocol

USER, PASSWORD = "Administrator", "pass:word "
PAYLOADS = Path(__file__).parent / "standin" / "payloads"
HOST_AGENT = rebuild(json.loads(next(PAYLOADS.glob("2.19.*.host_agent.json")).read_text("utf-8")))
WIN_PING = rebuild(json.loads(next(PAYLOADS.glob("2.18.*.win_ping.json")).read_text("utf-8")))
RESULT = {"changed": False, "text": "кириллица и 🦊"}
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"

Serve = Callable[..., WinRmServer]


def serving() -> Iterator[Serve]:
    """A factory of running servers, for a fixture; they are closed afterwards."""
    servers = []

    def start(
        execute: Callable[[ModuleCall], ModuleResult] = lambda call: ModuleResult.of(RESULT), **options: Any
    ) -> WinRmServer:
        server = WinRmServer(USER, PASSWORD, execute, seed=7, **options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.close()


def client(server: WinRmServer, password: str = PASSWORD, timeout: int = 20) -> Protocol:
    return Protocol(
        f"http://127.0.0.1:{server.port}/wsman",
        transport="plaintext",
        username=USER,
        password=password,
        operation_timeout_sec=timeout,
        read_timeout_sec=timeout + 10,
    )


def begin(protocol: Protocol, shell: str, sent: tuple[str, bytes] = HOST_AGENT, part: int = 200_000) -> str:
    line, stdin = sent
    command: str = protocol.run_command(shell, line, console_mode_stdin=False)
    for at in range(0, len(stdin), part):
        protocol.send_command_input(shell, command, stdin[at : at + part], end=at + part >= len(stdin))
    return command


def call(server: WinRmServer, sent: tuple[str, bytes] = HOST_AGENT, timeout: int = 20) -> tuple[bytes, bytes, int]:
    protocol = client(server, timeout=timeout)
    shell = protocol.open_shell(codepage=65001)
    command = begin(protocol, shell, sent)
    answer: tuple[bytes, bytes, int] = protocol.get_command_output(shell, command)
    protocol.cleanup_command(shell, command)
    protocol.close_shell(shell)
    return answer


def envelope(action: str, body: str = "", shell: str = "", header: str = "") -> bytes:
    selector = f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>' if shell else ""
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"'
        ' xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell"><s:Header>'
        f"<a:Action>{action}</a:Action><a:To>http://windows-host:5985/wsman</a:To><a:MessageID>uuid:1</a:MessageID><w:ResourceURI>{SHELL}cmd</w:ResourceURI>"
        f"{selector}{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def post(server: WinRmServer, body: bytes, path: str = "/wsman", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    authorization = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    connection.request("POST", path, body, {"Authorization": authorization, **headers})
    answer = connection.getresponse()
    result = answer.status, answer.read(), dict(answer.getheaders())
    connection.close()
    return result


def fault_of(answer: tuple[int, bytes, dict[str, str]]) -> tuple[str, str]:
    """Subcode and WSManFault code of a SOAP fault."""
    status, body, _ = answer
    assert status == 500
    root = ElementTree.fromstring(body)
    soap = "{http://www.w3.org/2003/05/soap-envelope}"
    subcode = root.findtext(f".//{soap}Subcode/{soap}Value", "")
    detail = root.find(".//{http://schemas.microsoft.com/wbem/wsman/1/wsmanfault}WSManFault")
    return subcode, "" if detail is None else detail.get("Code", "")


class Hand:
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds
