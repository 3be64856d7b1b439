# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How binaries of each generation read an instance's configuration, and what they refuse.

Which directives a generation has: the vendor's description of the configuration files, its knowledge base for 4.7
(article 2499), its warning on instance configurations, and its picture of the registry of 4.2. What a version does with a
directive that it does not know is told nowhere: it refuses those that the vendor's pages tell to rewrite or to remove.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from ..windows.paths import BrokenLink, Drives
from ..windows.registry import Registry
from .description import index_prefix, instance_key, instance_yml
from .identity import Binaries, Identity, StartFailure

_STORAGES = ("userStorage", "tempStorage")
_REWRITTEN_IN_4_6_1140 = {
    "streamsPath": "userStorage.type and userStorage.localDisk.path",
    "tempPath": "tempStorage.type and tempStorage.localDisk.path",
    "backupPath": "backup.config.default.repository.type and backup.config.default.repository.localDisk.path",
}
_REMOVED_IN_5_0 = ("isFederationAuthEnabled", "manageAdapterHost")
_OLD_NAMES = {
    "clusterName": "instanceName",
    "db.workDir": "databasePath",
    "db.name": "databaseName",
    "journal.server": "elasticsearchUri",
    "mq.server": "kafkaBootstrapServer",
}
# The gateway has its own word for the name of the instance.
_SHARED = {"clusterName": "cluster.name", "mq.server": "mq.server", "mq.group": "mq.group", "mq.node": "mq.node"}
_INDEX_IN_YML_SINCE = (5, 0, 24055, 0)
_TOP_LEVEL = re.compile(r"(?m)^([A-Za-z][\w.-]*)[ \t]*:")

Directives = Mapping[str, object]


@dataclass(frozen=True)
class Configuration:
    """What a start needs of it. ``database``: its name where the configuration tells one.

    ``index``: the prefix of the search index; None where the binaries keep it in the database.
    """

    source: str
    config: object
    data: object
    database: object = None
    index: str | None = None


class ConfigurationReader:
    """Reads as the binaries of a version do."""

    def __init__(self, drives: Drives, registry: Registry) -> None:
        self._drives = drives
        self._registry = registry

    def read(self, identity: Identity, binaries: Binaries) -> Configuration:
        """Raises StartFailure for everything that these binaries cannot live with."""
        if binaries.generation == "registry":
            return self._from_registry(identity)
        source = instance_yml(identity.brand, identity.name)
        directives = self._strict_directives(source)
        version = binaries.version
        if binaries.generation == "yml_4_4":
            _need(directives, source, version, "configPath", "databasePath")
            return Configuration(source, directives["configPath"], directives["databasePath"])
        if binaries.generation == "yml_4_7":
            self._check_4_7(directives, source, identity, version)
            return Configuration(
                source, directives["configPath"], directives["databasePath"], directives.get("databaseName")
            )
        self._check_5_0(directives, source, identity, version)
        index = str(directives.get("journal.name") or index_prefix(identity.name))
        return Configuration(
            source,
            directives["configPath"],
            directives["db.workDir"],
            directives["db.name"],
            index if binaries.at_least(*_INDEX_IN_YML_SINCE) else None,
        )

    def directives(self, path: str) -> Directives:
        """The directives of a flat file. Raises StartFailure where it is none."""
        if not self._drives.exists(path):
            raise StartFailure(f"the instance configuration {path} does not exist")
        try:
            content = yaml.safe_load(self._text(path))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise StartFailure(f"the instance configuration {path} cannot be read: {error}") from error
        if not isinstance(content, dict):
            raise StartFailure(f"the instance configuration {path} holds no directives")
        return content

    def _from_registry(self, identity: Identity) -> Configuration:
        source = instance_key(identity.brand, identity.name)
        values = self._registry.read(source) or {}
        return Configuration(source, values.get("ConfigPath"), values.get("DatabasePath"))

    def _strict_directives(self, path: str) -> Directives:
        directives = self.directives(path)
        names = _TOP_LEVEL.findall(self._text(path))
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise StartFailure(f"{path} has {twice} twice")
        return directives

    def _text(self, path: str) -> str:
        return self._drives.real(path).read_bytes().decode("utf-8-sig")

    def _check_4_7(self, directives: Directives, source: str, identity: Identity, version: str) -> None:
        for old, new in _REWRITTEN_IN_4_6_1140.items():
            if old in directives:
                raise StartFailure(f"{source} still has {old}, which must be rewritten as {new} for {version}")
        _need(directives, source, version, "configPath", "databasePath", "instanceName")
        _check_name(directives, source, identity, "instanceName")
        self._check_storages(directives, source, version)

    def _check_5_0(self, directives: Directives, source: str, identity: Identity, version: str) -> None:
        for name in _REMOVED_IN_5_0:
            if name in directives:
                raise StartFailure(f"{source} still has {name}, which must be removed for {version}")
        _need(directives, source, version, "clusterName", "configPath", "db.workDir", "db.name", "journal.server")
        if _OLD_NAMES["mq.server"] in directives:
            _need(directives, source, version, "mq.server")
        _check_name(directives, source, identity, "clusterName")
        self._check_storages(directives, source, version)
        self._check_agreement(directives, source, identity)

    def _check_storages(self, directives: Directives, source: str, version: str) -> None:
        for storage in _STORAGES:
            _need(directives, source, version, f"{storage}.type")
            kind = directives[f"{storage}.type"]
            if kind not in ("LocalDisk", "S3"):
                raise StartFailure(f"{storage}.type of {source} is {kind!r}; there are LocalDisk and S3")
            if kind == "LocalDisk":
                _need(directives, source, version, f"{storage}.localDisk.path")
                folder = directives[f"{storage}.localDisk.path"]
                if not isinstance(folder, str) or not is_folder(self._drives, folder):
                    raise StartFailure(f"the folder {folder!r} of {storage} in {source} does not exist")

    def _check_agreement(self, directives: Directives, source: str, identity: Identity) -> None:
        """The vendor's rule for the three files of 5.0; directives that a file does not have are not compared."""
        for file, names in (("adapterhost.yml", {name: name for name in _SHARED}), ("apigateway.yml", _SHARED)):
            path = f"{identity.config}\\{file}"
            other = self._strict_directives(path) if self._drives.exists(path) else {}
            for name, theirs in names.items():
                if name in directives and theirs in other and directives[name] != other[theirs]:
                    raise StartFailure(
                        f"{theirs} of {path} is {other[theirs]!r}, but {name} of {source} is {directives[name]!r}; "
                        "they must be equal"
                    )


def is_folder(drives: Drives, path: str) -> bool:
    r"""Whether it is a folder, written as on Windows: the vendor's page on Kafka wants ``\`` in yml files, not ``/``."""
    try:
        return "/" not in path and drives.real(path).is_dir()
    except (BrokenLink, ValueError):
        return False


def _need(directives: Directives, source: str, version: str, *names: str) -> None:
    for name in names:
        if directives.get(name) in (None, ""):
            old = _OLD_NAMES.get(name)
            hint = f"; {old} is there, which {version} does not read" if old in directives else ""
            raise StartFailure(f"{source} has no {name}, which {version} needs{hint}")


def _check_name(directives: Directives, source: str, identity: Identity, directive: str) -> None:
    if str(directives[directive]) != identity.name:
        raise StartFailure(
            f"{directive} of {source} is {str(directives[directive])!r}, but the instance is {identity.name!r}"
        )
