# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the host's journal tells about the present version, and the conditions that follow from it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import history
from unit import factories
from unit.factories import OLD
from unit.planning.planned import made, rules

STARTED = "2026-11-22T18:00:00.000Z"


def transaction(**changed: Any) -> dict[str, Any]:
    about = {"purpose": "upgrade", "from": "4.7.23499.0", "to": OLD, "hop": "4.7-to-5.0"}
    known = {"id": "t1", "instance": "Comindware sales", "state": "confirmed", "started_at": STARTED, "about": about}
    return {**known, **changed}


def host(*transactions: dict[str, Any]) -> HostFacts:
    return factories.host({"agent": {**factories.answers()["agent"], "transactions": list(transactions)}})


def conditions(facts: HostFacts) -> dict[str, str]:
    return {finding.code: finding.level for finding in made(facts).conditions}


def test_the_hop_that_led_here() -> None:
    facts = host(transaction())
    step = history.last_hop(rules(), facts, factories.instance(facts))
    assert step and (str(step.start), str(step.target), step.hop.id) == ("4.7.23499.0", OLD, "4.7-to-5.0")
    since = history.running_since(facts, factories.instance(facts))
    assert since and since.isoformat() == "2026-11-22T18:00:00+00:00"
    assert set(conditions(facts)) == {note.id for note in step.before_next}


@pytest.mark.parametrize(
    "other",
    [
        {"state": "rolled_back"},
        {"instance": "Comindware hr"},
        {"about": {}},
        {"about": None},
        {"about": {"purpose": "upgrade", "from": "4.7.23499.0", "to": "5.0.13286.0", "hop": "4.7-to-5.0"}},
        {"about": {"purpose": "backup", "to": OLD}},
    ],
)
def test_what_tells_nothing_about_the_present_version(other: dict[str, Any]) -> None:
    facts = host(transaction(**other))
    assert history.last_hop(rules(), facts, factories.instance(facts)) is None
    assert conditions(facts) == {}


def test_the_newest_one_counts() -> None:
    """The instance was brought here, taken further, and brought back by hand: the last upgrade led elsewhere."""
    further = {"purpose": "upgrade", "from": OLD, "to": "5.0.24000.0", "hop": "5.0-within"}
    facts = host(transaction(id="t2", started_at="2026-11-22T18:30:00.000Z", about=further), transaction())
    assert history.last_hop(rules(), facts, factories.instance(facts)) is None


def test_a_hop_that_the_policy_no_longer_has() -> None:
    facts = host(transaction(about={**transaction()["about"], "hop": "gone"}))
    assert history.last_hop(rules(), facts, factories.instance(facts)) is None
