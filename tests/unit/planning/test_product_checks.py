# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the checks of the product's backup, pages and logs see."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from unit.factories import BACKUP_FILE, HOME, archive, sharing
from unit.planning.checking import AFTER, AUDIT, BEFORE, LOGIN, NOW, SEARCH, SINCE, answers, seen

# The product's backup. The one of the factories was made at 10:00 UTC, nine hours ago.


def backup(found: Any = None, facts: HostFacts | None = None, **more: Any) -> tuple[str, str]:
    known = {**answers(), "product_backup": found or archive()}
    return seen("product_backup", facts, **{"since": None, "answers": known, **more})


def test_a_young_backup() -> None:
    assert backup() == (
        "ok",
        f"{BACKUP_FILE} is 9 hours old, at most 24 are wanted; it was read to its end, 35 files",
    )
    assert backup(now=NOW + timedelta(hours=15))[0] == "ok"


def test_an_old_backup_and_what_stands_in_for_it() -> None:
    old = NOW + timedelta(hours=15, seconds=1)
    assert backup(now=old) == ("failed", f"{BACKUP_FILE} is 25 hours old, at most 24 are wanted")
    copied = "the upgrade copies the data itself while the instance is stopped"
    assert backup(now=old, cold_copy=True) == ("ok", copied)
    only = {"cold_copy": False}
    assert backup(now=old, cold_copy=True, parameters=only)[0] == "failed"
    made = "the product is told to make one before anything is stopped (product_backup: session)"
    assert backup(now=old, session=True, parameters=only) == ("ok", made)


def test_a_backup_of_the_version_before() -> None:
    assert backup(since=SINCE) == (
        "failed",
        f"{BACKUP_FILE} was made 2026-11-22 10:00 UTC, before the present version started 2026-11-22 16:00 UTC",
    )
    assert backup(since=datetime(2026, 11, 22, 9, 59, tzinfo=timezone.utc))[0] == "ok"


def test_no_backup() -> None:
    assert backup({"items": []}) == ("failed", rf"no .cdbbz in {HOME}\Backup, one of at most 24 hours is wanted")


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("damaged", "failed", "is damaged"),
        ("incomplete", "failed", "is not complete"),
        ("unproved", "unknown", "could not be proved to be good"),
    ],
)
def test_a_backup_that_is_not_good_however_young(state: str, outcome: str, words: str) -> None:
    found = archive(state=state, reason="its end is missing")
    assert backup(found) == (outcome, f"{BACKUP_FILE} {words}: its end is missing")


def test_backups_that_could_not_be_looked_at() -> None:
    wanted = rf"{HOME}\Backup could not be looked at, a .cdbbz of at most 24 hours is wanted"
    assert backup({"error": {"message": "Access is denied."}}) == ("unknown", f"{wanted}: Access is denied")
    assert backup({"nothing": 1}) == ("unknown", f"{wanted}: it was not asked for")


def test_a_folder_of_several_instances_proves_nothing() -> None:
    assert backup(facts=sharing()) == (
        "unknown",
        f"{BACKUP_FILE} is 9 hours old, at most 24 are wanted, but it may be a backup of support: they share the folder",
    )


# The search server and the pages.


def answered(query: str, answer: Any) -> dict[str, Any]:
    return {"answers": {**answers(), query: answer}}


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        ({"items": [{"url": SEARCH, "status": 200}]}, "ok", f"{SEARCH} answers HTTP 200"),
        ({"items": [{"url": SEARCH, "status": 503}]}, "failed", f"{SEARCH} answers HTTP 503"),
        (
            {"items": [{"url": SEARCH, "status": None, "error": {"code": "not_reached", "message": "Refused."}}]},
            "failed",
            f"{SEARCH} does not answer: Refused",
        ),
        (
            {
                "items": [
                    {
                        "url": SEARCH,
                        "status": None,
                        "error": {"code": "certificate_untrusted", "message": "Not trusted."},
                    }
                ]
            },
            "unknown",
            f"{SEARCH} does not answer: Not trusted",
        ),
        (
            {"error": {"code": "bad_request", "message": "'x' is not an HTTP address."}},
            "unknown",
            "the address could not be asked: 'x' is not an HTTP address",
        ),
        (
            {"items": []},
            "unknown",
            "no address that can be asked without a password in journal.server or elasticsearchUri",
        ),
    ],
)
def test_the_search_server(answer: dict[str, Any], state: str, words: str) -> None:
    assert seen("search_server", **answered("search_server", answer)) == (state, words)


