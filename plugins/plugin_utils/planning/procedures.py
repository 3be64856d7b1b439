# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The steps of a manual hop, with the instance's own values in them."""

from __future__ import annotations

from ..model.facts import HostFacts, InstanceFacts
from ..policy import Path, Policy, Step
from .reading import file_path


def values_of(host: HostFacts, instance: InstanceFacts, step: Step) -> dict[str, str]:
    """The values that procedures and templates may name."""
    site, folders = instance["site"], instance["paths"]
    address = site["bindings"][0]["information"].split(":") if site and site["bindings"] else []
    return {
        "instance": instance["name"],
        "version": str(step.target),
        "machine": host["machine"],
        **{name: folders[name] for name in ("config", "database", "streams", "temp", "backup", "logs")},
        "yml": file_path(instance, "instance.yml"),
        "site": site["name"] if site else f"{instance['brand']} {instance['name']}",
        "url": (site["url"] or "") if site else "",
        "port": address[1] if len(address) > 1 else "",
        "fqdn": (address[2] if len(address) > 2 else "") or "localhost",
    }


def placeholders(rules: Policy, host: HostFacts, instance: InstanceFacts, path: Path) -> dict[str, str]:
    """What stands in this instance for the placeholders of the pristine files along a path."""
    found = {}
    for step in path.steps:
        known = values_of(host, instance, step)
        for layout in filter(None, (rules.layout_of(step.start), rules.layout_of(step.target))):
            found.update({text: known[name] for text, name in layout.placeholders.items() if name in known})
    return found


def steps(step: Step, host: HostFacts, instance: InstanceFacts, language: str) -> list[str]:
    """What people have to do, in order; empty when the policy has no procedure for the hop."""
    if step.hop.procedure is None:
        return []
    values = values_of(host, instance, step)
    return [text.say(language).format(**values) for text in step.hop.procedure.steps]
