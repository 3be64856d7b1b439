# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The questions of an inspection: one call finds everything there is to know about a host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import paths, prerequisites
from .brands import AGENT_ROOT, BRANDS, CORE_ASSEMBLY, JAVA_VARIABLES, LINKED_FILES, SERVICE_NAMES

Query = dict[str, Any]

CONFIGURATION_FILES = ["*.yml", "*.config", "*.json"]
"""What the vendor's upgrade procedure tells to save, plus the 4.7 ``apigateway.json``."""

# Directives that name folders, by what they are called in facts. Newer names come first; flat ones are of products 4.4 to 4.7.
FOLDER_DIRECTIVES = {
    "config": ("configPath",),
    "database": ("db.workDir", "databasePath"),
    "streams": ("userStorage.localDisk.path", "streamsPath"),
    "temp": ("tempStorage.localDisk.path", "tempPath"),
    "backup": ("backup.defaultFolder", "backup.config.default.repository.localDisk.path", "backupPath"),
}

# The same folders as the registry of 4.2 names them.
FOLDER_VALUES = {
    "config": "ConfigPath",
    "database": "DatabasePath",
    "streams": "StreamsPath",
    "temp": "TempPath",
    "backup": "BackupPath",
}


_VERSION_ROOT = r"^(?<value>.+)\\\d+\.\d+\.\d+\.\d+(?:\\|$)"
"""Finds the folder in which the version lies to which a link leads."""

# Queries whose failure leaves a fact unknown, and nothing else: a host that cannot answer them is inspected all the same.
TOLERATED = frozenset({"product_backups", "linked_files", *prerequisites.IDS})


def registry_id(brand: str) -> str:
    """The id of the query for a brand's registry key."""
    return f"registry {brand}"


_VALUE = (
    r"""(?<value>"(?:[^"\\\r\n]|\\[^\r\n])*"|'(?:[^'\r\n]|'')*'|[^\s"'#&*!|>%@`\[\]{},][^\r\n]*?)"""
    r"""(?=[ \t]*(?:[ \t]#[^\r\n]*)?\r?$)"""
)
"""A value of one line with its quotes, without the comment behind it."""


def directive_pattern(directive: str) -> str:
    """Finds the value of a flat ``key: value`` directive, for the host. It is a guess that the reading of the text (directives.py) has to
    confirm: YAML can write a value in more ways.
    """
    return rf"(?m)^{directive.replace('.', '[.]')}[ \t]*:[ \t]+{_VALUE}"


def as_python(pattern: str) -> str:
    """The same for Python, whose regular expressions spell named groups in another way than .NET."""
    return pattern.replace("(?<value>", "(?P<value>")


@dataclass(frozen=True)
class Told:
    """What the instance's ymls say, read as YAML: paths by the folder's name in facts, and the variables in them."""

    paths: Mapping[str, Sequence[str]]
    variables: Sequence[str] = ()


