# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls of the module by processes of this machine.

A process of Mono serves one call of a host after the other, each with the environment and the folder of its own: its start and its
compiling of machine code are most of what a call costs. The agent keeps nothing between calls (tests/unit/agent/test_sources.py), so that
it cannot tell this from the process of its own that a call has on Windows. A call that is killed takes its process with it, as there.
"""

from __future__ import annotations

import base64
import binascii
import os
import select
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .children import kill, wait

_POLL_MILLISECONDS = 100
_KEPT = 4  # one has some 40 MB


@dataclass(frozen=True)
class Ended:
    """An ended call: what a process of its own would have left. A negative exit code is a signal."""

    exit_code: int
    stdout: bytes
    stderr: bytes


class Call(Protocol):
    """A call of the module that goes on, or will."""

    def end(self, terminated: threading.Event | None = None) -> Ended:
        """Waits for its end, or kills it when it is `terminated`."""

    def kill(self) -> None:
        """Nothing of it does anything afterwards; one that has ended is left alone."""


Module = Callable[[bytes, Mapping[str, str], Path], Call]
"""Begins a call with a request in base64, an environment and a folder. Raises OSError where it cannot."""


class CallOfItsOwn:
    """A call by a process of its own: the request on standard input, the answer on standard output."""

    def __init__(self, command: list[str], request: bytes, environment: Mapping[str, str], folder: Path) -> None:
        # A file: of a long input that a slow process has not yet read, communicate() forgets the rest at its first timeout.
        with tempfile.TemporaryFile() as stdin:
            stdin.write(request)
            stdin.seek(0)
            self._process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )

    def end(self, terminated: threading.Event | None = None) -> Ended:
        stdout, stderr = wait(self._process, terminated or threading.Event())
        return Ended(self._process.returncode, stdout, stderr)

    def kill(self) -> None:
        kill(self._process)


class _Server:
    """A process that plays the calls of one program; it ends with its standard input, so with the process that has started it."""

    def __init__(self, program: Path, environment: Mapping[str, str]) -> None:
        # Mono asks once where HOME is, below which lie the authorities that the host trusts.
        self.serves = (program, environment.get("HOME"))
        self._killed = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            ["mono", str(program)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            # A group of its own, so that it ends with all its children, as on Windows the job of a shell does.
            start_new_session=True,
        )

    def is_there(self) -> bool:
        return not self._killed and self._process.poll() is None

    def call(self, request: bytes, environment: Mapping[str, str], folder: Path, terminated: threading.Event) -> Ended:
        parts = (
            "\0".join(f"{name}={value}" for name, value in environment.items()).encode(),
            os.fsencode(folder),
            request,
        )
        assert self._process.stdin
        try:
            self._process.stdin.write(b"".join(base64.b64encode(part) + b"\n" for part in parts))
            self._process.stdin.flush()
        except BrokenPipeError:
            return self._ended(b"")
        line = self._line(terminated)
        if not line.endswith(b"\n"):
            return self._ended(line)
        try:
            return Ended(0, base64.b64decode(line[:-1], validate=True), b"")
        except binascii.Error:  # the agent itself has written to its standard output
            self.kill()
            return Ended(0, line, b"")

    def _line(self, terminated: threading.Event) -> bytes:
        """What comes up to the end of a line, or of the process."""
        assert self._process.stdout
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        line = bytearray()
        while not line.endswith(b"\n"):
            if not poll.poll(_POLL_MILLISECONDS):
                if terminated.is_set():
                    self.kill()
                continue
            piece = os.read(descriptor, 1 << 20)
            if not piece:
                break
            line += piece
        return bytes(line)

    def _ended(self, stdout: bytes) -> Ended:
        exit_code = self._process.wait()
        self._said.seek(0)
        return Ended(exit_code, stdout, self._said.read())

    def kill(self) -> None:
        """With all its children."""
        self._killed = True  # its end may be seen later
        kill(self._process)

    def stop(self) -> None:
        """It has no call."""
        self._process.communicate()
        self._said.close()


class MonoCall:
    """A call by one of the processes of Mono that there are, or by a new one."""

    def __init__(self, program: Path, request: bytes, environment: Mapping[str, str], folder: Path) -> None:
        self._request, self._environment, self._folder = request, environment, folder
        self._guard = threading.Lock()
        self._server: _Server | None = _taken(program, environment)

    def end(self, terminated: threading.Event | None = None) -> Ended:
        server = self._server
        assert server
        ended = server.call(self._request, self._environment, self._folder, terminated or threading.Event())
        with self._guard:
            self._server = None
            _give_back(server)
        return ended

    def kill(self) -> None:
        with self._guard:
            if self._server:
                self._server.kill()


_idle: list[_Server] = []
_idle_guard = threading.Lock()


def _taken(program: Path, environment: Mapping[str, str]) -> _Server:
    with _idle_guard:
        for server in reversed(_idle):
            if server.serves == (program, environment.get("HOME")):
                _idle.remove(server)
                if server.is_there():
                    return server
                server.stop()
                break
    return _Server(program, environment)


def _give_back(server: _Server) -> None:
    with _idle_guard:
        _idle.append(server)
        superfluous = [_idle.pop(0) for _ in range(len(_idle) - _KEPT)]
    for one in superfluous:
        one.stop()
