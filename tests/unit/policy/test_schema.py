# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The JSON Schema, which editors use, and the loader, which decides, know the same fields and refuse the same mistakes."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest
import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import PolicyError, hops, layouts, loading
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.policy.everything import EVERYTHING, Where, changed, set_to, walk

SCHEMA = json.loads((pathlib.Path(loading.__file__).with_name("policy.schema.json")).read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SHIPPED: dict[str, Any] = {}
for shipped_file in loading.SHIPPED:
    SHIPPED |= yaml.safe_load(shipped_file.read_text(encoding="utf-8"))  # as an editor reads it; no section is in both


def schema_errors(content: Any) -> list[jsonschema.ValidationError]:
    """With those inside of alternatives."""

    def inside(found: Any) -> Iterator[jsonschema.ValidationError]:
        for error in found:
            yield error
            yield from inside(error.context)

    return list(inside(VALIDATOR.iter_errors(content)))


def loader_mistakes(content: dict[str, Any]) -> list[str]:
    try:
        loading.assemble([content])
    except PolicyError as error:
        return error.mistakes
    return []


def test_the_schema_is_one() -> None:
    VALIDATOR.check_schema(SCHEMA)


@pytest.mark.parametrize("content", [SHIPPED, EVERYTHING, {}], ids=["shipped", "everything", "empty"])
def test_the_schema_accepts_what_the_loader_accepts(content: dict[str, Any]) -> None:
    assert [error.message for error in schema_errors(content)] == []
    assert loader_mistakes(content) == []


def test_the_loader_reads_the_shipped_files_as_an_editor_does() -> None:
    parsed, read = (
        re.sub(" at 0x[0-9a-f]+", "", str(policy)) for policy in (loading.assemble([SHIPPED]), loading.load())
    )
    assert parsed == read


MAPPINGS = {
    (*("item" if isinstance(key, int) else key for key in where), str(value.get("kind", ""))): where
    for where, value in walk(EVERYTHING)
    if isinstance(value, dict) and (not where or where[-1] != "placeholders")
}


@pytest.mark.parametrize("where", MAPPINGS.values(), ids=lambda where: ".".join(map(str, where)) or "file")
def test_schema_and_loader_know_the_same_fields(where: Where) -> None:
    content = changed(EVERYTHING, (*where, "bogus"), set_to(1))
    (mistake,) = loader_mistakes(content)
    known = set(re.split(r"wanted: ", mistake)[1].split(", "))
    found = [
        error.schema["properties"]
        for error in schema_errors(content)
        if error.validator == "additionalProperties" and tuple(error.absolute_path) == where
    ]
    kind = dict(walk(EVERYTHING))[where].get("kind")
    (properties,) = [fields for fields in found if kind is None or fields["kind"]["const"] == kind]
    assert set(properties) == known


def test_schema_and_loader_know_the_same_words() -> None:
    defined = SCHEMA["$defs"]
    kinds = {check["properties"]["kind"]["const"]: check for check in defined["check"]["oneOf"]}
    assert set(kinds) == set(hops.CHECKS)
    for kind, parameters in hops.CHECKS.items():
        assert set(kinds[kind]["required"]) == {"kind", *parameters}
    assert tuple(defined["method"]["enum"]) == hops.METHODS
    assert tuple(defined["file"]["properties"]["format"]["enum"]) == layouts.FORMATS
    assert tuple(defined["layout"]["properties"]["settings"]["enum"]) == layouts.SETTINGS
    assert tuple(defined["layout"]["properties"]["placeholders"]["additionalProperties"]["enum"]) == layouts.VALUES
    braces = defined["stepText"]["allOf"][1]["pattern"]
    assert re.findall(r"\w{3,}", braces) == list(hops.STEP_VALUES)
    assert list(SCHEMA["properties"]) == list(loading.SECTIONS)


@pytest.mark.parametrize("section", [section for section in loading.SECTIONS if section != "versions"])
def test_schema_and_loader_know_how_an_entry_is_taken_away(section: str) -> None:
    name = EVERYTHING[section][0]["id"]
    for removal, possible in (
        ({"id": name, "remove": True}, True),
        ({"id": name, "remove": False}, False),
        ({"id": name, "remove": "true"}, False),
        ({"id": name, "remove": True, "source": "x"}, False),
        ({"remove": True}, False),
    ):
        assert VALIDATOR.is_valid({section: [removal]}) == possible, removal
        with pytest.raises(
            PolicyError
        ) as caught:  # what refers to the entry is missing, or nothing holds the version any more
            loading.assemble([EVERYTHING, {section: [removal]}, {"texts": [{"id": "marker"}]}])
        wrong = [mistake for mistake in caught.value.mistakes if mistake.startswith("policy entries 2: ")]
        assert bool(wrong) != possible, wrong


NEEDED = {"kind", "directive", "name", "format", "file", "key", "build", "major", "names", "release", "family", "id"}
CLOSED = {"method", "methods", "settings", "format", "kind", "placeholders"}
RANGES = {"from", "to", "versions"}


def mutations(content: dict[str, Any]) -> list[tuple[str, Where, Callable[[Any, str | int], None]]]:
    """Every way in which a field of the content is made wrong, such that no reference has to be followed to see it."""
    made: list[tuple[str, Where, Callable[[Any, str | int], None]]] = []
    for where, value in walk(content):
        if not where:
            continue
        names = [key for key in where if isinstance(key, str)]
        wrong: list[Any] = ["text"]
        if isinstance(value, str):
            wrong = [7, "", " ", ["text"], {"a": "b"}] + ["magic"] * bool(CLOSED & set(names[-2:]))
            wrong += ["soon", "4.7 or 5.0"] * (names[-1] in RANGES and names[0] != "versions")
            wrong += ["{nobody}", "{url", "url}", "{url!r}"] * ("steps" in names)
        elif isinstance(value, int):
            wrong = ["5"] + [0, True] * (not isinstance(value, bool))
        elif isinstance(value, list):
            wrong.append({"a": "b"})
        else:
            wrong = [7, []]  # where a mapping can be, a text can stand for a note
        made += [(f"{where} = {thing!r}", where, set_to(thing)) for thing in wrong]
        inner = isinstance(where[-1], str) and (len(where) > 3 or names[-1] == "id")
        if inner and names[-1] in NEEDED and names[0] != "releases":
            made.append((f"del {where}", where, lambda place, key: place.__delitem__(key)))
    return made


@pytest.mark.parametrize(
    ("where", "change"), [(where, change) for _, where, change in mutations(EVERYTHING)],
    ids=[name for name, _, _ in mutations(EVERYTHING)],
)  # fmt: skip
def test_schema_and_loader_refuse_the_same_mistakes(where: Where, change: Callable[[Any, str | int], None]) -> None:
    content = changed(EVERYTHING, where, change)
    assert not VALIDATOR.is_valid(content)
    assert loader_mistakes(content) != []


@settings(max_examples=60)
@given(st.sampled_from(mutations(SHIPPED)))
def test_a_mistake_in_the_shipped_files_would_be_seen(
    mutation: tuple[str, Where, Callable[[Any, str | int], None]],
) -> None:
    _, where, change = mutation
    content = changed(SHIPPED, where, change)
    assert not VALIDATOR.is_valid(content)
    assert loader_mistakes(content) != []
