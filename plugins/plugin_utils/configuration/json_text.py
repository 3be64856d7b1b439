# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging of JSON files, and the values in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from functools import lru_cache
from typing import cast

from . import lines
from .choices import Choice
from .pieces import Grammar
from .results import Merged, NotWellFormed

_STRING = r'"(?:[^"\\]|\\.)*"'
_GRAMMAR = Grammar(
    re.compile(
        rf"""\s*(?P<text> (?P<name>{_STRING})\s*:\s*(?:{_STRING}|[^\s{{}}\[\],:"]+) | {_STRING}\s*: | [{{}}\[\],:]
            | (?P<free>{_STRING}|[^\s{{}}\[\],:"]+) )""",
        re.VERBOSE,
    )
)


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``. Raises NotWellFormed if one of them is no JSON."""
    return lines.merge(file, base, ours, theirs, choice, _SYNTAX)


def values(text: str) -> list[tuple[str, str]]:
    """The values with their dotted paths, numbers and words as JSON writes them. Raises NotWellFormed."""
    return [
        (".".join(path), value if isinstance(value, str) else json.dumps(value))
        for path, value in _leaves((), _load(text))
    ]


@lru_cache(maxsize=64)
def facts(text: str) -> Mapping[Hashable, int]:
    """What a JSON text says: ``(path, value)`` with how often. Raises NotWellFormed."""
    return Counter((path, json.dumps(value)) for path, value in _leaves((), _load(text)))


def _single(fact: Hashable) -> bool:
    """Only items of lists can be there several times."""
    path, _value = cast("tuple[tuple[str, ...], str]", fact)
    return "[]" not in path


_SYNTAX = lines.Syntax(_GRAMMAR, facts, _single)


def _load(text: str) -> object:
    try:
        return json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise NotWellFormed(f"line {error.lineno} is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise NotWellFormed("it is nested too deeply") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    known: dict[str, object] = {}
    for key, value in pairs:
        if key in known:
            raise NotWellFormed(f"the key {key!r} stands twice")
        known[key] = value
    return known


def _leaves(path: tuple[str, ...], value: object) -> Iterator[tuple[tuple[str, ...], object]]:
    """Everything that holds nothing else; an empty object or list too."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves((*path, key), inner)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _leaves((*path, "[]"), inner)
    else:
        yield path, value
