# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words of a verdict: what a check of an instance's health is, and the states that it can have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OK, PENDING, SUSPECT, BAD, HANDED_OVER, UNKNOWN, KNOWN = (
    "ok",
    "pending",
    "suspect",
    "bad",
    "handed_over",
    "unknown",
    "known",
)
"""States of a check. SUSPECT: a failing answer that may still turn right while the instance starts. KNOWN: wrong, and it was wrong
for the same reason before the change that is judged, so that it is reported and not blamed.
"""


@dataclass(frozen=True)
class Check:
    """One check: its state and a sentence about what was seen."""

    name: str
    state: str
    message: str


@dataclass(frozen=True)
class Baseline:
    """How it was before the stop: answers to some of the queries of a verdict. ``absent``: why there are none, as half a sentence.
    ``as_it_is``: no change is judged, so that nothing is excused by what was before.
    """

    answers: dict[str, Any]
    absent: str = ""
    as_it_is: bool = False


AS_IT_IS = Baseline({}, as_it_is=True)


def reason(answer: dict[str, Any]) -> str:
    """Why a query has no answer, without the full stop."""
    return str(answer.get("error", {}).get("message", "no answer")).rstrip(".")
