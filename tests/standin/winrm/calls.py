# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What passes between the WinRM server and whatever executes a module."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any

STANDIN_SAYS = "stand-in host: "
"""Begin of every message that the stand-in itself, and not the agent, has written."""


@dataclass(frozen=True)
class ModuleCall:
    """One module call, as Ansible sent it.

    ``module`` is the resolved full name where Ansible sends it (2.19 and later), else the name that the task asked for.
    ``csharp_utils`` maps the names of the C# utils that Ansible would compile to their source texts; relative names
    (``..module_utils._X``) stay relative, as before 2.19.
    ``terminated`` is set when the client has ended the command or its shell: the module must be killed.
    """

    module: str
    arguments: dict[str, Any]
    csharp_utils: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    asynchronous: bool = False
    become: bool = False
    terminated: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)


@dataclass(frozen=True)
class ModuleResult:
    """What the process of a module leaves behind: its exit code and the bytes of its two streams."""

    exit_code: int
    stdout: bytes
    stderr: bytes = b""

    @classmethod
    def of(cls, result: dict[str, Any]) -> ModuleResult:
        """A module's JSON result, on stdout as Ansible.Basic writes it."""
        text = json.dumps(result, ensure_ascii=False, separators=(",", ":"))
        return cls(1 if result.get("failed") else 0, text.encode("utf-8", "surrogatepass") + b"\r\n")

    @classmethod
    def failed(cls, message: str) -> ModuleResult:
        """A failed result of a module, with its message."""
        return cls.of({"failed": True, "changed": False, "msg": message})

    @classmethod
    def refused(cls, message: str) -> ModuleResult:
        """A failed result whose message comes from the stand-in, and says so."""
        return cls.failed(STANDIN_SAYS + message)

    @classmethod
    def refused_command(cls, message: str) -> ModuleResult:
        """The end of a command that is no module call: exit code 1 and a text.

        It goes to both streams: ``raw`` shows both, but a failed making of a temporary folder only the first.
        """
        text = (STANDIN_SAYS + message + "\r\n").encode("utf-8", "replace")
        return cls(1, text, text)

    def after(self, junk: str) -> ModuleResult:
        """The same result with a line of junk before it, as a profile script or a native program may write it."""
        return ModuleResult(self.exit_code, junk.encode() + b"\r\n" + self.stdout, self.stderr)
