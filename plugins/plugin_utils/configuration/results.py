# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What merging found: the text, the conflicts in it, and what of the instance's file did not stay as it was."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ..model.secrets import TOKEN


class NotWellFormed(ValueError):
    """A text that is not what its file's format demands; the message says where and why, without the file's name."""


@dataclass(frozen=True)
class Conflict:
    """Both the instance and the new version changed the same thing in different ways.

    ``where``: the directive, or the lines of the instance's file. ``id``: what the operator's answer names: the directive, or
    eight hex digits, equal wherever the texts and their place are. ``base``, ``ours``, ``theirs``: the texts of the old version,
    of the instance and of the new version, with tokens for secrets; None where that side has nothing there.
    """

    file: str
    where: str
    id: str
    base: str | None
    ours: str | None
    theirs: str | None


@dataclass(frozen=True)
class Merged:
    """The result of one merge. With conflicts, ``text`` shows the instance's side of each.

    ``notes``: sentences, each of which names something of the instance's file that is not in the text.
    """

    text: str
    conflicts: tuple[Conflict, ...]
    notes: tuple[str, ...]


def lines_id(file: str, *texts: str | None) -> str:
    """The id of a conflict of lines, a letter first. Salted tokens and line ends differ without a reason, so they do not count."""
    plain = "\0".join("\1" if text is None else TOKEN.sub("\u27e6secret\u27e7", text) for text in texts)
    digest = hashlib.sha256(f"{file.casefold()}\0{plain}".replace("\r\n", "\n").encode()).hexdigest()
    return "abcdef"[int(digest[0], 16) % 6] + digest[1:8]  # YAML takes 12345678 and 1234e567 for numbers


def lines_named(first: int, last: int) -> str:
    """``line 12`` or ``lines 12-14``; ``after line 11`` for none (last before first)."""
    if last < first:
        return f"after line {last}"
    return f"line {first}" if first == last else f"lines {first}-{last}"


def tokens(text: str) -> frozenset[str]:
    """The tokens that stand for secrets in a text."""
    return frozenset(TOKEN.findall(text)) if "\u27e6" in text else frozenset()


def hidden(text: str) -> str:
    """The text without the tokens, which tell a reader nothing."""
    return TOKEN.sub("(secret)", text)


def shown(text: str | None) -> str:
    """A text for a sentence: on one line, short, and without tokens."""
    if text is None:
        return "nothing"
    plain = " ".join(hidden(text).split())
    return f"'{plain if len(plain) <= 120 else plain[:117] + '...'}'" if plain else "nothing"
