# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds the instances of a host; documented in plugins/modules/instance_info.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils.action_base import INSPECTION_OPTIONS, PlatformAction
from ..plugin_utils.planning.preflight import choose_instance


class ActionModule(PlatformAction):
    """comindware.platform.instance_info"""

    argument_spec = {
        "name": {"type": "list", "elements": "str", "default": []},
        "gather_sizes": {"type": "bool", "default": True},
        **INSPECTION_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        facts = self.inspect(options, sizes=options["gather_sizes"])
        if options["name"]:
            names = {name.casefold(): name for name in options["name"]}
            facts["instances"] = [choose_instance(facts, name, options["brand"]) for name in names.values()]
        return {"changed": False, "facts": facts}
