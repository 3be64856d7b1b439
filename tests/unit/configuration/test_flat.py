# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.flat import merge
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import (
    Conflict,
    Merged,
    NotWellFormed,
)

STOP = Choice()


def merged(base: str, ours: str, theirs: str, choice: Choice = STOP) -> Merged:
    return merge("instance.yml", base, ours, theirs, choice)


def text(base: str, ours: str, theirs: str) -> str:
    result = merged(base, ours, theirs)
    assert result.conflicts == ()
    return result.text


def test_the_new_order_and_comments_with_the_values_of_the_instance() -> None:
    assert text(
        "a: 1\nb: 2\nc: 3\n",
        "a: 1\nb: 'zwei' # ours\nc: 3\n",
        "# about c\nc: 4\n\n# about b\nb: 2\na: 1\n",
    ) == "# about c\nc: 4\n\n# about b\nb: 'zwei' # ours\na: 1\n"  # fmt: skip


def test_own_directives_stand_after_their_default_or_their_predecessor_or_in_front() -> None:
    assert text(
        "a: 1\nb: 2\n",
        "# head\nfirst: 0\na: 1\nafter.a: x\n\n# why\nafter.that: y\nb: 2\ndefault: z\n",
        "# head\n# more\na: 1\n#default: 0\n# about b\nb: 3\n",
    ) == "# head\nfirst: 0\n# more\na: 1\nafter.a: x\n\n# why\nafter.that: y\n#default: 0\ndefault: z\n# about b\nb: 3\n"  # fmt: skip


def test_comments_of_operators_go_with_their_directive() -> None:
    assert text(
        "a: 1\nb: 2\ngone: 3\nc: 4\n",
        "# мой\na: 1 # behind\nb: 2\n# of gone\ngone: 3\nc: 4\n# at the end\n",
        "c: 4\n# vendor\nb: 2\na: 5\n",
    ) == "# of gone\nc: 4\n# vendor\nb: 2\n# мой\n# behind\na: 5\n# at the end\n"  # fmt: skip


def test_a_comment_that_both_wrote_comes_once() -> None:
    assert text("a: 1\n", "# same\na: 2\n", "# same\na: 1\nb: 1\n") == "# same\na: 2\nb: 1\n"


def test_a_directive_that_was_taken_out_or_put_into_comments_stays_out() -> None:
    assert text("a: 1\nb: 2\nc: 3\n", "#a: 1\nc: 3\n", "a: 1\n# b\nb: 2\nc: 4\n") == "# b\n#a: 1\nc: 4\n"


def test_values_are_compared_by_meaning_and_written_as_they_were() -> None:
    assert text("a: x\n", 'a: "x"\n', "a: x\nb: 1\n") == 'a: "x"\nb: 1\n'
    assert text("a: x\n", "a: 'x'\n", "a: y\n") == "a: y\n"
    assert text("a: [1, 2]\n", "a:\n  - 1\n  - 2\n", "a: [1, 2, 3]\n") == "a: [1, 2, 3]\n"
    assert text("a: {x: 1, y: 2}\n", "a:\n  y: 2\n  x: 1\n", "a: {x: 1, y: 3}\n") == "a: {x: 1, y: 3}\n"


@pytest.mark.parametrize(
    ("base", "ours"), [("true", "1"), ("1", "1.0"), ("80", "'80'"), ("", "''"), ("null", "'null'")]
)
def test_values_of_different_types_differ(base: str, ours: str) -> None:
    assert [c.id for c in merged(f"a: {base}\n", f"a: {ours}\n", "a: 5\n").conflicts] == ["a"]


def test_paths_tabs_and_colons_need_no_yaml() -> None:
    ours = 'path: C:\\Новая папка\\n\nurl: a: b\ntab:\t1\nquoted: "C:\\Program Files"\nhash: a#b\n'
    base = "path: C:\\Data\nurl: x\ntab: 0\nquoted: 1\nhash: 0\n"
    assert text(base, ours, base + "new: 1\n") == ours + "new: 1\n"


def test_values_that_refer_to_others_are_taken_as_text() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\n" + "c: [*b, *b]\n"
    assert text("a: 1\nb: 1\nc: 1\n", bomb, "a: 1\nb: 1\nc: 1\nd: 1\n") == bomb + "d: 1\n"


def test_a_conflict_names_the_three_values_and_shows_ours() -> None:
    result = merged("a: 1\n", "a: 2 # two\n", "a: 3\nb: 1\n")
    assert result == Merged("a: 2 # two\nb: 1\n", (Conflict("instance.yml", "a", "a", "1", "2 # two", "3"),), ())


def test_conflicts_of_directives_that_one_side_took_out() -> None:
    assert merged("a: 1\n", "", "a: 3\n").conflicts == (Conflict("instance.yml", "a", "a", "1", None, "3"),)
    assert merged("a: 1\nb: 2\n", "a: 1\nb: 3\n", "a: 1\n").conflicts == (
        Conflict("instance.yml", "b", "b", "2", "3", None),
    )
    assert merged("", "a: 1\n", "a: 2\n").conflicts == (Conflict("instance.yml", "a", "a", None, "1", "2"),)


