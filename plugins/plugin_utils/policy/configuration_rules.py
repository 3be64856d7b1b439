# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what policy files say about the configuration: layouts, directives and shared directives."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from ..model.values import shown
from .entries import Entry, key_text
from .hops import When
from .layouts import (
    FORMATS,
    INSTANCE_FILE,
    REGISTRY,
    SETTINGS,
    VALUES,
    Becomes,
    Directive,
    Layout,
    LayoutFile,
    Place,
    Shared,
)
from .ranges import Release

_NAME = re.compile(r'[^\\/:*?"<>|\x00-\x1f]*[^\\/:*?"<>|\x00-\x1f. ]')


def read(
    sections: Mapping[str, Mapping[str, Entry]], releases: Mapping[str, Release]
) -> tuple[tuple[Layout, ...], tuple[Directive, ...], tuple[Shared, ...]]:
    """The layouts, the directives in their order, and the shared directives."""
    layouts = tuple(_layout(name, entry, releases) for name, entry in sections["layouts"].items())
    names = {file.name for layout in layouts for file in layout.files}
    directives = tuple(_directive(name, entry, releases, names) for name, entry in sections["directives"].items())
    return layouts, directives, tuple(_shared(name, entry, names) for name, entry in sections["shared"].items())


def when(entry: Entry, releases: Mapping[str, Release]) -> When:
    """The pairs of versions that an entry concerns; all of them where it says nothing."""
    value = entry.get("when")
    if value is None:
        return When(None, None)
    fields = entry.inner("when", value)
    made = When(
        fields.range("from", releases) if fields.get("from") is not None else None,
        fields.range("to", releases) if fields.get("to") is not None else None,
    )
    fields.finish()
    return made


def _layout(name: str, entry: Entry, releases: Mapping[str, Release]) -> Layout:
    links = entry.texts("links")
    for number, link in enumerate(links, start=1):
        _check_path(entry, f"links: item {number}", link, deepest=1)
    _check_repeated(entry, "links", links)
    linked = entry.texts("linked_files")
    for number, path in enumerate(linked, start=1):
        _check_path(entry, f"linked_files: item {number}", path)
        if path and path.split("\\")[0].casefold() not in {link.casefold() for link in links}:
            entry.wrong(
                f"linked_files: item {number}", f"{shown(path)} does not lie below one of the links of this layout"
            )
    settings = entry.choice("settings", SETTINGS)
    files = tuple(_file(item) for item in entry.inners("files"))
    _check_repeated(entry, "files", [file.name for file in files])
    if settings and (settings == "yml") != any(file.name == INSTANCE_FILE for file in files):
        wrong = "must be among the files" if settings == "yml" else "must not be among the files"
        entry.wrong("files", f"{INSTANCE_FILE} {wrong} where settings is {settings}")
    return Layout(
        id=name,
        versions=entry.range("versions", releases),
        settings=settings,
        links=links,
        files=files,
        linked_files=linked,
        placeholders=_placeholders(entry),
        source=entry.text("source"),
    )


def _file(entry: Entry) -> LayoutFile:
    file = LayoutFile(entry.text("name"), entry.choice("format", FORMATS), entry.text("template", default="") or None)
    _check_path(entry, "name", file.name, deepest=1)
    _check_path(entry, "template", file.template or "")
    entry.finish()
    return file


def _placeholders(entry: Entry) -> dict[str, str]:
    value = entry.get("placeholders")
    if value is None:
        return {}
    fields = entry.inner("placeholders", value)
    found = {}
    for text in fields.fields:
        if not isinstance(text, str) or not text.strip():
            fields.wrong(key_text(text), "wanted a text that stands in the templates, in quotes")
        else:
            found[text] = fields.choice(text, VALUES)
    return found


def _directive(name: str, entry: Entry, releases: Mapping[str, Release], names: Collection[str]) -> Directive:
    crossing = when(entry, releases)
    if crossing.start is None and crossing.target is None and isinstance(entry.get("when"), Mapping | None):
        entry.wrong("when", "is missing; wanted from, to or both: the versions between which the directive changes")
    becomes = []
    for item in entry.inners("to"):
        place = _place(item, names)
        becomes.append(Becomes(place, item.text("value", default="") or None))
        item.finish()
    origin = Place("", "")
    if entry.get("from") is None:
        entry.wrong("from", "is missing; wanted the file and the key of the directive")
    else:
        item = entry.inner("from", entry.get("from"))
        origin = _place(item, [REGISTRY, *names])
        item.finish()
    return Directive(name, origin, tuple(becomes), crossing, entry.flag("certain"), entry.text("source"))


def _shared(name: str, entry: Entry, names: Collection[str]) -> Shared:
    places = []
    for item in entry.inners("places"):
        places.append(_place(item, names))
        item.finish()
    if len(places) < 2:
        entry.wrong("places", "wanted at least two places, which must be equal")
    return Shared(name, tuple(places), entry.text("source"))


def _place(entry: Entry, names: Collection[str]) -> Place:
    file = entry.text("file")
    if file and file not in names:
        entry.wrong("file", f"{shown(file)} is a file of no layout; wanted one of {', '.join(sorted(names))}")
    return Place(file, entry.text("key"))


def _check_path(entry: Entry, key: str, path: str, deepest: int | None = None) -> None:
    """A name, or a path below a folder, as Windows allows it; empty is another's mistake."""
    if not path:
        return
    foreign = next((letter for letter in path if not letter.isascii()), None)
    parts = path.split("\\")
    if foreign:
        entry.wrong(
            key,
            f"{shown(path)} has {shown(foreign)} (U+{ord(foreign):04X}): type the name with the English keyboard layout",
        )
    elif not all(_NAME.fullmatch(part) for part in parts):
        entry.wrong(
            key,
            f"{shown(path)} is no path below a folder; wanted names with \\ between them, such as data\\logs.config",
        )
    elif deepest is not None and len(parts) > deepest:
        entry.wrong(key, f"{shown(path)} is a path; wanted a name alone")


def _check_repeated(entry: Entry, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in (name for name in names if name):
        if name.casefold() in seen:
            entry.wrong(key, f"{shown(name)} is there twice; Windows does not tell capital letters")
        seen.add(name.casefold())
