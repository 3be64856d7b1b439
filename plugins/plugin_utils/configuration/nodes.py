# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of an XML or JSON text, each with the place where it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from .results import NotWellFormed

_LARGEST = 1_000_000
_DEEPEST = 64  # System.Text.Json refuses more; no configuration file has ten
_MOST_NODES = 10_000


@dataclass(frozen=True)
class Attribute:
    """``value``: what it says. ``start`` and ``end``: where ``name="value"`` stands."""

    value: str
    start: int
    end: int


@dataclass
class Node:
    """An element, a member or an item, a comment or an instruction; the whole text has no tag.

    ``kind``: document, element, comment or instruction; in JSON object, array or value instead of element. ``tag``: the name of an
    element, the key of a member. ``content`` and ``close``: where the inside begins and ends. ``value``: what it says outside of its
    children, without blanks that only indent.
    """

    source: str
    kind: str
    tag: str
    start: int
    end: int = 0
    content: int = 0
    close: int = 0
    value: str = ""
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    @property
    def raw(self) -> str:
        return self.source[self.start : self.end]

    @property
    def body(self) -> str:
        """The text inside."""
        return self.source[self.content : self.close]

    @property
    def line(self) -> int:
        """The number of the line in which it begins, from 1 on."""
        return self.line_of(self.start)

    @property
    def says_nothing(self) -> bool:
        """Whether it is there for people only."""
        return self.kind == "comment"

    @property
    def is_aside(self) -> bool:
        """Whether it is no part of the tree, so that nothing becomes of it but another."""
        return self.kind in ("comment", "instruction")

    def sort_of(self, child: Node) -> Hashable:
        """Children of different sorts are never one thing."""
        if child.is_aside:
            return "aside"
        return "inner" if self.kind in ("array", "object") else (child.kind, child.tag)

    @cached_property
    def meaning(self) -> Hashable:
        """Equal for nodes that say the same, however they are indented."""
        attributes = frozenset((name, attribute.value) for name, attribute in self.attributes.items())
        inner = tuple(child.meaning for child in self.children)
        return self.kind, self.tag, attributes, self.value, frozenset(inner) if self.kind == "object" else inner

    @cached_property
    def said(self) -> Counter[Hashable]:
        """The attributes and texts of the node and all within."""
        found: Counter[Hashable] = Counter((name, attribute.value) for name, attribute in self.attributes.items())
        if self.value:
            found[self.value] += 1
        for child in self.children:
            found.update({(child.tag, fact): count for fact, count in child.said.items()})
        return found

    def line_of(self, place: int) -> int:
        """The same for a place in the source."""
        return self.source.count("\n", 0, place) + 1

    def lead(self, number: int) -> str:
        """What stands before a child; behind the last one for their number."""
        begin = self.children[number - 1].end if number else self.content
        return self.source[begin : self.children[number].start if number < len(self.children) else self.close]

    def all(self) -> Iterator[Node]:
        """The node and all within."""
        yield self
        for child in self.children:
            yield from child.all()


class Nest:
    """The nodes that are open while a text is read. Raises NotWellFormed for a text that no program should be given."""

    def __init__(self, source: str) -> None:
        if len(source) > _LARGEST:
            raise NotWellFormed(f"it has {len(source)} characters; wanted at most {_LARGEST}")
        self.document = Node(source, "document", "", 0, len(source), 0, len(source))
        self._open = [self.document]
        self._count = 0

    @property
    def inner(self) -> Node:
        return self._open[-1]

    def add(self, node: Node, opened: bool = False) -> None:
        self._count += 1
        if self._count > _MOST_NODES:
            raise NotWellFormed(f"line {node.line}: it has more than {_MOST_NODES} elements, values and comments")
        self.inner.children.append(node)
        if opened:
            self._open.append(node)
            if len(self._open) > _DEEPEST:
                raise NotWellFormed(f"line {node.line} is nested deeper than {_DEEPEST} levels")

    def leave(self) -> Node:
        return self._open.pop()