def test_the_service_mode() -> None:
    page = {"url": LOGIN, "status": 200, "body": "<h1>Включен режим обслуживания</h1>"}
    words = f"{LOGIN} shows the service-mode page (HTTP 200)"
    assert seen("not_in_service_mode", **answered("http", {"items": [page]})) == ("failed", words)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ({"status": 401, "body": ""}, f"{LOGIN} answers HTTP 401, so the page itself cannot be seen"),
        (
            {"status": None, "error": {"code": "tls", "message": "No encrypted connection came about."}},
            f"{LOGIN} does not answer: No encrypted connection came about",
        ),
        ({"status": 503, "body": ""}, f"{LOGIN} answers HTTP 503"),
    ],
)
def test_a_page_that_cannot_be_seen_proves_nothing(page: dict[str, Any], words: str) -> None:
    answer = {"items": [{"url": LOGIN, **page}]}
    assert seen("not_in_service_mode", **answered("http", answer)) == ("unknown", words)


# Logs since the start.


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (f"{AFTER},001 INFO 0 s Execute upgrade “x”\r\n", "failed"),
        (f"{AFTER},001 ERROR 0 s Upgrade step failed with an error\r\n", "failed"),
        (f"{BEFORE},001 ERROR 0 s Upgrade step failed with an error\r\n", "ok"),
    ],
)
def test_upgrade_logs(text: str, state: str) -> None:
    logs = {"items": [{"path": r"C:\L\upgrade2026-11-22.log", "text": text}]}
    assert seen("upgrade_logs", **answered("upgrade_logs", logs))[0] == state


@pytest.mark.parametrize("kind", ["upgrade_logs", "administrator_logged_in"])
def test_a_start_of_unknown_time(kind: str) -> None:
    assert seen(kind, since=None) == ("unknown", "when the present version was started is not known")


@pytest.mark.parametrize("kind", ["search_server", "not_in_service_mode", "upgrade_logs", "administrator_logged_in"])
def test_a_host_that_was_not_asked_tells_nothing(kind: str) -> None:
    assert seen(kind, answers={})[0] == "unknown"


def login(text: str, **log: Any) -> tuple[str, str]:
    return seen(
        "administrator_logged_in",
        **answered("audit_logs", {"items": [{"path": r"C:\L\audit_2026-11-22.log", "text": text, **log}]}),
    )


@pytest.mark.parametrize(
    "record",
    [
        "admin: login, role System Administrators",
        "Administrator logged in",
        "The user ivanov has logged-in, group: Administrators",
        "Вход пользователя admin (Системные администраторы)",
        "Администратор вошёл в систему",
    ],
)
def test_a_login_of_an_administrator(record: str) -> None:
    assert login(f"{AFTER},001 INFO 0000 systemAccount {record}\r\n")[0] == "ok"


@pytest.mark.parametrize(
    "record",
    [
        "ivanov: login, role Users",
        "admin: login failed, role System Administrators",
        "admin: logout, role System Administrators",
        "Неудачный вход: администратор",
        "Administrator changed the template login_log",
    ],
)
def test_what_is_no_login_of_an_administrator(record: str) -> None:
    assert login(f"{AFTER},001 INFO 0000 systemAccount {record}\r\n") == (
        "failed",
        "no login of an administrator since 2026-11-22 16:00 UTC in audit_2026-11-22.log (how such a record looks is inferred, the "
        "vendor does not show it)",
    )


def test_a_login_before_the_start_does_not_count() -> None:
    assert login(AUDIT.replace(AFTER, BEFORE))[0] == "failed"


def test_an_audit_log_of_which_only_the_end_was_read() -> None:
    state, words = login(f"{AFTER},001 INFO 0000 systemAccount x\r\n", truncated=True)
    assert state == "unknown"
    assert "in audit_2026-11-22.log, of which the last 128 KB were read (how" in words


def test_no_audit_log() -> None:
    assert seen("administrator_logged_in", **answered("audit_logs", {"items": []})) == (
        "unknown",
        rf"no audit log in {HOME}\Logs could be read: none was written since 2026-11-22 16:00 UTC",
    )


def test_a_host_without_a_time_zone() -> None:
    assert seen("administrator_logged_in", **answered("identity", {})) == (
        "unknown",
        "the time zone of the host is not known, so the times of its logs say nothing",
    )
