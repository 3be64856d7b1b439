# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the host's own journal tells about the way an instance came to its present version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..model.versions import Version
from ..policy import Policy, Step
from ..policy.hops import Text
from .evidence import utc
from .plans import plan_name

UPGRADE = "upgrade"
RETURNS = ("rollback", "restore")
"""Purposes of transactions that put a backup set back."""


@dataclass(frozen=True)
class Done:
    """One confirmed change of an instance by this collection. ``backup``: the set that was made before a hop, or put back by a
    return. ``data_upgrade``: also true where nothing is known of it.
    """

    id: str
    run: str
    purpose: str
    start: str
    target: str
    hop: str | None
    backup: str
    undone_run: str | None
    data_upgrade: bool
    started_at: str | None

    @classmethod
    def read(cls, status: Mapping[str, Any]) -> Done:
        """From the status of a transaction."""
        about = status["about"]
        return cls(
            status["id"],
            str(status.get("run") or ""),
            about["purpose"],
            str(about.get("from") or ""),
            str(about.get("to") or ""),
            about.get("hop"),
            str(about.get("backup") or ""),
            about.get("run"),
            bool(about.get("data_upgrade", True)),
            status["started_at"],
        )


def changes(host: HostFacts, instance: InstanceFacts | None = None) -> list[Done]:
    """What was confirmed on the host, of one instance or of all, oldest first."""
    own = plan_name(instance).casefold() if instance else None
    found = [
        Done.read(one)
        for one in host["agent"].get("transactions", [])
        if one["state"] == "confirmed"
        and own in (None, one["instance"].casefold())
        and (one.get("about") or {}).get("purpose") in (UPGRADE, *RETURNS)
    ]
    return sorted(found, key=lambda one: one.started_at or "")


def standing(done: list[Done]) -> list[Done]:
    """What still counts of the changes of one instance: a return to the set of a hop undoes that hop and all after it."""
    left: list[Done] = []
    for one in done:
        made = [n for n, hop in enumerate(left) if hop.purpose == UPGRADE and paths.same(hop.backup, one.backup)]
        if one.purpose in RETURNS and one.backup and made:
            del left[made[0] :]
        else:
            left.append(one)
    return left


def last_upgrade(host: HostFacts, instance: InstanceFacts) -> Done | None:
    """The confirmed hop that brought the instance to the version it has; None where something else did."""
    newest = next(reversed(changes(host, instance)), None)
    wanted = newest and newest.purpose == UPGRADE and newest.target == instance["version"]["current"]
    return newest if wanted else None


def last_hop(rules: Policy, host: HostFacts, instance: InstanceFacts) -> Step | None:
    """The hop of that transaction, if the policy still has it."""
    done = last_upgrade(host, instance)
    hop = next((hop for hop in rules.hops if done and hop.id == done.hop), None)
    if done is None or hop is None:
        return None
    return Step(Version.parse(done.start), Version.parse(done.target), hop, Text("", ""))


def running_since(host: HostFacts, instance: InstanceFacts) -> datetime | None:
    """When the present version was started for the first time, UTC."""
    done = last_upgrade(host, instance)
    return utc(done.started_at) if done and done.started_at else None
