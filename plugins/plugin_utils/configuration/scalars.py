# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single values of flat files: what they mean, and how they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from typing import Any

import yaml

_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')[ \t]*(#.*)?\Z""", re.DOTALL)
_COMMENT = re.compile(r"[ \t]+#")
_SPECIAL = "!&*'\"%@`|>[]{},#"
_ALIAS = re.compile(r"(?:^|[\s\[{,])[&*]\w")
_RESOLVER = yaml.resolver.Resolver()
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What PyYAML raises for texts that are no YAML, or whose numbers and dates are none.
_ERRORS = (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError)


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
    return loaded if isinstance(loaded, str) and not isinstance(loaded, Unreadable) else value[1:-1]


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


def load(text: str) -> object:
    """The text as YAML; raises nothing: what is no YAML, or refers to other places, comes back as :class:`Unreadable`."""
    if _ALIAS.search(text):
        return Unreadable(text)
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 (a SafeLoader)
    except _ERRORS:
        return Unreadable(text)


class Unreadable(str):
    """A text that YAML cannot read."""

    __slots__ = ()


def meaning(block: str) -> Hashable:
    """What the text after ``key:`` means, to compare it with another: type and value, or the text if it is no YAML."""
    value = block.strip()
    if "\n" not in value:
        value, _comment = split_comment(value)
        if value and value[0] not in _SPECIAL:
            tag = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
            if tag == "tag:yaml.org,2002:str":
                return "str", value
    loaded = load("_:" + block)
    if isinstance(loaded, dict) and set(loaded) == {"_"}:
        return typed(loaded["_"])
    return "str", text_of(value) if "\n" not in value else " ".join(value.split())


def typed(value: object) -> Hashable:
    """A value of YAML, hashable, with the types that Python takes for equal (1, 1.0 and True) kept apart."""
    if isinstance(value, dict):
        return "map", frozenset((typed(key), typed(item)) for key, item in value.items())
    if isinstance(value, list):
        return "list", tuple(typed(item) for item in value)
    return type(value).__name__, value if isinstance(value, str) else repr(value)
