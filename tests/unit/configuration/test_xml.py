# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import re

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import xml
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import (
    Conflict,
    Merged,
    NotWellFormed,
)

STOP = Choice()
BASE = """\
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <appSettings>
    <add key="A" value="1" />
    <add key="B" value="1" />
  </appSettings>
  <system.web>
    <httpRuntime limit="1" timeout="1" />
  </system.web>
</configuration>
"""


def change(*replacements: tuple[str, str], base: str = BASE) -> str:
    for old, new in replacements:
        assert old in base
        base = base.replace(old, new)
    return base


def merged(ours: str, theirs: str, choice: Choice = STOP, base: str = BASE) -> Merged:
    return xml.merge("Web.config", base, ours, theirs, choice)


def test_lines_of_both_sides_come_together() -> None:
    ours, theirs = ('key="A" value="1"', 'key="A" value="2"'), ('timeout="1"', 'timeout="9"')
    assert merged(change(ours), change(theirs)) == Merged(change(ours, theirs), (), ())


def test_neighbouring_lines_and_attributes_come_together() -> None:
    ours, theirs = ('key="A" value="1"', 'key="A" value="2"'), ('key="B" value="1"', 'key="B" value="3"')
    assert merged(change(ours), change(theirs)) == Merged(change(ours, theirs), (), ())
    ours, theirs = ('limit="1"', 'limit="2"'), ('timeout="1"', 'timeout="3" more="4"')
    assert merged(change(ours), change(theirs)) == Merged(change(ours, theirs), (), ())
    own, new = (' timeout="1"', ' timeout="1" own="1"'), ('limit="1" timeout="1"', 'first="0" timeout="2"')
    assert merged(change(own), change(new)).text == change(('limit="1" timeout="1"', 'first="0" timeout="2" own="1"'))


def test_what_both_add_at_one_place_comes_once_each() -> None:
    own, new = '    <add key="Own" value="1" />\n', '    <add key="New" value="1" />\n'
    ours, theirs = (("  </appSettings>", text + "  </appSettings>") for text in (own, new))
    assert merged(change(ours), change(theirs)) == Merged(
        change(("  </appSettings>", own + new + "  </appSettings>")), (), ()
    )
    assert merged(change(ours), change(ours, ('limit="1"', 'limit="2"'))).text == change(
        ours, ('limit="1"', 'limit="2"')
    )


def test_the_same_key_added_at_two_places_is_a_conflict() -> None:
    first = ('    <add key="A"', '    <add key="Own" value="1" />\n    <add key="A"')
    last = ("  </appSettings>", '    <add key="Own" value="2" />\n  </appSettings>')
    result = merged(change(first), change(last))
    assert [(c.where, c.base, c.ours, c.theirs) for c in result.conflicts] == [
        ("line 4", None, '<add key="Own" value="1" />', '<add key="Own" value="2" />')
    ]


def test_a_conflict_names_the_attribute_and_the_line_of_the_instance() -> None:
    ours = change(('limit="1"', 'limit="2"'), ("<configuration>", "<!-- own -->\n<configuration>"))
    result = merged(ours, change(('limit="1"', 'limit="3"')))
    assert result.conflicts == (Conflict("Web.config", "line 9", "d5dd9195", 'limit="1"', 'limit="2"', 'limit="3"'),)
    assert result.text == ours


def test_answers_to_conflicts() -> None:
    ours, theirs = change(('limit="1"', 'limit="2"')), change(('limit="1"', 'limit="3"'))
    name = merged(ours, theirs).conflicts[0].id
    assert merged(ours, theirs, Choice(answers={name: "ours"})) == Merged(ours, (), ())
    note = "Web.config, line 8: 'limit=\"3\"' of the new version stands instead of 'limit=\"2\"', as chosen."
    assert merged(ours, theirs, Choice(answers={name: "theirs"})) == Merged(theirs, (), (note,))
    assert merged(ours, theirs, Choice("theirs", {name: "ours"})).text == ours


def test_ids_of_conflicts_do_not_depend_on_the_salt_of_secrets() -> None:
    def ids(token: str) -> list[str]:
        base = change(('value="1"', f'value="\u27e6secret:{token}\u27e7"'))
        ours, theirs = change(('limit="1"', 'limit="2"'), base=base), change(('limit="1"', 'limit="3"'), base=base)
        own = ours.replace('value="', 'value="own')
        return [c.id for c in merged(own, theirs.replace('value="', 'value="new'), base=base).conflicts]

    assert ids("0" * 16) == ids("1" * 16)
    assert len(ids("0" * 16)) == 3


def test_a_block_that_moved_takes_the_change_along() -> None:
    settings = BASE[BASE.index("  <appSettings>") : BASE.index("  <system.web>")]
    theirs = change((settings, ""), ("</configuration>", settings + "</configuration>"))
    ours = change(('key="A" value="1"', 'key="A" value="2" own="1"'))
    assert merged(ours, theirs).text == theirs.replace('key="A" value="1"', 'key="A" value="2" own="1"')


def test_an_element_that_one_side_took_out_and_the_other_changed() -> None:
    without = change(('    <add key="A" value="1" />\n', ""))
    changed = change(('key="A" value="1"', 'key="A" value="2"'))
    [conflict] = merged(without, changed).conflicts
    assert (conflict.where, conflict.ours, conflict.theirs) == (
        "lines that are gone",
        None,
        '<add key="A" value="2" />',
    )
    assert merged(without, changed, Choice("ours")).text == without
    assert merged(without, changed, Choice("theirs")).text == changed
    [conflict] = merged(changed, without).conflicts
    assert (conflict.where, conflict.ours, conflict.theirs) == ("line 4", '<add key="A" value="2" />', None)
    assert 'key="A" value="2"' in merged(changed, without, Choice("ours")).text
    assert merged(changed, without, Choice("theirs")).text == without


