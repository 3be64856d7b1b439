# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths and refusals as plain data, for results and reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .hops import Note
from .search import NoPath, Path, Step


def describe_path(path: Path, language: str) -> dict[str, Any]:
    """``path``: every version from start to target; ``hops``: what each step is and demands, texts in ``language``."""
    return {
        "path": [str(version) for version in path.versions],
        "hops": [_step(step, language) for step in path.steps],
    }


def describe_refusal(refusal: NoPath) -> dict[str, Any]:
    """``code`` as in NoPath, the versions whose installation would make a path, and the ids of the bans that close every way."""
    return {
        "code": refusal.code,
        "missing": [str(version) for version in refusal.missing],
        "forbidden_by": [ban.id for ban in refusal.bans],
    }


def _step(step: Step, language: str) -> dict[str, Any]:
    return {
        "id": step.hop.id,
        "from": str(step.start),
        "to": str(step.target),
        "method": step.hop.method,
        "data_upgrade": step.hop.data_upgrade,
        "reversible": step.hop.reversible,
        "reason": step.reason.say(language),
        "requirements": [_with_check(note, language, acknowledge=note.acknowledge) for note in step.requirements],
        "inputs": [
            {"id": note.id, "text": note.text.say(language), "directive": note.directive, "pattern": note.pattern}
            for note in step.inputs
        ],
        "advisories": [
            {"id": note.id, "text": note.text.say(language), "acknowledge": note.acknowledge}
            for note in step.advisories
        ],
        "before_next": [_with_check(note, language) for note in step.before_next],
        "not_covered_by_rollback": _notes(step.not_covered_by_rollback, language),
        "procedure": [text.say(language) for text in step.hop.procedure.steps] if step.hop.procedure else [],
        "source": step.hop.source,
    }


def _with_check(note: Note, language: str, **more: Any) -> dict[str, Any]:
    """``check``: the kind with its parameters; None where only a person can know."""
    check = {"kind": note.check.kind, **note.check.parameters} if note.check else None
    return {"id": note.id, "text": note.text.say(language), **more, "check": check}


def _notes(notes: Iterable[Note], language: str) -> list[dict[str, str]]:
    return [{"id": note.id, "text": note.text.say(language)} for note in notes]
