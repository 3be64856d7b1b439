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
    RECONNECT_SECONDS,
    ConnectionLost,
    Host,
    HostError,
    Login,
    NoAnswer,
    worker_hash,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import CONFIRM_SECONDS

PLAN: dict[str, Any] = {
    "id": "t",
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


def test_a_confirm_that_goes_on_is_not_at_rest() -> None:
    host = Host(Scripted(status("applied", confirming=True), status("confirmed", confirming=False)))
    assert host.settle(host.confirm("t"))["state"] == "confirmed"


def test_field_6_1_a_lost_connection_costs_nothing_and_is_given_up_before_the_next_try() -> None:
    resets: list[str] = []
    module = Scripted(status("running"), ConnectionLost("gone"), NoAnswer("gone"), status("applied"))
    host = Host(module, reset=lambda: resets.append(module.requests[-1]["command"]))
    ended = transactions.run(host, PLAN, [], lambda message: None)
    assert ended["state"] == "applied"
    assert host.calls == {"execute": 1, "status": 3}
    assert host.losses == {"status": 2}
    assert resets == ["status", "status"]


def test_field_6_1_a_connection_lost_for_good_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 100000, 200))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    host = Host(Scripted(status("running"), *[ConnectionLost("gone")] * 9))
    with pytest.raises(ConnectionLost, match="gone"):
        transactions.run(host, PLAN, [], lambda message: None)
    assert host.unsettled == "t"


def test_by_default_a_host_is_asked_until_it_must_have_gone_back_by_itself() -> None:
    assert RECONNECT_SECONDS > CONFIRM_SECONDS


def refused(code: str) -> dict[str, Any]:
    return {"answer": {"ok": False, "error": {"code": code, "message": "no", "details": {}}}}


@pytest.mark.parametrize(
    ("script", "unsettled"),
    [
        ([refused("drift")], None),
        ([ConnectionLost("gone"), refused("not_administrator"), refused("unknown_transaction")], None),
        ([ConnectionLost("gone"), refused("not_administrator"), refused("not_protected")], "t"),
    ],
    ids=["at once", "after a try that began nothing", "after a try of which nobody knows"],
)
def test_a_refused_transaction_leaves_nothing_open_if_that_is_sure(script: list[Any], unsettled: str | None) -> None:
    host = Host(Scripted(*script))
    with pytest.raises(HostError):
        host.execute(PLAN, [])
    assert host.unsettled == unsettled


def test_a_transaction_that_a_lost_call_has_begun_is_followed() -> None:
    host = Host(Scripted(ConnectionLost("gone"), refused("not_administrator"), status("running")))
    assert host.execute(PLAN, [])["state"] == "running"
    assert host.unsettled == "t"


def test_a_lost_call_that_still_has_its_turn_is_waited_for() -> None:
    host = Host(Scripted(ConnectionLost("gone"), refused("busy"), status("confirmed")))
    assert host.execute(PLAN, [])["state"] == "confirmed"
    assert host.unsettled is None


def answered(**answers: Any) -> dict[str, Any]:
    return {"answer": {"ok": True, "answers": answers}}


def test_a_host_that_was_there_a_moment_ago_is_asked_a_query_once_more() -> None:
    host = Host(
        Scripted(answered(), ConnectionLost("gone"), answered(x=1), ConnectionLost("gone"), ConnectionLost("gone"))
    )
    host.query([])
    assert host.query([]) == {"x": 1}
    with pytest.raises(ConnectionLost):
        host.query([])


def test_a_host_that_does_not_answer_the_first_call_is_asked_no_more() -> None:
    module = Scripted(ConnectionLost("no route"))
    with pytest.raises(ConnectionLost):
        Host(module).query([])
    assert len(module.requests) == 1


def test_a_query_in_the_middle_of_a_run_is_asked_as_patiently_as_all() -> None:
    host = Host(Scripted(status("confirmed"), *[ConnectionLost("gone")] * 9, answered(x=1)))
    host.execute(PLAN, [])
    assert host.query([]) == {"x": 1}


def test_field_6_5_every_call_names_the_machine_that_was_inspected() -> None:
    module = Scripted(answered(), answered(), status("applied"))
    host = Host(module)
    host.query([])
    host.machine = "a1"
    host.query([])
    host.execute(PLAN, [])
    assert [one.get("machine") for one in module.requests] == [None, "a1", "a1"]


def test_rules_for_secrets_travel_once_with_the_queries_of_a_call() -> None:
    def of(name: str, **more: Any) -> dict[str, Any]:
        return {"id": name, "kind": "read", **more}

    def rules() -> dict[str, Any]:
        return {"salt": "s", "public": ["port"]}

    other = {"salt": "t", "public": ["port"]}
    module = Scripted({"answer": {"ok": True, "answers": {}}})
    Host(module).query(
        [
            of("a"),
            of("b", secrets=rules()),
            of("c", secrets=rules()),
            of("d", secrets=other),
            of("e", secrets=rules()),
            of("f"),
        ]
    )
    sent = [query.get("secrets") for query in module.requests[0]["queries"]]
    assert sent == [None, rules(), "b", other, "b", None]


def test_a_refusal_of_the_agent_keeps_its_code_and_details() -> None:
    error = {"code": "drift", "message": "links have changed", "details": {"changed": ["links"]}}
    host = Host(Scripted({"answer": {"ok": False, "error": error}}))
    with pytest.raises(HostError, match="links have changed") as raised:
        host.execute(PLAN, [])
    assert (raised.value.code, raised.value.details) == ("drift", {"changed": ["links"]})


def test_a_module_that_could_not_run_is_told() -> None:
    host = Host(Scripted({"failed": True, "msg": "no PowerShell"}))
    with pytest.raises(NoAnswer, match=r"^The agent could not run on the host: no PowerShell$"):
        host.query([])


@pytest.mark.parametrize("answer", ["", "{", "[]", None, 7])
def test_field_6_1_an_answer_that_cannot_be_read_is_asked_for_again(answer: Any) -> None:
    unreadable = iter([{"answer": answer}, {"rc": 137, "module_stdout": "", "msg": "MODULE FAILURE"}])
    module = Scripted(status("confirmed"))
    host = Host(lambda arguments: next(unreadable, None) or module(arguments))
    assert host.execute(PLAN, [])["state"] == "confirmed"


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
