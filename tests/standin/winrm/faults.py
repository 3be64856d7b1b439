# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a test may let go wrong between Ansible and a host, and what the host remembers of its calls."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass, field
from typing import Any

from .calls import ModuleCall


@dataclass
class Faults:
    """Switches for tests; whole numbers count down with each use.

    ``latency_seconds`` delays every answer. ``quota_on_command`` refuses a Command as if a quota were exhausted.
    ``operation_timeouts`` answers a Receive at once as if its time were up. ``drop_before_run`` closes the connection
    with the last Send, and the module never runs; ``drop_after_run`` closes it in place of the module's result.
    ``junk_before_result`` is written before the result. The last three only play on host_agent's command
    ``only_command``, if it is given.
    """

    latency_seconds: float = 0.0
    quota_on_command: int = 0
    operation_timeouts: int = 0
    drop_before_run: int = 0
    drop_after_run: int = 0
    junk_before_result: str = ""
    only_command: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def armed(self, name: str) -> bool:
        """Whether the switch ``name`` has a use left."""
        return int(getattr(self, name)) > 0

    def take(self, name: str) -> bool:
        """Count the switch ``name`` down by one; False if it was zero."""
        with self._lock:
            left = self.armed(name)
            if left:
                setattr(self, name, getattr(self, name) - 1)
            return left

    def concern(self, record: CallRecord | None) -> bool:
        """Whether the faults of a run play on this call."""
        return not self.only_command or (record is not None and record.command == self.only_command)


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
