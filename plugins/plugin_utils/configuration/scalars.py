# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single values of flat files: what they mean, and how they are written."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Hashable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import yaml

_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')[ \t]*(#.*)?\Z""", re.DOTALL)
_COMMENT = re.compile(r"[ \t]+#")
_SPECIAL = "!&*'\"%@`|>[]{},#"
_ALIAS = re.compile(r"(?:^|[\s\[{,])[&*]\w")
_LONG = re.compile(r"[|>'\"]")  # how a scalar begins that can hold what looks like a comment
_RESOLVER: Any = yaml.resolver.Resolver()
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ERRORS = (yaml.YAMLError, ValueError, RecursionError)


def split_comment(value: str) -> tuple[str, str]:
    """The value of one line and the comment behind it, each without blanks around it."""
    if "#" not in value:
        return value, ""
    if value[:1] == "#":
        return "", value
    if value[0] in "\"'":
        match = _QUOTED.match(value)
        return (match[1], match[2] or "") if match else (value, "")
    match = _COMMENT.search(value)
    return (value[: match.start()], value[match.end() - 1 :]) if match else (value, "")


def text_of(value: str) -> str:
    """What a value of one line says: without quotes and comment."""
    value = split_comment(value)[0]
    match = _QUOTED.match(value) if value[:1] in ('"', "'") else None
    if not match:
        return value
    if value[0] == "'":
        return value[1:-1].replace("''", "'")
    loaded = load(value)
    return loaded[1] if isinstance(loaded, tuple) else value[1:-1]


def written(text: str) -> str:
    """A text as a value of one line, in quotes only where YAML would read it otherwise."""
    if any(ord(character) < 32 for character in text):
        return json.dumps(text, ensure_ascii=False)
    unsafe = (
        text != text.strip()
        or not text
        or text[0] in _SPECIAL
        or (text[0] in "-?:" and text[1:2] in ("", " "))
        or ": " in text
        or text.endswith(":")
        or " #" in text
    )
    return "'" + text.replace("'", "''") + "'" if unsafe else text


def scalar_in(text: str, key: str) -> str | None:
    """The text of a scalar of a file, wherever an alias leads; None if YAML reads none there."""
    with contextlib.suppress(*_ERRORS):
        root = yaml.compose(text, Loader=_LOADER)
        for name, value in root.value if isinstance(root, yaml.MappingNode) else ():
            if name.value == key and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return None


class Unreadable(str):
    """A text that YAML cannot read."""

    __slots__ = ()


@lru_cache(maxsize=64)  # the vendor's file is the same for all instances of a fleet
def load(text: str, complete: bool = False) -> object:
    """The text as YAML: dicts, lists, and scalars as pairs of kind and text; :class:`Unreadable` for what is no YAML.

    Nothing is converted: 7.10 is not 7.1, and no number is too long. Only booleans and null have one text each. An alias is the
    hash of what it stands for, so that none is ever expanded; in a text that is not ``complete``, it may also be the name of an
    anchor elsewhere.
    """
    try:
        events = yaml.parse(text, Loader=_LOADER)
        _start, event = next(events), next(events)
        if isinstance(event, yaml.StreamEndEvent):
            return {}
        value = _value(next(events), events, {}, complete)
        _end, event = next(events), next(events)
    except _ERRORS:
        return Unreadable(text)
    return value if isinstance(event, yaml.StreamEndEvent) else Unreadable(text)


def _value(event: Any, events: Iterator[Any], anchors: dict[str, Hashable], complete: bool) -> Any:
    """The value that begins with an event. Raises ValueError for a key that stands twice and an alias to nothing."""
    value: Any
    name: str | None = getattr(event, "anchor", None)
    if isinstance(event, yaml.AliasEvent) and name:
        if complete and name not in anchors:
            raise ValueError(name)
        return "alias", anchors.get(name, name)
    if isinstance(event, yaml.ScalarEvent):
        value = (
            _scalar(event.tag, event.value)
            if event.tag
            else _plain(event.value)
            if event.implicit[0]
            else ("str", event.value)
        )
    elif isinstance(event, yaml.SequenceStartEvent):
        value = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            value.append(_value(item, events, anchors, complete))
    else:
        value = {}
        while not isinstance(item := next(events), yaml.MappingEndEvent):
            key = typed(_value(item, events, anchors, complete))
            if key in value:
                raise ValueError(key)
            value[key] = _value(next(events), events, anchors, complete)
    if name:
        anchors[name] = hash(typed(value))
    return value


@lru_cache(maxsize=4096)
def _plain(text: str) -> tuple[str, str]:
    return _scalar(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)), text)


def _scalar(tag: str, text: str) -> tuple[str, str]:
    kind = tag.removeprefix("tag:yaml.org,2002:")
    return kind, "" if kind == "null" else text.casefold() if kind == "bool" else text


def meaning(block: str) -> Hashable:
    """What the text after ``key:`` means, to compare it with another: kind and text, or only the text if it is no YAML."""
    value = block.strip()
    single = "\n" not in block.rstrip()
    if single:
        value, _comment = split_comment(value)
        if value and value[0] not in _SPECIAL:
            return _plain(value)
    loaded = load(f"_:{block}" if block.endswith("\n") else f"_:{block}\n")
    if isinstance(loaded, dict) and len(loaded) == 1:
        return typed(loaded["str", "_"])
    return "str", text_of(value) if single else " ".join(value.split())


def typed(value: Any) -> Hashable:
    """What :func:`load` gives, hashable; the order of a mapping does not count."""
    if isinstance(value, dict):
        return "map", frozenset((key, typed(item)) for key, item in value.items())
    if isinstance(value, list):
        return "list", tuple(typed(item) for item in value)
    found: Hashable = value
    return found


def anchors_of(text: str) -> frozenset[str]:
    """The names of the anchors that a text has or refers to."""
    if not _ALIAS.search(text):
        return frozenset()
    found = set()
    with contextlib.suppress(*_ERRORS):
        for token in yaml.scan(text, Loader=_LOADER):
            if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
                found.add(token.value)
    return frozenset(found)


def continued(lines: Sequence[str]) -> set[int]:
    """The numbers of the lines that belong to a scalar which began above: whatever they look like, they are no comments."""
    text = "".join(lines)
    found: set[int] = set()
    if len(lines) > 1 and _LONG.search(text):
        with contextlib.suppress(*_ERRORS):
            for event in yaml.parse(text, Loader=_LOADER):
                if isinstance(event, yaml.ScalarEvent):
                    found.update(_below(event, lines))
    return found


def _below(event: Any, lines: Sequence[str]) -> range:
    """The lines of a scalar but for its first; empty ones behind a literal count where it keeps them."""
    end = event.end_mark.line + (event.end_mark.column > 0)
    while event.style in ("|", ">") and not event.value.endswith("\n\n") and end > 0 and not lines[end - 1].strip():
        end -= 1
    return range(event.start_mark.line + 1, end)
