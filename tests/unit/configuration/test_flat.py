# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pytest
import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import flat
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.document import Document, Entry
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.flat import merge, proved
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


@pytest.mark.parametrize("key", ["'k: 1'", '"k: 1"', "k"])
def test_a_name_is_written_as_in_the_new_file(key: str) -> None:
    assert text(f"{key}: [1, 2]\n", f"{key}: [2]\n", f"{key} : [1]\n") == f"{key} : []\n"
    assert text(f"{key}:\n  a: 1\n  b: 1\n", f"{key}:\n  a: 1\n", f"{key}:\n  b: 1\n") == f"{key}: {{}}\n"


def test_a_mapping_of_which_nothing_is_left_is_empty() -> None:
    base, ours, theirs = "r:\n  a: 1\n  b: 1\n", "r:\n  b: 1\n", "r:\n  a: 1\n"
    assert text(base, ours, theirs) == "r: {}\n"
    assert text(base, "r: {}\n", theirs) == "r: {}\n"
    assert text(base, ours, "r: {}\n") == "r: {}\n"
    assert text("r: {}\n", "r:\n  own: 1\n", "r: {} # new\n") == "r:\n  own: 1\n"
    assert text("r: {}\n", "r:\n    own: 1\n", "r:\n  new: 1\n") == "r:\n  own: 1\n  new: 1\n"


def test_line_ends_are_those_of_the_instance() -> None:
    result = merge("f", "a: 1\nb: 1\n", "a: 2\r\nb: 1\r\n", "b: 1\n# c\na: 1\n", STOP)
    assert result.text == "b: 1\r\n# c\r\na: 2\r\n"
    assert merge("f", "a: 1", "a: 1\nb: 1", "c: 1\na: 1", STOP).text == "c: 1\na: 1\nb: 1"


def test_what_is_no_flat_file_is_refused() -> None:
    with pytest.raises(NotWellFormed, match="the directive 'a' stands twice, in lines 1 and 2"):
        merge("f", "a: 1\n", "a: 1\na: 2\n", "a: 3\n", STOP)


def test_a_broken_file_is_left_alone_where_the_new_version_changes_nothing() -> None:
    assert merge("f", "a: 1\n", "a: 1\na: 2\n", "a: 1\r\n", STOP).text == "a: 1\na: 2\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("7.1", "7.10", "8.0"),
        ("0012", "10", "9"),
        ("1:30", "90", "2:00"),
        ("0x1F", "31", "5"),
        ("1e3", "1000.0", "5"),
        ("2026-03-12", "2026-03-12 00:00:00", "5"),
        ("yes", "true", "no"),
        ("[7.1]", "[7.10]\n#", "5"),
        ("{x: 7.1}", "{x: 7.10}", "{x: 8}"),
    ],
)
def test_field_2_15_values_are_compared_by_their_text(base: str, ours: str, theirs: str) -> None:
    result = merged(f"a: {base}\n", f"a: {ours}\n", f"a: {theirs}\nb: 1\n")
    assert [conflict.id for conflict in result.conflicts] == ["a"]
    assert result.text == f"a: {ours}\n".removesuffix("#\n") + "b: 1\n" + ("#\n" if "#" in ours else "")


@pytest.mark.parametrize(
    ("base", "ours"), [("true", "True"), ("FALSE", "false"), ("~", "null"), ("", "~"), ("Null", "")]
)
def test_field_2_15_booleans_and_null_are_compared_by_meaning(base: str, ours: str) -> None:
    assert text(f"a: {base}\n", f"a: {ours}\n", "a: 5\n") == "a: 5\n"


def test_field_2_15_items_of_lists_are_compared_by_their_text() -> None:
    assert text("s: [7.1]\n", "s: [7.1, 7.10]\n", "s: [7.1, 8]\n") == "s: [7.1, 7.10, 8]\n"
    assert [c.id for c in merged("s: [1]\n", "s:\n  - 1\n  - '25'\n", "s: [1, 25]\n").conflicts] == ["s"]


