# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Product versions: four numbers, compared as numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .values import shown

_FORM = re.compile(r"[0-9]+(\.[0-9]+){3}")
LARGEST = 65535
"""A part of a Windows file version is a 16-bit number."""


class VersionError(ValueError):
    """A text that is no version; the message says what is wrong with it and how to write it."""


@dataclass(frozen=True, order=True)
class Version:
    """A product version such as ``5.0.24055.0``: release (5.0), build (24055), revision (0).

    The text is also the name of the version's folder on a host, so each version has exactly one spelling.
    """

    major: int
    minor: int
    build: int
    revision: int

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``5.0.24055.0``; raises VersionError for anything that is not exactly four plain numbers."""
        problem = problem_with(text)
        if problem:
            raise VersionError(
                f"{shown(text)} is not a product version: {problem}. "
                "Wanted: four numbers with dots between them, as the version's folder is named, for example 5.0.24055.0"
            )
        return cls(*(int(part) for part in text.split(".")))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.build}.{self.revision}"

    @property
    def number(self) -> int:
        """The version as one number; the next version that there can be is one more."""
        return ((self.major << 16 | self.minor) << 16 | self.build) << 16 | self.revision


def problem_with(text: str) -> str | None:
    """What keeps the text from being a version, or None."""
    if not isinstance(text, str):
        return "it is no text (in YAML, put it in quotes)"
    if not text.strip():
        return "it is empty"
    if text != text.strip():
        return "it has blanks around it"
    for position, character in enumerate(text, start=1):
        if character not in "0123456789.":
            return _foreign(character, position)
    if not _FORM.fullmatch(text):
        count = text.count(".") + 1
        return "a number is missing beside a dot" if "" in text.split(".") else f"it has {count} of 4 numbers"
    return next((problem for part in text.split(".") if (problem := _problem_with_number(part))), None)


def _problem_with_number(part: str) -> str | None:
    if part != "0" and part.startswith("0"):
        return "a number in it has leading zeros"
    if len(part) > len(str(LARGEST)):  # Python refuses to read thousands of digits
        return f"a number in it has {len(part)} digits, and the largest that Windows stores is {LARGEST}"
    return f"the number {part} is above {LARGEST}, the largest that Windows stores" if int(part) > LARGEST else None


def _foreign(character: str, position: int) -> str:
    """Name a character that does not belong; a Cyrillic letter looks like a digit, so the code point is given."""
    name = unicodedata.name(character, "a character without a name")
    hint = "" if character.isascii() else "; it only looks right: type it again with the English keyboard layout"
    return (
        f"character {position} is {character!r} (U+{ord(character):04X}, {name}), neither a digit 0-9 nor a dot{hint}"
    )
