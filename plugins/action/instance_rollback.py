# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings an instance back to a recorded state; documented in plugins/modules/instance_rollback.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils.action_base import limits
from ..plugin_utils.planning import backup_sets, goals
from ..plugin_utils.planning.findings import Refusal
from ..plugin_utils.planning.goals import ReturnWish
from ..plugin_utils.return_action import RETURN_OPTIONS, ReturnAction


class ActionModule(ReturnAction):
    """comindware.platform.instance_rollback"""

    argument_spec = {"run": {"type": "str"}, "backup": {"type": "str"}, **RETURN_OPTIONS}

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["run"] and options["backup"]:
            raise Refusal("The options 'run' and 'backup' both say where to go back to. Give one of them.")
        host, instance = self.look(options)
        if not options["run"] and not options["backup"]:
            known = backup_sets.listed(self.host.query([backup_sets.listing(host, instance)]))
            goals.refuse_nothing_named(host, instance, known)
        wish = ReturnWish(
            "rollback",
            limits(options),
            run=options["run"] or None,
            backup=options["backup"] or None,
            accept_data_loss=options["accept_data_loss"],
        )
        return self.bring_back(host, instance, wish, options)
