# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Changes the version of an instance; documented in plugins/modules/instance_upgrade.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import judging, policy, transactions
from ..plugin_utils.action_base import CHANGE_OPTIONS, INSPECTION_OPTIONS, PlatformAction, limits, version_option
from ..plugin_utils.host import ConnectionLost, HostError
from ..plugin_utils.judging import Patience
from ..plugin_utils.model import paths
from ..plugin_utils.model.facts import HostFacts, InstanceFacts
from ..plugin_utils.planning import backup, preflight, upgrade
from ..plugin_utils.planning.findings import Finding, Refusal, refuse_blockers
from ..plugin_utils.planning.plans import Plan
from ..plugin_utils.planning.verdict import Verdict


class ActionModule(PlatformAction):
    """comindware.platform.instance_upgrade"""

    argument_spec = {
        "name": {"type": "str", "required": True},
        "version": {"type": "str", "required": True},
        "backup_data": {"type": "bool", "default": True},
        "backup_streams": {"type": "bool", "default": False},
        "policy_files": {"type": "list", "elements": "path", "default": []},
        "health_timeout": {"type": "int", "default": 1800},
        "health_stable": {"type": "int", "default": 20},
        "health_interval": {"type": "int", "default": 5},
        "unknown_verdict": {"type": "str", "default": "rollback", "choices": ["rollback", "hold"]},
        **INSPECTION_OPTIONS,
        **CHANGE_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        wish = _wish(options)
        rules = policy.load(options["policy_files"])
        host = self.inspect(options)
        instance = preflight.choose_instance(host, options["name"], options["brand"])
        result: dict[str, Any] = {
            "changed": False,
            "instance": instance["name"],
            "url": instance["site"]["url"] if instance["site"] else None,
            "from_version": instance["version"]["current"],
            "to_version": str(wish.target),
        }
        if upgrade.is_there(instance, wish.target):
            unfinished = preflight.check_unfinished(host, instance)
            refuse_blockers(f"The upgrade of instance '{instance['name']}'", unfinished)
            message = (
                f"Instance '{instance['name']}' is at {wish.target} already and {instance['state']}: {result['url']}"
            )
            warnings = [finding.message for finding in preflight.check_instance(instance)]
            return {**result, "verdict": "unchanged", "message": message, "warnings": warnings}
        findings = _findings(rules, host, instance, wish)
        refuse_blockers(f"The upgrade of instance '{instance['name']}'", findings)
        set_name = backup.new_name(instance)
        plan = upgrade.make(host, instance, wish, set_name, self.origin(options))
        result.update(
            changed=True,
            warnings=preflight.warnings_of(findings),
            backup=paths.join(backup.folder(host, instance), set_name),
            operations=transactions.applied_operations(plan),
            diff=upgrade.difference(instance, host, wish.target),
        )
        if self.check_mode:
            message = f"{plan['title']}: {len(plan['operations'])} operations are planned."
            return {**result, "verdict": "planned", "message": message}
        return {**result, **self._carry_out(plan, host, instance, wish, options)}

    def _carry_out(
        self, plan: Plan, host: HostFacts, instance: InstanceFacts, wish: upgrade.UpgradeWish, options: dict[str, Any]
    ) -> dict[str, Any]:
        status = transactions.run(self.host, plan, host["agent"].get("workers", []), self.progress)
        patience = Patience(options["health_timeout"], options["health_stable"], options["health_interval"])
        verdict = judging.watch(self.host, status, instance, wish.target, patience, self.progress)
        ended = {"transaction": status["id"], "verdict": verdict.state, "health": verdict.as_dict()["checks"]}
        if verdict.state in ("healthy", "handed_over"):
            confirmed = self.host.settle(self.host.confirm(status["id"]))
            if confirmed["state"] != "confirmed":
                raise HostError(
                    "confirm_failed", f"{plan['title']}: confirming failed. {transactions.outcome(confirmed)}", ended
                )
            return {**ended, **_times(confirmed), "message": _good_news(instance, wish, verdict)}
        if verdict.state == "unknown" and options["unknown_verdict"] == "hold":
            raise HostError("verdict_unknown", _held(plan, verdict, status), ended)
        self.progress(f"{instance['name']}: rolling back. {verdict.message()}")
        undone = self.host.settle(self.host.rollback(status["id"], verdict.message()))
        raise HostError(
            f"verdict_{verdict.state}",
            f"{plan['title']}: {verdict.state}. {verdict.message()} {transactions.outcome(undone)} {self._truth(instance, options)}",
            {**ended, "transaction_state": undone["state"]},
        )

    def _truth(self, instance: InstanceFacts, options: dict[str, Any]) -> str:
        """What the host itself says after a rollback; the outcome must be told even when it says nothing more."""
        try:
            facts = self.inspect({**options, "facts": None}, sizes=False)
            found = preflight.choose_instance(facts, instance["name"], instance["brand"])
        except (Refusal, HostError, ConnectionLost) as error:
            return f"The host could not be looked at afterwards: {error}"
        return f"Instance '{found['name']}' is {found['state']} at version {found['version']['current']}."


def _wish(options: dict[str, Any]) -> upgrade.UpgradeWish:
    return upgrade.UpgradeWish(
        target=version_option(options, "version"),
        backup=backup.BackupWish(data=options["backup_data"], streams=options["backup_streams"]),
        limits=limits(options),
        # The host must not roll back while the controller still watches.
        confirm_within=options["health_timeout"] + 600,
    )


def _findings(
    rules: policy.Policy, host: HostFacts, instance: InstanceFacts, wish: upgrade.UpgradeWish
) -> list[Finding]:
    """Problems of the host and of the instance come before the path: they are nearer to the cause."""
    findings = upgrade.check(host, instance, wish)
    refuse_blockers(f"The upgrade of instance '{instance['name']}'", findings)
    step = upgrade.find_step(rules, host, instance, wish.target)
    return findings + upgrade.check_step(step, instance, wish)


def _good_news(instance: InstanceFacts, wish: upgrade.UpgradeWish, verdict: Verdict) -> str:
    url = instance["site"]["url"] if instance["site"] else ""
    if verdict.state == "handed_over":
        return (
            f"Instance '{instance['name']}' runs {wish.target} and waits in service mode: open {url} and log in as an "
            "administrator to finish the upgrade."
        )
    if verdict.pages_unseen:
        return (
            f"Instance '{instance['name']}' runs {wish.target}: {url} Its pages ask for a login first, so it cannot be seen from "
            "outside whether it waits in service mode: open it once as an administrator."
        )
    return f"Instance '{instance['name']}' runs {wish.target}: {url}"


def _held(plan: Plan, verdict: Verdict, status: dict[str, Any]) -> str:
    return (
        f"{plan['title']}: the verdict is unknown. {verdict.message()} The new version is left as it is, so that it can be looked at; "
        f"the host goes back by itself at {status['deadline']} (UTC), transaction {status['id']}."
    )


def _times(status: dict[str, Any]) -> dict[str, Any]:
    return {"stopped_at": status["stopped_at"], "started_at": status["started_at"]}
