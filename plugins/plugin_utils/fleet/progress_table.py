# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The instances of a run as a table: what is told about them goes in, lines for a log come out, and the table at any time."""

from __future__ import annotations

import re
import time
from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import stages
from . import record, states
from .channel import Message
from .columns import clean, cut, wrap
from .progress_rows import DONE, FAILED_TASK, WAITING, Row, Shown, Totals, progress_text, render
from .progress_words import WORDS, next_step

_FIRST_STAGE = {
    "instance_info": stages.INSPECT,
    "instance_recover": "recover",
    "upgrade_plan": stages.PLAN,
    "instance_upgrade": stages.PLAN,
    "instance_backup": stages.BACKUP,
    "instance_health": stages.JUDGE,
    "instance_rollback": stages.RETURN,
    "instance_restore": stages.RETURN,
    "instance_state": stages.SWITCH,
}
_OF_HOSTS = ("instance_info", "instance_recover")
_INDENT = "    "


@dataclass
class Ending:
    """Lines about what has ended. ``bad``: somebody has to look at it."""

    lines: list[str] = field(default_factory=list)
    bad: bool = False


class ProgressTable:
    """``language``: en or ru. ``columns``: how wide lines of the log may be. ``interval``: seconds between two progress lines of an
    instance. ``clock`` in seconds; ``stamp`` gives the time of day, with which each line begins.
    """

    def __init__(
        self,
        language: str = "en",
        columns: int = 120,
        interval: float = 30,
        clock: Callable[[], float] = time.monotonic,
        stamp: Callable[[], str] = lambda: time.strftime("%H:%M:%S"),
    ) -> None:
        self.language = language
        self.columns = columns
        self._interval = interval
        self._clock = clock
        self._stamp = stamp
        self._begun = clock()
        self._rows: list[Row] = []
        self._is_whole = True
        self._warned: set[tuple[str, str]] = set()

    @property
    def words(self) -> Mapping[str, str]:
        """Those of the language."""
        return WORDS[self.language]

    def see(self, message: Message) -> list[str]:
        """A module has begun or has got further. The lines for a log: one if the stage is new, one now and then if it is not."""
        action = message.get("action", "")
        if action not in _FIRST_STAGE:
            return []
        if action in _OF_HOSTS and not message.get("instance"):
            return self._see_host(message, _FIRST_STAGE[action])
        row = self._row(message["host"], message.get("instance") or "", message.get("brand"))
        row.target = message.get("target") or row.target
        if "text" not in message:
            row.at_work = False  # it begins anew
        stage = message.get("stage") or (row.stage if row.at_work else _FIRST_STAGE[action])
        is_new = not row.at_work or stage != row.stage
        row.begin(stage, message)
        text = clean(message.get("text", ""))
        now = self._clock()
        if is_new:
            row.told_at = now
            return [self._line(row.label, self.words.get(stage, stage), text)]
        if now - row.told_at < self._interval:
            return []
        row.told_at = now
        return [self._line(row.label, self.words.get(stage, stage), progress_text(row.where, self.words) or text)]

    def _see_host(self, message: Message, stage: str) -> list[str]:
        """What is done for a host: its instances, if they are known, else a row of its own stands for them."""
        rows = [one for one in self._of(message["host"]) if one.state in (WAITING, record.PLANNED)]
        if not self._of(message["host"]):
            rows = [self._row(message["host"], "", None)]
        is_new = any(one.stage != stage or not one.at_work for one in rows) and "text" not in message
        for row in rows:
            row.begin(stage, message)
        return [self._line(clean(message["host"]), self.words.get(stage, stage), "")] if is_new else []

    def ended(self, host: str, action: str, result: Mapping[str, Any], arguments: Mapping[str, Any]) -> Ending:
        """A module of the collection did not fail. ``arguments``: of its task."""
        if action not in _FIRST_STAGE:
            return Ending()
        if action == "instance_info":
            self._inspected(host, (result.get("facts") or {}).get("instances") or [])
            return Ending()
        if action == "instance_recover":
            return self._recovered(host, result)
        row = self._named(host, result, arguments)
        if row is None:
            return Ending()
        state = states.of_success(action, result) or DONE
        row.end(state)
        row.learn(result)
        told = self._told(row.label, self.words[state], states.message(result))
        return Ending([*told, *self._next(state)], bad=state == record.BLOCKED)

    def failed(self, host: str, action: str, result: Mapping[str, Any], arguments: Mapping[str, Any]) -> Ending:
        """A module of the collection failed."""
        row = self._named(host, result, arguments) if action in _FIRST_STAGE and action not in _OF_HOSTS else None
        if row is None:
            for one in self._at_work(host):
                one.end(FAILED_TASK)
            return self.failed_task(host, action, result)
        at = row.stage if row.at_work else ""
        row.end(states.of_failure(action, result) or FAILED_TASK)
        row.learn(result)
        heading = self.words[row.state] + (f" ({self.words[at]})" if at else "")
        lines = self._told(row.label, heading.upper(), str(result.get("msg") or ""))
        return Ending([*lines, *self._next(row.state)], bad=True)

    def failed_task(self, host: str, task: str, result: Mapping[str, Any]) -> Ending:
        """Any other task failed: all that it says."""
        said = [result.get(key) for key in ("msg", "module_stderr", "stderr", "module_stdout", "stdout", "censored")]
        texts = list(dict.fromkeys(str(one) for one in said if one))
        heading = f"{self.words['failed_task'].upper()}, {self.words['task']} '{clean(task)}'"
        return Ending(self._told(clean(host), heading, "\n".join(texts)), bad=True)

    def warned(self, host: str, warning: str) -> list[str]:
        """A result comes with a warning; said once for each host."""
        if (host, warning) in self._warned:
            return []
        self._warned.add((host, warning))
        return self._told(clean(host), self.words["warning"], warning)

    def unreachable(self, host: str, reason: str) -> Ending:
        """Whatever was not begun on that host will not be now."""
        rows = self._at_work(host) or [one for one in self._of(host) if one.state in (WAITING, record.PLANNED)]
        for row in rows or ([] if self._of(host) else [self._row(host, "", None)]):
            row.end(record.UNREACHABLE)
        lines = self._told(clean(host), self.words[record.UNREACHABLE].upper(), reason)
        return Ending([*lines, *self._next(record.UNREACHABLE)], bad=True)

    def show(self, columns: int, height: int) -> list[Shown]:
        """The table as it is now, in at most so many lines: what is at work comes first where not all have room."""
        return render(self._rows, self._totals(), self.words, columns, height)

    def summary(self, heading: str, whole: bool = False) -> list[str]:
        """A table for a log of what has changed since the last one, or of all; nothing if that was there already."""
        rows = [row for row in self._rows if row.fresh]
        if not rows and (self._is_whole or not whole):
            return []
        rows = self._rows if whole else rows
        self._is_whole = len(rows) == len(self._rows)
        for row in rows:
            row.fresh = False
        shown = render(rows, self._totals(), self.words, self.columns, len(rows) + 2)
        title = f"{self.words['play']}: {clean(heading)}" if heading else ""
        return ["", *([cut(title, self.columns)] if title else []), *(one.text for one in shown), ""]

    def _totals(self) -> Totals:
        return Totals(self._rows, self._clock() - self._begun)

    def _inspected(self, host: str, instances: Iterable[Mapping[str, Any]]) -> None:
        self._rows = [one for one in self._rows if one.host != host or one.instance]
        for row in self._at_work(host):
            row.at_work = False
        for facts in instances:
            row = self._row(host, str(facts["name"]), facts.get("brand"))
            if row.state == WAITING:
                row.start = (facts.get("version") or {}).get("current")

    def _recovered(self, host: str, result: Mapping[str, Any]) -> Ending:
        for row in self._at_work(host):
            row.at_work = False
        self._rows = [one for one in self._rows if one.host != host or one.instance]
        return Ending(self._told(clean(host), self.words[DONE], str(result.get("message") or "")))

    def _named(self, host: str, result: Mapping[str, Any], arguments: Mapping[str, Any]) -> Row | None:
        """The row that a result is about: named there, else at work on that host, else named by the task; None if nothing says it."""
        plan = result.get("plan")
        source = plan if isinstance(plan, Mapping) else result
        name, at_work = source.get("instance"), self._at_work(host)
        if at_work and name in (None, at_work[0].instance):
            return at_work[0]
        name = str(name or arguments.get("name") or "{{")
        return None if "{{" in name else self._row(host, name, source.get("brand"))

    def _of(self, host: str) -> list[Row]:
        return [one for one in self._rows if one.host == host]

    def _at_work(self, host: str) -> list[Row]:
        return [one for one in self._of(host) if one.at_work]

    def _row(self, host: str, instance: str, brand: str | None) -> Row:
        for row in self._of(host):
            if row.instance.casefold() == instance.casefold() and (None in (brand, row.brand) or row.brand == brand):
                row.brand = row.brand or brand
                return row
        self._rows = [one for one in self._rows if one.host != host or one.instance]
        new = Row(host, instance, brand)
        insort(self._rows, new, key=lambda row: _by_number(row.host))
        return new

    def _told(self, label: str, what: str, message: str) -> list[str]:
        return [self._line(label, what, ""), *wrap(message, self.columns, _INDENT)]

    def _next(self, state: str) -> list[str]:
        todo = next_step(state, self.language)
        return wrap(f"{self.words['next']} {todo}", self.columns, _INDENT) if todo else []

    def _line(self, label: str, what: str, text: str) -> str:
        return cut(f"{self._stamp()} {label}  {what}{': ' if text else ''}{text}", self.columns)


def _by_number(host: str) -> list[tuple[int, str]]:
    """Sorts app2 before app10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", host.casefold())]
