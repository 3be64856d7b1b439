# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Texts in columns: how wide they are on a screen, and how they are made to fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_ELLIPSIS = "…"


def clean(text: str) -> str:
    """One line without anything that a terminal would obey or a log would stumble over."""
    return " ".join("".join(" " if _is_control(one) else one for one in text).split())


def width(text: str) -> int:
    """Columns on a screen: wide characters take two, combining ones none."""
    return sum(_width(one) for one in text)


def cut(text: str, columns: int) -> str:
    """The text, or as much of it as fits with a mark that it goes on."""
    if width(text) <= columns:
        return text
    kept, used = "", 0
    for one in text:
        used += _width(one)
        if used > columns - 1:
            break
        kept += one
    return kept.rstrip() + _ELLIPSIS if columns > 0 else ""


def pad(text: str, columns: int) -> str:
    """The text, exactly so wide."""
    fitting = cut(text, columns)
    return fitting + " " * (columns - width(fitting))


def wrap(text: str, columns: int, indent: str = "") -> list[str]:
    """Lines of at most so many columns, each with the indent; line breaks of the text stay, a word that is too long is broken."""
    room = max(columns - width(indent), 2)
    return [indent + line for source in text.splitlines() for line in _lines(clean(source), room)]


def _lines(text: str, columns: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        for piece in _pieces(word, columns):
            if line and width(line) + 1 + width(piece) > columns:
                yield line
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
    if line:
        yield line


def _pieces(word: str, columns: int) -> Iterator[str]:
    """A word that fits as it is, else parts of it."""
    piece, used = "", 0
    for one in word:
        if used + _width(one) > columns:
            yield piece
            piece, used = "", 0
        piece += one
        used += _width(one)
    yield piece


def _width(one: str) -> int:
    if unicodedata.combining(one) or unicodedata.category(one) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(one) in ("W", "F") else 1


def _is_control(one: str) -> bool:
    """Control characters, line and paragraph separators, halves of characters, and marks that turn the writing direction."""
    return unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs")
