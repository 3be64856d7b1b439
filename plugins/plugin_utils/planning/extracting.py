# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything of a backup set in a new folder, beside the instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import operations
from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import Query
from . import backup, backup_sets, places, preflight
from .findings import Finding
from .plans import Limits, Origin, Plan, plan


def wanted(host: HostFacts, instance: InstanceFacts, name: str) -> str:
    """The path of the set. Raises :class:`Refusal` for what cannot be the name of one."""
    backup.check_name(paths.name(name), "backup")
    return backup_sets.place(host, instance, name)


def questions(path: str, to: str) -> list[Query]:
    """What the host has to tell about the set and the folder."""
    return [backup_sets.question(path), *places.questions({"to": to})]


def check(host: HostFacts, instance: InstanceFacts, path: str, to: str, answers: Mapping[str, Any]) -> list[Finding]:
    """Whether the set is good, and the folder empty and nobody's. Its instance may have changed meanwhile: that does not matter."""
    found = backup_sets.read(path, answers)
    findings = [*preflight.check_host(host), *preflight.check_unfinished(host, instance)]
    if problem := found.problem(host, instance, ["config"]):
        return [*findings, backup_sets.not_usable(instance, found, problem, "Name another set.")]
    size = sum(one["bytes"] for one in found.held.values())
    return [*findings, *places.check_empty(host, instance, to, size, answers)]


def make(instance: InstanceFacts, path: str, to: str, origin: Origin, limits: Limits) -> Plan:
    """One operation, final at once, whatever the instance is like now."""
    title = f"Lay the backup set {path} of instance '{instance['name']}' out in {to}"
    made = plan(instance, "extract", title, origin, [operations.extract(to, path, None, limits.release)])
    host_name = instance["fingerprint"][:1]
    return {**made, "expect": host_name, "about": {"purpose": "extract", "backup": path, "folder": to}}
