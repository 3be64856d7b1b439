# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody needs any more is listed, and removed on request; every way back stays open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from end_to_end.returns import SETS, back, start, upgraded
from end_to_end.runs import NEW, OLD, SALES, Controller, MakeController, Run
from end_to_end.test_recover import leave, left_in_the_middle
from end_to_end.test_several_hops import V_4_2, V_4_7, answered, instance_at
from standin.snapshot import Snapshot

AGENT = r"C:\Program Files\comindware.platform"
OLD_WORKER = rf"{AGENT}\bin\{'0' * 64}"
REST = rf"{AGENT}\removed\bin x"
WISH: dict[str, Any] = {"keep": 1, "older_than_days": 0}
"""As much as may go at all."""
ALL = ["worker", "transaction", "backup_set", "pristine", "leftover"]
OLDEST = "3.5.1100.0"


def cleanup(control: Controller, *arguments: str, **options: Any) -> Run:
    return control.task("host_cleanup", *arguments, **options)


def done(run: Run) -> dict[str, Any]:
    assert run.status == 0, run.output
    return run.only("host_cleanup")


def going(result: dict[str, Any]) -> dict[str, list[str]]:
    """What may go, by kind."""
    found: dict[str, list[str]] = {}
    for one in result["items"]:
        if one["may_go"]:
            found.setdefault(one["kind"], []).append(one["path"])
    return found


def folder(control: Controller, path: str) -> Path:
    return control.fleet.hosts["app01"].drives.real(path)


def with_a_past(controller: MakeController) -> tuple[Controller, Snapshot, str]:
    """Two hops in a run, an upgrade that failed, two plain backups, and things of other versions of the collection; the host as it was
    before all that, and the run.
    """
    control = controller(instance_at(V_4_2, OLDEST, V_4_7, NEW))
    host = control.fleet.hosts["app01"]
    before = start(control)
    host.add_fault("operation:create_link", action="error", win32=1117, times=999)
    assert control.upgrade(**answered(control)).status == 2
    host.clear_faults()
    run = upgraded(control, **answered(control))
    host.login("sales")
    for _number in range(2):
        assert control.task("instance_backup", name="sales").status == 0
    for path in (OLD_WORKER, REST):
        host.drives.write(path + r"\agent.exe", b"x" * 2048)
    return control, before, run


def test_a_list_changes_nothing(controller: MakeController) -> None:
    control = controller(SALES)
    start(control)
    upgraded(control)
    now = control.fleet.hosts["app01"].snapshot()
    run = control.playbook("comindware.platform.cleanup", "--diff", upgrade_language="ru")
    result = done(run)
    assert (result["changed"], result["removed"], result["size"], going(result)) == (False, [], 0, {})
    assert result["report"][0].startswith("APP01: можно удалить 0 из 5, всего 0 KB.")
    assert [one["reason"] for one in result["items"] if one["kind"] == "version"][
        1
    ] == f"Экземпляр 'sales' на версии {NEW}."
    assert "остаётся: версия продукта" in run.output
    assert control.changes(now, ignore=()) == []


def test_what_may_go_goes_on_request_and_the_way_back_stays(controller: MakeController) -> None:
    control, before, run = with_a_past(controller)
    host = control.fleet.hosts["app01"]
    now = host.snapshot()
    listed = done(cleanup(control, **WISH))
    may_go = going(listed)
    assert may_go["worker"] == [OLD_WORKER] and may_go["leftover"] == [REST]
    assert [len(may_go[kind]) for kind in ("transaction", "backup_set", "version")] == [3, 2, 1]
    assert may_go["version"][0].endswith(OLDEST)
    assert next(one["size"] for one in listed["items"] if one["path"] == OLD_WORKER) == 2048
    planned = done(cleanup(control, "--check", "--diff", remove=ALL, **WISH))
    assert (planned["changed"], control.changes(now, ignore=())) == (True, [])
    wish = {f"cleanup_{name}": value for name, value in {"remove": ALL, **WISH}.items()}
    removal = done(control.playbook("comindware.platform.cleanup", "--diff", **wish))
    for key in ("removed", "freed", "diff", "operations"):
        assert removal[key] == planned[key], key
    assert sorted(removal["removed"]) == sorted(path for kind in ALL for path in may_go.get(kind, []))
    assert [path for path in removal["removed"] if folder(control, path).exists()] == []
    assert [path for path in removal["diff"]["before"].split("\n") if path not in removal["diff"]["after"]] != []
    assert control.changes(now, ignore=(r"C:\Program Files\comindware.platform*", rf"{SETS}*")) == []
    now = host.snapshot()
    again = done(cleanup(control, remove=ALL, **WISH))
    assert (again["changed"], again["removed"]) == (False, [])
    named = done(cleanup(control, remove=removal["removed"], **WISH))
    assert (named["changed"], control.changes(now, ignore=())) == (False, [])
    undone = back(control, run=run, accept_data_loss=True)
    assert undone.status == 0, undone.output
    assert undone.only("instance_rollback")["to_version"] == V_4_2
    assert control.running_version("app01", "sales") == V_4_2
    assert control.changes(before) == []


def test_after_a_return_the_next_one_is_still_possible(controller: MakeController) -> None:
    """There, back, there again, cleaned in between each time."""
    control = controller(SALES)
    before = start(control)
    for _number in range(2):
        run = upgraded(control)
        done(cleanup(control, remove=ALL, **WISH))
        undone = back(control, run=run, accept_data_loss=True)
        assert undone.status == 0, undone.output
        assert undone.only("instance_rollback")["to_version"] == OLD
        done(cleanup(control, remove=ALL, **WISH))
    assert control.changes(before) == []
    again = back(control, run=run, accept_data_loss=True)
    assert (again.status, again.only("instance_rollback")["changed"]) == (0, False), again.output


