# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A terminal that understands as much of a VT100 as the callback uses, and refuses anything else."""

from __future__ import annotations

import re

_BEGUN = re.compile(r"\x1b(?:\[[0-9;]*)?\Z")
_SEQUENCE = re.compile(r"\x1b(?:([78D])|\[([0-9;]*)([A-Za-z]))")


class Terminal:
    """``gone``: lines that scrolled off the top. A line that is too wide goes on in the next one."""

    def __init__(self, columns: int, height: int) -> None:
        self._columns = columns
        self._lines = [""] * height
        self._row = self._column = 0
        self._bottom = height - 1
        self._saved = (0, 0)
        self._rest = ""
        self.gone: list[str] = []

    @property
    def rows(self) -> list[str]:
        return [line.rstrip() for line in self._lines]

    @property
    def is_whole(self) -> bool:
        """Whether everything scrolls again."""
        return self._bottom == len(self._lines) - 1

    def write(self, text: str) -> None:
        text = self._rest + text
        begun = _BEGUN.search(text)
        text, self._rest = (text[: begun.start()], begun.group()) if begun else (text, "")
        at = 0
        while at < len(text):
            if sequence := _SEQUENCE.match(text, at):
                self._obey(*sequence.groups())
                at = sequence.end()
            else:
                self._print(text[at])
                at += 1

    def _obey(self, short: str | None, numbers: str | None, letter: str | None) -> None:
        values = [int(one) for one in (numbers or "").split(";") if one]
        if short == "7":
            self._saved = (self._row, self._column)
        elif short == "8":
            self._row, self._column = self._saved
        elif short == "D":
            self._down()
        elif letter == "A":
            self._row = max(self._row - values[0], 0)
        elif letter == "H":
            self._row, self._column = values[0] - 1, values[1] - 1
        elif letter == "r":
            self._bottom = (values[1] if values else len(self._lines)) - 1
            self._row = self._column = 0
        elif letter == "J":
            self._lines[self._row] = self._lines[self._row][: self._column]
            self._lines[self._row + 1 :] = [""] * (len(self._lines) - self._row - 1)
        elif letter == "K":
            self._lines[self._row] = ""
        else:
            assert letter == "m", f"a sequence that no line of this terminal needs: {short or letter}"

    def _print(self, one: str) -> None:
        if one == "\n":
            self._column = 0
            self._down()
        elif one == "\r":
            self._column = 0
        else:
            assert one.isprintable(), f"a control character: {one!r}"
            if self._column == self._columns:
                self._print("\n")
            line = self._lines[self._row].ljust(self._column)
            self._lines[self._row] = line[: self._column] + one + line[self._column + 1 :]
            self._column += 1

    def _down(self) -> None:
        if self._row != self._bottom:
            self._row = min(self._row + 1, len(self._lines) - 1)
            return
        self.gone.append(self._lines.pop(0).rstrip())
        self._lines.insert(self._bottom, "")
