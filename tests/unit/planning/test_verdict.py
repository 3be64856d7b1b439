# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judging an instance from what its host answers."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import InstanceFacts, Service
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import verdict
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.health import AS_IT_IS, Baseline
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.health_host import WorkerWatch
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.health_pages import Manner
from unit import factories
from unit.factories import NEW, OLD

STOPPED_AT = "2026-11-22T16:00:00.000Z"
BEFORE, AFTER = "2026-11-22 18:59:59", "2026-11-22 19:00:30"  # the host lies three hours east of UTC
LOGIN, HEALTH = "http://portal.example.com:8081/Home/Login/?returnUrl=/", "http://portal.example.com:8081/api/health"
POOL = "Comindware sales"


def record(time: str, version: str) -> str:
    return (
        f"{time},123 INFO 0000 systemAccount Comindware has started.\r\nSystem information:\r\n  Version: {version}\r\n"
    )


def page(url: str, status: int | None, error: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {"url": url, "status": status, "headers": {}, "body": "", **({"error": error} if error else {}), **more}


def healthy() -> dict[str, Any]:
    return {
        "identity": {"utc_offset_minutes": 180},
        "iis": copy.deepcopy(factories.answers()["iis"]),
        "http": {"items": [page(LOGIN, 200), page(HEALTH, 200)]},
        "system_logs": {
            "items": [{"path": r"C:\L\system_2026-11-22.log", "text": record(BEFORE, OLD) + record(AFTER, NEW)}]
        },
        "upgrade_logs": {"items": []},
        "upgrade_errors": {"items": []},
    }


def sales(*services: Service) -> InstanceFacts:
    instance = copy.deepcopy(factories.instance(factories.host()))
    instance["services"] = list(services)
    return instance


def judge(answers: dict[str, Any], final: bool = False, before: Baseline | None = None) -> verdict.Verdict:
    return verdict.judge(sales(), Version.parse(NEW), STOPPED_AT, answers, final, before=before)


def state(judged: verdict.Verdict, name: str) -> str:
    found: str = judged.as_dict()["checks"][name]["state"]
    return found


def test_healthy() -> None:
    judged = judge(healthy())
    assert judged.state == "healthy"
    assert judged.message() == "Every check is right."
    assert set(judged.as_dict()["checks"]) == {"iis", "http", "record", "data_upgrade"}


# What is asked.


def test_logs_of_a_hundred_days_are_not_read() -> None:
    asked = {query["id"]: query for query in verdict.queries(sales(), Version.parse(NEW), STOPPED_AT)}
    read = [query for query in asked.values() if query["kind"] == "read"]
    assert [query["modified_since"] for query in read] == [STOPPED_AT] * 3
    assert list(asked).index("http") < list(asked).index("iis"), "the request starts the process that IIS is asked for"


def test_pages_are_asked_by_the_name_that_people_use() -> None:
    (asked,) = [query for query in verdict.queries(sales(), Version.parse(NEW)) if query["id"] == "http"]
    assert asked["urls"] == [LOGIN, HEALTH]
    assert (asked["address"], asked["certificate"], asked["timeout_seconds"]) == ("localhost", "tell", 20)
    instance = sales()
    assert instance["site"]
    instance["site"]["url"] = "http://not a name:8081/"
    (asked,) = [
        query
        for query in verdict.queries(instance, Version.parse("4.7.0.0"), None, Manner(7, False))
        if query["id"] == "http"
    ]
    assert asked["urls"] == ["http://localhost:8081/Home/Login/?returnUrl=/"]
    assert (asked["certificate"], asked["timeout_seconds"]) == ("ignore", 7)


# Pages.


def test_401_is_an_answer() -> None:
    answers = healthy()
    answers["http"]["items"][0].update(status=401, headers={"www-authenticate": "Negotiate"})
    judged = judge(answers)
    assert judged.state == "healthy" and judged.pages_unseen


def test_a_login_page_of_another_site_is_an_answer() -> None:
    answers = healthy()
    answers["http"]["items"][0].update(status=302, headers={"location": "https://sso.example.com/adfs"})
    judged = judge(answers)
    assert judged.state == "healthy" and judged.pages_unseen
    answers["http"]["items"][0].update(status=302, headers={"location": "/Home/Login"})
    assert judge(answers).state == "pending"


def test_a_build_without_a_health_page() -> None:
    answers = healthy()
    answers["http"]["items"][1]["status"] = 404
    assert judge(answers).state == "healthy"
    answers["http"]["items"][1]["status"] = 500
    assert judge(answers).state == "pending"


def test_the_service_mode_page_hands_over() -> None:
    answers = healthy()
    answers["http"]["items"][0]["body"] = "<h1>Включен режим обслуживания</h1>"
    answers["http"]["items"][1]["status"] = 503
    assert judge(answers).state == "handed_over"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (503, None),
        (500, None),
        (404, None),
        (None, {"code": "not_reached", "message": "refused."}),
        (403, None),
        (302, None),
    ],
)
def test_a_page_that_fails_is_unhealthy_only_at_the_end(status: int | None, error: dict[str, str] | None) -> None:
    answers = healthy()
    answers["http"]["items"][0] = page(LOGIN, status, error)
    assert judge(answers).state == "pending"
    assert judge(answers, final=True).state == "unhealthy"


