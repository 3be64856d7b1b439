# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads policy files and merges them by id."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from .entries import Entry, Located
from .rules import build
from .search import Policy

SHIPPED = tuple(pathlib.Path(__file__).with_name(name) for name in ("upgrade_paths.yml", "configuration.yml"))
"""The policy of the collection, in the order of reading."""
_LISTS = ("releases", "texts", "procedures", "hops", "forbidden", "layouts", "directives", "shared")
SECTIONS = ("versions", *_LISTS)


def load(extra: Iterable[Mapping[str, Any] | str | pathlib.Path] = ()) -> Policy:
    """Read the shipped policy and then the user's files (or what such a file would hold), in this order.

    An entry whose id is already known changes the fields that it names and keeps the others.
    Raises entries.PolicyError with every mistake of every file.
    """
    return assemble((*SHIPPED, *extra))


def assemble(sources: Iterable[Mapping[str, Any] | str | pathlib.Path]) -> Policy:
    """The policy of these files alone; for its arguments and errors see load()."""
    mistakes: list[str] = []
    versions: list[Entry] = []
    merged: dict[str, dict[str, Entry]] = {section: {} for section in _LISTS}
    for content in _contents(sources, mistakes):
        for section in sorted(set(content) - set(SECTIONS), key=str):
            place = content.marks.get(section, content.mark)
            mistakes.append(f"{place}: {section!r} is no section of a policy; wanted: {', '.join(SECTIONS)}")
        for section in SECTIONS:
            place = content.marks.get(section, content.mark)
            items = content.get(section)
            if items is not None and not isinstance(items, list):
                mistakes.append(f"{place}: {section}: wanted a list, found {type(items).__name__}")
            elif section == "versions":
                versions += [
                    Entry(Located({"version": item}, place, {}), f"versions: item {number}", mistakes)
                    for number, item in enumerate(items or [], start=1)
                ]
            else:
                _merge(merged[section], items or [], section, place, mistakes)
    return build(versions, merged, mistakes)


def _contents(sources: Iterable[Mapping[str, Any] | str | pathlib.Path], mistakes: list[str]) -> Iterable[Located]:
    given = 0
    for source in sources:
        if isinstance(source, Mapping):
            given += 1
            yield Located(source, f"policy entries {given}", {})
        else:
            yield _read(pathlib.Path(source), mistakes)


def _merge(known: dict[str, Entry], items: list[Any], section: str, place: str, mistakes: list[str]) -> None:
    """Lay the items of one file's section over those of the files before it."""
    seen: set[str] = set()
    for number, item in enumerate(items, start=1):
        mark = item.mark if isinstance(item, Located) else place
        if not isinstance(item, Mapping) or not isinstance(item.get("id"), str) or not item["id"].strip():
            mistakes.append(
                f"{mark}: {section}: item {number}: wanted a mapping with an 'id' that is a text, found {item!r}"
            )
            continue
        name = item["id"]
        if name in seen:
            mistakes.append(f"{mark}: {section}: {name}: the id is used twice in this list")
        seen.add(name)
        fields = item if isinstance(item, Located) else Located(item, place, {})
        before = known.get(name)
        known[name] = Entry(fields.over(before.fields) if before else fields, f"{section}: {name}", mistakes)


def _read(path: pathlib.Path, mistakes: list[str]) -> Located:
    """The contents of a file; nothing, and a mistake noted, if it is not a mapping in YAML."""
    nothing = Located({}, str(path), {})
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"), str(path))
        content = loader.get_single_data()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mistakes.append(f"{path}: cannot be read: {error}")
        return nothing
    if content is None or isinstance(content, Located):
        return content or nothing
    mistakes.append(f"{path}: wanted a mapping with the sections {', '.join(SECTIONS)}, found {type(content).__name__}")
    return nothing


# Several times as fast, where PyYAML has it; every module that plans reads the whole policy.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):
    """YAML where 4.10 stays a text (as a number it would become 4.1) and no key may be given twice."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":bool", ":null", ":merge"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self._path = path

    def construct_located(self, node: yaml.MappingNode) -> Located:
        """A mapping with its places; refuses a key that comes twice."""
        marks: dict[str, str] = {}
        for key in (key for key, _value in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in marks:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            marks[key.value] = self._mark(key)
        return Located(self.construct_mapping(node, deep=True), self._mark(node), marks)

    def _mark(self, node: yaml.Node) -> str:
        return f"{self._path}:{node.start_mark.line + 1}"


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_located)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"(0|[1-9][0-9]*)\Z"), list("0123456789"))
