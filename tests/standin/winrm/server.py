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

from . import payload, soap_faults, wsman
from .calls import ModuleCall, ModuleResult
from .faults import KINDS, CallRecord, Faults, Phase
from .listener import Closed, HttpListener, Reset, Silence, Status
from .shells import Clock, Command, Shell, Shells
from .soap import Envelope, faulted
from .soap_faults import Fault
from .wsman import Request

Execute = Callable[[ModuleCall], ModuleResult]
AsItCame = Callable[[Command], ModuleResult]


class WinRmServer:
    """WinRM over HTTP with basic authentication on a loopback address.

    ``execute`` runs a module call; it is called from several threads at once, and whatever it raises becomes a failed
    result. ``port`` 0 takes a free one; the property tells which, and it is kept until ``close``. ``clock`` tells how long a shell
    was idle. ``as_it_came``, if it is given, runs every command instead, its line and its standard input unread.
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
        clock: Clock = time.monotonic,
        seed: int | None = None,
        as_it_came: AsItCame | None = None,
    ) -> None:
        if not ipaddress.ip_address(address).is_loopback:
            raise ValueError(f"the stand-in's WinRM serves loopback addresses only, not {address!r}")
        self.faults = Faults()
        self.calls: list[CallRecord] = []
        self.requests = 0
        self._owner = user
        self._execute = execute
        self._as_it_came = as_it_came
        self._shells = Shells(clock)
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

    def restart(self) -> None:
        """What a restart of the service alone does: all shells are gone, with what runs in them."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop for good and give the port back."""
        self._listener.close()
        self._shells.close_all()

    def __enter__(self) -> WinRmServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self, text: bytes, client: str) -> tuple[int, bytes]:
        """HTTP status and body for a request. Raises what the listener knows for one that gets no answer."""
        with self._lock:
            self.requests += 1
        envelope = None
        try:
            if self.faults.latency_seconds:
                time.sleep(self.faults.latency_seconds)
            envelope = Envelope.parse(text)
            return 200, self._dispatch(Request.of(envelope), client)
        except Fault as fault:
            return 500, faulted(envelope, fault)
        except (Status, Closed, Reset, Silence):
            raise
        except Exception as error:  # without an answer the client would only see an aborted connection
            return 500, faulted(envelope, soap_faults.internal_error(error))

    def _dispatch(self, request: Request, client: str) -> bytes:
        if request.action == "Create":
            self._at("create")
            shell = self._shells.open(request.duration("rsp:Shell/rsp:IdleTimeOut"))
            return wsman.created(request, shell.id, self._owner, client, shell.idle_seconds)
        if request.action == "Delete":
            self._shells.close(request.shell_id)
            return wsman.deleted(request)
        operations = {"Command": self._command, "Send": self._send, "Receive": self._receive, "Signal": self._signal}
        if request.action not in operations:
            raise soap_faults.unknown_action(request.action)
        with self._shells.using(request.shell_id) as shell:
            return operations[request.action](request, shell)

    def _command(self, request: Request, shell: Shell) -> bytes:
        # From 2.21 Ansible puts the whole line in Command, before that the arguments stand apart, all of them in one; other clients
        # give each its own.
        line = " ".join([request.text("rsp:CommandLine/rsp:Command"), *request.texts("rsp:CommandLine/rsp:Arguments")])
        self._at("command", shell.id)
        command = Command(line.strip())
        shell.commands[command.id] = command
        if request.options.get("WINRS_CONSOLEMODE_STDIN", "TRUE").upper() == "TRUE":
            command.start(self._run)
        return wsman.command_started(request, command.id)

    def _send(self, request: Request, shell: Shell) -> bytes:
        command = shell.command(request.attribute("rsp:Send/rsp:Stream", "CommandId"))
        try:
            command.write(base64.b64decode(request.text("rsp:Send/rsp:Stream"), validate=True))
        except (binascii.Error, ValueError) as error:
            raise soap_faults.invalid(f"The stream is not base64: {error}.") from error
        if request.attribute("rsp:Send/rsp:Stream", "End").lower() == "true":
            self._at("send", shell.id, command)
            command.start(self._run)
        return wsman.input_taken(request)

    def _receive(self, request: Request, shell: Shell) -> bytes:
        command = shell.command(request.attribute("rsp:Receive/rsp:DesiredStream", "CommandId"))
        if command.started:
            command.begun.wait()
            self._at("run", shell.id, command)
        if self.faults.take_operation_timeout() or not command.ended.wait(request.operation_timeout):
            raise soap_faults.operation_timeout()
        self._at("result", shell.id, command)
        pieces, exit_code = command.take((request.envelope_limit - wsman.ENVELOPE_OVERHEAD) * 3 // 4, self._random)
        return wsman.output(request, command.id, pieces, exit_code)

    def _signal(self, request: Request, shell: Shell) -> bytes:
        command = shell.command(request.attribute("rsp:Signal", "CommandId"))
        code = request.text("rsp:Signal/rsp:Code").rsplit("/", 1)[-1]
        if code.lower() not in ("terminate", "ctrl_c", "ctrl_break"):
            raise soap_faults.invalid(f"The signal {code!r} is not known.")
        self._at("signal", shell.id, command)
        command.terminated.set()
        shell.commands.pop(command.id, None)
        return wsman.signalled(request)

    def _at(self, phase: Phase, shell_id: str = "", command: Command | None = None) -> None:
        """Plays what a test wants to happen here: raises what is instead of the answer. A call comes by each phase once."""
        if command:
            if phase in command.met:
                return
            command.met.add(phase)
        if not self.faults.lost:
            return  # an answer less to decode for every test but a few
        fault = self.faults.at(phase, self._record(command).command if command else "")
        if fault is None:
            return
        fault.first()
        kind = KINDS[fault.kind]
        if kind.ends_shells:
            self._shells.close_all()
        if kind.refuses:
            self._listener.refuse()
        raise kind.instead(shell_id)

    @staticmethod
    def _record(command: Command) -> CallRecord:
        try:
            return CallRecord.of(payload.decode(command.line, bytes(command.stdin)))
        except payload.PayloadError:
            return CallRecord("", {})

    def _run(self, command: Command) -> ModuleResult:
        """Execute what a command has got on its line and standard input; runs in the command's own thread."""
        if self._as_it_came:
            with self._lock:
                self.calls.append(self._record(command))
            command.begun.set()
            return self._as_it_came(command)
        try:
            call = replace(payload.decode(command.line, bytes(command.stdin)), terminated=command.terminated)
        except payload.NotAModuleError as error:
            return ModuleResult.refused_command(
                f"raw commands, scripts and file transfers are not served here: only modules are. Asked for: {error}"
            )
        except payload.PayloadError as error:
            return ModuleResult.refused(f"cannot decode the payload: {error}")
        with self._lock:
            self.calls.append(CallRecord.of(call))
        command.begun.set()
        result = self._execute(call)
        junk = self.faults.junk_before_result
        return result.after(junk) if junk else result
