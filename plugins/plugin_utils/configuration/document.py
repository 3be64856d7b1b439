# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A flat configuration file: ``dotted.key: value`` lines of YAML, kept byte for byte wherever nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from .results import NotWellFormed, shown
from .scalars import Unreadable, anchors_of, continued, load, meaning, scalar_in, split_comment, text_of, typed, written
from .text import join_lines, newline_of, split_lines

KEY = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*" | '(?:[^']|'')*'
        | (?: [^\s\-?:,\[\]{}\#&*!|>'"%@`] | [\-?:](?=\S) ) (?: [^:#\r\n] | :(?=\S) | (?<=\S)\# )*? )
        [ \t]*:(?=[ \t\r\n]|\Z)""",
    re.VERBOSE,
)
# A blank behind the # begins prose, and what looks like a directive in prose is an example.
_COMMENTED_KEY = re.compile(r"#+([^\s:#]+)[ \t]*:(?:\s|\Z)")
_NUMBER = re.compile(r"[0-9]{1001,}")
_LONGEST, _DIGITS, _DEEPEST = 100_000, 1000, 50
_MANY_DASHES = re.compile(rf"(?:-[ \t]+){{{_DEEPEST}}}")
_IN_QUOTES = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*\"""")
_ITEM = re.compile(r"-(?:\s|\Z)")


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
        name = written(key)
        return Entry(key, [], [f"{name}:{self.lines[0][self.start :]}", *self.lines[1:]], len(name) + 1)

    def with_rest(self, rest: str, below: Sequence[str] = ()) -> Entry:
        """Another value for the name as it is written here. ``rest``: the first line behind the colon; ``below``: those below it."""
        return Entry(self.key, [], [self.lines[0][: self.start] + rest, *below], self.start)

    def equals(self, other: Entry | None) -> bool:
        """Whether the other one has the same value, written in the same way."""
        return other is not None and self.value == other.value and len(self.lines) == len(other.lines)

    def copy(self) -> Entry:
        return Entry(self.key, list(self.lead), list(self.lines), self.start)


@dataclass
class Document:
    """The directives in their order, and the lines after the last one. ``head``: all lines down to ``---``."""

    entries: list[Entry] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    newline: str = "\r\n"
    head: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._index = {entry.key: entry for entry in self.entries}

    @classmethod
    def parse(cls, text: str) -> Document:
        """Read a file. Raises NotWellFormed for a line that is none of the format, and for a directive that stands twice."""
        lines = split_lines(text)
        check(lines)
        reader = _Reader()
        for number, line in enumerate(lines, start=1):
            reader.take(number, line)
        reader.close()
        return cls(reader.entries, reader.pending, newline_of(text) or "\r\n", reader.head)

    @property
    def text(self) -> str:
        lines = list(self.head)
        for entry in self.entries:
            lines += entry.lead
            lines += entry.lines
        return join_lines(lines + self.tail, self.newline)

    def copy(self) -> Document:
        return Document([entry.copy() for entry in self.entries], list(self.tail), self.newline, list(self.head))

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def get(self, key: str) -> Entry | None:
        return self._index.get(key)

    def __getitem__(self, key: str) -> Entry:
        return self._index[key]

    def says(self, key: str) -> str:
        """The text of a directive; of an alias, or of a value on several lines, the text that YAML reads."""
        entry = self[key]
        read = scalar_in(self.text, key) if len(entry.lines) > 1 or anchors_of(entry.block) else None
        return text_of(entry.value) if read is None else read

    def meanings(self) -> dict[str, Hashable] | None:
        """What YAML reads in each directive. One that YAML cannot read where it stands alone is a broken text; None if the rest makes
        no YAML either.
        """
        broken: list[Entry] = []
        loaded = load(self.text, complete=True)
        if isinstance(loaded, Unreadable):
            broken = [entry for entry in self if isinstance(load("".join(entry.lines)), Unreadable)]
            rest = [entry for entry in self if entry not in broken]
            loaded = load(Document(rest, self.tail, self.newline, self.head).text, complete=True) if broken else loaded
        if loaded == ("null", ""):  # nothing behind ---
            loaded = {}
        if not isinstance(loaded, dict):
            return None
        read = {str(key[1]): typed(value) for key, value in loaded.items()}
        return read | {entry.key: ("broken", meaning(entry.block)) for entry in broken}

    def entry(self, key: str, value: str) -> Entry:
        """A new directive of one line, not yet part of the document."""
        name = written(key)
        return Entry(key, [], [f"{name}: {value}{self.newline}"], len(name) + 1)

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

    def arrange(self, keys: list[str]) -> None:
        """Move each of these directives behind the one before it where it stands above that."""
        for before, key in pairwise(keys):
            if self.entries.index(self[key]) < self.entries.index(self[before]):
                self.entries.remove(self[key])
                self.insert_after(before, self[key])

    def seal(self) -> None:
        """Let no comment or blank line behind a literal become a part of it."""
        for entry, lead in zip(self.entries, [*(entry.lead for entry in self.entries[1:]), self.tail], strict=False):
            if lead and value_end([*entry.lines, *lead], 0) > len(entry.lines):
                while lead and not lead[0].strip():
                    del lead[0]
                lead[:] = [line.lstrip(" \t") for line in lead]

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
        self.head: list[str] = []
        self.entries: list[Entry] = []
        self.pending: list[str] = []
        """Lines above the first directive, or behind what is sure to belong to the last one."""
        self._numbers: dict[str, int] = {}

    def take(self, number: int, line: str) -> None:
        body = line.strip()
        if not body or body[0] == "#":
            self.pending.append(line)
        elif line[0] in " \t" or _ITEM.match(line):
            if not self.entries:
                raise NotWellFormed(f"line {number} belongs to no directive: {shown(body)}")
            self.entries[-1].lines += [*self.pending, line]
            self.pending = []
        elif match := KEY.match(line):
            self._directive(number, line, match)
        elif body == "---" and not self.entries and not self.head:
            self.head = [*self.pending, line]
            self.pending = []
        else:
            raise NotWellFormed(f"line {number} is neither a comment nor 'directive: value': {shown(body)}")

    def close(self) -> None:
        """The last directive is complete: what looks like comments behind it may be the end of a literal."""
        if self.entries and self.pending:
            entry = self.entries[-1]
            end = value_end([*entry.lines, *self.pending], len(entry.lines))
            entry.lines, self.pending = (
                [*entry.lines, *self.pending][:end],
                [*entry.lines, *self.pending][end:],
            )

    def _directive(self, number: int, line: str, match: re.Match[str]) -> None:
        self.close()
        key = text_of(match["key"])
        if key in self._numbers:
            raise NotWellFormed(f"the directive {key!r} stands twice, in lines {self._numbers[key]} and {number}")
        self._numbers[key] = number
        self.entries.append(Entry(key, self.pending, [line], match.end()))
        self.pending = []


def value_end(lines: list[str], least: int) -> int:
    """How many of the lines belong to the value, of which ``least`` surely do."""
    return max([least, *(number + 1 for number in continued(lines))])


def check(lines: list[str]) -> None:
    """Raises NotWellFormed for what would keep a reader of YAML busy, or break it."""
    levels: list[int] = []
    for number, line in enumerate(lines, start=1):
        if len(line) > _LONGEST:
            raise NotWellFormed(f"line {number} has {len(line)} characters, more than {_LONGEST}")
        if len(line) > _DIGITS and (found := _NUMBER.search(line)):
            raise NotWellFormed(f"line {number} has a number of {len(found[0])} digits, more than {_DIGITS}")
        body = line.lstrip(" ")
        if not body.strip():
            continue
        indent = len(line) - len(body)
        while levels and levels[-1] >= indent:
            levels.pop()
        levels.append(indent)
        if len(levels) > _DEEPEST or (len(body) > _DEEPEST and _deep(body)):
            raise NotWellFormed(f"line {number} is nested deeper than {_DEEPEST} levels")


def _deep(body: str) -> bool:
    if _MANY_DASHES.match(body):
        return True
    steps = (1 if character in "[{" else -1 for character in _IN_QUOTES.sub("", body) if character in "[{}]")
    return body[0] != "#" and max(accumulate(steps), default=0) > _DEEPEST


def commented_key(line: str) -> str | None:
    """The directive that a line such as ``#key: value`` has in comments, or None."""
    match = _COMMENTED_KEY.match(line)
    return match[1] if match else None
