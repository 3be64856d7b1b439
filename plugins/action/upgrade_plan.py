# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans the upgrade of an instance; documented in plugins/modules/upgrade_plan.yml."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from ..plugin_utils import policy, transactions
from ..plugin_utils.model.facts import HostFacts, InstanceFacts
from ..plugin_utils.planning import approval, kept, preflight, report, upgrade
from ..plugin_utils.planning.findings import Finding, Refusal, refuse_blockers
from ..plugin_utils.planning.upgrade import UpgradePlan
from ..plugin_utils.upgrade_action import PLAN_OPTIONS, UpgradeAction


class ActionModule(UpgradeAction):
    """comindware.platform.upgrade_plan"""

    argument_spec = {
        "dest": {"type": "path"},
        "keep_on_host": {"type": "bool", "default": False},
        "refuse_blockers": {"type": "bool", "default": False},
        **PLAN_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        rules = policy.load(options["policy_files"])
        wish = self.wish(options, rules)
        host = self.inspect(options)
        instance = self.choose(host, options)
        if upgrade.is_there(instance, wish.target):
            plan = upgrade.nothing_to_do(host, instance, wish)
        else:
            plan = self.plan(rules, host, instance, wish).plan
            self._compare(options, plan)
        shown = kept.as_dict(plan)
        content = approval.text(shown)
        result: dict[str, Any] = {
            "changed": False,
            "plan": shown,
            "text": report.text(shown, wish.language),
            "level": plan.level,
            "sha256": approval.digest(content),
        }
        if options["dest"] and plan.hops:  # an approved plan that was carried out stays as it is
            result.update(self._keep(Path(options["dest"]), shown))
        if options["keep_on_host"] and plan.hops and plan.level != "blocker":
            result["changed"] |= self._keep_on_host(host, instance, options, content)
        if options["refuse_blockers"]:
            refuse_blockers(f"The upgrade of instance '{instance['name']}'", plan.all_findings)
        result["warnings"] = preflight.warnings_of(plan.all_findings) if options["refuse_blockers"] else []
        return result

    def _compare(self, options: dict[str, Any], plan: UpgradePlan) -> None:
        """With the approved plan; another one is a blocker, which fails the task only where blockers do."""
        try:
            self.refuse_changes(options, plan)
        except Refusal as refusal:
            if options["refuse_blockers"]:
                raise
            plan.findings.append(Finding("blocker", "not_as_approved", str(refusal)))

    def _keep_on_host(self, host: HostFacts, instance: InstanceFacts, options: dict[str, Any], content: str) -> bool:
        """Leaves the plan on the host for the run that carries it out; whether it was not there."""
        sha256 = approval.digest(content)
        answer = self.host.query([approval.question(host, sha256)])
        if any(one.get("text") == content for one in answer["approved_plan"].get("items", [])):
            return False
        if not self.check_mode:
            plan = approval.keeping(host, instance, self.origin(options), content)
            transactions.run(self.host, plan, host["agent"].get("workers", []), self.progress)
        return True

    def _keep(self, file: Path, plan: dict[str, Any]) -> dict[str, Any]:
        """Writes the plan to a file of the controller, whole or not at all; a plan that says the same keeps its file."""
        content = json.dumps(plan, ensure_ascii=False, indent=2) + "\n"
        before = _text_of(file)
        if kept.says_the_same(before, plan):
            return {"dest": str(file)}
        if not self.check_mode:
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as draft:
                    draft.write(content)
                    draft.flush()
                    os.fsync(draft.fileno())
                Path(draft.name).replace(file)
            except OSError as error:
                raise Refusal(
                    f"The plan could not be kept as {file}: {error.strerror}. Choose another place for it."
                ) from error
        return {
            "dest": str(file),
            "changed": True,
            "diff": {"before": before, "after": content, "before_header": str(file)},
        }


def _text_of(file: Path) -> str:
    """What is there; what cannot be read as text is no plan, and a folder is found out when the file is written."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
