# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Starts and stops an instance; documented in plugins/modules/instance_state.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import transactions
from ..plugin_utils.action_base import CHANGE_OPTIONS, INSPECTION_OPTIONS, PlatformAction, limits
from ..plugin_utils.planning import preflight, state
from ..plugin_utils.planning.findings import refuse_blockers


class ActionModule(PlatformAction):
    """comindware.platform.instance_state"""

    argument_spec = {
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "required": True, "choices": ["started", "stopped", "restarted"]},
        **INSPECTION_OPTIONS,
        **CHANGE_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        wanted = options["state"]
        # a state known from earlier is no state
        host = self.recover(self.inspect({**options, "facts": None}, sizes=False), options)
        instance = preflight.choose_instance(host, options["name"], options["brand"])
        findings = state.check(host, instance, wanted)
        refuse_blockers(f"Changing the state of instance '{instance['name']}'", findings)
        result: dict[str, Any] = {
            "changed": not state.is_so(instance, wanted),
            "instance": instance["name"],
            "state": instance["state"],
            "url": instance["site"]["url"] if instance["site"] else None,
            "warnings": preflight.warnings_of(findings),
            "diff": {"before": f"{instance['state']}\n", "after": f"{wanted}\n"},
        }
        if not result["changed"]:
            return result
        plan = state.make(instance, wanted, self.origin(options), limits(options))
        result["operations"] = transactions.applied_operations(plan)
        if not self.check_mode:
            transactions.run(self.host, plan, host["agent"].get("workers", []), self.progress)
            result["state"] = "stopped" if wanted == "stopped" else "started"
        return result