# Certificates.


def certified(problem: str | None) -> dict[str, Any]:
    answers = healthy()
    message = "The certificate 'CN=x' of 'CN=y' is not right." if problem else None
    for each in answers["http"]["items"]:
        each["certificate"] = {"problem": problem, "message": message, "subject": "CN=x"}
    return answers


def test_a_certificate_that_the_host_accepts() -> None:
    assert state(judge(certified(None)), "certificate") == "ok"


def test_the_certificate_of_an_instance_as_it_is() -> None:
    judged = judge(certified("expired"), final=True, before=AS_IT_IS)
    assert judged.state == "unhealthy"
    assert judged.message() == (
        "The certificate 'CN=x' of 'CN=y' is not right. Mend that, or set validate_certs to false if nobody needs it to be right "
        "(problem: expired)."
    )


@pytest.mark.parametrize("before", [Baseline({}, "the instance slept"), Baseline(certified("expired")), None])
def test_an_upgrade_is_not_blamed_for_a_certificate(before: Baseline | None) -> None:
    judged = judge(certified("expired"), final=True, before=before)
    assert (judged.state, state(judged, "certificate")) == ("healthy", "known")


@pytest.mark.parametrize("then", [None, "untrusted"])
def test_an_upgrade_is_blamed_for_a_certificate_that_was_otherwise(then: str | None) -> None:
    assert judge(certified("expired"), final=True, before=Baseline(certified(then))).state == "unhealthy"


# What was before.


@pytest.mark.parametrize(
    "broken",
    [
        page(LOGIN, 500),
        page(LOGIN, None, {"code": "not_reached", "message": "There is no connection to localhost:8081: refused."}),
    ],
    ids=["status", "no answer"],
)
def test_a_page_that_was_broken_before_is_not_blamed(broken: dict[str, Any]) -> None:
    answers = healthy()
    answers["http"]["items"][0] = broken
    judged = judge(answers, before=Baseline(copy.deepcopy(answers)))
    assert judged.state == "healthy"
    assert judged.message() == f"Not blamed: {judged.checks[1].message}"
    assert judged.message().endswith(", as before.")


def test_another_failure_than_before_is_blamed() -> None:
    answers, before = healthy(), healthy()
    answers["http"]["items"][0]["status"], before["http"]["items"][0]["status"] = 503, 500
    judged = judge(answers, final=True, before=Baseline(before))
    assert judged.state == "unhealthy"
    assert judged.message() == f"{LOGIN} answers HTTP 503; before: HTTP 500."


@pytest.mark.parametrize(("then", "now"), [(200, 404), (401, 404), (200, 500), (401, 503)])
def test_a_page_that_answered_before_must_answer(then: int, now: int) -> None:
    answers, before = healthy(), healthy()
    answers["http"]["items"][1]["status"], before["http"]["items"][1]["status"] = now, then
    judged = judge(answers, final=True, before=Baseline(before))
    assert judged.state == "unhealthy"
    assert judged.message() == f"{HEALTH} answers HTTP {now}; before: HTTP {then}."


def test_a_page_that_was_not_asked_before_proves_nothing() -> None:
    answers, before = healthy(), healthy()
    answers["http"]["items"][1]["status"] = 500
    del before["http"]["items"][1]
    assert judge(answers, final=True, before=Baseline(before)).state == "unhealthy"


