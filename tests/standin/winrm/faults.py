# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a test may let go wrong between Ansible and a host, and what the host remembers of its calls."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from . import soap_faults
from .calls import ModuleCall
from .listener import Closed, Reset, Silence, Status

Phase = Literal["create", "command", "send", "run", "result", "signal"]
"""Where a module call can be met: before the module runs at the making of its shell, at its command line and at the end of its input;
``run`` while it runs and its output is asked for; ``result`` when it has ended and its output would be sent; ``signal`` behind that.
"""


@dataclass(frozen=True)
class Kind:
    """What becomes of an answer: ``instead`` makes what is raised in its place, from the id of the shell.

    ``ends_shells``: all shells of the host are gone first, with everything that runs in them, as when only WinRM has restarted.
    ``refuses``: for a moment nobody can connect.
    """

    instead: Callable[[str], Exception]
    ends_shells: bool = False
    refuses: bool = False


KINDS = {
    "shell gone": Kind(soap_faults.unknown_shell, ends_shells=True),
    "aborted": Kind(lambda _: soap_faults.aborted()),
    "quota": Kind(lambda _: soap_faults.too_many_operations()),
    "http 401": Kind(lambda _: Status(401)),
    "http 500": Kind(lambda _: Status(500)),
    "http 502": Kind(lambda _: Status(502)),
    "http 503": Kind(lambda _: Status(503)),
    "closed": Kind(lambda _: Closed()),
    "reset": Kind(lambda _: Reset()),
    "refused": Kind(lambda _: Closed(), refuses=True),
    "silence": Kind(lambda _: Silence()),
}
"""Every way in which a request of WinRM ends otherwise than with its answer."""


@dataclass
class Fault:
    """It is played at a phase of ``times`` calls, after so many calls that are left alone (``skip``).

    ``command`` chooses by the command of the agent's protocol; at ``create`` and ``command`` nobody knows it yet.
    ``first`` is called before, in the thread of the request: a restart of the host, or something to wait for.
    """

    kind: str
    phase: Phase
    command: str = ""
    skip: int = 0
    times: int = 1
    first: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or self.phase not in get_args(Phase):
            raise ValueError(f"no fault {self.kind!r} at {self.phase!r}; there are {list(KINDS)} at {get_args(Phase)}")
        if self.command and self.phase in ("create", "command"):
            raise ValueError(f"at {self.phase!r} nobody knows the command of the agent yet; count calls with skip")

    def takes(self, phase: Phase, command: str) -> bool:
        """Whether it is to be played now; counts."""
        if phase != self.phase or self.command not in ("", command) or not self.times:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass
class Faults:
    """What tests switch on.

    ``latency_seconds`` delays every answer, ``operation_timeouts`` counts Receives that are answered at once as if their time were up,
    ``junk_before_result`` is written before every result. ``lost`` are the calls whose connection is lost.
    """

    latency_seconds: float = 0.0
    operation_timeouts: int = 0
    junk_before_result: str = ""
    lost: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def lose(self, kind: str, phase: Phase, command: str = "", **more: Any) -> Fault:
        """Have a call lose its connection; the fields are those of :class:`Fault`."""
        fault = Fault(kind, phase, command, **more)
        with self._lock:
            self.lost.append(fault)
        return fault

    def at(self, phase: Phase, command: str) -> Fault | None:
        """What is to be played at this phase of a call with this command."""
        with self._lock:
            return next((fault for fault in list(self.lost) if fault.takes(phase, command)), None)

    def take_operation_timeout(self) -> bool:
        """Whether this Receive is one of ``operation_timeouts``."""
        with self._lock:
            left = self.operation_timeouts > 0
            self.operation_timeouts -= left
            return left


@dataclass(frozen=True)
class CallRecord:
    """A module call that the host has got; ``request`` is what host_agent was asked, and empty for other modules."""

    module: str
    request: dict[str, Any]

    @property
    def command(self) -> str:
        """The command of the agent's protocol, or "" for other modules."""
        return str(self.request.get("command", ""))

    @classmethod
    def of(cls, call: ModuleCall) -> CallRecord:
        """The record of a call; a request that is not base64 of a JSON object counts as empty."""
        try:
            request = json.loads(base64.b64decode(str(call.arguments.get("request", ""))))
        except (ValueError, RecursionError):
            request = {}
        return cls(call.module, request if isinstance(request, dict) else {})
