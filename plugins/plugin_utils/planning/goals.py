# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which recorded state is meant: that before a named run, or that of a named set; never "the one before".

Everything comes from the journal of the host, so that any controller can bring an instance back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from . import backup, backup_sets, history
from .backup_sets import BackupSet
from .findings import Refusal
from .history import RETURNS, UPGRADE, Done
from .plans import Limits


@dataclass(frozen=True)
class ReturnWish:
    """What the operator asks. ``purpose``: rollback or restore. ``run``: id of the run that is undone; else ``backup``: a set by its
    name or path. ``moved``: new paths for folders of data, called as in facts. ``again``: put a set back that was put back last.
    """

    purpose: str
    limits: Limits
    run: str | None = None
    backup: str | None = None
    accept_data_loss: bool = False
    moved: Mapping[str, str] | None = None
    again: bool = False


@dataclass(frozen=True)
class Goal:
    """``configuration``: path of the set to go back to. ``undone``: the hops that this undoes, None where the journal does not tell.
    ``reached``: the transaction that has brought the instance there already.
    """

    configuration: str
    undone: tuple[Done, ...] | None
    run: str | None = None
    reached: Done | None = None

    @property
    def data(self) -> str | None:
        """The set with the data as they were before the first of these hops that upgraded them; None where none did."""
        return next((one.backup for one in self.undone or () if one.data_upgrade), None)

    @property
    def target(self) -> str | None:
        """The version before the first of these hops."""
        return self.undone[0].start if self.undone else None


def find(host: HostFacts, instance: InstanceFacts, wish: ReturnWish) -> Goal:
    """The state that is meant. Raises :class:`Refusal` for a run that nobody can come back from."""
    done = history.changes(host, instance)
    if wish.run is not None:
        return _before_run(host, instance, done, wish.run)
    backup.check_name(paths.name(wish.backup or ""), "backup")
    place = backup_sets.place(host, instance, wish.backup or "")
    last = done[-1] if done else None
    at_end = last is not None and last.target == instance["version"]["current"]
    if last and at_end and paths.same(last.backup, place) and _is_reached(instance, wish, last):
        return Goal(place, None, reached=last)
    left = history.standing(done)
    made = next((n for n, one in enumerate(left) if one.purpose == UPGRADE and paths.same(one.backup, place)), None)
    hops = left[made:] if made is not None and at_end else []
    return Goal(place, tuple(hops) if hops and all(one.purpose == UPGRADE for one in hops) else None)


def _is_reached(instance: InstanceFacts, wish: ReturnWish, last: Done) -> bool:
    """A rollback may have left the data as they were, so that only a restore is as good as a restore."""
    moved = all(paths.same(instance["paths"][what], path) for what, path in (wish.moved or {}).items())
    return not wish.again and moved and last.purpose in (RETURNS if wish.purpose == "rollback" else ("restore",))


def _before_run(host: HostFacts, instance: InstanceFacts, done: list[Done], run: str) -> Goal:
    name, current = instance["name"], instance["version"]["current"]
    hops = [one for one in history.standing(done) if one.run == run and one.purpose == UPGRADE]
    last = done[-1] if done else None
    if not hops:
        if last and last.purpose in RETURNS and last.undone_run == run and last.target == current:
            return Goal(last.backup, None, run, reached=last)
        raise Refusal(f"{_unknown(host, instance, done, run)} {told_runs(host, instance)}", runs=runs(host, instance))
    left = history.standing(done)
    if left[-1] is not hops[-1]:
        later = left[-1]
        advice = (
            f"Undo the run '{later.run}' first, or name a backup set."
            if later.purpose == UPGRADE
            else "Name a backup set."
        )
        raise Refusal(
            f"The run '{run}' cannot be undone for instance '{name}', nothing was touched: it ended at {hops[-1].target}, and the run "
            f"'{later.run}' has led from {later.start} to {later.target} since. {advice}",
            runs=runs(host, instance),
        )
    if hops[-1].target != current:
        raise Refusal(
            f"The run '{run}' cannot be undone for instance '{name}', nothing was touched: it ended at {hops[-1].target}, and the "
            f"instance is at {current or 'no single version'}. Somebody else has changed it since. If you want the state of a backup "
            "set all the same, name it with 'backup'.",
            runs=runs(host, instance),
        )
    missing = next((one for one in hops if not one.backup), None)
    if missing:
        raise Refusal(
            f"The run '{run}' cannot be undone for instance '{name}', nothing was touched: the journal does not say which backup set was "
            f"made before the hop {missing.start} -> {missing.target}. Name a set with 'backup'."
        )
    return Goal(hops[0].backup, tuple(hops), run)


def _unknown(host: HostFacts, instance: InstanceFacts, done: list[Done], run: str) -> str:
    name = instance["name"]
    if any(one.run == run and one.purpose == UPGRADE for one in done):
        return f"The run '{run}' of instance '{name}' has been undone already, and something came after that. Nothing was touched."
    if any(one.run == run for one in history.changes(host)):
        return (
            f"The run '{run}' changed other instances of {host['machine']}, not instance '{name}'. Nothing was touched."
        )
    return f"The journal of {host['machine']} has no confirmed run '{run}'. Nothing was touched."


def runs(host: HostFacts, instance: InstanceFacts) -> list[dict[str, Any]]:
    """The runs that can be named, newest first: ``run``, ``from``, ``to``, ``ended`` (UTC), ``backups``, ``data``."""
    hops = [one for one in history.standing(history.changes(host, instance)) if one.purpose == UPGRADE]
    grouped = [list(group) for _run, group in groupby(hops, key=lambda one: one.run)]
    return [
        {
            "run": group[0].run,
            "from": group[0].start,
            "to": group[-1].target,
            "ended": group[-1].started_at,
            "backups": [one.backup for one in group],
            "data_upgrade": any(one.data_upgrade for one in group),
        }
        for group in reversed(grouped)
    ]


def told_runs(host: HostFacts, instance: InstanceFacts) -> str:
    """The same as a sentence."""
    known = [
        f"'{one['run']}' ({one['from']} -> {one['to']}, at {backup_sets.moment(one['ended'] or '')}"
        f"{', with an upgrade of the data' if one['data_upgrade'] else ''})"
        for one in runs(host, instance)
    ]
    return f"Runs of instance '{instance['name']}' that can be undone, newest first: {'; '.join(known) or 'none'}."


def refuse_nothing_named(host: HostFacts, instance: InstanceFacts, known: list[BackupSet]) -> None:
    """Raises :class:`Refusal` with everything that could be named."""
    listed = "; ".join(one.sentence() for one in known) or "none"
    raise Refusal(
        f"Say to which state instance '{instance['name']}' shall go back: give 'run' or 'backup'. Nothing was touched. "
        f"{told_runs(host, instance)} Backup sets in {backup.folder(host, instance)}: {listed}.",
        runs=runs(host, instance),
        sets=[one.as_dict() for one in known],
    )