def test_field_2_16_an_anchor_comes_before_its_alias() -> None:
    assert text("a: 1\nb: 2\n", "a: &x 1\nb: *x\n", "# b\nb: 2\n# a\na: 1\n") == "# a\na: &x 1\n# b\nb: *x\n"
    assert text("c: 1\n", "a: &x 1\nc: 1\nb: *x\n", "d: 1\nc: 1\n") == "a: &x 1\nd: 1\nc: 1\nb: *x\n"
    shared = "d: &d\n  x: 1\n"
    assert text(shared, shared + "e:\n  <<: *d\n", "c: 1\n" + shared) == "c: 1\n" + shared + "e:\n  <<: *d\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "where"),
    [
        ("a: &x 1\n", "a: &x 1\nb: *x\n", "c: 1\n", "a, b"),  # the anchor goes
        ("a: &x 1\n", "a: &x 1\nb: *x\n", "a: &x 2\n", "a, b"),  # the alias would mean something else
        ("c: 1\n", "a: &x 1\nb: *x\nc: 1\n", "c: 1\nd: &x 2\ne: *x\n", "a, b, d, e"),  # two anchors of one name
    ],
)
def test_field_2_16_directives_that_are_tied_are_one_conflict(base: str, ours: str, theirs: str, where: str) -> None:
    assert [(c.where, c.id) for c in merged(base, ours, theirs).conflicts] == [(where, "a")]
    for word, side in (("ours", ours), ("theirs", theirs)):
        result = merged(base, ours, theirs, Choice(answers={"a": word}))
        said = yaml.safe_load(result.text)
        assert {key: said.get(key) for key in "abde"} == {key: yaml.safe_load(side).get(key) for key in "abde"}


@pytest.mark.parametrize(
    "value",
    [
        "|\n    go\n    # stop\n",
        "|-\n    # go\n    port: 1\n    # stop\n",
        ">\n    go\n\n    # stop\n",
        "|+\n    # stop\n\n",
        "|2\n     go\n    # stop\n",
        "'go\n\n    # stop'\n",
        "\n    - |\n      go\n      # stop\n",
    ],
)
@pytest.mark.parametrize("head", ["s:\n  run: {}", "s:\n  - run: {}"])
def test_field_2_17_a_literal_stays_whole(head: str, value: str) -> None:
    nested = head.format(value.replace("\n    ", "\n      ") if "- " in head else value)
    for base, ours in ((nested, nested + "own: 1\n"), ("s: 1\n", nested + "own: 1\n")):
        result = text(base, ours, base + "# new\nnew: 1\n")
        assert yaml.safe_load(result) == {**yaml.safe_load(nested), "own": 1, "new": 1}
    theirs = nested.replace("s:\n", "s:\n  - a: 1\n" if "- run" in head else "s:\n  a: 1\n")
    result = yaml.safe_load(text(nested, nested.replace("stop", "halt"), theirs))["s"]
    wanted = yaml.safe_load(theirs.replace("stop", "halt"))["s"]
    assert result == wanted or sorted(map(str, result)) == sorted(map(str, wanted))


def test_field_2_18_the_vendors_comments_are_theirs() -> None:
    assert text("# Old help.\n#a: 1\n", "# Old help.\na: 5\n", "# New help.\n#a: 2\n") == "# New help.\n#a: 2\na: 5\n"
    old = "".join(f"# Help {n}.\n#d{n}: {n}\n" for n in range(50))
    new = "".join(f"# Other help {n}.\n#d{n}: 0\n" for n in range(50))
    assert text(old, old.replace("#d7: 7", "d7: 70"), new) == new.replace("#d7: 0\n", "#d7: 0\nd7: 70\n")
    assert text("# One.\na: 1 # old\n", "# One.\na: 5 # old\n", "# Two.\na: 1 # new\n") == "# Two.\na: 5 # new\n"
    assert (
        text("r:\n  # Old.\n  a: 1\n", "r:\n  # Old.\n  a: 5\n", "r:\n  # New.\n  a: 1\n") == "r:\n  # New.\n  a: 5\n"
    )
    assert (
        text("s:\n  # Old.\n  - 1\n", "s:\n  # Old.\n  - 1\n  - 2\n", "s:\n  # New.\n  - 1\n")
        == "s:\n  # New.\n  - 1\n  - 2\n"
    )


def test_field_2_18_a_directive_with_an_anchor_gets_the_vendors_comment() -> None:
    ours = "a: &x 1 # old\nb: *x # old\n"
    assert text("a: 1 # old\nb: 2 # old\n", ours, "a: 1 # new\nb: 2 # new\n") == ours.replace("old", "new")


def test_field_2_18_an_operators_comments_stay() -> None:
    assert (
        text("# Old.\na: 1\n", "# Old.\n# mine\na: 1 # so\n# end\n", "# New.\na: 2\n")
        == "# New.\n# mine\n# so\na: 2\n# end\n"
    )
    assert text("a: 1\nb: 1\n", "# mine\n#a: 1\nb: 1\n", "a: 1\n# New.\nb: 1\n") == "# New.\n# mine\n#a: 1\nb: 1\n"
    assert (
        text("r:\n  a: 1\n  b: 1\n", "r:\n  b: 1\n  # mine\n", "# R.\nr:\n  a: 1\n  b: 2\n")
        == "# R.\nr:\n  b: 2\n# mine\n"
    )


