# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines that stay at the bottom of a terminal while everything else scrolls above them.

The terminal itself does it: a scroll region (DECSTBM) ends above the lines, so whoever prints, a warning, a prompt or another program,
needs to know nothing of them. All texts are control sequences of the VT100; nothing here writes them.
"""

from __future__ import annotations

from collections.abc import Sequence

from .progress_rows import ATTENTION, BAD, GOOD, QUIET, Shown

_SAVE, _RESTORE, _DOWN = "\x1b7", "\x1b8", "\x1bD"
_COLOURS = {BAD: "\x1b[31m", ATTENTION: "\x1b[33m", GOOD: "\x1b[32m"}
LEAST_ROWS, LEAST_COLUMNS = 8, 40
"""A smaller terminal is written to like a log."""


class Screen:
    """Knows what is held of the terminal. Sizes are (columns, rows)."""

    def __init__(self, colours: bool = True) -> None:
        self._colours = colours
        self._size = (0, 0)
        self._held = 0

    def paint(self, lines: Sequence[Shown], size: tuple[int, int]) -> str:
        """What shows these lines at the bottom, at most half a screen of them; the cursor stays where it is."""
        before = self.release() if size != self._size else ""
        self._size = size
        more = min(len(lines), room(size)) - self._held
        if more > 0:
            # Scrolls only what has no room any more, and goes back to the line on which the cursor was.
            before += _DOWN * more + f"\x1b[{more}A"
            self._held += more
        blank = [Shown("", QUIET)] * (self._held - len(lines))
        first = size[1] - self._held + 1
        drawn = "".join(
            f"\x1b[{row};1H\x1b[2K{self._coloured(line)}"
            for row, line in enumerate([*blank, *lines][: self._held], start=first)
        )
        return f"{before}{_SAVE}\x1b[1;{first - 1}r{drawn}{_RESTORE}" if self._held else before

    def release(self) -> str:
        """What gives the whole terminal back, without the lines; nothing if it was never taken."""
        if not self._held:
            return ""
        self._held = 0
        return f"{_SAVE}\x1b[r{_RESTORE}\x1b[J"

    def _coloured(self, line: Shown) -> str:
        colour = _COLOURS.get(line.tone, "") if self._colours else ""
        return f"{colour}{line.text}\x1b[0m" if colour else line.text


def fits(size: tuple[int, int]) -> bool:
    """Whether a terminal is large enough to hold lines and still be read."""
    return size[0] >= LEAST_COLUMNS and size[1] >= LEAST_ROWS


def room(size: tuple[int, int]) -> int:
    """How many lines are held at most."""
    return size[1] // 2
