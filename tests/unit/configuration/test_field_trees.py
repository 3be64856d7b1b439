# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The cases from the field about XML and JSON: what each row shows, and others of its kind."""

from __future__ import annotations

import json
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import json_text, xml
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged, NotWellFormed

STOP = Choice()


def xml_of(base: str, ours: str, theirs: str, choice: Choice = STOP) -> Merged:
    """Of the insides of a configuration."""
    old, own, new = (f"<configuration>{inside}</configuration>" for inside in (base, ours, theirs))
    result = xml.merge("Web.config", old, own, new, choice)
    ET.fromstring(result.text)
    return result


def inside(result: Merged) -> str:
    assert result.conflicts == ()
    return result.text.removeprefix("<configuration>").removesuffix("</configuration>")


def conflicts(result: Merged) -> list[tuple[str | None, str | None, str | None]]:
    return [(one.base, one.ours, one.theirs) for one in result.conflicts]


def json_of(base: object, ours: object, theirs: object, choice: Choice = STOP) -> Merged:
    old, own, new = (json.dumps(side, indent=2) for side in (base, ours, theirs))
    result = json_text.merge("apigateway.json", old, own, new, choice)
    json.loads(result.text)
    return result


WEB = "<system.web>{}<authentication/>{}<sessionState/>{}</system.web>"


def test_field_2_1_a_section_in_two_places_comes_once() -> None:
    base, ours, theirs = (
        WEB.format("", "", ""),
        WEB.format('<httpRuntime maxRequestLength="524288"/>', "", ""),
        WEB.format("", "", '<httpRuntime targetFramework="4.8"/>'),
    )
    assert inside(xml_of(base, ours, theirs)) == WEB.format(
        "", "", '<httpRuntime targetFramework="4.8" maxRequestLength="524288"/>'
    )


def test_field_2_1_a_section_with_two_values_of_one_attribute_is_a_conflict() -> None:
    base, ours, theirs = (
        WEB.format("", "", ""),
        WEB.format("<pages a='1'/>", "", ""),
        WEB.format("", "<pages a='2'/>", ""),
    )
    assert conflicts(xml_of(base, ours, theirs)) == [(None, "<pages a='1'/>", "<pages a='2'/>")]


def test_field_2_1_sections_within_a_new_section_come_once() -> None:
    ours, theirs = "<a><b><c x='1'/></b></a>", "<a><d/><b><c y='2'/></b></a>"
    assert inside(xml_of("", ours, theirs)) == "<a><d/><b><c y='2' x='1'/></b></a>"


@pytest.mark.parametrize(
    ("place", "ours", "theirs"),
    [
        ("staticContent", '<mimeMap fileExtension=".woff2" mimeType="a"/>', '<mimeMap fileExtension=".woff2" mimeType="b"/>'),
        ("staticContent", '<mimeMap fileExtension=".woff2" mimeType="a"/>', '<mimeMap fileExtension=".WOFF2" mimeType="a"/>'),
        ("appSettings", '<add key="Portal" value="1"/>', '<add key="portal" value="2"/>'),
        ("connectionStrings", '<add name="Db" connectionString="1"/>', '<add name="DB" connectionString="2"/>'),
        ("customHeaders", '<add name="x" value="1"/>', '<add name="X" value="2"/>'),
        ("httpErrors", '<error statusCode="404" subStatusCode="1" path="a"/>', '<error statusCode="404" subStatusCode="1" path="b"/>'),
        ("hiddenSegments", '<add segment="Data"/>', '<add segment="data"/>'),
    ],
)  # fmt: skip
def test_field_2_2_a_key_that_both_add_is_a_conflict(place: str, ours: str, theirs: str) -> None:
    sides = [f"<{place}>{one}</{place}>" for one in ("<!-- -->", f"<!-- -->{ours}", f"{theirs}<!-- -->")]
    assert conflicts(xml_of(sides[0], sides[1], sides[2])) == [(None, ours, theirs)]


def test_field_2_2_a_key_that_the_instance_had_twice_already_is_no_reason_to_refuse() -> None:
    twice = '<appSettings><add key="a" value="1"/><add key="A" value="2"/>{}</appSettings>'
    result = xml_of(twice.format(""), twice.format('<add key="b" value="1"/>'), twice.format("<!-- new -->"))
    assert inside(result) == twice.format('<!-- new --><add key="b" value="1"/>')


def test_field_2_2_names_of_handlers_are_compared_with_case_as_iis_does() -> None:
    base, ours, theirs = (
        "<handlers/>",
        '<handlers><add name="x" path="1"/></handlers>',
        '<handlers><add name="X" path="2"/></handlers>',
    )
    assert inside(xml_of(base, ours, theirs)) == '<handlers><add name="x" path="1"/><add name="X" path="2"/></handlers>'


