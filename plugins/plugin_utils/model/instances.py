# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Facts about the instances of a host."""

from __future__ import annotations

import re
from typing import Any

from . import fingerprint, folders, paths, problems, sharing, sites
from .answers import Answers, Look, items, look
from .facts import (
    InstalledVersion,
    InstanceFacts,
    InstanceVersion,
    Link,
    Pool,
    ProductBackup,
    Served,
    Service,
    Serving,
    Site,
    Size,
)
from .iis import RawSite, address, is_web, root_folder
from .queries import FOLDER_VALUES
from .sightings import Sighting, Sightings

ROLES = ("", "_adapterhost", "_apigateway")
"""Suffixes of an instance's application pools, in the order in which the vendor stops them."""

# Values of an instance's registry key that are shown; others may be secret.
_REGISTRY_VALUES = ("name", "version", "webSiteName", "fqdn", "port", *FOLDER_VALUES.values())


def find_instances(view: Answers, versions: list[InstalledVersion]) -> list[InstanceFacts]:
    """All instances, sorted by name. Two of them on one Config folder are both told so."""
    seen = Sightings(view)
    sites.find(seen, view)
    found = [_facts(sighting, seen, view, versions) for sighting in seen]
    sharing.mark(found)
    return sorted(found, key=lambda instance: instance["name"].casefold())


def _facts(seen: Sighting, known: Sightings, view: Answers, versions: list[InstalledVersion]) -> InstanceFacts:
    found = folders.find(seen, view)
    places = {what: folder.path for what, folder in found.items()}
    listed = _look(view, "links", places["config"], seen)
    files = _item(view.get("files"), places["config"])
    links = _links(listed.item, versions)
    site = _site(seen.site, seen, view) if seen.site else None
    serving = sites.others(known, places, view)
    other_sites = _other_sites(serving, seen, view)
    pools = _pools(seen, view, site, serving)
    services = _services(seen, view)
    instance: InstanceFacts = {
        "name": seen.name,
        "brand": seen.brand.name,
        "generation": _generation(seen),
        "found_in": seen.found_in,
        "version": _version(seen, links),
        "yml": seen.yml["path"] if seen.yml else None,
        "yml_place": _yml_place(seen, view),
        "directives": seen.reading.names,
        "registry": [
            {
                "view": key["view"],
                "key": key["key"],
                "values": {name: key["values"][name]["data"] for name in _REGISTRY_VALUES if name in key["values"]},
            }
            for key in seen.registry
        ],
        "paths": places,
        "path_sources": {what: folder.source for what, folder in found.items()},
        "links": links,
        "configuration_files": [
            {
                "path": paths.join(places["config"], entry["path"]),
                "size": entry["size"],
                "modified": entry["modified"],
                "sha256": entry.get("sha256"),
            }
            for entry in (files or {}).get("entries", [])
            if entry["kind"] == "file"
        ],
        "site": site,
        "other_sites": other_sites,
        "served_by": serving,
        "pools": pools,
        "services": services,
        "state": _state(site, other_sites, pools, services),
        "sizes": _sizes(seen, view, places),
        "product_backups": _product_backups(seen, view, places["backup"]),
        "problems": [],
        "fingerprint": [
            fingerprint.of_host(view.get("identity")),
            *fingerprint.of_instance(seen.name, listed.item, files, seen.yml),
        ],
    }
    instance["problems"] = [
        *problems.of_reading(seen, found),
        *problems.of_instance(instance, listed),
        *problems.of_sites(instance, seen.chosen),
        *problems.of_transactions(instance, view.get("agent").get("transactions", [])),
    ]
    return instance


def _look(view: Answers, query: str, folder: str, seen: Sighting) -> Look:
    """What the host says about a folder of the instance. Those at the default place are found by globs."""
    root, environment = seen.brand.instances_folder, view.get("environment").get("process", {})
    globbed = paths.same(paths.parent(paths.parent(folder)), paths.expand(root, environment))
    return look(view.get(query), folder, globbed)


def _item(answer: dict[str, Any], path: str) -> dict[str, Any] | None:
    return next((item for item in items(answer) if paths.same(item["path"], path)), None)


def _yml_place(seen: Sighting, view: Answers) -> str:
    folder = paths.expand(seen.brand.configs_folder, view.get("environment").get("process", {}))
    return seen.yml["path"] if seen.yml else paths.join(folder, f"{seen.name}.yml")


def _generation(seen: Sighting) -> str:
    if seen.yml is None:
        return "registry" if seen.registry else "iis"
    return "dotted_yml" if seen.directive("clusterName") or seen.directive("db.workDir") else "flat_yml"


def _links(listed: dict[str, Any] | None, versions: list[InstalledVersion]) -> list[Link]:
    links: list[Link] = []
    for entry in (listed or {}).get("entries", []):
        if entry.get("target"):
            links.append(
                {
                    "path": paths.join((listed or {})["path"], entry["path"]),
                    "name": entry["name"],
                    "kind": entry["kind"],
                    "target": entry["target"],
                    "broken": not entry.get("target_exists"),
                    "version": _version_of_target(entry["target"], versions),
                }
            )
    return links


def _version_of_target(target: str, versions: list[InstalledVersion]) -> str | None:
    for version in versions:
        if paths.is_below(target, version["folder"]):
            return version["version"]
    # A link to a version that is not installed any more still says which one it was.
    named = re.search(r"\\(\d+\.\d+\.\d+\.\d+)(?:\\|$)", target)
    return named[1] if named else None


