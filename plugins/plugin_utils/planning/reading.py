# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The texts that a plan is made from: the instance's configuration files, and the pristine ones of the versions.

They are read in one call, with tokens in place of secrets, and never become facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..configuration.changing import FileText
from ..model import paths
from ..model.brands import AGENT_ROOT
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import Query
from ..model.versions import Version
from ..policy import Path, Policy
from ..policy.layouts import INSTANCE_FILE
from . import preflight

_VENDORS = ("pristine", "linked")
"""Queries for files that belong to versions, not to the instance."""


@dataclass(frozen=True)
class Pristine:
    """A file as the vendor ships it. ``template``: where the version folder has it, None where nobody knows. ``kept``: where an
    earlier run keeps a copy, or this one will. ``text``: None while neither can be read. ``source``: which of them it is from.
    """

    name: str
    template: str | None
    kept: str
    text: str | None = None
    source: str | None = None
    is_kept: bool = False


@dataclass(frozen=True)
class Texts:
    """``ours``: by casefolded name. ``pristine``: by version and casefolded name. ``linked``: by version and path below its
    folder. ``unreadable``: files of the instance that exist and whose text is not known. ``uncompared``: what of the vendor's files
    could not be read, a sentence each. ``code_page``: the number of the host's ANSI code page, where a file is written in it.
    """

    ours: Mapping[str, FileText] = field(default_factory=dict)
    pristine: Mapping[tuple[str, str], Pristine] = field(default_factory=dict)
    linked: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    code_page: int | None = None

    def after(self, ours: Mapping[str, FileText]) -> Texts:
        """The same with other files of the instance: what a hop leaves."""
        return replace(self, ours=ours)


def file_path(instance: InstanceFacts, name: str) -> str:
    """Where a configuration file of the instance lies or would lie; ``instance.yml`` is its own yml."""
    if name.casefold() == INSTANCE_FILE:
        return instance["yml"] or instance["yml_place"]
    wanted = paths.join(instance["paths"]["config"], name)
    return next((file["path"] for file in instance["configuration_files"] if paths.same(file["path"], wanted)), wanted)


def queries(
    rules: Policy,
    host: HostFacts,
    instance: InstanceFacts,
    path: Path,
    secrets: Query,
    placeholders: Mapping[str, str],
) -> list[Query]:
    """What to read for a plan along the path. ``secrets``: by which rules values are hidden (model.secrets). ``placeholders``: what
    stands for the placeholders of pristine files (procedures).
    """
    ours = [place for name in _file_names(rules, path) if _exists(instance, place := file_path(instance, name))]
    pristine = [
        place
        for _version, file in _pristine(rules, host, instance, path)
        for place in (file.template, file.kept)
        if place
    ]
    linked = [place for _key, place in _linked(rules, host, instance, path)]
    asked = {"ours": ours, "pristine": pristine, "linked": linked}
    vendor = {"vendor": _vendor(rules, host, instance, path), "values": dict(placeholders)}
    known = {"ours": vendor, "pristine": vendor, "linked": {}}
    return [
        {"id": query, "kind": "read", "paths": list(dict.fromkeys(places)), "secrets": secrets, **known[query]}
        for query, places in asked.items()
        if places
    ]


def _vendor(rules: Policy, host: HostFacts, instance: InstanceFacts, path: Path) -> dict[str, list[str]]:
    """By path, as the agent compares them: the pristine files that a file came from. What they have too is no secret, in the file and in
    each of them; files behind links have none, since operators change them.
    """
    found: dict[str, list[str]] = {}
    for _version, file in _pristine(rules, host, instance, path):
        pristine = [place for place in (file.template, file.kept) if place]
        for place in (file_path(instance, file.name), *pristine):
            found.setdefault(place.lower(), []).extend(pristine if place not in pristine else [place])
    return {place: list(dict.fromkeys(files)) for place, files in found.items()}


