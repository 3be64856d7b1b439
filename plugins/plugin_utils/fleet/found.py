# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as the hosts remember it: their journals are the truth, the ledger of the controller is a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model.facts import HostFacts, InstanceFacts
from ..planning import recovery
from . import outcomes, summary
from .record import (
    FAILED,
    HANDED_OVER,
    HELD,
    LOST,
    MANUAL,
    NOT_BEGUN,
    RETURNED,
    ROLLED_BACK,
    RUNNING,
    UNCHANGED,
    UPGRADED,
    Downtime,
    HopRecord,
    InstanceRecord,
    RunRecord,
    empty_downtime,
    new_instance,
)

Status = Mapping[str, Any]

_SHOWN_RUNS = 10


def run_record(results: Mapping[str, Mapping[str, Any]], run: str, target: str, language: str, now: str) -> RunRecord:
    """The ledger of a run, made of the results of ``instance_info`` by inventory name. ``run``: "" for the one begun last. Of a run
    that no host knows it has the reason, and no instances.
    """
    seen = {host: result["facts"] for host, result in results.items() if "facts" in result}
    runs = _runs([one for facts in seen.values() for one in facts["agent"].get("transactions", [])])
    run = run or next(iter(runs), "")
    if run not in runs:
        silent = [host for host in results if host not in seen]
        return {**summary.status(run, [], language, now), "reason": _unknown(run, runs, silent)}
    known = [
        one
        for host, result in results.items()
        for one in (
            records(host, seen[host], run, target) if host in seen else [outcomes.unreached(host, target, result)]
        )
    ]
    return summary.status(run, known, language, now)


def _runs(transactions: Sequence[Status]) -> dict[str, str]:
    """The runs that have begun an upgrade, the newest first, with the time of their last hop."""
    upgrades = [one for one in transactions if one["run"] and (one["about"] or {}).get("purpose") == "upgrade"]
    latest = {str(one["run"]): str(one["created"]) for one in sorted(upgrades, key=lambda one: str(one["created"]))}
    return dict(sorted(latest.items(), key=lambda one: one[1], reverse=True))


def _unknown(run: str, runs: Mapping[str, str], silent: Sequence[str]) -> str:
    """Why there is nothing to show, and what can be asked for."""
    told = f"No host knows a run '{run}'" if run else "No host knows of a run"
    told += f" (not asked, because they gave no answer: {', '.join(silent)})." if silent else "."
    if not runs:
        return f"{told} A run is known to a host as soon as it begins to upgrade an instance there."
    newest = ", ".join(f"'{name}' of {time[:10]}" for name, time in list(runs.items())[:_SHOWN_RUNS])
    more = f", and {len(runs) - _SHOWN_RUNS} older ones" if len(runs) > _SHOWN_RUNS else ""
    return f"{told} Known runs, the newest first: {newest}{more}. Set upgrade_run_id to one of them; without it the newest is shown."


def of(host: str, facts: HostFacts, run: str, plan: Mapping[str, Any]) -> InstanceRecord | None:
    """The record of a planned instance that this very run has brought to its target before; None for every other."""
    there = [
        one
        for one in (records(host, facts, run, plan["to"]) if run else [])
        if (one["brand"], one["name"]) == (plan["brand"], plan["instance"])
        and one["state"] in (UPGRADED, HANDED_OVER)
        and one["version"] == plan["to"]
    ]
    return there[0] if there else None


def at_work(facts: HostFacts, run: str) -> list[Status]:
    """The transactions of a run that are not over, and that nobody may recover yet: a worker is at it, or they wait for their confirm."""
    unfinished = recovery.of(facts["agent"].get("transactions", []), None, None)
    mine = [one for one in unfinished if run and one["run"] == run and one["state"] != "held"]
    return [one for one in mine if not recovery.is_abandoned(one, facts["time"])]


def records(host: str, facts: HostFacts, run: str, target: str) -> list[InstanceRecord]:
    """Every instance of a host in a run. ``target``: the version that is wanted where the host knows of no hop of the run."""
    known = [one for one in facts["agent"].get("transactions", []) if one["about"]]
    return [_record(host, instance, facts["time"], known, run, target) for instance in facts["instances"]]


def _record(
    host: str, instance: InstanceFacts, now: str, known: Sequence[Status], run: str, target: str
) -> InstanceRecord:
    mine = [one for one in known if _is_of(one, instance)]
    hops = [one for one in mine if one["run"] == run and one["about"].get("purpose") == "upgrade"]
    wanted = hops[-1]["about"].get("target", target) if hops else target
    current = instance["version"]["current"]
    state = _state(hops, mine, run, wanted, now) if hops else UNCHANGED if current == target else NOT_BEGUN
    done = [_hop(one) for one in hops]
    return {
        **new_instance(host, instance["brand"], instance["name"], wanted),
        "url": instance["site"]["url"] if instance["site"] else None,
        "start": hops[0]["about"]["from"] if hops else current,
        "version": current,
        "path": list(dict.fromkeys([hops[0]["about"]["from"], *(one["about"]["to"] for one in hops)])) if hops else [],
        "state": state,
        "verdict": str(hops[-1]["verdict"] or "") if hops else "",
        "began": done[0]["began"] if done else None,
        "ended": done[-1]["ended"] if done else None,
        "downtime": outcomes.together([one["downtime"] for one in done]),
        "hops": done,
        "backups": [backup for one in done if (backup := one["backup"])],
        "message": _message(hops[-1]) if hops else "",
    }


def _is_of(status: Status, instance: InstanceFacts) -> bool:
    brand, name = recovery.split(status)
    return (brand.casefold(), name.casefold()) == (instance["brand"].casefold(), instance["name"].casefold())


def _state(hops: Sequence[Status], mine: Sequence[Status], run: str, target: str, now: str) -> str:
    last = hops[-1]
    if any(one["about"].get("run") == run and one["state"] == "confirmed" for one in mine if one not in hops):
        return RETURNED
    if last["state"] == "confirmed":
        if last["verdict"] == "handed_over":
            return HANDED_OVER
        return UPGRADED if last["about"]["to"] == target else MANUAL
    if last["state"] == "rolled_back":
        return ROLLED_BACK
    if last["state"] == "held":
        return HELD if last["past_return"] else FAILED
    return LOST if recovery.is_abandoned(last, now) else RUNNING


def _hop(status: Status) -> HopRecord:
    about = status["about"]
    return {
        "start": about["from"],
        "target": about["to"],
        "verdict": str(status["verdict"] or status["state"]),
        "transaction": status["id"],
        "backup": about.get("backup"),
        "began": status["stopped_at"],
        "ended": status["started_at"],
        "downtime": _downtime(status),
    }


def _downtime(status: Status) -> Downtime:
    return status.get("downtime") or empty_downtime()


def _message(status: Status) -> str:
    error = status["error"]
    return str(error["message"]) if error else ""
