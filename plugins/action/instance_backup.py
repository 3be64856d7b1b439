# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backs up an instance; documented in plugins/modules/instance_backup.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import transactions
from ..plugin_utils.action_base import CHANGE_OPTIONS, INSPECTION_OPTIONS, PlatformAction, limits
from ..plugin_utils.model import paths
from ..plugin_utils.planning import backup, preflight
from ..plugin_utils.planning.findings import Refusal, refuse_blockers


class ActionModule(PlatformAction):
    """comindware.platform.instance_backup"""

    argument_spec = {
        "name": {"type": "str", "required": True},
        "backup_name": {"type": "str"},
        "data": {"type": "bool", "default": False},
        "streams": {"type": "bool", "default": False},
        "allow_stop": {"type": "bool", "default": False},
        **INSPECTION_OPTIONS,
        **CHANGE_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        wish = backup.BackupWish(
            data=options["data"],
            streams=options["streams"],
            name=options["backup_name"],
            allow_stop=options["allow_stop"],
        )
        host = self.recover(self.inspect(options), options)
        instance = preflight.choose_instance(host, options["name"], options["brand"])
        name = wish.name or backup.new_name(instance)
        backup.check_name(name)
        place = paths.join(backup.folder(host, instance), name)
        result = {"changed": True, "instance": instance["name"], "backup": place, "size": backup.size(instance, wish)}
        if wish.name and self._exists(place, wish):
            return {**result, "changed": False}
        findings = backup.check(host, instance, wish)
        refuse_blockers(f"The backup of instance '{instance['name']}'", findings)
        result["warnings"] = preflight.warnings_of(findings)
        result["diff"] = backup.difference(place, instance, wish)
        plan = backup.make(host, instance, wish, name, self.origin(options), limits(options))
        result["operations"] = transactions.applied_operations(plan)
        if not self.check_mode:
            transactions.run(self.host, plan, host["agent"].get("workers", []), self.progress)
        return result

    def _exists(self, place: str, wish: backup.BackupWish) -> bool:
        """Whether a complete set with everything wished for lies there; any other one is refused, so that it is never taken
        for a good one.
        """
        folders = [place, paths.join(place, "files")]
        items = self.host.query([{"id": "set", "kind": "list", "paths": folders}])["set"]["items"]
        names, saved = ({entry["name"] for entry in item.get("entries", [])} for item in items)
        if not names:
            return False
        if "complete" not in names:
            marked = " and marked unusable" if "unusable" in names else ""
            raise Refusal(
                f"The folder {place} holds a backup set that is not complete{marked}. Give another backup_name, or remove the folder."
            )
        if missing := [what for what in wish.folders if what not in saved]:
            raise Refusal(
                f"The backup set {place} was made without {' and '.join(missing)}. Give another backup_name to make one with."
            )
        return True