def test_what_a_way_back_needs_is_refused_by_name(controller: MakeController) -> None:
    control = controller(SALES)
    start(control)
    upgraded(control)
    (made,) = folder(control, SETS).iterdir()
    now = control.fleet.hosts["app01"].snapshot()
    wanted = [rf"{SETS}\{made.name}", rf"C:\Program Files\Comindware\CBAP\{OLD}", r"C:\Windows"]
    refused = cleanup(control, remove=wanted, **WISH)
    assert refused.status == 2
    assert refused.message() == (
        f"The cleanup was refused, nothing was touched. {wanted[0]}: The way back of instance 'sales' from its present version needs it. "
        f"{wanted[1]}: The backup set {wanted[0]} leads back to {OLD}. It has to stay as long as that does. "
        r"'C:\Windows' is neither one of the kinds that can be removed (worker, transaction, backup_set, pristine, plan, leftover) nor a "
        "path from the list of this host. Nothing else is removed."
    )
    assert control.changes(now, ignore=()) == []
    assert cleanup(control, keep=-1).message() == (
        "The option 'keep' is refused, nothing was touched. It is -1, and 0 or more is wanted."
    )


def test_an_unfinished_transaction_forbids_it(controller: MakeController) -> None:
    control, host, before = left_in_the_middle(controller)
    host.drives.write(OLD_WORKER + r"\agent.exe", b"x")
    listed = done(cleanup(control, **WISH))
    assert going(listed) == {}
    for arguments in (("--check",), ()):
        refused = cleanup(control, *arguments, remove=["worker"], **WISH)
        assert refused.status == 2
        assert (
            "is not finished: running. Nothing works on it any more. Finish it with comindware.platform.instance_recover"
            in refused.message()
        )
    assert folder(control, OLD_WORKER).exists()
    assert control.task("instance_recover").status == 0
    assert done(cleanup(control, remove=["worker"], **WISH))["removed"] == [OLD_WORKER]
    assert control.changes(before) == []


def test_a_killed_worker_and_one_that_is_left_alone(controller: MakeController) -> None:
    """The first is started again by who waits for it; the second is finished by the next cleanup."""
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    assert control.task("instance_backup", name="sales").status == 0
    host.drives.write(OLD_WORKER + r"\agent.exe", b"x")
    host.add_fault("after:move", path=rf"{AGENT}\removed\*", action="kill")
    result = done(cleanup(control, remove=["worker"]))
    assert result["removed"] == [OLD_WORKER]
    assert list(folder(control, rf"{AGENT}\removed").iterdir()) == []
    host.clear_faults()
    host.drives.write(OLD_WORKER + r"\agent.exe", b"x")
    host.drives.write(REST + r"\agent.exe", b"x")
    host.add_fault("after:move", path=rf"{AGENT}\removed\*", action="delay", seconds=120)
    file = control.fleet.inventory.parent / "task.yml"
    file.write_text(
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - comindware.platform.host_cleanup:\n        remove: [worker]\n",
        encoding="utf-8",
    )
    process = control.begin(str(file))
    leave(process, host)
    result = done(cleanup(control, remove=["worker", "leftover"]))
    assert result["changed"]
    assert [(one["instance"], one["state"]) for one in result["recovered"]] == [("host cleanup", "confirmed")]
    assert result["removed"] == [REST]
    assert list(folder(control, rf"{AGENT}\removed").iterdir()) == []
    assert not folder(control, OLD_WORKER).exists()


@pytest.mark.parametrize("core", ["2.16", "2.21"])
def test_one_that_cannot_be_removed_is_told_and_keeps_no_other(controller: MakeController, core: str) -> None:
    control = controller(SALES, environment=f"core-{core}")
    host = control.fleet.hosts["app01"]
    assert control.task("instance_backup", name="sales").status == 0
    for path in (OLD_WORKER, REST):
        host.drives.write(path + r"\agent.exe", b"x")
    host.add_fault("move", path=rf"{AGENT}\removed\*", action="error", win32=1117, times=999)
    failed = cleanup(control, remove=["worker", "leftover"])
    assert failed.status == 2
    result = failed.only("host_cleanup")
    assert (result["changed"], result["removed"], result["code"]) == (True, [REST], "removal_failed")
    assert failed.message().startswith("1 of 2 things were removed from APP01, and the others were not: ")
    assert folder(control, OLD_WORKER).exists()
    host.clear_faults()
    assert done(cleanup(control, remove=["worker"]))["removed"] == [OLD_WORKER]


def test_an_agent_folder_that_others_can_write_to_is_not_believed(controller: MakeController) -> None:
    control = controller(SALES)
    control.fleet.hosts["app01"].drives.write(OLD_WORKER + r"\agent.exe", b"x")
    told = (
        f"The folder {AGENT} is a link, or others than Administrators and SYSTEM own it or may write to it. Nothing in it is listed or "
        "removed: somebody else may have made it. Look at its content, and delete it."
    )
    assert done(cleanup(control))["warnings"] == [told]
    assert cleanup(control, remove=["worker"]).message() == f"The cleanup was refused, nothing was touched. {told}"
    assert folder(control, OLD_WORKER).exists()
