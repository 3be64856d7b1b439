# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control port of a stand-in host: one JSON line in, one JSON line out, loopback only."""

from __future__ import annotations

import base64
import json
import socket
import socketserver
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Answer:
    """What a program of the host answers."""

    exit_code: int = 0
    stdout: bytes = b""
    stderr: bytes = b""

    @classmethod
    def text(cls, stdout: str = "", exit_code: int = 0, encoding: str = "utf-8") -> Answer:
        return cls(exit_code, stdout.encode(encoding, "replace"))

    @classmethod
    def error(cls, stderr: str, exit_code: int = 1, encoding: str = "utf-8") -> Answer:
        return cls(exit_code, b"", stderr.encode(encoding, "replace"))


Run = Callable[[str, "list[str]"], Answer]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128


class ControlPort:
    """Serves `run(program, arguments)` on a free loopback port, and writes the address to the file `control`."""

    def __init__(self, file: Path, run: Run) -> None:
        self._file = file
        self._run = run
        self._server: socketserver.ThreadingTCPServer | None = None

    def start(self) -> None:
        run = self._run

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                line = self.rfile.readline()
                if line:
                    self.wfile.write(_reply(run, line))

        server = _Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), name="control", daemon=True).start()
        self._server = server
        self._file.write_text("{}:{}".format(*server.server_address[:2]), encoding="ascii")

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
            self._file.unlink(missing_ok=True)


def _reply(run: Run, line: bytes) -> bytes:
    try:
        request = json.loads(line)
        answer = run(request["program"], [str(argument) for argument in request["arguments"]])
    except Exception:  # a bug of the stand-in must reach the caller as a failed program, not as a closed connection
        answer = Answer.error(f"the stand-in host failed:\n{traceback.format_exc()}", 1)
    return (
        json.dumps(
            {
                "exit_code": answer.exit_code,
                "stdout": base64.b64encode(answer.stdout).decode(),
                "stderr": base64.b64encode(answer.stderr).decode(),
            }
        ).encode()
        + b"\n"
    )


def ask(host_folder: Path, program: str, arguments: list[str]) -> Answer:
    """Run a program or a `#verb` on a running host. Raises ConnectionError if the host does not run."""
    try:
        address, _, port = (host_folder / "control").read_text(encoding="ascii").rpartition(":")
        with socket.create_connection((address, int(port))) as connection:
            request = {"program": program, "arguments": arguments, "pid": 0}
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as lines:
                answer = json.loads(lines.readline())
    except (OSError, ValueError) as error:
        raise ConnectionError(
            f"the stand-in host in {host_folder} does not answer: {error}; is the fleet started?"
        ) from error
    return Answer(answer["exit_code"], base64.b64decode(answer["stdout"]), base64.b64decode(answer["stderr"]))
