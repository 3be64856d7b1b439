# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When the maintenance window ends."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import window

MOSCOW = timezone(timedelta(hours=3))
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=MOSCOW)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("23:30", datetime(2026, 11, 23, 23, 30, tzinfo=MOSCOW)),
        ("05:30", datetime(2026, 11, 24, 5, 30, tzinfo=MOSCOW)),
        (" 5:30 ", datetime(2026, 11, 24, 5, 30, tzinfo=MOSCOW)),
        ("22:00", datetime(2026, 11, 24, 22, 0, tzinfo=MOSCOW)),
        ("2026-11-24T05:30", datetime(2026, 11, 24, 5, 30, tzinfo=MOSCOW)),
        ("2026-11-24T05:30:00Z", datetime(2026, 11, 24, 8, 30, tzinfo=MOSCOW)),
        ("2026-11-24 05:30+05:00", datetime(2026, 11, 24, 3, 30, tzinfo=MOSCOW)),
    ],
)
def test_ends(text: str, end: datetime) -> None:
    assert window.end(text, NIGHT) == end


@pytest.mark.parametrize("text", ["", "24:00", "5", "05:60", "tomorrow"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(window.WindowError) as raised:
        window.end(text, NIGHT)
    assert str(raised.value) == (
        f"upgrade_window_end is '{text}'. Give a time such as 05:30, or one with a date such as 2026-11-24T05:30."
    )


def test_a_window_that_is_over() -> None:
    with pytest.raises(window.WindowError) as raised:
        window.end("2026-11-23T21:59", NIGHT)
    assert str(raised.value) == (
        "upgrade_window_end is 2026-11-23 21:59, and the run began at 2026-11-23 22:00: nothing can be begun any more."
    )
