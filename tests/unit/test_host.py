# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The agent as a Python object: what is sent, what is counted, and how a lost connection is ridden out."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import transactions
from ansible_collections.comindware.platform.plugins.plugin_utils.host import (
    ConnectionLost,
    Host,
    HostError,
    Login,
    worker_hash,
)

PLAN: dict[str, Any] = {
    "title": "Upgrade",
    "operations": [{"op": "stop_pool", "title": "Stop pool 'x'"}, {"op": "start_pool", "title": "Start pool 'x'"}],
    "on_confirm": [],
}


class Scripted:
    """Answers calls in order; an exception in the script is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def __call__(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.requests.append(json.loads(base64.b64decode(arguments["request"])))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if "answer" not in answer else {"answer": json.dumps(answer["answer"])}


def status(state: str, **more: Any) -> dict[str, Any]:
    return {
        "answer": {
            "ok": True,
            "transaction": {"id": "t", "state": state, "next": 0, "operations_total": 2, "current": None, **more},
        }
    }


@pytest.fixture(autouse=True)
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)


def test_sources_travel_only_when_the_host_lacks_them() -> None:
    module = Scripted(status("confirmed"), status("confirmed"))
    host = Host(module)
    host.execute(PLAN, [])
    host.execute(PLAN, [worker_hash()])
    assert "_Agent.cs" in module.requests[0]["worker"]["sources"]
    assert module.requests[1]["worker"] == {"hash": worker_hash()}


def test_a_lost_connection_costs_nothing() -> None:
    module = Scripted(status("running"), ConnectionLost("gone"), ConnectionLost("gone"), status("applied"))
    host = Host(module)
    ended = transactions.run(host, PLAN, [], lambda message: None)
    assert ended["state"] == "applied"
    assert host.calls == {"execute": 1, "status": 3}


def test_a_connection_lost_for_good_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100000, 200))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    host = Host(Scripted(status("running"), *[ConnectionLost("gone")] * 9))
    with pytest.raises(ConnectionLost, match="gone"):
        transactions.run(host, PLAN, [], lambda message: None)


def test_a_refusal_of_the_agent_keeps_its_code_and_details() -> None:
    error = {"code": "drift", "message": "links have changed", "details": {"changed": ["links"]}}
    host = Host(Scripted({"answer": {"ok": False, "error": error}}))
    with pytest.raises(HostError, match="links have changed") as raised:
        host.execute(PLAN, [])
    assert (raised.value.code, raised.value.details) == ("drift", {"changed": ["links"]})


def test_a_module_that_could_not_run_is_told() -> None:
    host = Host(Scripted({"failed": True, "msg": "no PowerShell"}))
    with pytest.raises(HostError, match=r"^The agent could not run on the host: no PowerShell$"):
        host.query([])


def test_a_failure_says_what_failed_and_what_became_of_the_host() -> None:
    failed = status(
        "rolled_back", error={"code": "pool_not_stopped", "message": "It runs.", "operation": 0}, undo_errors=[]
    )
    with pytest.raises(HostError) as raised:
        transactions.run(Host(Scripted(failed)), PLAN, [], lambda message: None)
    assert str(raised.value) == (
        "Upgrade: failed at 'Stop pool 'x''. It runs. Everything done was undone; the host is as it was before."
    )


def test_a_failed_undo_is_never_called_undone() -> None:
    failed = status(
        "held",
        error={"code": "win32", "message": "No.", "operation": 1},
        undo_errors=[{"message": "The pool did not start."}],
    )
    with pytest.raises(HostError) as raised:
        transactions.run(Host(Scripted(failed)), PLAN, [], lambda message: None)
    assert str(raised.value) == (
        "Upgrade: failed at 'Start pool 'x''. No. Undoing failed as well, the transaction t is held: The pool did not start. "
        "Look at the host; the journal and the undo files are in the agent's folder."
    )


def test_progress_is_one_line_for_each_operation() -> None:
    lines: list[str] = []
    first, second = ({"index": i, "title": PLAN["operations"][i]["title"]} for i in (0, 1))
    module = Scripted(
        status("running", current=first), status("running", current=first), status("applied", current=second)
    )
    transactions.run(Host(module), PLAN, [], lines.append)
    assert lines == ["Upgrade (operations: 2)", "1/2 Stop pool 'x'", "2/2 Start pool 'x'"]


def test_what_a_debugging_ansible_prints_of_a_request_holds_nothing_of_it() -> None:
    seen: list[dict[str, Any]] = []

    def module(arguments: dict[str, Any]) -> dict[str, Any]:
        seen.append(arguments)
        return {"answer": json.dumps({"ok": True, "response": {"status": 200}})}

    Host(module).request("GET", Login("api", "CANARY"), url="http://localhost/")
    assert f"{seen[0]}" == "{'request': '********'}"
    sent = json.loads(base64.b64decode(json.loads(json.dumps(seen[0]))["request"]))
    assert (sent["command"], sent["user"], sent["password"]) == ("request", "api", "CANARY")
