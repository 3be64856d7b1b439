# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the product checks when it starts, and why a start fails.

A version is what the assembly says to which the links really lead; folder names and the `version` directive count for
nothing. That the product refuses missing, mixed and wrong-kind links is inferred: it could not load its parts.
"""

from __future__ import annotations

import ntpath
import re
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ..processes import ProcessTable
from ..windows.paths import BrokenLink, Drives, LinkKind
from ..windows.registry import Registry
from .assemblies import CORE, Assemblies
from .configuration import Configuration, ConfigurationReader, is_folder
from .data import Data
from .description import generation_of, instance_key, instance_yml, version_number
from .identity import Binaries, Identity, StartFailure
from .versions import LINKED

_FILE_NAME = re.compile(r'fileName\s*=\s*"(?P<folder>[A-Za-z]:\\[^"]*)\\[^"\\]*"')


# Nobody may skip one of these, or a higher build before the next (vendor's page on upgrading 3.2 to 4.2 on Windows).
_STOPS = ((3, 5, 1058), (3, 5, 1076), (3, 5, 1100), (4, 2), (4, 4))


@dataclass(frozen=True)
class Configured:
    """The data of an instance and the prefix of its search index, None where the data themselves tell it."""

    data: Data
    index: str | None


class Surroundings:
    """The parts of a host that the product reads."""

    def __init__(self, drives: Drives, registry: Registry, assemblies: Assemblies, processes: ProcessTable) -> None:
        self._processes = processes
        self._drives = drives
        self._registry = registry
        self._assemblies = assemblies
        self._reader = ConfigurationReader(drives, registry)

    def binaries(self, identity: Identity) -> Binaries:
        """The version that the links of the Config folder lead to. Raises StartFailure."""
        folders = {name: self._linked_folder(identity.config, name, kind) for name, kind in LINKED.items()}
        if len({folder.casefold() for folder in folders.values()}) > 1:
            listing = ", ".join(f"{name} -> {folder}" for name, folder in folders.items())
            raise StartFailure(f"the links in {identity.config} lead to several versions: {listing}")
        folder = folders["bin"]
        core = self._drives.real(f"{folder}\\bin\\{CORE}")
        version = self._assemblies.version_of(core) if core.is_file() else None
        if version is None:
            raise StartFailure(f"Could not load file or assembly '{folder}\\bin\\{CORE}' or one of its dependencies.")
        return Binaries(version, folder)

    def check_configuration(self, identity: Identity, binaries: Binaries) -> Configured:
        """Read the instance's configuration as these binaries do, and find its data. Raises StartFailure."""
        self._check_web_config(identity.config)
        configuration = self._reader.read(identity, binaries)
        config, data, source = configuration.config, configuration.data, configuration.source
        if not isinstance(config, str) or not same_path(config, identity.config):
            raise StartFailure(f"configPath of {source} is {config!r}, but the site runs in {identity.config}")
        if not isinstance(data, str) or not is_folder(self._drives, data):
            raise StartFailure(f"the database folder {data!r} of {source} does not exist")
        found = Data(self._drives.real(data))
        self._check_data(found, data, binaries)
        self._check_database(found, data, configuration)
        return Configured(found, configuration.index)

    def logs(self, config: str) -> Path:
        """Where logs go: the folder that logs.config names, or `Logs` beside the Config folder."""
        file = self._drives.real(f"{config}\\logs.config") if self._drives.exists(config) else None
        match = _FILE_NAME.search(file.read_text(encoding="utf-8-sig")) if file and file.is_file() else None
        folder = match["folder"] if match else ntpath.join(ntpath.dirname(config), "Logs")
        return self._drives.make_directory(folder)

    def windows_authentication(self, config: str) -> bool:
        """Whether Web.config asks for Windows authentication, as the vendor's page on single sign-on sets it up."""
        path = f"{config}\\Web.config"
        text = self._drives.real(path).read_text(encoding="utf-8-sig") if self._drives.exists(path) else ""
        return re.search(r'<authentication\s+mode\s*=\s*"Windows"', text) is not None

    def held_files(self, identity: Identity, only: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The files of the version's `bin` that a worker keeps open, by their real Windows paths."""
        try:
            folder = self._drives.real(f"{identity.config}\\bin")
        except BrokenLink:
            return ()
        if not folder.is_dir():
            return ()
        return tuple(
            self._drives.windows(file)
            for file in sorted(folder.iterdir())
            if (file.name in only if only else file.suffix.lower() == ".dll")
        )

    def data_folder(self, identity: Identity) -> str | None:
        """The database folder that yml or registry name, if it exists."""
        values = self._registry.read(instance_key(identity.brand, identity.name)) or {}
        try:
            directives = self._reader.directives(instance_yml(identity.brand, identity.name))
        except StartFailure:
            directives = {}
        data = directives.get("db.workDir") or directives.get("databasePath") or values.get("DatabasePath")
        return str(data) if data and is_folder(self._drives, str(data)) else None

    def database_users(self, path: str) -> list[int]:
        """Process ids of those that have the database open; it can be used by one only."""
        return [process.pid for process in self._processes.all() if path in process.holds]

    def _linked_folder(self, config: str, name: str, kind: LinkKind) -> str:
        path = f"{config}\\{name}"
        try:
            link = self._drives.link(path)
            self._drives.real(path)
        except (BrokenLink, ValueError) as error:
            raise StartFailure(str(error)) from error
        if link is None:
            there = "is no link" if self._drives.exists(path) else "does not exist"
            raise StartFailure(f"{path} {there}; it must be a link to the product's binaries")
        if (link[0] is LinkKind.FILE) != (kind is LinkKind.FILE):
            raise StartFailure(f"{path} is a {link[0].protocol_name}, which is the wrong kind")
        if ntpath.basename(link[1]).casefold() != name.casefold():
            raise StartFailure(f"{path} leads to {link[1]}, which is not the version's {name}")
        return ntpath.dirname(link[1])

    def _check_web_config(self, config: str) -> None:
        path = f"{config}\\Web.config"
        if not self._drives.exists(path):
            raise StartFailure(f"{path} does not exist")
        try:
            ElementTree.fromstring(self._drives.real(path).read_bytes())
        except ElementTree.ParseError as error:
            raise StartFailure(f"{path} is not well-formed: {error}") from error

    @staticmethod
    def _check_data(data: Data, path: str, binaries: Binaries) -> None:
        if data.version is None:
            raise StartFailure(f"there is no database in {path}")
        for version in filter(None, (data.version, data.upgrading)):
            if version_number(version) > version_number(binaries.version):
                raise StartFailure(
                    f"the data in {path} has version {version}, which is newer than the binaries "
                    f"{binaries.version}; data cannot be downgraded"
                )
        if data.version == binaries.version:
            return
        if generation_of(data.version) == "registry" and not data.initialised:
            raise StartFailure(
                f"the upgrade of the data in {path} to {data.version} was never finished by an administrator: start "
                f"{data.version}, log in and press Next to the end"
            )
        later = [stop for stop in _STOPS if stop > version_number(data.version)]
        if len(later) > 1 and version_number(binaries.version) >= later[1]:
            stop = ".".join(map(str, later[0]))
            raise StartFailure(
                f"the data in {path} has version {data.version}, which {binaries.version} cannot upgrade: {stop} or a "
                "later build before the next mandatory one must upgrade it first"
            )

    @staticmethod
    def _check_database(data: Data, path: str, configuration: Configuration) -> None:
        """The caches of a database begin with its name: under another one the product would find none of them."""
        if configuration.database is not None and str(configuration.database) != data.name:
            raise StartFailure(
                f"{configuration.source} names the database {str(configuration.database)!r}, but the one in {path} is "
                f"{data.name!r}"
            )


def same_path(one: str, other: str) -> bool:
    return ntpath.normpath(one).casefold() == ntpath.normpath(other).casefold()
