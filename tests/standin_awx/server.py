# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""AWX's API on a free loopback port: authentication, addresses, filters and pages; the objects are in store.py."""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from standin_awx.checks import Refused
from standin_awx.schema import COMMON, NODES, RESOURCES, UNIFIED, Json
from standin_awx.store import Store

VERSION = "24.6.1"
TOKEN, USER, PASSWORD = "a-token-of-awx", "admin", "a password of AWX"
PAGE = 25


@dataclass(frozen=True)
class Request:
    """What somebody has asked for."""

    method: str
    path: str
    status: int


class Missing(Exception):
    """Nothing is at that address."""


class StandinAwx:
    """``url`` is where it listens. ``requests``: all that it has answered."""

    def __init__(self, playbooks: list[str]) -> None:
        self.store = Store(playbooks)
        self.requests: list[Request] = []
        self.tokens = {TOKEN}
        lock = threading.Lock()
        awx = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with lock:
                    status, answer = awx.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
                    awx.requests.append(Request(self.command, urlsplit(self.path).path, status))
                self.reply(status, answer)

            do_GET = do_POST = do_PATCH = do_DELETE = handle_any  # noqa: N815 - http.server looks for these names

            def reply(self, status: int, answer: Any) -> None:
                content = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", VERSION)
                if status == 401:
                    self.send_header("WWW-Authenticate", 'Bearer realm="api"')
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
                """Nothing: ``requests`` has it all."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def changes(self) -> list[Request]:
        """The requests that were to change something."""
        return [request for request in self.requests if request.method != "GET"]

    def answer(self, method: str, target: str, authorization: str, body: bytes) -> tuple[int, Any]:
        """Status and JSON of one request; None: no content."""
        url = urlsplit(target)
        parts = url.path.strip("/").split("/")
        if parts[:3] == ["api", "v2", "tokens"]:
            return self._tokens(method, parts[3:], authorization)
        if authorization not in {f"Bearer {token}" for token in self.tokens}:
            return 401, {
                "detail": "Authentication credentials were not provided. To establish a login session, visit /api/login/."
            }
        if parts[:2] != ["api", "v2"] or not url.path.endswith("/"):
            return 404, {"detail": "The requested resource could not be found."}
        try:
            return self._route(
                method, parts[2:], dict(parse_qsl(url.query, keep_blank_values=True)), json.loads(body or "{}")
            )
        except Refused as refused:
            return 400, refused.body
        except Missing:
            return 404, {"detail": "Not found."}

    def _tokens(self, method: str, parts: list[str], authorization: str) -> tuple[int, Any]:
        if authorization != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            return 401, {"detail": "Invalid username/password."}
        token = f"{TOKEN}-of-{USER}"
        if method == "DELETE" and parts:
            self.tokens.discard(token)
            return 204, None
        self.tokens.add(token)
        return 201, {"id": 1, "token": token, "type": "o_auth2_access_token"}

    def _route(self, method: str, parts: list[str], query: dict[str, str], data: Json) -> tuple[int, Any]:
        name, rest = parts[0], parts[1:]
        if name == "project_updates" and len(rest) == 1 and method == "GET":
            return 200, {"id": int(rest[0]), "status": "successful", "failed": False}
        if name not in RESOURCES and name != "unified_job_templates":
            raise Missing
        if not rest:
            return self._collection(method, name, query, data)
        if name not in RESOURCES or not rest[0].isdigit() or self.store.find(name, int(rest[0])) is None:
            raise Missing
        number = int(rest[0])
        if len(rest) == 2:
            return self._part(method, name, number, rest[1], query, data)
        if method == "GET":
            item = self.store.find(name, number)
            assert item is not None
            return 200, self.store.shown(item)
        if method == "PATCH":
            return 200, self.store.change(name, number, data)
        return _not_allowed(method)

    def _collection(self, method: str, name: str, query: dict[str, str], data: Json) -> tuple[int, Any]:
        if method == "GET":
            return 200, _page(f"/api/v2/{name}/", _filtered(name, self.store.all(name), query), query)
        if method == "POST" and name in RESOURCES and name != "workflow_approval_templates":
            return 201, self.store.create(name, data)
        return _not_allowed(method)

    def _part(
        self, method: str, name: str, number: int, part: str, query: dict[str, str], data: Json
    ) -> tuple[int, Any]:
        item = self.store.find(name, number)
        assert item is not None
        if part == "survey_spec" and RESOURCES[name].survey:
            if method == "POST":
                self.store.set_survey(name, number, data)
            elif method == "DELETE":
                self.store.remove_survey(name, number)
            return 200, item["survey_spec"] if method == "GET" else None
        if part == "create_approval_template" and name == NODES and method == "POST":
            return 201, self.store.create_approval(number, data)
        if part not in RESOURCES[name].lists:
            raise Missing
        if method == "GET":
            return 200, _page(f"/api/v2/{name}/{number}/{part}/", self.store.listed(name, number, part), query)
        if method == "POST":
            self.store.associate(name, number, part, data)
            return 204, None
        return _not_allowed(method)


def _not_allowed(method: str) -> tuple[int, Any]:
    return 405, {"detail": f'Method "{method}" not allowed.'}


def _filtered(name: str, items: list[Json], query: dict[str, str]) -> list[Json]:
    """Items that have all the values asked for; of those with the prefix ``or__``, one is enough."""
    wanted = {key: value for key, value in query.items() if key not in {"page", "page_size", "order_by"}}
    names = UNIFIED if name == "unified_job_templates" else (name,)
    known = {field for one in names for field in (*COMMON, *RESOURCES[one].fields, *RESOURCES[one].read_only)}
    for key in wanted:
        if key.removeprefix("or__") not in known:
            raise Refused({"detail": f"{name} has no field named '{key.removeprefix('or__')}'"})
    every = {key: value for key, value in wanted.items() if not key.startswith("or__")}
    one_of = {key.removeprefix("or__"): value for key, value in wanted.items() if key.startswith("or__")}
    return [
        item
        for item in items
        if all(str(item.get(key)) == value for key, value in every.items())
        and (not one_of or any(str(item.get(key)) == value for key, value in one_of.items()))
    ]


def _page(path: str, items: list[Json], query: dict[str, str]) -> Json:
    number, size = int(query.get("page", 1)), int(query.get("page_size", PAGE))
    more = number * size < len(items)
    return {
        "count": len(items),
        "next": f"{path}?{urlencode(query | {'page': str(number + 1)})}" if more else None,
        "previous": f"{path}?{urlencode(query | {'page': str(number - 1)})}" if number > 1 else None,
        "results": items[(number - 1) * size : number * size],
    }
