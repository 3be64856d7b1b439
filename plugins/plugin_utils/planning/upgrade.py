# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The whole change of an instance's version, known before anything is touched: facts, policy and wish in, a plan out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import Query
from ..model.versions import Version
from ..policy import NoPath, Path, Policy
from ..policy.hops import Note
from . import (
    backup,
    bystanders,
    checks,
    downtime,
    forecast,
    going_back,
    history,
    inputs,
    preflight,
    product_backup,
    ways_back,
)
from .findings import Finding
from .hop_plans import Circumstances, HopPlan, plan_hop
from .plans import stopped_parts, told_parts
from .reading import Texts
from .wishes import UpgradeWish


@dataclass(frozen=True)
class UpgradePlan:
    """What a run would do to an instance. ``path`` is None when there is no supported one; the findings say why.

    ``hops`` ends with the first one that is manual or done by the vendor's script: what it leaves can only be seen when it is done.
    """

    host: HostFacts
    instance: InstanceFacts
    wish: UpgradeWish
    path: Path | None
    hops: tuple[HopPlan, ...]
    findings: list[Finding]
    conditions: list[Finding] = field(default_factory=list)
    """What the hop that led to the present version demands before the next one."""

    @property
    def all_findings(self) -> list[Finding]:
        """Those of the instance, of the conditions and of every hop."""
        return [*self.findings, *self.conditions, *(finding for one in self.hops for finding in one.findings)]

    @property
    def owner(self) -> str:
        """Whose backups they are, for sums over several instances of a host: brand and name."""
        return f"{self.instance['brand']} {self.instance['name']}"

    @property
    def backup_bytes(self) -> int:
        """What the backup sets of this run need."""
        return sum(one.backup_bytes for one in self.run)

    @property
    def level(self) -> str:
        """The worst level of all findings: ok, warning or blocker."""
        levels = {finding.level for finding in self.all_findings}
        return next((level for level in ("blocker", "warning") if level in levels), "ok")

    @property
    def run(self) -> tuple[HopPlan, ...]:
        """The hops that one run does, as far as can be known: a manual hop ends it before, one that needs a person after."""
        done: list[HopPlan] = []
        for one in self.hops:
            if one.manual:
                break
            done.append(one)
            if one.ends_run or not one.foreseeable:
                break
        return tuple(done)


def is_there(instance: InstanceFacts, target: Version) -> bool:
    """Whether every link leads to the target version already."""
    links = instance["version"]["links"]
    return links is not None and Version.parse(links) == target


