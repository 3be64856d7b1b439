# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Moments, durations and numbers in words."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.reports import times, words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-11-23T02:00:14Z", "2026-11-23 02:00:14 UTC"),
        ("2026-11-23T02:00:14.1234567Z", "2026-11-23 02:00:14 UTC"),
        ("2026-11-23T05:00:14+03:00", "2026-11-23 02:00:14 UTC"),
        ("2026-11-22 21:30:14-0430", "2026-11-23 02:00:14 UTC"),
        ("2026-11-23T02:00", "2026-11-23 02:00:00 UTC"),
        ("2026-13-23T02:00:14Z", "2026-13-23T02:00:14Z"),
        ("0001-01-01T00:00:00+12:00", "0001-01-01T00:00:00+12:00"),
        ("tomorrow", "tomorrow"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_moment_is_said_in_utc(text: str | None, wanted: str) -> None:
    assert times.moment(text) == wanted


@pytest.mark.parametrize(
    ("seconds", "en", "ru"),
    [
        (0, "0 s", "0 с"),
        (0.04, "0 s", "0 с"),
        (0.44, "0.4 s", "0,4 с"),
        (9.96, "10 s", "10 с"),
        (59.7, "1 min", "1 мин"),
        (134, "2 min 14 s", "2 мин 14 с"),
        (3599.6, "1 h", "1 ч"),
        (3600, "1 h", "1 ч"),
        (41580, "11 h 33 min", "11 ч 33 мин"),
        (86399, "1 d", "1 д"),
        (180000, "2 d 2 h", "2 д 2 ч"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, en: str, ru: str) -> None:
    assert (times.duration(seconds, "en"), times.duration(seconds, "ru")) == (en, ru)


def test_between_needs_two_moments_in_their_order() -> None:
    assert times.between("2026-11-23T02:00:00Z", "2026-11-23T02:00:01.5Z") == 1.5
    assert times.between("2026-11-23T02:00:01Z", "2026-11-23T02:00:00Z") is None
    assert times.between(None, "2026-11-23T02:00:00Z") is None


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (0, "0 экземпляров"),
        (1, "1 экземпляр"),
        (2, "2 экземпляра"),
        (5, "5 экземпляров"),
        (11, "11 экземпляров"),
        (12, "12 экземпляров"),
        (21, "21 экземпляр"),
        (22, "22 экземпляра"),
        (111, "111 экземпляров"),
        (114, "114 экземпляров"),
        (1001, "1001 экземпляр"),
    ],
)
def test_russian_numbers(number: int, wanted: str) -> None:
    assert words.count(number, "instances", "ru") == wanted


def test_english_numbers() -> None:
    assert [words.count(number, "instances", "en") for number in (0, 1, 21)] == [
        "0 instances",
        "1 instance",
        "21 instances",
    ]
    assert [words.decimal(2.5, language) for language in ("en", "ru")] == ["2.5", "2,5"]
