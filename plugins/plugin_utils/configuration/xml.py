# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging of XML files, and the values in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import cast
from xml.parsers import expat

from . import elements, lines
from .choices import Choice
from .nodes import GRAMMAR, IDENTITY
from .results import Merged, NotWellFormed


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``; comments count like everything else.

    Raises NotWellFormed if one of the texts is no XML, or declares a document type or entities.
    """
    return lines.merge(file, base, ours, theirs, choice, SYNTAX)


def values(text: str) -> list[tuple[str, str]]:
    """The texts of the innermost elements and the attributes, in no order: ``("Name", text)`` or ``("Name@attribute", value)``.

    Namespace declarations are none. Raises NotWellFormed.
    """
    return list(_Parser(text).values)


@lru_cache(maxsize=256)
def facts(text: str) -> Mapping[Hashable, int]:
    """What an XML text says: ``(path, kind, value)`` with how often. The path is that of the element's names, each with the
    attributes that tell it from its sisters. Raises NotWellFormed.
    """
    return _Parser(text).facts


_Fact = tuple[tuple[str, ...], str, str | None]


def _single(fact: Hashable) -> bool:
    """An element that has a name, key or id stands once among its sisters."""
    path, kind, _value = cast("_Fact", fact)
    return kind == "element" and any(f"[{name}=" in path[-1] for name in IDENTITY[:3])


def _concerned(fact: Hashable, path: tuple[str, ...], what: str | None) -> bool:
    """Whether a fact is about an element (all of it, an attribute, or its text)."""
    place, kind, _value = cast("_Fact", fact)
    return place == path and kind == what if what else place[: len(path)] == path


SYNTAX = lines.Syntax(GRAMMAR, facts, _single, elements.merge, _concerned)


class _Parser:
    """Reads one text with expat, which is never shown an entity to expand."""

    def __init__(self, text: str) -> None:
        self.facts: Counter[Hashable] = Counter()
        self.values: list[tuple[str, str]] = []
        self._path: tuple[str, ...] = ()
        self._texts: list[list[str]] = [[]]
        self._names: list[tuple[str, bool]] = []
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.CommentHandler = self._comment
        parser.ProcessingInstructionHandler = self._instruction
        try:
            parser.Parse(text.removeprefix("\ufeff"), True)
        except expat.ExpatError as error:
            raise NotWellFormed(f"line {error.lineno} is no XML: {expat.ErrorString(error.code)}") from error

    def _refuse(self, *_declaration: object) -> None:
        raise NotWellFormed(
            "it declares a document type, which configuration files do not need; take the declaration out"
        )

    def _start(self, name: str, attributes: list[str]) -> None:
        own = dict(zip(attributes[::2], attributes[1::2], strict=True))
        self._path = (*self._path, name + "".join(f"[{key}={own[key]}]" for key in IDENTITY if key in own))
        self._texts.append([])
        if self._names:
            self._names[-1] = (self._names[-1][0], False)
        self._names.append((name, True))
        self.facts[self._path, "element", ""] += 1
        for key, value in own.items():
            self.facts[self._path, key, value] += 1
            if not key.startswith("xmlns"):
                self.values.append((f"{name}@{key}", value))

    def _end(self, _name: str) -> None:
        text = "".join(self._texts.pop()).strip()
        name, innermost = self._names.pop()
        if text:
            self.facts[self._path, "text", text] += 1
        if innermost:
            self.values.append((name, text))
        self._path = self._path[:-1]

    def _characters(self, data: str) -> None:
        self._texts[-1].append(data)

    def _comment(self, data: str) -> None:
        self.facts[self._path, "comment", " ".join(data.split())] += 1

    def _instruction(self, target: str, data: str) -> None:
        self.facts[self._path, "instruction", f"{target} {data}"] += 1