def _version(seen: Sighting, links: list[Link]) -> InstanceVersion:
    linked = {link["version"] for link in links if link["version"]}
    from_links = linked.pop() if len(linked) == 1 else None
    yml, registry = seen.directive("version"), seen.value("version")
    told = {version for version in (from_links, yml, registry) if version}
    return {
        "current": from_links or (None if links else yml or registry),
        "links": from_links,
        "yml": yml,
        "registry": registry,
        "agree": len(told) == 1 and (from_links is not None or not links),
    }


def _other_sites(serving: list[Serving], seen: Sighting, view: Answers) -> list[Site]:
    stopped = {one["site"] for one in serving if one["stops"] == "site"}
    return [_site(raw, seen, view) for raw in view.get("iis").get("sites", []) if raw["name"] in stopped]


def _site(raw: RawSite, seen: Sighting, view: Answers) -> Site:
    binding = next((binding for binding in raw["bindings"] if is_web(binding)), None)
    local, host, port = None, "", ""
    if binding:
        ip, port, host = address(binding)
        local = f"{binding['protocol']}://{'localhost' if ip in ('*', '', '[::]') else ip}:{port}/"
    machine = view.get("identity").get("machine", "localhost")
    public = host or seen.directive("fqdn") or seen.value("fqdn") or machine
    return {
        "name": raw["name"],
        "state": raw["state"],
        "server_auto_start": raw["server_auto_start"],
        "bindings": raw["bindings"],
        "physical_path": root_folder(raw),
        "pool": next((app["pool"] for app in raw["applications"] if app["path"] == "/"), ""),
        "url": f"{binding['protocol']}://{public}:{port}/" if binding else None,
        "local_url": local,
        "host_header": host,
    }


def _pools(seen: Sighting, view: Answers, site: Site | None, serving: list[Serving]) -> list[Pool]:
    iis = view.get("iis")
    main = site["pool"] if site else seen.brand.site_prefix + seen.name
    others = [application["pool"] for application in (seen.site or {}).get("applications", [])]
    own = [main, *(seen.brand.site_prefix + seen.name + role for role in ROLES[1:]), *others]
    owned = {name.casefold() for name in own}
    wanted = [*own, *(one["pool"] for one in serving if one["stops"] != "nothing")]
    by_name = {pool["name"].casefold(): pool for pool in iis.get("pools", [])}
    return [
        {
            "name": pool["name"],
            "state": pool["state"],
            "auto_start": pool["auto_start"],
            "start_mode": pool["start_mode"],
            "identity_type": pool["identity_type"],
            "user_name": pool["user_name"],
            "shutdown_time_limit_seconds": pool["shutdown_time_limit_seconds"],
            "workers": [w["pid"] for w in iis.get("workers", []) if w["pool"].casefold() == pool["name"].casefold()],
            "also_serves": _also_serves(pool["name"], iis.get("sites", []), site, serving),
            "joined": name not in owned,
        }
        for name in dict.fromkeys(name.casefold() for name in wanted)
        if (pool := by_name.get(name))
    ]


def _also_serves(pool: str, sites: list[RawSite], own: Site | None, serving: list[Serving]) -> list[Served]:
    """Applications in the pool of sites that are not the instance's own, and that do not serve its folders."""
    known = {(one["site"], one["application"]) for one in serving}
    return [
        {"site": site["name"], "application": application["path"]}
        for site in sites
        for application in site["applications"]
        if application["pool"].casefold() == pool.casefold()
        and (own is None or site["name"] != own["name"])
        and (site["name"], application["path"]) not in known
    ]


def _services(seen: Sighting, view: Answers) -> list[Service]:
    own = f"{seen.brand.name.split()[0]}{seen.name}".casefold()
    return [
        {"name": service["name"], "state": service["state"], "start_type": service["start_type"]}
        for service in view.get("services").get("services", [])
        if service["name"].casefold() == own
    ]


def _state(site: Site | None, others: list[Site], pools: list[Pool], services: list[Service]) -> str:
    """What serves its folders besides decides only whether it is stopped."""
    states = {pool["state"] for pool in pools if not pool["joined"]} | ({site["state"]} if site else set())
    beside = {one["state"] for one in others} | {pool["state"] for pool in pools if pool["joined"]}
    if states == {"Stopped"}:
        states |= beside
    if any(service["state"] != "stopped" for service in services):
        states |= {"Started"}
    if states == {"Started"}:
        return "started"
    if states == {"Stopped"} and not any(pool["workers"] for pool in pools):
        return "stopped"
    return "mixed" if states else "unknown"


_MEASURED = ("config", "database", "streams")
"""The folders that inspection measures; of the others it knows no more than their names."""


def _sizes(seen: Sighting, view: Answers, places: dict[str, str]) -> dict[str, Size]:
    """Of those folders that were looked at."""
    looks = {what: _look(view, "sizes", places[what], seen) for what in _MEASURED if places[what]}
    return {what: _size(places[what], one.item) for what, one in looks.items() if not one.unseen}


def _size(folder: str, item: dict[str, Any] | None) -> Size:
    if item is None:
        return {"path": folder, "exists": False, "bytes": 0, "files": 0}
    size: Size = {"path": folder, "exists": True, "bytes": item["bytes"], "files": item["files"]}
    if "largest_bytes" in item:
        size["largest_bytes"] = item["largest_bytes"]
    return size


def _product_backups(seen: Sighting, view: Answers, folder: str) -> list[ProductBackup] | None:
    listed = _look(view, "product_backups", folder, seen)
    if listed.unseen:
        return None
    found: list[ProductBackup] = [
        {"path": paths.join(folder, entry["path"]), "size": entry["size"], "modified": entry["modified"]}
        for entry in (listed.item or {}).get("entries", [])
        if entry["kind"] == "file"
    ]
    return sorted(found, key=lambda backup: backup["modified"], reverse=True)
