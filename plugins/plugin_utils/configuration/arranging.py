# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order of the children of a merged element."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from .indentation import begins_line
from .matching import Match, Undecided
from .nodes import Node

FIRST = frozenset({"configSections"})
"""What .NET wants in front of everything else, wherever it is."""


def arranged(matches: Sequence[Match], gone: Collection[int], ours: Node, theirs: Node) -> list[int]:
    """The numbers of the matches in the order of the result, without those that are `gone`: in the new version's order, or in the
    instance's where only that changed. What one side alone has comes after the sister that it follows there. Raises Undecided where both
    sides changed the order.
    """
    numbers = {
        id(node): number for number, one in enumerate(matches) for node in (one.base, one.ours, one.theirs) if node
    }
    main, other = (ours, theirs) if _only_ours_moved(matches, theirs) else (theirs, ours)
    nodes = {numbers[id(node)]: node for node in main.children}
    result = [*nodes]
    anchor: int | None = None
    for place, node in enumerate(other.children):
        number = numbers[id(node)]
        if number not in nodes:
            subject = next((numbers[id(one)] for one in other.children[place:] if not one.says_nothing), None)
            if node.tag in FIRST:
                result.insert(0, number)
            elif node.says_nothing and begins_line(node) and subject in nodes and subject not in gone:
                result.insert(result.index(subject), number)  # a comment is about what is below it
            else:
                result.insert(_behind(anchor, result, nodes), number)
        anchor = number
    return [number for number in result if number not in gone]


def _only_ours_moved(matches: Sequence[Match], theirs: Node) -> bool:
    if theirs.kind == "object":  # its order says nothing
        return False
    common = [one for one in matches if one.ours and one.theirs and not one.theirs.says_nothing]
    common = [one for one in common if one.base] or common
    old, own, new = ([id(one) for one in sorted(common, key=_place_in(side))] for side in ("base", "ours", "theirs"))
    if own in (old, new):
        return False
    if old != new:
        raise Undecided
    return True


def _place_in(side: str) -> Callable[[Match], int]:
    def place(one: Match) -> int:
        node: Node | None = getattr(one, side)
        return node.start if node else 0

    return place


def _behind(anchor: int | None, result: list[int], nodes: Mapping[int, Node]) -> int:
    """The place after a sister and the comments in its line; without one in front, but for what has to be first."""
    if anchor is None:
        return next(
            (place + 1 for place, number in enumerate(result) if number in nodes and nodes[number].tag in FIRST), 0
        )
    place = result.index(anchor) + 1
    while (
        place < len(result)
        and result[place] in nodes
        and (node := nodes[result[place]]).says_nothing
        and not begins_line(node)
    ):
        place += 1
    return place
