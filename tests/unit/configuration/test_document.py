# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import time

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.document import Document
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import NotWellFormed
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.scalars import meaning, text_of, written
from hypothesis import given
from hypothesis import strategies as st

LINES = (
    "---", "", "# a comment", "  # an indented one", "port: 80", "path: C:\\Data\\новая", "  - item", "- item", "  more: 1", "list:",
    "text: |", "\tx", "'q:1': 2 # c", '"d": "a: b"', "a b.имя: #", "-x: 1", "url:  http://h:1/#f  ", "tab:\t1", "key#1: 2",
)  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=12), st.sampled_from(("\r\n", "\n")), st.booleans())
def test_a_file_that_is_only_read_stays_byte_for_byte(lines: list[str], newline: str, ends: bool) -> None:
    text = newline.join(lines) + (newline if ends and lines else "")
    try:
        document = Document.parse(text)
    except NotWellFormed:
        return
    assert document.text == text


def test_directives_of_all_kinds_are_found() -> None:
    text = "a: 1\r\nb.c: C:\\x # y\r\n'd e': \"f: g\"\r\nИмя: x: y\r\nlist:\r\n  - 1\r\n\r\n  # in between\r\n  - 2\r\n# end\r\n"
    document = Document.parse(text)
    assert {entry.key: entry.value for entry in document} == {
        "a": "1",
        "b.c": "C:\\x # y",
        "d e": '"f: g"',
        "Имя": "x: y",
        "list": "- 1\r\n\r\n  # in between\r\n  - 2",
    }
    assert document.tail == ["# end\r\n"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\nb: 2\na: 3\n", "the directive 'a' stands twice, in lines 1 and 3"),
        ("a: 1\n'a': 3\n", "the directive 'a' stands twice, in lines 1 and 2"),
        ("a: 1\ngarbage\n", "line 2 is neither a comment nor 'directive: value': 'garbage'"),
        ("  a: 1\n", "line 1 belongs to no directive: 'a: 1'"),
        ("a:1\n", "line 1 is neither a comment nor 'directive: value': 'a:1'"),
        ("a: 1\n---\nb: 2\n", "line 2 is neither a comment nor 'directive: value': '---'"),
        ("{a: 1}\n", "line 1 is neither a comment nor 'directive: value': '{a: 1}'"),
    ],
)
def test_what_is_no_flat_file_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(NotWellFormed) as caught:
        Document.parse(text)
    assert str(caught.value) == reason


def changed(text: str, **values: str) -> str:
    document = Document.parse(text)
    for key, value in values.items():
        document.set(key, value)
    return document.text


def test_a_value_is_set_in_its_place_and_keeps_its_comment_and_line_end() -> None:
    assert changed("a:   1 # one\r\nb: 2\r\n", a="7") == "a:   7 # one\r\nb: 2\r\n"
    assert changed("a: '1#' # one", a="7") == "a: 7 # one"
    assert changed("a:\n  - 1\n  - 2\nb: 2\n", a="7") == "a: 7\nb: 2\n"
    assert changed("a:\nb: 2\n", a="7") == "a: 7\nb: 2\n"


def test_a_new_directive_stands_after_its_commented_default_or_at_the_end() -> None:
    assert changed("# the port\n#b: 1\n# the rest\na: 1", b="7") == "# the port\n#b: 1\nb: 7\n# the rest\na: 1"
    assert changed("a: 1\n##b: 1\n", b="7") == "a: 1\n##b: 1\nb: 7\n"
    assert changed("a: 1\n# end\n", b="7") == "a: 1\nb: 7\n# end\n"
    assert changed("a: 1", b="7", c="8") == "a: 1\nb: 7\nc: 8\n".replace("\n", "\r\n")
    assert changed("", b="7") == "b: 7\r\n"