def test_texts_of_elements() -> None:
    base = "<w>\n  <a>true</a>\n  <b>true</b>\n</w>\n"
    ours, theirs = base.replace("<a>true", "<a>false"), base.replace("<b>true", "<b>false")
    assert merged(ours, theirs, base=base).text == "<w>\n  <a>false</a>\n  <b>false</b>\n</w>\n"
    [conflict] = merged(ours, base.replace("<a>true", "<a>maybe"), base=base).conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == ("true", "false", "maybe")


def test_comments_of_the_instance_count_as_its_changes() -> None:
    ours = change(("    <httpRuntime", "    <!-- raised for drawings -->\n    <httpRuntime"))
    theirs = change(("    <httpRuntime", '    <authentication mode="None" />\n    <httpRuntime'))
    assert "<!-- raised for drawings -->" in merged(ours, theirs).text


SISTERS = "<l>\n  <b>\n    <p v='1' />\n  </b>\n  <b>\n    <p v='2' />\n  </b>\n  <c />\n</l>\n"


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (SISTERS.replace("<l>\n", "<l>\n  <b>\n    <p v='0' />\n  </b>\n"), "012w"),
        (SISTERS.replace("'1'", "'3'").replace("'2'", "'1'").replace("'3'", "'2'"), "2w1"),
        (SISTERS.replace("'1'", "'3'").replace("'2'", "'4'"), None),
        (SISTERS.replace("'1'", "'3'"), "32w"),
    ],
    ids=["one more", "exchanged", "both changed", "the other changed"],
)
def test_sisters_that_only_their_value_tells_apart(ours: str, expected: str | None) -> None:
    result = merged(ours, SISTERS.replace("'2' />", "'2' w='1' />"), base=SISTERS)
    assert bool(result.conflicts) == (expected is None)
    if expected:
        assert "".join(re.findall(r"(?<=v=')\d|w(?==)", result.text)) == expected


def test_sisters_of_their_own_likeness_are_matched() -> None:
    base = SISTERS.replace("'1'", "'1' n='a'").replace("'2'", "'2' n='b'")
    ours, theirs = base.replace("'1'", "'3'"), base.replace("'2'", "'4'")
    assert merged(ours, theirs, base=base) == Merged(base.replace("'1'", "'3'").replace("'2'", "'4'"), (), ())


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "where"),
    [
        ("<a/><b/><c/>", "<a/><c v='1'/><b/>", "<b v='2'/><a/><c/>", "l"),
        ("<a/><m><p/><b/></m>", "<a v='1'/><m>x<p/><b v='1'/></m>", "<a/><m>y<p/><b/></m>", "m"),
    ],
    ids=["order", "text around elements"],
)
def test_what_has_no_place_of_its_own_is_the_smallest_conflict(base: str, ours: str, theirs: str, where: str) -> None:
    result = merged(f"<l>{ours}</l>", f"<l>{theirs}</l>", base=f"<l>{base}</l>")
    [conflict] = result.conflicts
    assert (conflict.ours or "").startswith(f"<{where}>")


def test_an_element_without_an_inside_gets_one() -> None:
    base = "<l><c/></l>"
    assert merged("<l><c><d/></c></l>", "<l><c v='1'/></l>", base=base).text == "<l><c v='1'><d/></c></l>"
    assert merged("<l><c>x</c></l>", "<l><c v='1' /></l>", base=base).text == "<l><c v='1'>x</c></l>"
    assert merged("<l><c v='1'/></l>", "<l><c><d/></c></l>", base=base).text == "<l><c v='1'><d/></c></l>"


def test_a_comment_stays_with_what_it_is_about() -> None:
    base = "<l>\n  <a/>\n  <b/>\n</l>"
    ours = "<l>\n  <a/> <!-- a -->\n  <!-- b -->\n  <b/>\n</l>"
    assert (
        merged(ours, "<l>\n  <b/>\n  <a/>\n</l>", base=base).text
        == "<l>\n  <!-- b -->\n  <b/>\n  <a/> <!-- a -->\n</l>"
    )


def test_indentation_of_the_new_version_and_line_ends_of_the_instance() -> None:
    ours = change(('limit="1"', 'limit="2"'), ("  </appSettings>", '    <add key="Own" value="1" />\n  </appSettings>'))
    theirs = BASE.replace("  ", "\t").replace('timeout="1"', 'timeout="2"')
    expected = change(('limit="2"', 'limit="2"'), ('timeout="1"', 'timeout="2"'), base=ours).replace("  ", "\t")
    assert merged(ours.replace("\n", "\r\n"), theirs).text == expected.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        ("<a>", "the instance's file: line 1 is no XML: no element found"),
        ("<a>\n<b></a>", "the instance's file: line 2 is no XML: mismatched tag"),
        (
            '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            "the instance's file: it declares a document type, which configuration files do not need; take the declaration out",
        ),
        ("<a>&x;</a>", "the instance's file: line 1 is no XML: undefined entity"),
        ("a: 1", "the instance's file: line 1 is no XML: syntax error"),
    ],
)
def test_what_is_no_plain_xml_is_refused(ours: str, reason: str) -> None:
    with pytest.raises(NotWellFormed) as caught:
        merged(ours, change(('limit="1"', 'limit="2"')))
    assert str(caught.value) == reason


def test_the_values_of_a_file() -> None:
    text = "<W xmlns:x='u'><A>true</A><B name='b'><C> x &amp; y </C></B><D /></W>"
    assert sorted(xml.values(text)) == [("A", "true"), ("B@name", "b"), ("C", "x & y"), ("D", "")]
