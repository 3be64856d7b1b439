# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The proof that a merged text has each change of both sides, found by counting what the texts say, and not by what the merge did."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass

from .identities import Namer
from .nodes import Node

Path = tuple[str, ...]
"""The tags of an element and of all that it is in."""

Open = tuple[Path, "str | None"]
"""Where both sides changed the same: an element, and the attribute of it, ``text``, or None for all of it."""

Four = tuple[list[Node], list[Node], list[Node], list[Node]]
"""What is one thing, or the things that nothing tells apart: in the old version, in the instance, in the new version, in the result."""


def complete(sides: Four, left_open: Collection[Open], key_of: Namer) -> bool:
    """Whether the result differs from the old version by what ours and theirs differ from it together. About what was left open it must
    have nothing that no side has, and lack nothing that both have.
    """
    places = [(tuple(tag.casefold() for tag in path), what) for path, what in left_open]
    return _Proof(places, key_of).holds((), sides)


@dataclass(frozen=True)
class _Proof:
    left_open: Collection[Open]
    key_of: Namer

    def holds(self, path: Path, sides: Four) -> bool:
        """For one thing, which a text has once or not at all."""
        own = [_counted(nodes) for nodes in sides]
        return self._balances(path, own) and all(self._group(path, parent, group) for parent, group in _groups(sides))

    def _group(self, path: Path, parent: Node, group: Four) -> bool:
        first = next(node for side in group for node in side)
        key = None if first.is_aside else self.key_of(parent, group)
        if key is None:
            inner = path if first.is_aside else _inside(path, first)
            whole = [Counter[Hashable](node.meaning for node in side) for side in group]
            return self._balances(inner, whole) or self._balances(
                inner, [_pieces(side) for side in group], unnamed=True
            )
        things: dict[Hashable, Four] = defaultdict(lambda: ([], [], [], []))
        paths: dict[Hashable, Path] = {}
        for number, side in enumerate(group):
            for node in side:
                things[key(node)][number].append(node)
                paths[key(node)] = _inside(path, node)
        return all(self.holds(paths[name], thing) for name, thing in things.items())

    def _balances(self, path: Path, counted: list[Counter[Hashable]], unnamed: bool = False) -> bool:
        before, *others = counted
        for fact in {fact for side in counted for fact in side}:
            deltas = [side[fact] - before[fact] for side in others]
            if not _adds_up(*deltas) and not (_within(*deltas) and self._is_open(path, fact, unnamed)):
                return False
        return True

    def _is_open(self, path: Path, fact: Hashable, unnamed: bool) -> bool:
        """Of what nothing tells apart all is open as soon as something is."""
        kind = str(fact[0]) if isinstance(fact, tuple) else ""
        return (
            kind.startswith("xmlns:")
            or any(  # a declaration stays as long as it is needed
                (path == place and kind == what)
                or (what is None and path[: len(place)] == place)
                or (unnamed and place[: len(path)] == path)
                for place, what in self.left_open
            )
        )


def _inside(path: Path, node: Node) -> Path:
    return (*path, node.tag.casefold())


def _counted(nodes: list[Node]) -> Counter[Hashable]:
    """What they say themselves."""
    found: Counter[Hashable] = Counter()
    for node in nodes:
        found["there", node.kind] += 1
        found["text", node.value] += bool(node.value)
        found.update((name, attribute.value) for name, attribute in node.attributes.items())
    return found


def _pieces(nodes: list[Node]) -> Counter[Hashable]:
    """What they say, and all within."""
    found: Counter[Hashable] = Counter()
    for node in nodes:
        found.update(node.said)
    return found


def _groups(sides: Four) -> Iterator[tuple[Node, Four]]:
    """The children of one sort, with a parent of them."""
    found: dict[Hashable, Four] = defaultdict(lambda: ([], [], [], []))
    parents = [node for side in sides for node in side]
    for number, side in enumerate(sides):
        for parent in side:
            for node in parent.children:
                found[parent.sort_of(node)][number].append(node)
    return ((parents[0], group) for group in found.values())


def _within(ours: int, theirs: int, result: int) -> bool:
    return min(ours, 0) + min(theirs, 0) <= result <= max(ours, 0) + max(theirs, 0)


def _adds_up(ours: int, theirs: int, result: int) -> bool:
    """Two sides that add the same may mean one thing, or each its own."""
    if ours * theirs <= 0:
        return result == ours + theirs
    return result * ours > 0 and max(abs(ours), abs(theirs)) <= abs(result) <= abs(ours + theirs)