@pytest.mark.parametrize(
    "prose", ["# Example:\n#   batch: 5\n", "# batch: how many at once\n", "# As in\n#\n#\tbatch: 5\n"]
)
def test_field_2_19_prose_is_no_place_for_a_directive(prose: str) -> None:
    assert text("a: 1\n", "a: 1\nbatch: 60\n", f"{prose}c: 1\na: 1\n") == f"{prose}c: 1\na: 1\nbatch: 60\n"
    assert text("a: 1\n", "a: 1\nbatch: 60\n", f"{prose}#batch: 5\na: 1\n") == f"{prose}#batch: 5\nbatch: 60\na: 1\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "wanted"),
    [
        ("a: 1\n", "own: 1\na: 1\n", "# head\n---\na: 2\n", "# head\n---\nown: 1\na: 2\n"),
        ("---\na: 1\nb: 1\n", "---\nb: 1\n", "---\na: 1\nb: 2\n", "---\nb: 2\n"),
        ("a: 1\nb: 1\n", "a: |+\n  x\n\nb: 1\n", "a: 1\n\n# B.\nb: 2\n", "a: |+\n  x\n\n# B.\nb: 2\n"),
        (
            "r:\n  a: 1\n",
            "r:\n  a: |\n    x\n",
            "r:\n  a: 1\n    # C.\n  c: 1\n",
            "r:\n  a: |\n    x\n  # C.\n  c: 1\n",
        ),
        ("a:\n  b: 1\n", "a: # mine\n  b: 1\n", "a: true\n", "# mine\na: true\n"),
        ("a: 1\n", "a: 1\n", "---\n# nothing\n", "---\n# nothing\n"),
    ],
)
def test_field_2_20_a_merged_file_says_what_the_merge_meant(base: str, ours: str, theirs: str, wanted: str) -> None:
    assert text(base, ours, theirs) == wanted
    yaml.safe_load(wanted)


@pytest.mark.parametrize("key", ["'a: b'", "'- a'", "'#a'", "'a'", "'{a'", "'a:'", "a b"])
@pytest.mark.parametrize(
    ("base", "ours", "theirs", "wanted"),
    [
        ("[1, 2]", "[1, 2, 9]", "[0, 1, 2]", [0, 1, 2, 9]),
        ("[1, 2]", "[2]", "[1]", []),
        ("[1]", "\n  - 1\n  - '2, 3'", "[1, 4]", [1, "2, 3", 4]),
        ("\n  a: 1\n  b: 1", "\n  a: 1", "\n  b: 1", {}),
        ("\n  a: 1", "\n  a: 2", "\n  a: 1\n  b: 1", {"a": 2, "b": 1}),
    ],
)
def test_field_2_20_names_that_need_quotes_have_them(
    key: str, base: str, ours: str, theirs: str, wanted: object
) -> None:
    name = yaml.safe_load(key)
    assert yaml.safe_load(text(*(f"{key}: {side}\n" for side in (base, ours, theirs)))) == {name: wanted}
    document = Document.parse("other: 1\n")
    document.set(name, "2")
    assert yaml.safe_load(document.text) == {"other": 1, name: 2}
    assert yaml.safe_load("".join(Document.parse("other: 1\n")["other"].renamed(name).lines)) == {name: 1}


def test_field_2_20_what_the_old_files_have_that_is_no_yaml_may_stay() -> None:
    broken = 'path: "C:\\Program Files"\nurl: a: b\n'
    assert text(broken + "a: 1\n", broken + "a: 5\n", broken + "a: 1\nnew: 1\n") == broken + "a: 5\nnew: 1\n"


def test_field_2_20_what_the_proof_rejects_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    literal, empty = Document.parse("a: |\n  x\n"), Document()
    assert proved(literal, empty, literal)
    assert not proved(literal, empty, Document(literal.entries, ["  # swallowed\n"]))
    assert not proved(literal, empty, Document(literal.entries, ["  x: 1\n", "y\n"]))
    assert not proved(literal, empty, Document([Entry("b: c", [], ["b: c: 1\n"], 5)]))
    assert not proved(literal, empty, Document([*literal.entries, Entry("b", [], ["b: c: 1\n"], 2)]))
    monkeypatch.setattr(flat, "proved", lambda *_documents: False)
    sides = ("a: 1\nb: 1\n", "a: 2\nb: 1\n", "a: 1\nb: 2\n")
    result = merged(*sides)
    assert result.text == sides[1]
    assert [(c.where, c.base, c.ours, c.theirs) for c in result.conflicts] == [("the whole file", *sides)]
    assert merged(*sides, Choice("theirs")).text == sides[2]
    assert merged(*sides, Choice(answers={result.conflicts[0].id: "ours"})) == Merged(sides[1], (), ())
