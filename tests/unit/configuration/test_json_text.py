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
    assert (conflict.where, conflict.ours) == ("line 4", '  "Kafka": { "Server": "127.0.0.1:9999", "Group": "demo" }\n')
    assert merged(ours, theirs, Choice(answers={conflict.id: "theirs"})).text == theirs


def test_changes_that_do_not_fit_together_make_the_file_one_conflict() -> None:
    ours = BASE.replace("{\n", '{\n  "Own": 1,\n', 1)
    theirs = BASE.replace('"demo" }\n}', '"demo" },\n  "Own": 1\n}')
    result = merged(ours, theirs)
    assert [(c.where, c.base, c.ours, c.theirs) for c in result.conflicts] == [("lines 1-6", BASE, ours, theirs)]
    assert result.text == ours
    assert merged(ours, theirs, Choice(answers={result.conflicts[0].id: "ours"})) == Merged(ours, (), ())
    note = (
        "apigateway.json: the new version's file stands instead of the instance's, as chosen; all that the instance changed is "
        "left out."
    )
    assert merged(ours, theirs, Choice("theirs")) == Merged(theirs, (), (note,))


def test_an_answer_about_lines_must_not_bring_a_block_twice() -> None:
    item = '  {{"name": "{0}", "limit": {1}}},\n'.format
    items = [item(name, 1) for name in "abcd"]
    begin, end = '{"list": [\n', '  {"name": "last"}\n]}\n'
    base = begin + "".join(items) + end
    ours = begin + item("a", 2) + "".join(items[1:]) + end
    theirs = begin + "".join(items[1:]) + items[0] + end  # a moved
    result = json_text.merge("f.json", base, ours, theirs, Choice("ours"))
    assert result.text.count('"a"') == 1
    assert result.text == ours


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        ('{"a": 1,}', "the instance's file: line 1 is no JSON: Illegal trailing comma before end of object"),
        ('{"a": 1, "a": 2}', "the instance's file: the key 'a' stands twice"),
    ],
)
def test_what_is_no_json_is_refused(ours: str, reason: str) -> None:
    with pytest.raises(NotWellFormed) as caught:
        merged(ours, BASE.replace("true", "false"))
    assert str(caught.value)[:40] == reason[:40]  # Python's own words differ by version


def test_the_values_of_a_file() -> None:
    assert json_text.values('{"A": {"B": "x", "C": true}, "D": [1, "y"], "E": {}}') == [
        ("A.B", "x"),
        ("A.C", "true"),
        ("D.[]", "1"),
        ("D.[]", "y"),
        ("E", "{}"),
    ]
