# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a merged JSON file must be, found out by Python's own JSON reader, and by git's merging of lines."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterator
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged

from merging.git import git_merged, missing

_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\r\n]*')
_TRAILING = re.compile(r",(?=\s*[}\]])")


def load(text: str) -> Any:
    """The value, comments and trailing commas taken out; each object as its pairs. Raises ValueError."""
    plain = _COMMENT.sub(lambda match: match[1] or "", text)
    return json.loads(_TRAILING.sub("", plain), object_pairs_hook=_Pairs)


class _Pairs(list[tuple[str, Any]]):
    """An object, with keys that are there twice."""


def lost(base: str, ours: str, theirs: str, result: Merged) -> list[str]:
    """What of the instance's changes is neither there nor in a conflict."""
    if result.conflicts:
        return []  # tested by the count of conflicts, and by what an answer gives
    old, own, new, found = (_facts((), load(text)) for text in (base, ours, theirs, result.text))
    missing = (own - old) - found
    returned = Counter({fact: count for fact, count in (found - new).items() if fact in old - own})
    comments = Counter(_comments(ours)) - Counter(_comments(base)) - Counter(_comments(result.text))
    return [repr(fact) for fact in [*missing, *returned, *comments]]


def faults(ours: str, theirs: str, result: str) -> list[str]:
    """What neither side has, and .NET would refuse or nobody meant."""
    try:
        found = _doubled(load(result))
    except ValueError as error:
        return [str(error)]
    return [repr(fault) for fault in found - (_doubled(load(ours)) | _doubled(load(theirs)))]


def git_keeps(base: str, ours: str, theirs: str, result: str) -> list[str]:
    """What git keeps where it merges all lines, and what is no fault of its own, and the result has not."""
    merged = git_merged(base, ours, theirs)
    try:
        if merged is None or faults(ours, theirs, merged):
            return []
        return missing(*(_facts((), load(text)) for text in (base, ours, theirs, merged, result)))
    except ValueError:
        return []


def _comments(text: str) -> list[str]:
    return [match[0] for match in _COMMENT.finditer(text) if not match[1]]


def _facts(path: tuple[str, ...], value: Any) -> Counter[Hashable]:
    """Every scalar with the keys and names that lead to it."""
    found: Counter[Hashable] = Counter()
    for name, inner in _inner(value):
        found.update(_facts((*path, name), inner))
    if not isinstance(value, list):
        found[path, type(value).__name__, json.dumps(value)] += 1
    return found


def _inner(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, _Pairs):
        yield from ((key.casefold(), inner) for key, inner in value)
    elif isinstance(value, list):
        for item in value:
            name = dict(item).get("Path") if isinstance(item, _Pairs) else None
            yield f"[{name or ''}]", item


def _doubled(value: Any) -> Counter[Hashable]:
    found: Counter[Hashable] = Counter()
    names = Counter(name for name, _inside in _inner(value) if name != "[]")
    items = Counter(json.dumps(item) for name, item in _inner(value) if name == "[]")
    found.update({("twice", name): count - 1 for name, count in [*names.items(), *items.items()] if count > 1})
    for _name, inner in _inner(value):
        found.update(_doubled(inner))
    return found
