# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The laws of merging on random histories."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from hypothesis import given, settings
from hypothesis import strategies as st
from merging.playing import play
from unit.configuration.worlds import directive, policy, result, shared, situation


@pytest.mark.parametrize("first", range(0, 500, 100))
def test_field_2_20_random_flat_files_are_merged_as_meant(first: int) -> None:
    """A part of ``tests/merging/run --format flat``."""
    assert [
        played for seed in range(first, first + 100) if (played := play("flat", seed)).violations or played.whole
    ] == []


@pytest.mark.parametrize("name", ["xml", "json"])
@pytest.mark.parametrize("first", range(0, 400, 100))
def test_field_2_7_random_trees_are_merged_by_the_laws(name: str, first: int) -> None:
    """A part of ``tests/merging/run`` with these formats."""
    played = [play(name, seed) for seed in range(first, first + 100)]
    assert [one for one in played if one.violations] == []
    assert sum(one.whole for one in played) <= 3


PIECES = (
    "<a", "<a>", "</a>", "/>", ' x="1"', ">", "<!-- c -->", "<![CDATA[ ]]>", "<!DOCTYPE a>", "<?xml version='1.0'?>", "&x;", '{"a"',
    ":", " 1", "}", "[", "]", ",", "a: 1", "a:", "b: 2", "- a", "  - b", "  c: 3", "#a: 1", "'", '"', "\n", "\r\n", "\r",
    "\t", "|", "&a", "*a", "\u2028", "\x00",
)  # fmt: skip
JUNK = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
KINDS = {"instance_yml": "flat", "Web_config": "xml", "gate_json": "json"}
SIDES = st.fixed_dictionaries({}, optional=dict.fromkeys(("instance.yml", "Web.config", "gate.json"), JUNK))
WORLD = policy(
    directive("instance.yml:a", "instance.yml:b", "other.yml:c"),
    directive("Web.config:a", "instance.yml:d"),
    directive("gate.json:a", "instance.yml:e"),
    old=KINDS,
    new={**KINDS, "other_yml": "flat"},
    shared=(shared("instance.yml:b", "other.yml:c"),),
)


@settings(max_examples=300)
@given(SIDES, SIDES, SIDES, st.sampled_from(("stop", "ours", "theirs")))
def test_nothing_in_a_file_makes_it_fail(
    ours: dict[str, str], base: dict[str, str], theirs: dict[str, str], word: str
) -> None:
    choice = Choice(word)
    made = result(WORLD, situation(ours, base, theirs), instance_yml=choice, web_config=choice, gate_json=choice)
    for conflict in made.conflicts:
        assert any(conflict.file in notice.message and notice.level == "blocker" for notice in made.notices)
