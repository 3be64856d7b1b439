# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random JSON files such as settings of ASP.NET Core, with an operator's and a vendor's changes."""

from __future__ import annotations

import copy
import json
import random
from functools import partial
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import json_text

from merging import json_oracle, laws

KEYS = ("Name", "Log", "Kafka", "Port", "port", "Ключ", "Inner", "List", "Items")
SCALARS = (7, 2, 2.5, True, False, None, "text", "портал", "a // b", 'say "x"', "C:\\Data", "1,2", "{}")
NAMED = ("/a", "/b", "/c", "/d")


def _value(chance: random.Random, depth: int) -> Any:
    what = chance.random()
    if depth == 0 or what < 0.5:
        return chance.choice(SCALARS)
    if what < 0.7:
        return _mapping(chance, depth - 1)
    if what < 0.85:
        names = chance.sample(NAMED, chance.randint(0, 3))
        return [{"Path": name, "Workers": chance.choice(SCALARS)} for name in names]
    return (
        chance.sample(SCALARS, chance.randint(0, 3))
        if what < 0.95
        else [_value(chance, depth - 1) for _number in range(2)]
    )


def _mapping(chance: random.Random, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in chance.sample(KEYS, chance.randint(1, 5)):
        _add(found, key, _value(chance, depth))
    return found


def _add(found: dict[str, Any], key: str, value: Any) -> None:
    if key.casefold() not in {known.casefold() for known in found}:
        found[key] = value


def _holders(value: Any) -> list[Any]:
    """Every object and list."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for one in inner for found in _holders(one))] if isinstance(value, dict | list) else []


def _change(chance: random.Random, root: dict[str, Any], place: int, vendor: bool) -> None:
    """One change in the object or list at a place."""
    holders = _holders(root)
    holder = holders[place % len(holders)]
    what = chance.choice(("value", "value", "add", "add", "remove", "order"))
    if what == "order" and not vendor and chance.random() < 0.8:
        return
    (_change_object if isinstance(holder, dict) else _change_list)(chance, holder, what)


def _change_object(chance: random.Random, holder: dict[str, Any], what: str) -> None:
    key = next((key for key in chance.sample([*holder], len(holder)) if key != "Path"), "")  # what names an item stays
    if what == "add" or not key:
        _add(holder, chance.choice(KEYS), _value(chance, 1))
    elif what == "value":
        holder[key] = _value(chance, 1)
    elif what == "remove" and len(holder) > 1:
        del holder[key]
    elif what == "order":
        holder[key] = holder.pop(key)


def _change_list(chance: random.Random, holder: list[Any], what: str) -> None:
    if what == "add" or not holder:
        named = any(isinstance(item, dict) for item in holder)
        path = chance.choice(NAMED)
        new: Any = {"Path": path, "Workers": chance.choice(SCALARS)} if named else chance.choice(SCALARS)
        if not any(item == new or (isinstance(item, dict) and item.get("Path") == path) for item in holder):
            holder.insert(chance.randint(0, len(holder)), new)
    elif what == "remove":
        holder.pop(chance.randrange(len(holder)))
    elif what == "order":
        holder.insert(0, holder.pop())
    elif all(not isinstance(item, dict | list) for item in holder):
        holder[chance.randrange(len(holder))] = chance.choice([one for one in SCALARS if one not in holder])


def draw(chance: random.Random) -> tuple[str, str, str]:
    """In most histories both sides change something of the same object or list."""
    base = _mapping(chance, 3)
    place = chance.randrange(1000)
    texts = [_rendered(chance, base, 2, commented=False)]
    for vendor in (False, True):
        root = copy.deepcopy(base)
        for one in [
            *([place] if chance.random() < 0.7 else []),
            *(chance.randrange(1000) for _number in range(chance.randint(0, 3))),
        ]:
            _change(chance, root, one, vendor)
        texts.append(_rendered(chance, root, chance.choice((2, 4)) if vendor else 2, commented=not vendor))
    return texts[0], texts[1], texts[2]


def _rendered(chance: random.Random, root: Any, indent: int, commented: bool) -> str:
    """Now and then with a comment of its own above, behind or in between."""
    lines = json.dumps(root, indent=indent, ensure_ascii=False).split("\n")
    if commented and chance.random() < 0.3:
        place = chance.randrange(len(lines))
        if chance.random() < 0.5:
            lines.insert(place, "// перенесено 12.03.")
        else:
            lines[place] += " // own"
    return "\r\n".join(lines) + "\r\n"


def violations(base: str, ours: str, theirs: str) -> list[str]:
    return laws.violations(partial(json_text.merge, "f.json"), json_oracle, base, ours, theirs)


def whole(base: str, ours: str, theirs: str) -> bool:
    """The outermost object is the file."""
    conflicts = json_text.merge("f.json", base, ours, theirs, laws.STOP).conflicts
    return any(
        len((one.ours or "").strip()) + 40 > len(ours.strip()) and (one.ours or "").startswith("{") for one in conflicts
    )
