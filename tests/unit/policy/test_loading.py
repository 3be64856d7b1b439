# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import pathlib
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version

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
    sections = "versions, releases, texts, procedures, hops, forbidden, layouts, directives, shared"
    for wanted in (
        f"{path}:3: 'hopps' is no section of a policy; wanted: {sections}",
        f"{path}:2: versions: item 1: version: '5.0' is not a product version: it has 2 of 4 numbers",
        f"{path}:15: hops: one: the id is used twice in this list",
        f"{path}:16: hops: item 3: wanted a mapping with an 'id' that is a text, found",
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
        ("a: [", "cannot be read: while parsing a flow node"),
        ("hops: []\nhops: []", "the key 'hops' is given twice"),
        ("- 1", "wanted a mapping with the sections versions, releases, texts, procedures,"),
        ("- 1", "layouts, directives, shared, found list"),
        ("hops: 5", ":1: hops: wanted a list, found int"),
        ("hops: [{id: [x]}]", "wanted a mapping with an 'id' that is a text"),
        ("? [a]\n: 1", "found unhashable key"),
        ("hops: !!python/object/apply:os.system [true]", "could not determine a constructor"),
    ],
)
def test_a_file_that_is_no_policy_is_refused_by_name(tmp_path: pathlib.Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    (mistake,) = mistakes(path)
    assert mistake.startswith(str(path))
    assert words in mistake


def test_files_that_cannot_be_read_are_reported_together(tmp_path: pathlib.Path) -> None:
    broken = tmp_path / "b.yml"
    broken.write_bytes(b"\xff\xfe\x00")
    found = mistakes(tmp_path / "absent.yml", tmp_path, broken)
    assert ["No such file" in found[0], "Is a directory" in found[1], "utf-8" in found[2]] == [True, True, True]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4.7 or 5.0", "'4.7 or 5.0' in '4.7 or 5.0' is no condition"),
        ("4.7,", "'' in '4.7,' is no condition"),
        ("4.7.1.0.2", "is no condition"),
        ("<=@5.0-2026-06-09", "a release is compared with >= or < only"),
        (">=4.7.2З499.0", "CYRILLIC CAPITAL LETTER ZE"),
        ("== 4.7", "is no condition"),
    ],
)
def test_ranges_that_mean_nothing(text: str, words: str) -> None:
    (mistake,) = mistakes({"hops": [{**HOP, "from": text}]})
    assert words in mistake


def test_the_example_in_the_documents_does_what_it_says(tmp_path: pathlib.Path) -> None:
    text = (pathlib.Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
    rules = policy.load(
        [write(tmp_path, text.split("<!-- A test loads this example. -->\n```yaml\n")[1].split("```")[0])]
    )
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
