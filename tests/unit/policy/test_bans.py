# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refusals that come from a ban: which one is named, where it stands, and what opens the way."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version

ROW = ["9.0.0.0", "9.1.0.0", "9.2.0.0", "9.3.0.0"]


def hop(start: str, target: str, method: str = "in_place", **more: Any) -> dict[str, Any]:
    """Of the operator; the ban of the shipped policy holds for it, as for every version from 6.0 on."""
    more |= {"procedure": "new_instance"} if method == "manual" else {}
    fields = {"id": f"{start}-to-{target}", "from": start, "to": target, "method": method, "source": "Us"}
    return {**fields, "data_upgrade": True, "reversible": True, **more}


def ban(name: str, start: str, target: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "from": start, "to": target, "en": f"Not by {name}", "ru": "Нельзя", "source": "Us", **more}


LIFTED = {"id": "new-instance-only", "remove": True}
WAY = [hop(*pair) for pair in itertools.pairwise(ROW)]


def refused(content: dict[str, Any], start: str, target: str, *installed: str) -> policy.NoPath:
    with pytest.raises(policy.NoPath) as caught:
        found(content, start, target, *installed)
    return caught.value


def found(content: dict[str, Any], start: str, target: str, *installed: str) -> policy.Path:
    stops = [Version.parse(version) for version in installed]
    return policy.load([content]).find_path(Version.parse(start), Version.parse(target), stops)


def test_field_5_1_a_shipped_ban_in_the_middle_of_the_only_way() -> None:
    own = {"hops": [hop("4.7.23499.0", "6.0.1.0", id="ours"), hop("6.0.1.0", "7.0.1.0", "manual", id="then")]}
    path = ("4.7.1.0", "7.0.1.0", "4.7.23499.0", "6.0.1.0")
    # The shipped policy has a manual hop from 4.7 to 6.0; without it the operator's is the only one.
    own["hops"].append({"id": "4.7-to-new-instance", "remove": True})
    own["hops"].append({"id": "5.0-to-new-instance", "remove": True})
    refusal = refused(own, *path)
    assert (refusal.code, [one.id for one in refusal.bans]) == ("forbidden", ["new-instance-only"])
    assert str(refusal) == (
        "No permitted way leads from 4.7.1.0 to 7.0.1.0. The way 4.7.1.0 -> 4.7.23499.0 -> 6.0.1.0 -> 7.0.1.0 is closed: "
        "4.7.23499.0 -> 6.0.1.0 is forbidden. From the 5.0 release of 09.06.2026 on, the structure of the configuration is another "
        "one: upgrade only by creating a new instance and attaching the old database. Builds above 5.0.24055.0 are taken for that "
        "release until a policy file gives its build number (rule new-instance-only; source: Release notes of 5.0 of 09.06.2026). "
        "A hop of your own does not open what is forbidden. Choose another target, or, only if the vendor's support confirms this "
        "change for your instance, take the rule away in a policy file of your own: forbidden: [{id: new-instance-only, remove: true}]."
    )
    assert (
        "Путь 4.7.1.0 -> 4.7.23499.0 -> 6.0.1.0 -> 7.0.1.0 закрыт: запрещено 4.7.23499.0 -> 6.0.1.0." in refusal.text.ru
    )
    assert [step.hop.id for step in found({**own, "forbidden": [LIFTED]}, *path).steps] == [
        "4.7-within",
        "ours",
        "then",
    ]


@pytest.mark.parametrize("place", range(3), ids=["first", "middle", "last"])
def test_field_5_1_a_ban_on_any_step(place: int) -> None:
    own = {"hops": WAY, "forbidden": [LIFTED, ban("ours", ROW[place], ROW[place + 1])]}
    refusal = refused(own, ROW[0], ROW[-1], *ROW)
    way = " -> ".join(ROW)
    step = f"{ROW[place]} -> {ROW[place + 1]}"
    assert f"The way {way} is closed: {step} is forbidden. Not by ours (rule ours; source: Us)." in str(refusal)
    lifted = {**own, "forbidden": [LIFTED]}
    assert len(found(lifted, ROW[0], ROW[-1], *ROW).steps) == 3