def test_field_2_2_names_that_differ_in_one_of_their_attributes_are_two() -> None:
    base = '<httpErrors><error statusCode="404" subStatusCode="1" path="a"/></httpErrors>'
    ours = base.replace("</", '<error statusCode="404" subStatusCode="2" path="b"/></')
    theirs = base.replace("</", '<error statusCode="404" subStatusCode="3" path="c"/></')
    text = inside(xml_of(base, ours, theirs))
    assert [text.count(f'subStatusCode="{number}"') for number in (1, 2, 3)] == [1, 1, 1]


SECTIONS = '<configSections><section name="a" type="b"/></configSections>'


def test_field_2_3_config_sections_stay_the_first() -> None:
    base, strings = "<appSettings/>", "<connectionStrings/>"
    assert inside(xml_of(base, strings + base, SECTIONS + base)) == SECTIONS + strings + base
    assert inside(xml_of(base, SECTIONS + base, strings + base)) == SECTIONS + strings + base
    assert inside(xml_of(base, SECTIONS + base, base + strings)) == SECTIONS + base + strings


WRAPPED = '<location path=".">{}</location>'
SERVER = '<system.webServer><modules runAll="{}"/><urls>{}</urls></system.webServer>'


def test_field_2_4_the_vendors_answer_is_the_vendors_file_alone() -> None:
    base, theirs = SERVER.format("false", "<u/>"), SERVER.format("true", "<u/>")
    ours = WRAPPED.format(base)
    [conflict] = xml_of(base, ours, theirs).conflicts
    assert inside(xml_of(base, ours, theirs, Choice("theirs"))) == theirs
    assert inside(xml_of(base, ours, theirs, Choice("ours"))) == ours
    assert (conflict.base, conflict.ours, conflict.theirs) == tuple(
        f"<configuration>{side}</configuration>" for side in (base, ours, theirs)
    )


def test_field_2_4_so_it_is_where_the_vendor_wraps_what_the_instance_changed() -> None:
    base, ours = SERVER.format("false", "<u/>"), SERVER.format("true", "<u/>")
    theirs = WRAPPED.format(base)
    assert inside(xml_of(base, ours, theirs, Choice("ours"))) == ours
    assert inside(xml_of(base, ours, theirs, Choice("theirs"))) == theirs


STRINGS = "<connectionStrings{}>{}</connectionStrings>"
ENCRYPTED = "<EncryptedData><CipherData><CipherValue>x</CipherValue></CipherData></EncryptedData>"


@pytest.mark.parametrize(
    "ours",
    [
        STRINGS.format(' configProtectionProvider="Rsa"', ENCRYPTED),
        STRINGS.format(' configSource="strings.config"', ""),
    ],
    ids=["encrypted", "moved away"],
)
def test_field_2_5_a_section_that_is_elsewhere_gets_no_children(ours: str) -> None:
    base = STRINGS.format("", '<add name="a" connectionString="1"/>')
    theirs = STRINGS.format("", '<add name="a" connectionString="1"/><add name="b" connectionString="2"/>')
    assert conflicts(xml_of(base, ours, theirs)) == [(base, ours, theirs)]
    assert inside(xml_of(base, ours, theirs, Choice("ours"))) == ours
    assert inside(xml_of(base, ours, theirs, Choice("theirs"))) == theirs


def test_field_2_6_a_prefix_that_is_used_is_declared() -> None:
    base = '<nlog xmlns="n" xmlns:xsi="i" throwExceptions="false"><targets/></nlog>'
    ours = base.replace("<targets/>", '<targets><target name="a" xsi:type="File"/></targets>')
    theirs = base.replace(' xmlns:xsi="i"', "").replace("false", "true")
    result = xml.merge("logs.config", base, ours, theirs, STOP)
    assert result.conflicts == ()
    ET.fromstring(result.text)
    assert 'throwExceptions="true"' in result.text
    assert 'xsi:type="File"' in result.text


def test_field_2_6_a_prefix_that_nothing_uses_goes_with_the_new_version() -> None:
    base = '<nlog xmlns:xsi="i" a="1"><t/></nlog>'
    result = xml.merge("logs.config", base, base.replace("<t/>", '<t b="1"/>'), '<nlog a="2"><t/></nlog>', STOP)
    assert result == Merged('<nlog a="2"><t b="1"/></nlog>', (), ())


def test_field_2_7_an_element_that_neither_side_has_twice_comes_once() -> None:
    assert inside(
        xml_of('<c><t s="3600"/></c>', '<c><t s="3600"/><t s="600"/></c>', '<c><t s="900"/><t s="600"/></c>')
    ) == ('<c><t s="900"/><t s="600"/></c>')
    assert inside(xml_of("<c><v>1</v></c>", "<c><v>1</v><v>2</v></c>", "<c><v>2</v><v>1</v></c>")) == (
        "<c><v>2</v><v>1</v></c>"
    )


