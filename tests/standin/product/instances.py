# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Creates instances on a host, each as the tools of its time left it."""

from __future__ import annotations

import ntpath
from collections.abc import Mapping

from ..windows.certificates import install_certificate
from ..windows.iis import Application, IisConfiguration, VirtualDirectory
from ..windows.paths import Drives
from ..windows.registry import Registry
from .backups import write_backup
from .configuration_files import AGENT_FOLDER, INSTANCE_FILE, fill, operated
from .data import Data
from .description import FOLDERS, SEARCH_SERVER_SINCE, InstanceDescription, version_number
from .versions import make_links, version_path, write_text

_WITH_BOM = ("Web.config", "adapterhost.config")  # Administration Tool and editors on Windows write both kinds


class InstanceBuilder:
    """Writes folders, configuration, links, registry and IIS entries of instances of one host."""

    def __init__(
        self, drives: Drives, registry: Registry, iis: IisConfiguration, computer: str, search_server: str
    ) -> None:
        self._drives = drives
        self._registry = registry
        self._iis = iis
        self._values = {"computer": computer.lower(), "search": search_server}

    def create(self, instance: InstanceDescription) -> None:
        config = instance.folder("config")
        for name in FOLDERS:
            if name != "data":
                self._drives.make_directory(instance.folder(name))
        self._write_configuration(instance)
        make_links(self._drives, config, version_path(instance.brand, instance.version), instance.junctions)
        self._drives.make_directory(f"{config}\\App_Data")
        self._drives.write(f"{instance.folder('streams')}\\2026\\вложение 1.txt", "содержимое\r\n".encode())
        data = Data(self._drives.make_directory(instance.folder("data")))
        index = instance.index if version_number(instance.version) >= SEARCH_SERVER_SINCE else None
        data.create(instance.name, instance.version, instance.data_files, instance.data_file_bytes, index)
        if instance.product_backup_hours is not None:
            write_backup(self._drives, instance, instance.product_backup_hours)
        self._write_registry(instance)
        self._add_to_iis(instance)

    def _write_configuration(self, instance: InstanceDescription) -> None:
        values = {**self._values, **instance_values(instance)}
        version_folder = version_path(instance.brand, instance.version)
        for name, text in operated(instance.generation, instance.version).items():
            if not name.startswith(AGENT_FOLDER):
                path = instance.yml if name == INSTANCE_FILE else f"{instance.folder('config')}\\{name}"
                write_text(self._drives, path, fill(text, values), "utf-8-sig" if name in _WITH_BOM else "utf-8")
            elif instance.agent_logging == "custom":
                write_text(self._drives, f"{version_folder}\\{name}", text)

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
        scheme = "http"
        if instance.certificate:
            scheme, name = "https", instance.host_header or "localhost"
            install_certificate(self._iis.file.parent, instance.port, name, instance.certificate)
        self._iis.add_site(instance.site_name, [f"{scheme}/*:{instance.port}:{instance.host_header}"], [root])


def instance_values(instance: InstanceDescription) -> Mapping[str, str]:
    """The values of placeholders that an instance itself tells."""
    return {
        "instance": instance.name,
        **{name: instance.folder(name) for name in FOLDERS if name != "data"},
        "database": instance.folder("data"),
        "fqdn": instance.host_header or "localhost",
        "port": str(instance.port),
        "version": instance.version,
        "index": instance.index,
        "authentication": "Windows" if instance.authentication == "negotiate" else "None",
    }
