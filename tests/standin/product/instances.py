# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates instances on a host, each as the tools of its time left it."""

from __future__ import annotations

import ntpath
import re
from pathlib import Path
from string import Template

from ..windows.iis import Application, IisConfiguration, VirtualDirectory
from ..windows.paths import Drives
from ..windows.registry import Registry
from .data import Data
from .description import InstanceDescription
from .versions import make_links, version_path

_TEMPLATES = Path(__file__).parent / "templates"
_FILES = {
    "registry": ("Web.config", "Workers.config", "logs.config"),
    "yml_4_4": ("Web.config", "Workers.config", "logs.config", "Ignite.config"),
    "yml_4_7": (
        "Web.config",
        "Workers.config",
        "logs.config",
        "Ignite.config",
        "adapterhost.config",
        "apigateway.json",
    ),
    "yml_5_0": ("Web.config", "logs.config", "Ignite.config", "adapterhost.yml", "apigateway.yml"),
}
_WITH_BOM = ("Web.config", "adapterhost.config")  # Administration Tool and editors on Windows write both kinds


class InstanceBuilder:
    """Writes folders, configuration, links, registry and IIS entries of instances of one host."""

    def __init__(self, drives: Drives, registry: Registry, iis: IisConfiguration, computer: str) -> None:
        self._drives = drives
        self._registry = registry
        self._iis = iis
        self._computer = computer

    def create(self, instance: InstanceDescription) -> None:
        values = self._values(instance)
        config = instance.folder("config")
        for name in ("config", "streams", "temp", "local_temp", "backup", "logs"):
            self._drives.make_directory(instance.folder(name))
        for name in _FILES[instance.generation]:
            self._write(f"{config}\\{name}", name, values)
        if instance.generation != "registry":
            self._write(instance.yml, f"instance_{instance.generation.removeprefix('yml_')}.yml", values)
        make_links(self._drives, config, version_path(instance.brand, instance.version), instance.junctions)
        self._drives.make_directory(f"{config}\\App_Data")
        self._drives.write(f"{instance.folder('streams')}\\2026\\вложение 1.txt", "содержимое\r\n".encode())
        data = Data(self._drives.make_directory(instance.folder("data")))
        data.create(instance.name, instance.version, instance.data_files, instance.data_file_bytes)
        self._write_registry(instance)
        self._add_to_iis(instance)

    def _values(self, instance: InstanceDescription) -> dict[str, str]:
        folders = {
            name: instance.folder(name)
            for name in ("config", "data", "streams", "temp", "local_temp", "backup", "logs")
        }
        return {
            **folders,
            "name": instance.name,
            "version": instance.version,
            "port": str(instance.port),
            "fqdn": instance.host_header or "localhost",
            "computer": self._computer.lower(),
            "prefix": re.sub("[^a-z0-9]", "", instance.name.lower()),
            "authentication": "Windows" if instance.authentication == "negotiate" else "None",
        }

    def _write(self, path: str, template: str, values: dict[str, str]) -> None:
        text = Template((_TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)
        encoding = "utf-8-sig" if ntpath.basename(path) in _WITH_BOM else "utf-8"
        self._drives.write(path, text.replace("\n", "\r\n").encode(encoding))

    def _write_registry(self, instance: InstanceDescription) -> None:
        """The Administration Tool's record: complete in 4.2; that later ones keep name and version there is inferred."""
        own = {"name": instance.name, "version": instance.version, "webSiteName": instance.site_name}
        if instance.generation == "registry":
            self._registry.write(
                instance.registry_key,
                {
                    **own,
                    "BackupPath": instance.folder("backup"),
                    "ConfigPath": instance.folder("config"),
                    "DatabasePath": instance.folder("data"),
                    "StreamsPath": instance.folder("streams"),
                    "TempPath": instance.folder("temp"),
                    "path": ntpath.dirname(ntpath.dirname(instance.folder("config"))),
                    "fqdn": instance.host_header or "localhost",
                    "port": instance.port,
                    "IsFederationAuthEnabled": 0,
                    "IsWalDisabled": 0,
                },
            )
        else:
            self._registry.write(instance.registry_key, {**own, "ConfigPath": instance.folder("config")})

    def _add_to_iis(self, instance: InstanceDescription) -> None:
        own, *companions = instance.pool_names
        identity = (
            {
                "identity_type": "SpecificUser",
                "user_name": instance.pool_user,
                "password": f"CANARY-pool-password-{instance.name}",
            }
            if instance.pool_user
            else {}
        )
        self._iis.add_pool(own, **identity)
        for name in companions:
            self._iis.add_pool(name, start_mode="AlwaysRunning", runtime_version="")
        root = Application("/", own, [VirtualDirectory("/", instance.physical_path or instance.folder("config"))])
        self._iis.add_site(instance.site_name, [f"http/*:{instance.port}:{instance.host_header}"], [root])
