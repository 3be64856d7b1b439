# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One judged transaction: a change that stands only if the instance works after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import data_left, judging, transactions
from .host import Host, HostError
from .judging import Patience
from .model.facts import HostFacts, InstanceFacts
from .model.versions import Version
from .planning import endings
from .planning.health import Baseline
from .planning.plans import Plan
from .planning.verdict import Verdict
from .stages import CONFIRM, RETURN, Line

JUDGING_OPTIONS: dict[str, dict[str, Any]] = {
    "unknown_verdict": {"type": "str", "default": "rollback", "choices": ["rollback", "hold"]},
    **judging.HEALTH_OPTIONS,
}
"""Options of every module whose change is judged (doc fragment ``judging``)."""


@dataclass(frozen=True)
class Judge:
    """Carries changes out and judges them. ``truth``: what an instance is after a failure, as a sentence, from the host itself."""

    host: Host
    patience: Patience
    hold_unknown: bool
    progress: Callable[[str], None]
    truth: Callable[[InstanceFacts], str]

    @classmethod
    def of(
        cls,
        host: Host,
        options: Mapping[str, Any],
        progress: Callable[[str], None],
        truth: Callable[[InstanceFacts], str],
    ) -> Judge:
        """From :data:`JUDGING_OPTIONS`."""
        return cls(host, judging.patience(options), options["unknown_verdict"] == "hold", progress, truth)

    def carry_out(
        self, facts: HostFacts, instance: InstanceFacts, plan: Plan, version: Version, before: Baseline
    ) -> dict[str, Any]:
        """Executes the plan, after which the instance shall run the version, watches it, and confirms. ``before``: how it was.

        The result has ``transaction``, ``verdict``, ``health``, ``stopped_at``, ``started_at``, ``downtime``, ``pages_unseen``,
        ``pruned`` (backup sets that the confirm removed) and ``warnings`` of the confirm. Raises :class:`HostError` when the change
        did not stand, which says what became of the data where no undo brings them back.
        """
        try:
            return self._carried_out(facts, instance, plan, version, before)
        except HostError as error:
            raise data_left.admitted(error, self.host, instance, plan) from error

    def _carried_out(
        self, facts: HostFacts, instance: InstanceFacts, plan: Plan, version: Version, before: Baseline
    ) -> dict[str, Any]:
        status = transactions.run(self.host, plan, facts["agent"].get("workers", []), self.progress)
        verdict = judging.watch(self.host, status, instance, version, self.patience, self.progress, before)
        ended = {"transaction": status["id"], "verdict": verdict.state, "health": verdict.as_dict()["checks"]}
        if verdict.state in ("healthy", "handed_over"):
            return self._confirm(plan, ended, verdict)
        if verdict.state == "unknown" and self.hold_unknown:
            raise HostError("verdict_unknown", endings.held(plan, verdict, status), ended)
        if status["past_return"]:
            raise HostError(
                f"verdict_{verdict.state}",
                f"{plan['title']}: {verdict.state}. {verdict.message()} {transactions.outcome(status)}",
                {**ended, "transaction_state": status["state"]},
            )
        self.progress(Line(f"{instance['name']}: rolling back. {verdict.message()}", {"stage": RETURN}))
        undone = self.host.settle(self.host.rollback(status["id"], verdict.message()))
        raise HostError(
            f"verdict_{verdict.state}",
            f"{plan['title']}: {verdict.state}. {verdict.message()} {transactions.outcome(undone)} {self.truth(instance)}",
            {
                **ended,
                "transaction_state": undone["state"],
                "downtime": undone.get("downtime"),
                "stopped_at": undone.get("stopped_at"),
            },
        )

    def _confirm(self, plan: Plan, ended: dict[str, Any], verdict: Verdict) -> dict[str, Any]:
        self.progress(Line(f"{plan['title']}: confirming. {verdict.state}", {"stage": CONFIRM}))
        confirmed = self.host.settle(self._confirmed(ended["transaction"], verdict))
        if confirmed["state"] != "confirmed":
            raise HostError(
                "confirm_failed",
                f"{plan['title']}: confirming failed. {transactions.ending(confirmed)}",
                {
                    **ended,
                    "transaction_state": confirmed["state"],
                    "stopped_at": confirmed.get("stopped_at"),
                },
            )
        times = {key: confirmed.get(key) for key in ("stopped_at", "started_at", "downtime")}
        return {
            **ended,
            **times,
            "pages_unseen": verdict.pages_unseen,
            "pruned": transactions.pruned(confirmed),
            "warnings": transactions.confirm_warnings(confirmed),
        }

    def _confirmed(self, transaction: str, verdict: Verdict) -> dict[str, Any]:
        """The status after the confirm. One that came too late, as after a restart of the host, is refused: then how it stands."""
        try:
            return self.host.confirm(transaction, verdict.state, verdict.answered_at)
        except HostError as refused:
            if refused.code != "wrong_state":
                raise
            return self.host.status(transaction, wait_seconds=0)[0]
