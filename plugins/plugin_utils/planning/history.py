# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the host's own journal tells about the way an instance came to its present version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..model.facts import HostFacts, InstanceFacts
from ..model.versions import Version
from ..policy import Policy, Step
from ..policy.hops import Text
from .evidence import utc


def last_upgrade(host: HostFacts, instance: InstanceFacts) -> dict[str, Any] | None:
    """The confirmed transaction that brought the instance to the version it has; None where somebody else did."""
    own = f"{instance['brand']} {instance['name']}".casefold()
    found = [
        one
        for one in host["agent"].get("transactions", [])
        if one["state"] == "confirmed"
        and one["instance"].casefold() == own
        and (one.get("about") or {}).get("purpose") == "upgrade"
    ]
    newest = max(found, key=lambda one: str(one["started_at"] or ""), default=None)
    return newest if newest and newest["about"].get("to") == instance["version"]["current"] else None


def last_hop(rules: Policy, host: HostFacts, instance: InstanceFacts) -> Step | None:
    """The hop of that transaction, if the policy still has it."""
    done = last_upgrade(host, instance)
    hop = next((hop for hop in rules.hops if done and hop.id == done["about"].get("hop")), None)
    if done is None or hop is None:
        return None
    return Step(Version.parse(done["about"]["from"]), Version.parse(done["about"]["to"]), hop, Text("", ""))


def running_since(host: HostFacts, instance: InstanceFacts) -> datetime | None:
    """When the present version was started for the first time, UTC."""
    done = last_upgrade(host, instance)
    return utc(done["started_at"]) if done and done["started_at"] else None