def test_field_2_8_two_classes_of_one_bean_are_a_conflict() -> None:
    base, ours, theirs = (f'<p><bean class="{name}"/></p>' for name in "ABC")
    assert conflicts(xml_of(base, ours, theirs)) == [('class="A"', 'class="B"', 'class="C"')]


def test_field_2_8_so_are_two_values_of_a_list() -> None:
    base, ours, theirs = (f"<list><value>{name}</value></list>" for name in "abc")
    assert conflicts(xml_of(base, ours, theirs)) == [(base, ours, theirs)]
    more = [f"<list><value>{name}</value><value>z</value></list>" for name in "abc"]
    assert conflicts(xml_of(more[0], more[1], more[2])) == [(more[0], more[1], more[2])]


def test_field_2_9_a_bean_that_one_removes_and_the_other_changes_is_a_conflict() -> None:
    bean = '<bean class="{}"/>'.format
    one, other = bean("A"), bean("B")
    assert conflicts(xml_of(f"<p>{one}</p>", f"<p>{other}</p>", "<p/>")) == [(one, other, None)]
    assert conflicts(xml_of(f"<p>{one}</p>", "<p/>", f"<p>{other}</p>")) == [(one, None, other)]
    assert conflicts(xml_of(f"<p>{one}<x/></p>", f"<p>{other}<x/></p>", "<p><x/></p>")) == [(one, other, None)]


ORDERED = "<handlers>{}</handlers>"


def test_what_is_taken_away_elsewhere_is_no_matter_of_what_is_added() -> None:
    base = ORDERED.format('<add name="a" path="1"/>')
    ours = ORDERED.format('<add name="a" path="1"/><add name="x" path="2"/>')
    theirs = ORDERED.format('<add name="a" path="1"/><remove name="b"/>')
    assert inside(xml_of(base, ours, theirs)) == ORDERED.format(
        '<add name="a" path="1"/><add name="x" path="2"/><remove name="b"/>'
    )


def test_clear_and_remove_stay_where_somebody_has_put_them() -> None:
    add, remove, clear = '<add name="x" path="*"/>', '<remove name="x"/>', "<clear/>"
    base = ORDERED.format('<add name="a" path="1"/>')
    ours = ORDERED.format(f'<add name="a" path="1"/>{add}')
    theirs = ORDERED.format(f'<add name="a" path="1"/>{remove}')
    assert conflicts(xml_of(base, ours, theirs)) == [(base, ours, theirs)]
    theirs = ORDERED.format(f'{clear}<add name="a" path="1"/>')
    assert conflicts(xml_of(base, ours, theirs)) == [(base, ours, theirs)]
    assert inside(
        xml_of(theirs, ORDERED.format(f'{clear}<add name="a" path="1"/>{add}'), theirs.replace("1", "2"))
    ) == (ORDERED.format(f'{clear}<add name="a" path="2"/>{add}'))


def test_field_2_10_items_are_matched_by_what_names_them() -> None:
    base = [{"Path": "/a", "Workers": 1}, {"Path": "/b", "Workers": 1}]
    ours = [{"Path": "/a", "Workers": 1}, {"Path": "/b", "Workers": 8}]
    theirs = [{"Path": "/b", "Workers": 1}, {"Path": "/a", "Workers": 1}]
    result = json_of(base, ours, theirs)
    assert result.conflicts == ()
    assert json.loads(result.text) == [{"Path": "/b", "Workers": 8}, {"Path": "/a", "Workers": 1}]


def test_field_2_10_items_without_names_are_matched_by_value_or_are_a_conflict() -> None:
    result = json_of({"l": [1, 2]}, {"l": [2, 1, 3]}, {"l": [1, 2, 4]})
    assert (result.conflicts, json.loads(result.text)["l"]) == ((), [2, 4, 1, 3])
    assert len(json_of({"l": [1, 5]}, {"l": [2, 5]}, {"l": [3, 5]}).conflicts) == 1
    assert len(json_of({"l": [[1], [2]]}, {"l": [[2], [1]]}, {"l": [[2], [3], [1], [4]]}).conflicts) == 0


def test_field_2_11_keys_that_differ_in_case_are_one() -> None:
    assert len(json_of({"a": 1}, {"a": 1, "Port": 1}, {"a": 1, "port": 2}).conflicts) == 1
    result = json_of({"a": 1}, {"a": 1, "Port": 1}, {"a": 2, "port": 1})
    assert (result.conflicts, json.loads(result.text)) == ((), {"a": 2, "port": 1})
    result = json_of({"Log": {"a": 1}}, {"Log": {"a": 2}}, {"log": {"a": 1, "b": 1}})
    assert (result.conflicts, json.loads(result.text)) == ((), {"log": {"a": 2, "b": 1}})


