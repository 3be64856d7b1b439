# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the folders of an instance are, and who says so.

A default is taken only where nothing tells. What tells something that is not understood leaves the path empty, and is a problem.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import directives, iis, paths
from .answers import Answers, items
from .directives import Directive
from .facts import PathSource
from .queries import FOLDER_DIRECTIVES, FOLDER_VALUES
from .sightings import Sighting

_DEFAULTS = {"config": "Config", "database": "Database", "streams": "Streams", "temp": "Temp", "backup": "Backup"}
_OLD_DATABASE = "Data"
"""4.x keeps its database there, 5.x in Database."""

_ADVICE = r"Write the whole path there, such as D:\Data\Database."


@dataclass(frozen=True)
class Folder:
    """``path``: empty where ``misread`` says what was not understood, as a sentence."""

    path: str
    source: PathSource
    misread: str = ""


def find(seen: Sighting, view: Answers) -> dict[str, Folder]:
    """By what the folders are called in facts: what the yml says, else the registry, else (for Config) the site, else the default place.

    The logs have no directive: they lie beside Config.
    """
    variables = view.get("environment").get("process", {})
    found = {what: _told(seen, what, variables) or _untold(seen, what, view) for what in _DEFAULTS}
    config = found["config"]
    logs = paths.join(paths.parent(config.path), "Logs") if config.path else ""
    return {**found, "logs": Folder(logs, {**config.source, "name": None, "line": None})}


def told(seen: Sighting, what: str, variables: dict[str, str | None]) -> str:
    """The path that yml or registry name; empty if they name none, or none that is understood."""
    found = _told(seen, what, variables)
    return found.path if found else ""


def paths_told(seen: Sighting, what: str) -> Iterator[str]:
    """The paths that the yml names, variables and all."""
    for name in FOLDER_DIRECTIVES[what]:
        if seen.reading.find(name) and not seen.reading.misread(name, is_path=True):
            yield directives.as_path(seen.reading.text(name) or "")


def _told(seen: Sighting, what: str, variables: dict[str, str | None]) -> Folder | None:
    return _of_yml(seen, what, variables) or _of_registry(seen, what, variables)


def _of_yml(seen: Sighting, what: str, variables: dict[str, str | None]) -> Folder | None:
    found: Folder | None = None
    yml = seen.yml["path"] if seen.yml else ""
    for name in FOLDER_DIRECTIVES[what]:
        if misread := seen.reading.misread(name, is_path=True):
            return _unknown(f"{yml}, {misread.told}. {_ADVICE}")
        if not (directive := seen.reading.find(name)):
            continue
        one = _folder(f"{yml}, line {directive.line}:", "yml", directive, variables)
        if found and what != "backup" and one.path and not paths.same(one.path, found.path):
            return _unknown(
                f"{yml}: line {found.source['line']} says {found.source['name']}: {found.path}, line {directive.line} says "
                f"{name}: {one.path}, and which of them counts depends on the version. Take one of them out, or make them equal."
            )
        found = found or one
    return found


def _of_registry(seen: Sighting, what: str, variables: dict[str, str | None]) -> Folder | None:
    name = FOLDER_VALUES[what]
    for key in seen.registry:
        data: Any = key["values"].get(name, {}).get("data")
        if data in (None, ""):
            continue
        where = rf"HKLM\{key['key']} ({key['view']} bit):"
        text = data.strip() if isinstance(data, str) else ""
        if fault := directives.fault_of_path(text) if text else f"is {data!r}, and a text is wanted":
            return _unknown(f"{where} the value of {name} {fault}. {_ADVICE}")
        return _folder(where, "registry", Directive(name, 0, text), variables)
    return None


def _folder(where: str, place: str, told: Directive, variables: dict[str, str | None]) -> Folder:
    text = directives.as_path(told.value or "")
    path = paths.expand(text, variables)
    if unknown := paths.variables(path):
        return _unknown(
            f"{where} the value of {told.name} is '{text}', and the host has no variable %{unknown[0]}%. Write the path out."
        )
    return Folder(path, {"place": place, "name": told.name, "line": told.line or None})


def _unknown(misread: str) -> Folder:
    return Folder("", {"place": "unknown", "name": None, "line": None}, misread)


def _untold(seen: Sighting, what: str, view: Answers) -> Folder:
    """Where nothing tells, a site or the disk may."""
    if what == "config" and seen.site:
        return Folder(iis.root_folder(seen.site), {"place": "site", "name": seen.site["name"], "line": None})
    home = paths.join(paths.expand(seen.brand.instances_folder, view.get("environment").get("process", {})), seen.name)
    old = paths.join(home, _OLD_DATABASE)
    if what == "database" and any(paths.same(item["path"], old) for item in items(view.get("sizes"))):
        return Folder(old, {"place": "disk", "name": None, "line": None})
    return Folder(paths.join(home, _DEFAULTS[what]), {"place": "default", "name": None, "line": None})
