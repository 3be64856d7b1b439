# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of one log are one log, and its order decides, not the local clock alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import health_logs
from unit.factories import NEW, OLD

START = datetime.fromisoformat("2026-11-29 23:59:40")


def part(name: str, modified: str, *lines: str) -> dict[str, Any]:
    text = "".join(f"{line.partition(' INFO')[0]},123 INFO{line.partition(' INFO')[2]}\r\n" for line in lines)
    return {"path": rf"C:\Logs\{name}", "modified": f"2026-11-{modified}.000Z", "text": text}


BEGINS = "2026-11-29 23:59:43 INFO Execute upgrade \u201cTo 5\u201d"
ENDS = "2026-11-30 00:00:23 INFO Upgrade completed"


def judged(*parts: dict[str, Any], start: datetime = START) -> tuple[str, str]:
    check = health_logs.data_upgrade(start, {"items": list(parts)})
    return check.state, check.message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("upgrade2026-11-29.log", "upgrade2026-11-30.log"),
        ("upgrade_2026-11-29.log", "upgrade_2026-11-30.log"),
        ("upgrade.2026-11-29.log", "upgrade.log"),
        ("upgrade.1.log", "upgrade.log"),
        ("Upgrade.0.log", "upgrade.1.log"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_field_1_3_a_log_in_two_files_is_one_log(first: str, second: str, turned: bool) -> None:
    parts = [part(first, "29T20:59:43", BEGINS), part(second, "29T21:00:23", ENDS)]
    state, message = judged(*(reversed(parts) if turned else parts))
    assert (state, message) == ("ok", f"The data upgrade finished without errors ({first}, {second}).")


def test_field_1_3_the_newest_part_decides() -> None:
    again = "2026-11-30 00:01:00 INFO Execute upgrade \u201cTo 6\u201d"
    parts = (
        part("upgrade2026-11-29.log", "29T20:59:43", BEGINS, ENDS),
        part("upgrade2026-11-30.log", "29T21:01:00", again),
    )
    assert judged(*parts) == ("pending", "The data upgrade is still at work (upgrade2026-11-30.log).")


def test_field_1_3_an_error_in_any_part_counts_by_its_file() -> None:
    wrong = BEGINS.replace("INFO Execute", "INFO error, Execute")
    parts = part("upgrade2026-11-29.log", "29T20:59:43", wrong), part("upgrade2026-11-30.log", "29T21:00:23", ENDS)
    state, message = judged(*parts)
    assert state == "bad" and message.startswith("upgrade2026-11-29.log has an error: 2026-11-29 23:59:43")


def test_field_1_3_logs_of_two_kinds_are_two() -> None:
    parts = (
        part("upgrade2026-11-29.log", "29T20:59:43", BEGINS),
        part("UpgradeOntology_2026-11-30.log", "29T21:00:23", ENDS),
    )
    assert judged(*parts)[0] == "pending"


@pytest.mark.parametrize(
    ("start", "found"),
    [
        # Before the clock was put back at 03:00, by local times of after: the first pass through 02:xx was an hour ahead.
        (datetime.fromisoformat("2026-10-25 01:55:00"), ["first 02:56", "second 02:01", "second 02:50"]),
        (datetime.fromisoformat("2026-10-25 01:59:00"), ["second 02:01", "second 02:50"]),
        (datetime.fromisoformat("2026-10-25 02:10:00"), ["second 02:50"]),
        (datetime.fromisoformat("2026-10-25 02:55:00"), []),
    ],
)
def test_field_1_3_a_clock_that_is_put_back_changes_no_order(start: datetime, found: list[str]) -> None:
    records = ["first 02:40", "first 02:56", "second 02:01", "second 02:50"]
    text = "".join(f"2026-10-25 {one[-5:]}:00,000 INFO {one}\r\n" for one in records)
    begin = health_logs.begin_of(text, start)
    assert [one for one in records if begin is not None and one in text[begin:]] == found


def test_threads_that_write_out_of_order_are_no_clock_that_was_put_back() -> None:
    text = "2026-11-30 00:00:10,000 a\r\n2026-11-30 00:00:09,000 b\r\n2026-11-30 00:00:11,000 c\r\n"
    assert health_logs.begin_of(text, datetime.fromisoformat("2026-11-30 00:00:10")) == 0


def test_field_1_3_the_last_start_up_record_counts_in_whatever_file_it_is() -> None:
    def started(name: str, modified: str, time: str, version: str) -> dict[str, Any]:
        text = f"{time},123 INFO Comindware Platform has started.\r\nSystem information:\r\nVersion: {version}\r\n"
        return {"path": rf"C:\Logs\{name}", "modified": f"2026-11-{modified}.000Z", "text": text}

    items = [
        started("system.log", "29T21:00:23", "2026-11-30 00:00:23", NEW),
        started("system.2026-11-29.log", "29T20:59:43", "2026-11-29 23:59:43", OLD),
    ]
    check = health_logs.record(Version.parse(NEW), START, {"items": items})
    assert (check.state, check.message) == ("ok", f"The start-up record says version {NEW}.")
