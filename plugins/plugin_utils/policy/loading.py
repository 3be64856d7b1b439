# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads policy files and merges them by id."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from ..model.values import shown
from .entries import Entry, Located
from .files import Unreadable, read
from .rules import build
from .search import Policy

SHIPPED = tuple(
    pathlib.Path(__file__).with_name(name) for name in ("upgrade_paths.yml", "configuration.yml", "names.yml")
)
"""The policy of the collection, in the order of reading."""
_LISTS = ("releases", "texts", "procedures", "hops", "forbidden", "layouts", "directives", "shared", "names")
SECTIONS = ("versions", *_LISTS)
REMOVE = "remove"
"""The field of an entry that takes the one with the same id away."""


def load(extra: Iterable[Mapping[str, Any] | str | pathlib.Path] = ()) -> Policy:
    """Read the shipped policy and then the user's files (or what such a file would hold), in this order.

    An entry whose id is already known changes the fields that it names and keeps the others, or takes the known one away.
    Raises entries.PolicyError with every mistake of every file.
    """
    return assemble((*SHIPPED, *extra))


def assemble(sources: Iterable[Mapping[str, Any] | str | pathlib.Path]) -> Policy:
    """The policy of these files alone; for its arguments and errors see load()."""
    mistakes: list[str] = []
    versions: list[Entry] = []
    merged: dict[str, dict[str, Entry]] = {section: {} for section in _LISTS}
    for content in _contents(sources, mistakes):
        top = Entry(content, "", mistakes)
        for number, item in enumerate(top.items("versions"), start=1):
            versions.append(top.inner(f"versions: item {number}", {"version": item}))
        for section, known in merged.items():
            _merge(known, top, section)
        top.finish(SECTIONS, "is no section of a policy")
    return build(versions, merged, mistakes)


def _contents(sources: Iterable[Mapping[str, Any] | str | pathlib.Path], mistakes: list[str]) -> Iterable[Located]:
    given = 0
    for source in sources:
        if isinstance(source, Mapping):
            given += 1
            yield Located(source, f"policy entries {given}", {})
            continue
        try:
            content = read(pathlib.Path(source))
        except Unreadable as mistake:
            mistakes.append(str(mistake))
            continue
        if isinstance(content, Located):
            yield content
        elif content is not None:
            wanted = f"wanted a mapping with the sections {', '.join(SECTIONS)}"
            mistakes.append(f"{source}:1: {wanted}, found {shown(content)}")


def _merge(known: dict[str, Entry], top: Entry, section: str) -> None:
    """Lay the items of one file's section over those of the files before it."""
    seen: set[str] = set()
    for number, item in enumerate(top.items(section), start=1):
        place = f"{section}: item {number}"
        name = item.get("id") if isinstance(item, Mapping) else item
        if not isinstance(item, Mapping) or not isinstance(name, str) or not name.strip():
            what = f"a mapping whose id is {shown(name)}" if isinstance(item, Mapping) else shown(item)
            top.wrong(place, f"wanted a mapping with an id that is a text, found {what}")
            continue
        entry = top.inner(place, item, f"{section}: {name}")
        if name in seen:
            entry.wrong("id", "is used twice in this list")
        seen.add(name)
        if REMOVE in item:
            _remove(known, name, entry)
        else:
            known[name] = entry.over(known[name]) if name in known else entry


def _remove(known: dict[str, Entry], name: str, entry: Entry) -> None:
    others = [field for field in entry.fields if field not in ("id", REMOVE)]
    if entry.flag(REMOVE) is not True or others:
        entry.wrong(
            REMOVE,
            "wanted true, and no field but the id beside it; to change an entry, name the fields without this one",
        )
    if known.pop(name, None) is None:
        entry.wrong("id", f"{shown(name)} is no entry of the files before this one: there is nothing to take away")
