# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tells an element from its sisters, an item of a list from the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import yaml

from .nodes import Node

Sides = tuple[list[Node], list[Node], list[Node]]
"""Sisters of one kind: the old version's, the instance's, the new version's."""

KeyOf = Callable[[Node], Hashable]
"""What is the same of two nodes that are one thing in two texts."""

Namer = Callable[[Node, Sequence[list[Node]]], "KeyOf | None"]
"""What tells sisters of one kind apart in all of some texts, with a parent of them; None where only their whole value does."""


@dataclass(frozen=True)
class Collection:
    """Fields as collections.yml explains them."""

    item: str
    key: tuple[str, ...]
    exact: tuple[str, ...]
    defaults: Mapping[str, str]
    remove: str | None
    clear: str | None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Collection:
        """An entry of collections.yml."""
        key = fields["key"]
        return cls(
            item=fields.get("item", "add"),
            key=(key,) if isinstance(key, str) else tuple(key),
            exact=tuple(fields.get("exact", ())),
            defaults=fields.get("defaults", {}),
            remove=fields.get("remove", "remove"),
            clear=fields.get("clear", "clear"),
        )

    def key_of(self, node: Node) -> tuple[str, ...]:
        """What of an entry must be unique."""
        return tuple(self._value(path, node) for path in self.key)

    def _value(self, path: str, node: Node) -> str:
        value = _attribute(path, node)
        value = self.defaults.get(path, "") if value is None else value
        return value if path in self.exact else value.casefold()


_NAMES = ("name", "key", "id")
"""What may tell apart several elements of one kind that the table does not have. A class, say, names nothing."""

_ITEM_NAMES = ("id", "name", "key", "path", "apiprefix")
"""The same for the items of a JSON list, without case."""


def of_xml(parent: Node, sides: Sequence[list[Node]]) -> KeyOf | None:
    """The key of some sisters; None where only their whole value tells them apart."""
    tag = next(node.tag for side in sides for node in side)
    known = collection_of(parent, tag)
    if known and tag != known.clear and _unique(sides, known.key_of):
        return known.key_of
    if (tag, parent.tag) in _data()[1]:
        return None
    if all(len(side) <= 1 for side in sides):
        return _nothing
    return next((partial(_attribute, name) for name in _NAMES if _named(sides, partial(_attribute, name))), None)


def of_json(parent: Node, sides: Sequence[list[Node]]) -> KeyOf | None:
    """The same for the members of an object, which .NET reads without case, and for the items of a list."""
    if parent.kind != "array":
        return _key if _unique(sides, _key) else None
    return next((partial(_member, name) for name in _ITEM_NAMES if _named(sides, partial(_member, name))), None)


def collection_of(parent: Node, tag: str) -> Collection | None:
    """The collection that an element with this tag belongs to there, if there is one."""
    collections = _data()[0]
    known: list[Collection] = [*collections.get((tag, parent.tag), ()), *collections.get((tag, "*"), ())]
    if len(known) < 2:
        return known[0] if known else None
    written = {name for node in parent.children for name in node.attributes}
    return next((one for one in known if one.key[0] in written), known[0])


@cache
def _data() -> tuple[Mapping[tuple[str, str], list[Collection]], frozenset[tuple[str, str]]]:
    """The collections by the tags of their elements and of what is around them, and the items of lists."""
    data = yaml.safe_load(Path(__file__).with_name("collections.yml").read_text(encoding="utf-8"))
    found: dict[tuple[str, str], list[Collection]] = defaultdict(list)
    for path, fields in [
        pair for group in ("system.webServer", "system.web", "others") for pair in data[group].items()
    ]:
        one = Collection.of(fields)
        around = "*" if path.startswith("*/") else path.split("/")[-1]
        for tag in filter(None, {one.item, one.remove, one.clear}):
            found[tag, around].append(one)
    return found, frozenset((one["item"], around) for one in data["lists"] for around in one["in"])


def _nothing(_node: Node) -> Hashable:
    """There is one only."""
    return ()


def _key(member: Node) -> str:
    return member.tag.casefold()


def _attribute(path: str, node: Node) -> str | None:
    child, _at, name = path.rpartition("@")
    if child:
        inner = next((one for one in node.children if one.tag == child), None)
        return _attribute(name, inner) if inner else None
    return node.attributes[name].value if name in node.attributes else None


def _member(name: str, node: Node) -> str | None:
    inner = next((one for one in node.children if one.tag.casefold() == name), None)
    return inner.value if inner and inner.kind == "value" and node.kind == "object" else None


def _named(sides: Sequence[list[Node]], key: Callable[[Node], str | None]) -> bool:
    return all(key(node) is not None for side in sides for node in side) and _unique(sides, key)


def _unique(sides: Sequence[list[Node]], key: KeyOf) -> bool:
    return all(len({key(node) for node in side}) == len(side) for side in sides)
