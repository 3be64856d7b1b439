# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must be true before an instance is touched."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ..model import paths
from ..model.facts import HostFacts, InstalledVersion, InstanceFacts, Problem
from ..model.sharing import SERVES_OTHERS
from ..model.versions import Version
from . import recovery
from .findings import UNFINISHED, Finding, Refusal

# Problems that make any change of an instance unsafe; all others are warnings.
_BLOCKING = frozenset(
    {
        "not_administrator",
        "no_iis",
        "administration_tool_running",
        "query_failed",
        "yml_not_understood",
        "directive_not_understood",
        "look_alike_path",
        "no_config_folder",
        "config_folder_unseen",
        "shared_config_folder",
        "no_site",
        "no_pool",
        "no_binding",
        "site_elsewhere",
        "site_undecided",
        "serving_not_stopped",
        "shared_pool",
    }
)
_BLOCKING_LINKS = frozenset({"no_links", "mixed_links", "broken_link"})

SPACE_RESERVE = 256 * 1024 * 1024
"""Bytes that must stay free on the volume of the backups: journal, undo files, the agent itself."""


def choose_instance(host: HostFacts, name: str, brand: str | None = None) -> InstanceFacts:
    """The instance of that name, or a refusal that names those which exist."""
    if told := paths.look_alike(name):
        raise Refusal(told.replace("The path", "The name", 1).replace("Type the path", "Type the name"))
    named = [instance for instance in host["instances"] if instance["name"].casefold() == name.casefold()]
    found = [instance for instance in named if brand in (None, instance["brand"])]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"'{instance['name']}'" for instance in host["instances"]) or "none"
    if found:
        brands = " and ".join(instance["brand"] for instance in found)
        raise Refusal(
            f"The instance '{name}' exists twice on {host['machine']}, as {brands}. Say which with the option 'brand'."
        )
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


