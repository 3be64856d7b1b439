# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a check found, and how a plan is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

UNFINISHED = "unfinished_transaction"
"""Somebody else is in the middle: what else is found then is how a work in progress looks."""


@dataclass(frozen=True)
class Finding:
    """The result of one check. ``level`` is ok, warning or blocker; ``code`` is stable, ``message`` is for people and says
    what is wrong and what to do.
    """

    level: str
    code: str
    message: str

    def as_dict(self) -> dict[str, str]:
        """For results of modules."""
        return asdict(self)


class Refusal(Exception):
    """Nothing was touched: the wish cannot be fulfilled on this host. ``result`` is added to the module's result."""

    def __init__(self, message: str, **result: Any) -> None:
        super().__init__(message)
        self.result = result


def refuse_blockers(what: str, findings: Iterable[Finding]) -> None:
    """Raises :class:`Refusal` with every blocker among the findings, or with what makes all others pointless."""
    findings = list(findings)
    blockers = [finding for finding in findings if finding.level == "blocker"]
    blockers = [finding for finding in blockers if finding.code == UNFINISHED] or blockers
    if blockers:
        reasons = " ".join(finding.message for finding in blockers)
        raise Refusal(
            f"{what} was refused, nothing was touched. {reasons}", findings=[finding.as_dict() for finding in findings]
        )
