# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policies with many versions and hops, and how long a search over them takes."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import NoPath, Policy
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import METHODS, Ban, Hop, Text
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.ranges import parse_range

Pairs = Iterator[tuple[str, str]]


def _chain(row: Sequence[Version], _chance: random.Random) -> Pairs:
    while True:
        yield from ((str(start), str(target)) for start, target in itertools.pairwise(row))


def _short(row: Sequence[Version], chance: random.Random) -> Pairs:
    while True:
        place = chance.randrange(len(row) - 1)
        yield str(row[place]), f">{row[place]}, <={row[min(len(row) - 1, place + chance.randrange(1, 6))]}"


def _wide(row: Sequence[Version], chance: random.Random) -> Pairs:
    while True:
        start, target = (sorted(chance.sample(row, 2)) for _ in range(2))
        yield f">={start[0]}, <={start[1]}", f">={target[0]}, <={target[1]}"


def _every(_row: Sequence[Version], _chance: random.Random) -> Pairs:
    return itertools.repeat(("any", "any"))


SHAPES: Mapping[str, Callable[[Sequence[Version], random.Random], Pairs]] = {
    "each version to the next": _chain,
    "one version to a few": _short,
    "many to many": _wide,
    "all to all": _every,
}


class Search(NamedTuple):
    """Seconds of the processor, and the stops of the way that was found."""

    seconds: float
    stops: int


def search(shape: str, versions: int, hops: int, *, banned: bool = False) -> Search:
    """From the oldest version to the newest, over all. ``banned``: no hop may cross the middle."""
    chance = random.Random(1)  # the same policy each time
    row = [Version(1 + number // 50, number // 10 % 5, 100 * number, 0) for number in range(versions)]
    pairs = itertools.islice(SHAPES[shape](row, chance), hops)
    made = tuple(_hop(number, start, target, chance.choice(METHODS)) for number, (start, target) in enumerate(pairs))
    middle = row[versions // 2]
    ban = Ban(
        "middle", parse_range(f"<{middle}", {}), parse_range(f">={middle}", {}), METHODS, Text("no", "no"), "made up"
    )
    rules = Policy(made, (ban,) if banned else (), tuple(row))
    begun = time.process_time()
    try:
        stops = len(rules.find_path(row[0], row[-1], row).steps) - 1
    except NoPath:
        stops = 0
    return Search(time.process_time() - begun, stops)


def _hop(number: int, start: str, target: str, method: str) -> Hop:
    ranges = parse_range(start, {}), parse_range(target, {})
    return Hop(str(number), *ranges, method, True, True, (), (), (), (), (), "made up")
