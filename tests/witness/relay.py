# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands behind the look-alike programs and the played seams of a Wine host: native/relay.c has the protocol."""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import struct
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from errno import EEXIST, ENOENT, ENOTDIR

from standin.control import Answer
from standin.windows.paths import Drives, LinkKind

from .security import Security

_KINDS = {kind.protocol_name: kind for kind in LinkKind}
_WIN32 = {ENOENT: 2, ENOTDIR: 3, EEXIST: 183}
_ACCESS_DENIED = 5


@dataclass(frozen=True)
class Called:
    """A program as it was called. `is_over`: is set when its process is gone, whoever has ended it."""

    program: str
    folder: str
    line: str
    library: str
    is_over: threading.Event


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


class Relay:
    """Serves on one port of the loopback, the same one in all the life of a host."""

    def __init__(self, port: int, drives: Drives, security: Security, run: Callable[[Called], Answer]) -> None:
        self._port, self._drives, self._security, self._run = port, drives, security, run
        self._server: _Server | None = None

    def start(self) -> None:
        relay = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                relay._serve(self.request)

        self._server = _Server(("127.0.0.1", self._port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="relay", daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _serve(self, connection: socket.socket) -> None:
        head = connection.recv(4, socket.MSG_WAITALL)
        if len(head) < 4:
            return
        question = connection.recv(struct.unpack("<I", head)[0], socket.MSG_WAITALL).decode("utf-8")
        program, folder, line, library = question.split("\0")[:4]
        is_over = threading.Event()
        threading.Thread(target=_watch, args=(connection, is_over), daemon=True).start()
        try:
            answer = (
                self._play(program, folder, line)
                if program.startswith("#")
                else self._run(Called(program, folder, line, library, is_over))
            )
        except Exception:  # a bug of the stand-in must reach the caller as a failed program
            answer = Answer.error(f"the stand-in host failed:\n{traceback.format_exc()}", 1)
        parts = (struct.pack("<I", answer.exit_code & 0xFFFFFFFF), *map(_with_length, (answer.stdout, answer.stderr)))
        with contextlib.suppress(OSError):  # it was killed
            connection.sendall(b"".join(parts))

    def _play(self, what: str, path: str, more: str) -> Answer:
        try:
            return Answer.text(getattr(self, f"_{what[1:]}")(path, more))
        except OSError as error:
            return Answer(_WIN32.get(error.errno or 0, _ACCESS_DENIED))

    def _read_link(self, path: str, _more: str) -> str:
        try:
            found = self._drives.link(path)
        except (FileNotFoundError, ValueError):
            return ""
        return f"{found[0].protocol_name}\t{found[1]}" if found else ""

    def _create_link(self, path: str, more: str) -> str:
        kind, target = more.split("\t")
        place = self._drives.linux(path)
        if os.path.lexists(place):
            raise FileExistsError(EEXIST, path)
        if not place.parent.is_dir():
            raise NotADirectoryError(ENOTDIR, path)
        self._drives.make_link(path, target, _KINDS[kind])
        return ""

    def _remove_link(self, path: str, _more: str) -> str:
        self._drives.linux(path).unlink()
        return ""

    def _read_security(self, path: str, _more: str) -> str:
        return self._security.read(path)

    def _write_security(self, path: str, more: str) -> str:
        self._security.write(path, more)
        return ""

    def _forget_security(self, path: str, _more: str) -> str:
        self._security.forget(path)
        return ""

    def _keep_security(self, path: str, _more: str) -> str:
        self._security.keep(path)
        return ""


def _with_length(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _watch(connection: socket.socket, is_over: threading.Event) -> None:
    """Nothing more comes from the other side but its end."""
    with contextlib.suppress(OSError):
        connection.recv(1)
    is_over.set()
