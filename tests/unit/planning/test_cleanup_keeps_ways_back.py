# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever has happened to a host, and whatever part of what may go is removed: every way back stays, and means the same."""

from __future__ import annotations

from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.model import paths
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import goals, history, sets
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.goals import Goal, ReturnWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits
from hypothesis import given, settings
from hypothesis import strategies as st
from unit import factories
from unit.factories import version_folder
from unit.planning.cleaned import ROOT, SETS, VERSIONS, Past

EVENTS = ("upgrade", "failed", "run back", "set back", "restore", "backup", "unusable", "by hand", "other")


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Up to twelve things that happen to an instance."""
    past = Past()
    for event in draw(st.lists(st.sampled_from(EVENTS), max_size=12)):
        happen(draw, past, event)
    return past


def happen(draw: st.DrawFn, past: Past, event: str) -> None:
    version = draw(st.sampled_from(VERSIONS))
    if event in ("upgrade", "failed"):
        past.upgrade(version, "confirmed" if event == "upgrade" else "rolled_back", data_upgrade=draw(st.booleans()))
    elif event == "run back":
        facts = past.host()
        if found := goals.runs(facts, factories.instance(facts)):
            run = draw(st.sampled_from(found))
            past.back(run["backups"][0], run["from"], run=run["run"])
    elif event in ("set back", "restore"):
        if not (good := [one for one in past.sets if one["complete"]]):
            return
        chosen = draw(st.sampled_from(good))
        (held,) = {one["targets"][0] for one in chosen["items"] if one["id"] == "config"}
        past.back(chosen["path"], paths.name(paths.parent(held)), "restore" if event == "restore" else "rollback")
    elif event == "unusable":
        past.backup(complete=False, unusable="a test")
    elif event == "by hand":
        past.at = version
    elif event == "other":
        past.transaction("", about={})
    else:
        past.backup()


def meaning(facts: HostFacts, **asked: Any) -> Goal | str:
    """What a wish to go back means, or that it is refused."""
    try:
        return goals.find(facts, factories.instance(facts), ReturnWish("rollback", Limits(), **asked))
    except Refusal:
        return "refused"


@settings(max_examples=1000, deadline=None)
@given(past=pasts(), keep=st.integers(0, 3), days=st.sampled_from([0, 295, 400]), draw=st.data())
def test_every_way_back_means_the_same(past: Past, keep: int, days: int, draw: st.DataObject) -> None:
    before = past.host()
    instance = factories.instance(before)
    items = list(past.items(keep, days).values())
    going = [one.path for one in items if one.may_go]
    part = st.lists(st.sampled_from(going), unique=True) if going else st.just([])
    gone = set(draw.draw(st.one_of(st.just(going), part)))
    after = past.host(without=gone)
    assert sets.way_back(before, instance) == sets.way_back(after, instance)
    assert goals.runs(before, instance) == goals.runs(after, instance)
    assert history.last_upgrade(before, instance) == history.last_upgrade(after, instance)
    may_go = set(going)
    assert not may_go.intersection(sets.way_back(before, instance))
    for run in [one["run"] for one in past.transactions]:
        goal = meaning(before, run=run)
        assert goal == meaning(after, run=run)
        if isinstance(goal, Goal):
            assert not may_go.intersection({goal.configuration, goal.data})
            assert not may_go.intersection({version_folder(goal.target or ""), rf"{ROOT}\pristine\{goal.target}"})
    left = {one["path"] for one in past.sets} - gone
    for path in left:
        assert meaning(before, backup=path) == meaning(after, backup=path)


@settings(max_examples=500, deadline=None)
@given(past=pasts(), keep=st.integers(0, 3))
def test_what_is_left_always_leads_somewhere(past: Past, keep: int) -> None:
    items = list(past.items(keep, 0).values())
    good = [one for one in past.sets if one["complete"]]
    going = {one.path for one in items if one.may_go}
    if good:
        assert max(good, key=lambda one: str(one["created"]))["path"] not in going
    for one in good:
        (target,) = {item["targets"][0] for item in one["items"] if item["id"] == "config"}
        assert paths.parent(target) not in going
        assert rf"{ROOT}\pristine\{paths.name(paths.parent(target))}" not in going
    assert version_folder(past.at) not in going
    assert {one["path"] for one in past.sets if one["unusable"]} <= going
    assert all(one.path.startswith((ROOT, SETS, version_folder(""))) for one in items)
