# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which site of IIS is the instance's own, and what else of IIS serves its folders.

Its own is one that serves its Config folder, and of several the one that its name or binding tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import folders, paths
from .answers import Answers, items
from .brands import BRANDS
from .facts import Serving
from .iis import RawSite, address, is_web, root_folder
from .sightings import Sighting, Sightings


def find(seen: Sightings, view: Answers) -> None:
    """Gives every instance its site, and adds the instances that only a site on a Config folder tells of."""
    sites: list[RawSite] = view.get("iis").get("sites", [])
    variables = view.get("environment").get("process", {})
    serving: set[str] = set()
    for one in seen:
        told = folders.told(one, "config", variables)
        serving |= _choose(one, sites, told) if told else set()
    for site in sites:
        if site["name"] not in serving:
            _claim_by_name(site, seen, view)
    for one in seen:
        if one.site is None and not folders.told(one, "config", variables):
            home = paths.join(paths.expand(one.brand.instances_folder, variables), one.name)
            _choose(one, sites, paths.join(home, "Config"))


def _choose(one: Sighting, sites: list[RawSite], config: str) -> set[str]:
    """The names of all sites on the folder; the instance gets one of them."""
    found = [site for site in sites if paths.same(root_folder(site), config)]
    if found:
        one.site, one.chosen = _own(one, found)
    return {site["name"] for site in found}


def _own(one: Sighting, found: list[RawSite]) -> tuple[RawSite, str | None]:
    """One of several, and what decided it; None where nothing does."""
    if len(found) == 1:
        return found[0], ""
    recorded = one.value("webSiteName") or ""
    marks = (
        ("by its name", lambda site: site["name"].casefold() == f"{one.brand.site_prefix}{one.name}".casefold()),
        ("by its name in the registry", lambda site: site["name"].casefold() == recorded.casefold()),
        ("by its binding", lambda site: _is_bound(site, one)),
    )
    for why, fits in marks:
        fitting = [site for site in found if fits(site)]
        if len(fitting) == 1:
            return fitting[0], why
    return found[0], None


def _is_bound(site: RawSite, one: Sighting) -> bool:
    """Whether it answers to the name, or else to the port, that yml or registry tell."""
    name, port = (one.directive("fqdn") or one.value("fqdn") or "").casefold(), one.value("port")
    bound = [address(binding) for binding in site["bindings"] if is_web(binding)]
    return any(host.casefold() == name for _ip, _port, host in bound if host) or any(
        number == port for _ip, number, host in bound if not host
    )


def _claim_by_name(site: RawSite, seen: Sightings, view: Answers) -> None:
    """Gives a site to the instance after which it is named, if it serves what may be a Config folder."""
    folder = root_folder(site)
    for brand in BRANDS:
        name = site["name"][len(brand.site_prefix) :]
        named = site["name"].casefold().startswith(brand.site_prefix.casefold())
        if named and (seen.known(brand, name) or paths.name(folder).casefold() == "config" or _has_links(view, folder)):
            one = seen.of(brand, name)
            one.site = one.site or site


def _has_links(view: Answers, folder: str) -> bool:
    """Whether the folder holds links, as a Config folder does whatever its name is."""
    listed: list[dict[str, Any]] = [item for item in items(view.get("links")) if paths.same(item["path"], folder)]
    return any(entry.get("target") for item in listed for entry in item.get("entries", []))


def others(seen: Sightings, places: Mapping[str, str], view: Answers) -> list[Serving]:
    """Applications of sites that are no instance's own and serve a folder of this one, lie in it, or have it in theirs."""
    iis = view.get("iis")
    pools = {pool["name"].casefold() for pool in iis.get("pools", [])}
    own = {other.site["name"] for other in seen if other.site}
    held = [places[what] for what in _HELD if places[what]]
    return [
        _serving(site, application, folder, pools)
        for site in iis.get("sites", [])
        if site["name"] not in own
        for application in site["applications"]
        if (folder := next(_served(application, held), None))
    ]


_HELD = ("config", "database", "streams")
"""Folders whose files a site may hold."""


def _served(application: dict[str, Any], held: list[str]) -> Iterator[str]:
    for directory in application["virtual_directories"]:
        yield from (folder for folder in held if paths.overlap(directory["expanded_path"], folder))


def _serving(site: RawSite, application: dict[str, Any], folder: str, pools: set[str]) -> Serving:
    """A pool that is stopped serves nothing, whatever else its site does; FTP needs none."""
    stops, why = "site" if application["path"] == "/" else "pool", ""
    if any(binding["protocol"].startswith("ftp") for binding in site["bindings"]):
        stops, why = "nothing", "it is served by FTP as well, which no pool stops"
    elif application["pool"].casefold() not in pools:
        stops, why = "nothing", f"IIS has no application pool '{application['pool']}'"
    return {
        "site": site["name"],
        "application": application["path"],
        "pool": application["pool"],
        "folder": folder,
        "stops": stops,
        "why": why,
    }
