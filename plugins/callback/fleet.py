# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows a run as a table of instances; documented below."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet
type: stdout
short_description: Shows a run as a table of instances with stage, progress and time left
version_added: "1.0.0"
author: The comindware.platform authors (@comindware-platform)
description:
  - Shows one row for each instance that the modules of C(comindware.platform) work on. It has host, instance, versions, stage, how far
    the stage is, its rate and the time left, and in the end the state that the instance is in.
  - On a terminal the table stays at the bottom and is drawn anew as the run goes on; everything else scrolls above it.
  - Without a terminal, as in a log or in AWX, each change of a stage is one line, and a long stage has a line now and then. Each play and
    each of its batches ends with a table of the instances that have changed since the one before, and the run with a table of all. Lines
    have at most O(columns) columns and no control characters.
  - Failures are told in full, with what to do next. Results of other tasks are told with C(-v) only, then as
    P(ansible.builtin.default#callback) does.
requirements:
  - Set it as C(stdout_callback = comindware.platform.fleet) in the section C([defaults]) of C(ansible.cfg), or as the environment
    variable E(ANSIBLE_STDOUT_CALLBACK).
extends_documentation_fragment:
  - default_callback
  - result_format_callback
options:
  language:
    description:
      - The language of the table. V(auto) is that of the variable C(upgrade_language), else English.
      - Messages of failures have the language in which they were made.
    type: str
    choices: [auto, en, ru]
    default: auto
    env:
      - name: COMINDWARE_FLEET_LANGUAGE
    ini:
      - section: callback_fleet
        key: language
  interval:
    description: Without a terminal, so many seconds are at least between two lines about the progress of one instance in one stage.
    type: int
    default: 30
    env:
      - name: COMINDWARE_FLEET_INTERVAL
    ini:
      - section: callback_fleet
        key: interval
  columns:
    description: How wide lines are at most without a terminal.
    type: int
    default: 120
    env:
      - name: COMINDWARE_FLEET_COLUMNS
    ini:
      - section: callback_fleet
        key: columns
  plain:
    description: Write to a terminal as to a log. A terminal of less than 40 columns or 8 rows is always written to so.
    type: bool
    default: false
    env:
      - name: COMINDWARE_FLEET_PLAIN
    ini:
      - section: callback_fleet
        key: plain
"""

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from ansible import constants as C  # noqa: N812  # its name everywhere in Ansible
from ansible.plugins.callback.default import CallbackModule as DefaultCallback
from ansible.utils.color import ANSIBLE_COLOR

from ..plugin_utils.fleet import channel
from ..plugin_utils.fleet.progress_table import Ending, ProgressTable
from ..plugin_utils.fleet.progress_words import WORDS
from ..plugin_utils.fleet.screen import Screen, fits

_COLLECTION = "comindware.platform."
_LEAST_COLUMNS = 40
_TICK_SECONDS = 1.0
_DRAW_SECONDS = 0.1


class CallbackModule(DefaultCallback):
    """Turns what ansible-core tells into calls of the table. Results have ``_host``, ``_task`` and ``_result`` only, where the
    ansible-core is older than 2.19.

    The lock is for the three threads that come here: ansible-core's main thread and the one for results, and the one of this class
    that reads the channel. Whoever has it may print; nobody who prints wants it.
    """

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "comindware.platform.fleet"

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()
        self._table = ProgressTable()
        self._screen: Screen | None = None
        self._channel: channel.Channel | None = None
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._broken = False
        self._drawn = 0.0
        self._heading = ""

    # What ansible-core calls.

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._safely(self._start)
        if self._tells_all:
            super().v2_playbook_on_start(playbook)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play = play  # of the default callback
        self._safely(self._begin_play, play)
        if self._tells_all:
            super().v2_playbook_on_play_start(play)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        if self._tells_all:
            super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        if self._tells_all:
            super().v2_playbook_on_handler_task_start(task)

    def v2_playbook_on_include(self, included_file: Any) -> None:
        if self._tells_all:
            super().v2_playbook_on_include(included_file)

    def v2_runner_on_ok(self, result: Any) -> None:
        self._safely(self._ok, result)
        if self._tells_all:
            super().v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._safely(self._ok, result)
        if self._tells_all:
            super().v2_runner_item_on_ok(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._safely(self._failed, result, ignore_errors)
        if self._tells_all:
            super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._safely(self._failed, result, bool(result._task.ignore_errors))
        if self._tells_all:
            super().v2_runner_item_on_failed(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._safely(self._unreachable, result)
        if self._tells_all:
            super().v2_runner_on_unreachable(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        if self._tells_all:
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        if self._tells_all:
            super().v2_runner_item_on_skipped(result)

    def v2_runner_retry(self, result: Any) -> None:
        if self._tells_all:
            super().v2_runner_retry(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._safely(self._end)
        if self._tells_all:
            super().v2_playbook_on_stats(stats)

    # What it makes of that.

    @property
    def _tells_all(self) -> bool:
        """Whether everything is told as the default callback tells it."""
        return self._broken or self._display.verbosity > 0

    def _safely(self, act: Callable[..., None], *arguments: Any) -> None:
        """A table that cannot be shown fails no run: from then on this is the default callback."""
        if self._broken:
            return
        try:
            with self._lock:
                self._read()
                act(*arguments)
                self._draw()
        except Exception as error:  # whatever it is, the run is worth more
            self._broken = True
            self._stop()
            self._display.warning(f"The table of instances cannot be shown any more, the run goes on: {error!r}")

    def _start(self) -> None:
        language = self.get_option("language")
        columns = max(self.get_option("columns"), _LEAST_COLUMNS)
        self._table = ProgressTable(language if language in WORDS else "en", columns, self.get_option("interval"))
        terminal = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        if terminal and fits(_size()) and not self.get_option("plain"):
            self._screen = Screen(colours=ANSIBLE_COLOR)
            self._table.columns = _size()[0] - 1
        atexit.register(self._leave, os.getpid())
        self._channel = channel.open_channel()
        self._thread = threading.Thread(target=self._watch, name="fleet", daemon=True)
        self._thread.start()

    def _begin_play(self, play: Any) -> None:
        self._summarize(whole=False)
        self._heading = play.get_name().strip()
        manager = play.get_variable_manager()
        self._speak((manager.extra_vars if manager else {}).get("upgrade_language"))

    def _ok(self, result: Any) -> None:
        if _is_loop(result):
            return
        self._warn(result)
        if action := _action(result):
            self._tell(self._table.ended(_host(result), action, result._result, result._task.args))

    def _failed(self, result: Any, ignored: bool) -> None:
        if _is_loop(result):
            return
        self._warn(result)
        if action := _action(result):
            self._tell(self._table.failed(_host(result), action, result._result, result._task.args))
        elif not ignored:
            self._tell(self._table.failed_task(_host(result), result._task.get_name(), result._result))

    def _unreachable(self, result: Any) -> None:
        self._warn(result)
        self._tell(self._table.unreachable(_host(result), str(result._result.get("msg") or "")))

    def _end(self) -> None:
        if not self._over.is_set():
            self._stop()
            self._summarize(whole=True)

    # How it is shown.

    def _warn(self, result: Any) -> None:
        if self._tells_all:
            return
        for warning in result._result.pop("warnings", None) or []:
            if lines := self._table.warned(_host(result), str(warning)):
                colour = C.COLOR_WARN if self._screen else None
                self._display.display("\n".join(lines), color=colour, stderr=True)
        self._handle_warnings(result._result)  # those about deprecated features are left

    def _tell(self, ending: Ending) -> None:
        if not ending.lines:
            return
        colour = C.COLOR_ERROR if ending.bad and self._screen else None
        on_stderr = ending.bad and self.get_option("display_failed_stderr")
        self._display.display("\n".join(ending.lines), color=colour, stderr=on_stderr)

    def _summarize(self, whole: bool) -> None:
        """A terminal shows the table all the time, and keeps it when the run is over. In a log it would come with every batch, so it has
        what is new there, and everything at the end.
        """
        if self._screen is None or self._over.is_set():
            for line in self._table.summary("" if self._screen else self._heading, whole):
                self._display.display(line)

    def _speak(self, language: Any) -> None:
        if self.get_option("language") == "auto" and language in WORDS:
            self._table.language = language

    def _read(self) -> None:
        """Takes what the workers have told; what came before a result is seen before it."""
        if self._channel is None:
            return
        try:
            messages = self._channel.receive()
        except OSError as error:
            self._channel = None
            channel.close_channel()
            self._display.warning(f"How far the instances are cannot be shown any more, the run goes on: {error}")
            return
        for message in messages:
            self._speak(message.get("language"))
            for line in self._table.see(message):
                if self._screen is None:
                    self._display.display(line)

    def _watch(self) -> None:
        """Reads the channel and draws the time, in a thread of its own."""
        while not self._over.is_set() and (reading := self._channel) and not self._broken:
            reading.wait(_TICK_SECONDS)
            if not self._over.is_set():
                self._safely(lambda: None)
            time.sleep(_DRAW_SECONDS)

    def _draw(self) -> None:
        """At most now and then; the thread does it after that."""
        now = time.monotonic()
        if self._screen and not self._over.is_set() and now - self._drawn >= _DRAW_SECONDS:
            self._drawn = now
            columns, rows = _size()
            self._table.columns = columns - 1
            shown = self._table.show(columns - 1, rows // 2)
            if len(shown) > 1:
                self._put(self._screen.paint(shown, (columns, rows)))

    def _put(self, drawn: str) -> None:
        """Through the display, whose lock ansible-core holds while it forks."""
        self._display.display(drawn, screen_only=True, newline=False)
        sys.stdout.flush()

    def _stop(self) -> None:
        """Gives the terminal back, whatever else goes wrong."""
        self._over.set()
        with self._lock, contextlib.suppress(OSError):
            channel.close_channel()
            self._channel = None
            if self._screen and (rest := self._screen.release()):
                self._put(rest)

    def _leave(self, owner: int) -> None:
        """The end of the process, by whatever way; a forked one has nothing to give back. An interrupted run shows how far it was."""
        if os.getpid() == owner:
            self._safely(self._end)
            if self._thread:
                self._thread.join(2 * _TICK_SECONDS)


def _size() -> tuple[int, int]:
    """Columns and rows of the terminal."""
    columns, rows = os.get_terminal_size(sys.stdout.fileno())
    return columns, rows


def _host(result: Any) -> str:
    return str(result._host.get_name())


def _action(result: Any) -> str:
    """The module's name within the collection; "" for those of others."""
    name = str(getattr(result._task, "resolved_action", None) or result._task.action)
    return name.removeprefix(_COLLECTION) if name.startswith(_COLLECTION) else ""


def _is_loop(result: Any) -> bool:
    """The end of a loop whose rounds were told one by one."""
    return bool(result._task.loop) and "results" in result._result
