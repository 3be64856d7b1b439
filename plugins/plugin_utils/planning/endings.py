# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sentences with which a run for an instance ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..model import paths
from ..model.facts import InstanceFacts
from .backup_sets import moment
from .health import KNOWN
from .hop_plans import HopPlan
from .plans import Plan, told_parts
from .returning import Return
from .upgrade import UpgradePlan
from .verdict import Verdict


def planned(plan: UpgradePlan) -> str:
    """Check mode."""
    count = sum(len(hop.operations) + len(hop.on_confirm) for hop in plan.run)
    way = " -> ".join(str(version) for version in (plan.run[0].step.start, *(hop.step.target for hop in plan.run)))
    return f"Upgrade instance '{plan.instance['name']}', {way}: {count} operations are planned.{_rest(plan)}"


def reached(plan: UpgradePlan, hop: HopPlan, ended: Mapping[str, Any]) -> str:
    """After a hop: what runs, where, and what people have to do now."""
    name, target, site = plan.instance["name"], hop.step.target, plan.instance["site"]
    url = (site["url"] or "") if site else ""
    if ended["verdict"] == "handed_over":
        told = (
            f"Instance '{name}' runs {target} and waits in service mode: open {url} and log in as an "
            "administrator to finish the upgrade."
        )
    elif ended["pages_unseen"]:
        told = (
            f"Instance '{name}' runs {target}: {url} Its pages ask for a login first, so it cannot be seen from "
            "outside whether it waits in service mode: open it once as an administrator."
        )
    else:
        told = f"Instance '{name}' runs {target}: {url}"
    known = [check["message"] for check in ended["health"].values() if check["state"] == KNOWN]
    if known:
        told += f" Not blamed on the upgrade: {' '.join(known)}"
    if target == plan.wish.target or not (ended["verdict"] == "handed_over" or plan.run[-1] is hop):
        return told
    todo = " ".join(note.text.say(plan.wish.language) for note in hop.step.before_next)
    return f"{told} Before the next hop towards {plan.wish.target}: {todo} Then run again: it goes on from here."


def waits(unmet: Iterable[str], language: str) -> str:
    """The next hop cannot begin before somebody has acted."""
    if language == "ru":
        return f"Следующий переход не начат: {' '.join(unmet)} Затем запустите снова: выполнение продолжится отсюда."
    return f"The next hop was not begun: {' '.join(unmet)} Then run again: it goes on from here."


def manual(plan: UpgradePlan) -> str:
    """The next hop is carried out by people: its steps with the instance's own values."""
    hop = plan.hops[0]
    steps = " ".join(f"{number}. {step}" for number, step in enumerate(hop.steps, start=1))
    if plan.wish.language == "ru":
        return (
            f"Следующий переход экземпляра «{plan.instance['name']}», {hop.step.start} -> {hop.step.target}, выполняется вручную "
            f"({hop.step.hop.source}): {steps} Затем запустите снова: выполнение продолжится после него."
        )
    return (
        f"The next hop of instance '{plan.instance['name']}', {hop.step.start} -> {hop.step.target}, is carried out by hand "
        f"({hop.step.hop.source}): {steps} Then run again: it goes on after it."
    )


def stopped(instance: InstanceFacts, done: HopPlan, reason: str) -> str:
    """A hop succeeded and the next one was refused: the instance stays at the last good version."""
    name, state = instance["name"], instance["state"]
    reason = reason.replace(", nothing was touched", "")
    return f"Instance '{name}' is {state} at {done.step.target}, the last good version; the run ends there. {reason}"


def hops_before(failed: HopPlan) -> str:
    """What a run keeps when a hop fails that is not its first."""
    return f"This was not the first hop of the run: those before it stand, and led to {failed.step.start}."


def held(plan: Plan, verdict: Verdict, status: Mapping[str, Any]) -> str:
    """No verdict was possible, and the operator wants to look."""
    end = (
        "does not go back by itself" if status["past_return"] else f"goes back by itself at {status['deadline']} (UTC)"
    )
    return (
        f"{plan['title']}: the verdict is unknown. {verdict.message()} The new version is left as it is, so that it can be looked at; "
        f"the host {end}, transaction {status['id']}. Decide it with comindware.platform.instance_recover, held: confirm or rollback."
    )


def returned(plan: Return, ended: Mapping[str, Any], url: str | None) -> str:
    """After a recorded state was put back."""
    stopped = told_parts(plan.stopped)
    verb = "was judged at" if stopped else "runs"
    text = f"Instance '{plan.instance['name']}' {verb} {plan.target} again, as {_kept(plan)}: {url or ''}"
    if ended["verdict"] == "handed_over":
        text += " It waits in service mode: log in as an administrator."
    if stopped:
        text += f" Stopped again, as it was: {stopped}."
    return f"{text} What was there before is kept in {plan.saved}."


def return_planned(plan: Return) -> str:
    """Check mode."""
    count = len(plan.operations) + len(plan.on_confirm)
    return f"{plan.title}, as {_kept(plan)}: {count} operations are planned."


def _kept(plan: Return) -> str:
    """What came from where."""
    if plan.recorded is None:
        return "it was"
    old, data = plan.recorded.configuration, plan.recorded.data
    kept = f"the backup set {paths.name(old.path)} of {moment(old.created)} has it"
    folders = [*plan.recorded.folders, *plan.recorded.moved]
    if not folders:
        return f"{kept}; its data stay as they are"
    named = " and ".join(folders)
    return f"{kept}, with the {named} of {moment(data.created)}"


def _rest(plan: UpgradePlan) -> str:
    """What a later run has to do, for a run that cannot do everything."""
    if plan.run[-1].step.target == plan.wish.target:
        return ""
    return f" The run ends there; {plan.wish.target} takes another one, after what people have to do in between."
