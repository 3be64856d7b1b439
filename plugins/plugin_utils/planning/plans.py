# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every plan has: an id, an owner, the fingerprint it was made from, and the two ways to stop and start an instance."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from .. import operations
from ..model.facts import InstanceFacts, Pool, Site
from ..operations import Operation

Plan = dict[str, Any]

CONFIRM_SECONDS = 600
"""How long a host waits for a confirm when nobody watches it. Who watches moves the deadline on, whatever a start takes."""

_RECOVERY_SECONDS = 1800
"""A plan that is final by itself has a deadline too: then the host looks after a transaction whose worker died."""


_STOPPED = ("Stopped", "Stopping")

StoppedParts = dict[str, list[str]]
"""Names of ``sites``, ``pools`` and ``services`` that are or were stopped."""


@dataclass(frozen=True)
class Limits:
    """Seconds to wait for things on the host. The product's Web.config allows itself 300 s to shut down."""

    stop: int = 420
    start: int = 180
    release: int = 120


@dataclass(frozen=True)
class Origin:
    """Who asks: a name for the lock's owner, and the id that all transactions of one run share."""

    owner: str
    run: str


def transaction_id(instance: str, purpose: str) -> str:
    """A new id: time, purpose, what is left of the name in Latin letters, and a random part."""
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    slug = re.sub(r"[^A-Za-z0-9]+", "-", instance).strip("-")[:24] or hashlib.sha256(instance.encode()).hexdigest()[:8]
    return f"{stamp}-{purpose}-{slug}-{secrets.token_hex(3)}"


def plan_name(instance: InstanceFacts) -> str:
    """How the host calls an instance, in locks and journals."""
    return f"{instance['brand']} {instance['name']}"


def plan(
    instance: InstanceFacts,
    purpose: str,
    title: str,
    origin: Origin,
    steps: list[Operation],
    *,
    on_confirm: list[Operation] | None = None,
    confirm_within: int | None = None,
) -> Plan:
    """A plan for the agent (docs/protocol.md, "Plans").

    ``confirm_within``: seconds after the last operation in which the controller must confirm, else the host rolls back;
    None for a plan that is final as soon as all its operations succeeded.
    """
    return {
        "id": transaction_id(instance["name"], purpose),
        "instance": plan_name(instance),
        "title": title,
        "run": origin.run,
        "owner": origin.owner,
        "confirm": "automatic" if confirm_within is None else "required",
        "deadline_seconds": confirm_within or _RECOVERY_SECONDS,
        "expect": instance["fingerprint"],
        "operations": steps,
        "on_confirm": on_confirm or [],
    }


def with_point_of_no_return(steps: list[Operation]) -> list[Operation]:
    """The same operations, the first that starts something being the point of no return: nothing undoes them by itself from then on."""
    first = next(number for number, step in enumerate(steps) if step["op"].startswith("start_"))
    return [{**step, "point_of_no_return": True} if number == first else step for number, step in enumerate(steps)]


def stop_operations(instance: InstanceFacts, limits: Limits) -> list[Operation]:
    """Stops sites, pools and services in the vendor's order (instance, adapterhost, apigateway), and waits for their files."""
    steps = [operations.stop_site(site["name"], limits.stop) for site in sites(instance)]
    steps += [operations.stop_pool(pool["name"], limits.stop) for pool in instance["pools"]]
    steps += [operations.stop_service(service["name"], limits.stop) for service in instance["services"]]
    folders = dict.fromkeys(instance["paths"][what] for what in ("config", "database"))
    return [*steps, operations.wait_released(list(folders), limits.release)]


def running(instance: InstanceFacts) -> InstanceFacts:
    """The instance without the sites and the pools that are stopped now: what a mere interruption has to start again."""
    site = instance["site"]
    others = [one for one in instance["other_sites"] if one["state"] not in _STOPPED]
    pools = [pool for pool in instance["pools"] if pool["state"] not in _STOPPED]
    own = None if site and site["state"] in _STOPPED else site
    return {**instance, "pools": pools, "site": own, "other_sites": others}


def start_operations(instance: InstanceFacts, limits: Limits) -> list[Operation]:
    """Starts what the vendor's page tells to start first: apigateway, instance, adapterhost; then the sites. What only serves folders of
    the instance and was stopped stays stopped.
    """
    steps = [operations.start_service(name, limits.start) for name in services_to_start(instance)]
    pools = [pool for pool in instance["pools"] if not (pool["joined"] and pool["state"] in _STOPPED)]
    steps += [operations.start_pool(pool["name"], limits.start) for pool in sorted(pools, key=_start_rank)]
    own = instance["site"]
    started = [site for site in sites(instance) if site is own or site["state"] not in _STOPPED]
    return steps + [operations.start_site(site["name"], limits.start) for site in started]


