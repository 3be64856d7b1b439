# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What inspection will find after a hop, so that the hops behind it can be planned before the first one begins."""

from __future__ import annotations

import copy
from typing import Any

from ..configuration.changing import Change, FileText
from ..model import directives
from ..model.facts import InstanceFacts, InstanceVersion
from ..policy.layouts import INSTANCE_FILE
from .hop import Place, linked
from .reading import Texts, file_path


def instance_after(place: Place, change: Change) -> InstanceFacts:
    """The instance as the hop leaves it, started. Its fingerprint is empty: what nobody has read has none."""
    version = str(place.step.target)
    after = copy.deepcopy(place.instance)
    targets = {link["path"]: target for link, target in linked(place)}
    after["links"] = [
        {**link, "target": targets[link["path"]] or "", "version": version, "broken": False}
        if link["path"] in targets
        else link
        for link in after["links"]
        if targets.get(link["path"], "") is not None
    ]
    _change_files(after, place, change)
    after["version"] = _version(after, version)
    after["state"], after["fingerprint"] = "started", []
    for part in [*(pool for pool in after["pools"] if not pool["joined"]), *([after["site"]] if after["site"] else [])]:
        part["state"] = "Started"
    for service in after["services"]:
        if service["start_type"] != "disabled" and (
            place.instance["state"] == "stopped" or service["state"] != "stopped"
        ):
            service["state"] = "running"
    return after


def texts_after(texts: Texts, change: Change) -> Texts:
    """The instance's files as the hop leaves them."""
    ours = dict(texts.ours)
    for file in change.files:
        if file.action == "remove":
            ours.pop(file.name.casefold(), None)
        elif file.after is not None:
            ours[file.name.casefold()] = FileText(file.name, file.after, file.encoding)
    return texts.after(ours)


def _change_files(after: InstanceFacts, place: Place, change: Change) -> None:
    for file in change.files:
        path = file_path(place.instance, file.name)
        if file.name.casefold() == INSTANCE_FILE:
            after["yml"] = path
            after["directives"] = directives.read(file.after or "").names
        elif file.action == "create":
            created: Any = {"path": path, "size": 0, "modified": "", "sha256": None}
            after["configuration_files"].append(created)
        elif file.action == "remove":
            after["configuration_files"] = [one for one in after["configuration_files"] if one["path"] != path]


def _version(after: InstanceFacts, version: str) -> InstanceVersion:
    yml = version if "version" in after["directives"] else None
    registry = version if any("version" in key["values"] for key in after["registry"]) else None
    for key in after["registry"]:
        if "version" in key["values"]:
            key["values"]["version"] = version
    return {"current": version, "links": version, "yml": yml, "registry": registry, "agree": True}
