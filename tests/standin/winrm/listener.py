# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The HTTP listener under WinRM: POST /wsman, basic authentication, connections that stay open."""

from __future__ import annotations

import base64
import contextlib
import hmac
import socket
import socketserver
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

Answer = Callable[[bytes], tuple[int, bytes]]
"""HTTP status and body for the body of a request."""


class ConnectionDropped(Exception):
    """Raised by an answer: close the connection without a word."""


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

    def start(self) -> None:
        """Begin to serve."""
        self._server.server_activate()
        threading.Thread(target=self._server.serve, name=f"winrm {self.port}", daemon=True).start()

    def stop(self) -> None:
        """Close every connection and refuse new ones."""
        self.close()
        self._server = _Server(self._address, self.port, self)

    def close(self) -> None:
        """Close every connection and give the port back."""
        self._server.close()


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
            self._reply(401, b"", {"WWW-Authenticate": 'Basic realm="WSMAN"'})
        elif self.path.rstrip("/").lower() != "/wsman":
            self._reply(404, b"")
        else:
            try:
                status, answer = self.server.listener.answer(body)
            except ConnectionDropped:
                self.close_connection = True
                return
            self._reply(status, answer)

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
