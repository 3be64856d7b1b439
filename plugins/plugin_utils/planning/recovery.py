# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Transactions that were not finished: whose they are, who may take them over, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model.brands import BRANDS

_DATA_LEFT = (
    " The data stay as the new version has left them, as no backup set of that run holds them: the old version may refuse them. Put a "
    "backup of the data from before that run in their place."
)

Status = Mapping[str, Any]

OVER = ("confirmed", "rolled_back")
OWED = "owed"
"""What is told in place of the state of a transaction that is confirmed, but for something that could not be done then."""


def of(statuses: Iterable[Status], name: str | None, brand: str | None) -> list[Status]:
    """The unfinished transactions of an instance, or of all: those that are not over, or owe something."""
    return [
        one
        for one in statuses
        if not is_over(one)
        and (name is None or split(one)[1].casefold() == name.casefold())
        and brand in (None, split(one)[0])
    ]


def is_over(status: Status) -> bool:
    """Whether the host has nothing more to do for it."""
    return status["state"] in OVER and not status.get("owed")


def split(status: Status) -> tuple[str, str]:
    """Brand and name of the instance of a transaction, which the host knows by both in one."""
    whole: str = status["instance"]
    found = next((brand.name for brand in BRANDS if whole.casefold().startswith(f"{brand.name} ".casefold())), "")
    return found, whole[len(found) :].strip()


def is_abandoned(status: Status, now: str) -> bool:
    """Whether it is not over and nobody has a claim to it. ``now``: the host's own time, UTC."""
    lease = status["lease"]
    return not is_over(status) and lease is not None and bool(lease <= now)


def may_decide(status: Status, by_name: bool) -> bool:
    """Whether an operator may decide it by hand: held past its point of no return, or, if named, while it waits for a confirm or owes
    something.
    """
    if status.get("owed"):
        return by_name
    if status["state"] == "held":
        return bool(status["past_return"])
    return by_name and status["state"] == "applied" and status["lease"] is not None


def expected(status: Status) -> str:
    """What a recovery makes of an abandoned transaction."""
    if status["confirming"] or status["state"] == "confirmed":
        return "confirmed"
    return "held" if status["past_return"] else "rolled_back"


def told(before: Status, after: str) -> dict[str, Any]:
    """One transaction for the result of a module."""
    about = before["about"] or {}
    brand, name = split(before)
    # Past that point the new version has been started on data of which the transaction has no copy.
    left = {"data_left": True} if after == "rolled_back" and before.get("past_return") else {}
    return {
        **left,
        "instance": name,
        "brand": brand,
        "transaction": before["id"],
        "title": before["title"],
        "owner": before["owner"],
        "run": before["run"],
        "created": before["created"],
        "from": about.get("from"),
        "to": about.get("to"),
        "state_before": OWED if before.get("owed") else before["state"],
        "state": after,
    }


def left(status: Status) -> dict[str, Any]:
    """One that stays as it is, with what there is to do about it."""
    told_of = {**told(status, status["state"]), "lease": status["lease"], "past_return": status["past_return"]}
    return {**told_of, "message": f"{begun(status)} {_advice(status)}"}


def begun(status: Status) -> str:
    """Which transaction it is, and how far it is."""
    run = f" (run {status['run']})" if status["run"] else ""
    return (
        f"The transaction {status['id']} of instance '{split(status)[1]}', begun by {status['owner']}{run} at {status['created']}, is not "
        f"finished: {OWED if status.get('owed') else status['state']}."
    )


def _advice(status: Status) -> str:
    if status.get("owed"):
        return (
            f"It is confirmed, and this could not be done yet: {owed(status)} Mend that, then run comindware.platform.instance_recover; at "
            "each start the host tries it by itself. To leave it as it is, run it with held: confirm and the name of the instance."
        )
    if status["state"] == "held" and status["past_return"]:
        return (
            "It is past its point of no return: the new version runs, unconfirmed, and does not start by itself after a restart of the "
            "host. Look at it. Then run comindware.platform.instance_recover with held: confirm; or put the data back yourself, and run "
            "it with held: rollback."
        )
    if status["state"] == "held":
        errors = " ".join(error.get("message", str(error)) for error in status["undo_errors"])
        return f"Its undo failed: {errors} Mend that, then run comindware.platform.instance_recover."
    if status["state"] == "applied" and status["lease"]:
        end = "stops waiting" if status["past_return"] else "goes back by itself"
        return (
            f"If nobody confirms it, the host {end} at {status['lease']} (UTC). Wait for that, then try again; or decide it with "
            "comindware.platform.instance_recover, held: confirm or rollback."
        )
    if status["worker"]:
        return (
            f"The process {status['worker']['pid']} of the host has been at work on it since {status['worker']['started']}. Wait for its "
            "end, then try again."
        )
    return f"Its worker is expected until {status['lease'] or 'a moment from now'}. Wait for its end, then try again."


def owed(status: Status) -> str:
    """What a confirm could not do, and why."""
    return " ".join(f"'{one['title']}': {one['message']}" for one in status["owed"])


def summary(recovered: list[dict[str, Any]], unfinished: list[dict[str, Any]], planned: bool) -> str:
    """The result in words."""
    verb = "would be" if planned else "was"
    lines = [
        f"Transaction {one['transaction']} of instance '{one['instance']}', begun by {one['owner']}: {one['state_before']}, "
        f"{verb} brought to {one['state']}.{_DATA_LEFT if one.get('data_left') else ''}"
        for one in recovered
    ]
    lines += [one["message"] for one in unfinished]
    return " ".join(lines) or "Nothing is unfinished."
