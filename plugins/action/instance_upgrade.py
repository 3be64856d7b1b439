# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes the version of an instance; documented in plugins/modules/instance_upgrade.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import judging, policy, product_sessions, transactions
from ..plugin_utils.host import ConnectionLost, HostError, Login
from ..plugin_utils.judged import JUDGING_OPTIONS, Judge
from ..plugin_utils.model.facts import HostFacts, InstanceFacts
from ..plugin_utils.model.versions import Version
from ..plugin_utils.planning import differences, endings, going_back, kept, preflight, upgrade
from ..plugin_utils.planning.findings import Refusal, refuse_blockers
from ..plugin_utils.planning.hop_plans import HopPlan, transaction
from ..plugin_utils.planning.product_backup import SESSION
from ..plugin_utils.planning.upgrade import UpgradePlan
from ..plugin_utils.planning.wishes import UpgradeWish
from ..plugin_utils.upgrade_action import PLAN_OPTIONS, Planned, UpgradeAction


class ActionModule(UpgradeAction):
    """comindware.platform.instance_upgrade"""

    argument_spec = {
        "plan": {"type": "dict"},
        "product_backup_user": {"type": "str", "default": ""},
        "product_backup_password": {"type": "str", "default": "", "no_log": True},
        **JUDGING_OPTIONS,
        **PLAN_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        rules = policy.load(options["policy_files"])
        wish = self.wish(options, rules)
        _check_login(wish, options)
        host = self.recover(self.inspect(options), options)
        instance = self.choose(host, options)
        self.partial.update(
            changed=False,
            instance=instance["name"],
            url=instance["site"]["url"] if instance["site"] else None,
            from_version=instance["version"]["current"],
            to_version=str(wish.target),
            run=self.origin(options).run,
            hops=[],
            product_backups=[],
            operations=[],
        )
        if upgrade.is_there(instance, wish.target):
            return self._unchanged(host, instance, wish.target)
        planned = self.plan(rules, host, instance, wish, None if self.check_mode else judging.patience(options).manner)
        plan = planned.plan
        self.refuse_changes(options, plan)
        if options["plan"]:
            kept.refuse_changes(options["plan"], plan)
        refuse_blockers(f"The upgrade of instance '{instance['name']}'", plan.all_findings)
        self.partial["warnings"] = preflight.warnings_of(plan.all_findings)
        self.partial["path"] = [str(version) for version in plan.path.versions] if plan.path else []
        self.partial["diff"] = differences.of_hops(plan.run, wish)
        if not plan.run:
            return {"verdict": "manual", "message": endings.manual(plan)}
        if self.check_mode:
            return self._planned(plan)
        return self._carry_out(planned, rules, wish, options)

    def _unchanged(self, host: HostFacts, instance: InstanceFacts, target: Version) -> dict[str, Any]:
        refuse_blockers(f"The upgrade of instance '{instance['name']}'", preflight.check_unfinished(host, instance))
        message = f"Instance '{instance['name']}' is at {target} already and {instance['state']}: {self.partial['url']}"
        warnings = preflight.warnings_at_rest(instance)
        return {"verdict": "unchanged", "message": message, "warnings": warnings}

    def _planned(self, plan: UpgradePlan) -> dict[str, Any]:
        for hop in plan.run:
            self._remember(hop, {"verdict": "planned"})
        return {
            "changed": True,
            "verdict": "planned",
            "backup": plan.run[-1].backup_set,
            "message": endings.planned(plan),
        }

    def _remember(self, hop: HopPlan, ended: dict[str, Any]) -> None:
        """Adds a hop to the result: what is done stays told, whatever happens to the hops after it."""
        versions = {"id": hop.step.hop.id, "from": str(hop.step.start), "to": str(hop.step.target)}
        self.partial["hops"].append({**versions, "backup": hop.backup_set, **ended})
        self.partial["operations"] += [one["title"] for one in hop.operations + hop.on_confirm]

    def _carry_out(
        self, planned: Planned, rules: policy.Policy, wish: UpgradeWish, options: dict[str, Any]
    ) -> dict[str, Any]:
        """Hop after hop, each planned anew from what the host says then, as long as that is what was planned at first."""
        approved = kept.as_dict(planned.plan)
        while True:
            hop = planned.plan.run[0]
            self._back_up_product(hop, planned.plan.instance, wish, options)
            ended = self._told(hop, planned, wish, options)
            ended |= self.second_copy(planned.plan.host, planned.plan.instance, wish, hop.backup_set)
            self.partial["changed"] = True
            self._remember(hop, ended)
            reached = {**ended, "backup": hop.backup_set}
            if hop.step.target == wish.target or ended["verdict"] == "handed_over" or planned.plan.run[1:] == ():
                return {**reached, "message": endings.reached(planned.plan, hop, ended)}
            following = self._following(rules, wish, options, approved, hop)
            if isinstance(following, str):
                return {**reached, "message": f"{endings.reached(planned.plan, hop, ended)} {following}"}
            planned = following

    def _back_up_product(
        self, hop: HopPlan, instance: InstanceFacts, wish: UpgradeWish, options: dict[str, Any]
    ) -> None:
        """Before a hop, where the operator wants it. Raises :class:`Refusal` when no good backup comes of it."""
        if wish.product_backup.kind != SESSION or hop.step.hop.id == going_back.HOP:
            return
        login = Login(options["product_backup_user"], options["product_backup_password"])
        made = product_sessions.make(self.host, instance, wish.product_backup, login, self.progress)
        versions = {"from": str(hop.step.start), "to": str(hop.step.target)}
        self.partial["product_backups"].append(
            {**versions, "path": made.archive, "size": made.size, "session": made.session}
        )

    def _told(self, hop: HopPlan, planned: Planned, wish: UpgradeWish, options: dict[str, Any]) -> dict[str, Any]:
        """A hop whose failure leaves the truth in the result: the host is changed unless it says that it went back."""
        done = bool(self.partial["hops"])
        try:
            return self._hop(hop, planned, wish, options)
        except (HostError, ConnectionLost) as error:
            if not transactions.is_as_before(self.host, error):
                self.partial["changed"] = True
                self._remember(hop, {"verdict": getattr(error, "code", "connection_lost")})
            if done and isinstance(error, HostError):
                raise HostError(error.code, f"{error} {endings.hops_before(hop)}", error.details) from error
            raise

    def _following(
        self, rules: policy.Policy, wish: UpgradeWish, options: dict[str, Any], approved: dict[str, Any], done: HopPlan
    ) -> Planned | str:
        """The plan of what is left; a sentence when a person has to act first. Raises :class:`Refusal` when it is another plan."""
        host = self.inspect({**options, "facts": None})
        instance = self.choose(host, options)
        planned = self.plan(rules, host, instance, wish, judging.patience(options).manner)
        try:
            kept.refuse_changes(approved, planned.plan)
            others = [one for one in planned.plan.all_findings if one not in planned.plan.conditions]
            refuse_blockers("The next hop", others)
        except Refusal as refusal:
            raise Refusal(endings.stopped(instance, done, str(refusal)), **refusal.result) from refusal
        unmet = [finding.message for finding in planned.plan.conditions if finding.level == "blocker"]
        if unmet:
            return endings.waits(unmet, wish.language)
        if not planned.plan.run:
            return endings.manual(planned.plan)
        return planned

    def _hop(self, hop: HopPlan, planned: Planned, wish: UpgradeWish, options: dict[str, Any]) -> dict[str, Any]:
        """One transaction, judged and confirmed. Raises :class:`HostError` when it ended at the old version."""
        plan = transaction(hop, self.origin(options), wish, planned.secrets)
        judge = Judge.of(self.host, options, self.progress, lambda instance: self.truth(options, instance))
        ended = judge.carry_out(planned.plan.host, planned.plan.instance, plan, hop.step.target, planned.before)
        self.partial["warnings"] += ended.pop("warnings")
        return ended


def _check_login(wish: UpgradeWish, options: dict[str, Any]) -> None:
    """A session needs somebody who starts it. Raises :class:`Refusal`, before the host is asked."""
    missing = [name for name in ("product_backup_user", "product_backup_password") if not options[name]]
    if wish.product_backup.kind == SESSION and missing:
        raise Refusal(
            f"The option 'product_backup' is refused, nothing was touched. session also wants {' and '.join(missing)}: an account of the "
            "product that may make API calls, its password from a vault."
        )
