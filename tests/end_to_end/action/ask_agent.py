# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the agent each of its questions about a transaction once, the way the collection's actions do, and gives the answers."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible_collections.comindware.platform.plugins.plugin_utils.action_base import ArgumentSpec, PlatformAction


class ActionModule(PlatformAction):
    argument_spec: ClassVar[ArgumentSpec] = {}

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        host = self.host
        self.partial["told"] = "before the end"
        answers = [
            host.execute({"id": "t"}, [], wait_seconds=0),
            host.status("t")[0],
            host.confirm("t"),
            host.rollback("t", "asked for"),
            host.copy_set("set", "to"),
        ]
        return {"changed": True, "asked": [one["asked"] for one in answers]}
