# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody needs any more is listed, and removed on request; the way back stays open."""

from __future__ import annotations

from typing import Any

from end_to_end.returns import SETS, back, start, upgraded
from end_to_end.runs import LEFT_BEHIND, NEW, OLD, SALES, Controller, MakeController, Run

AGENT = r"C:\Program Files\comindware.platform"
OLD_WORKER = rf"{AGENT}\bin\{'0' * 64}"


def cleanup(control: Controller, *arguments: str, **options: Any) -> Run:
    return control.task("host_cleanup", *arguments, **options)


def listed(run: Run) -> dict[str, list[tuple[str, bool]]]:
    """Name and whether it may go, by kind."""
    assert run.status == 0, run.output
    found: dict[str, list[tuple[str, bool]]] = {}
    for one in run.only("host_cleanup")["items"]:
        found.setdefault(one["kind"], []).append((one["path"].rpartition("\\")[2], one["may_go"]))
    return found


def test_a_list_changes_nothing(controller: MakeController) -> None:
    control = controller(SALES)
    start(control)
    upgraded(control)
    now = control.fleet.hosts["app01"].snapshot()
    run = control.playbook("comindware.platform.cleanup")
    assert run.status == 0, run.output
    result = run.only("host_cleanup")
    assert not result["changed"] and result["removed"] == []
    print(*result["report"], sep="\n")
    assert control.changes(now, ignore=()) == []
