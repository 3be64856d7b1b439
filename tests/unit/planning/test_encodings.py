# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bytes and declaration of a planned file agree, and what cannot be written is known in the plan."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.changing import Change, FileChange
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import encodings
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.reading import Texts

RUSSIAN = "\u041f\u0440\u0438\u0432\u0435\u0442"
SECRET = "\u27e6secret:0123456789abcdef\u27e7"


def xml(encoding: str, text: str = "") -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n<a b="{text}"/>\n'


def changed(after: str, encoding: str, before: str | None = None) -> Change:
    action = "create" if before is None else "write"
    return Change((FileChange("Web.config", action, before, after, encoding, ()),), (), ())


@pytest.mark.parametrize(
    ("before", "after", "encoding", "wanted"),
    [
        (None, xml("windows-1251"), "utf-8", "windows-1251"),
        (None, xml("utf-8"), "utf-8", "utf-8"),
        (None, xml("UTF-16"), "utf-8", "utf-16-le"),
        (None, "<a/>", "utf-8", "utf-8"),
        ("<a/>", xml("Windows-1251"), "utf-8", "windows-1251"),
        ("<a/>", xml("windows-1251"), "ansi", "ansi"),
        ("<a/>", xml("utf-8"), "ansi", "utf-8"),
        (xml("utf-8"), xml("utf-8"), "utf-8-bom", "utf-8-bom"),
        (xml("windows-1251"), xml("windows-1251"), "utf-8-bom", "utf-8-bom"),
    ],
)
def test_field_1_6_a_file_is_written_as_it_declares(before: str | None, after: str, encoding: str, wanted: str) -> None:
    (file,) = encodings.declared(changed(after, encoding, before), 1251).files
    assert file.encoding == wanted


def told(after: str, encoding: str, code_page: int | None = None) -> list[str]:
    found = encodings.check("Instance 'sales'", changed(after, encoding), Texts(code_page=code_page))
    assert all((one.level, one.code) == ("blocker", "encoding") for one in found)
    return [one.message for one in found]


@pytest.mark.parametrize(
    ("after", "encoding", "code_page"),
    [
        (xml("windows-1251", RUSSIAN), "windows-1251", None),
        (xml("windows-1251", RUSSIAN + SECRET), "windows-1251", None),
        (RUSSIAN, "ansi", 1251),
        (RUSSIAN, "utf-8", 1252),
        ("plain", "x-klingon", None),
    ],
)
def test_what_has_every_character_is_right(after: str, encoding: str, code_page: int | None) -> None:
    assert told(after, encoding, code_page) == []


ADVICE = "Save the instance's file as UTF-8, with that in its XML declaration if it has one, and plan again."


@pytest.mark.parametrize(
    ("after", "encoding", "code_page", "message"),
    [
        (
            xml("windows-1252", RUSSIAN),
            "windows-1252",
            None,
            "Web.config would be written in the encoding windows-1252, which has no '\u041f' (U+041F), in line 2.",
        ),
        (
            RUSSIAN,
            "ansi",
            1252,
            "Web.config would be written in the host's code page 1252, which has no '\u041f' (U+041F), in line 1.",
        ),
        (
            RUSSIAN,
            "x-klingon",
            None,
            "Web.config would be written in the encoding x-klingon, which is not known here, so that nobody can tell whether it has every "
            "character.",
        ),
    ],
)
def test_field_1_5_a_character_that_cannot_be_written_is_a_blocker(
    after: str, encoding: str, code_page: int | None, message: str
) -> None:
    assert told(after, encoding, code_page) == [f"Instance 'sales': {message} {ADVICE}"]
