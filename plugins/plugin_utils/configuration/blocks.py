# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Values of flat files that are lists or mappings, taken apart and written again with their own lines."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from .document import Document, Entry
from .results import NotWellFormed
from .scalars import continued, load, meaning, split_comment, typed
from .text import join_lines, newline_of, split_lines

_NOT_PLAIN = "'\"[]{}#&*"
_NAMES = ("apiPrefix", "name", "id", "key")
"""Which entry of a mapping names it, as one of several in a list; else its first one."""


@dataclass(frozen=True)
class Item:
    """One item of a list. ``lead``: comments above it; ``lines``: its own, with the dash in the first column; ``inline``: the
    item as it stands in ``[a, b]``, None where it cannot. ``identity``: what makes it the same item in another list:
    itself, or what names a mapping.
    """

    identity: Hashable
    meaning: Hashable
    lead: tuple[str, ...]
    lines: tuple[str, ...]
    inline: str | None


@dataclass(frozen=True)
class Items:
    """A list. ``indent``: where its dashes are, None for ``[a, b]``."""

    items: tuple[Item, ...]
    indent: int | None

    def get(self, identity: Hashable) -> Item | None:
        return next((item for item in self.items if item.identity == identity), None)

    def order(self, other: Items) -> list[Hashable]:
        """The identities that both lists have, in the order of this one."""
        return [item.identity for item in self.items if other.get(item.identity)]


@dataclass(frozen=True)
class Nested:
    """A mapping below a directive, as a document of its own."""

    document: Document
    indent: int


def parse_items(entry: Entry) -> Items | None:
    """The list that a directive has for a value; None if it has none, or one that is too unusual, or equal items."""
    head, _comment = split_comment(entry.lines[0][entry.start :].strip())
    if not head:
        found = _dashed(entry.lines[1:])
    elif len(entry.lines) == 1 and head[0] == "[" and head[-1] == "]":
        found = _bracketed(head[1:-1])
    else:
        return None
    if found is None or len({item.identity for item in found.items}) < len(found.items):
        return None
    return found


def write_items(items: Sequence[Item], ours: Entry, theirs: Entry, newline: str) -> Entry:
    """A directive with these items, in the style of the new file, or of the instance's where only that one can hold them."""
    styles = [(parsed.indent, entry) for entry in (theirs, ours) if (parsed := parse_items(entry))]
    dashed = next(((indent, entry) for indent, entry in styles if indent is not None), None)
    if not items or (dashed is None and all(item.inline is not None for item in items)):
        comment = split_comment(theirs.lines[0][theirs.start :].strip())[1]
        inside = ", ".join(item.inline or "" for item in items)
        return theirs.with_rest(f" [{inside}]{' ' + comment if comment else ''}{newline}")
    indent, model = dashed or (2, None)
    lines = [line for item in items for line in indented((*item.lead, *item.lines), indent)]
    return Entry(theirs.key, [], [model.lines[0], *lines], model.start) if model else theirs.with_rest(newline, lines)


def parse_nested(entry: Entry) -> Nested | None:
    """The mapping that a directive has for a value, or None."""
    head, _comment = split_comment(entry.lines[0][entry.start :].strip())
    if head == "{}" and len(entry.lines) == 1:
        return Nested(Document(newline=newline_of(entry.lines[0]) or "\n"), 2)
    first = next((line for line in entry.lines[1:] if line.strip()[:1] not in ("", "#")), "")
    indent = len(first) - len(first.lstrip(" "))
    if head or indent == 0 or _has_tabs(entry.lines[1:]):
        return None
    return _document(dedented(entry.lines[1:], indent), indent)


def item_document(item: Item) -> Nested | None:
    """The mapping that an item is, as a document; its indent is the width of the dash and the blanks behind it."""
    first = item.lines[0]
    width = len(first) - len(first[1:].lstrip(" "))
    return _document([first[width:], *dedented(item.lines[1:], width)], width)


def item_of(document: Document, indent: int, lead: tuple[str, ...]) -> Item:
    """The item that a document is."""
    lines = indented(split_lines(document.text), indent)
    if lines[0].strip():
        lines[0] = "-" + lines[0][1:]
    else:
        lines.insert(0, f"-{document.newline}")
    values = load(join_lines([*lines, ""], "\n"))
    return _item(lead, lines, values[0] if isinstance(values, list) else values)


def indented(lines: Sequence[str], indent: int) -> list[str]:
    return [" " * indent + line if line.strip("\r\n") else line for line in lines]


def dedented(lines: Sequence[str], indent: int) -> list[str]:
    """The lines with that many blanks less in front, or with none where there are fewer."""
    return [line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines]


def _document(lines: list[str], indent: int) -> Nested | None:
    try:
        document = Document.parse(join_lines(lines, "\n"))
    except NotWellFormed:
        return None
    return Nested(document, indent) if document.entries else None


def _has_tabs(lines: Sequence[str]) -> bool:
    return any("\t" in line[: len(line) - len(line.lstrip())] for line in lines if line.strip())


def _bracketed(inside: str) -> Items | None:
    if any(character in inside for character in _NOT_PLAIN):
        return None
    texts = [text.strip() for text in inside.split(",")] if inside.strip() else []
    if "" in texts or any(": " in text for text in texts):
        return None
    return Items(tuple(Item(text, meaning(" " + text), (), (f"- {text}\n",), text) for text in texts), None)


def _dashed(lines: Sequence[str]) -> Items | None:
    first = next((line for line in lines if line.strip()[:1] not in ("", "#")), "")
    indent = len(first) - len(first.lstrip(" "))
    if first[indent : indent + 1] != "-" or _has_tabs(lines):
        return None
    values = load(join_lines([*lines, ""], "\n"))
    groups = _groups(dedented(lines, indent))
    if not isinstance(values, list) or groups is None or len(groups) != len(values):
        return None
    return Items(tuple(_item(lead, own, value) for (lead, own), value in zip(groups, values, strict=True)), indent)


def _groups(lines: Sequence[str]) -> list[tuple[list[str], list[str]]] | None:
    """The lines of each item, comments above it apart."""
    groups: list[tuple[list[str], list[str]]] = []
    pending: list[str] = []
    inside = continued(lines)
    for number, line in enumerate(lines):
        if number in inside and groups:
            groups[-1][1].extend([*pending, line])
            pending = []
        elif line.strip()[:1] in ("", "#"):
            pending.append(line)
        elif line[0] == "-":
            groups.append((pending, [line]))
            pending = []
        elif line[0] == " " and groups:
            groups[-1][1].extend([*pending, line])
            pending = []
        else:
            return None
    return None if pending else groups


def _item(lead: Sequence[str], lines: Sequence[str], value: object) -> Item:
    known = typed(value)
    inline = None
    if not lead and len(lines) == 1 and isinstance(value, tuple):
        text = lines[0][1:].strip()
        inline = None if not text or any(character in text for character in _NOT_PLAIN + ",") else text
    return Item(_identity(value, known), known, tuple(lead), tuple(lines), inline)


def _identity(value: Any, known: Hashable) -> Hashable:
    if isinstance(value, tuple):
        return str(value[1])  # 25 and '25' are not two items
    if not isinstance(value, dict) or not value:
        return known
    name = next((("str", name) for name in _NAMES if ("str", name) in value), next(iter(value)))
    return "item", name, typed(value[name])
