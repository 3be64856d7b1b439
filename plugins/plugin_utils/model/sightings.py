# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where instances can be seen: registry keys, instance ymls and IIS sites on a Config folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from . import paths
from .answers import Answers, items
from .brands import BRANDS, Brand
from .queries import python_pattern, registry_id


def directives(text: str) -> list[str]:
    """The names of the top-level directives of a flat yml."""
    return re.findall(r"(?m)^([A-Za-z][\w.-]*)[ \t]*:", text)


@dataclass
class Sighting:
    """Where an instance was seen: its yml's item, its registry keys, its IIS site."""

    brand: Brand
    name: str
    yml: dict[str, Any] | None = None
    registry: list[dict[str, Any]] = field(default_factory=list)
    site: dict[str, Any] | None = None

    @property
    def found_in(self) -> list[str]:
        """The places that know it."""
        seen = {"registry": self.registry, "yml": self.yml, "iis": self.site}
        return [place for place, what in seen.items() if what]

    def directive(self, directive: str) -> str | None:
        """A directive of the yml, unquoted."""
        if self.yml is None or not self.yml.get("text"):
            return None
        found = python_pattern(directive).search(self.yml["text"])
        return found["value"].strip("'\" ") or None if found else None

    def directives(self) -> list[str]:
        """The names of all top-level directives of the yml."""
        return directives((self.yml or {}).get("text") or "")

    def value(self, name: str) -> str | None:
        """A value of the registry key."""
        for key in self.registry:
            if name in key["values"]:
                return str(key["values"][name]["data"])
        return None


def sightings(view: Answers) -> list[Sighting]:
    """Every instance that a yml, a registry key or a site on a Config folder tells of."""
    known: dict[tuple[str, str], Sighting] = {}

    def sighting(brand: Brand, name: str) -> Sighting:
        return known.setdefault((brand.name, name.casefold()), Sighting(brand, name))

    for brand in BRANDS:
        for name, yml in _ymls(view, brand):
            sighting(brand, name).yml = yml
        for name, key in _registry_keys(view, brand):
            sighting(brand, name).registry.append(key)
    sites = view.get("iis").get("sites", [])
    for site in sites:
        _claim_site(site, list(known.values()), sighting, view)
    for one in known.values():
        one.site = one.site or _at_default(one, sites, view)
    return list(known.values())


def _at_default(one: Sighting, sites: list[dict[str, Any]], view: Answers) -> dict[str, Any] | None:
    """A site of any name on the place where a Config folder lies of which nothing else tells."""
    if _told(one, view):
        return None
    config = paths.join(_expand(one.brand.instances_folder, view), one.name, "Config")
    return next((site for site in sites if paths.same(root_folder(site), config)), None)


def _told(one: Sighting, view: Answers) -> str:
    """The Config folder that yml or registry name."""
    return _expand(one.directive("configPath") or one.value("ConfigPath") or "", view)


def _expand(path: str, view: Answers) -> str:
    return paths.expand(path, view.get("environment").get("process", {}))


def _claim_site(
    site: dict[str, Any], known: list[Sighting], sighting: Callable[[Brand, str], Sighting], view: Answers
) -> None:
    """Gives a site to the instance whose Config folder it serves, else to the one after whom it is named."""
    folder = root_folder(site)
    for one in known:
        told = _told(one, view)
        if told and paths.same(told, folder):
            one.site = site
            return
    for brand in BRANDS:
        name = site["name"][len(brand.site_prefix) :]
        named = site["name"].casefold().startswith(brand.site_prefix.casefold())
        owner = next((one for one in known if one.brand == brand and one.name.casefold() == name.casefold()), None)
        if named and (owner or paths.name(folder).casefold() == "config" or _has_links(view, folder)):
            one = owner or sighting(brand, name)
            one.site = one.site or site


def _has_links(view: Answers, folder: str) -> bool:
    """Whether the folder holds links, as a Config folder does whatever its name is."""
    listed = (item for item in items(view.get("links")) if paths.same(item["path"], folder))
    return any(entry.get("target") for item in listed for entry in item.get("entries", []))


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


def root_folder(site: dict[str, Any]) -> str:
    """The folder that the site's root serves."""
    for application in site["applications"]:
        for folder in application["virtual_directories"]:
            if application["path"] == "/" and folder["path"] == "/":
                return str(folder["expanded_path"])
    return ""