def texts(rules: Policy, host: HostFacts, instance: InstanceFacts, path: Path, answers: dict[str, Any]) -> Texts:
    """The answers to :func:`queries`."""
    items = [item for query in ("ours", *_VENDORS) for item in answers.get(query, {}).get("items", [])]
    found = {paths.key(item["path"]): item for item in items if item.get("exists")}
    readable = {place: item for place, item in found.items() if item.get("text") is not None and not item["truncated"]}
    known = {name: place for name in _file_names(rules, path) if _exists(instance, place := file_path(instance, name))}
    ours = {
        name.casefold(): FileText(name, item["text"], item["encoding"])
        for name, place in known.items()
        if (item := readable.get(paths.key(place)))
    }
    pristine = {
        (version, file.name.casefold()): _with_text(file, readable)
        for version, file in _pristine(rules, host, instance, path)
    }
    linked = {
        key: readable[paths.key(place)]["text"]
        for key, place in _linked(rules, host, instance, path)
        if paths.key(place) in readable
    }
    unreadable = tuple(
        place + _unknown_encoding(found.get(paths.key(place), {}))
        for place in known.values()
        if paths.key(place) not in readable
    )
    code_page = next((item["code_page"] for item in items if "code_page" in item), None)
    return Texts(ours, pristine, linked, unreadable, tuple(_uncompared(answers)), code_page)


def _unknown_encoding(item: Mapping[str, Any]) -> str:
    declared = item.get("declared")
    return (
        f" (which declares the encoding {declared}, as its bytes are not, or the host does not have it)"
        if declared
        else ""
    )


def _uncompared(answers: dict[str, Any]) -> Iterator[str]:
    for query in _VENDORS:
        answer = answers.get(query, {})
        if "error" in answer:
            yield str(answer["error"].get("message", "no reason given"))
        for item in answer.get("items", []):
            if item.get("exists") and (item.get("text") is None or item["truncated"]):
                yield f"{item['path']} is no text, or larger than 1 MB."


def _with_text(file: Pristine, readable: Mapping[str, dict[str, Any]]) -> Pristine:
    """The version folder's own file comes first; the kept one serves when that folder is gone."""
    template = readable.get(paths.key(file.template)) if file.template else None
    kept = readable.get(paths.key(file.kept))
    source = template or kept
    if source is None:
        return file
    return replace(file, text=source["text"], source=source["path"], is_kept=kept is not None)


def _file_names(rules: Policy, path: Path) -> list[str]:
    """The configuration files of all versions on the path."""
    layouts = [layout for version in path.versions if (layout := rules.layout_of(version))]
    return list(dict.fromkeys(file.name for layout in layouts for file in layout.files))


def _exists(instance: InstanceFacts, place: str) -> bool:
    known = [file["path"] for file in instance["configuration_files"]] + [instance["yml"] or ""]
    return any(paths.same(place, path) for path in known)


def _pristine(rules: Policy, host: HostFacts, instance: InstanceFacts, path: Path) -> Iterator[tuple[str, Pristine]]:
    root = host["agent"].get("root") or AGENT_ROOT
    for version in path.versions:
        layout, folder = rules.layout_of(version), _folder(host, instance, version)
        for file in layout.files if layout else ():
            template = paths.join(folder, file.template) if folder and file.template else None
            yield str(version), Pristine(file.name, template, paths.join(root, "pristine", str(version), file.name))


def _linked(
    rules: Policy, host: HostFacts, instance: InstanceFacts, path: Path
) -> Iterator[tuple[tuple[str, str], str]]:
    """Files behind the links whose content is not known to be the same in all versions of the path."""
    installed = {version: preflight.installed_version(host, instance, version) for version in path.versions}
    for version, one in installed.items():
        layout = rules.layout_of(version)
        for name in layout.linked_files if layout and one else ():
            hashes = {other["linked_files"].get(name) for other in installed.values() if other}
            if one and (len(hashes) > 1 or None in hashes):
                yield (str(version), name), paths.join(one["folder"], name)


def _folder(host: HostFacts, instance: InstanceFacts, version: Version) -> str | None:
    installed = preflight.installed_version(host, instance, version)
    return installed["folder"] if installed else None
