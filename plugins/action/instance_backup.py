# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backs up an instance; documented in plugins/modules/instance_backup.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import copies, transactions
from ..plugin_utils.action_base import BACKUP_OPTIONS, CHANGE_OPTIONS, INSPECTION_OPTIONS, PlatformAction, limits
from ..plugin_utils.model import paths
from ..plugin_utils.model.facts import HostFacts, InstanceFacts
from ..plugin_utils.planning import backup, preflight, sets
from ..plugin_utils.planning.findings import Refusal, refuse_blockers


class ActionModule(PlatformAction):
    """comindware.platform.instance_backup"""

    argument_spec = {
        "name": {"type": "str", "required": True},
        "backup_name": {"type": "str"},
        "data": {"type": "bool", "default": False},
        "streams": {"type": "bool", "default": False},
        "allow_stop": {"type": "bool", "default": False},
        **BACKUP_OPTIONS,
        **INSPECTION_OPTIONS,
        **CHANGE_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        wish = backup.BackupWish(
            data=options["data"],
            streams=options["streams"],
            name=options["backup_name"],
            allow_stop=options["allow_stop"],
            rehearse=options["backup_rehearse"],
            keep=options["backup_keep"],
            copy_to=options["backup_copy_to"],
        )
        sets.check_options(options["backup_root"], wish.copy_to)
        host = self.recover(self.inspect(options), options)
        instance = preflight.choose_instance(host, options["name"], options["brand"])
        name = wish.name or backup.new_name(instance)
        backup.check_name(name)
        place = paths.join(backup.folder(host, instance), name)
        copy = paths.join(sets.copy_folder(host, instance, wish), name) if wish.copy_to else None
        self.partial.update(
            changed=False,
            instance=instance["name"],
            backup=place,
            size=backup.size(instance, wish),
            rehearsed=wish.rehearse,
            copy=copy,
            pruned=[],
            warnings=[],
        )
        known = self._known(place, wish) if wish.name else None
        if known:
            self._tell_rehearsal(known["rehearsed"], place, wish)
        else:
            self._back_up(host, instance, wish, name, options)
        if copy and not self.check_mode and copies.make(self.host, place, copy, self.progress):
            self.partial["changed"] = True
        return {}

    def _back_up(
        self, host: HostFacts, instance: InstanceFacts, wish: backup.BackupWish, name: str, options: dict[str, Any]
    ) -> None:
        place = self.partial["backup"]
        findings = backup.check(host, instance, wish)
        if wish.copy_to and not self.check_mode:
            findings += copies.probe(self.host, sets.copy_folder(host, instance, wish))
        refuse_blockers(f"The backup of instance '{instance['name']}'", findings)
        self.partial["warnings"] += preflight.warnings_of(findings)
        after = sets.prune(host, instance, wish, place)
        plan = backup.make(host, instance, wish, name, self.origin(options), limits(options), after)
        self.partial.update(
            operations=transactions.applied_operations(plan), diff=backup.difference(place, instance, wish)
        )
        if not self.check_mode:
            status = transactions.run(self.host, plan, host["agent"].get("workers", []), self.progress)
            self.partial["warnings"] += transactions.confirm_warnings(status)
            self.partial["pruned"] = transactions.pruned(status)
        self.partial["changed"] = True

    def _tell_rehearsal(self, done: str, place: str, wish: backup.BackupWish) -> None:
        self.partial["rehearsed"] = done
        order = ("none", "sample", "whole")
        if order.index(done) < order.index(wish.rehearse):
            self.partial["warnings"].append(
                f"The backup set {place} is there already, and what was restored of it on trial is: {done}. Give another backup_name to "
                f"make one of which it is: {wish.rehearse}."
            )

    def _known(self, place: str, wish: backup.BackupWish) -> dict[str, Any] | None:
        """The complete set with everything wished for that lies there; any other one is refused, so that it is never taken for
        a good one.
        """
        answer = self.host.query([{"id": "set", "kind": "backup_set", "paths": [place]}])["set"]
        item: dict[str, Any] = next(iter(answer.get("items", [])), {"exists": False})
        if not item["exists"]:
            return None
        if not item["complete"]:
            marked = " and marked unusable" if item["unusable"] else ""
            raise Refusal(
                f"The folder {place} holds a backup set that is not complete{marked}. Give another backup_name, or remove the folder."
            )
        if "error" in item:
            raise Refusal(f"{item['error']['message']} Give another backup_name, or remove the folder {place}.")
        saved = {one["id"] for one in item["items"] if one["present"]}
        if missing := [what for what in wish.folders if what not in saved]:
            raise Refusal(
                f"The backup set {place} was made without {' and '.join(missing)}. Give another backup_name to make one with."
            )
        return item
