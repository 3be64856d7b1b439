# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which hop leads from one version to another, answered fast enough for hosts with hundreds of versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..model.versions import Version
from .hops import METHODS, Ban, Hop


class Node(NamedTuple):
    """What one version has to do with the hops and bans; in each number, bit i stands for hop or ban i."""

    leaves_by: int
    reached_by: int
    banned_from: int
    banned_to: int


class Graph:
    """The hops and bans of a policy. A version is compared with their ranges once; each pair is then a few operations on bits."""

    def __init__(self, hops: Iterable[Hop], bans: tuple[Ban, ...]) -> None:
        self._hops = sorted(hops, key=lambda hop: METHODS.index(hop.method))  # the lowest bit is the hop to prefer
        self._bans = bans
        self._forbidden = [_bits(hop.method in ban.methods for hop in self._hops) for ban in bans]
        self._nodes: dict[Version, Node] = {}

    def node(self, version: Version) -> Node:
        """The version as hop_between() wants it."""
        if version not in self._nodes:
            self._nodes[version] = Node(
                _bits(hop.start.surely_contains(version) for hop in self._hops),
                _bits(hop.target.surely_contains(version) for hop in self._hops),
                _bits(ban.start.may_contain(version) for ban in self._bans),
                _bits(ban.target.may_contain(version) for ban in self._bans),
            )
        return self._nodes[version]

    def hop_between(self, start: Node, target: Node) -> Hop | None:
        """The permitted hop: of several the most automatic, then the first."""
        hops = start.leaves_by & target.reached_by
        bans = start.banned_from & target.banned_to
        if hops and bans:
            for number, forbidden in enumerate(self._forbidden):
                if bans >> number & 1:
                    hops &= ~forbidden
        return self._hops[(hops & -hops).bit_length() - 1] if hops else None


def _bits(answers: Iterable[bool]) -> int:
    return sum(1 << number for number, answer in enumerate(answers) if answer)
