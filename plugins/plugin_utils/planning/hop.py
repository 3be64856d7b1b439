# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The operations of one hop that is done in place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .. import operations
from ..configuration.changing import Change, FileChange, FileText
from ..model import directives, paths
from ..model.facts import HostFacts, InstalledVersion, InstanceFacts, Link
from ..model.queries import directive_pattern
from ..operations import Operation
from ..policy import Step
from ..policy.layouts import INSTANCE_FILE, Layout
from . import backup, health_pages
from .plans import Limits, start_behaviour_back, start_behaviour_off, start_operations, stop_operations
from .reading import Texts, file_path
from .wishes import UpgradeWish

_SCRIPT_SECONDS = 3600
"""The vendor gives no time for its scripts."""


@dataclass(frozen=True)
class Place:
    """Where a hop happens: the facts as they are or will be then, the new version's folder and layout, the files' texts."""

    host: HostFacts
    instance: InstanceFacts
    step: Step
    installed: InstalledVersion
    layout: Layout | None
    texts: Texts


def operations_of(place: Place, change: Change, wish: UpgradeWish, set_name: str) -> list[Operation]:
    """Start behaviour off, stop, back up, switch files, links and version, start.

    The start behaviour comes back at confirm, or when the host undoes the transaction.
    """
    data = ["database"] if wish.backup.data else []
    return [
        *stop_and_back_up(place, wish, set_name),
        *_keep_pristine(place),
        *_write_files(place, change),
        *_switch_links(place),
        *switch_registry(place),
        *protect(place, set_name, data, wish.limits),
        *start_operations(place.instance, wish.limits),
    ]


def stop_and_back_up(place: Place, wish: UpgradeWish, set_name: str) -> list[Operation]:
    """How every change begins."""
    return [
        *health_pages.ask(place.instance, wish.limits.start),
        *start_behaviour_off(place.instance, wish.limits),
        *stop_operations(place.instance, wish.limits),
        backup.write_set(place.host, place.instance, wish.backup, set_name),
    ]


def protect(place: Place, set_name: str, folders: Iterable[str], limits: Limits) -> list[Operation]:
    """From here on an undo puts these folders back, called as in facts, from the set that was just made."""
    made = paths.join(backup.folder(place.host, place.instance), set_name)
    return [operations.protect_tree(place.instance["paths"][what], made, what, limits.release) for what in folders]


def script_operations(place: Place, wish: UpgradeWish, set_name: str) -> list[Operation]:
    """As :func:`operations_of`, with the vendor's script in the place of the files and links.

    The version is written before the script runs: what these operations save is what their undo puts back, whatever the script
    has written there since.
    """
    instance, version = place.instance, str(place.step.target)
    yml = instance["yml"] if instance["version"]["yml"] else None
    return [
        *stop_and_back_up(place, wish, set_name),
        *protect(place, set_name, ["config", "database"] if wish.backup.data else ["config"], wish.limits),
        *([_write_version(yml, version, place.texts.ours.get(INSTANCE_FILE))] if yml else []),
        *switch_registry(place),
        operations.run_script(
            place.step.hop.script or "",
            ["-name", instance["name"], "-version", version],
            [instance["paths"]["config"]],
            _SCRIPT_SECONDS,
        ),
        *start_operations(instance, wish.limits),
    ]


def on_confirm(place: Place, change: Change, limits: Limits) -> list[Operation]:
    """What is done when the new version is confirmed: IIS may start it again by itself, and the files that it has no use for go."""
    gone = [file for file in change.files if file.action == "remove"]
    removed = [operations.remove_file(file_path(place.instance, file.name)) for file in gone]
    return [*start_behaviour_back(place.instance, limits), *removed]


def version_links(instance: InstanceFacts) -> list[Link]:
    """The links that lead to a version; others are the customer's own and stay as they are."""
    return [link for link in instance["links"] if link["version"]]


def linked(place: Place) -> Iterator[tuple[Link, str | None]]:
    """Each link to a version with its new target; None for a link that the new version has no use for."""
    present = {entry.casefold() for entry in place.installed["entries"]}
    wanted = {name.casefold() for name in place.layout.links} if place.layout else None
    for link in version_links(place.instance):
        useless = wanted is not None and link["name"].casefold() not in wanted | present
        yield link, None if useless else _new_target(link, place.installed)


def missing_entries(place: Place) -> list[str]:
    """Links whose target the new version's folder does not have, though it should."""
    present = {entry.casefold() for entry in place.installed["entries"]}
    return [link["name"] for link, target in linked(place) if target and link["name"].casefold() not in present]


def _new_target(link: Link, installed: InstalledVersion) -> str:
    """Where the link leads in the other version: the same place below the version folder."""
    inside = re.split(rf"\\{re.escape(link['version'] or '')}(?:\\|$)", link["target"], maxsplit=1)[-1]
    return paths.join(installed["folder"], inside) if inside else installed["folder"]


def _keep_pristine(place: Place) -> list[Operation]:
    """A later upgrade needs the new version's pristine files as its base, and the version may be deleted until then."""
    version = str(place.step.target)
    return [
        operations.copy_file(file.kept, file.template)
        for (of, _name), file in place.texts.pristine.items()
        if of == version and file.template and file.text is not None and not file.is_kept
    ]


def _write_files(place: Place, change: Change) -> list[Operation]:
    steps = []
    for file in change.files:
        if file.action == "remove" or file.after is None:
            continue
        path = file_path(place.instance, file.name)
        if change_of_version := _only_version(file, str(place.step.target)):
            steps.append(operations.edit_file(path, f"version: {place.step.target}", [change_of_version]))
            continue
        if file.action == "create":
            steps.append(operations.create_folder(paths.parent(path)))
        sources = [_secret_source(place, name) for name in file.secrets_from]
        steps.append(operations.write_file(path, file.after, file.encoding, sources))
    return steps


def _write_version(yml: str, version: str, known: FileText | None) -> Operation:
    usual = {"pattern": directive_pattern("version"), "value": version}
    change = directives.edit(known.text, "version", version) if known else None
    return operations.edit_file(yml, f"version: {version}", [change or usual])


def _only_version(file: FileChange, version: str) -> dict[str, str] | None:
    """The edit, if the yml gets nothing but the new version: then one value is edited on the host, and no text travels."""
    if file.name.casefold() != INSTANCE_FILE or file.before is None:
        return None
    change = directives.edit(file.before, "version", version)
    return change if change and directives.edited(file.before, change) == file.after else None


def _secret_source(place: Place, name: str) -> str:
    """The file on the host that holds the secrets whose tokens a text has."""
    own, _mark, template = name.partition("theirs:")
    if not template:
        return file_path(place.instance, own)
    file = place.texts.pristine[str(place.step.target), template.casefold()]
    return file.source or file.kept


def _switch_links(place: Place) -> list[Operation]:
    steps = []
    for link, target in linked(place):
        steps.append(operations.remove_link(link["path"]))
        if target:
            steps.append(operations.create_link(link["path"], target, link["kind"]))
    return steps


def switch_registry(place: Place) -> list[Operation]:
    """The Administration Tool's own record, where it exists: else the tool shows the old version."""
    return [
        operations.registry_string(key["key"], key["view"], "version", str(place.step.target))
        for key in place.instance["registry"]
        if "version" in key["values"]
    ]
