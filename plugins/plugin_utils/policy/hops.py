# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the policy says about one change of version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model.versions import Version
from .ranges import Range

METHODS = ("in_place", "vendor_script", "manual")
"""From the most to the least automatic: this order decides between hops that lead between the same versions.

``in_place``: this collection changes the links and files. ``vendor_script``: the vendor's script does, called as one
operation. ``manual``: a person carries out the vendor's procedure; it is planned, never executed.
"""
LANGUAGES = ("en", "ru")

CHECKS: Mapping[str, Mapping[str, type]] = {
    "windows": {"build": int},
    "iis": {"major": int},
    "iis_components": {"names": list},
    "dotnet_framework": {"release": int},
    "dotnet_sdk": {"at_least": str},
    "aspnetcore": {"family": str},
    "java": {"major": int},
    "search_server": {},
    "product_backup": {"max_age_hours": int, "cold_copy": bool},
    "not_in_service_mode": {},
    "administrator_logged_in": {},
    "upgrade_logs": {},
}
"""Kinds of checks with the parameters that each needs.

``windows``: build of Windows (20348 is Server 2022). ``dotnet_framework``: the Release number of the registry (533320 is 4.8.1).
``aspnetcore``: the hosting bundle of a family such as 8.0. ``search_server``: the address answers that
the operator gave, or that in the configuration.
``product_backup``: a good .cdbbz of that age at most, or (``cold_copy``) the copy of the data that the upgrade itself makes.
The last three look at the instance since its last start. A parameter that is a text is a version: numbers with dots.
"""

STEP_VALUES = (
    "instance", "version", "config", "database", "streams", "backup", "logs", "yml", "site", "url", "port",
)  # fmt: skip
"""The names that may stand in braces in the steps of a procedure; ``version`` is the one after the hop."""


@dataclass(frozen=True)
class Text:
    """One sentence in the languages of the product's operators."""

    en: str
    ru: str

    def say(self, language: str) -> str:
        """The sentence in ``en`` or ``ru``."""
        return self.ru if language == "ru" else self.en


@dataclass(frozen=True)
class When:
    """The pairs of versions that a note concerns; without ranges, all pairs of its hop."""

    start: Range | None
    target: Range | None

    def concerns(self, start: Version, target: Version) -> bool:
        """True also where it cannot be known: a demand too many does less harm than one too few."""
        return all(
            wanted is None or wanted.may_contain(version)
            for wanted, version in ((self.start, start), (self.target, target))
        )

    def surely_concerns(self, start: Version, target: Version) -> bool:
        """True only where it is known."""
        return all(
            wanted is None or wanted.surely_contains(version)
            for wanted, version in ((self.start, start), (self.target, target))
        )


@dataclass(frozen=True)
class Check:
    """How a machine finds out whether something is true; ``kind`` and its parameters as CHECKS says."""

    kind: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Note:
    """Something that an operator must know, do or confirm; ``id`` is stable, so that a run can refer to it."""

    id: str
    text: Text
    when: When
    acknowledge: bool = False
    """Stops a run until the operator has named this id."""
    check: Check | None = None
    """How to find out by machine; None where only a person can."""


@dataclass(frozen=True)
class Input(Note):
    """Something that only the operator knows, to be written into the configuration of the new version."""

    directive: str = ""
    """The directive of the instance's yml that takes the value."""
    pattern: str = ".+"
    """The regular expression that the whole value must match."""


@dataclass(frozen=True)
class Procedure:
    """The steps of a manual hop, with names of STEP_VALUES in braces, to be filled with the instance's own."""

    id: str
    steps: tuple[Text, ...]
    source: str


@dataclass(frozen=True)
class Hop:
    """One supported change of version.

    ``reversible``: the old version can be put back on the host, together with its data where ``data_upgrade`` is true.
    ``not_covered_by_rollback`` names what such a return leaves as the new version made it.
    ``procedure``: the steps of a manual hop; None for the other methods. ``script``: where the host has the script of a
    ``vendor_script`` hop.
    """

    id: str
    start: Range
    target: Range
    method: str
    data_upgrade: bool
    reversible: bool
    requirements: tuple[Note, ...]
    inputs: tuple[Input, ...]
    advisories: tuple[Note, ...]
    before_next: tuple[Note, ...]
    not_covered_by_rollback: tuple[Note, ...]
    source: str
    procedure: Procedure | None = None
    script: str | None = None

    def leads(self, start: Version, target: Version) -> bool:
        """Whether the hop surely is for these two versions."""
        return self.start.surely_contains(start) and self.target.surely_contains(target)


@dataclass(frozen=True)
class Ban:
    """A change of version that the vendor forbids for some methods; no hop of such a method crosses it."""

    id: str
    start: Range
    target: Range
    methods: tuple[str, ...]
    reason: Text
    source: str

    def forbids(self, start: Version, target: Version, method: str) -> bool:
        """True also where an unpublished build number leaves it open."""
        return method in self.methods and self.start.may_contain(start) and self.target.may_contain(target)
