# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers of an agent as inspection gets them, for one healthy instance; tests change what they need."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts, InstanceFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.model.inspection import host_facts

OLD, NEW = "5.0.13334.0", "5.0.24055.0"
HOME = r"C:\ProgramData\Comindware\Instances\sales"
CONFIG = HOME + r"\Config"
YML = r"C:\ProgramData\Comindware\configs\instance\sales.yml"
BACKUP_ROOT = r"D:\Backups"
ENTRIES = ("bin", "data", "favicon.ico")
COMPONENTS = (
    "StaticContent",
    "DefaultDocument",
    "HttpErrors",
    "HttpRedirect",
    "HttpLogging",
    "CustomLogging",
    "RequestMonitor",
    "HttpCompressionStatic",
    "HttpCompressionDynamic",
    "RequestFiltering",
    "BasicAuthentication",
    "WindowsAuthentication",
    "IPSecurity",
    "ISAPIExtensions",
    "ISAPIFilter",
    "ManagementConsole",
    "ManagementScriptingTools",
)
"""Components of IIS that every supported version wants."""
PROGRAM_FILES = r"C:\Program Files"
BACKUP_FILE = HOME + r"\Backup\Backup.202611221000.cdbbz"


def version_folder(version: str) -> str:
    """Where a version is installed."""
    return rf"C:\Program Files\Comindware\CBAP\{version}"


def _versions(*versions: str) -> dict[str, Any]:
    entries = [{"name": name, "path": name, "kind": "directory"} for name in ENTRIES]
    return {
        "items": [
            {"path": version_folder(version), "exists": True, "kind": "directory", "entries": entries}
            for version in versions
        ]
    }


def _links(version: str) -> list[dict[str, Any]]:
    return [
        {
            "path": name,
            "name": name,
            "kind": "symlink_file" if "." in name else "symlink_directory",
            "target": rf"{version_folder(version)}\{name}",
            "target_exists": True,
        }
        for name in ENTRIES
    ]


def answers() -> dict[str, Any]:
    """Instance ``sales`` at OLD, started; OLD and NEW installed."""
    pool = "Comindware sales"
    site = {
        "name": pool,
        "id": 1,
        "state": "Started",
        "server_auto_start": True,
        "bindings": [{"protocol": "http", "information": "*:8081:"}],
        "applications": [
            {
                "path": "/",
                "pool": pool,
                "virtual_directories": [{"path": "/", "physical_path": CONFIG, "expanded_path": CONFIG}],
            }
        ],
    }
    pool_facts = {
        "name": pool,
        "state": "Started",
        "auto_start": True,
        "start_mode": "AlwaysRunning",
        "identity_type": "ApplicationPoolIdentity",
        "user_name": "",
        "shutdown_time_limit_seconds": 90,
    }
    config = {"path": CONFIG, "exists": True, "kind": "directory"}
    web_config = {
        "path": "Web.config",
        "name": "Web.config",
        "kind": "file",
        "size": 10,
        "modified": "x",
        "sha256": "aa",
    }
    return {
        "identity": {
            "administrator": True,
            "user": r"APP01\admin",
            "machine": "APP01",
            "machine_id": "a1",
            "time": "2026-11-22T19:00:00.000Z",
        },
        "environment": {
            "machine": {"JAVA_HOME": r"C:\Program Files\jdk\jdk-17\bin"},
            "process": {"ProgramData": r"C:\ProgramData"},
        },
        "agent": {"root": "x", "protected": None, "workers": [], "transactions": []},
        "iis": {
            "installed": True,
            "services": {"W3SVC": "running", "WAS": "running"},
            "sites": [site],
            "pools": [pool_facts],
            "workers": [{"pid": 1001, "pool": pool}],
        },
        "versions": _versions(OLD, NEW),
        "assemblies": {
            "items": [
                {
                    "path": rf"{version_folder(version)}\bin\Comindware.Platform.Core.dll",
                    "exists": True,
                    "assembly_version": version,
                }
                for version in (OLD, NEW)
            ]
        },
        "registry Comindware": {
            "views": {"64": {"exists": True, "values": {}, "keys": {"sales": {"values": _registry_values()}}}}
        },
        "registry CMW Lab": {"views": {"64": {"exists": False, "values": {}, "keys": {}}}},
        "ymls": {
            "items": [{"path": YML, "exists": True, "size": 99, "sha256": "bb", "encoding": "utf-8", "text": _yml()}]
        },
        "links": {"items": [{**config, "entries": _links(OLD)}]},
        "files": {"items": [{**config, "entries": [web_config]}]},
        "product_backups": {"items": [backups(HOME + r"\Backup", "Backup.202611221000.cdbbz")]},
        "linked_files": {"items": [_linked_files(version) for version in (OLD, NEW)]},
        **prerequisites(),
        "services": {"services": []},
        "tool": {"items": []},
        "sizes": {"items": [{"path": HOME + r"\Database", "exists": True, "bytes": 4096, "files": 2}]},
        "free_space": {
            "items": [
                {"path": BACKUP_ROOT, "existing": "D:\\", "volume": "D:\\", "free_bytes": 10**12, "total_bytes": 10**13}
            ]
        },
    }


