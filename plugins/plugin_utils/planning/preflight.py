# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must be true before an instance is touched."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from ..model import paths
from ..model.facts import HostFacts, InstalledVersion, InstanceFacts, Problem
from ..model.versions import Version
from .findings import Finding, Refusal

# Problems that make any change of an instance unsafe; all others are warnings.
_BLOCKING = frozenset(
    {
        "not_administrator",
        "no_iis",
        "administration_tool_running",
        "query_failed",
        "look_alike_path",
        "no_config_folder",
        "shared_config_folder",
        "no_site",
        "no_pool",
    }
)
_BLOCKING_LINKS = frozenset({"no_links", "mixed_links", "broken_link"})

SPACE_RESERVE = 256 * 1024 * 1024
"""Bytes that must stay free on the volume of the backups: journal, undo files, the agent itself."""


def choose_instance(host: HostFacts, name: str) -> InstanceFacts:
    """The instance of that name, or a refusal that names those which exist."""
    found = [instance for instance in host["instances"] if instance["name"].casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"'{instance['name']}'" for instance in host["instances"]) or "none"
    if found:
        brands = " and ".join(instance["brand"] for instance in found)
        raise Refusal(f"The instance '{name}' exists twice on {host['machine']}, as {brands}. Rename one of them.")
    raise Refusal(f"There is no instance '{name}' on {host['machine']}. Instances found: {known}. Check the name.")


def check_paths(options: Iterable[tuple[str, str]]) -> None:
    """Refuses option values that are no absolute Windows path, or have a letter that only looks Latin."""
    for option, path in options:
        if told := paths.look_alike(path):
            raise Refusal(f"The option '{option}' is refused, nothing was touched. {told}")
        if not paths.is_absolute(path):
            raise Refusal(
                f"The option '{option}' is refused, nothing was touched. '{path}' is not an absolute Windows path; "
                r"give one such as D:\Backups."
            )


def check_host(host: HostFacts) -> list[Finding]:
    """The host's own problems that concern every instance."""
    findings = [_finding(problem) for problem in host["problems"] if problem["code"] != "version_folder_disagrees"]
    for service, state in host["iis_services"].items():
        if host["iis_installed"] and state != "running":
            message = (
                f"The service {service} on {host['machine']} is {state}, not running. Start it: net start {service}."
            )
            findings.append(Finding("blocker", "iis_not_running", message))
    return findings


def check_instance(instance: InstanceFacts, links_matter: bool = True) -> list[Finding]:
    """The instance's own problems."""
    blocking = _BLOCKING | _BLOCKING_LINKS if links_matter else _BLOCKING
    return [_finding(problem, blocking) for problem in instance["problems"]]


def _finding(problem: Problem, blocking: Collection[str] = _BLOCKING) -> Finding:
    return Finding("blocker" if problem["code"] in blocking else "warning", problem["code"], problem["message"])


def check_version(host: HostFacts, instance: InstanceFacts, target: Version) -> list[Finding]:
    """Whether the target is installed, is what its folder says, and has everything that the instance links to."""
    installed = installed_version(host, target)
    if installed is None:
        known = ", ".join(version["version"] for version in host["versions"]) or "none"
        message = f"The version {target} is not installed on {host['machine']}. Installed: {known}. Install it first."
        return [Finding("blocker", "version_not_installed", message)]
    findings = [
        Finding("blocker", problem["code"], problem["message"])
        for problem in host["problems"]
        if problem["code"] == "version_folder_disagrees" and f"{installed['folder']} is" in problem["message"]
    ]
    present = {entry.casefold() for entry in installed["entries"]}
    missing = [link["name"] for link in instance["links"] if link["name"].casefold() not in present]
    if missing:
        message = (
            f"The version folder {installed['folder']} has no {', '.join(missing)}, which instance '{instance['name']}' "
            "links to. Check that the version is installed completely."
        )
        findings.append(Finding("blocker", "entry_missing", message))
    return findings


def installed_version(host: HostFacts, version: Version) -> InstalledVersion | None:
    """The version folder of that version."""
    return next((found for found in host["versions"] if Version.parse(found["version"]) == version), None)


def check_space(host: HostFacts, needed_bytes: int) -> list[Finding]:
    """Whether a backup of that size fits on the volume of the backup folder."""
    volume = next((v for v in host["free_space"] if paths.same(v["path"], host["backup_root"])), None)
    if volume is None:
        message = (
            f"The free space for {host['backup_root']} on {host['machine']} is not known: its drive does not exist. "
            "Choose another backup_root."
        )
        return [Finding("blocker", "backup_space", message)]
    if volume["free_bytes"] < needed_bytes + SPACE_RESERVE:
        message = (
            f"The backup needs {megabytes(needed_bytes)} and a reserve of {megabytes(SPACE_RESERVE)} on {volume['volume']}, "
            f"where {megabytes(volume['free_bytes'])} are free. Free some space, or choose another backup_root."
        )
        return [Finding("blocker", "backup_space", message)]
    return []


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1024 / 1024:,.0f} MB".replace(",", " ")


def warnings_of(findings: Iterable[Finding]) -> list[str]:
    """The messages of warnings."""
    return [finding.message for finding in findings if finding.level == "warning"]


def as_dicts(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """For results of modules."""
    return [finding.as_dict() for finding in findings]
