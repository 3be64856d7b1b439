# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pathlib
import re
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import METHODS
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.loading import SECTIONS

HOP: dict[str, Any] = {
    "id": "own",
    "from": "4.3",
    "to": "4.7",
    "method": "vendor_script",
    "script": r"C:\scripts\instance_upgrade.ps1",
    "data_upgrade": True,
    "reversible": False,
    "source": "Support",
}


def mistakes(*extra: Any) -> list[str]:
    with pytest.raises(policy.PolicyError) as caught:
        policy.load(extra)
    assert all(mistake in str(caught.value) for mistake in caught.value.mistakes)
    return caught.value.mistakes


def write(folder: pathlib.Path, text: str) -> pathlib.Path:
    path = folder / "политика.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_the_user_adds_hops_and_versions(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path,
        """
versions: [4.10.5.0]
hops:
  - {id: own, from: 4.7, to: 4.10, method: in_place, data_upgrade: false, reversible: true, source: Support}
  - {id: own-2, from: 4.10, to: 5.0.13334, method: in_place, data_upgrade: true, reversible: true, source: Support}
""",
    )
    rules = policy.load([path])
    start, target = Version(4, 7, 23499, 0), Version(5, 0, 13334, 0)
    assert rules.find_path(start, target, rules.versions).versions[1] == Version(4, 10, 5, 0)


def test_an_entry_with_a_known_id_changes_only_what_it_names() -> None:
    shipped = {hop.id: hop for hop in policy.load().hops}["4.7-within"]
    own = {"hops": [{"id": "4.7-within", "method": "vendor_script", "script": r"C:\s.ps1"}]}
    changed = {hop.id: hop for hop in policy.load([own]).hops}["4.7-within"]
    assert (shipped.method, changed.method) == ("in_place", "vendor_script")
    assert (shipped.source, shipped.start.text) == (changed.source, changed.start.text)


def test_later_files_win() -> None:
    extra = [{"hops": [{**HOP, "source": text}]} for text in ("first", "second")]
    assert policy.load(extra).hops[-1].source == "second"


def test_an_empty_file_is_no_mistake(tmp_path: pathlib.Path) -> None:
    assert policy.load([write(tmp_path, "---\n")]).versions == policy.load().versions


