# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs that bring the instance `sales` back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from end_to_end.runs import Controller, Run
from standin.snapshot import Snapshot

QUICK = {"health_stable": 1, "health_interval": 1, "health_timeout": 60}
DATABASE = r"C:\ProgramData\Comindware\Instances\sales\Database"
SETS = r"C:\ProgramData\comindware.platform\backups\Comindware\sales"
ENTRY = "entered since"


def back(control: Controller, *arguments: str, **options: Any) -> Run:
    """Runs instance_rollback."""
    return control.task("instance_rollback", *arguments, **{"name": "sales", **QUICK, **options})


def restore(control: Controller, *arguments: str, **options: Any) -> Run:
    """Runs instance_restore."""
    return control.task("instance_restore", *arguments, **{"name": "sales", **QUICK, **options})


def start(control: Controller) -> Snapshot:
    """The host with the instance awake."""
    assert control.running_version("app01", "sales")
    return control.fleet.hosts["app01"].snapshot()


def upgraded(control: Controller, *arguments: str, **wanted: Any) -> str:
    """Upgrades; the id of the run."""
    done = control.upgrade(*arguments, **wanted)
    assert done.status == 0, done.output
    return str(done.of("instance_upgrade")[0]["run"])


def enter(control: Controller) -> Path:
    """Something is entered in the instance: a file of its database."""
    host = control.fleet.hosts["app01"]
    file = host.drives.real(rf"{host.instance('sales').folder('data')}\entry.txt")
    file.write_text(ENTRY, encoding="utf-8")
    return file
