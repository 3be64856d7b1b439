# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fleets and controllers for the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from end_to_end.figures import LINES
from end_to_end.runs import BUILD, Controller, MakeController
from standin.fleet import Fleet
from unit.collection import make_importable

make_importable()


@pytest.fixture
def controller(tmp_path: Path) -> Iterator[MakeController]:
    """Makes a running fleet from host descriptions, and a controller for it; all are switched off afterwards."""
    fleets: list[Fleet] = []

    def make(*hosts: dict[str, Any], environment: str = "venv", **named: dict[str, Any]) -> Controller:
        described = {f"app{number:02}": host for number, host in enumerate(hosts, start=1)} | named
        folder = tmp_path / f"fleet{len(fleets)}"
        fleet = Fleet.create(folder, {"hosts": described}, cache=BUILD / "cache")
        fleet.start()
        fleets.append(fleet)
        return Controller(fleet, tmp_path, environment)

    yield make
    for fleet in fleets:
        fleet.stop()


_WORKER_OUTPUT = "figures"


@pytest.fixture
def figures() -> list[str]:
    """Lines to be printed when all tests have run."""
    return LINES


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of pytest-xdist hands its figures over."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_WORKER_OUTPUT] = LINES


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """The worker's figures arrive; what all workers tell is printed once."""
    told = getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT, [])
    LINES.extend(line for line in told if line not in LINES)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for figure in LINES:
        terminalreporter.write_line(figure)
