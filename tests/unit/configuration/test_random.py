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