def test_answers_decide_one_conflict_and_the_word_of_the_file_the_others() -> None:
    sides = ("a: 1\nb: 1\n", "a: 2\nb: 2\n", "a: 3\nb: 3\n")
    result = merged(*sides, Choice("theirs", {"a": "ours"}))
    assert result.text == "a: 2\nb: 3\n"
    assert result.notes == ("instance.yml: 'b' has '3' of the new version instead of '2', as chosen.",)
    assert [c.id for c in merged(*sides, Choice(answers={"a": "ours"})).conflicts] == ["b"]


def test_a_directive_that_the_new_version_lacks_is_named() -> None:
    result = merged(
        "a: 1\npassword: \u27e6secret:0123456789abcdef\u27e7\n",
        "a: 1\npassword: \u27e6secret:0123456789abcdef\u27e7\n",
        "a: 1\n",
    )
    assert result == Merged(
        "a: 1\n",
        (),
        ("instance.yml: the new version has no 'password'; the instance's value '(secret)' is the old version's own and is left out.",),
    )  # fmt: skip


def test_lists_merge_as_sets() -> None:
    assert text(
        "s:\n  - a\n  - b\n  - c\n",
        "s:\n  - a\n  - x # ours\n  - c\n",
        "s:\n    - z\n    - a\n    - b\n    # vendor\n    - c\n    - d\n",
    ) == "s:\n    - z\n    - a\n    - x # ours\n    # vendor\n    - c\n    - d\n"  # fmt: skip


def test_lists_in_brackets() -> None:
    assert text("s: [1, 2]\n", "s: [1, 2, 9]\n", "s: [0, 1, 2] # n\n") == "s: [0, 1, 2, 9] # n\n"
    assert text("s: [1, 2]\n", "s: [2]\n", "s: [1]\n") == "s: []\n"
    assert text("s: [1]\n", "s: [1, 9]\n", "s:\n- 1\n- 2\n") == "s:\n- 1\n- 9\n- 2\n"
    assert text("s: [1]\n", "s: # why\n  - 1\n  - 9\n", "s: [1, 2]\n") == "s: # why\n  - 1\n  - 9\n  - 2\n"


def test_lists_that_are_no_sets_are_taken_whole() -> None:
    for base, ours, theirs in (
        ("[1, 1]", "[1, 1, 2]", "[1, 1, 3]"),
        ("[1, 2]", "[2, 1]", "[1, 2, 3]"),
        ("['a, b']", "['a, b', c]", "['a, b', d]"),
    ):
        assert [c.where for c in merged(f"s: {base}\n", f"s: {ours}\n", f"s: {theirs}\n").conflicts] == ["s"]


SERVICES = "services:\n  - apiPrefix: a\n    enabled: true\n  - apiPrefix: b\n"


def test_mappings_in_lists_are_matched_by_their_names() -> None:
    assert text(
        SERVICES,
        SERVICES.replace("true", "false") + "  - apiPrefix: own\n",
        SERVICES.replace("b\n", "b\n    timeout: 3\n").replace("true\n", "true\n    retries: 1\n"),
    ) == (
        "services:\n  - apiPrefix: a\n    enabled: false\n    retries: 1\n"
        "  - apiPrefix: b\n    timeout: 3\n  - apiPrefix: own\n"
    )  # fmt: skip


def test_conflicts_inside_of_values_have_paths() -> None:
    result = merged(SERVICES, SERVICES.replace("true", "false"), SERVICES.replace("true", "maybe"))
    assert result.conflicts == (
        Conflict("instance.yml", "services[a].enabled", "services[a].enabled", "true", "false", "maybe"),
    )
    nested = "r:\n  s:\n    x: {}\n    y: 1\n".format
    result = merged(nested(1), nested(2), nested(3) + "  t: 1\n")
    assert [c.id for c in result.conflicts] == ["r.s.x"]
    assert result.text == nested(2) + "  t: 1\n"


def test_nested_mappings_merge_with_their_comments() -> None:
    assert text(
        "r:\n  a: 1\n  b: 1\n",
        "r:\n  # mine\n  a: 2\n  b: 1\n  own:\n    - 1\n",
        "r: # new\n    b: 3\n    # vendor\n    a: 1\n",
    ) == "r: # new\n    b: 3\n    own:\n      - 1\n    # vendor\n    # mine\n    a: 2\n"  # fmt: skip


def test_line_ends_are_those_of_the_instance() -> None:
    result = merge("f", "a: 1\nb: 1\n", "a: 2\r\nb: 1\r\n", "b: 1\n# c\na: 1\n", STOP)
    assert result.text == "b: 1\r\n# c\r\na: 2\r\n"
    assert merge("f", "a: 1", "a: 1\nb: 1", "c: 1\na: 1", STOP).text == "c: 1\na: 1\nb: 1"


def test_what_is_no_flat_file_is_refused() -> None:
    with pytest.raises(NotWellFormed, match="the directive 'a' stands twice, in lines 1 and 2"):
        merge("f", "a: 1\n", "a: 1\na: 2\n", "a: 3\n", STOP)


def test_a_broken_file_is_left_alone_where_the_new_version_changes_nothing() -> None:
    assert merge("f", "a: 1\n", "a: 1\na: 2\n", "a: 1\r\n", STOP).text == "a: 1\na: 2\n"
