# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON files: how they are read, and what is particular about merging them.

They are read as ASP.NET Core reads its settings: with comments, and with a comma behind the last member.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from functools import lru_cache

from . import identities, trees
from .choices import Choice
from .nodes import Nest, Node
from .results import Merged, NotWellFormed

_TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\n]+) | (?P<comment>//[^\n]*|/\*.*?\*/) | (?P<string>"(?:[^"\\]|\\.)*") | (?P<mark>[{}\[\]:,])
        | (?P<word>[^\s{}\[\]:,"/]+)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = ("true", "false", "null")
_LONGEST_NUMBER = 100


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``. Raises NotWellFormed if one of them is no JSON."""
    return trees.merge(file, base, ours, theirs, choice, FORMAT)


def check(text: str) -> None:
    """Raises NotWellFormed for a text that .NET does not take for settings."""
    for node in parse(text).all():
        known: set[str] = set()
        members = [child for child in node.children if not child.says_nothing] if node.kind == "object" else []
        for child in members:
            if child.tag.casefold() in known:
                raise NotWellFormed(f"line {child.line}: the key {child.tag!r} stands twice, in capital letters or not")
            known.add(child.tag.casefold())


def values(text: str) -> list[tuple[str, str]]:
    """The values with their dotted paths, numbers and words as JSON writes them. Raises NotWellFormed."""
    return [(".".join(path), value) for path, value in _leaves((), _root(parse(text)))]


def _leaves(path: tuple[str, ...], node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    """Everything that holds nothing else; an empty object or list too."""
    inner = [child for child in node.children if not child.says_nothing]
    if node.kind == "value":
        yield path, json.loads(node.body) if node.body.startswith('"') else node.body
    elif not inner:
        yield path, "{}" if node.kind == "object" else "[]"
    for child in inner:
        yield from _leaves((*path, child.tag if node.kind == "object" else "[]"), child)


@lru_cache(maxsize=64)
def parse(text: str) -> Node:
    """The document. Raises NotWellFormed."""
    return _Reader(text).document


def _reparse(text: str, model: Node) -> Node:
    """A node of the same sort, from its own text."""
    if model.kind == "document":
        return parse(text)
    inside = _root(parse(f"{{{text}}}" if model.tag else f"[{text}]"))
    return next(child for child in inside.children if not child.says_nothing)


def _root(document: Node) -> Node:
    return next(child for child in document.children if not child.says_nothing)


def _faults(node: Node) -> Counter[Hashable]:
    """.NET refuses a key that is there twice, or takes the last one; an item twice is one that two sides have added."""
    inner = [child for child in node.children if not child.says_nothing]
    return Counter(child.tag.casefold() if node.kind == "object" else child.meaning for child in inner)


def _worse(result: Node, ours: Node, theirs: Node) -> bool:
    known = _faults(ours) | _faults(theirs)
    return any(count > max(1, known[fault]) for fault, count in _faults(result).items())


FORMAT = trees.Format(parse, _reparse, identities.of_json, _worse, separator=",")


class _Reader:
    """Reads one text from token to token. Raises NotWellFormed."""

    def __init__(self, text: str) -> None:
        self._nest = Nest(text)
        self._text = text
        self._place = 1 if text.startswith("\ufeff") else 0
        self._value("", self._next())
        if token := self._next():
            raise self._wrong("the end", token)
        self.document = self._nest.document

    def _next(self) -> re.Match[str] | None:
        """The next token, None at the end; comments on the way become children."""
        while match := _TOKEN.match(self._text, self._place):
            self._place = match.end()
            if match.lastgroup == "comment":
                self._comment(match)
            elif match.lastgroup != "blank":
                return match
        if self._place < len(self._text):
            raise self._wrong("a value, a key or a comment", None)
        return None

    def _comment(self, token: re.Match[str]) -> None:
        text = token[0].rstrip()
        end = token.start() + len(text)
        self._nest.add(
            Node(self._text, "comment", "", token.start(), end, end, end, " ".join(text.strip("/*").split()))
        )

    def _value(self, tag: str, token: re.Match[str] | None, start: int | None = None) -> None:
        """A value; that of a member begins where its key does."""
        if token is None or (token.lastgroup == "mark" and token[0] not in "{["):
            raise self._wrong("a value", token)
        kind = {"{": "object", "[": "array"}.get(token[0], "value")
        node = Node(self._text, kind, tag, token.start() if start is None else start, content=token.start())
        if kind == "value":
            node.value = self._scalar(token)
            node.close = node.end = token.end()
            self._nest.add(node)
            return
        node.content = token.end()
        self._nest.add(node, opened=True)
        closing = self._inside(kind)
        node.close, node.end = closing.start(), closing.end()
        self._nest.leave()

    def _inside(self, kind: str) -> re.Match[str]:
        """All up to the bracket that closes it."""
        closing = "}" if kind == "object" else "]"
        token = self._next()
        while token is None or token[0] != closing:
            if kind == "object":
                self._member(token)
            else:
                self._value("", token)
            token = self._next()
            if token is None or token[0] not in (",", closing):
                raise self._wrong(f"',' or '{closing}'", token)
            if token[0] == ",":
                token = self._next()
        return token

    def _member(self, token: re.Match[str] | None) -> None:
        if token is None or token.lastgroup != "string":
            raise self._wrong("a key in quotes", token)
        key = self._string(token)
        colon = self._next()
        if colon is None or colon[0] != ":":
            raise self._wrong("':'", colon)
        self._value(key, self._next(), token.start())

    def _scalar(self, token: re.Match[str]) -> str:
        text = token[0]
        if token.lastgroup == "string":
            return json.dumps(self._string(token), ensure_ascii=False)
        if len(text) > _LONGEST_NUMBER:
            raise self._wrong(f"a number of at most {_LONGEST_NUMBER} characters", token)
        if text not in _WORDS and not _NUMBER.fullmatch(text):
            raise self._wrong("a value", token)
        return text

    def _string(self, token: re.Match[str]) -> str:
        try:
            text: str = json.loads(token[0])
            text.encode()
        except ValueError as error:  # a control character, an unknown escape, half of a character
            raise self._wrong("a text", token) from error
        return text

    def _wrong(self, wanted: str, token: re.Match[str] | None) -> NotWellFormed:
        place = token.start() if token else self._place
        found = repr(token[0] if token else self._text[place]) if place < len(self._text) else "the end"
        line = self._text.count("\n", 0, place) + 1
        return NotWellFormed(
            f"line {line} is no JSON: wanted {wanted}, found {found if len(found) < 40 else found[:36] + '...'}"
        )
