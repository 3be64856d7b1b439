# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting for a backup of the product: what is believed, what is asked, and every way in which none comes of it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import host, product_sessions
from ansible_collections.comindware.platform.plugins.plugin_utils.host import ConnectionLost, Host, Login
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.product_backup import (
    SESSION,
    ProductBackupWish,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.product_sessions import Session
from unit import factories
from unit.factories import HOME, archive

FOLDER = HOME + r"\Backup"
OLD_FILE, NEW_FILE = "Backup.202611221000.cdbbz", "Backup.202611221900.cdbbz"
BEFORE, NOW, LATER = "2026-11-22T10:00:00.000Z", "2026-11-22T19:00:00.000Z", "2026-11-22T19:01:00.000Z"
LOGIN = Login("api", "CANARY")
WISH = ProductBackupWish(SESSION, "backup config/1", timeout=60)
OBJECT = {"id": "backupSession.7", "whatever": "InProgress"}


class Clock:
    """Time passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    for module in host, product_sessions:
        monkeypatch.setattr(module, "time", found)
    return found


def listed(*files: tuple[str, int, str]) -> dict[str, Any]:
    """What lies in the folder: name, size and time of each archive."""
    entries = [{"path": name, "kind": "file", "size": size, "modified": time} for name, size, time in files]
    return {"archives": {"items": [{"path": FOLDER, "exists": True, "entries": entries}]}, "identity": {"time": NOW}}


OLDER = (OLD_FILE, 4096, BEFORE)
START = listed(OLDER)
DONE = listed(OLDER, (NEW_FILE, 5000, LATER))
GOOD = {"product_backup": archive(path=rf"{FOLDER}\{NEW_FILE}", size=5000, modified=LATER)}


class Product:
    """The host's agent: answers queries in order, the last one again and again, and requests by their method."""

    def __init__(self, *answers: Any, start: tuple[int | None, str] = (200, json.dumps(OBJECT))) -> None:
        self._answers = iter(answers)
        self._last: Any = None
        self._start = start
        self.requests: list[dict[str, Any]] = []
        self.asked: list[list[dict[str, Any]]] = []

    def __call__(self, arguments: dict[str, Any]) -> dict[str, Any]:
        sent = json.loads(base64.b64decode(arguments["request"]))
        if sent["command"] == "request":
            self.requests.append(sent)
            status, body = (
                self._start if sent["method"] == "POST" else (200, json.dumps({**OBJECT, "whatever": "Done"}))
            )
            error = {} if status else {"error": {"code": "not_reached", "message": "There is no connection."}}
            return _answer(response={"status": status, "body": body, **error})
        self.asked.append(sent["queries"])
        self._last = next(self._answers, self._last)
        if isinstance(self._last, Exception):
            raise self._last
        return _answer(answers=self._last)


def _answer(**fields: Any) -> dict[str, Any]:
    return {"answer": json.dumps({"ok": True, **fields})}


def make(product: Product, wish: ProductBackupWish = WISH) -> Session:
    return product_sessions.make(Host(product), factories.instance(factories.host()), wish, LOGIN, lambda message: None)


def refusal(product: Product) -> str:
    with pytest.raises(Refusal) as refused:
        make(product)
    return str(refused.value)


@pytest.fixture
def good() -> Product:
    growing = listed(OLDER, (NEW_FILE, 100, NOW))
    return Product(START, START, growing, DONE, DONE, GOOD)


def test_a_new_archive_that_has_stopped_growing_and_is_good(good: Product) -> None:
    assert make(good) == Session(rf"{FOLDER}\{NEW_FILE}", 5000, {**OBJECT, "whatever": "Done"})
    start, state = good.requests
    assert start == {
        "command": "request",
        "method": "POST",
        "user": "api",
        "password": "CANARY",
        "timeout_seconds": 60,
        "url": "http://portal.example.com:8081/webapi/Backup/Session/backup%20config%2F1",
        "address": "localhost",
    }
    assert state["method"] == "GET" and state["url"].endswith("/webapi/Backup/Session/backupSession.7")
    (question,) = good.asked[-1]
    assert question["paths"] == [rf"{FOLDER}\{NEW_FILE}"] and question["maximum_seconds"] <= 60


def test_an_archive_of_the_same_name_is_a_new_one_when_it_has_changed() -> None:
    again = listed((OLD_FILE, 5000, LATER))
    found = {"product_backup": archive(path=rf"{FOLDER}\{OLD_FILE}", size=5000, modified=LATER)}
    assert make(Product(START, again, again, found)).archive == rf"{FOLDER}\{OLD_FILE}"


def test_an_old_archive_that_somebody_copied_there_is_none() -> None:
    copied = listed(OLDER, ("copied.cdbbz", 5000, BEFORE))
    assert f"no new .cdbbz has come to {FOLDER}" in refusal(Product(START, copied))


def test_none_comes() -> None:
    assert refusal(Product(START)) == (
        f"The backup of the product of instance 'sales' was not finished within 60 seconds: no new .cdbbz has come to {FOLDER}. The "
        'product says about the session: {"id": "backupSession.7", "whatever": "Done"}. Look at the product\'s backups; if they are only '
        "slow, raise product_backup_timeout, and if they go elsewhere, have the configuration write to that folder. Nothing was stopped; "
        "the instance stays at 5.0.13334.0."
    )


def test_one_that_is_damaged_is_read_again_only_when_it_has_changed() -> None:
    damaged = {"product_backup": archive(path=rf"{FOLDER}\{NEW_FILE}", state="damaged", reason="it is cut off")}
    product = Product(START, DONE, DONE, damaged, DONE)
    assert rf"{FOLDER}\{NEW_FILE} is damaged: it is cut off." in refusal(product)
    assert len([queries for queries in product.asked if queries[0]["kind"] == "zip"]) == 1
    later = listed(OLDER, (NEW_FILE, 6000, LATER))
    mended = {"product_backup": archive(path=rf"{FOLDER}\{NEW_FILE}", size=6000, modified=LATER)}
    assert make(Product(START, DONE, DONE, damaged, later, later, mended)).size == 6000


def test_one_that_changed_while_it_was_read_is_not_believed() -> None:
    other = {"product_backup": archive(path=rf"{FOLDER}\{NEW_FILE}", size=5001, modified=LATER)}
    with pytest.raises(Refusal):
        make(Product(START, DONE, DONE, other, DONE))


def test_a_session_object_that_is_no_json_is_shown_as_nothing() -> None:
    assert make(Product(START, DONE, DONE, GOOD, start=(200, "<html>"))).session is None
    assert "says about the session: nothing." in refusal(Product(START, start=(200, "")))


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ((401, ""), "it answered HTTP 401 (POST {url}). Check product_backup_user and product_backup_password: "),
        ((403, ""), "it answered HTTP 403 (POST {url}). Give the account the permission for API calls"),
        ((404, ""), "it answered HTTP 404 (POST {url}). Check that the product has a backup configuration 'backup config/1'."),
        ((503, ""), "it answered HTTP 503 (POST {url}). In service mode an administrator has to log in first."),
        ((None, ""), "it could not be asked: There is no connection (POST {url}). Check that its site answers on the host itself."),
    ],
)  # fmt: skip
def test_a_product_that_starts_none(start: tuple[int | None, str], reason: str) -> None:
    told = refusal(Product(START, start=start))
    url = "http://portal.example.com:8081/webapi/Backup/Session/backup%20config%2F1"
    assert told.startswith("The product of instance 'sales' started no backup session: " + reason.format(url=url))
    assert told.endswith("Nothing was stopped; the instance stays at 5.0.13334.0.")


def test_a_lost_connection_costs_nothing_while_there_is_time(good: Product) -> None:
    lost = ConnectionLost("gone")
    assert make(Product(START, lost, lost, DONE, lost, DONE, GOOD)).size == 5000
    with pytest.raises(ConnectionLost):
        make(Product(START, lost))


def test_the_password_is_in_no_text_of_the_login() -> None:
    assert "CANARY" not in repr(LOGIN) + str(LOGIN)
