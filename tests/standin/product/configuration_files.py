# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Texts of configuration files: as the product of a generation writes them, and as operators have changed them.

The vendor publishes samples of single files only, so that the texts are the stand-in's; the directives are the vendor's
(its description of the configuration files and its knowledge base for 4.7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from .description import version_number

PLACEHOLDERS = ("instance", "config", "database", "streams", "temp", "backup", "logs", "fqdn", "port", "version")
"""Names of the values that pristine texts hold in double braces."""

INSTANCE_FILE = "instance.yml"
"""The instance's own yml, whatever the instance is called."""

AGENT_FOLDER = "data\\Plugins\\Agent\\"
"""Where the files of custom adapters lie: below a link, and so in the version folder."""

_PRISTINE = Path(__file__).parent / "pristine"
_OPERATORS = Path(__file__).parent / "operators.yml"


@dataclass(frozen=True)
class _Change:
    """Fields as operators.yml explains them."""

    file: str
    find: str
    put: str
    generations: tuple[str, ...]
    since: tuple[int, ...]


def pristine(generation: str) -> dict[str, str]:
    """The texts by Windows path below Config; `instance.yml` is the instance's own yml. Lines end with LF."""
    folder = _PRISTINE / generation
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)).replace("/", "\\"): file.read_text(encoding="utf-8") for file in files}


def operated(generation: str, version: str) -> dict[str, str]:
    """The same texts with the operators' changes. Raises ValueError for a change whose line is not there once."""
    texts = pristine(generation)
    for change in _changes():
        wanted = not change.generations or generation in change.generations
        if wanted and change.file in texts and version_number(version) >= change.since:
            texts[change.file] = _apply(change, texts[change.file])
    return texts


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put values in the place of their names. Raises KeyError for a name without a value."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text)


@cache
def _changes() -> tuple[_Change, ...]:
    return tuple(
        _Change(
            item["file"],
            item["find"],
            item["put"],
            tuple(item.get("in", ())),
            version_number(item.get("since", "0.0.0.0")),
        )
        for item in yaml.safe_load(_OPERATORS.read_text(encoding="utf-8"))
    )


def _apply(change: _Change, text: str) -> str:
    lines = text.split("\n")
    found = [number for number, line in enumerate(lines) if line.strip() == change.find]
    if len(found) != 1:
        raise ValueError(f"{change.file} has {len(found)} lines {change.find!r}, not 1; see {_OPERATORS}")
    indent = lines[found[0]][: -len(lines[found[0]].lstrip())]
    lines[found[0] : found[0] + 1] = [indent + line if line else "" for line in change.put.split("\n")]
    return "\n".join(lines)
