# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A flat configuration file: ``dotted.key: value`` lines of YAML, kept byte for byte wherever nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .results import NotWellFormed
from .scalars import split_comment
from .text import join_lines, newline_of, split_lines

_KEY = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*" | '(?:[^']|'')*'
        | (?: [^\s\-?:,\[\]{}\#&*!|>'"%@`] | [\-?:](?=\S) ) (?: [^:#\r\n] | :(?=\S) | (?<=\S)\# )*? )
        [ \t]*:(?=[ \t\r\n]|\Z)""",
    re.VERBOSE,
)
_COMMENTED_KEY = re.compile(r"#+[ \t]*([^\s:#]+)[ \t]*:(?:\s|\Z)")
_ITEM = re.compile(r"-(?:\s|\Z)")
_LITERAL = re.compile(r"[|>][0-9+\-]*\Z")


@dataclass
class Entry:
    """One directive with what belongs to it. ``lead``: blank lines and comments above it. ``lines``: its own line and those of
    its value; ``start`` is where the value begins in the first one.
    """

    key: str
    lead: list[str]
    lines: list[str]
    start: int

    @property
    def value(self) -> str:
        """The value as it is written, comments included, without the blanks around it."""
        if len(self.lines) == 1:
            return self.lines[0][self.start :].strip()
        return (self.lines[0][self.start :] + "".join(self.lines[1:])).strip()

    @property
    def block(self) -> str:
        """The value with its indentation, as YAML needs it."""
        return self.lines[0][self.start :] + "".join(self.lines[1:])

    def renamed(self, key: str) -> Entry:
        """The same value under another name, without the lead."""
        return Entry(key, [], [f"{key}:{self.lines[0][self.start :]}", *self.lines[1:]], len(key) + 1)

    def copy(self) -> Entry:
        return Entry(self.key, list(self.lead), list(self.lines), self.start)


@dataclass
class Document:
    """The directives in their order, and the lines after the last one."""

    entries: list[Entry] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    newline: str = "\r\n"

    def __post_init__(self) -> None:
        self._index = {entry.key: entry for entry in self.entries}

    @classmethod
    def parse(cls, text: str) -> Document:
        """Read a file. Raises NotWellFormed for a line that is none of the format, and for a directive that stands twice."""
        reader = _Reader()
        for number, line in enumerate(split_lines(text), start=1):
            reader.take(number, line)
        return cls(reader.entries, reader.pending, newline_of(text) or "\r\n")

    @property
    def text(self) -> str:
        lines: list[str] = []
        for entry in self.entries:
            lines += entry.lead
            lines += entry.lines
        return join_lines(lines + self.tail, self.newline)

    def copy(self) -> Document:
        return Document([entry.copy() for entry in self.entries], list(self.tail), self.newline)

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def get(self, key: str) -> Entry | None:
        return self._index.get(key)

    def entry(self, key: str, value: str) -> Entry:
        """A new directive of one line, not yet part of the document."""
        return Entry(key, [], [f"{key}: {value}{self.newline}"], len(key) + 1)

    def set(self, key: str, value: str) -> None:
        """Give a directive a value of one line, its comment kept; one that is not there is added."""
        entry = self.get(key)
        if entry is None:
            self.add(self.entry(key, value))
            return
        comment = split_comment(entry.value)[1] if len(entry.lines) == 1 else ""
        head = entry.lines[0]
        end = head[len(head.rstrip("\r\n")) :]
        blanks = head[entry.start : len(head) - len(head[entry.start :].lstrip(" \t"))] or " "
        entry.lines = [f"{head[: entry.start]}{blanks}{value}{' ' + comment if comment else ''}{end}"]

    def add(self, entry: Entry) -> None:
        """Put a new directive right after its commented default, or else at the end."""
        if not self.add_at_default(entry):
            self.insert(len(self.entries), entry)

    def add_at_default(self, entry: Entry) -> bool:
        """Put a new directive right after its commented default; False if there is none."""
        for place, lead in enumerate([*(known.lead for known in self.entries), self.tail]):
            for number, line in enumerate(lead, start=1):
                if commented_key(line) == entry.key:
                    entry.lead = [*lead[:number], *entry.lead]
                    del lead[:number]
                    self.insert(place, entry)
                    return True
        return False

    def insert(self, place: int, entry: Entry) -> None:
        self.entries.insert(place, entry)
        self._index[entry.key] = entry

    def insert_after(self, key: str, entry: Entry) -> None:
        self.insert(self.entries.index(self._index[key]) + 1, entry)

    def replace(self, key: str, entries: Iterable[Entry]) -> None:
        """Put other directives in the place of one; the first of them gets what stands above it."""
        old = self._index.pop(key)
        place = self.entries.index(old)
        new = list(entries)
        new[0].lead = old.lead + new[0].lead
        self.entries[place : place + 1] = new
        self._index.update({entry.key: entry for entry in new})

    def remove(self, key: str) -> Entry:
        """Take a directive out; what stands above it stays, above the next one."""
        entry = self._index.pop(key)
        place = self.entries.index(entry)
        del self.entries[place]
        if place < len(self.entries):
            self.entries[place].lead = entry.lead + self.entries[place].lead
        else:
            self.tail = entry.lead + self.tail
        return entry


class _Reader:
    """Takes the lines of a file one by one."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.pending: list[str] = []
        self._numbers: dict[str, int] = {}
        self._literal = False

    def take(self, number: int, line: str) -> None:
        body = line.strip()
        indented = line[0] in " \t"
        if not body or (body[0] == "#" and not (indented and self._literal)):
            self.pending.append(line)
        elif indented or _ITEM.match(line):
            if not self.entries:
                raise NotWellFormed(f"line {number} belongs to no directive: {body!r}")
            self.entries[-1].lines += [*self.pending, line]
            self.pending = []
        elif match := _KEY.match(line):
            self._directive(number, line, match)
        elif body == "---" and not self.entries:
            self.pending.append(line)
        else:
            raise NotWellFormed(f"line {number} is neither a comment nor 'directive: value': {body!r}")

    def _directive(self, number: int, line: str, match: re.Match[str]) -> None:
        key = match["key"]
        if key[0] in "\"'":
            key = key[1:-1]
        if key in self._numbers:
            raise NotWellFormed(f"the directive {key!r} stands twice, in lines {self._numbers[key]} and {number}")
        self._numbers[key] = number
        self.entries.append(Entry(key, self.pending, [line], match.end()))
        self.pending = []
        value = split_comment(line[match.end() :].strip())[0]
        self._literal = bool(_LITERAL.match(value))


def commented_key(line: str) -> str | None:
    """The directive that a line such as ``#key: value`` has in comments, or None."""
    match = _COMMENTED_KEY.match(line)
    return match[1] if match else None
