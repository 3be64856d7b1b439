# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The laws of merging, on the histories with every combination of operators' changes, and on random ones."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged
from unit.configuration.oracles import lost
from unit.configuration.pristine import EDITS, MERGERS, VERSIONS, format_of, pairs, pristine, variants

STOP = Choice()
CASES = [(file, old, new) for file in EDITS for old, new in pairs(file)]


def merged(file: str, base: str, ours: str, theirs: str, choice: Choice = STOP) -> Merged:
    return MERGERS[format_of(file)](file, base, ours, theirs, choice)


def known(version: str, file: str) -> str:
    text = pristine(version, file)
    assert text is not None
    return text


@pytest.mark.parametrize(("file", "version"), [(f, v) for f in EDITS for v in VERSIONS if pristine(v, f)])
def test_a_new_version_that_changes_nothing_leaves_the_file_byte_for_byte(file: str, version: str) -> None:
    base = known(version, file)
    for ours in variants(file, base):
        assert merged(file, base, ours, base) == Merged(ours, (), ())


@pytest.mark.parametrize(("file", "old", "new"), CASES)
def test_an_instance_that_changed_nothing_gets_the_new_file_byte_for_byte(file: str, old: str, new: str) -> None:
    result = merged(file, known(old, file), known(old, file), known(new, file))
    assert (result.text, result.conflicts) == (known(new, file), ())


@pytest.mark.parametrize(("file", "old", "new"), CASES)
def test_every_combination_of_changes_is_kept_or_named(file: str, old: str, new: str) -> None:
    base, theirs = known(old, file), known(new, file)
    for ours in variants(file, base):
        result = merged(file, base, ours, theirs)
        assert lost(format_of(file), base, ours, theirs, result) == [], ours


@pytest.mark.parametrize(("file", "old", "new"), CASES)
def test_merging_twice_changes_nothing(file: str, old: str, new: str) -> None:
    base, theirs = known(old, file), known(new, file)
    for word in ("ours", "theirs"):
        for ours in variants(file, base):
            result = merged(file, base, ours, theirs, Choice(word))
            assert result.conflicts == ()
            again = merged(file, base, result.text, theirs, Choice(word))
            assert again.text == result.text, ours
            assert merged(file, theirs, result.text, theirs).text == result.text
