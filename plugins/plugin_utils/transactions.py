# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Running a plan on a host and telling the truth about how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .host import Host, HostError
from .pace import Pace
from .planning.plans import Plan
from .stages import Line, Where, of_operation, where

Progress = Callable[[str], None]


AS_BEFORE = "Everything done was undone; the host is as it was before."
NOT_AS_BEFORE = "Everything done was undone, but the host is not as it was before:"


def run(host: Host, plan: Plan, known_workers: list[str], progress: Progress) -> dict[str, Any]:
    """Executes a plan and follows it until it rests. The status is that of a success: applied or confirmed.

    Raises :class:`HostError` with what failed and in which state the host is now.
    """
    follower = _Follower(plan, progress)
    follower.begin()
    status: dict[str, Any] = {}
    events: list[dict[str, Any]] = []
    for seen in host.watch(host.execute(plan, known_workers)):
        follower.show(seen)
        events += seen.get("journal", [])
        status = {**seen, "journal": events}
    if status["state"] not in ("applied", "confirmed"):
        raise HostError("transaction_failed", failure_message(plan, status), {"transaction": status})
    return status


def failure_message(plan: Plan, status: dict[str, Any]) -> str:
    """What failed, and what the host did about it."""
    error = status.get("error") or {"message": "no reason given"}
    index = error.get("operation")
    step = f" at '{plan['operations'][index]['title']}'" if index is not None else ""
    return f"{plan['title']}: failed{step}. {error['message']} {outcome(status)}"


def outcome(status: Mapping[str, Any]) -> str:
    """What the host ended with."""
    if status["state"] == "rolled_back":
        return AS_BEFORE
    if status["state"] in ("applied", "held") and status.get("past_return"):
        return (
            f"The transaction {status['id']} is past its point of no return and is not undone: the new version is left running, "
            "unconfirmed, and does not start by itself after a restart of the host. Look at it. Then run "
            "comindware.platform.instance_recover with held: confirm; or put the data back yourself, and run it with held: rollback."
        )
    undo = " ".join(error.get("message", str(error)) for error in status.get("undo_errors", []))
    return (
        f"Undoing failed as well, the transaction {status['id']} is {status['state']}: {undo} "
        "Look at the host; the journal and the undo files are in the agent's folder."
    )


def ending(status: Mapping[str, Any]) -> str:
    """Why the host did not go on, where it says so, and what it ended with."""
    why = (status.get("error") or {}).get("message")
    return f"{why} {outcome(status)}" if why else outcome(status)


def is_as_before(host: Host, error: Exception) -> bool:
    """Whether it is sure that nothing was done, or that everything was undone: the host has said so."""
    details = error.details if isinstance(error, HostError) else {}
    transaction = details.get("transaction")
    state = details.get("transaction_state") or (transaction.get("state") if isinstance(transaction, dict) else None)
    return (state == "rolled_back" and not details.get("data_left")) or (transaction is None and host.unsettled is None)


def applied_operations(plan: Plan) -> list[str]:
    """The titles of a plan's operations, for results."""
    return [operation["title"] for operation in plan["operations"] + plan["on_confirm"]]


def confirm_warnings(status: Mapping[str, Any]) -> list[str]:
    """What could not be done at the confirm, which undoes nothing."""
    gone_wrong = [
        f"{status['title']} is done and final; one thing that follows it failed: {error['message']}"
        for error in status.get("confirm_errors", [])
    ]
    return gone_wrong + [
        f"{status['title']} is done and final, but '{one['title']}' is still to be done: {one['message']} The host tries it again by "
        "itself for an hour and at each start, and so does the next run."
        for one in status.get("owed", [])
    ]


def pruned(status: Mapping[str, Any]) -> list[str]:
    """The backup sets that the host removed, from the journal events in the status."""
    ended = [
        event for event in status.get("journal", []) if event.get("event") == "done" and event.get("op") == "prune_sets"
    ]
    return [folder for event in ended for folder in event.get("removed", [])]


class _Follower:
    """One progress line before the first look, one for each operation that is seen at work, and one for each look at a long one."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._plan = plan
        self._progress = progress
        self._shown = ("", -1)
        self._pace = Pace()

    def begin(self) -> None:
        operations = self._plan["operations"]
        line = f"{self._plan['title']} (operations: {len(operations)})"
        self._progress(Line(line, {"stage": of_operation(operations[0], "running")} if operations else {}))

    def show(self, status: dict[str, Any]) -> None:
        current = status.get("current")
        if not current:
            return
        verb = "undoing " if status["state"] == "undoing" else ""
        number = f"{verb}{current['index'] + 1}/{status['operations_total']}"
        at: Where = {
            "stage": of_operation(self._plan["operations"][current["index"]], status["state"]),
            "step": current["index"] + 1,
            "steps": status["operations_total"],
        }
        seen = status.get("progress") or {"bytes": 0, "total_bytes": 0}
        if (status["state"], current["index"]) != self._shown:
            self._shown = (status["state"], current["index"])
            self._pace = Pace()
            self._pace.see(seen["bytes"], seen["total_bytes"])
            self._progress(Line(f"{number} {current['title']}", at))
        elif line := self._pace.see(seen["bytes"], seen["total_bytes"]):
            self._progress(Line(f"{number} {line}", {**at, **where(line)}))
