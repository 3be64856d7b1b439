# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Progress lines of long work, and that they never fail a run."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import action_base, copies, stages, transactions
from ansible_collections.comindware.platform.plugins.plugin_utils.action_base import PlatformAction
from ansible_collections.comindware.platform.plugins.plugin_utils.host import (
    ConnectionLost,
    Host,
    HostError,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.pace import Pace
from unit.test_host import PLAN, Scripted, status

MEGABYTE = 1024 * 1024


class Clock:
    """A time that tests set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_percent_rate_and_time_left() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.see(100 * MEGABYTE, 1200 * MEGABYTE) == "8 % of 1 200 MB"
    clock.now += 10
    assert pace.see(600 * MEGABYTE, 1200 * MEGABYTE) == "50 % of 1 200 MB, 50 MB/s, about 12 s left"
    assert pace.see(600 * MEGABYTE, 1200 * MEGABYTE) is None
    clock.now += 10
    assert pace.see(601 * MEGABYTE, 100_000 * MEGABYTE) == "0 % of 100 000 MB, 25 MB/s, about 66 min left"
    assert pace.see(602 * MEGABYTE, 900_000 * MEGABYTE) == "0 % of 900 000 MB, 25 MB/s, about 9 h 57 min left"


@pytest.mark.parametrize(("done", "total"), [(0, 0), (5, 0), (-1, 10)])
def test_nothing_to_judge_from(done: int, total: int) -> None:
    assert Pace().see(done, total) is None


def test_a_clock_that_stands_still() -> None:
    clock = Clock()
    pace = Pace(clock)
    pace.see(1, 10)
    assert pace.see(20, 10) == "100 % of 0.0 MB"


def test_a_long_operation_is_told_at_every_look() -> None:
    lines: list[str] = []
    first, second = ({"index": i, "title": PLAN["operations"][i]["title"]} for i in (0, 1))
    module = Scripted(
        status("running", current=first, progress={"bytes": MEGABYTE, "total_bytes": 4 * MEGABYTE}),
        status("running", current=first, progress={"bytes": 2 * MEGABYTE, "total_bytes": 4 * MEGABYTE}),
        status("running", current=first, progress=None),
        status("undoing", current=second, progress={"bytes": MEGABYTE, "total_bytes": 2 * MEGABYTE}),
        status("undoing", current=second, progress={"bytes": 2 * MEGABYTE, "total_bytes": 2 * MEGABYTE}),
        status("applied"),
    )
    transactions.run(Host(module), PLAN, [], lines.append)
    assert [line.split(" MB/s")[0].rpartition(",")[0] or line for line in lines] == [
        "Upgrade (operations: 2)",
        "1/2 Stop pool 'x'",
        "1/2 50 % of 4.0 MB",
        "undoing 2/2 Start pool 'x'",
        "undoing 2/2 100 % of 2.0 MB",
    ]


def test_lines_say_as_data_where_the_work_is() -> None:
    lines: list[str] = []
    first, second = ({"index": i, "title": PLAN["operations"][i]["title"]} for i in (0, 1))
    module = Scripted(
        status("running", current=first, progress={"bytes": MEGABYTE, "total_bytes": 4 * MEGABYTE}),
        status("running", current=first, progress={"bytes": 2 * MEGABYTE, "total_bytes": 4 * MEGABYTE}),
        status("running", current=second),
        status("undoing", current=second),
        status("applied"),
    )
    transactions.run(Host(module), PLAN, [], lines.append)
    told = [stages.where(line) for line in lines]
    measured = told.pop(2)
    assert told == [
        {"stage": stages.STOP},
        {"stage": stages.STOP, "step": 1, "steps": 2},
        {"stage": stages.START, "step": 2, "steps": 2},
        {"stage": stages.RETURN, "step": 2, "steps": 2},
    ]
    rate, left = measured.pop("rate"), measured.pop("left")
    assert measured == {"stage": stages.STOP, "step": 1, "steps": 2, "percent": 50}
    assert rate > 0 and left == pytest.approx(2 * MEGABYTE / rate)
    assert stages.where("a plain text") == {}


@pytest.mark.parametrize(
    ("operation", "stage"),
    [
        ({"op": "site_auto_start", "value": False}, stages.STOP),
        ({"op": "site_auto_start", "value": True}, stages.START),
        ({"op": "pool_start_mode", "auto_start": True}, stages.START),
        ({"op": "backup_set"}, stages.BACKUP),
        ({"op": "create_link"}, stages.SWITCH),
    ],
)
def test_the_stage_of_an_operation(operation: dict[str, Any], stage: str) -> None:
    assert stages.of_operation(operation, "running") == stage
    assert stages.of_operation(operation, "undoing") == stages.RETURN


def test_the_removed_sets_and_the_failures_after_the_confirm() -> None:
    ended = {"event": "done", "op": "prune_sets", "removed": [r"D:\old"]}
    error = {
        "code": "win32",
        "message": "Access is denied.",
        "title": "Remove the old file",
        "operation": 0,
        "starts": False,
    }
    module = Scripted(
        status("running", journal=[{"event": "done", "op": "backup_set"}, ended]),
        status(
            "confirmed", journal=[], title="Back up", owed=[error], confirm_errors=[{**error, "message": "It is held."}]
        ),
    )
    seen = transactions.run(Host(module), PLAN, [], lambda line: None)
    assert transactions.pruned(seen) == [r"D:\old"]
    assert transactions.confirm_warnings(seen) == [
        "Back up is done and final; one thing that follows it failed: It is held.",
        "Back up is done and final, but 'Remove the old file' is still to be done: Access is denied. The host tries it again by itself for "
        "an hour and at each start, and so does the next run.",
    ]


def copied(complete: bool, start: int, files: int, size: int) -> dict[str, Any]:
    told = {"complete": complete, "next": start, "copied": files, "bytes": size, "total_bytes": 4 * MEGABYTE}
    return {"answer": {"ok": True, **told}}


def test_a_copy_goes_on_until_it_is_complete() -> None:
    lines: list[str] = []
    module = Scripted(copied(False, 3, 3, MEGABYTE), OSError(), copied(True, 9, 5, 4 * MEGABYTE))
    module.answers[1] = ConnectionLost("reset")
    assert copies.make(Host(module), r"D:\s", r"\\b\s", lines.append) == 8
    assert [request["next"] for request in module.requests] == [0, 3, 3]
    assert lines == [r"copy of D:\s to \\b\s: 25 % of 4.0 MB"]


def test_a_place_that_refuses_is_a_blocker() -> None:
    error = {"code": "copy_refused", "message": "No.", "details": {}}
    (finding,) = copies.probe(Host(Scripted({"answer": {"ok": False, "error": error}})), r"\\b\s")
    assert (finding.level, finding.code, finding.message) == ("blocker", "copy_refused", "No.")
    assert copies.probe(Host(Scripted({"answer": {"ok": True}})), r"\\b\s") == []
    with pytest.raises(HostError):
        copies.make(Host(Scripted({"answer": {"ok": False, "error": error}})), r"D:\s", r"\\b\s", lambda line: None)


class BrokenDisplay:
    """Stands for a callback or a pipe that is gone."""

    def display(self, message: str) -> None:
        raise BrokenPipeError(message)


class Quiet(PlatformAction):
    """An action without Ansible around it."""

    argument_spec = {}

    def __init__(self) -> None:
        self._task_vars = {"inventory_hostname": "app01"}

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        return options


def test_a_line_that_cannot_be_shown_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(action_base, "display", BrokenDisplay())
    current = {"index": 0, "title": "x"}
    seen = transactions.run(
        Host(Scripted(status("running", current=current), status("applied"))), PLAN, [], Quiet().progress
    )
    assert seen["state"] == "applied"
