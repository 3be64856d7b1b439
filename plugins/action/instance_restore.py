# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings back what a backup set holds; documented in plugins/modules/instance_restore.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import transactions
from ..plugin_utils.action_base import limits
from ..plugin_utils.model.facts import HostFacts, InstanceFacts
from ..plugin_utils.planning import extracting, preflight
from ..plugin_utils.planning.findings import Refusal, refuse_blockers
from ..plugin_utils.planning.goals import ReturnWish
from ..plugin_utils.return_action import RETURN_OPTIONS, ReturnAction

_MOVED = {"database": "database_path", "streams": "streams_path"}


class ActionModule(ReturnAction):
    """comindware.platform.instance_restore"""

    argument_spec = {
        "backup": {"type": "str", "required": True},
        "to": {"type": "str"},
        "database_path": {"type": "str"},
        "streams_path": {"type": "str"},
        "force": {"type": "bool", "default": False},
        **RETURN_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        moved = {what: options[option] for what, option in _MOVED.items() if options[option]}
        preflight.check_paths((option, options[option]) for option in ("to", *_MOVED.values()) if options[option])
        if options["to"] and moved:
            raise Refusal(
                "The option 'to' lays the set out beside the instance and changes nothing of it, so database_path and streams_path have no "
                "meaning there. Leave out one or the other."
            )
        host, instance = self.look(options)
        if options["to"]:
            return self._extract(host, instance, options)
        wish = ReturnWish(
            "restore",
            limits(options),
            backup=options["backup"],
            accept_data_loss=options["accept_data_loss"],
            moved=moved,
            again=options["force"],
        )
        return self.bring_back(host, instance, wish, options)

    def _extract(self, host: HostFacts, instance: InstanceFacts, options: dict[str, Any]) -> dict[str, Any]:
        """Lays everything of the set out in an empty folder."""
        wanted, to = extracting.wanted(host, instance, options["backup"]), options["to"]
        answers = self.host.query(extracting.questions(wanted, to))
        findings = extracting.check(host, instance, wanted, to, answers)
        refuse_blockers(f"Laying out the backup set {wanted}", findings)
        plan = extracting.make(instance, wanted, to, self.origin(options), limits(options))
        self.partial.update(
            restored=wanted,
            to=to,
            operations=transactions.applied_operations(plan),
            warnings=preflight.warnings_of(findings),
            diff={"before": "", "after": f"{to}: everything of {wanted}\n"},
        )
        if self.check_mode:
            return {"changed": True, "message": f"{plan['title']}: {len(plan['operations'])} operations are planned."}
        status = transactions.run(self.host, plan, host["agent"].get("workers", []), self.progress)
        message = f"The backup set {wanted} lies in {to}. Instance '{instance['name']}' was not touched."
        return {"changed": True, "transaction": status["id"], "message": message}
