# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The maintenance window: after its end no new instance is begun; what has begun is finished."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class WindowError(ValueError):
    """A time that is none; the text is for operators."""


def end(text: str, began: datetime) -> datetime:
    """The end of the window of a run that began then (an aware time; ``HH:MM`` is meant in its zone, and the next such moment).

    A time with a date is ISO 8601; without a zone it is meant in that of ``began``. Raises :class:`WindowError`.
    """
    if clock := _CLOCK.fullmatch(text.strip()):
        moment = began.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return moment if moment > began else moment + timedelta(days=1)
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise WindowError(
            f"upgrade_window_end is '{text}'. Give a time such as 05:30, or one with a date such as 2026-11-24T05:30."
        ) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=began.tzinfo)
    if moment <= began:
        raise WindowError(
            f"upgrade_window_end is {moment:%Y-%m-%d %H:%M}, and the run began at {began:%Y-%m-%d %H:%M}: nothing can be begun any more."
        )
    return moment
