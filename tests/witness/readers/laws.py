# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What IIS and ASP.NET refuse in a configuration file that System.Configuration by itself lets pass; collections.yml says what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.parsers import expat

import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils import configuration
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.identities import Collection

IIS = "IIS"
ASP_NET = "System.Web"

_DATA = Path(configuration.__file__).with_name("collections.yml")


@dataclass(frozen=True)
class Refusal:
    """Who refused, why, and in which line where that is known."""

    by: str
    error: str
    line: int | None

    def __str__(self) -> str:
        return f"{self.by}{f', line {self.line}' if self.line else ''}: {self.error}"


@dataclass
class _Element:
    name: str
    attributes: dict[str, str]
    line: int = field(compare=False)
    children: list[_Element] = field(default_factory=list)


def breaches(content: bytes) -> list[Refusal]:
    """Sections and keys that stand twice. Raises ExpatError for what is no XML."""
    root = _parsed(content)
    places = [("", root), *(("/" + _path(child), child) for child in root.children if child.name == "location")]
    seen: set[tuple[str, str]] = set()
    return [
        refusal
        for place, parent in places
        for child in parent.children
        if child.name in ("system.webServer", "system.web")
        for refusal in _walk(child, child.name, place, seen)
    ]


@cache
def collections() -> Mapping[str, Collection]:
    """By path, `system.webServer/handlers` and the like."""
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return {
        f"{group}/{path}": Collection.of(fields)
        for group in ("system.webServer", "system.web")
        for path, fields in data[group].items()
    }


@cache
def sections() -> frozenset[str]:
    """Paths of the sections that IIS reads itself."""
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return frozenset(f"system.webServer/{path}" for path in data["sections"])


def _walk(top: _Element, name: str, place: str, seen: set[tuple[str, str]]) -> Iterator[Refusal]:
    waiting = [(top, name)]  # in the order of the file; nested ever so deep
    while waiting:
        element, path = waiting.pop()
        if path in sections():
            if (place, path) in seen:
                error = f"Config section '{path}' already defined. Sections must only appear once per config file."
                yield Refusal(IIS, error, element.line)
            seen.add((place, path))
        collection = collections().get(path)
        if collection:
            yield from _twice(element, collection, IIS if path.startswith("system.webServer/") else ASP_NET)
        waiting += [(child, f"{path}/{child.name}") for child in reversed(element.children)]


def _twice(element: _Element, collection: Collection, by: str) -> Iterator[Refusal]:
    entries: dict[tuple[str, ...], _Element] = {}
    for child in element.children:
        key = tuple(_value(child, name, collection) for name in collection.key)
        if child.name == collection.clear:
            entries.clear()
        elif child.name == collection.remove:
            entries.pop(key, None)
        elif child.name == collection.item:
            same = entries.setdefault(key, child)
            if same is not child and (by == IIS or same != child):
                yield Refusal(by, _words(child, collection, by), child.line)


def _value(entry: _Element, name: str, collection: Collection) -> str:
    value = entry.attributes.get(name, collection.defaults.get(name, ""))
    return value if name in collection.exact else value.upper()


def _words(entry: _Element, collection: Collection, by: str) -> str:
    """As IIS and .NET say it."""
    values = [entry.attributes.get(name, collection.defaults.get(name, "")) for name in collection.key]
    if by == ASP_NET:
        return f"The entry '{values[0]}' has already been added."
    kind = "unique key attribute" if len(values) == 1 else "combined key attributes"
    verb = "set" if len(values) == 1 else "respectively set"
    return (
        f"Cannot add duplicate collection entry of type '{entry.name}' with {kind} '{', '.join(collection.key)}' "
        f"{verb} to '{', '.join(values)}'"
    )


def _path(location: _Element) -> str:
    return location.attributes.get("path", "").strip("/").upper()


def _parsed(content: bytes) -> _Element:
    top = _Element("", {}, 0)
    open_ = [top]
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        element = _Element(name, attributes, parser.CurrentLineNumber)
        open_[-1].children.append(element)
        open_.append(element)

    def end(_name: str) -> None:
        open_.pop()

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(content, True)
    return top.children[0]
