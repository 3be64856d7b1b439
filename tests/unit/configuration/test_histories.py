# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole instances through the histories, with the policy as it is shipped."""

from __future__ import annotations

import itertools
import re

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import (
    Change,
    Choice,
    FileText,
    Situation,
    change,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import load
from unit.configuration.pristine import EDITS, VERSIONS, edited, pristine, variants
from unit.configuration.worlds import texts

POLICY = load()
NUMBERS = {
    name: Version.parse(text)
    for name, text in zip(VERSIONS, ("4.2.612.0", "4.4.643.0", "4.7.3084.0", "5.0.13334.0", "6.0.1000.0"), strict=True)
}
REGISTRY = {
    "name": "demo",
    "ConfigPath": r"C:\ProgramData\comindware\Instances\demo\Config",
    "port": "80",
    "version": "4.2.612.0",
}
PAIRS = tuple(itertools.combinations(VERSIONS, 2))


def files(version: str) -> dict[str, str]:
    """The pristine files of a version, by name as the policy's layout has it."""
    layout = POLICY.layout_of(NUMBERS[version])
    assert layout is not None
    return {file.name: text for file in layout.files if (text := pristine(version, file.name)) is not None}


def upgraded(old: str, new: str, ours: dict[str, str], known: bool, choices: dict[str, Choice] | None = None) -> Change:
    """``known``: whether the pristine files of both versions are."""
    situation = Situation(
        {name.casefold(): FileText(name, text, "utf-8") for name, text in ours.items()},
        {name.casefold(): text for name, text in files(old).items()} if known else {},
        {name.casefold(): text for name, text in files(new).items()} if known else {},
        REGISTRY,
        {},
        NUMBERS[new],
    )
    return change(POLICY, NUMBERS[old], NUMBERS[new], situation, choices or {})


@pytest.mark.parametrize("known", [True, False], ids=["templates known", "templates unknown"])
@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_whatever_operators_changed_is_somewhere_or_named(old: str, new: str, known: bool) -> None:
    pristine_files = files(old)
    for name in set(EDITS) & set(pristine_files):
        for ours in variants(name, pristine_files[name]):
            made = upgraded(old, new, {**pristine_files, name: ours}, known)
            assert [
                notice
                for notice in made.notices
                if notice.code in ("not_well_formed", "base_unknown") and notice.level == "blocker"
            ] == []
            after = texts(made)
            found = "\n".join(
                [*(text or "" for text in after.values())]
                + [text for file, text in pristine_files.items() if file not in after and file != name]
                + ([ours] if name not in after else [])
                + [notice.message for notice in made.notices]
                + [f"{conflict.ours}" for conflict in made.conflicts]
            )
            assert {word for word in words(ours) - words(pristine_files[name]) if word not in found} == set()


def words(text: str) -> set[str]:
    return {word for line in text.splitlines() if "#" not in line for word in re.findall(r"[\w.\\${}:-]{2,}", line)}


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_an_untouched_instance_gets_the_new_files_wherever_both_versions_have_them(old: str, new: str) -> None:
    made = upgraded(old, new, files(old), known=True)
    assert made.conflicts == ()
    after = {**files(old), **texts(made)}
    for name in set(files(old)) & set(files(new)) - {"instance.yml"}:
        assert after[name] == files(new)[name]


def test_from_4_7_to_5_0_with_all_that_operators_do() -> None:
    ours = {name: edited(text, *EDITS.get(name, ())[:4]) for name, text in files("4.7").items()}
    ours["adapterhost.config"] = ours["adapterhost.config"].replace("127.0.0.1:9092", "10.1.1.1:9092")
    ours["instance.yml"] = ours["instance.yml"].replace("127.0.0.1:9092", "10.1.1.1:9092")
    ours["apigateway.json"] = ours["apigateway.json"].replace("127.0.0.1:9092", "10.1.1.1:9092")
    choices = {"web.config": Choice("ours"), "logs.config": Choice("theirs")}
    made = upgraded("4.7", "5.0", ours, known=True, choices=choices)
    assert [notice.message for notice in made.notices if notice.level == "blocker"] == []
    after = texts(made)
    assert {name for name, text in after.items() if text is None} == {
        "Workers.config",
        "adapterhost.config",
        "apigateway.json",
    }
    for name in ("instance.yml", "adapterhost.yml", "apigateway.yml"):
        assert "mq.server: 10.1.1.1:9092\r\n" in str(after[name])
    assert 'maxRequestLength="524288"' in str(after["Web.config"])
    assert 'archiveFilesCount="50"' in str(after["logs.config"])
    assert "port: 8081\r\n" in str(after["instance.yml"])
    assert "version: 5.0.13334.0\r\n" in str(after["instance.yml"])
