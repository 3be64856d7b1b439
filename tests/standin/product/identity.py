# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a start of the product is about: which instance, which binaries, and that it may fail."""

from __future__ import annotations

from dataclasses import dataclass

from .description import generation_of, version_number


class StartFailure(Exception):
    """The product does not start; the text goes to its error log."""


@dataclass(frozen=True)
class Identity:
    """An instance as IIS knows it: by the name of its site and the folder of its root application."""

    brand: str
    name: str
    config: str


@dataclass(frozen=True)
class Binaries:
    version: str
    folder: str  # Windows path of the version folder

    def at_least(self, *number: int) -> bool:
        return version_number(self.version) >= number

    @property
    def generation(self) -> str:
        return generation_of(self.version)
