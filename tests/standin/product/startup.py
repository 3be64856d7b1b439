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

import yaml

from ..processes import ProcessTable
from ..windows.paths import BrokenLink, Drives, LinkKind
from ..windows.registry import Registry
from .assemblies import CORE, Assemblies
from .data import Data
from .description import generation_of, instance_key, instance_yml, version_number
from .versions import LINKED

_FILE_NAME = re.compile(r'fileName\s*=\s*"(?P<folder>[A-Za-z]:\\[^"]*)\\[^"\\]*"')


class StartFailure(Exception):
    """The product does not start; the text goes to its error log."""


@dataclass(frozen=True)
class Identity:
    """An instance as IIS knows it: by the name of its site and the folder of its root application."""

    brand: str
    name: str
    config: str


@dataclass(frozen=True)
class Binaries:
    version: str
    folder: str  # Windows path of the version folder

    def at_least(self, *number: int) -> bool:
        return version_number(self.version) >= number


class Surroundings:
    """The parts of a host that the product reads."""

    def __init__(self, drives: Drives, registry: Registry, assemblies: Assemblies, processes: ProcessTable) -> None:
        self._processes = processes
        self._drives = drives
        self._registry = registry
        self._assemblies = assemblies

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

    def check_configuration(self, identity: Identity, binaries: Binaries) -> Data:
        """Read the instance's configuration as these binaries do, and find its data. Raises StartFailure."""
        self._check_web_config(identity.config)
        if generation_of(binaries.version) == "registry":
            values = self._registry.read(instance_key(identity.brand, identity.name)) or {}
            config: object = values.get("ConfigPath")
            data: object = values.get("DatabasePath")
            source = instance_key(identity.brand, identity.name)
        else:
            source = instance_yml(identity.brand, identity.name)
            directives = self._directives(source)
            config = directives.get("configPath")
            data = directives.get("db.workDir") or directives.get("databasePath")
        if not isinstance(config, str) or not same_path(config, identity.config):
            raise StartFailure(f"configPath of {source} is {config!r}, but the site runs in {identity.config}")
        if not isinstance(data, str) or not self._drives.exists(data):
            raise StartFailure(f"the database folder {data!r} of {source} does not exist")
        return self._check_data(Data(self._drives.real(data)), data, binaries)

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
            directives = self._directives(instance_yml(identity.brand, identity.name))
        except StartFailure:
            directives = {}
        data = directives.get("db.workDir") or directives.get("databasePath") or values.get("DatabasePath")
        return str(data) if data and self._drives.exists(str(data)) else None

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

    def _directives(self, path: str) -> dict[str, object]:
        if not self._drives.exists(path):
            raise StartFailure(f"the instance configuration {path} does not exist")
        try:
            content = yaml.safe_load(self._drives.real(path).read_bytes().decode("utf-8-sig"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise StartFailure(f"the instance configuration {path} cannot be read: {error}") from error
        if not isinstance(content, dict):
            raise StartFailure(f"the instance configuration {path} holds no directives")
        return content

    @staticmethod
    def _check_data(data: Data, path: str, binaries: Binaries) -> Data:
        if data.version is None:
            raise StartFailure(f"there is no database in {path}")
        for version in filter(None, (data.version, data.upgrading)):
            if version_number(version) > version_number(binaries.version):
                raise StartFailure(
                    f"the data in {path} has version {version}, which is newer than the binaries "
                    f"{binaries.version}; data cannot be downgraded"
                )
        return data


def same_path(one: str, other: str) -> bool:
    return ntpath.normpath(one).casefold() == ntpath.normpath(other).casefold()
