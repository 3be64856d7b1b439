# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""XML files: how they are read, and what is particular about merging them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from xml.parsers import expat

from . import identities, trees, xml_rules
from .choices import Choice
from .nodes import Attribute, Nest, Node
from .results import Merged, NotWellFormed

_ATTRIBUTE = re.compile(r"""\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*')""")
_MOST_ATTRIBUTES = 200


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``; comments count like everything else.

    Raises NotWellFormed if one of the texts is no XML, or declares a document type or entities.
    """
    return trees.merge(file, base, ours, theirs, choice, FORMAT)


def check(text: str) -> None:
    """Raises NotWellFormed for a text that is no XML, or uses a prefix that it does not declare."""
    parse(text)
    if not _loads(text):
        raise NotWellFormed("it has a prefix without its xmlns declaration")


def values(text: str) -> list[tuple[str, str]]:
    """The texts of the innermost elements and the attributes, in no order: ``("Name", text)`` or ``("Name@attribute", value)``.

    Namespace declarations are none. Raises NotWellFormed.
    """
    return [pair for node in parse(text).all() if node.kind == "element" for pair in _values(node)]


def _values(node: Node) -> Iterator[tuple[str, str]]:
    for name, attribute in node.attributes.items():
        if not name.startswith("xmlns"):
            yield f"{node.tag}@{name}", attribute.value
    if not any(child.kind == "element" for child in node.children):
        yield node.tag, node.value.strip()


@lru_cache(maxsize=64)
def parse(text: str) -> Node:
    """The document. Raises NotWellFormed."""
    return _Reader(text).document


def _reparse(text: str, model: Node) -> Node:
    document = parse(text)
    return document if model.kind == "document" else document.children[0]


def _loads(text: str) -> bool:
    """Whether every prefix is declared, which parse() does not ask."""
    try:
        expat.ParserCreate("utf-8", " ").Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True


def _kept_attribute(name: str, body: str) -> bool:
    """Whether an attribute that the new version takes out is needed: it declares a prefix."""
    return name.startswith("xmlns:") and f"{name[6:]}:" in body


FORMAT = trees.Format(parse, _reparse, identities.of_xml, xml_rules.worse, _loads, _kept_attribute)


class _Reader:
    """Reads one text with expat, which is never shown an entity to expand."""

    def __init__(self, text: str) -> None:
        self._nest = Nest(text)
        self._text = text
        self._texts: list[list[str]] = [[]]
        self._bytes = self._characters = 0
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        skipped = 1 if text.startswith("\ufeff") else 0
        self._characters = skipped
        try:
            self._encoded = text[skipped:].encode()
            parser.Parse(self._encoded, True)
        except UnicodeEncodeError as error:
            raise NotWellFormed(f"it has half of a character (U+{ord(text[error.start]):04X})") from error
        except expat.ExpatError as error:
            raise NotWellFormed(f"line {error.lineno} is no XML: {expat.ErrorString(error.code)}") from error
        self.document = self._nest.document
        if text.startswith("<?xml", skipped):
            self.document.content = text.index("?>") + 2

    def _at(self) -> int:
        """The place of what is being told, in characters; it only grows."""
        self._characters += len(self._encoded[self._bytes : self._parser.CurrentByteIndex].decode())
        self._bytes = self._parser.CurrentByteIndex
        return self._characters

    def _refuse(self, *_declaration: object) -> None:
        raise NotWellFormed(
            "it declares a document type, which configuration files do not need; take the declaration out"
        )

    def _start(self, name: str, attributes: list[str]) -> None:
        node = Node(self._text, "element", name, self._at())
        if len(attributes) > 2 * _MOST_ATTRIBUTES:
            raise NotWellFormed(
                f"line {node.line}: {name} has {len(attributes) // 2} attributes; wanted at most {_MOST_ATTRIBUTES}"
            )
        place = node.start + 1 + len(name)
        for own, value in zip(attributes[::2], attributes[1::2], strict=True):
            match = _ATTRIBUTE.match(self._text, place)
            if match is None:
                raise AssertionError("expat has read what is no attribute")
            blanks = len(match[0]) - len(match[0].lstrip())
            node.attributes[own] = Attribute(value, place + blanks, match.end())
            place = match.end()
        node.content = node.close = self._text.index(">", place) + 1
        node.end = node.content if self._text[node.content - 2] == "/" else 0
        self._nest.add(node, opened=True)
        self._texts.append([])

    def _end(self, _name: str) -> None:
        node = self._nest.leave()
        if not node.end:
            node.close = self._at()
            node.end = self._text.index(">", node.close) + 1
        node.value = _own_text("".join(self._texts.pop()), alone=not node.children)

    def _data(self, data: str) -> None:
        self._texts[-1].append(data)

    def _comment(self, data: str) -> None:
        self._alone("comment", " ".join(data.split()), "-->")

    def _instruction(self, target: str, data: str) -> None:
        self._alone("instruction", f"{target} {data}", "?>")

    def _alone(self, kind: str, value: str, end: str) -> None:
        start = self._at()
        stop = self._text.index(end, start) + len(end)
        self._nest.add(Node(self._text, kind, "", start, stop, stop, stop, value))


def _own_text(text: str, alone: bool) -> str:
    """Blanks count where the text is one line and all that there is, and are indentation elsewhere."""
    if alone and "\n" not in text:
        return text
    return "\n".join(line.strip() for line in text.strip().split("\n"))
