# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rows of the table, and how they are laid out in the columns that a screen or a log has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..pace import duration, megabytes
from ..stages import Where
from . import record, states
from .channel import Message
from .columns import clean, cut, pad, width

WAITING, DONE, FAILED_TASK = "waiting", "done", "failed_task"
"""States of a row besides those of :mod:`.record`."""

AT_WORK, BAD, ATTENTION, GOOD, QUIET = "work", "bad", "attention", "good", ""
"""Tones of a line; a screen gives them colours."""
_ORDER = (AT_WORK, BAD, ATTENTION, GOOD, QUIET)
_TONES = {
    **dict.fromkeys((*record.BAD, record.BLOCKED, FAILED_TASK), BAD),
    **dict.fromkeys((record.HANDED_OVER, record.MANUAL), ATTENTION),
    **dict.fromkeys((*record.GOOD, record.RETURNED, DONE), GOOD),
}

_COLUMNS = ("host", "instance", "versions", "stage", "progress", "rate", "left")
_FLEXIBLE = ("host", "instance")
_SPARED = ("rate", "versions", "left", "progress")
"""What a narrow screen does without, in this order."""
_NARROWEST = 9
_GAP = 2


class Shown(NamedTuple):
    """A line of the table and its tone."""

    text: str
    tone: str


@dataclass
class Row:
    """One instance; ``instance`` is "" for a host of which no instance is known yet. ``state``: what it is when nothing works on it.
    ``told_at``: when a log was last told about it, in seconds of the table's clock. ``fresh``: whether it has changed since it was last
    in a table of a log.
    """

    host: str
    instance: str
    brand: str | None
    start: str | None = None
    target: str | None = None
    state: str = WAITING
    stage: str = ""
    at_work: bool = False
    where: Where = field(default_factory=Where)
    told_at: float = 0
    fresh: bool = True

    @property
    def label(self) -> str:
        """Host and instance, for lines of a log."""
        return clean(f"{self.host}/{self.instance}" if self.instance else self.host)

    @property
    def tone(self) -> str:
        """See :data:`AT_WORK` and those beside it."""
        return AT_WORK if self.at_work else _TONES.get(self.state, QUIET)

    def begin(self, stage: str, message: Message) -> None:
        """It is worked on."""
        self.at_work, self.stage, self.fresh = True, stage, True
        self.where = Where(**{key: message[key] for key in Where.__annotations__ if key in message})  # type: ignore[literal-required,typeddict-item]

    def end(self, state: str) -> None:
        """Nothing works on it any more."""
        self.at_work, self.state, self.where, self.fresh = False, state, {}, True

    def learn(self, result: Mapping[str, Any]) -> None:
        """Versions that a result tells."""
        plan = result.get("plan")
        told = (
            plan if isinstance(plan, Mapping) else {"from": result.get("from_version"), "to": result.get("to_version")}
        )
        self.start = told.get("from") or states.reached(result) or self.start
        self.target = told.get("to") or self.target

    def cells(self, words: Mapping[str, str]) -> dict[str, str]:
        """Texts by column."""
        where, at = self.where, self.stage if self.at_work else self.state
        return {
            "host": clean(self.host),
            "instance": clean(self.instance),
            "versions": _versions(self),
            "stage": words.get(at, at),
            "progress": _done(where),
            "rate": _rate(where, words),
            "left": _left(where, words),
        }


class Totals:
    """How many instances are in which state. ``seconds``: since the run began."""

    def __init__(self, rows: Sequence[Row], seconds: float) -> None:
        self._counts = Counter("at_work" if row.at_work else row.state for row in rows)
        self._seconds = int(seconds)

    def text(self, words: Mapping[str, str]) -> str:
        """All on one line."""
        counts = sorted(self._counts.items(), key=lambda one: (one[0] != "at_work", one[0] == WAITING))
        told = ", ".join(f"{words[state]} {count}" for state, count in counts)
        minutes, seconds = divmod(self._seconds, 60)
        elapsed = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        return f"{words['total']}: {sum(self._counts.values())} ({told}), {elapsed}"


def render(rows: Sequence[Row], totals: Totals, words: Mapping[str, str], columns: int, height: int) -> list[Shown]:
    """Heading, rows and totals, in at most so many lines, each at most so wide. What is at work has the first places where not all
    rows have room.
    """
    room = max(height - 2, 0)
    last = cut(totals.text(words), columns)
    shown = list(rows)
    if len(rows) > room:
        shown = sorted(rows, key=lambda row: _ORDER.index(row.tone))[:room]
        last = cut(f"{words['more'].format(count=len(rows) - room)}. {last}", columns)
    bottom = [Shown(last, QUIET)] if height > 0 else []
    if not shown:
        return bottom
    cells = [row.cells(words) for row in shown]
    heading = {name: words[name] for name in _COLUMNS}
    widths = _widths(heading, cells, columns)
    body = [Shown(_join(one, widths, columns), row.tone) for one, row in zip(cells, shown, strict=True)]
    return [Shown(_join(heading, widths, columns), QUIET), *body, *bottom]


def progress_text(where: Where, words: Mapping[str, str]) -> str:
    """How far it is, in one phrase; "" if nothing is known."""
    return ", ".join(part for part in (_done(where), _rate(where, words), _left(where, words)) if part)


def _widths(heading: Mapping[str, str], cells: Sequence[Mapping[str, str]], columns: int) -> dict[str, int]:
    """How wide each column is; those without room or without content are missing."""
    wanted = {
        name: max(width(one[name]) for one in (heading, *cells)) for name in _COLUMNS if any(one[name] for one in cells)
    }
    for name in _SPARED:
        least = {one: min(wide, _NARROWEST) if one in _FLEXIBLE else wide for one, wide in wanted.items()}
        if _total(least) <= columns:
            break
        wanted.pop(name, None)
    flexible = [name for name in _FLEXIBLE if name in wanted]
    while flexible and _total(wanted) > columns:
        widest = max(flexible, key=lambda name: wanted[name])
        if wanted[widest] <= 1:
            break
        wanted[widest] -= 1
    return wanted


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + _GAP * (len(widths) - 1)


def _join(cells: Mapping[str, str], widths: Mapping[str, int], columns: int) -> str:
    return cut((" " * _GAP).join(pad(cells[name], wide) for name, wide in widths.items()).rstrip(), columns)


def _versions(row: Row) -> str:
    if row.start and row.target and row.start != row.target:
        return clean(f"{row.start} -> {row.target}")
    return clean(row.start or row.target or "")


def _done(where: Where) -> str:
    step = f"{where['step']}/{where['steps']}" if "step" in where and "steps" in where else ""
    percent = f"{where['percent']} %" if "percent" in where else ""
    return " ".join(part for part in (step, percent) if part)


def _rate(where: Where, words: Mapping[str, str]) -> str:
    return f"{megabytes(where['rate'])} {words['MB/s']}" if "rate" in where else ""


def _left(where: Where, words: Mapping[str, str]) -> str:
    if "left" not in where:
        return ""
    limit = "< " if where.get("at_most") else ""
    return limit + " ".join(words.get(part, part) for part in duration(where["left"]).split())
