# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long an instance is watched, what is told meanwhile, and what must hold all the while."""

from __future__ import annotations

import base64
import copy
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import judging
from ansible_collections.comindware.platform.plugins.plugin_utils.host import Host, HostError
from ansible_collections.comindware.platform.plugins.plugin_utils.judging import Patience
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.health_pages import Manner
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.verdict import Verdict
from unit import factories
from unit.factories import OLD

STARTED = "2026-11-22T16:00:00.000Z"
POOL = "Comindware sales"
LOGIN = "http://portal.example.com:8081/Home/Login/?returnUrl=/"
UPGRADE_LOG = r"C:\L\upgrade2026-11-22.log"


class Clock:
    """The controller's time, which goes on only while it waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Scene:
    """A host whose answers change with the time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun = clock.now
        self.worker: Callable[[float], int | None] = lambda _seconds: 1001
        self.page: Callable[[float], int] = lambda _seconds: 200
        self.upgrade_log: Callable[[float], str] = lambda _seconds: ""
        self.state = "applied"
        self.before: list[str] = []
        self.error: dict[str, str] | None = None
        self.offset = 180
        self.requests: list[dict[str, Any]] = []

    def __call__(self, arguments: dict[str, Any]) -> dict[str, Any]:
        request = json.loads(base64.b64decode(arguments["request"]))
        self.requests.append(request)
        asked = {query["id"]: query for query in request["queries"]}
        told = self._answers(self._clock.now - self._begun)
        answer = {"ok": True, "answers": {name: told[name] for name in asked}}
        if request["command"] == "status":
            state = self.before.pop(0) if self.before else self.state
            answer["transaction"] = {"id": "t", "state": state, "next": 0, "undo_errors": [], "error": self.error}
        return {"answer": json.dumps(answer)}

    def _answers(self, seconds: float) -> dict[str, Any]:
        pid = self.worker(seconds)
        iis = copy.deepcopy(factories.answers()["iis"])
        worker = {"pid": pid, "pool": POOL, "started": STARTED, "utc_offset_minutes": 180}
        iis["workers"] = [worker] if pid else []
        record = f"2026-11-22 19:00:30,1 INFO x has started.\nVersion: {OLD}"
        log = self.upgrade_log(seconds)
        return {
            "identity": {"utc_offset_minutes": self.offset, "time": STARTED},
            "iis": iis,
            "http": {"items": [{"url": LOGIN, "status": self.page(seconds), "body": ""}]},
            "system_logs": {"items": [{"path": r"C:\L\system.log", "text": record}]},
            "upgrade_logs": {
                "items": [{"path": UPGRADE_LOG, "text": log, "size": len(log), "modified": "x"}] if log else []
            },
            "upgrade_errors": {"items": []},
        }


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def scene(clock: Clock) -> Scene:
    return Scene(clock)


def watch(scene: Scene, told: list[str] | None = None, **limits: Any) -> Verdict:
    patience = replace(Patience(timeout=100, stable=20, interval=5), **limits)
    status = {"id": "t", "next": 0, "stopped_at": STARTED, "title": "Upgrade"}
    instance = factories.instance(factories.host())
    progress = (told if told is not None else []).append
    return judging.watch(Host(scene), status, instance, Version.parse(OLD), patience, progress)


def look(scene: Scene, wake: bool = False, **limits: Any) -> Verdict:
    patience = replace(Patience(timeout=100, stable=20, interval=5), **limits)
    instance = factories.instance(factories.host())
    return judging.look(Host(scene), instance, Version.parse(OLD), patience, lambda _line: None, wake)


def test_the_verdict_must_hold(scene: Scene, clock: Clock) -> None:
    assert watch(scene).state == "healthy"
    assert clock.now == 1020
    assert all(request["prolong"] for request in scene.requests)


def test_what_fails_in_between_begins_the_window_anew(scene: Scene, clock: Clock) -> None:
    scene.page = lambda seconds: 503 if 10 <= seconds < 15 else 200
    assert watch(scene).state == "healthy"
    assert clock.now == 1035


def test_a_worker_process_that_is_replaced_begins_the_window_anew(scene: Scene, clock: Clock) -> None:
    scene.worker = lambda seconds: 1001 if seconds < 10 else 1005
    assert watch(scene).state == "healthy"
    assert clock.now == 1035


