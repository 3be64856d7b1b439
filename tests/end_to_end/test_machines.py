# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two hosts behind one address: every call reaches the machine that is meant, or is refused there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from end_to_end.runs import NEW, SALES, MakeController, Run


def play(folder: Path, run: Any, *tasks: dict[str, Any]) -> Run:
    file = folder / "play.yml"
    file.write_text(yaml.safe_dump([{"name": "Play", "hosts": "app01", "gather_facts": False, "tasks": list(tasks)}]))
    ended: Run = run(str(file))
    return ended


@pytest.mark.parametrize("core", ["core-2.16", "core-2.21"])
def test_field_6_5_a_loop_over_hosts_of_one_address_asks_each_of_them(
    controller: MakeController, tmp_path: Path, core: str
) -> None:
    """Ansible itself keeps the connection of the first item: the address is the same, and it does not look at the port."""
    control = controller(SALES, SALES, environment=core)
    look = {
        "name": "Look",
        "comindware.platform.instance_info": {},
        "delegate_to": "{{ item }}",
        "loop": ["app01", "app02", "app01"],
    }
    run = play(tmp_path, control.playbook, look)
    assert run.status == 0, run.output
    (result,) = (one.result for one in run.results if "results" in one.result)
    assert [one["facts"]["machine"] for one in result["results"]] == ["APP01", "APP02", "APP01"]


def test_field_6_5_a_change_of_another_machine_than_the_inspected_one_is_refused(
    controller: MakeController, tmp_path: Path
) -> None:
    control = controller(SALES, SALES)
    before = control.fleet.hosts["app02"].snapshot()
    look = {"name": "Look", "comindware.platform.instance_info": {}, "register": "found"}
    options = {"name": "sales", "version": NEW, "facts": "{{ found.facts }}"}
    change = {"name": "Change", "comindware.platform.instance_upgrade": options, "delegate_to": "app02"}
    run = play(tmp_path, control.playbook, look, change)
    (result,) = run.of("instance_upgrade")
    assert (result["code"], result["changed"]) == ("other_machine", False)
    assert result["msg"].startswith(
        "This is APP02, another machine than the one that was inspected, so nothing was done here."
    )
    assert control.changes(before, "app02") == []