def sites(instance: InstanceFacts) -> list[Site]:
    """All that serve its folders, its own first."""
    return [*([instance["site"]] if instance["site"] else []), *instance["other_sites"]]


def stopped_parts(instance: InstanceFacts) -> StoppedParts:
    """What of the instance's own is stopped now, by its names; for the manifest of a set, too."""
    site = instance["site"]
    return {
        "sites": [site["name"]] if site and site["state"] in _STOPPED else [],
        "pools": [pool["name"] for pool in instance["pools"] if pool["state"] in _STOPPED and not pool["joined"]],
        "services": [service["name"] for service in instance["services"] if service["state"] == "stopped"],
    }


def stop_again(instance: InstanceFacts, limits: Limits, stopped: StoppedParts) -> list[Operation]:
    """Stops what was stopped then and is there now."""
    was = {what: {name.casefold() for name in stopped.get(what, [])} for what in ("sites", "pools", "services")}
    site = instance["site"]
    steps = []
    if site and site["name"].casefold() in was["sites"]:
        steps.append(operations.stop_site(site["name"], limits.stop))
    steps += [
        operations.stop_pool(pool["name"], limits.stop)
        for pool in instance["pools"]
        if pool["name"].casefold() in was["pools"]
    ]
    return steps + [
        operations.stop_service(name, limits.stop)
        for name in services_to_start(instance)
        if name.casefold() in was["services"]
    ]


def told_parts(stopped: StoppedParts) -> str:
    """For sentences; empty if nothing was stopped."""
    words = {"sites": "site", "pools": "pool", "services": "service"}
    return ", ".join(f"{words[what]} '{name}'" for what, names in stopped.items() for name in names)


def services_to_start(instance: InstanceFacts) -> list[str]:
    """A disabled service cannot be started, and one that was stopped beside a running instance was stopped on purpose."""
    runs = instance["state"] != "stopped"
    return [
        service["name"]
        for service in instance["services"]
        if service["start_type"] != "disabled" and (service["state"] != "stopped" or not runs)
    ]


def _start_rank(pool: Pool) -> int:
    return {"apigateway": 0, "adapterhost": 2}.get(pool["name"].rpartition("_")[2], 1)


def start_behaviour_off(instance: InstanceFacts, limits: Limits) -> list[Operation]:
    """Keeps IIS from starting the instance by itself: a runtime stop is undone by the next boot."""
    seconds = limits.start
    steps = [operations.site_auto_start(site["name"], False, seconds) for site in sites(instance)]
    return steps + [operations.pool_start_mode(pool["name"], False, "OnDemand", seconds) for pool in instance["pools"]]


def start_behaviour_back(
    instance: InstanceFacts, limits: Limits, recorded: Mapping[str, Any] | None = None
) -> list[Operation]:
    """The start behaviour as inspection found it, or as :func:`start_behaviour` recorded it, for the pools that are there."""
    found = recorded or start_behaviour(instance)
    known = {name.casefold(): (auto_start, mode) for name, auto_start, mode in found["pools"]}
    steps = [
        operations.pool_start_mode(
            pool["name"], *known.get(pool["name"].casefold(), (pool["auto_start"], pool["start_mode"])), limits.start
        )
        for pool in instance["pools"]
    ]
    if instance["site"]:
        recorded_site = found["site"]
        wanted = instance["site"]["server_auto_start"] if recorded_site is None else recorded_site
        steps.append(operations.site_auto_start(instance["site"]["name"], wanted, limits.start))
    others = {name.casefold(): auto_start for name, auto_start in found.get("other_sites", [])}
    return steps + [
        operations.site_auto_start(
            one["name"], others.get(one["name"].casefold(), one["server_auto_start"]), limits.start
        )
        for one in instance["other_sites"]
    ]


def start_behaviour(instance: InstanceFacts) -> dict[str, Any]:
    """Whether IIS starts the instance by itself, for the manifest of a set: when the set is made, it has been switched off."""
    site = instance["site"]
    return {
        "site": site["server_auto_start"] if site else None,
        "other_sites": [[one["name"], one["server_auto_start"]] for one in instance["other_sites"]],
        "pools": [[pool["name"], pool["auto_start"], pool["start_mode"]] for pool in instance["pools"]],
    }
