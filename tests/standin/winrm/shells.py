# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The remote shells of one host and the commands that run in them."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from . import wsman
from .calls import ModuleResult

MAXIMUM_SHELLS = 30
"""MaxShellsPerUser of Windows Server 2012 and later."""
IDLE_SECONDS = 7200.0
"""IdleTimeout of Windows."""
MAXIMUM_STDIN = 64 * 1024 * 1024

Run = Callable[["Command"], ModuleResult]


@dataclass
class Command:
    """A command: its line, what was written to it, and once it has ended its result and how much of it was fetched."""

    line: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    stdin: bytearray = field(default_factory=bytearray)
    started: bool = False
    terminated: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    result: ModuleResult | None = None
    unread: list[tuple[str, bytes]] = field(default_factory=list)
    _reading: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def write(self, data: bytes) -> None:
        """Take a part of standard input; a command that has begun has got all of it."""
        if self.started:
            raise wsman.invalid("The command has got the end of its standard input before.")
        if len(self.stdin) + len(data) > MAXIMUM_STDIN:
            raise wsman.invalid(f"The standard input of a command is limited to {MAXIMUM_STDIN} bytes.")
        self.stdin += data

    def take(self, limit: int, chance: random.Random) -> tuple[list[tuple[str, bytes]], int | None]:
        """Up to ``limit`` bytes of the output in pieces (stream name, bytes), and the exit code with the last of them.

        The pieces end anywhere, in the middle of a character too: Windows cuts where the process happened to flush.
        """
        pieces: list[tuple[str, bytes]] = []
        with self._reading:
            while self.unread and limit > 0:
                name, data = self.unread.pop(0)
                size = min(limit, chance.randint(1, len(data)) if chance.random() < 0.5 else len(data))
                pieces.append((name, data[:size]))
                if data[size:]:
                    self.unread.insert(0, (name, data[size:]))
                limit -= size
            done = not self.unread
        return pieces, self.result.exit_code if done and self.result is not None else None

    def start(self, run: Run) -> None:
        """Run the command in a thread of its own: it does not depend on the connection that asked for it."""
        self.started = True
        threading.Thread(target=self._run, args=(run,), name=f"command {self.id}", daemon=True).start()

    def _run(self, run: Run) -> None:
        try:
            self.result = run(self)
        except Exception as error:  # the client must get an answer, whatever went wrong here
            self.result = ModuleResult.refused(f"internal error: {type(error).__name__}: {error}")
        streams = (("stdout", self.result.stdout), ("stderr", self.result.stderr))
        self.unread = [(name, data) for name, data in streams if data]
        self.ended.set()


@dataclass
class Shell:
    """A remote shell: commands by id, and when it was last used (seconds of the monotonic clock)."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    commands: dict[str, Command] = field(default_factory=dict)
    last_used: float = field(default_factory=time.monotonic)

    def command(self, command_id: str) -> Command:
        """The command with this id. Raises Fault if there is none."""
        command = self.commands.get(command_id.upper())
        if command is None:
            raise wsman.unknown_shell(f"CommandId {command_id}")
        return command

    def touch(self, ahead: float = 0.0) -> None:
        """Count as used for ``ahead`` seconds to come: a Receive that waits keeps its shell."""
        self.last_used = max(self.last_used, time.monotonic() + ahead)

    def close(self) -> None:
        """Kill everything that runs in the shell."""
        for command in list(self.commands.values()):
            command.terminated.set()


class Shells:
    """The open shells of a host. A client that was lost leaves its shell open, so idle ones expire."""

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._idle_seconds = idle_seconds
        self._shells: dict[str, Shell] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._shells)

    def open(self) -> Shell:
        """A new shell. Raises Fault above MAXIMUM_SHELLS."""
        self.expire()
        with self._lock:
            if len(self._shells) >= MAXIMUM_SHELLS:
                raise wsman.Fault(
                    f"This user is allowed a maximum number of {MAXIMUM_SHELLS} concurrent shells, which has been "
                    "exceeded. Close existing shells or raise the quota for this user.",
                    subcode="w:QuotaLimit",
                    wsman_code=wsman.QUOTA_MAX_SHELLS,
                )
            shell = Shell()
            self._shells[shell.id] = shell
            return shell

    def get(self, shell_id: str) -> Shell:
        """The shell with this id, which counts as used now. Raises Fault if there is none."""
        self.expire()
        with self._lock:
            shell = self._shells.get(shell_id)
            if shell is None:
                raise wsman.unknown_shell(f"ShellId {shell_id}")
            shell.touch()
            return shell

    def close(self, shell_id: str) -> None:
        """Close a shell and kill what runs in it. Raises Fault if there is none."""
        shell = self.get(shell_id)
        with self._lock:
            self._shells.pop(shell.id, None)
        shell.close()

    def expire(self) -> None:
        """Close the shells that nobody has used for the idle time."""
        oldest = time.monotonic() - self._idle_seconds
        with self._lock:
            expired = [shell for shell in self._shells.values() if shell.last_used < oldest]
            for shell in expired:
                del self._shells[shell.id]
        for shell in expired:
            shell.close()

    def close_all(self) -> None:
        """Close every shell: the host goes down."""
        with self._lock:
            shells, self._shells = list(self._shells.values()), {}
        for shell in shells:
            shell.close()
