# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The query `http`: where it connects, what it reads, and what it thinks of certificates."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from standin.windows.certificates import KINDS, certificate_file, install_certificate
from standin.windows.http_sys import HttpSys, Request, Response

from .conftest import Agent, AgentError

NAME = "portal.example.com"


def one(answer: dict[str, Any]) -> dict[str, Any]:
    (item,) = answer["items"]
    found: dict[str, Any] = item
    return found


@pytest.fixture
def answers() -> Iterator[Callable[[bytes], int]]:
    """Starts a server that says these bytes to whoever asks, and gives its port; `asked` of the function are the requests."""
    listening: list[socket.socket] = []

    def start(answer: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def serve() -> None:
            while True:
                try:
                    connection, _address = server.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    yield start
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


class Pages:
    """The sites of a host, and what they were asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.pages: dict[str, Response] = {}
        self.http = HttpSys(self.answer)

    def answer(self, request: Request) -> Response:
        self.asked.append(request)
        return self.pages.get(request.path, Response(200, f"page {request.path}"))


@pytest.fixture
def pages() -> Iterator[Pages]:
    found = Pages()
    yield found
    found.http.listen({})


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        return number


def test_it_connects_to_the_address_and_asks_for_the_name(agent: Agent, pages: Pages, port: int) -> None:
    pages.http.listen({port: None})
    item = one(agent.query("http", url=f"http://{NAME}:{port}/Home/?a=б", address="localhost"))
    assert (item["status"], item["body"]) == (200, "page /Home/?a=%D0%B1")
    assert pages.asked[0].headers["host"] == f"{NAME}:{port}"
    assert item["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "certificate" not in item and "error" not in item


def test_no_proxy_is_asked(agent: Agent, pages: Pages, port: int) -> None:
    pages.http.listen({port: None})
    agent.variables = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    assert one(agent.query("http", url=f"http://{NAME}:{port}/", address="127.0.0.1"))["status"] == 200


def test_a_cyrillic_name_travels_as_punycode(agent: Agent, pages: Pages, port: int) -> None:
    pages.http.listen({port: None})
    assert one(agent.query("http", url=f"http://портал.рф:{port}/", address="127.0.0.1"))["status"] == 200
    assert pages.asked[0].host == "xn--80awhdgm.xn--p1ai"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", "abc"),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", "to the end"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "abcde"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", ""),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=windows-1251\r\n\r\n" + "да".encode("cp1251"),
            "да",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n" + b"x" * 200_000, "x" * 65536),
    ],
    ids=["length", "until closed", "chunked", "after a 100", "charset", "no more than wanted"],
)
def test_bodies(agent: Agent, answers: Callable[[bytes], int], answer: bytes, body: str) -> None:
    item = one(agent.query("http", url=f"http://127.0.0.1:{answers(answer)}/"))
    assert item["status"] in (200, 204)
    assert item["body"] == body


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"SSH-2.0-x\r\n", {"code": "not_http", "message": "What answers there does not speak HTTP."}),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            {"code": "connection_lost", "message": "The connection was closed in the middle of the answer."},
        ),
        (
            b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000,
            {"code": "not_http", "message": "The headers of the answer do not end."},
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            {"code": "not_http", "message": "The answer is not chunked as it says."},
        ),
    ],
    ids=["another protocol", "torn", "endless headers", "bad chunk"],
)
def test_answers_that_are_none(
    agent: Agent, answers: Callable[[bytes], int], answer: bytes, error: dict[str, str]
) -> None:
    item = one(agent.query("http", url=f"http://127.0.0.1:{answers(answer)}/"))
    assert item["status"] is None
    assert item["error"] == error


def test_nobody_answers(agent: Agent, port: int) -> None:
    item = one(agent.query("http", url=f"http://{NAME}:{port}/", address="127.0.0.1"))
    assert item["error"]["code"] == "not_reached"
    assert item["error"]["message"].startswith(f"There is no connection to 127.0.0.1:{port}: ")
    assert one(agent.query("http", url="http://no.such.name.invalid/"))["error"]["code"] == "unknown_name"


def test_a_server_that_keeps_silent(agent: Agent) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        item = one(agent.query("http", url=f"http://127.0.0.1:{server.getsockname()[1]}/", timeout_seconds=1))
    assert item["error"] == {"code": "timeout", "message": "There was no whole answer in time."}
    assert 900 <= item["elapsed_ms"] < 5000


def test_redirects_stay_on_the_site(agent: Agent, pages: Pages, port: int) -> None:
    pages.http.listen({port: None})
    pages.pages = {
        "/": Response(302, "", {"Location": "/login"}),
        "/away": Response(302, "", {"Location": "https://sso.example.com/"}),
        "/round": Response(302, "", {"Location": "/round"}),
    }
    ask = {"address": "127.0.0.1", "follow_redirects": True}
    assert one(agent.query("http", url=f"http://{NAME}:{port}/", **ask))["body"] == "page /login"
    away = one(agent.query("http", url=f"http://{NAME}:{port}/away", **ask))
    assert (away["status"], away["headers"]["location"]) == (302, "https://sso.example.com/")
    assert one(agent.query("http", url=f"http://{NAME}:{port}/round", **ask))["status"] == 302
    del ask["follow_redirects"]
    assert one(agent.query("http", url=f"http://{NAME}:{port}/", **ask))["status"] == 302


@pytest.mark.parametrize("kind", KINDS)
def test_certificates(agent: Agent, pages: Pages, port: int, kind: str) -> None:
    install_certificate(agent.host.folder, port, NAME, kind)
    pages.http.listen({port: certificate_file(agent.host.folder, port)})
    ask = {"url": f"https://{NAME}:{port}/", "address": "127.0.0.1"}
    demanded = one(agent.query("http", **ask))
    told = one(agent.query("http", **ask, certificate="tell"))
    ignored = one(agent.query("http", **ask, certificate="ignore"))
    problem = None if kind == "trusted" else kind
    assert told["status"] == ignored["status"] == 200
    assert told["certificate"]["problem"] == problem
    assert "certificate" not in ignored
    if problem is None:
        assert (demanded["status"], demanded["certificate"]["subject"]) == (200, f"CN={NAME}")
        return
    assert demanded["status"] is None
    assert demanded["error"] == {"code": f"certificate_{kind}", "message": told["certificate"]["message"]}
    assert len(pages.asked) == 2, "an answer was asked for behind a certificate that was refused"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (
            "untrusted",
            "{who} is not trusted by this host: the authority that issued it is not among the trusted root authorities of the machine.",
        ),
        ("wrong_name", "{other} is not for the name portal.example.com."),
        ("expired", "{who} is not valid now: it, or one above it, is valid from "),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told(
    agent: Agent, pages: Pages, port: int, kind: str, message: str
) -> None:
    install_certificate(agent.host.folder, port, NAME, kind)
    pages.http.listen({port: certificate_file(agent.host.folder, port)})
    item = one(agent.query("http", url=f"https://{NAME}:{port}/", address="127.0.0.1"))
    whose = f"of 'CN=stand-in authority {port}'"
    names = {"who": f"The certificate 'CN={NAME}' {whose}", "other": f"The certificate 'CN=other.example.com' {whose}"}
    assert item["error"]["message"].startswith(message.format(**names))


def test_a_server_without_tls(agent: Agent, pages: Pages, port: int) -> None:
    pages.http.listen({port: None})
    item = one(agent.query("http", url=f"https://{NAME}:{port}/", address="127.0.0.1"))
    assert item["error"]["code"] in ("tls", "connection_lost")


@pytest.mark.parametrize("fields", [{"url": "ftp://x/"}, {"url": "http://"}, {"url": "http://x/", "certificate": "x"}])
def test_what_cannot_be_asked(agent: Agent, fields: dict[str, str]) -> None:
    with pytest.raises(AgentError) as raised:
        agent.query("http", **fields)
    assert raised.value.code == "bad_request"
