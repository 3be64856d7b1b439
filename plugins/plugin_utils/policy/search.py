# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds the chain of hops from one version to another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from ..model.versions import Version
from . import wording
from .graph import Cost, Row, leaving
from .hops import METHODS, Ban, Hop, Input, Note, Text
from .layouts import Directive, Layout, Shared
from .names import Names
from .wording import ClosedWay


@dataclass(frozen=True)
class Step:
    """One hop of a path, between two versions; its notes are those that concern these two."""

    start: Version
    target: Version
    hop: Hop
    reason: Text

    @property
    def requirements(self) -> tuple[Note, ...]:
        """What must be true before the step."""
        return self._concerned(self.hop.requirements)

    @property
    def advisories(self) -> tuple[Note, ...]:
        """What the operator must know; some must be acknowledged."""
        return self._concerned(self.hop.advisories)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What only the operator knows and must give."""
        return tuple(note for note in self.hop.inputs if note.when.concerns(self.start, self.target))

    @property
    def before_next(self) -> tuple[Note, ...]:
        """What must be done after this step before another one begins."""
        return self._concerned(self.hop.before_next)

    @property
    def not_covered_by_rollback(self) -> tuple[Note, ...]:
        """What a return to the old version leaves as the new version made it."""
        return self._concerned(self.hop.not_covered_by_rollback)

    def _concerned(self, notes: tuple[Note, ...]) -> tuple[Note, ...]:
        return tuple(note for note in notes if note.when.concerns(self.start, self.target))


@dataclass(frozen=True)
class Path:
    """A chain of hops; without steps when the instance is at the target already."""

    start: Version
    target: Version
    steps: tuple[Step, ...]

    @property
    def versions(self) -> tuple[Version, ...]:
        """The start, every stop, the target."""
        return (self.start, *(step.target for step in self.steps))


class NoPath(Exception):
    """There is no supported path. ``code`` is one of

    ``downgrade``; ``unknown_start`` (no hop of the policy begins there); ``missing_versions`` (a path would exist if the versions
    in ``missing`` were installed); ``forbidden`` (hops make a way, and each is closed by some of ``bans``); ``unsupported`` (no path
    with any version that the policy names).
    """

    def __init__(
        self,
        code: str,
        start: Version,
        target: Version,
        text: Text,
        missing: tuple[Version, ...] = (),
        bans: tuple[Ban, ...] = (),
    ) -> None:
        self.code = code
        self.start = start
        self.target = target
        self.text = text
        self.missing = missing
        self.bans = bans
        super().__init__(text.en)


@dataclass(frozen=True)
class Policy:
    """The hops that exist, the ones that are forbidden, the versions known by number, and what the configuration looks like."""

    hops: tuple[Hop, ...]
    bans: tuple[Ban, ...]
    versions: tuple[Version, ...]
    layouts: tuple[Layout, ...] = ()
    directives: tuple[Directive, ...] = ()
    shared: tuple[Shared, ...] = ()
    names: Names = field(default_factory=Names)

    def layout_of(self, version: Version) -> Layout | None:
        """How instances of a version look: of several layouts the last, so that a user's file can say more about some versions.
        None where the policy does not say.
        """
        return next((layout for layout in reversed(self.layouts) if layout.versions.surely_contains(version)), None)

    def directives_between(self, start: Version, target: Version) -> tuple[Directive, ...]:
        """What happens to directives in a change of version, to be applied in this order."""
        return tuple(directive for directive in self.directives if directive.applies(start, target))

    def hop_between(self, start: Version, target: Version) -> Hop | None:
        """The permitted hop that leads directly from start to target: of several the most automatic, then the first."""
        return self._permitted(self._preferred, start, target)

    def find_path(self, start: Version, target: Version, installed: Collection[Version]) -> Path:
        """The best path over the versions installed on a host; start and target always count as installed.

        The fewest manual hops decide, then the fewest hops, then the most stops among ``versions``, then the newest stops.
        Raises NoPath with the reason, and with the versions whose installation would make a path.
        """
        if start == target:
            return Path(start, target, ())
        if start > target:
            raise NoPath("downgrade", start, target, wording.downgrade(start, target))
        chain = self._row(start, target, installed).best_chain(self.bans)
        if not chain:
            raise self._refusal(start, target, installed)
        return Path(start, target, self._steps(chain))

    def _row(
        self, start: Version, target: Version, installed: Collection[Version], others: Iterable[Version] = ()
    ) -> Row:
        """The possible stops between start and target, as few ``others`` as can be."""
        versions = {start, target, *(version for version in (*installed, *others) if start < version < target)}
        there = {start, target, *installed}
        return Row(
            self.hops, {one: Cost(missing=int(one not in there), other=int(one not in self._stops)) for one in versions}
        )

    @cached_property
    def _stops(self) -> frozenset[Version]:
        return frozenset(self.versions)

    @cached_property
    def _preferred(self) -> tuple[Hop, ...]:
        return tuple(sorted(self.hops, key=lambda hop: METHODS.index(hop.method)))

    def _permitted(self, hops: Iterable[Hop], start: Version, target: Version) -> Hop | None:
        return next(
            (hop for hop in hops if hop.leads(start, target) and not self._bans(start, target, hop.method)), None
        )

    def _bans(self, start: Version, target: Version, method: str) -> tuple[Ban, ...]:
        return tuple(ban for ban in self.bans if ban.forbids(start, target, method))

    def _steps(self, chain: list[Version]) -> tuple[Step, ...]:
        steps = []
        target = chain[-1]
        hops = leaving(self._preferred, chain)
        for start, following in pairwise(chain):
            hop = self._permitted(hops[start], start, following)
            if hop is None:
                raise AssertionError(f"no hop leads from {start} to {following}")
            direct = self._permitted(hops[start], start, target)
            reason = wording.step(start, following, target, hop, direct, recommended=following in self._stops)
            steps.append(Step(start, following, hop, reason))
        return tuple(steps)

    def _refusal(self, start: Version, target: Version, installed: Collection[Version]) -> NoPath:
        """Why there is no path, and what would make one."""
        row = self._row(start, target, installed, self.versions)
        wished = not self._stops <= set(installed) and row.best_chain(self.bans)
        if wished:
            missing = tuple(stop for stop in wished[1:-1] if stop not in installed)
            return NoPath("missing_versions", start, target, wording.missing(wished, missing, installed), missing)
        closed = sorted(self._closed_ways(row), key=lambda way: len(way.bans))
        if closed:
            bans = tuple(ban for way in closed for ban in way.bans)
            return NoPath("forbidden", start, target, wording.forbidden(start, target, closed), bans=bans)
        if not any(hop.start.may_contain(start) for hop in self.hops):
            return NoPath("unknown_start", start, target, wording.unknown_start(start, target))
        return NoPath("unsupported", start, target, wording.unsupported(start, target))

    def _closed_ways(self, row: Row) -> Iterator[ClosedWay]:
        """Ways that bans alone close, each by other bans than the ways before. Every other such way crosses one of these bans."""
        told: list[Ban] = []
        while len(told) < len(self.bans) and (chain := row.best_chain(told)):
            closing = self._closing(chain, told)
            for ban in tuple(closing):
                fewer = [one for one in closing if one != ban]
                instead = fewer and row.best_chain(one for one in self.bans if one not in fewer)
                if instead:
                    closing, chain = fewer, instead
            hops = leaving(self._preferred, chain)
            steps = tuple(pair for pair in pairwise(chain) if not self._permitted(hops[pair[0]], *pair))
            yield ClosedWay(tuple(chain), steps, tuple(closing))
            told += closing

    def _closing(self, chain: list[Version], told: list[Ban]) -> list[Ban]:
        """The bans to lift for a chain that ``told`` does not forbid: on each step those of the hop that has the fewest."""
        found: dict[str, Ban] = {}
        hops = leaving(self._preferred, chain)
        for start, target in pairwise(chain):
            bans = [self._bans(start, target, hop.method) for hop in hops[start] if hop.leads(start, target)]
            found |= {ban.id: ban for ban in min((some for some in bans if not set(some) & set(told)), key=len)}
        return list(found.values())
