# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a merge must keep, found out without the code under test."""

from __future__ import annotations

import html
import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def lost(kind: str, base: str, ours: str, theirs: str, merged: Merged) -> list[str]:
    """What of the instance's changes is neither in the result nor named."""
    named = " ".join([*merged.notes, *(f"{c.id} {c.base} {c.ours}" for c in merged.conflicts)])
    if kind == "flat":
        values = _lost_values("", *(_load(text) for text in (base, ours, theirs, merged.text)))
        comments = (_comments(ours) - _comments(base)) - _comments(merged.text)
        return [name for name in values if name not in named] + list(comments)
    old, own, new, result = (facts(text) for text in (base, ours, theirs, merged.text))
    missing = (own - old) - (result - (old & new))
    # What both sides took out once may have been the same, so the result may have as many as the new version has.
    returned = result - (new - ((old - own) - (old - new)))
    returned = Counter({fact: count for fact, count in returned.items() if fact in old - own})
    named = html.unescape(" ".join(named.split()))
    return [repr(fact) for fact in [*missing, *+returned] if not (merged.conflicts and _word(fact) in named)]


def _word(fact: tuple[str, ...]) -> str:
    """What a conflict shows of a fact: the value, or the element's tag."""
    return fact[0].rsplit("/", 1)[-1].split("[")[0] if fact[1] == "element" else " ".join(fact[-1].split())


def _load(text: str) -> dict[str, Any]:
    loaded = yaml.load(text, Loader=_LOADER)  # a safe loader
    return loaded or {}


def _comments(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.splitlines() if line.startswith("#"))


def _lost_values(path: str, base: Any, ours: Any, theirs: Any, result: Any) -> list[str]:
    if isinstance(ours, dict) and isinstance(base, dict):
        sides = [side if isinstance(side, dict) else {} for side in (base, ours, theirs, result)]
        return [
            name
            for key in {*base, *ours}
            for name in _lost_values(
                f"{path}.{key}" if path else str(key), *(side.get(key, _NOTHING) for side in sides)
            )
        ]
    if _same(ours, base) or _same(ours, result):
        return []
    if all(isinstance(side, list) for side in (base, ours, result)):
        kept = all(
            any(_same(item, found) or _extends(found, item) for found in result) for item in ours if item not in base
        )
        gone = all(item not in result for item in base if item not in ours)
        return [] if kept and gone else [path]
    return [path]


_NOTHING = object()


def _extends(found: Any, item: Any) -> bool:
    """Whether a mapping of the result has all that the instance's has: the new version may have added something to it."""
    return isinstance(found, dict) and isinstance(item, dict) and all(_same(found.get(key), item[key]) for key in item)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def facts(text: str) -> Counter[tuple[str, ...]]:
    """Elements, attributes, texts and comments, each below the tags and keys of what it is in."""
    facts: Counter[tuple[str, ...]] = Counter()
    parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))

    def walk(path: str, element: ET.Element) -> None:
        if not isinstance(element.tag, str):
            facts[path, "comment", (element.text or "").strip()] += 1
            return
        path = f"{path}/{element.tag}[{element.get('key') or element.get('name')}]"
        facts[path, "element"] += 1
        for name, value in element.items():
            facts[path, name, value] += 1
        if (element.text or "").strip():
            facts[path, "text", (element.text or "").strip()] += 1
        for child in element:
            walk(path, child)

    root = ET.fromstring(text.encode(), parser)
    walk("", root)
    return facts