def check_root(path: str) -> None:
    """Refuses a share as the folder of backups."""
    if path.startswith("\\\\"):
        raise Refusal(
            f"The option 'backup_root' is refused, nothing was touched. '{path}' is a share, and what an undo needs must lie on a disk of "
            "the host itself, whatever becomes of the network. Give a local folder there, and name the share in backup_copy_to (in the "
            "role: upgrade_backup.copy_to): it gets a second copy of every set."
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


def check_instance(instance: InstanceFacts, links_matter: bool = True, stops: bool = True) -> list[Finding]:
    """The instance's own problems. ``stops``: whether that other sites run in its pools matters, because those are stopped."""
    blocking = _BLOCKING | _BLOCKING_LINKS if links_matter else _BLOCKING
    return [
        _finding(problem, blocking) for problem in instance["problems"] if stops or problem["code"] != SERVES_OTHERS
    ]


def warnings_at_rest(instance: InstanceFacts) -> list[str]:
    """The messages about an instance to which nothing is done."""
    return [finding.message for finding in check_instance(instance, stops=False)]


def _finding(problem: Problem, blocking: Collection[str] = _BLOCKING) -> Finding:
    return Finding("blocker" if problem["code"] in blocking else "warning", problem["code"], problem["message"])


def check_version(host: HostFacts, instance: InstanceFacts, target: Version) -> list[Finding]:
    """Whether the target is installed, and is what its folder says."""
    installed = installed_version(host, instance, target)
    if installed is None:
        return [not_installed(host, target)]
    return [
        Finding("blocker", problem["code"], problem["message"])
        for problem in host["problems"]
        if problem["code"] == "version_folder_disagrees" and f"{installed['folder']} is" in problem["message"]
    ]


def not_installed(host: HostFacts, target: Version) -> Finding:
    """The target is missing."""
    known = ", ".join(version["version"] for version in host["versions"]) or "none"
    message = (
        f"The version {target} is not installed on {host['machine']}. Installed: {known}. Install it first; if it lies in another "
        "folder than these, name that folder in versions_folders (in the role: upgrade_versions_folders)."
    )
    return Finding("blocker", "version_not_installed", message)


def installed_version(host: HostFacts, instance: InstanceFacts, version: Version) -> InstalledVersion | None:
    """The version folder: of several, the one beside the folder that the instance runs now, then the own brand's."""
    found = [one for one in host["versions"] if Version.parse(one["version"]) == version]
    present = {paths.key(paths.parent(one["folder"])) for one in host["versions"] if _runs_from(instance, one)}
    brand = f"\\{instance['brand']}\\".casefold()
    found.sort(
        key=lambda one: (paths.key(paths.parent(one["folder"])) not in present, brand not in one["folder"].casefold())
    )
    return found[0] if found else None


def _runs_from(instance: InstanceFacts, installed: InstalledVersion) -> bool:
    return any(paths.is_below(link["target"], installed["folder"]) for link in instance["links"])


def check_unfinished(host: HostFacts, instance: InstanceFacts) -> list[Finding]:
    """A transaction of the instance that somebody has a claim to: whatever the links say now, that one decides what becomes of it. So
    does one that owes something that decides what starts by itself.
    """
    unfinished = recovery.of(host["agent"].get("transactions", []), instance["name"], instance["brand"])
    return [
        Finding("blocker", UNFINISHED, recovery.left(one)["message"])
        for one in unfinished
        if not recovery.is_abandoned(one, host["time"]) or any(step["starts"] for step in one.get("owed", []))
    ]


def check_data(instance: InstanceFacts, wanted: Iterable[str]) -> list[Finding]:
    """Whether the folders that shall be copied are there at all. Without any sizes nobody has looked."""
    unseen = [
        Finding(
            "blocker",
            "data_folder_unseen",
            f"The {what} folder of instance '{instance['name']}' shall be copied, but {instance['paths'][what]} was not looked at, as the "
            "host could not be asked for it. Correct its path in the instance's configuration, or do not ask for that copy.",
        )
        for what in wanted
        if instance["sizes"] and what not in instance["sizes"] and instance["paths"][what]
    ]
    return unseen + [
        Finding(
            "blocker",
            "no_data_folder",
            f"The {what} folder of instance '{instance['name']}' shall be copied, but {instance['paths'][what]} does not exist. Correct "
            "its path in the instance's configuration, or do not ask for that copy.",
        )
        for what in wanted
        if what in instance["sizes"] and not instance["sizes"][what]["exists"]
    ]


def check_space(
    host: HostFacts, needed_bytes: int, owner: str = "", others: Mapping[str, int] | None = None
) -> list[Finding]:
    """Whether a backup of that size fits on the volume of the backup folder.

    ``others``: bytes that the backups of other instances need there in the same run, by brand and name, as ``owner`` is the one's.
    """
    volume = next((v for v in host["free_space"] if paths.same(v["path"], host["backup_root"])), None)
    if volume is None:
        message = (
            f"The free space for {host['backup_root']} on {host['machine']} is not known: its drive does not exist. "
            "Choose another backup_root."
        )
        return [Finding("blocker", "backup_space", message)]
    beside = {name: size for name, size in (others or {}).items() if name != owner and size}
    together = needed_bytes + sum(beside.values())
    if volume["free_bytes"] >= together + SPACE_RESERVE:
        return []
    place = f"a reserve of {megabytes(SPACE_RESERVE)} on {volume['volume']}, where {megabytes(volume['free_bytes'])} are free"
    message = f"The backup needs {megabytes(needed_bytes)} and {place}. Free some space, or choose another backup_root."
    if beside:
        parts = ", ".join(f"{name} {megabytes(size)}" for name, size in {**beside, owner: needed_bytes}.items())
        message = (
            f"The backups of this run need {megabytes(together)} together ({parts}) and {place}. Free some space, choose another "
            "backup_root, or upgrade fewer instances in one run."
        )
    return [Finding("blocker", "backup_space", message)]


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1024 / 1024:,.0f} MB".replace(",", " ")


def warnings_of(findings: Iterable[Finding]) -> list[str]:
    """The messages of warnings."""
    return [finding.message for finding in findings if finding.level == "warning"]