def test_a_crash_loop(scene: Scene) -> None:
    scene.worker = lambda seconds: 1001 + int(seconds // 10)
    judged = watch(scene)
    assert judged.state == "unhealthy"
    assert judged.message().startswith(
        f"The worker process of pool '{POOL}' ends again and again, a crash loop: process 1001 was followed by process 1002 was "
    )


def test_the_time_is_over(scene: Scene, clock: Clock) -> None:
    scene.page = lambda _seconds: 503
    assert watch(scene).state == "unhealthy"
    assert clock.now == 1100


def test_waiting_is_told(scene: Scene) -> None:
    scene.page = lambda seconds: 503 if seconds < 95 else 200
    told: list[str] = []
    assert watch(scene, told, timeout=200).state == "healthy"
    assert told == [
        f"sales: pending. {LOGIN} answers HTTP 503. Waiting for 200 s more at most.",
        f"sales: pending. {LOGIN} answers HTTP 503. Waiting for 140 s more at most.",
        "sales: healthy. Every check is right.",
    ]


def at_work(seconds: float) -> str:
    lines = [f"2026-11-22 19:00:{step:02},1 INFO step" for step in range(min(int(seconds // 30), 20) + 1)]
    return "\n".join([*lines, *(["2026-11-22 19:10:00,1 INFO Upgrade completed"] if seconds >= 600 else [])])


def test_a_data_upgrade_at_work_is_not_cut_off(scene: Scene, clock: Clock) -> None:
    scene.page = lambda seconds: 503 if seconds < 600 else 200
    scene.upgrade_log = at_work
    assert watch(scene, data_upgrade=1000).state == "healthy"
    assert clock.now == 1620


def test_the_start_behind_a_data_upgrade_has_the_whole_time_once_more(scene: Scene, clock: Clock) -> None:
    scene.upgrade_log = at_work
    scene.page = lambda seconds: 503 if seconds < 690 else 200
    assert watch(scene, data_upgrade=1000).state == "healthy"
    assert clock.now == 1710
    scene.page = lambda _seconds: 503
    begun = clock.now
    assert watch(scene, data_upgrade=1000).state == "unhealthy"
    assert clock.now == begun + 100


def test_a_data_upgrade_has_a_limit_too(scene: Scene, clock: Clock) -> None:
    scene.upgrade_log = at_work
    assert watch(scene, data_upgrade=300).state == "unknown"
    assert clock.now == 1300


def test_a_data_upgrade_that_went_silent_is_not_at_work(scene: Scene, clock: Clock) -> None:
    scene.upgrade_log = lambda seconds: at_work(min(seconds, 60))
    assert watch(scene, data_upgrade=1000, quiet=70).state == "unknown"
    assert clock.now == 1130


def test_a_host_that_did_not_wait(scene: Scene) -> None:
    scene.state = "rolled_back"
    with pytest.raises(
        HostError, match=r"^Upgrade: the host did not wait for the verdict\. Everything done was undone"
    ):
        watch(scene)


def test_field_6_1_a_host_that_restarted_is_waited_for_until_all_is_undone(scene: Scene) -> None:
    scene.before, scene.state = ["applied", "undoing", "undoing"], "rolled_back"
    scene.error = {"message": "The host was restarted before anybody confirmed."}
    with pytest.raises(HostError) as raised:
        watch(scene)
    assert raised.value.details["transaction"]["state"] == "rolled_back"
    assert str(raised.value) == (
        "Upgrade: the host did not wait for the verdict. The host was restarted before anybody confirmed. Everything done was "
        "undone; the host is as it was before."
    )


def test_an_instance_as_it_is(scene: Scene) -> None:
    assert look(scene).state == "healthy"
    assert {request["command"] for request in scene.requests} == {"query"}
    assert [query["id"] for query in scene.requests[0]["queries"]] == ["identity", "iis"]
    read = [query for query in scene.requests[1]["queries"] if query["kind"] == "read"]
    assert [query["modified_since"] for query in read] == [STARTED] * 3


def test_clocks_may_have_been_changed_since_the_start(scene: Scene) -> None:
    scene.offset = 240
    assert look(scene).state == "healthy"


def test_an_instance_that_sleeps_is_not_woken(scene: Scene) -> None:
    scene.worker = lambda _seconds: None
    judged = look(scene)
    assert judged.state == "unknown"
    assert judged.message().startswith(f"The instance sleeps: its pool '{POOL}' is started and has no worker process, ")
    assert len(scene.requests) == 1


def test_an_instance_that_sleeps_is_woken_on_request(scene: Scene, clock: Clock) -> None:
    scene.worker = lambda seconds: 1001 if seconds >= 5 else None
    assert look(scene, wake=True).state == "healthy"
    assert clock.now == 1025


def test_a_worker_process_of_which_the_start_is_not_known(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Scene._answers

    def unknown(self: Scene, seconds: float) -> dict[str, Any]:
        told = whole(self, seconds)
        told["iis"]["workers"][0]["started"] = None
        return told

    monkeypatch.setattr(Scene, "_answers", unknown)
    judged = look(scene)
    assert judged.state == "unknown"
    assert judged.check("record") == "unknown"
    assert not [query for request in scene.requests for query in request["queries"] if query["kind"] == "read"]


def test_every_limit_is_an_option() -> None:
    options = {name: spec["default"] for name, spec in judging.HEALTH_OPTIONS.items()}
    assert judging.patience(options) == Patience(1800, 20, 5, 14400, 120, Manner(20, True))
    assert judging.patience({**options, "page_timeout": 3, "validate_certs": False}).manner == Manner(3, False)
