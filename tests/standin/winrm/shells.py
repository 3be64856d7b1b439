# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The remote shells of one host and the commands that run in them."""

from __future__ import annotations

import contextlib
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from . import soap_faults
from .calls import ModuleResult

MAXIMUM_SHELLS = 30
"""MaxShellsPerUser of Windows Server 2012 and later."""
IDLE_SECONDS = 7200.0
"""IdleTimeout of Windows."""
MAXIMUM_STDIN = 64 * 1024 * 1024
# What is killed is gone soon; a test's own module may not listen.
_LONGEST_END_SECONDS = 10

Clock = Callable[[], float]
"""Seconds, from some beginning on."""
Run = Callable[["Command"], ModuleResult]


@dataclass
class Command:
    """A command: its line, what was written to it, and once it has ended its result and how much of it was fetched.

    ``met`` are the phases of its call that were looked at for faults; ``begun`` is set when the host knows what it runs.
    """

    line: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    stdin: bytearray = field(default_factory=bytearray)
    started: bool = False
    met: set[str] = field(default_factory=set)
    begun: threading.Event = field(default_factory=threading.Event)
    terminated: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    result: ModuleResult | None = None
    unread: list[tuple[str, bytes]] = field(default_factory=list)
    _reading: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def write(self, data: bytes) -> None:
        """Take a part of standard input; a command that has begun has got all of it."""
        if self.started:
            raise soap_faults.invalid("The command has got the end of its standard input before.")
        if len(self.stdin) + len(data) > MAXIMUM_STDIN:
            raise soap_faults.invalid(f"The standard input of a command is limited to {MAXIMUM_STDIN} bytes.")
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
        self.begun.set()
        streams = (("stdout", self.result.stdout), ("stderr", self.result.stderr))
        self.unread = [(name, data) for name, data in streams if data]
        self.ended.set()


@dataclass
class Shell:
    """A remote shell: commands by id, how long it may be idle, when it was last used, and how many requests use it now."""

    idle_seconds: float
    last_used: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    commands: dict[str, Command] = field(default_factory=dict)
    users: int = 0

    def command(self, command_id: str) -> Command:
        """The command with this id. Raises Fault if there is none, or no id."""
        if not command_id:
            raise soap_faults.no_command()
        command = self.commands.get(command_id.upper())
        if command is None:
            raise soap_faults.unknown_command()
        return command

    def close(self) -> None:
        """Kill everything that runs in the shell."""
        for command in list(self.commands.values()):
            command.terminated.set()

    def wait(self) -> None:
        """Until nothing runs in it any more."""
        for command in list(self.commands.values()):
            if command.started:
                command.ended.wait(_LONGEST_END_SECONDS)


class Shells:
    """The open shells of a host. A client that was lost leaves its shell open, so idle ones expire."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shells: dict[str, Shell] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        with self._lock:
            return len(self._shells)

    def open(self, idle_seconds: float | None) -> Shell:
        """A new shell, which the client wants to be closed after so much idleness. Raises Fault above MAXIMUM_SHELLS."""
        self._expire()
        with self._lock:
            if len(self._shells) >= MAXIMUM_SHELLS:
                raise soap_faults.too_many_shells(MAXIMUM_SHELLS)
            shell = Shell(IDLE_SECONDS if idle_seconds is None else idle_seconds, self._clock())
            self._shells[shell.id] = shell
            return shell

    @contextlib.contextmanager
    def using(self, shell_id: str) -> Iterator[Shell]:
        """The shell with this id, which is not idle meanwhile. Raises Fault if there is none."""
        self._expire()
        with self._lock:
            shell = self._shells.get(shell_id)
            if shell is None:
                raise soap_faults.unknown_shell(shell_id)
            shell.users += 1
        try:
            yield shell
        finally:
            with self._lock:
                shell.users -= 1
                shell.last_used = self._clock()

    def close(self, shell_id: str) -> None:
        """Close a shell and kill what runs in it. Raises Fault if there is none."""
        with self.using(shell_id) as shell, self._lock:
            self._shells.pop(shell.id, None)
        shell.close()

    def _expire(self) -> None:
        """Close the shells that nobody has used for their idle time."""
        now = self._clock()
        with self._lock:
            expired = [one for one in self._shells.values() if not one.users and now - one.last_used > one.idle_seconds]
            for shell in expired:
                del self._shells[shell.id]
        for shell in expired:
            shell.close()

    def close_all(self) -> None:
        """Close every shell, and wait until nothing runs in them any more: the service or the host goes down."""
        with self._lock:
            shells, self._shells = list(self._shells.values()), {}
        for shell in shells:
            shell.close()
        for shell in shells:
            shell.wait()
