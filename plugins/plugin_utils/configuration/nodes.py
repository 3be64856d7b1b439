# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An XML text as a tree whose nodes know where they stand in it. The text must be well formed."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property

from .pieces import Grammar

IDENTITY = ("name", "key", "id", "class")
"""The attributes that tell an element from its sisters."""

GRAMMAR = Grammar(
    re.compile(
        r"""\s*(?P<text> <!--.*?--> | <!\[CDATA\[.*?\]\]> | <\?.*?\?> | </?[\w:.\-]+ | /?>
            | (?P<name>[\w:.\-]+)\s*=\s*(?:"[^"]*"|'[^']*')
            | (?P<free>[^<>\s](?:[^<>]*[^<>\s])?) )""",
        re.VERBOSE | re.DOTALL,
    )
)


@dataclass(frozen=True)
class Attribute:
    """``start`` and ``end``: where ``name="value"`` stands."""

    value: str
    start: int
    end: int


@dataclass
class Node:
    """An element, a comment or an instruction. ``key``: its name with the attributes that tell it from its sisters, or all that a
    comment says. ``content`` and ``close``: where the inside of an element begins and ends; equal for ``<a/>``.
    """

    source: str
    key: str
    start: int
    end: int = 0
    content: int = 0
    close: int = 0
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    @property
    def raw(self) -> str:
        return self.source[self.start : self.end]

    @cached_property
    def text(self) -> str:
        """What an element says outside of its children, without blanks around it."""
        parts, place = [], self.content
        for child in self.children:
            parts.append(self.source[place : child.start].strip())
            place = child.end
        parts.append(self.source[place : self.close].strip())
        return "\n".join(part for part in parts if part)

    @cached_property
    def meaning(self) -> Hashable:
        """Equal for nodes that say the same, however they are indented."""
        attributes = frozenset((name, attribute.value) for name, attribute in self.attributes.items())
        return self.key, attributes, self.text, tuple(child.meaning for child in self.children)

    @cached_property
    def facts(self) -> Counter[Hashable]:
        """The attributes and texts of the node and all within."""
        found: Counter[Hashable] = Counter((name, attribute.value) for name, attribute in self.attributes.items())
        found[self.text] += 1
        for child in self.children:
            found.update({(child.key, fact): count for fact, count in child.facts.items()})
        return found

    @cached_property
    def groups(self) -> dict[str, list[Node]]:
        """The children by key; mostly one for each."""
        found: dict[str, list[Node]] = {}
        for child in self.children:
            found.setdefault(child.key, []).append(child)
        return found

    @property
    def indentation(self) -> str:
        """The line end and the blanks before the node, where it is the first of its line; else nothing."""
        before = self.source[: self.start]
        blanks = before[len(before.rstrip()) :]
        return blanks if "\n" in blanks else ""


def parse(source: str) -> Node:
    """A node without a name whose children are the document's; its content begins after the XML declaration."""
    document = Node(source, "", 0, len(source), 0, len(source))
    open_nodes = [document]
    inside: Node | None = None  # the element whose start tag is being read
    for match in GRAMMAR.token.finditer(source):
        text, start, end = match["text"], match.start("text"), match.end("text")
        if inside is not None:
            if match["name"]:
                value = text[text.index("=") + 1 :].strip()[1:-1]
                inside.attributes[match["name"]] = Attribute(value, start, end)
                continue
            _finish_tag(inside, empty=text == "/>", end=end)
            if text == ">":
                open_nodes.append(inside)
            inside = None
        elif text.startswith("</"):
            open_nodes[-1].close = start
            open_nodes.pop().end = source.index(">", start) + 1
        elif text.startswith(("<!--", "<?")):
            if text.startswith("<?xml "):
                document.content = end
            else:
                open_nodes[-1].children.append(Node(source, " ".join(text.split()), start, end))
        elif text.startswith("<") and not text.startswith("<!"):
            inside = Node(source, text[1:], start)
            open_nodes[-1].children.append(inside)
    return document


def _finish_tag(node: Node, empty: bool, end: int) -> None:
    node.content = node.close = end
    node.end = end if empty else 0
    node.key += "".join(
        f"[{name}={html.unescape(node.attributes[name].value)}]" for name in IDENTITY if name in node.attributes
    )
