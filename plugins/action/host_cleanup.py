# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists and removes what nobody needs any more; documented in plugins/modules/host_cleanup.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import transactions
from ..plugin_utils.action_base import INSPECTION_OPTIONS, PlatformAction
from ..plugin_utils.host import HostError, worker_hash
from ..plugin_utils.model.facts import HostFacts
from ..plugin_utils.planning import cleanup, removal
from ..plugin_utils.planning.cleanup import INSTANCE, CleanupWish, Item
from ..plugin_utils.planning.findings import Refusal


class ActionModule(PlatformAction):
    """comindware.platform.host_cleanup"""

    argument_spec = {
        "remove": {"type": "list", "elements": "str", "default": []},
        "keep": {"type": "int", "default": 5},
        "older_than_days": {"type": "int", "default": 180},
        "language": {"type": "str", "default": "en", "choices": ["en", "ru"]},
        "backup_root": INSPECTION_OPTIONS["backup_root"],
        "versions_folders": INSPECTION_OPTIONS["versions_folders"],
        "run_id": {"type": "str"},
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        for name in ("keep", "older_than_days"):
            if options[name] < 0:
                raise Refusal(
                    f"The option '{name}' is refused, nothing was touched. It is {options[name]}, and 0 or more is wanted."
                )
        wish = CleanupWish(
            options["keep"], options["older_than_days"], worker_hash(), tuple(options["remove"]), options["language"]
        )
        host = self.inspect(options, sizes=False)
        if wish.remove:
            # An interrupted removal is finished first, as every change begins with what interrupted ones have left.
            host = self.recover(host, {**options, "name": INSTANCE, "brand": None})
        answers = self._ask(cleanup.questions(host))
        items = cleanup.items(host, wish, answers)
        self.partial.update(
            changed=False,
            items=[one.as_dict(wish.language) for one in items],
            size=sum(one.bytes for one in items if one.may_go),
            removed=[],
            freed=0,
            report=removal.report(host, items, wish.language),
            warnings=removal.warnings(host),
        )
        if not wish.remove:
            return {}
        removal.refuse_host(host)
        chosen = removal.choose(host, wish, items, answers)
        self.partial["diff"] = removal.difference(items, chosen)
        if not chosen:
            return {}
        plan = removal.plan(host, chosen, self.origin(options), answers)
        self.partial["operations"] = transactions.applied_operations(plan)
        if self.check_mode:
            self._say(chosen)
        else:
            self._remove(host, plan, chosen)
        return {}

    def _ask(self, queries: list[dict[str, Any]]) -> dict[str, Any]:
        """The answers to queries none of which may fail: a list with a gap could let something go that is needed."""
        answers = self.host.query(queries)
        for answer in answers.values():
            if "error" in answer:
                raise HostError(answer["error"]["code"], answer["error"]["message"], answer["error"].get("details"))
        return answers

    def _say(self, gone: list[Item]) -> None:
        self.partial.update(
            changed=bool(gone), removed=[one.path for one in gone], freed=sum(one.bytes for one in gone)
        )

    def _remove(self, host: HostFacts, plan: dict[str, Any], chosen: list[Item]) -> None:
        """Removes, and looks what is really gone."""
        status = transactions.run(self.host, plan, host["agent"].get("workers", []), self.progress)
        asked = {"id": "left", "kind": "tree_size", "paths": [one.path for one in chosen]}
        left = {one["path"] for one in self._ask([asked])["left"]["items"] if one["exists"]}
        self._say([one for one in chosen if one.path not in left])
        if errors := status["confirm_errors"]:
            told = " ".join(error["message"] for error in errors)
            raise HostError(
                "removal_failed",
                f"{len(self.partial['removed'])} of {len(chosen)} things were removed from {host['machine']}, and the others were not: "
                f"{told}",
                {"errors": errors},
            )
