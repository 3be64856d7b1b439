# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What applicationHost.config holds: sites with their applications, and application pools.

Defaults are those of the schema IIS_schema.xml as documented by Microsoft.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

_saving = threading.Lock()
FORBIDDEN_IN_NAMES = '"'  # appcmd cannot be given one


@dataclass
class VirtualDirectory:
    path: str
    physical_path: str


@dataclass
class Application:
    path: str
    pool: str
    virtual_directories: list[VirtualDirectory] = field(default_factory=list)

    @property
    def physical_path(self) -> str:
        return next((item.physical_path for item in self.virtual_directories if item.path == "/"), "")


@dataclass(frozen=True)
class Binding:
    """`protocol/information`; information is `address:port:host` for http and https."""

    protocol: str
    information: str

    @classmethod
    def parse(cls, text: str) -> Binding:
        protocol, _, information = text.partition("/")
        return cls(protocol, information)

    @property
    def port(self) -> int | None:
        return int(self.information.split(":")[1]) if self.is_web else None

    @property
    def host(self) -> str:
        return self.information.split(":")[2] if self.is_web else ""

    @property
    def is_web(self) -> bool:
        return self.protocol in ("http", "https")


@dataclass
class Site:
    name: str
    id: int
    bindings: list[str]
    applications: list[Application]
    server_auto_start: bool = True

    def web_bindings(self) -> list[Binding]:
        return [binding for binding in map(Binding.parse, self.bindings) if binding.is_web]

    @property
    def root(self) -> Application | None:
        return next((application for application in self.applications if application.path == "/"), None)


@dataclass
class Pool:
    name: str
    auto_start: bool = True
    start_mode: str = "OnDemand"
    identity_type: str = "ApplicationPoolIdentity"
    user_name: str = ""
    password: str = ""
    runtime_version: str = "v4.0"
    pipeline_mode: str = "Integrated"
    shutdown_time_limit_seconds: int = 90

    @property
    def always_running(self) -> bool:
        return self.start_mode == "AlwaysRunning"


@dataclass
class IisConfiguration:
    """All of it; `save` writes `iis.json` in one step."""

    file: Path
    sites: list[Site] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)

    @classmethod
    def load(cls, file: Path) -> IisConfiguration:
        configuration = cls(file)
        configuration.restore(json.loads(file.read_text(encoding="utf-8")))
        return configuration

    def dump(self) -> dict[str, Any]:
        return {"sites": [asdict(site) for site in self.sites], "pools": [asdict(pool) for pool in self.pools]}

    def restore(self, dump: dict[str, Any]) -> None:
        """Replace everything by what `dump` gave earlier."""
        self.sites = [_site(item) for item in dump["sites"]]
        self.pools = [Pool(**item) for item in dump["pools"]]

    def save(self) -> None:
        with _saving:
            draft = self.file.with_name(self.file.name + ".draft")
            draft.write_text(json.dumps(self.dump(), ensure_ascii=False, indent=1), encoding="utf-8")
            draft.replace(self.file)

    def site(self, name: str) -> Site | None:
        return next((site for site in self.sites if same_name(site.name, name)), None)

    def pool(self, name: str) -> Pool | None:
        return next((pool for pool in self.pools if same_name(pool.name, name)), None)

    def root_sites_of(self, pool: str) -> Iterator[Site]:
        """Sites whose root application runs in a pool."""
        return (site for site in self.sites if site.root and same_name(site.root.pool, pool))

    def add_site(self, name: str, bindings: list[str], applications: list[Application], **more: Any) -> Site:
        _check_name(name)
        site = Site(name, max((site.id for site in self.sites), default=0) + 1, bindings, applications, **more)
        self.sites.append(site)
        return site

    def add_pool(self, name: str, **more: Any) -> Pool:
        _check_name(name)
        pool = Pool(name, **more)
        self.pools.append(pool)
        return pool


def same_name(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _check_name(name: str) -> None:
    if not name or any(letter in name for letter in FORBIDDEN_IN_NAMES):
        raise ValueError(f"{name!r} cannot be the name of a site or pool: it is empty or holds a double quote")


def _site(item: dict[str, Any]) -> Site:
    applications = [
        Application(one["path"], one["pool"], [VirtualDirectory(**each) for each in one["virtual_directories"]])
        for one in item["applications"]
    ]
    return Site(**{**item, "applications": applications})
