# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the policy says about an instance's configuration: its files by version, and what becomes of directives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..model.versions import Version
from .hops import When
from .ranges import Range

FORMATS = ("flat", "xml", "json")
"""``flat``: ``dotted.key: value`` lines of YAML; ``xml`` and ``json`` as they are."""

SETTINGS = ("registry", "yml")
"""Where an instance's own settings are: in its registry key, or in its yml."""

VALUES = (
    "instance", "version", "config", "database", "streams", "temp", "backup", "logs", "fqdn", "port", "machine",
)  # fmt: skip
"""What a text in a template can stand for: names and folders of the instance, its address, the host's name."""

INSTANCE_FILE = "instance.yml"
"""How the policy and the operator's answers call the instance's own yml, whatever the instance is called."""

REGISTRY = "registry"
"""The instance's registry key, as a place that directives come from."""


@dataclass(frozen=True)
class LayoutFile:
    """One configuration file. ``template``: where the version folder has its pristine form; None where nobody knows."""

    name: str
    format: str
    template: str | None


@dataclass(frozen=True)
class Layout:
    """How instances of some versions look.

    ``settings``: one of SETTINGS. ``links``: what the Config folder links to. ``linked_files``: files below those links
    that operators change nevertheless. ``placeholders``: texts in templates with the names (of VALUES) of what they stand for.
    """

    id: str
    versions: Range
    settings: str
    links: tuple[str, ...]
    files: tuple[LayoutFile, ...]
    linked_files: tuple[str, ...]
    placeholders: Mapping[str, str]
    source: str

    def file(self, name: str) -> LayoutFile | None:
        """The file of that name, compared as Windows does."""
        return next((file for file in self.files if file.name.casefold() == name.casefold()), None)


@dataclass(frozen=True)
class Place:
    """A directive of a file: a flat key, the name of an XML element, a dotted JSON path, a registry value."""

    file: str
    key: str


@dataclass(frozen=True)
class Becomes:
    """Where a directive goes. ``value``: what is written there; None for the old value."""

    place: Place
    value: str | None


@dataclass(frozen=True)
class Directive:
    """What becomes of a directive when ``when`` is crossed; without ``becomes`` it is removed and reported.

    The directives of a policy are applied in their order, so what one writes another may take up. A value of the registry is
    read and stays there; a directive of a file leaves its old place, unless ``becomes`` names that place too.
    ``certain``: the vendor's documents say so; otherwise it is inferred, and shown as a warning.
    """

    id: str
    origin: Place
    becomes: tuple[Becomes, ...]
    when: When
    certain: bool
    source: str

    def applies(self, start: Version, target: Version) -> bool:
        """Whether a change surely crosses ``when``: nothing is rewritten on a guess about an unpublished build number."""
        return self.when.surely_concerns(start, target)


@dataclass(frozen=True)
class Shared:
    """Directives of one meaning, which must be equal in all files that have them."""

    id: str
    places: tuple[Place, ...]
    source: str
