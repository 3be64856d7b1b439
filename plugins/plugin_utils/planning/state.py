# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Starting and stopping an instance."""

from __future__ import annotations

from ..model.facts import HostFacts, InstanceFacts
from . import preflight
from .findings import Finding
from .plans import Limits, Origin, Plan, plan, start_operations, stop_operations

_VERBS = {"started": "Start", "stopped": "Stop", "restarted": "Restart"}


def check(host: HostFacts, instance: InstanceFacts, state: str) -> list[Finding]:
    """What must be true before. Links matter only for a start: stopping a broken instance must stay possible."""
    stops = state != "started" and not is_so(instance, state)
    own = preflight.check_instance(instance, links_matter=state != "stopped", stops=stops)
    return [*preflight.check_host(host), *own, *preflight.check_unfinished(host, instance)]


def is_so(instance: InstanceFacts, state: str) -> bool:
    """Whether there is nothing to do."""
    return instance["state"] == state


def make(instance: InstanceFacts, state: str, origin: Origin, limits: Limits) -> Plan:
    """The plan; start behaviour at boot stays as it is."""
    steps = [] if state == "started" else stop_operations(instance, limits)
    steps += [] if state == "stopped" else start_operations(instance, limits)
    return plan(instance, state, f"{_VERBS[state]} instance '{instance['name']}'", origin, steps)
