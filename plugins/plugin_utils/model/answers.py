# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading the answers of an inspection."""

from __future__ import annotations

from typing import Any


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


def items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of an answer about paths that exist."""
    return [item for item in answer.get("items", []) if item.get("exists", True)]