def test_all_mistakes_are_reported_at_once_with_their_places(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path,
        """
versions: [5.0, 4.7.1.0]
hopps: []
hops:
  - id: one
    from: 4.3
    to: ">=4.7"
    method: magic
    data_upgrade: "yes"
    requirements: [nobody_wrote_this]
    advisories:
      - {id: a, en: text}
      - {id: product_backup, acknowledge: 1, when: {from: <@5.1, too: "5.0"}}
    sorce: Support
  - id: one
  - from: 4.3
texts:
  - {id: t, en: "", ru: текст}
releases:
  - {id: r, newest_before: 5.0.2.0, oldest_since: 5.0.1.0, source: x}
  - {id: s, source: x}
""",
    )
    own = {
        "hops": [{**HOP, "from": 4.3, "inputs": [{"id": "i", "en": "e", "ru": "r", "directive": "d", "pattern": "("}]}]
    }
    found = "\n".join(mistakes(path, own))
    sections = "versions, releases, texts, procedures, hops, forbidden, layouts, directives, shared, names"
    for wanted in (
        f"{path}:3: hopps: is no section of a policy; wanted: {sections}",
        f"{path}:2: versions: item 1: version: '5.0' is not a product version: it has 2 of 4 numbers",
        f"{path}:15: hops: one: id: is used twice in this list",
        f"{path}:16: hops: item 3: wanted a mapping with an id that is a text, found a mapping whose id is nothing",
        f"{path}:7: hops: one: to: '4.7' is not a product version: it has 2 of 4 numbers",
        f"{path}:8: hops: one: method: wanted one of in_place, vendor_script, manual, found 'magic'",
        f"{path}:9: hops: one: data_upgrade: wanted true or false, found 'yes'",
        f"{path}:15: hops: one: reversible: is missing",
        f"{path}:15: hops: one: source: is missing",
        f"{path}:14: hops: one: sorce: is no field here; wanted: advisories, before_next, data_upgrade, from,",
        f"{path}:10: hops: one: requirements: item 1: id: 'nobody_wrote_this' is not in the list of texts",
        f"{path}:12: hops: one: advisories: item 1: ru: is missing",
        f"{path}:13: hops: one: advisories: item 2: acknowledge: wanted true or false, found 1",
        f"{path}:13: hops: one: advisories: item 2: when: from: release '5.1' is not in the list of releases (5.0-2025-10-10,",
        f"{path}:13: hops: one: advisories: item 2: when: too: is no field here; wanted: from, to",
        f"{path}:18: texts: t: en: wanted a text, found ''",
        f"{path}:20: releases: r: newest_before: 5.0.2.0 is not below oldest_since 5.0.1.0",
        f"{path}:21: releases: s: build: is missing; where it is unknown, give newest_before or oldest_since",
        "policy entries 1: hops: own: from: wanted a text, found 4.3, a number: put it in quotes",
        "policy entries 1: hops: own: inputs: item 1: pattern: '(' is no regular expression: missing ), unterminated subpattern",
    ):
        assert wanted in found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", ":2: is no YAML that can be read: while parsing a flow node, did not find expected node content"),
        ("hops: []\nhops: []", "the key 'hops' is given twice"),
        ("- 1", "wanted a mapping with the sections versions, releases, texts, procedures,"),
        ("- 1", "layouts, directives, shared, names, found a list"),
        ("hops: 5", ":1: hops: wanted a list, found 5"),
        (
            "hops: [{id: [x]}]",
            ":1: hops: item 1: wanted a mapping with an id that is a text, found a mapping whose id is a list",
        ),
        ("? [a]\n: 1", ":1: is no YAML that can be read: a key must be a text"),
        (
            "hops: !!python/object/apply:os.system [true]",
            ":1: is no YAML that can be read: the tag !!python/object/apply:os.system is not possible here; "
            "leave it out",
        ),
        ("hops: !!binary aGk=", "the tag !!binary is not possible here"),
        ("hops: !!bool maybe", "the tag !!bool is not possible here"),
        ("hops: !!timestamp soon", "the tag !!timestamp is not possible here"),
        ("hops: !!map [1]", "expected a mapping node, but found sequence"),
        ("hops: &a [*a]", "found unconstructable recursive node"),
        ("hops: \x00", "is no YAML that can be read: it has a control character (U+0000)"),
        ("a: 1\n---\nb: 1", ":2: is no YAML that can be read: expected a single document in the stream"),
        ("a b", "layouts, directives, shared, names, found 'a b'"),
        (f"hops: {'[' * 3000}{']' * 3000}", "nest"),
        (f"hops: {'9' * 5000}", f":1: hops: wanted a list, found '{'9' * 80}…'"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_by_name(tmp_path: pathlib.Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    (mistake,) = mistakes(path)
    assert mistake.startswith(str(path))
    assert words in mistake


def test_files_that_cannot_be_read_are_reported_together(tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "b.yml"
    broken.write_bytes(b"hops:\n\xff\xfe\x00")
    assert mistakes(tmp_path / "absent.yml", tmp_path, broken) == [
        f"{tmp_path / 'absent.yml'}: cannot be read: No such file or directory",
        f"{tmp_path}: cannot be read: Is a directory",
        f"{broken}:2: is not in UTF-8; save the file as UTF-8",
    ]


def test_an_entry_is_taken_away_by_a_later_file() -> None:
    removal = {
        "hops": [{"id": "4.7-within", "remove": True}],
        "forbidden": [{"id": "new-instance-only", "remove": True}],
    }
    rules = policy.load([removal])
    assert "4.7-within" not in [hop.id for hop in rules.hops]
    assert rules.bans == ()
    again = {
        "forbidden": [{"id": "new-instance-only", "from": "any", "to": "9.0", "en": "no", "ru": "нет", "source": "Us"}]
    }
    assert [ban.methods for ban in policy.load([removal, again]).bans] == [METHODS]


def test_removals_that_take_nothing_away(tmp_path: pathlib.Path) -> None:
    text = """
hops:
  - {id: 4.7-within, remove: false}
  - {id: 5.0-within, remove: true, source: Us}
  - {id: 5.0-witin, remove: true}
texts:
  - id: kafka
    remove: true
"""
    path = write(tmp_path, text)
    wanted = "wanted true, and no field but the id beside it; to change an entry, name the fields without this one"
    found = mistakes(path)
    assert found[:3] == [
        f"{path}:3: hops: 4.7-within: remove: {wanted}",
        f"{path}:4: hops: 5.0-within: remove: {wanted}",
        f"{path}:5: hops: 5.0-witin: id: '5.0-witin' is no entry of the files before this one: there is nothing to take away",
    ]
    refers = "id: 'kafka' is not in the list of texts; add it there, or give en and ru here"
    assert found[3:]
    assert all(mistake.endswith(refers) for mistake in found[3:])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4.7 or 5.0", "'4.7 or 5.0' in '4.7 or 5.0' is no condition"),
        ("4.7,", "'' in '4.7,' is no condition"),
        ("4.7.1.0.2", "is no condition"),
        ("<=@5.0-2026-06-09", "a release is compared with >= or < only"),
        (">=4.7.2З499.0", "CYRILLIC CAPITAL LETTER ZE"),
        ("== 4.7", "is no condition"),
        (
            "4.70000",
            "'4.70000' is no family of versions: the number 70000 is above 65535, the largest that Windows stores",
        ),
        ("4.07", "'4.07' is no family of versions: a number in it has leading zeros"),
        (f"4.{'9' * 5000}", "is no family of versions: a number in it has 5000 digits"),
        (f">=4.7.{'9' * 5000}.0", "a number in it has 5000 digits, and the largest that Windows stores is 65535"),
    ],
)
def test_ranges_that_mean_nothing(text: str, words: str) -> None:
    (mistake,) = mistakes({"hops": [{**HOP, "from": text}]})
    assert words in mistake


EMPTY = "wanted: conditions that one version can meet, such as >=4.7.23499.0, <5.0.0.0"


@pytest.mark.parametrize(
    ("text", "none"),
    [
        (">=5.0.0.0, <4.0.0.0", "both >=5.0.0.0 and <4.0.0.0"),
        ("5.0, 4.7", "both 5.0 and 4.7"),
        ("5.0, <5.0.0.0", "both 5.0 and <5.0.0.0"),
        (">5.0.1.0, <5.0.1.1", "both >5.0.1.0 and <5.0.1.1"),
        ("any, >4.7.1.0, <=4.7.1.0", "both >4.7.1.0 and <=4.7.1.0"),
        ("<0.0.0.0", "<0.0.0.0"),
        (">65535.65535.65535.65535", ">65535.65535.65535.65535"),
        ("<@5.0-2026-06-09, >=@5.0-2026-06-09", "both <@5.0-2026-06-09 and >=@5.0-2026-06-09"),
        ("6.0, <@5.0-2026-06-09", "both 6.0 and <@5.0-2026-06-09"),
        (">=@5.0-2026-06-09, <=5.0.24055.0", "both >=@5.0-2026-06-09 and <=5.0.24055.0"),
    ],
)
@pytest.mark.parametrize("field", ["from", "to"])
def test_ranges_that_hold_no_version(tmp_path: pathlib.Path, text: str, none: str, field: str) -> None:
    path = write(tmp_path, f'hops:\n  - id: 4.7-within\n    source: Us\n    {field}: "{text}"\n')
    assert mistakes(path) == [
        f"{path}:4: hops: 4.7-within: {field}: '{text}' holds no version: none is {none}; {EMPTY}"
    ]


@pytest.mark.parametrize(
    "text", ["<=0.0.0.0", ">=65535.65535.65535.65535", ">4.7.1.0, <=4.7.1.1", "5.0, >=@5.0-2026-06-09"]
)
def test_ranges_that_hold_one_version_at_least(text: str) -> None:
    policy.load([{"hops": [{**HOP, "from": text}]}])


DOCUMENT = (pathlib.Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLES = [part.split("```")[0] for part in DOCUMENT.split("<!-- A test loads this example. -->\n```yaml\n")[1:]]


def test_every_policy_in_the_documents_is_loaded_by_a_test() -> None:
    blocks = [part.split("```")[0] for part in DOCUMENT.split("```yaml\n")[1:]]
    others = [block for block in blocks if block not in EXAMPLES]
    assert (len(EXAMPLES), len(others)) == (4, 2)  # the others: the line for editors, and a task
    assert others[0].startswith("# yaml-language-server")
    assert "comindware.platform.upgrade_path:" in others[1]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_in_the_documents_is_a_policy(tmp_path: pathlib.Path, text: str) -> None:
    policy.load([write(tmp_path, text)])


@pytest.mark.parametrize(("example", "methods"), [(1, [("in_place",)]), (2, [])])
def test_a_ban_is_lifted_as_the_documents_say(
    tmp_path: pathlib.Path, example: int, methods: list[tuple[str, ...]]
) -> None:
    assert [ban.methods for ban in policy.load([write(tmp_path, EXAMPLES[example])]).bans] == methods


def test_the_documents_say_which_fields_a_new_entry_needs() -> None:
    for line in DOCUMENT.split("## Sections\n")[1].split("### Hops\n")[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        section = cells[0].strip("`")
        if section not in SECTIONS or section == "versions":
            continue
        told = {found[1] for found in re.finditer(r"\*\*`(\w+)`\*\*(?! and|\))", re.sub(r"\([^)]*\)", "", cells[2]))}
        missing = {
            mistake.removeprefix(f"policy entries 1: {section}: new: ").split(": ")[0]
            for mistake in mistakes({section: [{"id": "new"}]})
        }
        # Of a release and of names one of three fields is needed; two places are needed.
        assert missing - {"build", "public"} == told, section


def test_the_example_in_the_documents_does_what_it_says(tmp_path: pathlib.Path) -> None:
    rules = policy.load([write(tmp_path, EXAMPLES[0])])
    ways = [
        rules.find_path(Version.parse(start), Version.parse(target), [])
        for start, target in (
            ("4.3.100.0", "4.7.23499.0"),
            ("5.0.24055.0", "5.0.30117.0"),
            ("5.0.24055.0", "5.0.30118.0"),
        )
    ]
    assert [way.steps[0].hop.id for way in ways] == ["4.3-to-4.7", "5.0-within", "5.0-to-new-instance"]
    layout = rules.layout_of(Version(5, 0, 24055, 0))
    assert layout
    assert (len(layout.links), [file.template for file in layout.files][1]) == (10, "templates\\Web.config")


def test_names_of_the_user_stand_above_shipped_ones() -> None:
    own = {"id": "ours", "public": ["custom.motd", "s4.*.url"], "secret": ["FQDN"], "words": ["Geheim"], "source": "us"}
    names = policy.load([{"names": [own]}]).names
    asked = ("custom.motd", "outer.Custom.motd", "s4.any.url", "port", "fqdn", "a.fqdn", "motd", "journal.password")
    assert [names.is_public(name) for name in asked] == [True, True, True, True, False, False, False, False]
    assert "geheim" in names.words and "fqdn" not in [name.casefold() for name in names.public]


def test_names_can_be_taken_away() -> None:
    assert policy.load().names.is_public("IsWalDisabled")
    assert not policy.load([{"names": [{"id": "registry", "remove": True}]}]).names.is_public("IsWalDisabled")


def test_names_that_cannot_be_are_refused() -> None:
    own = [
        {"id": "a", "public": ["a..b", "c", "s3.*", "*.*.c", "a*.b"], "secret": ["C"], "source": "x"},
        {"id": "b", "words": ["pin1"], "source": "x"},
        {"id": "c", "source": "x"},
    ]
    form = "wanted a dotted name such as journal.server, where one * may stand for any piece but the last"
    wanted = [
        f"policy entries 1: names: a: public: item 1: {form}, found 'a..b'",
        f"policy entries 1: names: a: public: item 3: {form}, found 's3.*'",
        f"policy entries 1: names: a: public: item 4: {form}, found '*.*.c'",
        f"policy entries 1: names: a: public: item 5: {form}, found 'a*.b'",
        "policy entries 1: names: a: secret: 'c' is public in the same entry; take it out of one of the lists",
        "policy entries 1: names: b: words: item 1: wanted a word of letters, found 'pin1'",
        "policy entries 1: names: c: public: is missing; wanted public, secret or words: lists of names",
    ]
    assert mistakes({"names": own}) == wanted
