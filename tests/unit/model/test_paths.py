# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Windows paths as text."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model import paths


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (r"C:\ProgramData\Comindware", None),
        (r"D:\Площадки\Продажи отдел 2", None),
        (r"D:\БазаCRM\ОтделIT\test-Продажи_1C", None),
        (
            "C:\\ProgramData\\\u0441omindware\\configs",
            "The path 'C:\\ProgramData\\\u0441omindware\\configs' has U+0441 CYRILLIC SMALL LETTER ES at position 16, "
            "where the Latin letter 'c' was meant. Type the path by hand with Latin letters.",
        ),
        (
            "\u0421:\\Backups",
            "The path '\u0421:\\Backups' has U+0421 CYRILLIC CAPITAL LETTER ES at position 1, "
            "where the Latin letter 'C' was meant. Type the path by hand with Latin letters.",
        ),
    ],
)
def test_look_alike(path: str, told: str | None) -> None:
    assert paths.look_alike(path) == told


def test_comparing_ignores_case_and_a_trailing_backslash() -> None:
    assert paths.same("C:\\A\\б\\", r"c:\a\Б")
    assert paths.is_below(r"C:\A\b\c", r"c:\a\B")
    assert not paths.is_below(r"C:\Ab", r"C:\A")


@pytest.mark.parametrize("path", ["C:\\x", r"\\server\share\x", r"%ProgramData%\x"])
def test_absolute(path: str) -> None:
    assert paths.is_absolute(path)


@pytest.mark.parametrize("path", ["x", r"\x", "C:x", "/tmp/x"])
def test_not_absolute(path: str) -> None:
    assert not paths.is_absolute(path)
