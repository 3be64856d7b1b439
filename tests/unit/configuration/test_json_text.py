# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import json_text
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged, NotWellFormed

BASE = """\
{
  "Instance": { "Name": "demo" },
  "Log": { "Enabled": true, "File": "logs.config" },
  "Kafka": { "Server": "127.0.0.1:9092", "Group": "demo" }
}
"""


def merged(ours: str, theirs: str, choice: Choice = Choice()) -> Merged:  # noqa: B008 (frozen)
    return json_text.merge("apigateway.json", BASE, ours, theirs, choice)


def test_values_on_one_line_come_together() -> None:
    ours = BASE.replace("true", "false").replace("9092", "9999")
    theirs = BASE.replace('"logs.config"', '"other.config"').replace('"Kafka"', '"Grpc": { "Port": 1 },\n  "Kafka"')
    assert merged(ours, theirs) == Merged(theirs.replace("true", "false").replace("9092", "9999"), (), ())


def test_a_conflict_names_the_lines() -> None:
    ours, theirs = BASE.replace("9092", "9999"), BASE.replace("9092", "9093")
    [conflict] = merged(ours, theirs).conflicts
    assert (conflict.where, conflict.ours) == ("line 4", '"Server": "127.0.0.1:9999"')
    assert merged(ours, theirs, Choice(answers={conflict.id: "theirs"})).text == theirs


def test_a_file_that_is_wholly_another_is_one_conflict() -> None:
    ours, theirs = "[1]\n", '"2"\n'
    result = merged(ours, theirs)
    assert [(c.where, c.base, c.ours, c.theirs) for c in result.conflicts] == [("line 1", BASE, ours, theirs)]
    assert result.text == ours


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        ('{"a": 1,,}', "the instance's file: line 1 is no JSON: wanted a key in quotes, found ','"),
        ('{"a": 1', "the instance's file: line 1 is no JSON: wanted ',' or '}', found the end"),
        ('{"a" 1}', "the instance's file: line 1 is no JSON: wanted ':', found '1'"),
        ("{\n'a': 1}", "the instance's file: line 2 is no JSON: wanted a key in quotes, found \"'a'\""),
        ('{"a": NaN}', "the instance's file: line 1 is no JSON: wanted a value, found 'NaN'"),
        ('{"a": "\t"}', "the instance's file: line 1 is no JSON: wanted a text, found '\"\\t\"'"),
        ("{} {}", "the instance's file: line 1 is no JSON: wanted the end, found '{'"),
        ("{} /", "the instance's file: line 1 is no JSON: wanted a value, a key or a comment, found '/'"),
    ],
)
def test_what_is_no_json_is_refused(ours: str, reason: str) -> None:
    with pytest.raises(NotWellFormed) as caught:
        merged(ours, BASE.replace("true", "false"))
    assert str(caught.value) == reason


def test_a_key_that_stands_twice_is_a_conflict_only_where_it_must_be_told_apart() -> None:
    twice = '"Log": { "Enabled": true, "enabled": false, "File": "logs.config" }'
    old = '"Log": { "Enabled": true, "File": "logs.config" }'
    theirs = BASE.replace("9092", "9093")
    assert merged(BASE.replace(old, twice), theirs) == Merged(theirs.replace(old, twice), (), ())
    [conflict] = merged(BASE.replace(old, twice), theirs.replace("true", "false")).conflicts
    assert conflict.ours == twice


def test_the_values_of_a_file() -> None:
    assert json_text.values('{"A": {"B": "x", "C": true}, "D": [1, "y"], "E": {}}') == [
        ("A.B", "x"),
        ("A.C", "true"),
        ("D.[]", "1"),
        ("D.[]", "y"),
        ("E", "{}"),
    ]
