# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The HTTP listener under WinRM: POST /wsman, basic authentication, connections that stay open."""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
import socket
import socketserver
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

MAXIMUM_BODY = 512_000
"""Bytes of a request: MaxEnvelopeSizekb of Windows, 500 as installed. Windows answers 413 to more."""
KEEP_ALIVE_SECONDS = 120
"""How long an idle connection stays open: the default of HTTP.sys."""
_DRAIN_LIMIT = 64 * 1024 * 1024
_ACCEPT_RETRY_SECONDS = 0.1
_REFUSING_SECONDS = 0.5

Answer = Callable[[bytes, str], tuple[int, bytes]]
"""HTTP status and body for the body of a request and the address of its client; or one of the next is raised."""


class Status(Exception):
    """Answer with this status of HTTP and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Closed(Exception):
    """Close the connection without a word."""


class Reset(Exception):
    """Reset the connection, as a firewall does, or a host that knows nothing of it."""


class Silence(Exception):
    """Keep the connection, and say nothing for as long as the client waits."""


class HttpListener:
    """Listens on an address and hands the body of each authenticated request to ``answer``, in its connection's thread.

    ``port`` 0 takes a free one. The port belongs to the listener until ``close``: in between, ``stop`` refuses
    connections, and ``start`` serves again. Raises OSError if the port is taken.
    """

    def __init__(self, address: str, port: int, user: str, password: str, answer: Answer) -> None:
        self.answer = answer
        self.authorization = base64.b64encode(f"{user}:{password}".encode())
        self._address = address
        self._server = _Server(address, port, self)
        self.port = int(self._server.server_address[1])
        self._lock = threading.RLock()

    def start(self) -> None:
        """Begin to serve."""
        self._server.server_activate()
        threading.Thread(target=self._server.serve, name=f"winrm {self.port}", daemon=True).start()

    def stop(self) -> None:
        """Close every connection and refuse new ones."""
        with self._lock:
            self.close()
            self._server = _Server(self._address, self.port, self)

    def refuse(self) -> None:
        """Close every connection, and refuse new ones for a moment."""
        with self._lock:
            self.stop()
            timer = threading.Timer(_REFUSING_SECONDS, self._serve_again, [self._server])
            timer.daemon = True
            timer.start()

    def close(self) -> None:
        """Close every connection and give the port back."""
        with self._lock:
            self._server.close()

    def _serve_again(self, refusing: _Server) -> None:
        with self._lock:
            if self._server is refusing and not refusing.closed:
                self.start()


class _Server(socketserver.ThreadingTCPServer):
    """Bound when it is made, so that the port is known and kept; listening from ``server_activate`` on."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: str, port: int, listener: HttpListener) -> None:
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        super().__init__((address, port), _Handler, bind_and_activate=False)
        self.listener = listener
        self._connections: set[socket.socket] = set()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        try:
            self.server_bind()
        except OSError:
            self.server_close()
            raise

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    def serve(self) -> None:
        """Accept connections until the server is closed, without the polling of ``serve_forever``."""
        while not self._closing.is_set():
            try:
                connection, client = self.socket.accept()
            except OSError:
                # Closed, or for the moment out of file descriptors.
                self._closing.wait(_ACCEPT_RETRY_SECONDS)
                continue
            with self._lock:
                self._connections.add(connection)
            self.process_request(connection, client)

    def shutdown_request(self, request: Any) -> None:
        """The end of a connection."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def close(self) -> None:
        """Stop to accept and cut all connections."""
        self._closing.set()
        with self._lock:
            connections = [self.socket, *self._connections]
        for connection in connections:
            with contextlib.suppress(OSError):
                # Wakes the thread that waits on it; closing alone would not.
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Microsoft-HTTPAPI/2.0"
    sys_version = ""
    timeout = KEEP_ALIVE_SECONDS
    disable_nagle_algorithm = True
    # Head and body in one segment, or delayed acknowledgement costs 40 ms an answer.
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        body = self._read_body()
        if body is None:
            return
        if not self._authorized():
            self._reply(401, b"")
        elif self.path.rstrip("/").lower() != "/wsman":
            self._reply(404, b"")
        else:
            self._answer(body)

    def _answer(self, body: bytes) -> None:
        try:
            self._reply(*self.server.listener.answer(body, str(self.client_address[0])))
        except Status as error:
            self._reply(error.status, b"")
        except (Closed, Reset, Silence) as end:
            self.close_connection = True
            if isinstance(end, Reset):
                self._reset()
            elif isinstance(end, Silence):
                self._wait_for_the_client()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # Not left to the server, whose shutdown would end the connection in good order first.
        os.close(self.connection.detach())

    def _wait_for_the_client(self) -> None:
        self.connection.settimeout(None)
        with contextlib.suppress(OSError):
            self.connection.recv(1)  # nothing but the end: the client waits for its answer

    def do_GET(self) -> None:
        self._reply(405, b"", {"Allow": "POST"})

    def log_message(self, *_: object) -> None:
        """Requests are not logged: they are counted by the WinRM server."""

    def _read_body(self) -> bytes | None:
        """The body, or None if the request was answered with its refusal."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit():
            self.close_connection = True
            self._reply(411, b"")
            return None
        if int(length) <= MAXIMUM_BODY:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                return body
            self.close_connection = True
            return None
        self._drain(int(length))
        self.close_connection = True
        self._reply(413, b"")
        return None

    def _drain(self, length: int) -> None:
        # Closed with unread data, a connection is reset and the client never sees the status.
        left = min(length, _DRAIN_LIMIT)
        while left > 0:
            part = self.rfile.read(min(left, 65536))
            if not part:
                return
            left -= len(part)

    def _authorized(self) -> bool:
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "basic" and hmac.compare_digest(
            credentials.strip().encode("utf-8", "replace"), self.server.listener.authorization
        )

    def _reply(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="WSMAN"')
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if body:
            self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
