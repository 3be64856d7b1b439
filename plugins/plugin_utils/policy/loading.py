# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads policy files and merges them by id."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from .rules import Entry, build
from .search import Policy

SHIPPED = pathlib.Path(__file__).with_name("upgrade_paths.yml")
_LISTS = ("releases", "texts", "hops", "forbidden")
_SECTIONS = ("versions", *_LISTS)


def load(extra: Iterable[Mapping[str, Any] | str | pathlib.Path] = ()) -> Policy:
    """Read the shipped policy and then the user's files (or what such a file would hold), in this order.

    An entry whose id is already known changes the fields that it names and keeps the others.
    Raises rules.PolicyError with every mistake of every file.
    """
    mistakes: list[str] = []
    versions: list[Entry] = []
    merged: dict[str, dict[str, Entry]] = {section: {} for section in _LISTS}
    for number, source in enumerate((SHIPPED, *extra)):
        name = f"extra policy {number}" if isinstance(source, Mapping) else str(source)
        content = source if isinstance(source, Mapping) else _read(pathlib.Path(source), mistakes)
        for section in sorted(set(content) - set(_SECTIONS), key=str):
            mistakes.append(f"{name}: {section!r} is no section of a policy; wanted: {', '.join(_SECTIONS)}")
        for section in _SECTIONS:
            items = content.get(section) or []
            if not isinstance(items, list):
                mistakes.append(f"{name}: {section}: wanted a list, found {type(items).__name__}")
            elif section == "versions":
                versions += [
                    Entry({"version": item}, f"{name}: versions: item {n}", mistakes) for n, item in _count(items)
                ]
            else:
                _merge(merged[section], items, f"{name}%s: {section}", mistakes)
    return build(versions, merged, mistakes)


def _count(items: list[Any]) -> Iterable[tuple[int, Any]]:
    return enumerate(items, start=1)


def _merge(known: dict[str, Entry], items: list[Any], place: str, mistakes: list[str]) -> None:
    """Lay the items of one file's section over those of the files before it."""
    seen: set[str] = set()
    for number, item in _count(items):
        line = f":{item.line}" if isinstance(item, _Located) else ""
        if not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
            mistakes.append(
                f"{place % line}: item {number}: wanted a mapping with an 'id' that is a text, found {item!r}"
            )
            continue
        name = item["id"]
        if name in seen:
            mistakes.append(f"{place % line}: {name}: the id is used twice in this list")
        seen.add(name)
        before = known.get(name)
        fields = {**(before.fields if before else {}), **item}
        known[name] = Entry(fields, f"{place % line}: {name}", mistakes)


def _read(path: pathlib.Path, mistakes: list[str]) -> Mapping[str, Any]:
    """The contents of a file; nothing, and a mistake noted, if it is not a mapping in YAML."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mistakes.append(f"{path}: cannot be read: {error}")
        return {}
    if content is None or isinstance(content, Mapping):
        return content or {}
    mistakes.append(
        f"{path}: wanted a mapping with the sections {', '.join(_SECTIONS)}, found {type(content).__name__}"
    )
    return {}


class _Located(dict[Any, Any]):
    """A mapping that knows its line in the file."""

    line = 0


class _Loader(yaml.SafeLoader):
    """YAML where 4.10 stays a text (as a number it would become 4.1) and no key may be given twice."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":bool", ":null", ":merge"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_located(self, node: yaml.MappingNode) -> _Located:
        """A mapping with its line; refuses a key that comes twice."""
        keys: set[str] = set()
        for key in (key for key, _value in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in keys:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            keys.add(key.value)
        located = _Located(self.construct_mapping(node, deep=True))
        located.line = node.start_mark.line + 1
        return located


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_located)
