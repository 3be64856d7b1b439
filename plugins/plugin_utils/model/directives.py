# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one reading of a flat yml: its directives as text, where each of them stands, and what cannot be understood.

Values are the text that YAML says they have, without types: ``version: 5.0`` is "5.0".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from . import paths
from .queries import as_python, directive_pattern
from .secrets import TOKEN

# Where both are there they differ: the one in C takes a tab behind a colon, as YAML and the reader of .NET do.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LARGEST = 256 * 1024
"""Letters. The vendor's own files have a few thousand; what is larger takes longer than anybody would wait."""
_DEEPEST = 8
"""So deep a directive may be nested to be known by its dotted name."""
_LONGEST_NAME = 200
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
_KEY_LINE = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s#:\-][^:#]*?)(?=[ \t]*:(?:\s|\Z))""")
_NO_PATH = re.compile(r'[<>"|?*]')


@dataclass(frozen=True)
class Directive:
    """``line`` counts from one. ``value``: its text, or None where ``fault`` says why there is none. ``span``: where the value is
    written in the text, quotes included.
    """

    name: str
    line: int
    value: str | None
    fault: str = ""
    span: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Misread:
    """Something that is there and is not understood. ``told``: half a sentence that begins with the line."""

    directive: str | None
    told: str


@dataclass(frozen=True)
class Reading:
    """What a yml says. ``fault``: why nothing of it is known. ``nested``: directives that stand below others, by dotted name."""

    directives: tuple[Directive, ...] = ()
    fault: Misread | None = None
    nested: dict[str, int] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """Of the top-level directives, each once, in their order."""
        return list(dict.fromkeys(directive.name for directive in self.directives))

    def find(self, name: str) -> Directive | None:
        """The directive, if it is there."""
        return next((directive for directive in self.directives if directive.name == name), None)

    def text(self, name: str) -> str | None:
        """Its value; None where it is absent, empty or not understood."""
        found = self.find(name)
        return found.value or None if found else None

    def misread(self, name: str, is_path: bool = False) -> Misread | None:
        """Why the directive says nothing although it is there. A path must be there and absolute, another text may be empty."""
        if self.fault:
            return self.fault
        alike = [one for one in self.directives if one.name.casefold() == name.casefold()]
        told = None
        if len(alike) > 1:
            lines = " and ".join(str(one.line) for one in alike)
            told = f"lines {lines} both have {name}, and only one can count"
        elif alike and alike[0].name != name:
            told = f"line {alike[0].line} has {alike[0].name}, which differs from {name} in case"
        elif not alike and name in self.nested:
            told = f"line {self.nested[name]} has {name} below another directive, and it is known only when it is written flat"
        elif alike:
            why = alike[0].fault or (fault_of_path(alike[0].value or "") if is_path else "")
            told = f"line {alike[0].line}: the value of {name} {why}" if why else None
        return Misread(name, told) if told else None


def fault_of_path(path: str) -> str:
    """Why the text is not the path of a folder, as half a sentence; empty if it is one."""
    if not path:
        return "is empty"
    if control := next((letter for letter in path if ord(letter) < 32), None):
        return f"has the control character U+{ord(control):04X}, a backslash in double quotes must be doubled"
    if wrong := _NO_PATH.search(path):
        return f"is '{path}', and no path has the character {wrong.group()}"
    if not paths.is_absolute(as_path(path)):
        return f"is '{path}', which is not an absolute path"
    return ""


def as_path(text: str) -> str:
    """A path as Windows writes it."""
    return text.replace("/", "\\")


def edit(text: str, name: str, value: str) -> dict[str, str] | None:
    """What the host has to find in the text, and to put in its place, so that the directive says the value and everything else what it
    said. None where that cannot be done by changing one place.
    """
    found = read(text).find(name)
    if found is None or read(text).misread(name):
        return None
    start, end = found.span
    end = start + len(text[start:end].rstrip())
    for new in (value, "'" + value.replace("'", "''") + "'"):
        if _says(f"{text[:start]}{new}{text[end:]}", text, name, value):
            return {"pattern": _pattern(text, name, (start, end)), "value": new}
    return None


def edited(text: str, change: Mapping[str, str]) -> str | None:
    """The text after an edit, as the host makes it; None where it would refuse."""
    found = list(re.finditer(as_python(change["pattern"]), text))
    if len(found) != 1:
        return None
    start, end = found[0].span("value")
    return text[:start] + change["value"] + text[end:]


def _says(after: str, before: str, name: str, value: str) -> bool:
    wanted = {one.name: (one.value, one.fault) for one in read(before).directives} | {name: (value, "")}
    return {one.name: (one.value, one.fault) for one in read(after).directives} == wanted


def _pattern(text: str, name: str, span: tuple[int, int]) -> str:
    """The usual one where it finds this value; else one for the very lines in which it stands."""
    found = [one.span("value") for one in re.finditer(as_python(directive_pattern(name)), text)]
    if found == [span]:
        return directive_pattern(name)
    begin = text.rfind("\n", 0, text.rfind(name, 0, span[0])) + 1
    return f"(?m)^{re.escape(text[begin : span[0]])}(?<value>{re.escape(text[span[0] : span[1]])})"


