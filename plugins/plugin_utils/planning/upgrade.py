# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One hop of one instance as a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .. import operations
from ..model import paths
from ..model.facts import HostFacts, InstalledVersion, InstanceFacts, Link
from ..model.queries import directive_pattern
from ..model.versions import Version
from ..operations import Operation
from ..policy import NoPath, Policy, Step
from . import backup, preflight
from .findings import Finding, Refusal
from .plans import (
    Limits,
    Origin,
    Plan,
    plan,
    start_behaviour_back,
    start_behaviour_off,
    start_operations,
    stop_operations,
)


@dataclass(frozen=True)
class UpgradeWish:
    """What the operator asked for. ``confirm_within``: seconds that the host waits for a confirm before it rolls back."""

    target: Version
    backup: backup.BackupWish
    limits: Limits
    confirm_within: int


def is_there(instance: InstanceFacts, target: Version) -> bool:
    """Whether every link leads to the target version already."""
    links = instance["version"]["links"]
    return links is not None and Version.parse(links) == target


def check(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> list[Finding]:
    """Everything but the path, which the policy judges."""
    findings = [*preflight.check_host(host), *preflight.check_instance(instance)]
    findings += preflight.check_unfinished(host, instance)
    findings += preflight.check_version(host, instance, wish.target)
    findings += preflight.check_data(instance, wish.backup.folders)
    if instance["state"] != "started":
        message = (
            f"Instance '{instance['name']}' is {instance['state']} now; the upgrade starts it, and leaves it started."
        )
        findings.append(Finding("warning", "will_be_started", message))
    findings += preflight.check_space(host, backup.size(instance, wish.backup))
    return findings


def find_step(policy: Policy, host: HostFacts, instance: InstanceFacts, target: Version) -> Step:
    """The one hop to the target. Raises :class:`Refusal` when there is no path, or when the path has stops."""
    name, current = instance["name"], instance["version"]["current"]
    refused = f"The upgrade of instance '{name}' was refused, nothing was touched."
    if current is None:
        raise Refusal(
            f"{refused} Its present version is not known: neither its links nor its yml nor the registry say it."
        )
    start = Version.parse(current)
    try:
        path = policy.find_path(start, target, [Version.parse(found["version"]) for found in host["versions"]])
    except NoPath as no_path:
        raise Refusal(f"{refused} {no_path}", refusal=no_path.code) from no_path
    if len(path.steps) > 1:
        chain = " -> ".join(str(version) for version in path.versions)
        raise Refusal(
            f"{refused} The way from {start} to {target} has stops: {chain}. Several hops in one run are not done yet: "
            f"upgrade to {path.versions[1]} first, check the instance, then go on. {path.steps[0].reason.en}",
            refusal="several_hops",
            path=[str(version) for version in path.versions],
        )
    return path.steps[0]


def check_step(step: Step, instance: InstanceFacts, wish: UpgradeWish) -> list[Finding]:
    """What the policy says about the hop itself."""
    findings = []
    if step.hop.method != "in_place":
        message = (
            f"The hop of instance '{instance['name']}' to {wish.target} is not done in place (method {step.hop.method}): "
            f"{step.hop.source}. Follow the vendor's procedure for it."
        )
        findings.append(Finding("blocker", "method_not_in_place", message))
    if step.hop.data_upgrade and not wish.backup.data:
        message = (
            f"The first start of {wish.target} upgrades the data of instance '{instance['name']}', and no copy of the database "
            "was asked for: once it has started there is no way back but a backup of your own."
        )
        findings.append(Finding("warning", "no_automatic_return", message))
    notes = {
        "this must be true, and nobody checks it": step.requirements,
        "only you know": [note for note in step.inputs if note.directive not in instance["directives"]],
        "note": step.advisories,
    }
    for label, found in notes.items():
        findings += [
            Finding("warning", note.id, f"Instance '{instance['name']}', {label}: {note.text.en}") for note in found
        ]
    return findings


def make(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish, set_name: str, origin: Origin) -> Plan:
    """The plan: start behaviour off, stop, back up, re-point the links, write the version, start.

    The instance keeps its own configuration files: where the vendor takes the new ones from is not documented, so nothing
    is regenerated. The start behaviour comes back at confirm, or when the host undoes the transaction.
    """
    installed = preflight.installed_version(host, instance, wish.target)
    if installed is None:
        raise ValueError(f"{wish.target} is not installed: check() was not asked")
    sets = backup.folder(host, instance)
    steps = [
        *start_behaviour_off(instance),
        *stop_operations(instance, wish.limits),
        operations.backup_set(sets, set_name, backup.items(instance, wish.backup)),
        *_switch_links(instance, installed),
        *_switch_version(instance, wish.target),
    ]
    if wish.backup.data:
        steps.append(operations.protect_tree(instance["paths"]["database"], paths.join(sets, set_name), "database"))
    steps += start_operations(instance, wish.limits)
    title = f"Upgrade instance '{instance['name']}' from {instance['version']['current']} to {wish.target}"
    return plan(
        instance,
        "upgrade",
        title,
        origin,
        steps,
        on_confirm=start_behaviour_back(instance),
        confirm_within=wish.confirm_within,
    )


def version_links(instance: InstanceFacts) -> list[Link]:
    """The links that lead to a version; others are the customer's own and stay as they are."""
    return [link for link in instance["links"] if link["version"]]


def new_target(link: Link, installed: InstalledVersion) -> str:
    """Where the link leads in the other version: the same place below the version folder."""
    inside = link["target"].split(f"\\{link['version']}\\", 1)[-1]
    return paths.join(installed["folder"], inside)


def _switch_links(instance: InstanceFacts, installed: InstalledVersion) -> list[Operation]:
    steps = []
    for link in version_links(instance):
        steps.append(operations.remove_link(link["path"]))
        steps.append(operations.create_link(link["path"], new_target(link, installed), link["kind"]))
    return steps


def _switch_version(instance: InstanceFacts, target: Version) -> list[Operation]:
    """The yml's ``version`` and the Administration Tool's own record, where they exist: else the tool shows the old one."""
    steps: list[Operation] = []
    if instance["yml"] and instance["version"]["yml"]:
        edit = {"pattern": directive_pattern("version"), "value": str(target)}
        steps.append(operations.edit_file(instance["yml"], f"version: {target}", [edit]))
    for key in instance["registry"]:
        if "version" in key["values"]:
            steps.append(operations.registry_string(key["key"], key["view"], "version", str(target)))
    return steps


def difference(instance: InstanceFacts, host: HostFacts, target: Version) -> dict[str, Any]:
    """Before and after, for ``--diff``."""
    installed = preflight.installed_version(host, instance, target)
    before = [f"version: {instance['version']['current']}"]
    after = [f"version: {target}"]
    for link in version_links(instance):
        before.append(f"{link['path']} -> {link['target']}")
        after.append(f"{link['path']} -> {new_target(link, installed) if installed else link['target']}")
    return {
        "before_header": f"{instance['name']} (now)",
        "after_header": f"{instance['name']} (after)",
        "before": "\n".join(before) + "\n",
        "after": "\n".join(after) + "\n",
    }
