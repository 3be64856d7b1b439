# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`pytest -p witness.plugin`: every stand-in host of the run is a Wine host, and the collection the copy that plays what Wine has not."""

from __future__ import annotations

import atexit
import os
import signal
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from ansible.plugins.loader import init_plugin_loader

from . import bundle, prefix
from .collection import copy_to
from .differences import Differences, playing

_AGENT = bundle.ROOT / "tests" / "unit" / "agent"
_COPY = "COLLECTIONS_UNDER_TEST"
_CONDITION = "a played condition"

# When this is imported no conftest.py was: the first of them makes the checkout importable. The workers of pytest-xdist share a copy.
os.environ["STANDIN_RUNTIME"] = "wine"
if "PYTEST_XDIST_WORKER" not in os.environ:
    _for_the_run = ExitStack()
    atexit.register(_for_the_run.close)
    os.environ[_COPY] = str(_for_the_run.enter_context(prefix.for_a_while()))
    copy_to(Path(os.environ[_COPY]))
init_plugin_loader([os.environ[_COPY]])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What plays a fault is left out, what is known to end otherwise has to. Fails where the list is not true any more."""
    differences = Differences.read()
    _compare(differences, [item for item in items if _name(item)])
    left_out = [item for item in items if _name(item) in differences.played]
    items[:] = [item for item in items if _name(item) not in differences.played]
    config.hook.pytest_deselected(items=left_out)
    for item in items:
        if reason := differences.others.get(_name(item)) or differences.others.get(_example(item)):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def _name(item: pytest.Item) -> str:
    """That of a test of the agent in the list; of others none."""
    return f"{item.path.name}::{getattr(item, 'originalname', item.name)}" if item.path.parent == _AGENT else ""


def _example(item: pytest.Item) -> str:
    return f"{item.path.name}::{item.name}"


def _compare(differences: Differences, items: list[pytest.Item]) -> None:
    """Whether the tests that play a fault are those of the list, as far as their files were collected."""
    files = {item.path for item in items}
    names = {file.name for file in files}
    listed = {one for one in differences.played if one.partition("::")[0] in names}
    found = {one for file in files for one in playing(file)}
    if listed != found:
        raise pytest.UsageError(
            f"differences.yml: these play a fault and are not listed: {sorted(found - listed) or 'none'}; "
            f"these are listed and play none: {sorted(listed - found) or 'none'}"
        )


class Standing:
    """Which tests of the agent ran, by function: a test of which one example fails has failed."""

    def __init__(self) -> None:
        self.outcomes: dict[str, set[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        path, name = report.nodeid.split("::", 1)
        if Path(path).parent.name != "agent" or (report.when != "call" and report.passed):
            return
        outcome = str(report.outcome)
        if report.skipped and (reason := getattr(report, "wasxfail", "")):
            outcome = "condition" if _CONDITION in reason else "differs"
        self.outcomes.setdefault(f"{Path(path).name}::{name.partition('[')[0]}", set()).add(outcome)

    def counted(self) -> Counter[str]:
        worst = ("failed", "differs", "condition", "skipped", "passed")
        return Counter(next(one for one in worst if one in found) for found in self.outcomes.values())

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.outcomes:
            return
        counted = self.counted()
        count = sum(counted.values()) - counted["condition"]
        terminalreporter.write_line(
            f"tests of the agent on a Wine host: {counted['passed']} of {count} pass ({counted['passed'] / max(count, 1):.0%}), "
            f"{counted['differs']} differ as listed, {counted['failed']} failed; besides them {counted['condition']} play a condition "
            f"and end otherwise, as listed; {len(Differences.read().played)} play a fault and were left out"
        )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """All that tests leave is below the folder of the run, which takes every process of Wine with it at its end."""
    config.pluginmanager.register(Standing())
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.option.basetemp = str(Path(os.environ[_COPY], "tests"))
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
