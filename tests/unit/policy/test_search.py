# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The search against all paths of random policies, found by brute force."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator
from dataclasses import replace

from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import NoPath, Path, Policy
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import METHODS, Ban, Hop, Text
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.ranges import Release, parse_range
from hypothesis import given
from hypothesis import strategies as st

VERSIONS = tuple(Version(1, 0, 0, number) for number in range(7))
# One release whose build number is known only to lie between two versions.
RELEASES = {"r": Release("r", None, VERSIONS[2], VERSIONS[4], "made up")}
RANGES = ["any", ">=@r", "<@r"] + [f"{sign}{version}" for version in VERSIONS for sign in (">=", "<", ">", "<=", "")]

ranges = st.sampled_from(RANGES).map(lambda text: parse_range(text, RELEASES))
methods = st.sampled_from(METHODS)
hops = st.builds(
    Hop,
    id=st.uuids().map(str),
    start=ranges,
    target=ranges,
    method=methods,
    data_upgrade=st.booleans(),
    reversible=st.booleans(),
    requirements=st.just(()),
    inputs=st.just(()),
    advisories=st.just(()),
    before_next=st.just(()),
    not_covered_by_rollback=st.just(()),
    source=st.just("made up"),
)
bans = st.builds(
    Ban,
    id=st.uuids().map(str),
    start=ranges,
    target=ranges,
    methods=st.sets(methods, min_size=1).map(tuple),
    reason=st.just(Text("no", "нет")),
    source=st.just("made up"),
)
policies = st.builds(
    Policy,
    hops=st.lists(hops, max_size=5).map(tuple),
    bans=st.lists(bans, max_size=3).map(tuple),
    versions=st.sets(st.sampled_from(VERSIONS)).map(lambda found: tuple(sorted(found))),
)
versions = st.sampled_from(VERSIONS)
installations = st.sets(versions)


def permitted(rules: Policy, start: Version, target: Version, hop: Hop) -> bool:
    return hop.leads(start, target) and not any(ban.forbids(start, target, hop.method) for ban in rules.bans)


def chains(
    rules: Policy, start: Version, target: Version, stops: set[Version]
) -> Iterator[tuple[tuple[int, int, int], tuple[Version, ...]]]:
    """Every chain over the stops, with its cost: manual hops, hops, stops that the policy does not recommend."""
    between = sorted(version for version in stops if start < version < target)
    for count in range(len(between) + 1):
        for middle in itertools.combinations(between, count):
            pairs = list(itertools.pairwise((start, *middle, target)))
            usable = [[hop for hop in rules.hops if permitted(rules, *pair, hop)] for pair in pairs]
            if all(usable):
                manual = sum(all(hop.method == "manual" for hop in found) for found in usable)
                yield (manual, len(pairs), sum(stop not in rules.versions for stop in middle)), middle


def find(rules: Policy, start: Version, target: Version, installed: set[Version]) -> Path | NoPath:
    try:
        return rules.find_path(start, target, installed)
    except NoPath as refusal:
        return refusal


@given(policies, versions, versions, installations)
def test_a_path_is_valid_minimal_and_crosses_no_ban(
    rules: Policy, start: Version, target: Version, installed: set[Version]
) -> None:
    found = find(rules, start, target, installed)
    costs = list(chains(rules, start, target, installed)) if start < target else []
    if isinstance(found, NoPath):
        assert not costs
        assert start != target
        return
    assert found.versions[0] == start
    assert found.versions[-1] == target
    for step, following in itertools.zip_longest(found.steps, found.steps[1:]):
        assert step.start < step.target
        assert permitted(rules, step.start, step.target, step.hop)
        assert step.target == (following.start if following else target)
        assert following is None or step.target in installed
    if start != target:
        cheapest = min(cost for cost, _ in costs)
        assert found.versions[1:-1] == max(stops for cost, stops in costs if cost == cheapest)  # of equals the newest


@given(policies, versions, versions, installations)
def test_installing_the_missing_versions_makes_a_path(
    rules: Policy, start: Version, target: Version, installed: set[Version]
) -> None:
    found = find(rules, start, target, installed)
    if not isinstance(found, NoPath):
        return
    assert bool(found.missing) == (found.code == "missing_versions")
    assert not installed & set(found.missing)
    assert set(found.missing) <= set(rules.versions)
    completed = find(rules, start, target, installed | set(found.missing))
    assert isinstance(completed, Path) == bool(found.missing)
    if isinstance(completed, Path):
        assert set(found.missing) == set(completed.versions[1:-1]) - installed
    else:
        assert isinstance(find(rules, start, target, installed | set(rules.versions)), NoPath)


def without(rules: Policy, bans: Collection[Ban]) -> Policy:
    return replace(rules, bans=tuple(ban for ban in rules.bans if ban not in bans))


def there_is_a_way(rules: Policy, start: Version, target: Version, stops: set[Version]) -> bool:
    return any(True for _ in chains(rules, start, target, stops))


@given(policies, versions, versions, installations)
def test_a_refusal_names_the_bans_that_really_stand_in_the_way(
    rules: Policy, start: Version, target: Version, installed: set[Version]
) -> None:
    found = find(rules, start, target, installed)
    if not isinstance(found, NoPath) or found.code in ("downgrade", "missing_versions"):
        return
    stops = installed | set(rules.versions)
    lifted = [set(some) for count in range(4) for some in itertools.combinations(found.bans, count)]
    # Some of the named ones, lifted together, open a way; the others, whichever, do not.
    assert any(there_is_a_way(without(rules, some), start, target, stops) for some in lifted) == bool(found.bans)
    assert not there_is_a_way(replace(rules, bans=found.bans), start, target, stops)
    assert (found.code == "forbidden") == bool(found.bans)
    for ban in found.bans:  # none is named that no set needs
        assert any(
            ban in some
            and there_is_a_way(without(rules, some), start, target, stops)
            and not there_is_a_way(without(rules, some - {ban}), start, target, stops)
            for some in lifted
        )


@given(policies, versions, versions, installations)
def test_stops_are_never_made_up_by_arithmetic(
    rules: Policy, start: Version, target: Version, installed: set[Version]
) -> None:
    found = find(rules, start, target, installed)
    proposed = set(found.versions[1:-1]) if isinstance(found, Path) else set(found.missing)
    assert proposed <= (installed if isinstance(found, Path) else set(rules.versions))
    assert all(start < version < target for version in proposed)


@given(policies, versions, versions)
def test_the_direct_hop_is_the_most_automatic_that_nothing_forbids(
    rules: Policy, start: Version, target: Version
) -> None:
    usable = [hop for hop in rules.hops if permitted(rules, start, target, hop)]
    wanted = min(usable, key=lambda hop: METHODS.index(hop.method), default=None)
    assert rules.hop_between(start, target) is wanted


@given(policies, versions, versions, installations)
def test_a_downgrade_is_refused_whatever_the_policy_says(
    rules: Policy, start: Version, target: Version, installed: set[Version]
) -> None:
    found = find(rules, start, target, installed)
    assert (isinstance(found, NoPath) and found.code == "downgrade") == (target < start)


@given(policies, versions, versions, installations)
def test_the_answer_does_not_depend_on_the_order_of_the_versions(
    rules: Policy, start: Version, target: Version, installed: set[Version]
) -> None:
    answers = []
    for order in (sorted(installed), sorted(installed, reverse=True)):
        try:
            answers.append(rules.find_path(start, target, order).versions)
        except NoPath as refusal:
            answers.append(refusal.missing)
    assert answers[0] == answers[1]
