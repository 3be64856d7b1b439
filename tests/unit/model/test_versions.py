# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version, VersionError
from hypothesis import given
from hypothesis import strategies as st

parts = st.integers(min_value=0, max_value=65535)


versions = st.builds(Version, parts, parts, parts, parts)


@given(versions, versions)
def test_numbers_have_the_order_of_versions(one: Version, other: Version) -> None:
    assert (one.number < other.number) == (one < other)
    assert (one.number == other.number) == (one == other)


def test_the_number_of_the_next_version_is_one_more() -> None:
    assert Version(5, 0, 1, 0).number - Version(5, 0, 0, 65535).number == 1


@given(parts, parts, parts, parts)
def test_text_and_version_are_one_to_one(major: int, minor: int, build: int, revision: int) -> None:
    version = Version(major, minor, build, revision)
    assert Version.parse(str(version)) == version


@pytest.mark.parametrize(
    ("older", "newer"),
    [("5.0.9.0", "5.0.10.0"), ("4.7.3084.0", "4.7.23499.0"), ("4.10.0.0", "5.0.0.0"), ("5.0.13334.0", "5.0.13334.1")],
)
def test_versions_compare_as_numbers(older: str, newer: str) -> None:
    assert Version.parse(older) < Version.parse(newer)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        ("  ", "it is empty"),
        (" 5.0.24055.0", "it has blanks around it"),
        ("5.0.24055.0\n", "it has blanks around it"),
        ("5.0", "it has 2 of 4 numbers"),
        ("5.0.24055.0.1", "it has 5 of 4 numbers"),
        ("5..24055.0", "a number is missing beside a dot"),
        ("5.0.24055.", "a number is missing beside a dot"),
        ("5.0.024055.0", "a number in it has leading zeros"),
        ("5.0.00.0", "a number in it has leading zeros"),
        (f"5.0.{'0' * 5000}.0", "a number in it has leading zeros"),
        (f"5.0.{'9' * 5000}.0", "a number in it has 5000 digits, and the largest that Windows stores is 65535"),
        ("5.0.65536.0", "the number 65536 is above 65535"),
        ("5,0,24055,0", "character 2 is ',' (U+002C, COMMA), neither a digit 0-9 nor a dot"),
        ("v5.0.24055.0", "character 1 is 'v' (U+0076, LATIN SMALL LETTER V), neither a digit 0-9 nor a dot"),
        ("-5.0.24055.0", "character 1 is '-'"),
        (
            "5.0.1\u0417334.0",
            "(U+0417, CYRILLIC CAPITAL LETTER ZE), neither a digit 0-9 nor a dot; it only looks right",
        ),
        ("5.\u041e.24055.0", "(U+041E, CYRILLIC CAPITAL LETTER O)"),
        ("\uff15.0.24055.0", "(U+FF15, FULLWIDTH DIGIT FIVE)"),
        ("5.0.24055.\u0660", "(U+0660, ARABIC-INDIC DIGIT ZERO)"),
        ("5.0.24055.\u00b2", "(U+00B2, SUPERSCRIPT TWO)"),
        ("5\u044e0.24055.0", "(U+044E, CYRILLIC SMALL LETTER YU)"),
        (5.0, "5.0 is not a product version: it is no text (in YAML, put it in quotes)"),
        (None, "nothing is not a product version: it is no text"),
    ],
)
def test_malformed_versions_are_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(VersionError) as caught:
        Version.parse(text)
    assert reason in str(caught.value)
    assert "for example 5.0.24055.0" in str(caught.value)


@given(st.text() | st.from_regex(r"[0-9.]+"))
def test_any_text_is_a_version_or_refused_by_name(text: str) -> None:
    if re.fullmatch(r"(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){3}", text, re.ASCII):
        assert str(Version.parse(text)) == text
    elif not re.search("[0-9]{5}", text):
        with pytest.raises(VersionError, match="is not a product version"):
            Version.parse(text)
