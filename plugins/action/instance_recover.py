# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finishes what interrupted runs have left; documented in plugins/modules/instance_recover.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import transactions
from ..plugin_utils.action_base import INSPECTION_OPTIONS, PlatformAction
from ..plugin_utils.host import HostError
from ..plugin_utils.model.brands import AGENT_ROOT
from ..plugin_utils.planning import recovery
from ..plugin_utils.planning.recovery import Status

_DECIDED = {"confirm": "confirmed", "rollback": "rolled_back"}


class ActionModule(PlatformAction):
    """comindware.platform.instance_recover"""

    argument_spec = {
        "name": {"type": "str"},
        "brand": INSPECTION_OPTIONS["brand"],
        "held": {"type": "str", "default": "report", "choices": ["report", *_DECIDED]},
        "run_id": {"type": "str"},
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        queries = [
            {"id": "identity", "kind": "identity"},
            {"id": "agent", "kind": "agent", "root": AGENT_ROOT},
        ]
        answers = self.host.query(queries)
        for answer in answers.values():
            if "error" in answer:
                raise HostError(answer["error"]["code"], answer["error"]["message"], answer["error"].get("details"))
        known = recovery.of(answers["agent"]["transactions"], options["name"], options["brand"])
        self._before = {one["id"]: one for one in known}
        self.partial.update(changed=False, recovered=[], unfinished=[recovery.left(one) for one in known])
        if self.check_mode:
            return self._planned(known, answers["identity"]["time"], options)
        if answers["agent"]["protected"] is not None:
            self._recover(options)
        return self._told(planned=False)

    def _planned(self, known: list[Status], now: str, options: dict[str, Any]) -> dict[str, Any]:
        """Check mode: what would become of each."""
        self.partial["unfinished"] = []
        for one in known:
            if recovery.is_abandoned(one, now):
                self._remember(one, recovery.expected(one))
            elif self._decides(one, options):
                self._remember(one, _DECIDED[options["held"]])
            else:
                self.partial["unfinished"].append(recovery.left(one))
        return self._told(planned=True)

    def _recover(self, options: dict[str, Any]) -> None:
        """What is named; what is not is whatever the host knows of."""
        origin = self.origin(options)
        named = options["name"] or options["brand"]
        instances = sorted({one["instance"] for one in self._before.values()}) if named else [None]
        left: list[dict[str, Any]] = []
        for instance in instances:
            ended, unfinished = self.host.recover(origin.owner, origin.run, instance)
            left += unfinished
            for one in ended:
                self._remember(one, one["state"])
        self.partial["unfinished"] = [recovery.left(one) for one in left]
        for one in left:
            if self._decides(one, options):
                self._decide(one, options["held"])
            elif one["state"] != self._before.get(one["id"], one)["state"]:
                self._remember(one, one["state"])

    def _decides(self, one: Status, options: dict[str, Any]) -> bool:
        return options["held"] != "report" and recovery.may_decide(one, by_name=options["name"] is not None)

    def _decide(self, one: Status, held: str) -> None:
        self.progress(f"{one['title']}: {held}, as asked for.")
        if held == "confirm":
            begun = self.host.confirm(one["id"], waive=True)
        else:
            begun = self.host.rollback(one["id"], "An operator asked for it with held: rollback.", force=True)
        ended = self.host.settle(begun)
        if ended["state"] != _DECIDED[held]:
            message = f"{one['title']}: {held} failed. {transactions.outcome(ended)}"
            raise HostError(f"{held}_failed", message, {"transaction": ended})
        self._remember(one, ended["state"])
        self.partial["unfinished"] = [left for left in self.partial["unfinished"] if left["transaction"] != one["id"]]

    def _remember(self, one: Status, state: str) -> None:
        """One that is in another state now; that stays told even if a later one fails."""
        self.partial["recovered"].append(recovery.told(self._before.get(one["id"], one), state))

    def _told(self, planned: bool) -> dict[str, Any]:
        recovered, unfinished = self.partial["recovered"], self.partial["unfinished"]
        return {
            "changed": bool(recovered),
            "message": recovery.summary(recovered, unfinished, planned),
            "warnings": [one["message"] for one in unfinished],
            "diff": {side: _lines(recovered, key) for side, key in (("before", "state_before"), ("after", "state"))},
        }


def _lines(recovered: list[dict[str, Any]], key: str) -> str:
    return "".join(f"{one['transaction']} of {one['instance']}: {one[key]}\n" for one in recovered)
