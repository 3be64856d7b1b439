# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The HTTP listener of a stand-in host: as HTTP.sys, it owns the ports and knows which site a request is for."""

from __future__ import annotations

import ssl
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Request:
    method: str
    port: int
    host: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes = b""


@dataclass(frozen=True)
class Response:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    server: str = "Microsoft-IIS/10.0"


def http_sys_error(status: int, reason: str) -> Response:
    """What HTTP.sys itself answers when no worker process can."""
    body = (
        '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">\r\n'
        f"<HTML><HEAD><TITLE>{reason}</TITLE>\r\n"
        '<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>\r\n'
        f"<BODY><h2>{reason}</h2>\r\n<hr><p>HTTP Error {status}. {reason}.</p>\r\n</BODY></HTML>\r\n"
    )
    return Response(status, body, server="Microsoft-HTTPAPI/2.0")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1000  # queueLength of a pool, the documented default

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], (ssl.SSLError, ConnectionError)):  # a client that refuses the certificate
            super().handle_error(request, client_address)


class HttpSys:
    """Listens on exactly the ports it is told to, on 127.0.0.1 only."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self._answer = answer
        self._servers: dict[int, ThreadingHTTPServer] = {}
        self._lock = threading.Lock()

    def listen(self, ports: Mapping[int, Path | None]) -> None:
        """Open and close ports; one with a certificate speaks TLS. Raises OSError if another process has one of them."""
        with self._lock:
            for port in self._servers.keys() - ports.keys():
                server = self._servers.pop(port)
                server.shutdown()
                server.server_close()
            for port in ports.keys() - self._servers.keys():
                self._servers[port] = self._open(port, ports[port])

    def _open(self, port: int, certificate: Path | None) -> ThreadingHTTPServer:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                host = headers.get("host", "").rpartition(":")[0] or headers.get("host", "")
                response = answer(Request(self.command, port, host, self.path, headers, self.rfile.read(length)))
                self.send(response)

            def send(self, response: Response) -> None:
                body = response.body.encode("utf-8")
                self.send_response_only(response.status)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **response.headers}.items():
                    self.send_header(name, value)
                self.send_header("Server", response.server)
                self.send_header("Date", self.date_time_string())
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Connection", "close")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = serve  # noqa: N815 -- names of the base class

            def log_message(self, *arguments: object) -> None:
                pass  # the console belongs to whoever started the fleet

        server = _Server(("127.0.0.1", port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            # The handshake comes with the first read, in the thread of the request.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), name=f"http.sys {port}", daemon=True).start()
        return server
