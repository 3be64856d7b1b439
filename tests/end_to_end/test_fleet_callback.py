# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The callback `fleet`: what a log and a terminal show of real runs, with the oldest and the newest ansible-core."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from end_to_end.runs import ANSWERED, NEW, OLD, QUICK, SALES, Controller, MakeController
from standin.terminal import Terminal

CORES = pytest.mark.parametrize("core", ["core-2.16", "core-2.21"])
COLUMNS, ROWS = 110, 30
STAGES = ["inspecting", "planning", "stopping", "switching", "judging", "confirming"]
"""Those that are always seen when :func:`watched` has made a link slow to appear; others may be over before the next look."""
HEADING = re.compile(r"HOST +INSTANCE +VERSIONS +STAGE")


def watched(controller: MakeController, core: str, **environment: str) -> Controller:
    control = controller(SALES, environment=core)
    # A look waits for up to 20 seconds: quicker operations are not seen at work.
    fault = {"path": r"*\Config\data", "action": "delay", "seconds": 22}
    control.fleet.hosts["app01"].add_fault("operation:create_link", **fault)
    control.variables = {"ANSIBLE_STDOUT_CALLBACK": "comindware.platform.fleet", **environment}
    return control


class Watching:
    """Runs a playbook on a terminal and keeps every picture that it showed."""

    def __init__(self, control: Controller, name: str, **variables: Any) -> None:
        self.terminal = Terminal(COLUMNS, ROWS)
        self.pictures: list[list[str]] = []
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = control.begin_at(theirs, name, **variables)
        os.close(theirs)

    def until_ended(self, interrupt: Callable[[list[str]], bool] = lambda picture: False) -> int:
        """The exit status. It gets what Ctrl-C sends, once, at the first picture for which ``interrupt`` is true."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        pressed, deadline = False, time.monotonic() + 300
        while True:
            assert select.select([self._ours], [], [], max(deadline - time.monotonic(), 0))[0], self.terminal.rows
            try:
                data = os.read(self._ours, 65536)
            except OSError:  # nobody has the other end open any more
                break
            self.terminal.write(decoder.decode(data))
            self.pictures.append(self.terminal.rows)
            if not pressed and interrupt(self.terminal.rows):
                pressed = True
                os.killpg(self._process.pid, signal.SIGINT)
        os.close(self._ours)
        return self._process.wait()

    @property
    def said(self) -> str:
        return "\n".join(self.terminal.gone + self.terminal.rows)


def is_plain(line: str) -> bool:
    return not any(unicodedata.category(one).startswith("C") for one in line)


@CORES
def test_a_log(controller: MakeController, core: str) -> None:
    run = watched(controller, core).upgrade()
    assert run.status == 0, run.output
    lines = run.output.splitlines()
    assert [line for line in lines if len(line) > 120 or not is_plain(line)] == []
    told = [found for line in lines for found in STAGES if re.match(rf"[0-9:]{{8}} app01(/sales)?  {found}\b", line)]
    assert list(dict.fromkeys(told)) == STAGES, run.output
    assert re.search(r"^[0-9:]{8} app01/sales  switching: \d+/\d+ Link .*data -> ", run.output, re.MULTILINE), (
        run.output
    )
    ended = next(number for number, line in enumerate(lines) if re.match(r"[0-9:]{8} app01/sales  handed over$", line))
    assert lines[ended + 1].startswith(f"    Instance 'sales' runs {NEW} and waits in service mode: open http")
    table = next(number for number, line in enumerate(lines) if number > ended and HEADING.match(line))
    assert lines[table + 1].split() == ["app01", "sales", OLD, "->", NEW, "handed", "over"]
    assert lines[table + 2].startswith("Instances: 1 (handed over 1), 0:0")
    assert not re.search(r"TASK \[|^ok: |^    \[app01\]", run.output, re.MULTILINE), run.output


@CORES
def test_a_terminal(controller: MakeController, core: str) -> None:
    """An upgrade that fails and goes back: the table is drawn in place, what failed scrolls above it, both are there in the end."""
    control = watched(controller, core)
    control.fleet.hosts["app01"].product_behaviour("sales").crashing_versions = [NEW]
    watching = Watching(control, "comindware.platform.upgrade", upgrade_target_version=NEW, **QUICK, **ANSWERED)
    assert watching.until_ended() == 2, watching.said
    row = re.compile(rf"app01 +sales +{OLD} -> {NEW} +(\w+( \w+)?)")
    seen = [found[1] for picture in watching.pictures for line in picture[ROWS // 2 :] if (found := row.match(line))]
    # Without the first: it may be seen again in the instance's turn.
    assert [one for one in dict.fromkeys(seen) if one in STAGES[1:]] == STAGES[1:-1], seen
    assert "rolling back" in seen
    assert max(sum(bool(HEADING.match(line)) for line in picture) for picture in watching.pictures) == 1, watching.said
    assert watching.terminal.is_whole
    rows = [line for line in watching.terminal.rows if line]
    assert (
        row.match(rows[-2])
        and rows[-2].endswith("rolled back")
        and rows[-1].startswith("Instances: 1 (rolled back 1), ")
    )
    assert "app01/sales  ROLLED BACK (ROLLING BACK)" in watching.said
    assert "    Next: The version before runs again." in watching.said


def test_a_terminal_that_is_written_to_as_an_operator_set_it(controller: MakeController) -> None:
    wish = {"PLAIN": "true", "COLUMNS": "60", "INTERVAL": "0", "LANGUAGE": "ru"}
    control = watched(controller, "venv", **{f"COMINDWARE_FLEET_{name}": value for name, value in wish.items()})
    control.fleet.hosts["app01"].add_fault("operation:create_link", path=r"*\Config\mobile", action="delay", seconds=22)
    watching = Watching(control, "comindware.platform.upgrade", upgrade_target_version=NEW, **QUICK, **ANSWERED)
    assert watching.until_ended() == 0, watching.said
    lines = watching.said.splitlines()
    table = next(number for number, line in enumerate(lines) if line.startswith("УЗЕЛ"))
    assert [line for line in lines if len(line) > 60] == []
    assert [line for line in lines[table:] if line.startswith("app01  sales")] != []
    steps = [line for line in lines if re.match(r"[0-9:]{8} app01/sales  переключение: ", line)]
    assert len(steps) == 2, "one for each look that finds another step"


@CORES
def test_an_interrupted_run_leaves_the_terminal_sane(controller: MakeController, core: str) -> None:
    control = watched(controller, core, COMINDWARE_FLEET_LANGUAGE="ru")
    # However busy the machine is, the last of the stages lasts until it is drawn.
    patience = {"upgrade_health": {"stable": 120, "interval": 1, "timeout": 600}}
    watching = Watching(control, "comindware.platform.upgrade", upgrade_target_version=NEW, **patience, **ANSWERED)
    stages = ("переключение", "запуск", "проверка")
    status = watching.until_ended(
        lambda picture: any(stage in line for stage in stages for line in picture[ROWS // 2 :])
    )
    assert status not in (0, 2), watching.said
    assert watching.terminal.is_whole
    rows = [line for line in watching.terminal.rows if line]
    assert rows[-1].startswith("Экземпляры: 1 (в работе 1), "), watching.said
    assert any("User interrupted execution" in line for line in watching.terminal.rows)


@CORES
@pytest.mark.parametrize("broken", ["channel", "table"])
def test_nothing_that_breaks_in_it_fails_a_run(controller: MakeController, core: str, broken: str) -> None:
    control = watched(controller, core, ANSIBLE_CALLBACKS_ENABLED="results,breaking", BREAKING=broken)
    run = control.task("instance_backup", name="sales")
    assert run.status == 0, run.output
    assert run.only("instance_backup")["changed"]
    assert "cannot be shown any more, the run goes on" in run.output
    if broken == "channel":
        assert re.search(r"^    \[app01\] Back up instance 'sales' \(operations: 1\)$", run.output, re.MULTILINE), (
            run.output
        )
        assert re.search(r"^app01 +sales +done$", run.output, re.MULTILINE), run.output
    else:
        assert "PLAY RECAP" in run.output


def test_verbosity_tells_everything_besides(controller: MakeController) -> None:
    run = watched(controller, "venv").task("instance_backup", "-v", name="sales")
    assert run.status == 0, run.output
    for told in ("PLAY [One task]", "TASK [instance_backup]", "changed: [app01] => ", "PLAY RECAP"):
        assert told in run.output
    assert re.search(r"^[0-9:]{8} app01/sales  backing up", run.output, re.MULTILINE), run.output
    assert re.search(r"^    \[app01\] Back up instance 'sales' \(operations: 1\)$", run.output, re.MULTILINE), (
        run.output
    )
