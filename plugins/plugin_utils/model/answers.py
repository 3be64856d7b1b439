# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the answers of an inspection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import paths


class Answers:
    """Answers by query id; a failed or missing one is empty, and kept in ``failures``."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers
        self.failures = {
            query: answer["error"].get("message", "no reason given")
            for query, answer in answers.items()
            if "error" in answer
        }

    def get(self, query: str) -> dict[str, Any]:
        """The answer, or an empty one."""
        answer: dict[str, Any] = self._answers.get(query, {})
        return {} if "error" in answer else answer


@dataclass(frozen=True)
class Look:
    """What a host says about one path. ``item``: None unless it is there. ``unseen``: why nobody can tell whether it is there."""

    item: dict[str, Any] | None
    unseen: str | None = None


def look(answer: dict[str, Any], path: str, globbed: bool) -> Look:
    """``globbed``: the path is among those that a glob of the query finds if they are there."""
    for item in answer.get("items", []):
        if paths.same(item["path"], path):
            if item.get("exists", True):
                return Look(item)
            return Look(None, item["error"]["message"].rstrip(".") if "error" in item else None)
    if "items" not in answer:
        return Look(None, "the host could not answer")
    if globbed:
        return Look(None)
    told = paths.is_absolute(path) and not paths.variables(path)
    return Look(None, "nothing led there" if told else "it is no absolute path")


def items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of an answer about paths that exist."""
    return [item for item in answer.get("items", []) if item.get("exists", True)]
