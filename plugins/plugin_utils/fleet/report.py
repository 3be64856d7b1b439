# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The reports of a run: a page for people, JSON, and JUnit XML for programs. None of it ever ends a run: what goes wrong is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import record
from .reports import files, junit, page, reading

LANGUAGES = ("en", "ru")
SUFFIXES = {"html": ".html", "json": ".json", "junit": ".xml"}


@dataclass
class Written:
    """``paths``: of each kind, None where it could not be written. ``before`` and ``after``: contents of what was changed, or would
    be, by path; before is None for a new file.
    """

    paths: dict[str, str | None] = field(default_factory=lambda: dict.fromkeys(SUFFIXES))
    before: dict[str, bytes | None] = field(default_factory=dict)
    after: dict[str, bytes] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.after)


def file_name(run: str, kind: str) -> str:
    """The name of a run's file of the kind ``html``, ``json`` or ``junit``, safe for any run id."""
    return files.stem(run) + SUFFIXES[kind]


def contents(run: record.RunRecord, language: str) -> dict[str, str]:
    """The text of each kind, of a record that :func:`reading.read` gave. The same record gives the same texts."""
    return {
        "json": json.dumps(run, ensure_ascii=False, indent=1) + "\n",
        "html": page.text(run, language),
        "junit": junit.text(run, language),
    }


def write(given: Mapping[str, Any], folder: Path, language: str | None = None, dry: bool = False) -> Written:
    """Writes the reports of a record into the folder, which is made. ``language``: else the one of the record. ``dry``: only looks.

    What cannot be written is a warning; so is everything that is wrong in the record.
    """
    written = Written()
    try:
        _write_all(given, folder, language, dry, written)
    except reading.Unreadable as unreadable:
        written.warnings.append(f"No report was written. {unreadable}")
    except OSError as error:
        written.warnings.append(_told(folder, error))
    except Exception as error:  # a mistake in here must not make the run of a whole night look failed
        written.warnings.append(_told_mistake(error))
    return written


def _write_all(given: Mapping[str, Any], folder: Path, language: str | None, dry: bool, written: Written) -> None:
    run, problems = reading.read(given)
    if problems:
        written.warnings.append(reading.told(problems))
    spoken = language or (run["language"] if run["language"] in LANGUAGES else LANGUAGES[0])
    texts = contents(run, spoken)
    if not dry:
        folder.mkdir(parents=True, exist_ok=True)
    for kind, text in texts.items():
        _write(folder / file_name(run["run"], kind), kind, text.encode(), written, dry)


def _write(file: Path, kind: str, content: bytes, written: Written, dry: bool) -> None:
    """One file; what is wrong with it says nothing about the next one."""
    try:
        before = files.present(file)
        if before != content:
            if not dry:
                files.write(file, content)
            written.before[str(file)], written.after[str(file)] = before, content
        written.paths[kind] = str(file)
    except OSError as error:
        written.warnings.append(_told(file, error))


def _told(place: Path, error: OSError) -> str:
    return (
        f"The report {place} could not be written: {error.strerror or error}. The run itself is not concerned. Make the folder writable "
        "and give it room, or name another one in upgrade_report_folder; then write the report anew with comindware.platform.status."
    )


def _told_mistake(error: Exception) -> str:
    """What nobody has thought of, as a warning."""
    return (
        f"The report was not written, because of a mistake in comindware.platform: {type(error).__name__}: {error}. The run itself is "
        "not concerned. Tell the authors of the collection, with the record of the run."
    )


def differences(written: Written) -> list[dict[str, str]]:
    """For ``--diff``: the record itself line by line; what is made from it only with its size, as nobody reads HTML in a terminal."""
    return [
        {
            "before_header": path,
            "after_header": path,
            "before": _for_diff(path, written.before[path]),
            "after": _for_diff(path, content),
        }
        for path, content in written.after.items()
    ]


def _for_diff(path: str, content: bytes | None) -> str:
    if content is None:
        return ""
    if path.endswith(SUFFIXES["json"]):
        return content.decode("utf-8", "replace")
    return f"{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}\n"
