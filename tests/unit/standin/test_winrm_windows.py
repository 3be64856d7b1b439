# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The WinRM server as pypsrp reads it, whose author checks it on Windows: shells, command lines, and faults with all that they tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from pypsrp.exceptions import WSManFaultError
from pypsrp.shell import Process, WinRS
from pypsrp.wsman import WSMan
from standin.winrm.shells import MAXIMUM_SHELLS
from standin.winrm.soap import NAMESPACES
from unit.winrm_wire import PASSWORD, SHELL, USER, Hand, Serve, client, envelope, post, serving


@pytest.fixture
def serve() -> Iterator[Serve]:
    yield from serving()


@pytest.fixture
def wsman(serve: Serve) -> Iterator[WSMan]:
    with connected(serve()) as connection:
        yield connection


def connected(server: Any) -> WSMan:
    return WSMan(
        "localhost",
        port=server.port,
        username=USER,
        password=PASSWORD,
        ssl=False,
        auth="basic",
        encryption="never",
        no_proxy=True,
    )


def test_what_a_new_shell_is(wsman: WSMan) -> None:
    shell = WinRS(wsman)
    shell.open()
    told = {name: str(value) for name, value in vars(shell).items()}
    assert (told["owner"], told["client_ip"], told["idle_time_out"]) == (USER, "127.0.0.1", "PT7200.000S")
    assert (told["input_streams"], told["output_streams"]) == ("stdin", "stdout stderr")
    assert (told["shell_run_time"], told["shell_inactivity"]) == ("P0DT0H0M0S", "P0DT0H0M0S")
    shell.close()


def test_the_idle_time_of_the_client_counts(serve: Serve) -> None:
    clock = Hand()
    with connected(serve(clock=clock)) as wsman:
        shell = WinRS(wsman, idle_time_out=60)
        shell.open()
        assert str(shell.idle_time_out) == "PT60.000S"
        clock.seconds = 60.5
        assert fault_of(lambda: Process(shell, "x").invoke()).code == 2150858843


def test_every_argument_of_a_command_line_is_read(wsman: WSMan) -> None:
    with WinRS(wsman) as shell:
        process = Process(shell, "cmd.exe", ["/c", "echo", "hi  there"])
        process.invoke()
        assert process.rc == 1
        assert process.stdout.decode().strip().endswith("Asked for: cmd.exe /c echo hi there")


def fault_of(act: Callable[[], object]) -> WSManFaultError:
    with pytest.raises(WSManFaultError) as caught:
        act()
    return caught.value


@pytest.mark.parametrize("act", ["receive", "signal"])
def test_without_a_command_id_the_parameter_is_incorrect(wsman: WSMan, act: str) -> None:
    with WinRS(wsman) as shell:
        process = Process(shell, "x")
        fault = fault_of(
            process.poll_invoke if act == "receive" else lambda: process.signal(f"{SHELL}signal/terminate")
        )
    assert (fault.code, fault.machine, fault.provider) == (87, "localhost", "Shell cmd plugin")
    assert fault.provider_path == r"%systemroot%\system32\winrscmd.dll"
    assert fault.provider_fault.strip() == "The parameter is incorrect."


def test_unknown_commands_and_shells(wsman: WSMan) -> None:
    with WinRS(wsman) as shell:
        shell_id = shell.id
        fault = fault_of(Process(shell, "x", id="87E77BEB-6761-4C48-9D70-A00266B8459A").poll_invoke)
        assert (fault.code, fault.machine) == (2150858843, "localhost")
        assert "an operation on a command identifier that does not exist" in fault.reason
    shell.opened = True
    fault = fault_of(Process(shell, "x").invoke)
    assert (fault.code, fault.machine) == (2150858843, "localhost")
    assert f"Shell with ShellId {shell_id} failed because the shell was not found" in fault.reason


def test_too_many_shells(wsman: WSMan) -> None:
    for _ in range(MAXIMUM_SHELLS):
        WinRS(wsman).open()
    fault = fault_of(WinRS(wsman).open)
    assert fault.code == 2150859173
    assert "a maximum number of 30 concurrent shells" in fault.reason


RECEIVE = '<rsp:Receive><rsp:DesiredStream CommandId="x">stdout</rsp:DesiredStream></rsp:Receive>'

NO_TIME = "<w:OperationTimeout>PT-1S</w:OperationTimeout>"


@pytest.mark.parametrize(
    ("asked", "role", "subcode", "detail", "code"),
    [
        ({"shell": ""}, "s:Sender", "w:InvalidSelectors", "UnexpectedSelectors", "2150858843"),
        ({"body": RECEIVE}, "s:Sender", "w:InvalidSelectors", "UnexpectedSelectors", "2150858843"),
        ({"body": RECEIVE.replace('CommandId="x"', "")}, "s:Sender", "w:InvalidParameter", "InvalidValue", "87"),
        (
            {"body": RECEIVE, "header": "<w:OperationTimeout>PT-1S</w:OperationTimeout>"},
            *("s:Sender", "a:InvalidMessageInformationHeader", "", "2150858767"),
        ),
        ({"action": "Connect"}, "s:Sender", "a:ActionNotSupported", "", "2150858753"),
    ],
    ids=["shell", "command", "no command", "timeout", "action"],
)
def test_the_fault_has_all_that_windows_tells(
    serve: Serve, asked: dict[str, str], role: str, subcode: str, detail: str, code: str
) -> None:
    server = serve()
    shell = client(server).open_shell()
    question = {"shell": shell, "body": RECEIVE, "action": "Receive", **asked}
    action = f"{SHELL}{question.pop('action')}"
    status, answer, _ = post(server, envelope(action, **question))
    fault = ElementTree.fromstring(answer).find("s:Body/s:Fault", NAMESPACES)
    assert status == 500 and fault is not None
    found = fault.find("s:Detail/{http://schemas.microsoft.com/wbem/wsman/1/wsmanfault}WSManFault", NAMESPACES)
    assert found is not None
    assert fault.findtext("s:Code/s:Value", "", NAMESPACES) == role
    assert fault.findtext("s:Code/s:Subcode/s:Value", "", NAMESPACES) == subcode
    assert fault.findtext("s:Detail/w:FaultDetail", "", NAMESPACES).rpartition("/")[2] == detail
    assert (found.get("Code"), found.get("Machine")) == (code, "windows-host")
    assert "".join(found.itertext()).strip() and fault.findtext("s:Reason/s:Text", "", NAMESPACES).strip()
