# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a yml says is what YAML says that it says."""

from __future__ import annotations

import time

import pytest
import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils.model import directives
from hypothesis import given
from hypothesis import strategies as st

NAME = "databasePath"
PLACE = r"D:\Moved\Database"


@pytest.mark.parametrize(
    "text",
    [
        rf"{NAME}: {PLACE} # moved 12.03.",
        f"{NAME}: {PLACE}\t# moved",
        f"a: 1 # one\r\n{NAME}:   {PLACE}   \r\nb: 2\r\n",
    ],
    ids=["comment", "tab and comment", "blanks and line ends of Windows"],
)
def test_field_1_1_a_comment_is_no_part_of_a_value(text: str) -> None:
    assert directives.read(text).text(NAME) == PLACE


@pytest.mark.parametrize(
    "text",
    [
        f"{NAME}:\n  {PLACE}\nb: 1\n",
        f"{NAME}:\n\n  # why\n  {PLACE}\n",
        f"{NAME}: '{PLACE}'\n",
        f'{NAME}: "D:\\\\Moved\\\\Database"\n',
        f"base: &where {PLACE}\n{NAME}: *where\n",
        f"{NAME}: &where {PLACE}\nother: *where\n",
        f"{NAME}: >-\n  {PLACE}\nb: 1\n",
        f"{NAME}: |\n  {PLACE}\nb: 1\n",
        f"{{{NAME}: '{PLACE}', b: 1}}\n",
        f"{NAME}:\t{PLACE}\n",
        f"{NAME} : {PLACE}\n",
        f"\ufeff{NAME}: {PLACE}\n",
        f"'{NAME}': {PLACE}\n",
        f'? {NAME}\n: "D:\\\\\\x4doved\\\\Database"\n',
        f"--- # the instance\n{NAME}: !!str {PLACE}\n...\n",
    ],
    ids=[
        "next line",
        "behind a comment",
        "single quotes",
        "double quotes",
        "alias",
        "anchor",
        "folded",
        "literal",
        "flow mapping",
        "tab",
        "blank before the colon",
        "BOM",
        "quoted key",
        "explicit key and escapes",
        "document marks and a tag",
    ],
)
def test_field_1_2_every_spelling_of_a_value(text: str) -> None:
    reading = directives.read(text)
    assert (reading.text(NAME), reading.misread(NAME, is_path=True)) == (PLACE, None)


def test_field_1_2_a_hash_within_a_path() -> None:
    assert directives.read(rf"{NAME}: D:\C#\Database # moved").text(NAME) == r"D:\C#\Database"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{NAME}: *nothing\n", "line 1: the value of databasePath refers to *nothing, which nothing above it defines"),
        (
            f"{NAME}: *later\nb: &later {PLACE}\n",
            "line 1: the value of databasePath refers to *later, which nothing above it defines",
        ),
        (f"a: &list [1]\n{NAME}: *list\n", "line 2: the value of databasePath is a list, and a text is wanted"),
        (f"{NAME}: [{PLACE}]\n", "line 1: the value of databasePath is a list, and a text is wanted"),
        (f"{NAME}:\n  - {PLACE}\n", "line 1: the value of databasePath is a list, and a text is wanted"),
        (f"{NAME}: {{path: x}}\n", "line 1: the value of databasePath is a mapping, and a text is wanted"),
        (f"{NAME}: !secret x\n", "line 1: the value of databasePath has the type !secret, and a text is wanted"),
        (
            f"{NAME}: Moved\n",
            "line 1: the value of databasePath is 'Moved', which is not an absolute path",
        ),
        (
            f"{NAME}: D:Moved\n",
            "line 1: the value of databasePath is 'D:Moved', which is not an absolute path",
        ),
        (f"{NAME}:\nb: 1\n", "line 1: the value of databasePath is empty"),
        (f"{NAME}: ~\n", "line 1: the value of databasePath is empty"),
        (f"{NAME}: '' # none\n", "line 1: the value of databasePath is empty"),
        (f"{NAME}: D:\\*\n", "line 1: the value of databasePath is 'D:\\*', and no path has the character *"),
        (
            f'{NAME}: "D:\\new"\n',
            "line 1: the value of databasePath has the control character U+000A, a backslash in double quotes must be doubled",
        ),
        (f"{NAME}: {PLACE}\nb: 1\n{NAME}: C:\\x\n", "lines 1 and 3 both have databasePath, and only one can count"),
        (f"{NAME}: {PLACE}\nDatabasePath: C:\\x\n", "lines 1 and 2 both have databasePath, and only one can count"),
        (f"b: 1\nDatabasepath: {PLACE}\n", "line 2 has Databasepath, which differs from databasePath in case"),
    ],
)
def test_field_1_1_what_is_there_and_not_understood_is_named(text: str, told: str) -> None:
    misread = directives.read(text).misread(NAME, is_path=True)
    assert misread == directives.Misread(NAME, told)