def test_renaming_and_removing_leave_the_rest_alone() -> None:
    document = Document.parse("# first\na:\n  - 1\n# second\nb: 2 # two\nc: 3")
    entry = document.get("a")
    assert entry
    document.replace("a", [entry.renamed("x.y")])
    assert document.remove("b").value == "2 # two"
    assert document.text == "# first\nx.y:\n  - 1\n# second\nc: 3"
    document.remove("c")
    assert document.text == "# first\nx.y:\n  - 1\n# second\n"
    assert "c" not in document


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("80 # a port", "80"),
        ("a#b", "a#b"),
        ("'it''s' # so", "it's"),
        (r'"C:\\x"', r"C:\x"),
        (r'"C:\new\"', r'"C:\new\"'),
        (r'"C:\Work"', r"C:\Work"),
        ("# only a comment", ""),
        ("'open", "'open"),
    ],
)
def test_what_a_value_says(value: str, text: str) -> None:
    assert text_of(value) == text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20))
def test_a_text_that_is_written_is_read_back(text: str) -> None:
    document = Document()
    document.set("key", written(text))
    entry = Document.parse(document.text).get("key")
    assert entry is not None
    assert text_of(entry.value) == text


def test_line_breaks_and_tabs_are_written_in_double_quotes() -> None:
    assert written("a\tb\nc") == r'"a\tb\nc"'
    assert text_of(written("a\tb\nc")) == "a\tb\nc"


def test_values_that_refer_to_each_other_are_never_expanded() -> None:
    bomb = " [&a0 [x, x]" + "".join(f", &a{n + 1} [*a{n}, *a{n}]" for n in range(40)) + "]"
    assert meaning(bomb) == meaning(bomb)
    assert meaning(bomb) != meaning(bomb.replace("x, x", "x, y"))
    assert meaning(" *elsewhere") == ("alias", "elsewhere")


def test_what_looks_like_a_comment_in_a_value_belongs_to_it() -> None:
    for value in (
        "|\n  go\n  # stop\n",
        ">\n  go\n\n  # stop\n",
        "'go\n\n  # stop'\n",
        "|2\n    go\n  # stop\n",
        "|+\n  go\n\n",
    ):
        document = Document.parse(f"a: {value}# of b\n\nb: 1\n")
        assert [entry.block for entry in document] == [f" {value}", " 1\n"]
        assert document.text == f"a: {value}# of b\n\nb: 1\n"
    for value, behind in (("|-\n  go\n", "\n"), ("|\n    go\n", "  # less\n"), ("\n  - '#'\n", "  # c\n")):
        document = Document.parse(f"a: {value}{behind}b: 1\n")
        assert [entry.lead for entry in document] == [[], [behind]]


DEEP = {
    "levels": ("a:\n" + "".join(f"{' ' * n}b{n}:\n" for n in range(1, 300)), "line 51 is nested deeper than 50 levels"),
    "dashes": ("a:\n  " + "- " * 10_000 + "\n", "line 2 is nested deeper than 50 levels"),
    "brackets": ("a: " + "[" * 300 + "]" * 300 + "\n", "line 1 is nested deeper than 50 levels"),
    "braces": ("a: " + "{b: " * 300 + "1" + "}" * 300 + "\n", "line 1 is nested deeper than 50 levels"),
    "a number": (f"x: 1\na: {'7' * 5000}\n", "line 2 has a number of 5000 digits, more than 1000"),
    "a line": (f"a: {'x' * 200_000}\n", "line 1 has 200004 characters, more than 100000"),
    "a rule": (
        "-" * 10_000 + "\n",
        f"line 1 is neither a comment nor 'directive: value': '{'-' * 117}...'",
    ),
}


@pytest.mark.parametrize(("text", "reason"), DEEP.values(), ids=DEEP)
def test_field_2_21_what_is_too_big_or_too_deep_is_refused_in_a_second(text: str, reason: str) -> None:
    begun = time.process_time()
    with pytest.raises(NotWellFormed) as caught:
        Document.parse(text)
    assert str(caught.value) == reason
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("value", ["-" * 10_000, "'" + "[" * 300 + "'", "x" * 90_000, "|\n  " + "[" * 40 + "\n"])
def test_field_2_21_what_merely_looks_big_is_read(value: str) -> None:
    begun = time.process_time()
    document = Document.parse(f"a: {value}\n")
    assert document.meanings() is not None
    assert time.process_time() - begun < 1