def test_pages_that_could_not_be_asked_before_either() -> None:
    answers = healthy()
    answers["http"] = {"error": {"message": "'x' is not an HTTP address."}}
    judged = judge(answers, before=Baseline(copy.deepcopy(answers)))
    assert (judged.state, state(judged, "http")) == ("healthy", "known")
    assert judge(answers, final=True, before=Baseline(healthy())).state == "unknown"


def test_nothing_excuses_what_must_be_proved() -> None:
    for query, error in (
        ("system_logs", "record"),
        ("upgrade_logs", "data_upgrade"),
        ("upgrade_errors", "data_upgrade"),
    ):
        answers = healthy()
        answers[query] = {"error": {"message": "no"}}
        judged = judge(answers, final=True, before=Baseline(copy.deepcopy(answers)))
        assert (judged.state, state(judged, error)) == ("unknown", "unknown")


def test_a_pool_beside_the_own_one() -> None:
    instance = sales()
    instance["pools"].append({**instance["pools"][0], "name": f"{POOL}_apigateway"})
    answers = healthy()
    answers["iis"]["pools"].append({**answers["iis"]["pools"][0], "name": f"{POOL}_apigateway", "state": "Stopped"})
    before = Baseline(copy.deepcopy(answers))
    judged = verdict.judge(instance, Version.parse(NEW), STOPPED_AT, answers, False, before=before)
    assert (judged.state, state(judged, "iis")) == ("healthy", "known")
    assert verdict.judge(instance, Version.parse(NEW), STOPPED_AT, answers, False).state == "unhealthy"
    answers["iis"]["pools"][0]["state"] = "Stopped"
    own = Baseline(copy.deepcopy(answers))
    assert verdict.judge(instance, Version.parse(NEW), STOPPED_AT, answers, False, before=own).state == "unhealthy"


@pytest.mark.parametrize(
    ("changed", "absent"),
    [({"state": "stopped"}, "the instance was stopped"), ({"workers": []}, "the instance slept")],
)
def test_no_baseline_of_an_instance_that_does_not_run(changed: dict[str, Any], absent: str) -> None:
    instance = sales()
    instance["pools"][0].update(changed)  # type: ignore[typeddict-item]
    if "state" in changed:
        instance["pools"][0]["state"] = "Stopped"
    assert verdict.baseline_queries(instance) == []
    before = verdict.baseline(instance, {"http": {"items": []}})
    assert before == Baseline({}, absent)
    assert (
        judge(healthy(), before=before).message()
        == f"Every check is right. There was nothing to compare with: {absent} before."
    )


def test_the_baseline_rides_in_another_call() -> None:
    asked = verdict.baseline_queries(sales())
    assert [query["id"] for query in asked] == ["before http", "before iis"]
    before = verdict.baseline(sales(), {"before http": {"items": [1]}, "http": {"items": [2]}, "before iis": {}})
    assert before == Baseline({"http": {"items": [1]}, "iis": {}})
    assert verdict.baseline(sales(), {}).absent == "it was not looked at"


# IIS, the worker process, services.


def test_a_stopped_pool_is_unhealthy_at_once() -> None:
    answers = healthy()
    answers["iis"]["pools"][0]["state"] = "Stopped"
    judged = judge(answers)
    assert judged.state == "unhealthy"
    assert judged.message() == f"The pool '{POOL}' is Stopped: it failed repeatedly, or somebody stopped it."


def workers(*found: tuple[int, str | None]) -> dict[str, Any]:
    return {"workers": [{"pid": pid, "pool": POOL, "started": started} for pid, started in found]}


def looked(watch: WorkerWatch, answer: dict[str, Any]) -> tuple[str, str]:
    check = watch.look(sales(), answer)
    assert check
    return check.state, check.message


def test_the_same_worker_process_is_stable() -> None:
    watch = WorkerWatch()
    for answer in (workers((1, "a")), workers((1, "a"), (2, "b")), workers((2, "b"))):
        assert looked(watch, answer)[0] == "ok"
    assert watch.look(sales(), workers()) is None
    assert looked(watch, workers((2, "b")))[1] == "The worker process 2 runs since b."