def test_field_2_12_a_last_key_on_both_sides_is_merged() -> None:
    result = json_of({"a": 1}, {"a": 1, "b": 1}, {"a": 1, "c": 1})
    assert result == Merged('{\n  "a": 1,\n  "b": 1,\n  "c": 1\n}', (), ())
    result = json_of({"a": [1]}, {"a": [1, 2]}, {"a": [1, 3]})
    assert json.loads(result.text) == {"a": [1, 2, 3]}
    result = json_of({"a": {}}, {"a": {"b": 1}}, {"a": {"c": 1}})
    assert json.loads(result.text) == {"a": {"b": 1, "c": 1}}


def test_field_2_13_a_key_that_moved_is_merged() -> None:
    result = json_of({"a": 1, "b": 1, "c": {"d": 1}}, {"c": {"d": 1}, "b": 2, "a": 1}, {"b": 1, "c": {"d": 3}, "a": 1})
    assert (result.conflicts, json.loads(result.text)) == ((), {"b": 2, "c": {"d": 3}, "a": 1})


COMMENTED = """\
{
  // the vendor's
  "a": 1, // one
  "b": { "c": [1, 2,], /* both */ },
}
"""


def test_field_2_14_comments_and_trailing_commas_are_understood() -> None:
    ours = COMMENTED.replace('"a": 1', '"a": 2').replace("}\n", '}\n  // ours\n  "own": "//", // end\n', 1)
    ours = COMMENTED.replace('"a": 1', '"a": 2').replace(" },\n", ' },\n  // ours\n  "own": "//", // end\n')
    theirs = COMMENTED.replace("[1, 2,]", "[1, 2, 3]").replace(" },\n", ' },\n  "new": 1 // new\n')
    result = json_text.merge("apigateway.json", COMMENTED, ours, theirs, STOP)
    assert result == Merged(
        """\
{
  // the vendor's
  "a": 2, // one
  "b": { "c": [1, 2, 3], /* both */ },
  // ours
  "own": "//", // end
  "new": 1 // new
}
""",
        (),
        (),
    )


MANY = " ".join(f'a{number}="1"' for number in range(10_000))
LONG = "wanted a number of at most 100 characters"
LIMITS: list[tuple[Callable[[str], object], str, str]] = [
    (json_text.parse, '{"a": ' + "1" * 5000 + "}", f"line 1 is no JSON: {LONG}, found '{'1' * 35}..."),
    (json_text.parse, '{"a": "\\ud800"}', "line 1 is no JSON: wanted a text, found '\"\\\\ud800\"'"),
    (json_text.parse, "[" * 5000, "line 1 is nested deeper than 64 levels"),
    (json_text.parse, '{"a": 01}', "line 1 is no JSON: wanted a value, found '01'"),
    (json_text.parse, "[" + "1," * 30_000 + "1]", "line 1: it has more than 10000 elements, values and comments"),
    (xml.parse, "<a>" * 5000 + "</a>" * 5000, "line 1 is nested deeper than 64 levels"),
    (xml.parse, f"<a {MANY}/>", "line 1: a has 10000 attributes; wanted at most 200"),
    (xml.parse, "<a>" + "x" * 2_000_000 + "</a>", "it has 2000007 characters; wanted at most 1000000"),
    (xml.parse, "<a>" + "<b/>" * 30_000 + "</a>", "line 1: it has more than 10000 elements, values and comments"),
    (xml.parse, "<a>\ud800</a>", "it has half of a character (U+D800)"),
]  # fmt: skip


@pytest.mark.parametrize(("parse", "text", "reason"), LIMITS, ids=range(len(LIMITS)))
def test_field_2_21_what_is_too_much_is_refused_at_once(parse: Callable[[str], object], text: str, reason: str) -> None:
    began = time.process_time()
    with pytest.raises(NotWellFormed) as caught:
        parse(text)
    assert str(caught.value) == reason
    assert time.process_time() - began < 1


def test_field_2_21_the_largest_that_is_taken_is_merged_in_time() -> None:
    """The worst shapes below the limits: many sisters that nothing tells apart, all of them changed."""
    many = "".join(f'<v a="{number}" b="1"/>' for number in range(4_000))
    base, ours, theirs = (f"<c>{many.replace('1', digit)}</c>" for digit in "123")
    began = time.process_time()
    xml_of(base, ours, theirs)
    assert time.process_time() - began < 10
