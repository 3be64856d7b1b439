# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From the answers of an inspection to facts about the host."""

from __future__ import annotations

from typing import Any

from . import folders, paths, prerequisites
from .answers import Answers, items
from .brands import LINKED_FILES
from .facts import HostFacts, InstalledVersion, Problem
from .instances import find_instances
from .queries import FOLDER_DIRECTIVES, TOLERATED, Told
from .sightings import Sightings
from .versions import Version, VersionError

_LOOKED_AT = (
    ("links", "config"),
    ("product_backups", "backup"),
    ("free_space", "database"),
    ("sizes", "database"),
    ("sizes", "streams"),
)
"""The queries that go to folders which a yml names."""


def host_facts(answers: dict[str, Any], backup_root: str) -> HostFacts:
    """All facts of a host. ``answers`` are those of :func:`queries.inspection`; what could
    not be asked becomes a problem of the host.
    """
    view = Answers(answers)
    versions = _installed_versions(view)
    identity = view.get("identity")
    iis = view.get("iis")
    facts: HostFacts = {
        "machine": identity.get("machine", ""),
        "machine_id": identity.get("machine_id", ""),
        "administrator": bool(identity.get("administrator")),
        "user": identity.get("user", ""),
        "time": identity.get("time", ""),
        "iis_installed": bool(iis.get("installed")),
        "iis_services": iis.get("services", {}),
        "versions": versions,
        "instances": find_instances(view, versions),
        "administration_tool": [process for item in items(view.get("tool")) for process in item.get("processes", [])],
        "free_space": [
            {"path": item["path"], "volume": item["volume"], "free_bytes": item["free_bytes"]}
            for item in items(view.get("free_space"))
            if item.get("volume")
        ],
        "java": view.get("environment").get("machine", {}),
        "prerequisites": prerequisites.read(view),
        "agent": view.get("agent"),
        "backup_root": paths.expand(backup_root, view.get("environment").get("process", {})),
        "problems": [],
    }
    facts["problems"] = _host_problems(facts, view.failures)
    return facts


def misguided(answers: dict[str, Any]) -> Told | None:
    """What the ymls really say, where the host has not looked at all of it: what it finds in a yml by pattern may be something else."""
    view = Answers(answers)
    seen = list(Sightings(view))
    told = {what: [path for one in seen for path in folders.paths_told(one, what)] for what in FOLDER_DIRECTIVES}
    known = view.get("environment").get("process", {})
    variables = {name for found in told.values() for path in found for name in paths.variables(path)}
    unknown = sorted(variables - known.keys())
    looked = {
        (query, paths.key(item["path"])) for query, _what in _LOOKED_AT for item in view.get(query).get("items", [])
    }
    if unknown or any(
        (query, paths.key(paths.expand(path, known))) not in looked
        for query, what in _LOOKED_AT
        if "items" in view.get(query)
        for path in told[what]
    ):
        return Told(told, unknown)
    return None


def _installed_versions(view: Answers) -> list[InstalledVersion]:
    assemblies = {}
    for item in items(view.get("assemblies")):
        folder = paths.parent(paths.parent(item["path"]))
        assemblies[paths.key(folder)] = item.get("assembly_version")
    hashes = {
        paths.key(paths.join(item["path"], entry["path"])): entry["sha256"]
        for item in items(view.get("linked_files"))
        for entry in item.get("entries", [])
        if entry.get("sha256")
    }
    found: list[InstalledVersion] = []
    for item in items(view.get("versions")):
        folder_name = paths.name(item["path"])
        if item.get("kind") != "directory" or _parse(folder_name) is None:
            continue
        assembly = assemblies.get(paths.key(item["path"]))
        found.append(
            {
                "version": folder_name,
                "folder": item["path"],
                "assembly_version": assembly,
                "agrees": _parse(folder_name) == _parse(assembly),
                "entries": [entry["name"] for entry in item.get("entries", [])],
                "linked_files": _linked_files(item["path"], hashes),
            }
        )
    return sorted(found, key=lambda version: Version.parse(version["version"]))


def _linked_files(folder: str, hashes: dict[str, str]) -> dict[str, str]:
    found = {file: hashes.get(paths.key(paths.join(folder, file))) for file in LINKED_FILES}
    return {file: digest for file, digest in found.items() if digest}


def _parse(text: str | None) -> Version | None:
    try:
        return Version.parse(text or "")
    except VersionError:
        return None


def _host_problems(facts: HostFacts, failures: dict[str, str]) -> list[Problem]:
    problems: list[Problem] = []
    if not facts["administrator"]:
        problems.append(
            {
                "code": "not_administrator",
                "message": f"The account '{facts['user']}' has no administrator rights on {facts['machine']}. "
                "Use an account of the local group Administrators for the WinRM connection.",
            }
        )
    if not facts["iis_installed"] and "iis" not in failures:
        problems.append(
            {
                "code": "no_iis",
                "message": f"IIS is not installed on {facts['machine']}: there is no appcmd.exe. Check that this is the right host.",
            }
        )
    for version in facts["versions"]:
        if not version["agrees"]:
            problems.append(
                {
                    "code": "version_folder_disagrees",
                    "message": f"The folder {version['folder']} is named {version['version']}, but its core assembly says "
                    f"{version['assembly_version'] or 'nothing (it cannot be read)'}. Install that version again.",
                }
            )
    for process in facts["administration_tool"]:
        problems.append(
            {
                "code": "administration_tool_running",
                "message": f"The Administration Tool runs on {facts['machine']} ({process['name']}, process {process['pid']}). "
                "Close it: it changes the same instances.",
            }
        )
    for query, message in failures.items():
        code = "fact_unknown" if query in TOLERATED else "query_failed"
        problems.append({"code": code, "message": f"The host could not answer the query '{query}': {message}"})
    return problems