def inspection(
    secrets: Query, versions_folders: list[str], backup_root: str, sizes: bool, told: Told | None = None
) -> list[Query]:
    """All queries of an inspection, in the order in which later ones use earlier answers. ``told``: where it is not known, the host looks
    for the paths in the ymls itself, by patterns.
    """
    version_roots = [brand.versions_folder for brand in BRANDS] + versions_folders
    config, database, streams = (_folders(what, told) for what in ("config", "database", "streams"))
    config_folders = [*config, *_config_folders()]
    queries: list[Query] = [
        {"id": "identity", "kind": "identity"},
        {
            "id": "environment",
            "kind": "environment",
            "machine": list(JAVA_VARIABLES),
            "process": ["ProgramData", *paths.variables(backup_root), *(told.variables if told else ())],
        },
        {"id": "agent", "kind": "agent", "root": AGENT_ROOT},
        {"id": "iis", "kind": "iis"},
        *(_registry(brand.name, brand.registry_key, secrets) for brand in BRANDS),
        {
            "id": "ymls",
            "kind": "read",
            "paths": [paths.join(brand.configs_folder, "*.yml") for brand in BRANDS],
            "secrets": secrets,
        },
        {"id": "links", "kind": "list", "paths": config_folders},
        {"id": "versions", "kind": "list", "paths": _of_versions(version_roots)},
        {"id": "assemblies", "kind": "file_version", "paths": _of_versions(version_roots, CORE_ASSEMBLY)},
        {
            "id": "files",
            "kind": "list",
            "paths": config_folders,
            "recurse": True,
            "names": CONFIGURATION_FILES,
            "hash": True,
        },
        {"id": "product_backups", "kind": "list", "paths": _backup_folders(told), "names": ["*.cdbbz"]},
        {
            "id": "linked_files",
            "kind": "list",
            "paths": [
                path
                for folder in dict.fromkeys(map(paths.parent, LINKED_FILES))
                for path in _of_versions(version_roots, folder)
            ],
            "names": list(dict.fromkeys(paths.name(file) for file in LINKED_FILES)),
            "hash": True,
        },
        *prerequisites.queries(),
        {"id": "services", "kind": "services", "names": list(SERVICE_NAMES)},
        {"id": "tool", "kind": "holders", "paths": [brand.tool_folder for brand in BRANDS], "names": ["*.exe"]},
    ]
    if sizes:
        folders = [*database, *streams, *config_folders, *_default_folders()]
        queries.append({"id": "sizes", "kind": "tree_size", "paths": folders})
    queries.append({"id": "free_space", "kind": "free_space", "paths": [backup_root, AGENT_ROOT, *database]})
    return queries


def _registry(brand: str, key: str, secrets: Query) -> Query:
    return {
        "id": registry_id(brand),
        "kind": "registry",
        "hive": "HKLM",
        "key": key,
        "views": [64, 32],
        "secrets": secrets,
    }


def _folders(what: str, told: Told | None) -> list[Any]:
    """Where a folder of the instances may be: as a yml says, as the registry says."""
    if told:
        sources: list[Any] = [{"told": path} for path in told.paths[what]]
    else:
        sources = [
            {"from": "ymls", "select": "items[].text", "pattern": directive_pattern(directive)}
            for directive in FOLDER_DIRECTIVES[what]
        ]
    for brand in BRANDS:
        value = FOLDER_VALUES[what]
        sources.append({"from": registry_id(brand.name), "select": f"views.*.keys.*.values.{value}.data"})
    return sources


def _default_folders() -> list[str]:
    """Where data lies when nothing says so: the vendor's pages name both Database and Data."""
    return [
        paths.join(brand.instances_folder, "*", name) for brand in BRANDS for name in ("Database", "Data", "Streams")
    ]


def _backup_folders(told: Told | None) -> list[Any]:
    """Where the product puts its own backups, as far as a configuration file tells: its pages may name other folders."""
    return [*_folders("backup", told), *(paths.join(brand.instances_folder, "*", "Backup") for brand in BRANDS)]


def _of_versions(roots: list[str], *below: str) -> list[Any]:
    """A place in every version folder: in the known roots, and beside the versions to which instances have links."""
    beside = {"from": "links", "select": "items[].entries[].target", "pattern": _VERSION_ROOT}
    return [*(paths.join(root, "*", *below) for root in roots), {**beside, "append": paths.join("*", *below)}]


def _config_folders() -> list[Any]:
    """Config folders by IIS sites that are named like an instance's or serve a Config folder, and the default place."""
    return [
        *(
            {
                "from": "iis",
                "select": f"sites[name={brand.site_prefix}*].applications[path=/].virtual_directories[path=/].expanded_path",
            }
            for brand in BRANDS
        ),
        {
            "from": "iis",
            "select": "sites[].applications[].virtual_directories[].expanded_path",
            "pattern": r"(?i)^(?<value>.+\\Config)\\?$",
        },
        *(paths.join(brand.instances_folder, "*", "Config") for brand in BRANDS),
    ]
