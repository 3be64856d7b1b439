# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The acceptance run for real Windows (tests/windows) on a Wine host: what Wine can serve passes, what it cannot has its reason here."""

from __future__ import annotations

import re

from end_to_end.runs import ROOT, MakeController
from standin.ports import free_ports

CANNOT: dict[str, str] = {}
"""Checks that Wine cannot serve: the run itself names them, with the reason, and fails if one is proved all the same."""


def test_the_acceptance_run(controller: MakeController) -> None:
    control = controller({"versions": [], "instances": []})
    inventory = control.fleet.inventory
    inventory.write_text(inventory.read_text("utf-8").replace("platform_hosts:", "acceptance_hosts:"), encoding="utf-8")
    variables = {"acceptance_cannot": CANNOT, "acceptance_port": free_ports(1)[0]}
    run = control.playbook(str(ROOT / "tests" / "windows" / "acceptance.yml"), **variables)
    table = {name: word for word, name in re.findall(r'"(PROVED|FAILED|CANNOT) +(\w+) ', run.output)}
    assert run.status == 0, run.output
    assert {name for name, word in table.items() if word == "CANNOT"} == set(CANNOT)
