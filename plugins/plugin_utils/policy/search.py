# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds the chain of hops from one version to another."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from ..model.versions import Version
from . import wording
from .graph import Graph
from .hops import Ban, Hop, Input, Note, Text
from .layouts import Directive, Layout, Shared


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

    ``downgrade``; ``unknown_start`` (no hop of the policy begins there); ``forbidden`` (hops exist, a ban forbids all
    of them); ``missing_versions`` (a path would exist if the versions in ``missing`` were installed);
    ``unsupported`` (no path with any version that the policy names).
    """

    def __init__(
        self, code: str, start: Version, target: Version, text: Text, missing: tuple[Version, ...] = ()
    ) -> None:
        self.code = code
        self.start = start
        self.target = target
        self.text = text
        self.missing = missing
        super().__init__(text.en)


_Edges = dict[Version, tuple[Version, Hop]]
_Cost = tuple[int, int, int, int]


@dataclass(frozen=True)
class Policy:
    """The hops that exist, the ones that are forbidden, the versions known by number, and what the configuration looks like."""

    hops: tuple[Hop, ...]
    bans: tuple[Ban, ...]
    versions: tuple[Version, ...]
    layouts: tuple[Layout, ...] = ()
    directives: tuple[Directive, ...] = ()
    shared: tuple[Shared, ...] = ()

    @cached_property
    def _graph(self) -> Graph:
        return Graph(self.hops, self.bans)

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
        return self._graph.hop_between(self._graph.node(start), self._graph.node(target))

    def find_path(self, start: Version, target: Version, installed: Collection[Version]) -> Path:
        """The best path over the versions installed on a host; start and target always count as installed.

        The fewest manual hops decide, then the fewest hops, then the most stops among ``versions``, then the newest stops.
        Raises NoPath with the reason, and with the versions whose installation would make a path.
        """
        if start == target:
            return Path(start, target, ())
        if start > target:
            raise NoPath("downgrade", start, target, wording.downgrade(start, target))
        edges = self._best_edges(start, target, dict.fromkeys(installed, 0))
        if edges is None:
            raise self._refusal(start, target, installed)
        return Path(start, target, self._steps(start, target, edges))

    def _best_edges(self, start: Version, target: Version, stops: dict[Version, int]) -> _Edges | None:
        """For each version from which the target can be reached: the next version and the hop to it.

        ``stops`` maps each possible stop to its price, which counts before the number of hops. Versions only rise along a
        path, so going through them from the newest to the oldest finds the best continuation of each with one look at
        every pair.
        """
        graph, recommended = self._graph, set(self.versions)
        between = sorted((version for version in stops if start < version < target), reverse=True)
        reached = [(target, graph.node(target), (0, 0, 0, 0))]
        edges: _Edges = {}
        for version in (*between, start):
            node, best, own = graph.node(version), None, (stops.get(version, 0), int(version not in recommended))
            for following, there, (manual, price, hops, others) in reached:  # newest first: the newest stop wins a tie
                hop = graph.hop_between(node, there)
                if hop is None:
                    continue
                cost: _Cost = (manual + (hop.method == "manual"), price + own[0], hops + 1, others + own[1])
                if best is None or cost < best:
                    best = cost
                    edges[version] = (following, hop)
            if best is not None:
                reached.append((version, node, best))
        return edges if start in edges else None

    def _steps(self, start: Version, target: Version, edges: _Edges) -> tuple[Step, ...]:
        steps = []
        version = start
        while version != target:
            following, hop = edges[version]
            direct = hop if following == target else self.hop_between(version, target)
            reason = wording.step(version, following, target, hop, direct, recommended=following in self.versions)
            steps.append(Step(version, following, hop, reason))
            version = following
        return tuple(steps)

    def _bans(self, start: Version, target: Version, method: str) -> tuple[Ban, ...]:
        return tuple(ban for ban in self.bans if ban.forbids(start, target, method))

    def _refusal(self, start: Version, target: Version, installed: Collection[Version]) -> NoPath:
        """Why there is no path, and what would make one."""
        wished = self._wished_path(start, target, installed)
        if wished:
            missing = tuple(stop for stop in wished.versions[1:-1] if stop not in installed)
            return NoPath(
                "missing_versions", start, target, wording.missing(wished.versions, missing, installed), missing
            )
        bans = {
            ban.id: ban
            for hop in self.hops
            if hop.start.may_contain(start) and hop.target.may_contain(target)
            for ban in self._bans(start, target, hop.method)
        }
        if bans:
            return NoPath("forbidden", start, target, wording.forbidden(start, target, tuple(bans.values())))
        if not any(hop.start.may_contain(start) for hop in self.hops):
            return NoPath("unknown_start", start, target, wording.unknown_start(start, target))
        return NoPath("unsupported", start, target, wording.unsupported(start, target))

    def _wished_path(self, start: Version, target: Version, installed: Collection[Version]) -> Path | None:
        """The path that would exist if the versions known to the policy were installed, with the fewest of them."""
        prices = {version: int(version not in installed) for version in (*self.versions, *installed)}
        edges = self._best_edges(start, target, prices)
        return Path(start, target, self._steps(start, target, edges)) if edges else None
