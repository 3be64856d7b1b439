# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What .NET and IIS would refuse about a merged element, or understand as nobody meant it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator

from .arranging import FIRST
from .identities import Collection, collection_of
from .nodes import Node


def worse(result: Node, ours: Node, theirs: Node) -> bool:
    """Whether an element has a fault that neither side has. The elements inside of it are not looked at."""
    known = _faults(ours) | _faults(theirs)
    return bool(_faults(result) - known) or not _ordered_by_somebody(result, ours, theirs)


def _faults(node: Node) -> Counter[Hashable]:
    return Counter(fault for fault in _each_fault(node))


def _each_fault(node: Node) -> Iterator[Hashable]:
    inner = [child for child in node.children if child.kind == "element"]
    if len(inner) > 1 and node.kind == "document":
        yield "roots"
    if inner and "configSource" in node.attributes:
        yield "children beside configSource"
    if len(inner) > 1 and any(child.tag == "EncryptedData" for child in inner):
        yield "children beside EncryptedData"
    if any(child.tag in FIRST for child in inner[1:]):
        yield "not first"
    seen: set[Hashable] = set()
    collections = _collections(node)
    for child in inner:
        known = collections[child.tag]
        for name in (child.meaning, ("key", child.tag, known.key_of(child) if known else "")):
            if name in seen:
                yield name
            seen.add(name)


def _ordered_by_somebody(result: Node, ours: Node, theirs: Node) -> bool:
    """What clears or removes something counts for what comes after it: of each name in the order that one of the sides has."""
    written = [_orders(side) for side in (ours, theirs)]
    return all(any(order == side.get(name) for side in written) for name, order in _orders(result).items())


def _orders(node: Node) -> dict[Hashable, list[str]]:
    """Of each name of a collection what is done to it."""
    done: dict[Hashable, list[str]] = {}
    cleared: list[str] = []
    collections = _collections(node)
    for child in node.children:
        known = collections[child.tag]
        if known and child.tag == known.clear:
            cleared.append(child.tag)
            done = {name: [*order, child.tag] for name, order in done.items()}
        elif known:
            done.setdefault(known.key_of(child), [*cleared]).append(child.tag)
    return done


def _collections(node: Node) -> dict[str, Collection | None]:
    """Of each tag of its children, asked once."""
    return {tag: collection_of(node, tag) for tag in {child.tag for child in node.children}}
