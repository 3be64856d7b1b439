# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance as a fleet description tells it, with the product's own defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..windows.certificates import KINDS as CERTIFICATES

FOLDERS = {
    "config": "Config",
    "data": "Database",
    "streams": "Streams",
    "temp": "Temp",
    "local_temp": "LocalTemp",
    "backup": "Backup",
    "logs": "Logs",
}
"""Folders of an instance by what descriptions call them."""

SEARCH_SERVER_SINCE = (4, 2)
"""Before, the product searches without a server: the vendor's page on upgrading 3.2 to 4.2 asks to deploy one."""


def version_number(text: str) -> tuple[int, ...]:
    """A version as integers. Raises ValueError for anything but `A.B.C.D`."""
    parts = tuple(int(part) for part in text.split("."))
    if len(parts) != 4:
        raise ValueError(f"{text!r} is not a version of four numbers, such as 5.0.13334.0")
    return parts


def generation_of(version: str) -> str:
    """How binaries of a version keep an instance's configuration (the vendor's description of configuration files)."""
    number = version_number(version)
    if number < (4, 4):
        return "registry"
    if number < (4, 6, 1140):
        return "yml_4_4"
    return "yml_4_7" if number < (5, 0) else "yml_5_0"


def index_prefix(name: str) -> str:
    """The prefix of an instance's search index where nobody gave one: lower-case Latin letters, digits, underscores."""
    return re.sub("[^a-z0-9]", "_", f"cmw{name}".lower())


@dataclass
class ProductBehaviour:
    """How an instance behaves at run time; settable for a test.

    `start_seconds`, `upgrade_seconds`: of a start, and of the data upgrade before it.
    `requests_wait`: a request during the start waits for its end, or gets 503 at once.
    `service_mode`: after a data upgrade only the service-mode page is served until an administrator logs in;
    None = from 5.0 on. `service_mode_status` is its HTTP status, which no vendor page tells. Before 4.4 the product waits
    behind its login page instead, unless this is false.
    `health_status`: what `/api/health` answers in service mode, which no vendor page tells either.
    `failing_versions`: binaries of these versions do not start; `crashing_versions`: their process dies at once.
    `unchanging_versions`: binaries of these versions take the data of an older one as they are.
    `crash_seconds`: how long after each start the process dies. `failing_health`: `/api/health` answers 500.
    `upgrade_errors`: the data upgrade ends with errors in its logs.
    `api_user`, `api_password`: who may make API calls. `backup_configurations`: ids of backup configurations; `backup_seconds`: what a
    session takes; `backup_fault`: `endless` (its archive grows for ever) or `truncated` (it calls half an archive complete).
    """

    start_seconds: float = 0.2
    upgrade_seconds: float = 0.3
    requests_wait: bool = True
    service_mode: bool | None = None
    service_mode_status: int = 200
    health_status: int = 503
    failing_versions: list[str] = field(default_factory=list)
    crashing_versions: list[str] = field(default_factory=list)
    unchanging_versions: list[str] = field(default_factory=list)
    crash_seconds: float | None = None
    failing_health: bool = False
    upgrade_errors: bool = False
    api_user: str = "api"
    api_password: str = "CANARY-api-password"
    backup_configurations: list[str] = field(default_factory=lambda: ["backupConfig.1"])
    backup_seconds: float = 1
    backup_fault: str = ""


@dataclass
class InstanceDescription:
    """`paths` moves folders (`config`, `data`, `streams`, `temp`, `local_temp`, `backup`, `logs`) off `root`.

    `physical_path` is the Config folder as IIS knows it, perhaps with `%VAR%`. `junctions`: links to folders are junctions.
    `index`: the prefix of its search index, which operators chose. `agent_logging`: `custom` where operators changed the
    logging of the adapters in the version folder. `certificate`: its binding is https, with a certificate of this kind
    (`windows/certificates.py`). `product_backup_hours`: the age of a .cdbbz in the Backup folder.
    """

    name: str
    version: str
    brand: str = "Comindware"
    root: str = ""
    paths: dict[str, str] = field(default_factory=dict)
    authentication: str = "none"
    language: str = "ru"
    service: bool = False
    pool_user: str = ""
    data_files: int = 24
    data_file_bytes: int = 2048
    host_header: str = ""
    certificate: str = ""
    physical_path: str = ""
    junctions: bool = False
    index: str = ""
    agent_logging: str = "pristine"
    product_backup_hours: float | None = None
    port: int = 0
    behaviour: ProductBehaviour = field(default_factory=ProductBehaviour)

    @classmethod
    def read(cls, item: dict[str, Any]) -> InstanceDescription:
        """From a fleet description. Raises TypeError for an unknown field, ValueError for a bad value."""
        behaviour = ProductBehaviour(**item.get("behaviour", {}))
        description = cls(**{**item, "behaviour": behaviour})
        version_number(description.version)
        if description.certificate not in ("", *CERTIFICATES):
            raise ValueError(f"certificate {description.certificate!r} is none of: {', '.join(CERTIFICATES)}")
        if description.agent_logging not in ("pristine", "custom"):
            raise ValueError(f"agent_logging {description.agent_logging!r} is neither pristine nor custom")
        description.index = description.index or index_prefix(description.name).replace("cmw", "erp_", 1)
        return description

    @property
    def generation(self) -> str:
        return generation_of(self.version)

    @property
    def site_name(self) -> str:
        return f"{self.brand} {self.name}"

    @property
    def pool_names(self) -> list[str]:
        """The site's own pool first; from 5.0 on the adapter host and the gateway run in pools of their own."""
        own = [self.site_name]
        return (
            [*own, f"{self.site_name}_adapterhost", f"{self.site_name}_apigateway"]
            if self.generation == "yml_5_0"
            else own
        )

    def folder(self, name: str) -> str:
        """Where a folder of the instance lies; the data folder is `Data` up to 4.2 and `Database` later."""
        root = self.root or rf"C:\ProgramData\{self.brand}\Instances\{self.name}"
        names = {**FOLDERS, "data": "Data"} if self.generation == "registry" else FOLDERS
        return self.paths.get(name, f"{root}\\{names[name]}")

    @property
    def yml(self) -> str:
        return instance_yml(self.brand, self.name)

    @property
    def registry_key(self) -> str:
        return instance_key(self.brand, self.name)


def instance_yml(brand: str, name: str) -> str:
    return rf"C:\ProgramData\{brand.lower()}\configs\instance\{name}.yml"


def instance_key(brand: str, name: str) -> str:
    return rf"HKLM\SOFTWARE\{brand}\Instances\{name}"


def versions_folder(brand: str) -> str:
    return rf"C:\Program Files\{brand}\CBAP"