def prerequisites() -> dict[str, Any]:
    """What a host for 5.0 answers: Windows Server 2022, IIS 10, .NET Framework 4.8.1, .NET 8, Java 17."""
    return {
        "windows": _key({"CurrentBuildNumber": "20348", "ProductName": "Windows Server 2022 Standard"}),
        "dotnet_framework": _key({"Release": 533320}),
        "inetstp": _key(
            {"MajorVersion": 10},
            {"Components": {**dict.fromkeys(COMPONENTS, 1), "ASPNET45": 1, "WebDAV": 0, "W3SVC": 1}},
        ),
        "dotnet": {
            "items": [
                _folders(r"dotnet\sdk", "8.0.408", "6.0.428", "NuGetFallbackFolder"),
                _folders(r"dotnet\shared\Microsoft.AspNetCore.App", "6.0.36", "8.0.15"),
                {
                    "path": rf"{PROGRAM_FILES}\IIS\Asp.Net Core Module\V2\aspnetcorev2.dll",
                    "exists": True,
                    "kind": "file",
                    "entries": [],
                },
            ]
        },
        "java_release": {
            "items": [
                {"path": rf"{PROGRAM_FILES}\jdk\jdk-17\bin\release", "exists": False},
                {
                    "path": rf"{PROGRAM_FILES}\jdk\jdk-17\release",
                    "exists": True,
                    "text": 'IMPLEMENTOR="Microsoft"\nJAVA_VERSION="17.0.15"\nJAVA_VERSION_DATE="2025-04-15"\n',
                },
            ]
        },
    }


def _key(values: dict[str, Any], keys: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """The answer about a registry key of the 64-bit view."""

    def typed(plain: dict[str, Any]) -> dict[str, Any]:
        return {
            name: {"type": "string" if isinstance(data, str) else "dword", "data": data} for name, data in plain.items()
        }

    below = {name: {"values": typed(inner), "keys": {}} for name, inner in (keys or {}).items()}
    return {"views": {"64": {"exists": True, "values": typed(values), "keys": below}}}


def _folders(place: str, *names: str) -> dict[str, Any]:
    entries = [{"name": name, "path": name, "kind": "directory"} for name in names]
    return {"path": rf"{PROGRAM_FILES}\{place}", "exists": True, "kind": "directory", "entries": entries}


def backups(folder: str, *names: str) -> dict[str, Any]:
    """Backups of the product, each made an hour after the one before; the last at 10:00 UTC, nine hours ago."""
    entries = [
        {
            "name": name,
            "path": name,
            "kind": "file",
            "size": 4096,
            "modified": f"2026-11-22T{11 - len(names) + number:02}:00:00.000Z",
        }
        for number, name in enumerate(names)
    ]
    return {"path": folder, "exists": True, "kind": "directory", "entries": entries}


def archive(**changed: Any) -> dict[str, Any]:
    """What the host says about the newest backup of the product: it is good, and nine hours old."""
    item = {
        "path": BACKUP_FILE,
        "exists": True,
        "size": 4096,
        "modified": "2026-11-22T10:00:00.000Z",
        "state": "good",
        "reason": None,
        "files": 35,
        "bytes": 9000,
        "found": {"Database/*": 30},
    }
    return {"items": [{**item, **changed}]}


def _linked_files(version: str) -> dict[str, Any]:
    entries = [{"name": "logs.config", "path": "logs.config", "kind": "file", "sha256": f"hash of {version}"}]
    folder = rf"{version_folder(version)}\data\Plugins\Agent"
    return {"path": folder, "exists": True, "kind": "directory", "entries": entries}


def _registry_values() -> dict[str, Any]:
    return {"name": {"type": "string", "data": "sales"}, "version": {"type": "string", "data": OLD}}


def _yml() -> str:
    return (
        f"clusterName: sales\r\nconfigPath: {CONFIG}\r\ndb.workDir: {HOME}\\Database\r\n"
        f"fqdn: portal.example.com\r\nversion: {OLD}\r\n"
        "journal.server: http://search.example.com:9200\r\njournal.name: cmwsales\r\n"
    )


def host(changed: dict[str, Any] | None = None) -> HostFacts:
    """Facts of :func:`answers`, some of which may be replaced."""
    return host_facts({**answers(), **(changed or {})}, BACKUP_ROOT)


def sharing() -> HostFacts:
    """A second instance, whose backups lie in the folder of the first one's."""
    facts = host()
    other = copy.deepcopy(facts["instances"][0])
    other["name"] = "support"
    other["paths"]["backup"] = other["paths"]["backup"].upper()
    facts["instances"].append(other)
    return facts


def instance(facts: HostFacts) -> InstanceFacts:
    """The first instance."""
    return facts["instances"][0]
