# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where instances can be seen: registry keys and instance ymls; sites.py adds those that only IIS knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import directives, paths
from .answers import Answers, items
from .brands import BRANDS, Brand
from .queries import registry_id


@dataclass
class Sighting:
    """Where an instance was seen: its yml's item, its registry keys, its IIS site. ``chosen``: why that site among several, as
    half a sentence; empty where there was no choice, None where nothing decides.
    """

    brand: Brand
    name: str
    yml: dict[str, Any] | None = None
    registry: list[dict[str, Any]] = field(default_factory=list)
    site: dict[str, Any] | None = None
    chosen: str | None = ""

    @property
    def found_in(self) -> list[str]:
        """The places that know it."""
        seen = {"registry": self.registry, "yml": self.yml, "iis": self.site}
        return [place for place, what in seen.items() if what]

    @property
    def reading(self) -> directives.Reading:
        """What the yml says; nothing where there is none."""
        if self.yml is None:
            return directives.Reading()
        if self.yml.get("text") is None or self.yml.get("truncated"):
            return directives.Reading(fault=directives.Misread(None, "it is no text, or larger than 1 MB"))
        return directives.read(self.yml["text"])

    def directive(self, name: str) -> str | None:
        """The text of a directive of the yml."""
        return self.reading.text(name)

    def value(self, name: str) -> str | None:
        """A value of the registry key."""
        for key in self.registry:
            if name in key["values"]:
                return str(key["values"][name]["data"])
        return None


class Sightings:
    """Every instance that is known so far, by brand and name as Windows compares them."""

    def __init__(self, view: Answers) -> None:
        self._known: dict[tuple[str, str], Sighting] = {}
        for brand in BRANDS:
            for name, yml in _ymls(view, brand):
                self.of(brand, name).yml = yml
            for name, key in _registry_keys(view, brand):
                self.of(brand, name).registry.append(key)

    def of(self, brand: Brand, name: str) -> Sighting:
        """The instance of that name; a new one if there was none."""
        return self._known.setdefault((brand.name, name.casefold()), Sighting(brand, name))

    def known(self, brand: Brand, name: str) -> Sighting | None:
        """The instance of that name, if there is one."""
        return self._known.get((brand.name, name.casefold()))

    def __iter__(self) -> Iterator[Sighting]:
        return iter(list(self._known.values()))


def _ymls(view: Answers, brand: Brand) -> Iterator[tuple[str, dict[str, Any]]]:
    tail = paths.key(brand.configs_folder.split("%")[-1])
    for item in items(view.get("ymls")):
        if paths.key(paths.parent(item["path"])).endswith(tail):
            yield paths.name(item["path"])[: -len(".yml")], item


def _registry_keys(view: Answers, brand: Brand) -> Iterator[tuple[str, dict[str, Any]]]:
    for bits, root in view.get(registry_id(brand.name)).get("views", {}).items():
        for key, content in (root.get("keys") or {}).items():
            values = content.get("values", {})
            name = str(values.get("name", {}).get("data") or key)
            yield name, {"view": int(bits), "key": rf"{brand.registry_key}\{key}", "values": values}
