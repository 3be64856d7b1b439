# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Windows paths as text: comparing, joining, and the look-alike letter that turns one path into another."""

from __future__ import annotations

import functools
import ntpath
import re
import unicodedata

_LOOK_ALIKES = dict(zip("АВЕКМНОРСТУХІЅЈаеорсухіѕјԁ", "ABEKMHOPCTYXISJaeopcyxisjd", strict=True))
"""Cyrillic letters that look like Latin ones in the fonts of consoles and editors."""

_WORD = re.compile(r"[^\W\d_]+")
_VARIABLE = re.compile(r"%([^%\\]+)%")


def same(one: str, other: str) -> bool:
    """Whether two paths are the same for Windows: without case, without a trailing backslash."""
    return key(one) == key(other)


@functools.lru_cache(maxsize=4096)  # planning compares the same few hundred paths again and again
def key(path: str) -> str:
    """A form of the path that is equal for equal paths."""
    return ntpath.normpath(path.replace("/", "\\")).rstrip("\\").casefold() if path else ""


def is_below(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies below it."""
    return key(path) == key(folder) or key(path).startswith(key(folder) + "\\")


def overlap(one: str, other: str) -> bool:
    """Whether one of two folders is the other, or lies in it."""
    first, second = key(one), key(other)
    return is_below(first, second) or is_below(second, first)


def join(folder: str, *parts: str) -> str:
    """Joins with backslashes."""
    return "\\".join([folder.rstrip("\\"), *(part.strip("\\") for part in parts)])


def name(path: str) -> str:
    """The last part."""
    return ntpath.basename(path.rstrip("\\"))


def parent(path: str) -> str:
    """Everything but the last part."""
    return ntpath.dirname(path.rstrip("\\"))


def look_alike(path: str) -> str | None:
    """A sentence about the first letter of the path that only looks Latin, or None.

    The vendor's own documentation spells ``comindware`` with U+0441 in dozens of places, and drives with U+0421.
    A name written wholly in Cyrillic is a good name, and so is one such as ``ОтделIT``: only a word is caught whose Cyrillic
    letters all look like Latin ones and stand among Latin ones, and a drive letter.
    """
    if len(path) > 1 and path[1] == ":" and path[0] in _LOOK_ALIKES:
        return _describe(path, 0)
    for word in _WORD.finditer(path):
        letters = word.group()
        foreign = [offset for offset, letter in enumerate(letters) if not letter.isascii()]
        if 0 < len(foreign) < len(letters) and all(letters[offset] in _LOOK_ALIKES for offset in foreign):
            return _describe(path, word.start() + foreign[0])
    return None


def _describe(path: str, position: int) -> str:
    letter = path[position]
    return (
        f"The path '{path}' has U+{ord(letter):04X} {unicodedata.name(letter)} at position {position + 1}, "
        f"where the Latin letter '{_LOOK_ALIKES[letter]}' was meant. Type the path by hand with Latin letters."
    )


def is_absolute(path: str) -> bool:
    r"""Whether the path is ``X:\…``, ``\\server\share\…`` or begins with a variable such as ``%ProgramData%``."""
    return re.match(r"(?:[A-Za-z]:\\|\\\\[^\\]+\\[^\\]+|%[A-Za-z0-9_()]+%)", path) is not None


def variables(path: str) -> list[str]:
    """The names of environment variables in a path."""
    return _VARIABLE.findall(path)


def expand(path: str, environment: dict[str, str | None]) -> str:
    """The path with ``%VAR%`` replaced where the value is known, as Windows does."""
    known = {name.casefold(): value for name, value in environment.items() if value}
    return _VARIABLE.sub(lambda found: known.get(found[1].casefold(), found[0]), path)
