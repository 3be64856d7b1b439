# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which children of three elements are one and the same thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from .identities import KeyOf, Namer, Sides
from .nodes import Node

_MOST_COMPARED = 30
"""Of so many that have no counterpart each is compared with each."""

Pairs = list[tuple[Node, Node]]


class Undecided(Exception):
    """It is not beyond doubt what became of what."""


@dataclass
class Match:
    """One thing: what it is in the old version, in the instance, in the new version; None where it is not there."""

    base: Node | None = None
    ours: Node | None = None
    theirs: Node | None = None


def match(base: Node, ours: Node, theirs: Node, key_of: Namer) -> list[Match]:
    """Every child of the three, once. Raises Undecided."""
    groups: dict[Hashable, Sides] = defaultdict(lambda: ([], [], []))
    for side, parent in enumerate((base, ours, theirs)):
        for node in parent.children:
            groups[parent.sort_of(node)][side].append(node)
    found: list[Match] = []
    for sort, group in groups.items():
        key = None if sort == "aside" else key_of(theirs, group)
        if key is None and theirs.kind == "object" and sort != "aside":
            raise Undecided  # a key that stands twice
        found += _by_key(group, key) if key else _by_value(group, asides=sort == "aside")
    return found


def _by_key(group: Sides, key: KeyOf) -> Iterable[Match]:
    found: dict[Hashable, Match] = {}
    for side, nodes in zip(("base", "ours", "theirs"), group, strict=True):
        for node in nodes:
            setattr(found.setdefault(key(node), Match()), side, node)
    return found.values()


def _by_value(group: Sides, asides: bool) -> list[Match]:
    """By all that they say; what two texts have left over then, by likeness. Of comments and the like nothing becomes anything else."""
    base, ours, theirs = group
    kept, same = _equal(base, ours), _equal(base, theirs)
    if not asides:
        kept += _alike(_left(base, _firsts(kept)), _left(ours, _seconds(kept)))
        same += _alike(_left(base, _firsts(same)), _left(theirs, _seconds(same)))
    _follow(kept, same, ours)
    _follow(same, kept, theirs)
    own, new = _left(ours, _seconds(kept)), _left(theirs, _seconds(same))
    both = _equal(own, new)
    own, new = _left(own, _firsts(both)), _left(new, _seconds(both))
    changed, renewed = ({id(old): after for old, after in pairs} for pairs in (kept, same))
    found = [Match(old, changed.get(id(old)), renewed.get(id(old))) for old in base]
    if not asides and any(_is_disputed(one, own, new) for one in found):
        raise Undecided
    found += [Match(None, one, other) for one, other in both]
    return found + [Match(ours=node) for node in own] + [Match(theirs=node) for node in new]


def _is_disputed(one: Match, own: Sequence[Node], new: Sequence[Node]) -> bool:
    """Whether both sides may have changed a thing, and what one of them made of it cannot be told from what it added."""
    was = one.base.meaning if one.base else None
    return any(
        mine is None and added and (other.meaning != was if other else bool(also_added))
        for mine, added, other, also_added in ((one.ours, own, one.theirs, new), (one.theirs, new, one.ours, own))
    )


def _firsts(pairs: Pairs) -> list[Node]:
    return [one for one, _other in pairs]


def _seconds(pairs: Pairs) -> list[Node]:
    return [other for _one, other in pairs]


def _left(nodes: Sequence[Node], taken: Iterable[Node]) -> list[Node]:
    known = {id(node) for node in taken}
    return [node for node in nodes if id(node) not in known]


def _equal(one: Sequence[Node], other: Sequence[Node]) -> Pairs:
    """The first of those that say the same with the first, the second with the second."""
    waiting: dict[Hashable, list[Node]] = defaultdict(list)
    for node in reversed(other):
        waiting[node.meaning].append(node)
    return [(node, waiting[node.meaning].pop()) for node in one if waiting[node.meaning]]


def _follow(pairs: Pairs, others: Pairs, side: Sequence[Node]) -> None:
    """What the other text has made of a thing is the same thing here, if it is there."""
    known = {id(old) for old in _firsts(pairs)}
    became = {id(after): old for old, after in others if id(old) not in known}
    changed = [after for after in _seconds(others) if id(after) in became]
    pairs += [(became[id(after)], node) for after, node in _equal(changed, _left(side, _seconds(pairs)))]


def _alike(one: Sequence[Node], other: Sequence[Node]) -> Pairs:
    """Those that have half of what the shorter one says in common, and more than with any else."""
    if max(len(one), len(other)) > _MOST_COMPARED:
        return []
    likeness = [[sum((first.said & second.said).values()) for second in other] for first in one]
    found = []
    for row, first in enumerate(one):
        for column, second in enumerate(other):
            rivals = [*likeness[row][:column], *likeness[row][column + 1 :]]
            rivals += [likeness[place][column] for place in range(len(one)) if place != row]
            enough = min(first.said.total(), second.said.total()) / 2
            if likeness[row][column] > max(rivals, default=0) and likeness[row][column] >= enough:
                found.append((first, second))
    return found
