# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The best chain of steps through a row of versions, fast enough for hundreds of versions and thousands of hops."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

from ..model.versions import Version
from .hops import METHODS, Ban, Hop
from .ranges import Span

_Changes = list[tuple[str, range, int]]
"""What begins (or ends, with the opposite amount) at a version of a row: the method, the stretch that it leads to, the amount."""


class Cost(NamedTuple):
    """What makes a chain worse, the most important first: the numbers of manual steps, of stops that are ``missing`` on the host, of
    steps, and of ``other`` stops than the policy recommends.
    """

    manual: int = 0
    missing: int = 0
    steps: int = 0
    other: int = 0


class Row:
    """Versions from the newest to the oldest, and the steps between them that hops allow and bans forbid.

    A hop leads from each version of one stretch of the row to each of another, and a ban forbids in the same way. So the row is walked
    once: while the walk is in the stretch that a hop begins in, 1 stands where the stretch begins that it leads to, and -1 where that
    ends, so that the running sum tells how many hops lead to a version. A ban takes more away than all hops together bring.
    """

    def __init__(self, hops: tuple[Hop, ...], stops: Mapping[Version, Cost]) -> None:
        """``stops``: the versions, with what each costs as a stop."""
        self._versions = sorted(stops, reverse=True)
        self._stops = stops
        self._numbers = [-version.number for version in self._versions]
        self._ban = -len(hops) - 1
        self._hops: list[_Changes] = [[] for _stop in range(len(stops) + 1)]
        for hop in hops:
            self._lay(self._hops, hop.method, hop.start.surely, hop.target.surely, 1)

    def best_chain(self, bans: Iterable[Ban]) -> list[Version]:
        """The cheapest chain from the oldest version to the newest, empty if there is none; of equal ones that with the newest stops."""
        reached: list[
            tuple[Cost, int] | None
        ] = []  # for each version that leads to the newest: the cost, and its place in the row
        following: list[int] = []
        for place, leads in enumerate(self._leads(bans)):
            own = self._stops[self._versions[place]]
            ways = [
                (_sum(near[0], Cost(manual=int(method == "manual"), steps=1), own), near[1])
                for method, sums in leads.items()
                if (
                    near := min(
                        (one for one, lead in zip(reached, sums, strict=False) if one and lead > 0), default=None
                    )
                )
            ]
            best = min(ways, default=None) if place else (Cost(), 0)
            reached.append((best[0], place) if best else None)
            following.append(best[1] if best else 0)
        if not reached[-1]:
            return []
        chain = [len(following) - 1]
        while chain[-1]:
            chain.append(following[chain[-1]])
        return [self._versions[place] for place in chain]

    def _leads(self, bans: Iterable[Ban]) -> Iterator[dict[str, Iterator[int]]]:
        """For each version, by method: a number for each version of the row, above 0 where a permitted step leads to it."""
        forbidden: list[_Changes] = [[] for _hops in self._hops]
        for ban in bans:
            for method in ban.methods:
                self._lay(forbidden, method, ban.start.perhaps, ban.target.perhaps, self._ban)
        ends = {method: [0] * len(self._hops) for method in METHODS}
        for place in range(len(self._versions)):
            for method, stretch, amount in (*self._hops[place], *forbidden[place]):
                ends[method][stretch.start] += amount
                ends[method][stretch.stop] -= amount
            yield {method: accumulate(row) for method, row in ends.items()}

    def _lay(self, changes: list[_Changes], method: str, start: Span, target: Span, amount: int) -> None:
        begins, leads = self._stretch(start), self._stretch(target)
        changes[begins.start].append((method, leads, amount))
        changes[begins.stop].append((method, leads, -amount))

    def _stretch(self, span: Span) -> range:
        return range(bisect_right(self._numbers, -span.high), bisect_right(self._numbers, -span.low))


def _sum(*costs: Cost) -> Cost:
    return Cost(*map(sum, zip(*costs, strict=True)))


def leaving(hops: Iterable[Hop], versions: Iterable[Version]) -> dict[Version, list[Hop]]:
    """For each version the hops that surely begin there, in their order."""
    row = sorted(versions)
    numbers = [version.number for version in row]
    found: dict[Version, list[Hop]] = {version: [] for version in row}
    for hop in hops:
        for version in row[bisect_left(numbers, hop.start.surely.low) : bisect_left(numbers, hop.start.surely.high)]:
            found[version].append(hop)
    return found