def test_field_1_1_a_directive_below_another_is_no_flat_one() -> None:
    misread = directives.read(f"db:\n  workDir: {PLACE}\n").misread("db.workDir", is_path=True)
    assert misread and misread.told == (
        "line 2 has db.workDir below another directive, and it is known only when it is written flat"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'a: 1\n{NAME}: "D:\\Moved"\n', "line 2 (databasePath): found unknown escape character"),
        (f"a: 1\n{NAME}: '{PLACE}\nb: 1\n", "line 2 (databasePath): found unexpected end of stream"),
        (f"a: 1\n\t{NAME}: x\n", "line 1 (a): found a tab character that violates indentation"),
        (f"{NAME}: {PLACE}\n---\nb: 1\n", "line 2 (databasePath): a second document begins here, and one is wanted"),
        ("- a\n", "line 1: it holds no directives, but something else"),
        ("just a text\n", "line 1: it holds no directives, but something else"),
        (f"<<: {{{NAME}: x}}\n", "line 1 (<<): '<<' takes directives from elsewhere. Write them out"),
        (f"a: x\x01\n{NAME}: x\n", "line 1 (a): the character U+0001 is not allowed in YAML"),
        (
            f"s: |\n\u27e6secret:0123456789abcdef\u27e7{NAME}: {PLACE}\n",
            "line 2 (s): a secret above it runs into it",
        ),
    ],
)
def test_field_1_1_a_file_that_is_no_yaml_is_named_with_its_line(text: str, told: str) -> None:
    reading = directives.read(text)
    assert reading.fault and reading.fault.told == told
    assert reading.names == [] and reading.misread(NAME) == reading.fault


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "~\n"])
def test_a_file_without_directives_says_nothing(text: str) -> None:
    assert directives.read(text) == directives.Reading()


@pytest.mark.parametrize(
    "text",
    ["- " * 10_000, "a: " + "[" * 100_000, "a: " + "{b: " * 50_000, "a: 1\n" * 60_000, "a" * 2_000_000],
    ids=["dashes", "brackets", "braces", "lines", "letters"],
)
def test_what_is_too_much_is_refused_at_once(text: str) -> None:
    begun = time.perf_counter()
    reading = directives.read(text)
    assert time.perf_counter() - begun < 1
    assert reading.misread("a")


_LETTERS = st.text(st.sampled_from("aB:#'\"\\ ,*&[]{}|>-\u0416\t"), max_size=12)


@given(st.lists(st.tuples(st.sampled_from(["a", "b.c", NAME]), _LETTERS), max_size=4))
def test_a_reading_agrees_with_pyyaml(lines: list[tuple[str, str]]) -> None:
    """What PyYAML's own loader takes for a text is the same text; what it refuses is never a value."""
    text = "".join(f"{name}: {value}\n" for name, value in lines)
    reading = directives.read(text)
    try:
        loaded = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.composer.ComposerError:
        return  # an alias to nothing spoils the whole file for PyYAML
    except yaml.YAMLError:
        assert reading.fault or not lines
        return
    for name in dict(lines):
        found = reading.find(name)
        if found and found.value and not reading.misread(name):
            assert loaded[name].strip() == found.value


@pytest.mark.parametrize(
    "text",
    [
        f"a: 1\r\n{NAME}: {PLACE} # moved\r\nb: 2\r\n",
        f"{NAME}:\n  {PLACE}\nb: 2\n",
        f"{NAME}: '{PLACE}'\nb: 2\n",
        f"{NAME}: >-\n  {PLACE}\nb: 2\n",
        f"x: &p {PLACE}\n{NAME}: *p\nb: *p\n",
        f"{{{NAME}: '{PLACE}', b: 2}}\n",
        f"b: 2\n{NAME}: D:\\C#\\Database\n",
    ],
)
@pytest.mark.parametrize("new", [r"E:\New", r"E:\C#\New", r"E:\a #b", "E:\\it's, {so}"])
def test_field_1_2_an_edit_changes_the_value_and_nothing_else(text: str, new: str) -> None:
    change = directives.edit(text, NAME, new)
    assert change
    after = directives.edited(text, change)
    assert after and directives.read(after).text(NAME) == new
    assert directives.read(after).text("b") == directives.read(text).text("b")


@pytest.mark.parametrize("text", [f"{NAME}: &p {PLACE}\nb: *p\n", "b: 1\n", f"{NAME}: x\n{NAME}: y\n"])
def test_field_1_2_what_an_edit_would_spoil_is_not_edited(text: str) -> None:
    assert directives.edit(text, NAME, r"E:\New") is None
