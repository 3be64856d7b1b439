# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two controllers and one instance: one wins, the other is told who, since when and until when."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from end_to_end.runs import ANSWERED, NEW, QUICK, Controller, MakeController
from end_to_end.test_failures import kill_controller_at_work, start
from standin.host import Host
from standin.testing import wait_until

TRANSACTIONS = r"C:\Program Files\comindware.platform\transactions"


@pytest.fixture
def two(controller: MakeController, tmp_path: Path) -> tuple[Controller, Controller, Host]:
    first, host, _before = start(controller)
    (tmp_path / "second").mkdir()
    return first, Controller(first.fleet, tmp_path / "second"), host


def only_transaction(host: Host) -> dict[str, Any]:
    """What lies on the host of the only transaction: plan, first event, last worker."""
    (folder,) = host.drives.linux(TRANSACTIONS).iterdir()
    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text("utf-8").splitlines()]
    worker = [event for event in events if event["event"] == "worker"][-1]
    return {**json.loads((folder / "plan.json").read_text("utf-8")), "created": events[0]["time"], "worker": worker}


def test_both_start_at_once(two: tuple[Controller, Controller, Host], tmp_path: Path) -> None:
    """Both have seen the host as it was, and both have planned."""
    facts = two[0].inspect().only("instance_info")["facts"]
    options = {
        "name": "sales",
        "version": NEW,
        "facts": facts,
        "inputs": ANSWERED["upgrade_inputs"]["sales"],
        "acknowledged": ANSWERED["upgrade_acknowledged"],
        "health_stable": 1,
        "health_interval": 1,
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "tasks": [{"name": "Upgrade", "comindware.platform.instance_upgrade": options}],
    }
    file = tmp_path / "both.yml"
    file.write_text(yaml.safe_dump([play], allow_unicode=True), encoding="utf-8")
    processes = [each.begin(str(file)) for each in two[:2]]
    ended = [(process.communicate()[0], process.returncode) for process in processes]
    assert sorted(status for _output, status in ended) == [0, 2], ended
    (output,) = [output for output, status in ended if status == 2]
    won = only_transaction(two[2])
    assert (
        f"The transaction '{won['id']}' of 'Comindware sales', begun by {won['owner']} (run {won['run']}) at {won['created']}, is not "
        "finished: its state is "
    ) in output
    assert two[0].running_version("app01", "sales") == NEW


def test_one_comes_while_the_other_is_in_the_middle(two: tuple[Controller, Controller, Host]) -> None:
    first, second, host = two
    host.add_fault("operation:create_link", path=r"*\Config\data", action="delay", seconds=20)
    process = first.begin("comindware.platform.upgrade", upgrade_target_version=NEW, **QUICK, **ANSWERED)
    wait_until(lambda: (host.folder / "faults.json").read_text("utf-8").replace(" ", "").find('"times":0') > 0)
    run = second.upgrade()
    assert run.status == 2, run.output
    begun = only_transaction(host)
    assert run.message() == (
        f"The upgrade of instance 'sales' was refused, nothing was touched. The transaction {begun['id']} of instance 'sales', begun by "
        f"{begun['owner']} (run {begun['run']}) at {begun['created']}, is not finished: running. The process {begun['worker']['pid']} of "
        f"the host has been at work on it since {begun['worker']['started']}. Wait for its end, then try again."
    )
    output = process.communicate()[0]
    assert process.returncode == 0, output
    assert first.running_version("app01", "sales") == NEW


def test_the_next_one_gets_through_when_the_lease_has_run_out(two: tuple[Controller, Controller, Host]) -> None:
    first, second, host = two
    host.product_behaviour("sales").start_seconds = 6
    kill_controller_at_work(first, host)
    host.product_behaviour("sales").start_seconds = 0.2
    begun = only_transaction(host)
    refused = second.upgrade()
    assert refused.status == 2, refused.output
    transaction = refused.of("upgrade_plan")[0]["findings"][0]
    assert transaction["code"] == "unfinished_transaction"
    assert (
        refused.message()
        == f"The upgrade of instance 'sales' was refused, nothing was touched. {transaction['message']}"
    )
    assert transaction["message"].startswith(
        f"The transaction {begun['id']} of instance 'sales', begun by {begun['owner']} (run {begun['run']}) at {begun['created']}, is not "
        "finished: applied. If nobody confirms it, the host goes back by itself at "
    )
    wait_until(lambda: second.running_version("app01", "sales") == NEW)
    for log in host.drives.linux(r"C:\ProgramData\Comindware\Instances\sales\Logs").glob("[uU]pgrade*.log"):
        os.utime(log, (0, 0))  # the data upgrade is through
    host.set(uptime_seconds=601)
    run = second.upgrade()
    assert run.status == 0, run.output
    (recovered,) = run.only("instance_recover")["recovered"]
    assert (recovered["transaction"], recovered["state"]) == (begun["id"], "rolled_back")
    assert second.running_version("app01", "sales") == NEW