def test_field_5_1_several_ways_each_with_another_ban() -> None:
    own = {
        "hops": [hop(ROW[0], ROW[1]), hop(ROW[1], ROW[3]), hop(ROW[0], ROW[2]), hop(ROW[2], ROW[3])],
        "forbidden": [LIFTED, ban("one", ROW[0], ROW[1]), ban("two", ROW[2], ROW[3]), ban("far", "8.0", "any")],
    }
    refusal = refused(own, ROW[0], ROW[3], *ROW)
    assert [one.id for one in refusal.bans] == ["two", "one"]
    assert policy.describe_refusal(refusal) == {"code": "forbidden", "missing": [], "forbidden_by": ["two", "one"]}
    assert (
        "The way 9.0.0.0 -> 9.2.0.0 -> 9.3.0.0 is closed: 9.2.0.0 -> 9.3.0.0 is forbidden. Not by two (rule two; source: Us). "
        "The way 9.0.0.0 -> 9.1.0.0 -> 9.3.0.0 is closed: 9.0.0.0 -> 9.1.0.0 is forbidden. Not by one (rule one; source: Us). "
    ) in str(refusal)


def test_field_5_1_two_bans_on_the_only_way_are_both_named() -> None:
    own = {"hops": WAY, "forbidden": [LIFTED, ban("one", ROW[0], ROW[1]), ban("two", ROW[2], ROW[3])]}
    refusal = refused(own, ROW[0], ROW[3], *ROW)
    assert [one.id for one in refusal.bans] == ["one", "two"]
    assert (
        "is closed: 9.0.0.0 -> 9.1.0.0, 9.2.0.0 -> 9.3.0.0 are forbidden. Not by one (rule one; source: Us). Not by two"
        in str(refusal)
    )
    assert str(refusal).endswith(
        "take the rules away in a policy file of your own: forbidden: [{id: one, remove: true}, {id: two, remove: true}]."
    )


def test_field_5_1_a_ban_that_needs_no_lifting_is_not_named() -> None:
    """The direct hop crosses two, the way with a stop one of them."""
    own = {
        "hops": [hop(ROW[0], ROW[2]), hop(ROW[0], ROW[1]), hop(ROW[1], ROW[2])],
        "forbidden": [LIFTED, ban("all", "9.0", "any"), ban("direct", ROW[0], ROW[2])],
    }
    assert [one.id for one in refused(own, ROW[0], ROW[2], *ROW).bans] == ["all"]


def test_field_5_1_a_manual_hop_that_a_ban_forbids() -> None:
    own: dict[str, Any] = {
        "hops": [hop(ROW[0], ROW[1], "manual")],
        "forbidden": [ban("by_hand", "9.0", "9.1", methods=["manual"])],
    }
    refusal = refused(own, ROW[0], ROW[1])
    assert str(refusal).startswith(
        "No permitted way leads from 9.0.0.0 to 9.1.0.0. The change 9.0.0.0 -> 9.1.0.0 is forbidden. Not by by_hand (rule by_hand; "
        "source: Us)."
    )
    own["forbidden"][0]["methods"] = ["in_place"]
    assert len(found(own, ROW[0], ROW[1]).steps) == 1


def test_field_5_1_a_ban_by_a_range_of_versions_and_by_a_release() -> None:
    own = {
        "hops": [hop("9.0", "9.1")],
        "forbidden": [LIFTED, ban("late", "any", ">=@spring"), ban("old", "<9.0.5.0", "9.1")],
        "releases": [{"id": "spring", "newest_before": "9.1.0.0", "oldest_since": "9.1.9.0", "source": "Us"}],
    }
    assert [one.id for one in refused(own, "9.0.5.0", "9.1.5.0").bans] == ["late"]  # nobody knows, so it is forbidden
    assert [one.id for one in refused(own, "9.0.4.0", "9.1.0.0").bans] == ["old"]
    assert [one.id for one in refused(own, "9.0.4.0", "9.1.9.0").bans] == ["late", "old"]
    assert len(found(own, "9.0.5.0", "9.1.0.0").steps) == 1


def test_field_5_1_a_forbidden_hop_with_inputs_names_the_ban_and_not_the_inputs() -> None:
    wanted = {"id": "prefix", "en": "The prefix", "ru": "Префикс", "directive": "journal.name"}
    own = {"hops": [hop(ROW[0], ROW[1], inputs=[wanted])]}
    refusal = refused(own, ROW[0], ROW[1])
    assert [one.id for one in refusal.bans] == ["new-instance-only"]
    assert "prefix" not in str(refusal).casefold()


def test_field_5_1_where_no_hop_makes_a_way_no_ban_is_blamed() -> None:
    own = {"hops": [hop(ROW[0], ROW[1]), hop(ROW[2], ROW[3])]}
    refusal = refused(own, ROW[0], ROW[3], *ROW)
    assert (refusal.code, refusal.bans) == ("unsupported", ())
