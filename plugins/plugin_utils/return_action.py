# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share that bring an instance back to a recorded state."""

from __future__ import annotations

from typing import Any

from . import judging, transactions
from .action_base import CHANGE_OPTIONS, INSPECTION_OPTIONS, ArgumentSpec, PlatformAction
from .host import ConnectionLost, HostError
from .judged import JUDGING_OPTIONS, Judge
from .model.facts import HostFacts, InstanceFacts
from .model.queries import Query
from .model.versions import Version
from .planning import backup_sets, endings, goals, preflight, returning, verdict
from .planning.findings import refuse_blockers
from .planning.goals import ReturnWish
from .planning.health import Baseline
from .planning.history import Done
from .planning.returning import Return

RETURN_OPTIONS: ArgumentSpec = {
    "name": {"type": "str", "required": True},
    "accept_data_loss": {"type": "bool", "default": False},
    **JUDGING_OPTIONS,
    **INSPECTION_OPTIONS,
    **CHANGE_OPTIONS,
}
"""Options of every module that brings an instance back (doc fragments ``judging``, ``inspection`` and ``change``)."""


class ReturnAction(PlatformAction):
    """The base of ``instance_rollback`` and ``instance_restore``."""

    def look(self, options: dict[str, Any]) -> tuple[HostFacts, InstanceFacts]:
        """The host, and the instance that the options name."""
        host = self.recover(self.inspect(options), options)
        instance = preflight.choose_instance(host, options["name"], options["brand"])
        self.partial.update(
            changed=False,
            instance=instance["name"],
            url=instance["site"]["url"] if instance["site"] else None,
            from_version=instance["version"]["current"],
            run=self.origin(options).run,
            operations=[],
        )
        return host, instance

    def bring_back(
        self, host: HostFacts, instance: InstanceFacts, wish: ReturnWish, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Finds the state that is meant, plans the way to it, and goes there."""
        goal = goals.find(host, instance, wish)
        self.partial["restored"] = goal.configuration
        what = "The rollback" if wish.purpose == "rollback" else "The restore"
        if goal.reached:
            refuse_blockers(f"{what} of instance '{instance['name']}'", preflight.check_unfinished(host, instance))
            return self._unchanged(instance, goal.reached)
        answers = self.host.query(
            [
                *returning.questions(instance, wish, goal, self.hidden(options)),
                *self._baseline_queries(instance, options),
            ]
        )
        plan = returning.make(host, instance, wish, goal, answers)
        self.partial["to_version"] = plan.target or None
        refuse_blockers(f"{what} of instance '{instance['name']}'", plan.findings)
        self.partial.update(
            warnings=preflight.warnings_of(plan.findings),
            diff=returning.difference(plan),
            operations=[one["title"] for one in plan.operations + plan.on_confirm],
            backup=plan.saved,
            data=_data(plan),
        )
        if self.check_mode:
            return {"changed": True, "verdict": "planned", "message": endings.return_planned(plan)}
        ended = self._told(plan, verdict.baseline(instance, answers), options)
        self.partial["warnings"] += ended.pop("warnings")
        return {**ended, "changed": True, "message": endings.returned(plan, ended, self.partial["url"])}

    def _baseline_queries(self, instance: InstanceFacts, options: dict[str, Any]) -> list[Query]:
        """A request may start an instance, so check mode asks for no page."""
        return [] if self.check_mode else verdict.baseline_queries(instance, judging.patience(options).manner)

    def _told(self, plan: Return, before: Baseline, options: dict[str, Any]) -> dict[str, Any]:
        """A failure leaves the truth in the result: the host is changed unless it says that it went back."""
        judge = Judge.of(self.host, options, self.progress, lambda instance: self.truth(options, instance))
        try:
            made = returning.transaction(plan, self.origin(options))
            return judge.carry_out(plan.host, plan.instance, made, Version.parse(plan.target), before)
        except (HostError, ConnectionLost) as error:
            self.partial["changed"] = not transactions.is_as_before(self.host, error)
            raise

    def _unchanged(self, instance: InstanceFacts, done: Done) -> dict[str, Any]:
        self.partial["to_version"] = done.target
        message = (
            f"Instance '{instance['name']}' was brought back to {done.target} by the transaction {done.id}, at "
            f"{backup_sets.moment(done.started_at or '')}, and is {instance['state']}: {self.partial['url']}"
        )
        warnings = preflight.warnings_at_rest(instance)
        return {"verdict": "unchanged", "message": message, "warnings": warnings}


def _data(plan: Return) -> dict[str, Any] | None:
    """Where the data came from, for results; None when they stay."""
    if plan.recorded is None or not (plan.recorded.folders or plan.recorded.moved):
        return None
    places = {what: plan.instance["paths"][what] for what in plan.recorded.folders}
    places |= {what: new for what, (new, _edit) in plan.recorded.moved.items()}
    return {"backup": plan.recorded.data.path, "since": plan.recorded.data.created, "paths": places}
