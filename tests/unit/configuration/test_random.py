# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The laws of merging on random histories."""

from __future__ import annotations

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import flat, xml
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.configuration.generators import flat_histories, xml_histories
from unit.configuration.oracles import lost
from unit.configuration.worlds import directive, policy, result, shared, situation

STOP = Choice()
ANSWERS = st.sampled_from((Choice("ours"), Choice("theirs")))


@settings(max_examples=400)
@given(flat_histories())
def test_flat_changes_are_kept_or_named(history: tuple[str, str, str]) -> None:
    base, ours, theirs = history
    result = flat.merge("f.yml", base, ours, theirs, STOP)
    assert lost("flat", base, ours, theirs, result) == []


@settings(max_examples=200)
@given(flat_histories(), ANSWERS)
def test_flat_laws(history: tuple[str, str, str], answer: Choice) -> None:
    base, ours, theirs = history
    assert flat.merge("f.yml", base, ours, base, STOP) == Merged(ours, (), ())
    assert flat.merge("f.yml", base, base, theirs, STOP).text == theirs
    result = flat.merge("f.yml", base, ours, theirs, answer)
    assert result.conflicts == ()
    assert flat.merge("f.yml", base, result.text, theirs, answer).text == result.text
    assert flat.merge("f.yml", theirs, result.text, theirs, STOP).text == result.text


@settings(max_examples=400)
@given(xml_histories())
def test_xml_changes_are_kept_or_named(history: tuple[str, str, str]) -> None:
    base, ours, theirs = history
    result = xml.merge("f.config", base, ours, theirs, STOP)
    assert lost("xml", base, ours, theirs, result) == []


@settings(max_examples=200)
@given(xml_histories(), ANSWERS)
def test_xml_laws(history: tuple[str, str, str], answer: Choice) -> None:
    base, ours, theirs = history
    assert xml.merge("f.config", base, ours, base, STOP) == Merged(ours, (), ())
    assert xml.merge("f.config", base, base, theirs, STOP).text == theirs
    result = xml.merge("f.config", base, ours, theirs, answer)
    assert result.conflicts == ()
    xml.facts(result.text)  # well formed


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
