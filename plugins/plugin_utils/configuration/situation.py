# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a change of configuration starts from, and what it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..model.versions import Version
from .results import Conflict


@dataclass(frozen=True)
class FileText:
    """A file of the instance. ``name``: as in the layout, ``instance.yml`` for the instance's own yml. ``text``: with its own
    line ends and with tokens for secrets. ``encoding``: utf-8, utf-8-bom, utf-16-le, utf-16-be or ansi.
    """

    name: str
    text: str
    encoding: str


@dataclass(frozen=True)
class Situation:
    """Everything that is known about an instance's configuration; files by their case-folded names.

    ``ours``: every configuration file that exists. ``base``, ``theirs``: the pristine files of the old and of the new version
    that are known, with the instance's values in place of placeholders. ``inputs``: what the operator gave, by directive of the
    instance's yml. ``version``: the new one.
    """

    ours: Mapping[str, FileText]
    base: Mapping[str, str]
    theirs: Mapping[str, str]
    registry: Mapping[str, str]
    inputs: Mapping[str, str]
    version: Version


@dataclass(frozen=True)
class FileChange:
    """``action``: write, create or remove. ``before``, ``after``: texts, None where there is no file. ``secrets_from``: where the
    values of the tokens in ``after`` are: names of the instance's files, ``registry``, or ``theirs:NAME``.
    """

    name: str
    action: str
    before: str | None
    after: str | None
    encoding: str
    secrets_from: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """``level``: warning or blocker. ``code`` is stable; ``message`` is for people."""

    level: str
    code: str
    message: str


@dataclass(frozen=True)
class Change:
    """What becomes of all files; with blockers among the notices, nothing of it may be carried out."""

    files: tuple[FileChange, ...]
    conflicts: tuple[Conflict, ...]
    notices: tuple[Notice, ...]
