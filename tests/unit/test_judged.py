# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a judged transaction ends: confirmed, rolled back, held for a look, or left to the host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import judging, transactions
from ansible_collections.comindware.platform.plugins.plugin_utils.host import Host, HostError
from ansible_collections.comindware.platform.plugins.plugin_utils.judged import Judge
from ansible_collections.comindware.platform.plugins.plugin_utils.judging import Patience
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.health import Baseline, Check
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.verdict import Verdict
from unit import factories
from unit.factories import NEW

PLAN: dict[str, Any] = {"title": "Upgrade instance 'sales'", "operations": [], "on_confirm": []}
LATE = "2026-11-22T20:00:00.000Z"


class FakeHost(Host):
    """Applies every plan; ``asked``: the decisions that it was told."""

    def __init__(self, past_return: bool = False, confirmed: str = "confirmed", restarts: bool = False) -> None:
        super().__init__(lambda _arguments: {})
        self._past_return, self._confirmed, self._restarts = past_return, confirmed, restarts
        self.asked: list[str] = []

    def _status(self, state: str) -> dict[str, Any]:
        return {
            "id": "t1",
            "state": state,
            "title": PLAN["title"],
            "past_return": self._past_return,
            "journal": [],
            "next": 1,
            "deadline": LATE,
            "stopped_at": LATE,
            "started_at": LATE,
            "undo_errors": [{"message": "The disk is gone."}],
        }

    def execute(self, plan: dict[str, Any], known_workers: list[str], wait_seconds: int = 20) -> dict[str, Any]:
        return self._status("applied")

    def confirm(
        self,
        transaction: str,
        verdict: str = "confirmed",
        answered_at: str | None = None,
        wait_seconds: int = 60,
        waive: bool = False,
    ) -> dict[str, Any]:
        self.asked.append("confirm")
        if self._restarts:
            raise HostError("wrong_state", "The transaction 't1' cannot be confirmed: its state is undoing.")
        return self._status(self._confirmed)

    def status(self, transaction: str, *_others: Any, **_more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        self.asked.append("status")
        restarted = {"message": "The host was restarted before anybody confirmed."}
        return {**self._status("undoing" if self.asked[-2] == "confirm" else "rolled_back"), "error": restarted}, {}

    def rollback(self, transaction: str, reason: str, wait_seconds: int = 20, force: bool = False) -> dict[str, Any]:
        self.asked.append("rollback")
        return self._status("rolled_back")


def judge(monkeypatch: pytest.MonkeyPatch, host: FakeHost, state: str, hold: bool = False) -> dict[str, Any]:
    verdict = Verdict(state, (Check("http", "bad", "The page answers HTTP 500."),))
    monkeypatch.setattr(judging, "watch", lambda *_arguments: verdict)
    facts = factories.host()
    judged = Judge(host, Patience(1, 1, 1), hold, lambda _line: None, lambda _instance: "It is started.")
    return judged.carry_out(facts, factories.instance(facts), PLAN, Version.parse(NEW), Baseline({}, ""))


def failure(monkeypatch: pytest.MonkeyPatch, host: FakeHost, state: str, hold: bool = False) -> HostError:
    with pytest.raises(HostError) as raised:
        judge(monkeypatch, host, state, hold)
    return raised.value


@pytest.mark.parametrize("state", ["healthy", "handed_over"])
def test_a_good_verdict_confirms(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    host = FakeHost(past_return=True)
    ended = judge(monkeypatch, host, state)
    assert (ended["verdict"], ended["transaction"], ended["stopped_at"], host.asked) == (state, "t1", LATE, ["confirm"])


def test_a_bad_one_rolls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost()
    error = failure(monkeypatch, host, "unhealthy")
    assert (error.code, error.details["transaction_state"], host.asked) == (
        "verdict_unhealthy",
        "rolled_back",
        ["rollback"],
    )
    assert str(error) == (
        "Upgrade instance 'sales': unhealthy. The page answers HTTP 500. Everything done was undone; the host is as it was before. It is "
        "started."
    )


@pytest.mark.parametrize("state", ["unhealthy", "unknown"])
def test_past_the_point_of_no_return_nothing_goes_back(monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    host = FakeHost(past_return=True)
    error = failure(monkeypatch, host, state)
    assert (error.code, error.details["transaction_state"], host.asked) == (f"verdict_{state}", "applied", [])
    assert str(error) == (
        f"Upgrade instance 'sales': {state}. The page answers HTTP 500. The transaction t1 is past its point of no return and is not "
        "undone: the new version is left running, unconfirmed, and does not start by itself after a restart of the host. Look at it. Then "
        "run comindware.platform.instance_recover with held: confirm; or put the data back yourself, and run it with held: rollback."
    )


def test_an_unknown_one_may_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost()
    error = failure(monkeypatch, host, "unknown", hold=True)
    assert (error.code, host.asked) == ("verdict_unknown", [])
    assert f"the host goes back by itself at {LATE} (UTC), transaction t1." in str(error)


def test_a_confirm_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failure(monkeypatch, FakeHost(confirmed="held"), "healthy")
    assert error.code == "confirm_failed"
    assert str(error).startswith(
        "Upgrade instance 'sales': confirming failed. Undoing failed as well, the transaction t1 is held:"
    )


def test_field_6_1_a_restart_before_the_confirm_is_told_as_what_the_host_did(monkeypatch: pytest.MonkeyPatch) -> None:
    host = FakeHost(restarts=True)
    error = failure(monkeypatch, host, "healthy")
    assert (error.code, error.details["transaction_state"]) == ("confirm_failed", "rolled_back")
    assert host.asked == ["confirm", "status", "status"]
    assert str(error) == (
        "Upgrade instance 'sales': confirming failed. The host was restarted before anybody confirmed. Everything done was undone; the "
        "host is as it was before."
    )


LOG = r"C:\Logs\upgrade2026-11-22.log"
STARTS = {"op": "start_pool", "title": "Start"}
PROTECTS = {"op": "protect_tree", "path": factories.HOME + r"\database", "title": "Protect"}


class UpgradingHost(FakeHost):
    """The new version, once started, has written these upgrade logs; None: the host does not tell."""

    def __init__(self, *lines: str, answers: bool = True) -> None:
        super().__init__()
        self._answer: dict[str, Any] = {
            "identity": {"utc_offset_minutes": 180},
            "upgrade_logs": {"items": [{"path": LOG, "text": "".join(lines)}]} if answers else {"error": {}},
        }

    def query(self, queries: list[dict[str, Any]]) -> dict[str, Any]:
        return self._answer


def left(monkeypatch: pytest.MonkeyPatch, host: FakeHost, *operations: dict[str, Any]) -> HostError:
    monkeypatch.setitem(PLAN, "operations", list(operations))
    return failure(monkeypatch, host, "unhealthy")


def test_field_1_1_data_that_were_upgraded_and_are_in_no_set_are_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    host = UpgradingHost("2026-11-22 23:00:05,000 INFO Execute upgrade\n")
    error = left(monkeypatch, host, STARTS)
    sentence = (
        f"The new version has upgraded the data in {factories.HOME}\\Database (upgrade2026-11-22.log), and no backup set of this run holds "
        "them. The old version may refuse them: put a backup of the data from before this run in their place, or upgrade again."
    )
    assert str(error) == (
        "Upgrade instance 'sales': unhealthy. The page answers HTTP 500. Everything done was undone, but the host is not as it was "
        f"before: {sentence} It is started."
    )
    assert error.details["data_left"] == error.details["health"]["data"]["message"] == sentence
    assert not transactions.is_as_before(host, error)


def test_field_1_1_what_cannot_be_found_out_is_not_called_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    error = left(monkeypatch, UpgradingHost(answers=False), STARTS)
    assert (
        rf"not as it was before: Whether the new version has upgraded the data in {factories.HOME}\Database could not be found out."
        in str(error)
    )


@pytest.mark.parametrize(
    ("lines", "operations"),
    [
        ("2026-11-22 22:59:59,000 INFO Execute upgrade\n", [STARTS]),
        ("2026-11-22 23:00:05,000 INFO Execute upgrade\n", [PROTECTS, STARTS]),
        ("2026-11-22 23:00:05,000 INFO Execute upgrade\n", []),
    ],
    ids=["an older log", "a copy that was put back", "nothing was started"],
)
def test_field_1_1_data_that_are_as_before_are_no_sentence(
    monkeypatch: pytest.MonkeyPatch, lines: str, operations: list[dict[str, Any]]
) -> None:
    host = UpgradingHost(lines)
    error = left(monkeypatch, host, *operations)
    assert "the host is as it was before." in str(error) and transactions.is_as_before(host, error)
