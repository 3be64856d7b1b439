# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""However a run ends, nothing of Wine stays behind: no process, no prefix."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from standin.testing import wait_until

from witness import bundle, prefix

TESTS = bundle.ROOT / "tests"
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")} | {
    "PYTHONPATH": str(TESTS)
}
HOLDS_A_PREFIX = """
import subprocess, time
from witness import prefix
with prefix.throw_away() as place:
    subprocess.run([prefix.WINESERVER, "-p"], env=prefix.environment(place), cwd=place, check=True)
    prefix.wine(place, "cmd", "/c", "exit")
    time.sleep(1000)
"""
ONE_TEST = (
    "-m",
    "pytest",
    "-p",
    "no:cacheprovider",
    "-p",
    "witness.plugin",
    "unit/agent/test_queries.py",
    "-k",
    "identity",
)


@pytest.fixture(autouse=True)
def _bundle() -> None:
    bundle.need()


def folder_of(process: subprocess.Popen[bytes]) -> Path:
    """That of the process for a while, when something runs there."""
    found: list[Path] = []

    def runs() -> bool:
        assert process.poll() is None, "it ended before it had a prefix"
        found[:] = bundle.CACHE.glob(f"while.{process.pid}.*")
        return bool(found) and len(prefix.started_for(found[0])) > 3

    wait_until(runs)
    return found[0]


def begin(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=TESTS, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_the_next_run_takes_away_what_a_killed_one_has_left() -> None:
    process = begin("-c", HOLDS_A_PREFIX)
    folder = folder_of(process)
    process.kill()
    process.wait()
    assert folder.exists() and prefix.started_for(folder) != []
    prefix.sweep()
    assert not folder.exists() and prefix.started_for(folder) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_leaves_nothing(how: signal.Signals) -> None:
    process = begin(*ONE_TEST)
    folder = folder_of(process)
    process.send_signal(how)
    process.wait()
    assert not folder.exists() and prefix.started_for(folder) == []
