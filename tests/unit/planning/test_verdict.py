# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judging an instance from what its host answers."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import verdict
from unit import factories
from unit.factories import NEW, OLD

STOPPED_AT = "2026-11-22T16:00:00.000Z"
BEFORE, AFTER = "2026-11-22 18:59:59", "2026-11-22 19:00:30"  # the host lies three hours east of UTC


def record(time: str, version: str) -> str:
    return (
        f"{time},123 INFO 0000 systemAccount Comindware has started.\r\nSystem information:\r\n  Version: {version}\r\n"
    )


def healthy() -> dict[str, Any]:
    return {
        "identity": {"utc_offset_minutes": 180},
        "iis": copy.deepcopy(factories.answers()["iis"]),
        "http": {"items": [{"url": "http://localhost:8081/Home/Login/?returnUrl=/", "status": 200, "body": "login"}]},
        "system_logs": {
            "items": [{"path": r"C:\L\system_2026-11-22.log", "text": record(BEFORE, OLD) + record(AFTER, NEW)}]
        },
        "upgrade_logs": {"items": []},
    }


def judge(answers: dict[str, Any], final: bool = False) -> verdict.Verdict:
    instance = factories.instance(factories.host())
    return verdict.judge(instance, Version.parse(NEW), STOPPED_AT, answers, final)


def test_healthy() -> None:
    judged = judge(healthy())
    assert judged.state == "healthy"
    assert judged.message() == "Every check is right."


def test_401_is_an_answer() -> None:
    answers = healthy()
    answers["http"]["items"][0].update(status=401, headers={"www-authenticate": "Negotiate"})
    assert judge(answers).state == "healthy"


def test_a_certificate_for_another_name_is_no_verdict() -> None:
    answers = healthy()
    error = {"code": "certificate", "message": "This host does not trust the certificate."}
    answers["http"]["items"][0].update(status=None, body=None, error=error)
    judged = judge(answers)
    assert judged.state == "healthy" and judged.pages_unseen


def test_a_build_without_a_health_page() -> None:
    answers = healthy()
    answers["http"]["items"].append({"url": "http://localhost:8081/api/health", "status": 404, "body": ""})
    assert judge(answers).state == "healthy"
    answers["http"]["items"][1]["status"] = 500
    assert judge(answers).state == "pending"


def test_the_service_mode_page_hands_over() -> None:
    answers = healthy()
    answers["http"]["items"][0]["body"] = "<h1>Включен режим обслуживания</h1>"
    assert judge(answers).state == "handed_over"


@pytest.mark.parametrize(
    ("status", "error"),
    [(503, None), (500, None), (404, None), (None, {"code": "http", "message": "refused."}), (403, None), (302, None)],
)
def test_a_page_that_fails_is_unhealthy_only_at_the_end(status: int | None, error: dict[str, str] | None) -> None:
    answers = healthy()
    answers["http"]["items"][0].update(status=status, error=error)
    assert judge(answers).state == "pending"
    assert judge(answers, final=True).state == "unhealthy"


def test_a_stopped_pool_is_unhealthy_at_once() -> None:
    answers = healthy()
    answers["iis"]["pools"][0]["state"] = "Stopped"
    judged = judge(answers)
    assert judged.state == "unhealthy"
    assert judged.message() == "The pool 'Comindware sales' is Stopped: it failed repeatedly, or somebody stopped it."


def test_the_record_of_another_version_is_unhealthy_at_once() -> None:
    answers = healthy()
    answers["system_logs"]["items"][0]["text"] = record(AFTER, OLD)
    judged = judge(answers)
    assert judged.state == "unhealthy"
    assert judged.message() == f"The start-up record says version {OLD}, not {NEW}."


def test_a_record_of_an_earlier_start_proves_nothing() -> None:
    answers = healthy()
    answers["system_logs"]["items"][0]["text"] = record(BEFORE, NEW)
    assert judge(answers).state == "pending"
    assert judge(answers, final=True).state == "unknown"


def test_a_russian_record() -> None:
    answers = healthy()
    text = f"{AFTER},001 INFO 0 system Экземпляр CBAP запущен.\r\nСистемная информация:\r\n  Версия: {NEW}\r\n"
    answers["system_logs"]["items"][0]["text"] = text
    assert judge(answers).state == "healthy"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (f"{AFTER},1 INFO Upgrade completed", "healthy"),
        (f"{AFTER},1 INFO Execute upgrade step", "pending"),
        (f"{AFTER},1 ERROR it broke\n{AFTER},2 INFO Upgrade completed", "unhealthy"),
        (f"{AFTER},1 INFO ошибка: сломалось", "unhealthy"),
        (f"{AFTER},1 INFO 2 errors occurred", "unhealthy"),
        (f"{AFTER},1 INFO System.ArgumentException: x", "unhealthy"),
        (f"{AFTER},1 INFO Upgrade completed without errors", "healthy"),
        (f"{BEFORE},1 ERROR of an earlier upgrade\n{AFTER},2 INFO Upgrade completed", "healthy"),
    ],
)
def test_upgrade_logs(text: str, state: str) -> None:
    answers = healthy()
    answers["upgrade_logs"]["items"] = [{"path": r"C:\L\upgrade2026-11-22.log", "text": text}]
    assert judge(answers).state == state


@pytest.mark.parametrize("query", ["iis", "http", "system_logs", "upgrade_logs"])
def test_a_check_that_could_not_run_is_never_healthy(query: str) -> None:
    answers = healthy()
    answers[query] = {"error": {"message": "no"}}
    assert judge(answers).state == "pending"
    assert judge(answers, final=True).state == "unknown"
