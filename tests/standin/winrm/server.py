# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The WinRM listener of one stand-in host: what Ansible's own ``winrm`` connection talks to."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from . import payload, wsman
from .calls import ModuleCall, ModuleResult
from .faults import CallRecord, Faults
from .listener import ConnectionDropped, HttpListener
from .shells import IDLE_SECONDS, Command, Shell, Shells

Execute = Callable[[ModuleCall], ModuleResult]


class WinRmServer:
    """WinRM over HTTP with basic authentication on a loopback address.

    ``execute`` runs a module call; it is called from several threads at once, and whatever it raises becomes a failed
    result. ``port`` 0 takes a free one; the property tells which, and it is kept until ``close``.
    For tests: ``faults``, the ``calls`` of modules in the order they came, and ``requests``, how many HTTP requests
    came with the right password. Raises ValueError for an address that is not loopback, OSError for a port that is taken.
    """

    def __init__(
        self,
        user: str,
        password: str,
        execute: Execute,
        *,
        address: str = "127.0.0.1",
        port: int = 0,
        idle_seconds: float = IDLE_SECONDS,
        seed: int | None = None,
    ) -> None:
        if not ipaddress.ip_address(address).is_loopback:
            raise ValueError(f"the stand-in's WinRM serves loopback addresses only, not {address!r}")
        self.faults = Faults()
        self.calls: list[CallRecord] = []
        self.requests = 0
        self._execute = execute
        self._shells = Shells(idle_seconds)
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._listener = HttpListener(address, port, user, password, self._answer)

    @property
    def port(self) -> int:
        """The TCP port on which the server listens."""
        return self._listener.port

    @property
    def open_shells(self) -> int:
        """How many shells are open."""
        return len(self._shells)

    def start(self) -> None:
        """Begin to serve. Raises OSError if another server got the port first."""
        self._listener.start()

    def stop(self) -> None:
        """Refuse connections, end every shell and kill what runs in it, as a reboot does; ``start`` serves again."""
        self._listener.stop()
        self._shells.close_all()

    def close(self) -> None:
        """Stop for good and give the port back."""
        self._listener.close()
        self._shells.close_all()

    def __enter__(self) -> WinRmServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, envelope: bytes) -> tuple[int, bytes]:
        """HTTP status and body for a request. Raises ConnectionDropped to close the connection instead."""
        with self._lock:
            self.requests += 1
        message_id = ""
        try:
            if self.faults.latency_seconds:
                time.sleep(self.faults.latency_seconds)
            request = wsman.parse(envelope)
            message_id = request.message_id
            return 200, self._dispatch(request)
        except wsman.Fault as fault:
            return 500, wsman.faulted(fault, message_id)
        except ConnectionDropped:
            raise
        except Exception as error:  # without an answer the client would only see an aborted connection
            internal = wsman.Fault(f"internal error: {type(error).__name__}: {error}", subcode="w:InternalError")
            return 500, wsman.faulted(internal, message_id)

    def _dispatch(self, request: wsman.Request) -> bytes:
        if request.action == "Create":
            return wsman.created(request, self._shells.open().id)
        if request.action == "Delete":
            self._shells.close(request.shell_id)
            return wsman.deleted(request)
        operations = {"Command": self._command, "Send": self._send, "Receive": self._receive, "Signal": self._signal}
        if request.action not in operations:
            raise wsman.Fault(f"The action {request.action!r} is not served.", subcode="a:ActionNotSupported")
        return operations[request.action](request, self._shells.get(request.shell_id))

    def _command(self, request: wsman.Request, shell: Shell) -> bytes:
        if self.faults.take("quota_on_command"):
            raise wsman.Fault(
                "This user has exceeded the maximum number of concurrent operations.",
                subcode="w:InternalError",
                wmi_code=wsman.QUOTA_MAX_OPERATIONS,
            )
        # From 2.21 Ansible puts the whole line in Command, before that the arguments stand apart.
        line = request.text("rsp:CommandLine/rsp:Command") + " " + request.text("rsp:CommandLine/rsp:Arguments")
        command = Command(line.strip())
        shell.commands[command.id] = command
        if request.options.get("WINRS_CONSOLEMODE_STDIN", "TRUE").upper() == "TRUE":
            command.start(self._run)
        return wsman.command_started(request, command.id)

    def _send(self, request: wsman.Request, shell: Shell) -> bytes:
        command = shell.command(request.attribute("rsp:Send/rsp:Stream", "CommandId"))
        try:
            command.write(base64.b64decode(request.text("rsp:Send/rsp:Stream"), validate=True))
        except (binascii.Error, ValueError) as error:
            raise wsman.invalid(f"The stream is not base64: {error}.") from error
        if request.attribute("rsp:Send/rsp:Stream", "End").lower() == "true":
            if self._drops("drop_before_run", command):
                raise ConnectionDropped
            command.start(self._run)
        return wsman.input_taken(request)

    def _receive(self, request: wsman.Request, shell: Shell) -> bytes:
        command = shell.command(request.attribute("rsp:Receive/rsp:DesiredStream", "CommandId"))
        shell.touch(request.operation_timeout)
        if self.faults.take("operation_timeouts") or not command.ended.wait(request.operation_timeout):
            raise wsman.operation_timeout()
        if self._drops("drop_after_run", command):
            raise ConnectionDropped
        pieces, exit_code = command.take((request.envelope_limit - wsman.ENVELOPE_OVERHEAD) * 3 // 4, self._random)
        return wsman.output(request, command.id, pieces, exit_code)

    def _signal(self, request: wsman.Request, shell: Shell) -> bytes:
        command = shell.command(request.attribute("rsp:Signal", "CommandId"))
        code = request.text("rsp:Signal/rsp:Code").rsplit("/", 1)[-1]
        if code.lower() not in ("terminate", "ctrl_c", "ctrl_break"):
            raise wsman.invalid(f"The signal {code!r} is not known.")
        command.terminated.set()
        shell.commands.pop(command.id, None)
        return wsman.signalled(request)

    def _drops(self, fault: str, command: Command) -> bool:
        if not self.faults.armed(fault):
            return False
        try:
            record = CallRecord.of(payload.decode(command.line, bytes(command.stdin)))
        except payload.PayloadError:
            record = None
        return self.faults.concern(record) and self.faults.take(fault)

    def _run(self, command: Command) -> ModuleResult:
        """Execute what a command has got on its line and standard input; runs in the command's own thread."""
        try:
            call = replace(payload.decode(command.line, bytes(command.stdin)), terminated=command.terminated)
        except payload.NotAModuleError as error:
            return ModuleResult.refused_command(
                f"raw commands, scripts and file transfers are not served here: only modules are. Asked for: {error}"
            )
        except payload.PayloadError as error:
            return ModuleResult.refused(f"cannot decode the payload: {error}")
        record = CallRecord.of(call)
        with self._lock:
            self.calls.append(record)
        result = self._execute(call)
        if self.faults.junk_before_result and self.faults.concern(record):
            result = result.after(self.faults.junk_before_result)
        return result
