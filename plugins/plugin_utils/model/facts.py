# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What inspection finds, as plain data: it travels through playbooks as JSON and comes back to the planner.

Sizes are bytes, times ISO 8601 in UTC, paths Windows paths.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Problem(TypedDict):
    """Something that is wrong or odd; ``code`` is stable, ``message`` is for people."""

    code: str
    message: str


class InstalledVersion(TypedDict):
    """A version folder. ``assembly_version`` is what the core assembly in it says, None when it cannot be read.

    ``linked_files``: SHA-256 of each of ``brands.LINKED_FILES`` that is there, by that path.
    """

    version: str
    folder: str
    assembly_version: str | None
    agrees: bool
    entries: list[str]
    linked_files: dict[str, str]


class Link(TypedDict):
    """A link of the configuration folder. ``version`` is the installed version below whose folder the target lies."""

    path: str
    name: str
    kind: str
    target: str
    broken: bool
    version: str | None


class ConfigurationFile(TypedDict):
    """A real file of the configuration folder, or the instance's own yml; never its content."""

    path: str
    size: int
    modified: str
    sha256: str | None


class PathSource(TypedDict):
    """Who says where a folder is. ``place``: yml, registry, site, disk, default where nothing tells, or unknown where what tells is not
    understood. ``name``: of the directive, the value or the site; ``line`` of the yml.
    """

    place: str
    name: str | None
    line: int | None


class InstanceVersion(TypedDict):
    """The version as each place says it. ``current`` is what the links say, else the yml, else the registry."""

    current: str | None
    links: str | None
    yml: str | None
    registry: str | None
    agree: bool


class Site(TypedDict):
    """An IIS site. ``url`` is for people; ``local_url`` with ``host_header`` is how the host itself reaches it."""

    name: str
    state: str
    server_auto_start: bool
    bindings: list[dict[str, str]]
    physical_path: str
    pool: str
    url: str | None
    local_url: str | None
    host_header: str


class Served(TypedDict):
    """An application of a site that is not the instance's."""

    site: str
    application: str


class Serving(TypedDict):
    """An application of another site that serves a folder of the instance, so that it stops and starts with it. ``stops``: what does:
    site, pool (of a site that also serves other things), or nothing, which ``why`` tells.
    """

    site: str
    application: str
    pool: str
    folder: str
    stops: str
    why: str


class Pool(TypedDict):
    """An application pool of the instance with its worker process ids. ``also_serves``: what else runs in it. ``joined``: it is the
    instance's only because an application of another site that serves its folders runs in it.
    """

    name: str
    state: str
    auto_start: bool
    start_mode: str
    identity_type: str
    user_name: str
    shutdown_time_limit_seconds: int
    workers: list[int]
    also_serves: list[Served]
    joined: bool


class Service(TypedDict):
    """A Windows service of the instance."""

    name: str
    state: str
    start_type: str


class _Measured(TypedDict):
    path: str
    exists: bool
    bytes: int
    files: int


class Size(_Measured, total=False):
    """What a folder holds; links are not followed. ``largest_bytes``: of its largest file."""

    largest_bytes: int


class ProductBackup(TypedDict):
    """A backup that the product made of itself (``.cdbbz``)."""

    path: str
    size: int
    modified: str


class Expectation(TypedDict):
    """A query with the SHA-256 of its answer: how the host checks, before it acts, that nothing has changed."""

    title: str
    query: dict[str, Any]
    ignore: list[str]
    sha256: str


class InstanceFacts(TypedDict):
    """One instance. ``directives`` are the names of the directives in its yml, never their values.

    ``yml_place``: where the yml lies or would lie. ``paths``: empty where ``path_sources`` says unknown. ``product_backups``: newest
    first; None when the backup folder could not be listed. ``other_sites``: they serve its folders, too, as their root.
    """

    name: str
    brand: str
    generation: str
    found_in: list[str]
    version: InstanceVersion
    yml: str | None
    yml_place: str
    directives: list[str]
    registry: list[dict[str, Any]]
    paths: dict[str, str]
    path_sources: dict[str, PathSource]
    links: list[Link]
    configuration_files: list[ConfigurationFile]
    site: Site | None
    other_sites: list[Site]
    served_by: list[Serving]
    pools: list[Pool]
    services: list[Service]
    state: str
    sizes: dict[str, Size]
    product_backups: list[ProductBackup] | None
    problems: list[Problem]
    fingerprint: list[Expectation]


class Volume(TypedDict):
    """Free space at a path."""

    path: str
    volume: str
    free_bytes: int


class Prerequisites(TypedDict):
    """What the product needs of a host and setup programs of others put there. None = could not be found out.

    ``iis_components``: names as IIS records them (``WindowsAuthentication``); ``dotnet_framework_release``: the number of the
    registry (533320 is 4.8.1); ``aspnetcore_module``: IIS's module of the hosting bundle; ``java_version``: that of JAVA_HOME.
    """

    windows_build: int | None
    windows_name: str | None
    iis_major: int | None
    iis_components: list[str] | None
    dotnet_framework_release: int | None
    dotnet_sdks: list[str] | None
    aspnetcore_runtimes: list[str] | None
    aspnetcore_module: bool | None
    java_version: str | None


class HostFacts(TypedDict):
    """One host."""

    machine: str
    machine_id: str
    administrator: bool
    user: str
    time: str
    iis_installed: bool
    iis_services: dict[str, str]
    versions: list[InstalledVersion]
    instances: list[InstanceFacts]
    administration_tool: list[dict[str, Any]]
    free_space: list[Volume]
    java: dict[str, str | None]
    prerequisites: Prerequisites
    agent: dict[str, Any]
    backup_root: str
    problems: list[Problem]
