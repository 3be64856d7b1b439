# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far a long piece of work is, in words: percent, rate, time left."""

from __future__ import annotations

import time
from collections.abc import Callable

from .stages import Line, Where

_MEGABYTE = 1024 * 1024


class Pace:
    """Judges from what was seen and when; ``clock`` in seconds. The rate is that since the first look."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._first: tuple[float, int] | None = None
        self._last = -1

    def see(self, done: int, total: int) -> Line | None:
        """A line such as ``45 % of 1 200 MB, 80 MB/s, about 8 s left``; None when there is nothing new to tell."""
        now = self._clock()
        if total <= 0 or done == self._last:
            return None
        self._last = done
        if self._first is None:
            self._first = (now, done)
        where: Where = {"percent": min(100 * done // total, 100)}
        told = [f"{where['percent']} % of {megabytes(total)} MB"]
        seconds, moved = now - self._first[0], done - self._first[1]
        if seconds > 0 and moved > 0:
            rate = moved / seconds
            where |= {"rate": rate, "left": (total - done) / rate}
            told += [f"{megabytes(rate)} MB/s", f"about {duration(where['left'])} left"]
        return Line(", ".join(told), where)


def megabytes(size: float) -> str:
    """Bytes as megabytes, without the unit."""
    value = size / _MEGABYTE
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}".replace(",", " ")


def duration(seconds: float) -> str:
    """A time in the unit that people would use."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{max(round(seconds), 0)} s"
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"
