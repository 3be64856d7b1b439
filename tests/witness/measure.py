# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`python -m witness.measure mono|wine`: seconds of the same things on such a host, as JSON. `make bench` shows both side by side."""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

KIND = sys.argv[1]
if KIND == "wine":
    importlib.import_module("witness.plugin")  # it makes every host a Wine host
os.environ["STANDIN_RUNTIME"] = KIND

from end_to_end.runs import BUILD, OLD, SALES, Controller, Run  # noqa: E402
from standin.fleet import Fleet  # noqa: E402
from unit.collection import make_importable  # noqa: E402

make_importable()
from unit.agent import sets  # noqa: E402
from unit.agent.conftest import Agent  # noqa: E402
from unit.agent.machine import NEW, Machine  # noqa: E402

_FILES, _BYTES = 1000, 20_000
_CALLS = 5


def seconds(act: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.monotonic()
    act()
    return time.monotonic() - began


def of_the_agent(folder: Path) -> dict[str, float]:
    machine = Machine(folder, BUILD / "cache")
    machine.switch_on(NEW)
    agent = Agent(machine)
    try:
        agent.execute([], confirm="automatic")  # compiles the worker
        for number in range(_FILES):
            agent.write(rf"{sets.DATA}\f{number // 100}\{number}.bin", os.urandom(_BYTES))
        call = statistics.median(seconds(lambda: agent.query("identity")) for number in range(_CALLS))
        hashed = seconds(lambda: agent.query("list", paths=[sets.DATA], recurse=True, hash=True))
        backup = seconds(lambda: agent.execute([sets.backup(sets.TREE)], wait=600, id="t2", confirm="automatic"))
    finally:
        machine.host.stop()
    return {"a call that asks nothing": call, "hashes of 20 MB in 1,000 files": hashed, "a backup set of them": backup}


def of_a_run(folder: Path) -> dict[str, float]:
    with Fleet.create(folder / "fleet", {"hosts": {"app01": SALES}}, cache=BUILD / "cache") as fleet:
        control = Controller(fleet, folder)
        assert control.running_version("app01", "sales") == OLD
        inspection = seconds(lambda: _well(control.inspect()))
        upgrade = seconds(lambda: _well(control.upgrade(upgrade_health={"stable": 1, "interval": 1, "timeout": 300})))
    return {"an inspection": inspection, "an upgrade": upgrade}


def _well(run: Run) -> None:
    assert run.status == 0, run.output


with tempfile.TemporaryDirectory() as place:
    for name in ("agent", "run"):
        Path(place, name).mkdir()
    print(json.dumps(of_the_agent(Path(place, "agent")) | of_a_run(Path(place, "run"))))
