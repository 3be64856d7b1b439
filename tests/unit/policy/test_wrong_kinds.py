# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every kind of YAML at every place of a policy file: what the loader says of it is in the words of YAML, with file and line."""

from __future__ import annotations

import pathlib
import re
from datetime import date
from typing import Any

import pytest
import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import PolicyError, loading
from unit.policy.everything import EVERYTHING, changed, set_to, walk

KINDS: dict[str, Any] = {
    "a text": "wörd",
    "a long text": "x" * 5000,
    "an empty text": "",
    "a text with quotes and a backslash": "C:\\it's",
    "a number": 5,
    "a large number": 10**30,
    "a number with a point": 4.10,
    "not a number": float("nan"),
    "true": True,
    "nothing": None,
    "a list": ["a"],
    "a list of nothing": [None],
    "a list of numbers": [1, 2],
    "a mapping": {"a": "b"},
    "an empty mapping": {},
    "a mapping with odd keys": {None: 1, True: 2, 5: 3},
    "a date": date(2026, 11, 12),
}
# What would show that a value or a class of Python was printed as such.
FOREIGN = re.compile(
    r"\b(None|True|False|NoneType|str|int|float|bool|dict|list object|tuple|set|bytes|Located|Items|Entry|datetime|Errno|NaN)\b"
    r"|<(?![@=0-9])|object at|unicode string|unhashable|codec|\{'|\['"
)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
PLACES = [where for where, _ in walk(EVERYTHING) if where]


def mistakes(source: Any) -> list[str]:
    try:
        loading.assemble([source])
    except PolicyError as error:
        return error.mistakes
    return []


def without_what_is_wanted(mistake: str) -> str:
    """Ranges and braces that messages give as examples."""
    for example in (">=4.7.23499.0, <5.0.0.0", "<@5.0-2026-06-09", "with >= or < only"):
        mistake = mistake.replace(example, "")
    return mistake


@pytest.mark.parametrize("kind", KINDS)
def test_field_5_3_every_wrong_kind_at_every_field_of_a_file(tmp_path: pathlib.Path, kind: str) -> None:
    path = tmp_path / "own.yml"
    refused = 0
    for where in PLACES:
        content = changed(EVERYTHING, where, set_to(KINDS[kind]))
        path.write_text(yaml.dump(content, Dumper=_DUMPER, allow_unicode=True), encoding="utf-8")
        lines = len(path.read_text(encoding="utf-8").splitlines())
        found = mistakes(path)
        refused += bool(found)
        for mistake in found:
            place = re.match(rf"{re.escape(str(path))}:([0-9]+): ", mistake)
            assert place, mistake
            assert 1 <= int(place[1]) <= lines, mistake
            assert not FOREIGN.search(without_what_is_wanted(mistake)), (where, mistake)
    # Fields that may be left out take nothing; texts take texts.
    assert refused >= len(PLACES) * (0.25 if kind in ("a text", "a long text", "nothing") else 0.5), refused


@pytest.mark.parametrize("kind", KINDS)
def test_field_5_3_every_wrong_kind_in_entries_that_a_playbook_gives(kind: str) -> None:
    for where in PLACES:
        for mistake in mistakes(changed(EVERYTHING, where, set_to(KINDS[kind]))):
            assert mistake.startswith("policy entries 1: "), mistake
            assert not FOREIGN.search(without_what_is_wanted(mistake)), (where, mistake)
