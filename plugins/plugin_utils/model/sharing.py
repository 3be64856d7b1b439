# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What instances share with one another and with sites of others, and the problems that this makes."""

from __future__ import annotations

from collections.abc import Iterable

from . import paths
from .facts import InstanceFacts, Problem

SERVES_OTHERS = "pool_serves_others"
"""The problem of an instance one of whose pools serves a site that is no instance's."""


def foreign_sites(instance: InstanceFacts) -> dict[str, tuple[list[str], list[str]]]:
    """The sites of others in the instance's pools: for each the pools, and its applications in them."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for pool in instance["pools"]:
        for one in pool["also_serves"]:
            pools, applications = found.setdefault(one["site"], ([], []))
            applications.append(one["application"])
            if pool["name"] not in pools:
                pools.append(pool["name"])
    return found


def quoted(names: Iterable[str]) -> str:
    """For sentences."""
    return ", ".join(f"'{name}'" for name in names)


def mark(instances: list[InstanceFacts]) -> None:
    """Adds the problems to every instance that shares its Config folder or a pool."""
    _forget_instances(instances)
    for instance in instances:
        instance["problems"] += [_serves_others(instance, site) for site in foreign_sites(instance)]
    for pool, sharing in _by_pool(instances).items():
        told = f"share the application pool '{pool}': stopping one stops the other. Give each a pool of its own first."
        _tell(sharing, "shared_pool", told)
    for sharing in _by_folder(instances).values():
        folder = sharing[0]["paths"]["config"]
        told = f"share the configuration folder {folder}: changing one changes the other. Give each a folder of its own first."
        _tell(sharing, "shared_config_folder", told)


def _forget_instances(instances: list[InstanceFacts]) -> None:
    """A site of another instance is no foreign one: a pool that two instances share is a problem of its own."""
    own = {instance["site"]["name"].casefold() for instance in instances if instance["site"]}
    for instance in instances:
        for pool in instance["pools"]:
            pool["also_serves"] = [one for one in pool["also_serves"] if one["site"].casefold() not in own]


def _serves_others(instance: InstanceFacts, site: str) -> Problem:
    pools, applications = foreign_sites(instance)[site]
    return {
        "code": SERVES_OTHERS,
        "message": f"Instance '{instance['name']}': its application pool {quoted(pools)} also serves the site '{site}' "
        f"(applications: {', '.join(applications)}). Whatever stops the instance stops that site too.",
    }


def _by_pool(instances: list[InstanceFacts]) -> dict[str, list[InstanceFacts]]:
    found: dict[str, list[InstanceFacts]] = {}
    for instance in instances:
        for pool in instance["pools"]:
            found.setdefault(pool["name"], []).append(instance)
    return found


def _by_folder(instances: list[InstanceFacts]) -> dict[str, list[InstanceFacts]]:
    found: dict[str, list[InstanceFacts]] = {}
    for instance in instances:
        if instance["paths"]["config"]:
            found.setdefault(paths.key(instance["paths"]["config"]), []).append(instance)
    return found


def _tell(sharing: list[InstanceFacts], code: str, told: str) -> None:
    if len(sharing) > 1:
        names = quoted(instance["name"] for instance in sharing)
        for instance in sharing:
            instance["problems"].append({"code": code, "message": f"The instances {names} {told}"})