def find_path(rules: Policy, host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> Path | Finding:
    """The way to the target, or why there is none. An older version is reached only by putting a backup back."""
    target = wish.target
    name, current = instance["name"], instance["version"]["current"]
    if current is None:
        message = f"The present version of instance '{name}' is not known: neither its links nor its yml nor the registry say it."
        return Finding("blocker", "unknown_version", message)
    if preflight.installed_version(host, instance, target) is None:
        return preflight.not_installed(host, target)
    if wish.restore_backup and Version.parse(current) > target:
        return going_back.path(Version.parse(current), target, wish.restore_backup)
    try:
        return rules.find_path(
            Version.parse(current), target, [Version.parse(one["version"]) for one in host["versions"]]
        )
    except NoPath as no_path:
        return Finding("blocker", no_path.code, str(no_path))


def make(around: Circumstances, instance: InstanceFacts, path: Path | Finding, texts: Texts) -> UpgradePlan:
    """The plan along the path."""
    host, wish = around.host, around.wish
    findings = _check_instance(host, instance, wish)
    if isinstance(path, Finding):
        return UpgradePlan(host, instance, wish, None, (), [*findings, path])
    findings += inputs.malformed(around.rules, path, instance, wish)
    findings += [_unreadable(instance, place) for place in texts.unreadable]
    findings += [
        Finding(
            "warning", "not_compared", f"Instance '{instance['name']}': a file of a version is not compared. {told}"
        )
        for told in texts.uncompared
    ]
    hops: list[HopPlan] = []
    state = instance
    for step in path.steps:
        planned = plan_hop(around, state, texts, step, first=not hops)
        hops.append(planned)
        if planned.place is None or not planned.foreseeable:
            break
        texts = forecast.texts_after(texts, planned.change)
        state = forecast.instance_after(planned.place, planned.change)
    # Who goes back may do so because what was to be finished cannot be.
    back = bool(hops) and hops[0].step.hop.id == going_back.HOP
    conditions = [] if back else _check_conditions(around, instance)
    plan = UpgradePlan(host, instance, wish, path, tuple(hops), findings, conditions)
    for one, found in zip(hops, ways_back.demand(around, instance, hops, len(plan.run)), strict=True):
        one.findings.extend(found)
    needed = plan.backup_bytes + backup.scratch_bytes(instance, wish.backup)
    plan.findings.extend([*preflight.check_space(host, needed, plan.owner, wish.planned_bytes), *_check_downtime(plan)])
    return plan


def nothing_to_do(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> UpgradePlan:
    """The plan for an instance that is at the target; an unfinished transaction may still take it back."""
    findings = preflight.check_unfinished(host, instance)
    return UpgradePlan(host, instance, wish, Path(wish.target, wish.target, ()), (), findings)


def _check_instance(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> list[Finding]:
    """Host and instance as they are now."""
    findings = [*preflight.check_host(host), *preflight.check_instance(instance, stops=False)]
    findings += bystanders.check(instance, wish.acknowledged, wish.language)
    findings += preflight.check_unfinished(host, instance)
    findings += preflight.check_data(instance, wish.backup.folders)
    if instance["state"] != "started":
        parts = told_parts(stopped_parts(instance))
        message = (
            f"Instance '{instance['name']}' is {instance['state']} now{f' ({parts})' if parts else ''}; the upgrade starts it, and leaves "
            "it started. Undone, it is as it was."
        )
        findings.append(Finding("warning", "will_be_started", message))
    return findings


def _check_conditions(around: Circumstances, instance: InstanceFacts) -> list[Finding]:
    """What the hop that led to the present version demands before the next one; known where this collection did it."""
    done = history.last_hop(around.rules, around.host, instance)
    if done is None:
        return []
    return checks.findings_of(
        done.before_next,
        checks.LABELS,
        around.host,
        instance,
        around.evidence,
        around.wish.acknowledged,
        around.wish.language,
    )


def _unreadable(instance: InstanceFacts, place: str) -> Finding:
    message = (
        f"Instance '{instance['name']}': {place} could not be read, is no text in an encoding that can be kept, or is larger than 1 MB: it "
        "cannot be merged. Save it as UTF-8."
    )
    return Finding("blocker", "not_text", message)


def _check_downtime(plan: UpgradePlan) -> list[Finding]:
    """Each hop has its own downtime; the limit holds for what one run does together."""
    parts = [one.downtime for one in plan.run if one.downtime]
    if plan.wish.max_downtime is None or not parts:
        return []
    return downtime.check_limit(downtime.together(parts), plan.wish.max_downtime, plan.wish.language)


def questions(
    rules: Policy, host: HostFacts, instance: InstanceFacts, path: Path, wish: UpgradeWish, hidden: Query
) -> list[Query]:
    """What the checks along the path have to ask the host. The login page is asked only of an instance that runs: a request would
    start it. A search server that the operator names is asked in the place of the one in the instance's yml. ``hidden``: the rules
    by which values are hidden (model.secrets).
    """
    done = history.last_hop(rules, host, instance)
    notes = [*(done.before_next if done else ()), *(note for step in path.steps for note in step.requirements)]
    kinds = {note.check.kind for note in notes if note.check}
    if instance["state"] != "started":
        kinds.discard("not_in_service_mode")
    since = history.running_since(host, instance)
    asked = checks.queries(instance, path.start, hidden, kinds, inputs.search_server(rules, path, wish), since)
    if _wants_archive(notes, wish):
        asked.append(product_backup.question(instance, wish.product_backup.timeout))
    return asked


def _wants_archive(notes: Iterable[Note], wish: UpgradeWish) -> bool:
    """Whether the newest archive of the product decides about anything: to read it takes as long as it is large."""
    if wish.product_backup.kind == product_backup.SESSION:
        return False
    demanded = any(
        note.check.kind == "product_backup" and not (note.check.parameters["cold_copy"] and wish.backup.data)
        for note in notes
        if note.check
    )
    return demanded or wish.product_backup.kind == product_backup.EXISTING
