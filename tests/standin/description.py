# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet as its description file tells it."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .prerequisites import Prerequisites
from .product.description import InstanceDescription

GIB = 1024**3


@dataclass
class VersionDescription:
    """An installed version; `assembly` puts another version's assembly into its folder.

    `templates`: its folder has pristine configuration files, in `templates`.
    """

    version: str
    brand: str = "Comindware"
    assembly: str = ""
    templates: bool = False

    @classmethod
    def read(cls, item: str | dict[str, Any]) -> VersionDescription:
        return cls(item) if isinstance(item, str) else cls(**item)


@dataclass
class HostDescription:
    r"""`runtime`: what its programs run on, mono or wine; the variable STANDIN_RUNTIME names another default.
    `language` and `code_page` are those of the programs of Windows; `free_bytes` is by drive letter.

    `shares`: file shares by their name such as `\\backup\sets`, each with `writable` and `free_bytes` if they are not as usual;
    `delegation`: whether the caller's credentials reach them, as with CredSSP.
    `search_server`: whether anybody listens at the address that instances have for it; `search_port` is chosen by the fleet.
    """

    name: str
    versions: list[VersionDescription]
    instances: list[InstanceDescription]
    runtime: str = field(default_factory=lambda: os.environ.get("STANDIN_RUNTIME", "mono"))
    language: str = "en"
    code_page: str = "utf-8"
    user: str = "Administrator"
    password: str = "Stand-in-1"
    administrator: bool = True
    long_paths: bool = False
    symbolic_links: bool = True
    free_bytes: dict[str, int] = field(default_factory=lambda: {"c": 64 * GIB, "d": 256 * GIB})
    stop_seconds: float = 0.2
    winrm_port: int = 0
    prerequisites: Prerequisites = field(default_factory=Prerequisites)
    shares: dict[str, dict[str, Any]] = field(default_factory=dict)
    delegation: bool = False
    search_server: bool = True
    search_port: int = 0

    @classmethod
    def read(cls, item: dict[str, Any]) -> HostDescription:
        """Raises TypeError for an unknown field."""
        return cls(
            **{
                **item,
                "versions": [VersionDescription.read(one) for one in item.get("versions", [])],
                "instances": [InstanceDescription.read(one) for one in item.get("instances", [])],
                "prerequisites": Prerequisites(**item.get("prerequisites", {})),
            }
        )

    @property
    def search_address(self) -> str:
        return f"http://127.0.0.1:{self.search_port}"

    def dump(self) -> dict[str, Any]:
        return asdict(self)


def read_fleet(source: Path | str | dict[str, Any]) -> list[HostDescription]:
    """Hosts of a description: a file, or its content as Python data. Raises ValueError where it is not one."""
    content = source if isinstance(source, dict) else yaml.safe_load(Path(source).read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("hosts"), dict):
        raise ValueError(f"{source} is no fleet description: it needs `hosts`, names to hosts")  # noqa: TRY004
    return [HostDescription.read({"name": name, **host}) for name, host in content["hosts"].items()]
