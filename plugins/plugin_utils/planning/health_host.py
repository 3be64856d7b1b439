# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What IIS, the worker processes and the services of an instance say about its health."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..model.facts import InstanceFacts
from .health import BAD, KNOWN, OK, PENDING, SUSPECT, UNKNOWN, Baseline, Check, reason
from .plans import services_to_start

_ON_THE_WAY = ("start_pending", "continue_pending")
_CRASHES = 2
"""So many replacements of the worker process are a crash loop: a single one may be a recycling."""


def queries(instance: InstanceFacts) -> list[dict[str, Any]]:
    """Asks IIS and, where the instance has some, the services."""
    names = [service["name"] for service in instance["services"]]
    services = [{"id": "services", "kind": "services", "names": names}] if names else []
    return [{"id": "iis", "kind": "iis"}, *services]


def iis(instance: InstanceFacts, answer: dict[str, Any], before: Baseline | None) -> Check:
    """Site and pools must be started. A pool beside the instance's own that was stopped before as well is not blamed."""
    if "sites" not in answer:
        return Check("iis", UNKNOWN, f"The state of IIS could not be read: {reason(answer)}.")
    for name, state in answer.get("services", {}).items():
        if state != "running":
            waits = state in _ON_THE_WAY
            return Check("iis", PENDING if waits else BAD, f"IIS itself does not run: its service {name} is {state}.")
    states, earlier = _states(answer), _states(before.answers.get("iis", {}) if before else {})
    main = [f"pool '{main_pool(instance)}'", *([f"site '{instance['site']['name']}'"] if instance["site"] else [])]
    pools = [pool for pool in instance["pools"][1:] if not pool["joined"] or pool["state"] == "Started"]
    others = [f"pool '{pool['name']}'" for pool in pools]
    others += [f"site '{site['name']}'" for site in instance["other_sites"] if site["state"] == "Started"]
    known = []
    for thing in main + others:
        state = states.get(thing, "absent")
        if state == "Started":
            continue
        if state not in ("Stopped", "absent"):
            return Check("iis", PENDING, f"The {thing} is {state}.")
        if thing in main or earlier.get(thing) != state:
            return Check("iis", BAD, f"The {thing} is {state}: it failed repeatedly, or somebody stopped it.")
        known.append(f"The {thing} is {state}, as before.")
    if not workers(instance, answer):
        return Check("iis", PENDING, f"No worker process of pool '{main_pool(instance)}' runs.")
    if known:
        return Check("iis", KNOWN, " ".join(known))
    return Check("iis", OK, "Site and pools are started and a worker process runs.")


def main_pool(instance: InstanceFacts) -> str:
    """The pool that the site runs in."""
    return instance["pools"][0]["name"]


def workers(instance: InstanceFacts, answer: dict[str, Any]) -> dict[int, str | None]:
    """The worker processes of the instance's own pool: process id and start, UTC, None where that is not known."""
    pool = main_pool(instance).casefold()
    return {one["pid"]: one.get("started") for one in answer.get("workers", []) if one["pool"].casefold() == pool}


def sleeps(instance: InstanceFacts, answer: dict[str, Any]) -> bool:
    """Whether the instance is started and waits for a first request."""
    own = {f"pool '{main_pool(instance)}'", *([f"site '{instance['site']['name']}'"] if instance["site"] else [])}
    states = _states(answer)
    return all(states.get(thing) == "Started" for thing in own) and not workers(instance, answer)


def started(instance: InstanceFacts, answer: dict[str, Any]) -> tuple[str, int] | None:
    """When the oldest of those processes was started, UTC, and how many minutes the host's clock was ahead of UTC then; None when
    that is not known of all of them.
    """
    pids = workers(instance, answer)
    found = [one for one in answer.get("workers", []) if one["pid"] in pids]
    if not found or any(one.get("started") is None for one in found):
        return None
    oldest = min(found, key=lambda one: str(one["started"]))
    return oldest["started"], oldest["utc_offset_minutes"]


@dataclass
class WorkerWatch:
    """Sees, from one look to the next, whether it is still the same worker process: process id and start."""

    known: dict[int, str | None] = field(default_factory=dict)
    followed: list[int] = field(default_factory=list)

    def look(self, instance: InstanceFacts, answer: dict[str, Any]) -> Check | None:
        """A process that was replaced is suspect, and a second time in one watch a crash loop. A recycling overlaps: a process that is
        still there beside its successor was not replaced. None while there is none, which :func:`iis` tells.
        """
        now = workers(instance, answer)
        if not now:
            return None
        lost = self.known and not self.known.items() & now.items()
        if lost:
            self.followed.append(next(iter(self.known)))
        self.known = now
        pid = next(iter(now))
        if len(self.followed) >= _CRASHES:
            chain = " was followed by ".join(f"process {one}" for one in [*self.followed, pid])
            return Check(
                "worker",
                BAD,
                f"The worker process of pool '{main_pool(instance)}' ends again and again, a crash loop: {chain}. "
                "The event log of Windows and the error log of the instance tell why.",
            )
        if lost:
            return Check(
                "worker",
                SUSPECT,
                f"The worker process {self.followed[-1]} of pool '{main_pool(instance)}' was replaced by {pid}: it crashed or was "
                "recycled.",
            )
        return Check("worker", OK, f"The worker process {pid} runs since {now[pid] or 'a time that is not known'}.")


def services(instance: InstanceFacts, answer: dict[str, Any], before: Baseline | None) -> list[Check]:
    """The services of the instance: those that ran before must run. Of an instance as it is, those that start by themselves."""
    if not instance["services"]:
        return []
    if "services" not in answer:
        return [Check("services", UNKNOWN, f"The services could not be read: {reason(answer)}.")]
    as_it_is = before is not None and before.as_it_is
    wanted = _services_wanted(instance, before)
    states = {service["name"].casefold(): service["state"] for service in answer["services"]}
    known = []
    for service in instance["services"]:
        name, state = service["name"], states.get(service["name"].casefold(), "absent")
        if state == "running" or service["start_type"] == "disabled":
            continue
        if name.casefold() not in wanted:
            known.append(
                f"The service '{name}' is {state}{' and does not start by itself' if as_it_is else ', as before'}."
            )
        elif state in _ON_THE_WAY:
            return [Check("services", PENDING, f"The service '{name}' is {state}.")]
        else:
            why = "it starts by itself, so somebody stopped it or it failed" if as_it_is else "it ran before"
            return [Check("services", BAD, f"The service '{name}' is {state}: {why}.")]
    if known:
        return [Check("services", KNOWN, " ".join(known))]
    return [Check("services", OK, "The services of the instance run.")]


def _services_wanted(instance: InstanceFacts, before: Baseline | None) -> set[str]:
    if before and before.as_it_is:
        return {one["name"].casefold() for one in instance["services"] if one["start_type"] == "automatic"}
    if before and "services" in before.answers.get("services", {}):
        ran = before.answers["services"]["services"]
        return {one["name"].casefold() for one in ran if one["state"] in ("running", *_ON_THE_WAY)}
    return {name.casefold() for name in services_to_start(instance)}


def _states(answer: dict[str, Any]) -> dict[str, str]:
    states = {f"site '{site['name']}'": site["state"] for site in answer.get("sites", [])}
    return states | {f"pool '{pool['name']}'": pool["state"] for pool in answer.get("pools", [])}