def test_a_worker_process_that_is_replaced() -> None:
    watch = WorkerWatch()
    assert looked(watch, workers((1, "a")))[0] == "ok"
    assert looked(watch, workers((1, "b"))) == (  # Windows gives process ids again
        "suspect",
        f"The worker process 1 of pool '{POOL}' was replaced by 1: it crashed or was recycled.",
    )
    assert looked(watch, workers((1, "b")))[0] == "ok"
    check = watch.look(sales(), workers((3, "c")))
    assert check and (check.state, check.message) == (
        "bad",
        f"The worker process of pool '{POOL}' ends again and again, a crash loop: process 1 was followed by process 1 was followed by "
        "process 3. The event log of Windows and the error log of the instance tell why.",
    )
    assert verdict.judge(sales(), Version.parse(NEW), STOPPED_AT, healthy(), False, worker=check).state == "unhealthy"


def service(state: str, start_type: str = "automatic") -> Service:
    return {"name": "ComindwareSales", "state": state, "start_type": start_type}


@pytest.mark.parametrize(
    ("then", "now", "start_type", "before", "found", "message"),
    [
        ("running", "running", "automatic", "running", "ok", "The services of the instance run."),
        (
            "running",
            "stopped",
            "automatic",
            "running",
            "bad",
            "The service 'ComindwareSales' is stopped: it ran before.",
        ),
        ("running", "stopped", "automatic", None, "bad", "The service 'ComindwareSales' is stopped: it ran before."),
        ("running", "start_pending", "manual", "running", "pending", "The service 'ComindwareSales' is start_pending."),
        ("stopped", "stopped", "automatic", "stopped", "known", "The service 'ComindwareSales' is stopped, as before."),
        ("stopped", "stopped", "disabled", "stopped", "ok", "The services of the instance run."),
    ],
)
def test_services_of_an_upgrade(
    then: str, now: str, start_type: str, before: str | None, found: str, message: str
) -> None:
    answers = {**healthy(), "services": {"services": [service(now)]}}
    earlier = Baseline({"services": {"services": [service(before)]}}) if before else None
    judged = verdict.judge(
        sales(service(then, start_type)), Version.parse(NEW), STOPPED_AT, answers, False, before=earlier
    )
    assert judged.as_dict()["checks"]["services"] == {"state": found, "message": message}


@pytest.mark.parametrize(("start_type", "found"), [("automatic", "bad"), ("manual", "known"), ("disabled", "ok")])
def test_services_of_an_instance_as_it_is(start_type: str, found: str) -> None:
    answers = {**healthy(), "services": {"services": [service("stopped")]}}
    judged = verdict.judge(
        sales(service("stopped", start_type)), Version.parse(NEW), STOPPED_AT, answers, False, before=AS_IT_IS
    )
    assert state(judged, "services") == found


# Logs.


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


def test_a_start_that_is_not_known_proves_nothing() -> None:
    judged = verdict.judge(sales(), Version.parse(NEW), None, healthy(), True)
    assert (judged.state, state(judged, "record"), state(judged, "data_upgrade")) == ("unknown", "unknown", "unknown")


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


def test_an_error_far_from_the_end_of_a_long_log_counts() -> None:
    answers = healthy()
    path = r"C:\L\upgrade2026-11-22.log"
    answers["upgrade_logs"]["items"] = [{"path": path, "text": f"{AFTER},1 INFO Upgrade completed"}]
    answers["upgrade_errors"]["items"] = [{"path": path, "text": f"{BEFORE},1 ERROR old"}]
    assert judge(answers).state == "healthy"
    answers["upgrade_errors"]["items"] = [{"path": path, "text": f"{AFTER},1 ERROR it broke"}]
    judged = judge(answers)
    assert judged.state == "unhealthy"
    assert judged.message() == f"upgrade2026-11-22.log has an error: {AFTER},1 ERROR it broke"


@pytest.mark.parametrize(("state", "found"), [("stopped", "unhealthy"), ("start_pending", "pending")])
def test_iis_itself_must_run(state: str, found: str) -> None:
    answers = healthy()
    answers["iis"]["services"]["W3SVC"] = state
    judged = judge(answers)
    assert judged.state == found
    assert judged.message() == f"IIS itself does not run: its service W3SVC is {state}."


@pytest.mark.parametrize("query", ["iis", "http", "system_logs", "upgrade_logs", "upgrade_errors"])
def test_a_check_that_could_not_run_is_never_healthy(query: str) -> None:
    answers = healthy()
    answers[query] = {"error": {"message": "no"}}
    assert judge(answers).state == "pending"
    assert judge(answers, final=True).state == "unknown"
