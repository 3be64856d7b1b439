# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host looks like at one moment, for comparisons before and after."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .host import Host


@dataclass(frozen=True)
class Snapshot:
    """`files`: Windows path -> "directory", "file <sha256>" or "<kind> -> <target>"; `registry`: by key;
    `iis`: the configuration; `states`: of sites and pools by name; `tasks`: their names."""

    files: dict[str, str]
    registry: dict[str, Any]
    iis: dict[str, Any]
    states: dict[str, str]
    tasks: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, host: Host) -> Snapshot:
        configuration = host.iis.configuration
        states = {f"site {site.name}": host.iis.site_state(site.name) for site in configuration.sites}
        states |= {f"pool {pool.name}": host.iis.pool_state(pool.name) for pool in configuration.pools}
        return cls(_files(host), host.registry.everything(), configuration.dump(), states, host.scheduler.names())

    def differences(self, later: Snapshot, ignore: tuple[str, ...] = ()) -> list[str]:
        """What changed until `later`, a sentence each; `ignore` are globs over Windows paths, without case."""
        found = [
            f"{path}: {old} became {new}"
            for path, old, new in _changes(self.files, later.files)
            if not any(fnmatch(path.casefold(), glob.casefold()) for glob in ignore)
        ]
        for name in ("registry", "iis", "states"):
            found += [
                f"{name} {key}: {old} became {new}"
                for key, old, new in _changes(getattr(self, name), getattr(later, name))
            ]
        if self.tasks != later.tasks:
            found.append(f"tasks: {self.tasks} became {later.tasks}")
        return found


def _changes(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    keys = sorted(old.keys() | new.keys())
    return [(key, old.get(key, "nothing"), new.get(key, "nothing")) for key in keys if old.get(key) != new.get(key)]


def _files(host: Host) -> dict[str, str]:
    found: dict[str, str] = {}
    for drive in host.drives.folder.iterdir():
        _look(host, str(drive), f"{drive.name.upper()}:", found)
    return found


def _look(host: Host, folder: str, windows: str, found: dict[str, str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{windows}\\{entry.name}"
            if entry.is_symlink():
                found[path] = _link(host, Path(entry.path))
            elif entry.is_dir():
                found[path] = "directory"
                _look(host, entry.path, path, found)
            else:
                found[path] = f"file {hashlib.sha256(Path(entry.path).read_bytes()).hexdigest()}"


def _link(host: Host, link: Path) -> str:
    try:
        kind, target = host.drives.read_link(link)
    except ValueError:  # out of the host: a folder that Wine hosts share
        return f"link -> {link.readlink()}"
    return f"{kind.protocol_name} -> {target}"