@functools.lru_cache(maxsize=256)  # the same file is read for facts, for plans and for checks
def read(text: str) -> Reading:
    """Reads a file. Raises nothing: what is wrong with it is in the result."""
    try:
        _refuse_unreadable(text)
        return _Reader(yaml.parse(text, Loader=_LOADER)).read()
    except _NotRead as error:
        return _broken(text, error.line, error.why)
    except yaml.MarkedYAMLError as error:
        # A text that is not closed is told where it begins, not at the end of the file.
        begun = error.context_mark if isinstance(error, yaml.scanner.ScannerError) else None
        mark = begun or error.problem_mark
        return _broken(text, mark.line + 1 if mark else 1, str(error.problem))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return _broken(text, 1, str(error))


class _NotRead(Exception):
    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


def _refuse_unreadable(text: str) -> None:
    if len(text) > _LARGEST:
        raise _NotRead(1, f"the file has {len(text)} characters, and {_LARGEST} are read at most")
    if found := yaml.reader.Reader.NON_PRINTABLE.search(text):
        raise _NotRead(_line(text, found.start()), f"the character U+{ord(found.group()):04X} is not allowed in YAML")


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _broken(text: str, line: int, why: str) -> Reading:
    """With the directive in which the line stands."""
    above = text.split("\n")[:line]
    key = next(
        (found.group().strip("\"'") for one in reversed(above) if (found := _KEY_LINE.match(one[:_LONGEST_NAME]))), None
    )
    return Reading(fault=Misread(key, f"line {line}{f' ({key})' if key else ''}: {why.rstrip('.')}"))


class _Reader:
    """Takes the events of PyYAML's parser, which knows no types and no meaning of aliases. So one bad alias spoils one directive only."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, Any] = {}
        self._nested: dict[str, int] = {}

    def read(self) -> Reading:
        found: list[Directive] = []
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _NotRead(_line_of(event), "a second document begins here, and one is wanted")
            elif isinstance(event, yaml.MappingStartEvent):
                found = list(self._pairs())
            elif isinstance(event, yaml.NodeEvent) and not _is_empty(event):
                raise _NotRead(_line_of(event), "it holds no directives, but something else")
        return Reading(tuple(found), None, self._nested)

    def _pairs(self) -> Iterator[Directive]:
        """Of the mapping whose start was the last event."""
        for key in self._events:
            if isinstance(key, yaml.MappingEndEvent):
                return
            line = _line_of(key)
            self._note(key)
            if not isinstance(key, yaml.ScalarEvent):
                raise _NotRead(line, "the name of a directive is no text")
            if key.value == "<<" and key.implicit[0]:
                raise _NotRead(line, "'<<' takes directives from elsewhere. Write them out")
            if TOKEN.search(key.value):
                raise _NotRead(line, "a secret above it runs into it")
            yield self._directive(key.value, line)

    def _directive(self, name: str, line: int) -> Directive:
        event = next(self._events)
        value, fault = self._told(event)
        self._note(event)
        self._skip(event, name, 1)
        span = (event.start_mark.index, event.end_mark.index)
        return Directive(name, line, value, fault, span)

    def _told(self, event: Any) -> tuple[str | None, str]:
        """The text of a node, or why it has none."""
        if isinstance(event, yaml.AliasEvent):
            meant = self._anchors.get(str(event.anchor))
            if meant is None:
                return None, f"refers to *{event.anchor}, which nothing above it defines"
            return self._told(meant)
        if isinstance(event, yaml.SequenceStartEvent):
            return None, "is a list, and a text is wanted"
        if isinstance(event, yaml.MappingStartEvent):
            return None, "is a mapping, and a text is wanted"
        if event.tag not in _TEXT_TAGS:
            return None, f"has the type {event.tag}, and a text is wanted"
        # The last line end of a literal is no part of what is meant.
        return "" if _is_empty(event) else event.value.strip(), ""

    def _note(self, event: Any) -> None:
        if getattr(event, "anchor", None) and not isinstance(event, yaml.AliasEvent):
            self._anchors[event.anchor] = event

    def _skip(self, start: Any, name: str, depth: int) -> None:
        """Everything inside a node; of mappings the names are kept."""
        if isinstance(start, yaml.MappingStartEvent) and depth < _DEEPEST:
            for key in self._events:
                if isinstance(key, yaml.MappingEndEvent):
                    return
                self._note(key)
                inner = f"{name}.{getattr(key, 'value', '')}"
                self._skip(key, "", _DEEPEST)
                self._nested.setdefault(inner, _line_of(key))
                value = next(self._events)
                self._note(value)
                self._skip(value, inner, depth + 1)
        elif isinstance(start, yaml.CollectionStartEvent):
            depth = 1
            while depth:
                event = next(self._events)
                self._note(event)
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def _line_of(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _is_empty(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value in _NULL
