# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host tells about backup sets of the instance of the factories."""

from __future__ import annotations

from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.model import paths
from unit.factories import BACKUP_ROOT, CONFIG, HOME, OLD, YML, version_folder

CREATED = "2026-11-20T10:00:00.000Z"
SET = rf"{BACKUP_ROOT}\Comindware\sales\before"
FOLDERS = {"database": rf"{HOME}\Database", "streams": rf"{HOME}\Streams"}


def items(*data: str, version: str = OLD, yml: bool = True, registry: bool = True) -> list[dict[str, Any]]:
    """Items of a whole set: configuration, and folders of data by their names in facts."""
    config: dict[str, Any] = {
        "id": "config",
        "kind": "tree",
        "path": CONFIG,
        "targets": [rf"{version_folder(version)}\bin"],
    }
    found: list[dict[str, Any]] = [
        config,
        *([{"id": "instance_yml", "kind": "file", "path": YML, "targets": []}] if yml else []),
        *([{"id": "registry_64", "kind": "registry", "path": None, "targets": []}] if registry else []),
        *({"id": what, "kind": "tree", "path": FOLDERS[what], "targets": []} for what in data),
    ]
    return [{"present": True, "whole": True, "files": 1, "bytes": 4096, **one} for one in found]


def told(path: str = SET, **changed: Any) -> dict[str, Any]:
    """The answers that tell about one set, made at OLD with the database."""
    item = {
        "path": path,
        "exists": True,
        "complete": True,
        "unusable": None,
        "protected": True,
        "machine": "APP01",
        "about": None,
        "created": CREATED,
        "items": items("database"),
        **changed,
    }
    clock = {"machine": "APP01", "utc_offset_minutes": 180}
    return {f"set {paths.key(path)}": {"items": [item]}, "clock": clock}
