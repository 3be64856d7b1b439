# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets in what people see: numbers in place of tokens, since a token can be tried against a dictionary by whoever has the salt."""

from __future__ import annotations

from ..model.secrets import TOKEN


class Numbering:
    """Numbers for the tokens of one plan, in the order in which they come: equal secrets have equal numbers."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> str:
        """The text with ``⟦secret 1⟧`` for the first token seen."""
        return TOKEN.sub(
            lambda token: f"\u27e6secret {self._numbers.setdefault(token[0], len(self._numbers) + 1)}\u27e7", text
        )
