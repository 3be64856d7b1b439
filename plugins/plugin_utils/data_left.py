# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the product itself has changed, which no undo of a transaction brings back: data that a new version has upgraded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .host import ConnectionLost, Host, HostError
from .model import paths
from .model.facts import InstanceFacts
from .planning import health_logs
from .planning.plans import Plan
from .transactions import AS_BEFORE, NOT_AS_BEFORE


def admitted(error: HostError, host: Host, instance: InstanceFacts, plan: Plan) -> HostError:
    """The failure of a transaction that was undone, with a sentence about the data where the host is not as it was before. Others come
    back as they are.
    """
    status = error.details.get("transaction")
    told = status if isinstance(status, dict) else error.details
    left = _left(host, instance, plan, told)
    if not left:
        return error
    message = str(error).replace(AS_BEFORE, f"{NOT_AS_BEFORE} {left}")
    health = {**error.details.get("health", {}), "data": {"state": "bad", "message": left}}
    return HostError(error.code, message, {**error.details, "health": health, "data_left": left})


def _left(host: Host, instance: InstanceFacts, plan: Plan, status: Mapping[str, Any]) -> str:
    """A sentence; empty where the data are what they were."""
    ended = status.get("transaction_state", status.get("state"))
    since, database = status.get("stopped_at"), instance["paths"]["database"]
    if ended != "rolled_back" or not since or _protects(plan, database) or not _starts(plan):
        return ""
    asked = [{"id": "identity", "kind": "identity"}, *health_logs.queries(instance, since)]
    try:
        answers = host.query(asked)
    except (HostError, ConnectionLost) as error:
        return f"Whether the new version has upgraded the data in {database} could not be found out: {error} {_ADVICE}"
    logs = health_logs.written(since, answers)
    if logs is None:
        return f"Whether the new version has upgraded the data in {database} could not be found out. {_ADVICE}"
    if not logs:
        return ""
    return f"The new version has upgraded the data in {database} ({', '.join(logs)}), and no backup set of this run holds them. {_ADVICE}"


_ADVICE = (
    "The old version may refuse them: put a backup of the data from before this run in their place, or upgrade again."
)


def _protects(plan: Plan, folder: str) -> bool:
    """Whether the undo brings the folder back, from the set that was made before anything was started."""
    return any(step["op"] == "protect_tree" and paths.same(step["path"], folder) for step in plan["operations"])


def _starts(plan: Plan) -> bool:
    return any(step["op"].startswith("start_") for step in plan["operations"])
