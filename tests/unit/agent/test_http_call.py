# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command `request`: credentials go to the address that was named, and nowhere else."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from .conftest import Agent, AgentError

PASSWORD = "CANARY-пароль: \u20ac"
BASIC = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()


class Site(HTTPServer):
    """Answers what it was asked, as a chatty application would."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str]]] = []


class Handler(BaseHTTPRequestHandler):
    server: Site

    def answer(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        token = self.headers["Authorization"] or "nobody"
        body = json.dumps({"you": token, "password": PASSWORD}, ensure_ascii=False).encode()
        self.send_response(302 if self.path == "/moved" else 200)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("X-Echo", token)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 -- names of the base class

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def request(agent: Agent, site: Site, path: str = "/x", **fields: Any) -> dict[str, Any]:
    url = f"http://127.0.0.1:{site.server_port}{path}"
    asked = {"method": "POST", "url": url, "user": "admin", "password": PASSWORD, "timeout_seconds": 5, **fields}
    response: dict[str, Any] = agent.ask("request", **asked)["response"]
    return response


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_request_and_its_answer_without_the_credentials(agent: Agent, site: Site, method: str) -> None:
    response = request(agent, site, method=method)
    ((seen, path, headers),) = site.seen
    assert (seen, path, headers["Authorization"]) == (method, "/x", f"Basic {BASIC}")
    assert headers.get("Content-Length", "0") == "0"
    assert response["status"] == 200
    assert json.loads(response["body"]) == {"you": "Basic ********", "password": "********"}
    assert response["headers"]["x-echo"] == "Basic ********"
    told = json.dumps(response, ensure_ascii=False)
    assert PASSWORD not in told and BASIC not in told


def test_a_redirection_is_not_followed(agent: Agent, site: Site) -> None:
    assert request(agent, site, "/moved", follow_redirects=True)["status"] == 302
    assert [path for _method, path, _headers in site.seen] == ["/moved"]


def test_nobody_answers(agent: Agent, site: Site) -> None:
    response = request(agent, site, url="http://127.0.0.1:1/x")
    assert response["status"] is None and response["error"]["code"] == "not_reached"


def test_other_methods_are_refused(agent: Agent, site: Site) -> None:
    with pytest.raises(AgentError, match=r"^The field 'method' must be GET or POST, not 'DELETE'\.$"):
        request(agent, site, method="DELETE")
    assert site.seen == []


def test_a_query_sends_no_credentials(agent: Agent, site: Site) -> None:
    agent.query("http", url=f"http://127.0.0.1:{site.server_port}/x", method="POST", user="admin", password=PASSWORD)
    ((method, _path, headers),) = site.seen
    assert method == "GET" and "Authorization" not in headers
