# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One hop of a path, planned: what it does, what must be true before it, what it costs, and what it cannot take back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..configuration.changing import Change, Situation, change
from ..configuration.linked import differences
from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..operations import Operation
from ..policy import Policy, Step
from ..policy.hops import Input, Note
from . import (
    backup,
    backup_sets,
    checks,
    encodings,
    going_back,
    health_logs,
    hop,
    inputs,
    preflight,
    procedures,
    product_backup,
    sets,
)
from .checks import Evidence
from .downtime import Downtime, estimate
from .findings import Finding
from .hop import Place
from .plans import CONFIRM_SECONDS, Origin, Plan, plan, with_point_of_no_return
from .reading import Texts
from .wishes import UpgradeWish

_BY_A_PERSON = ("administrator_logged_in",)
"""Kinds of conditions before the next hop that no run can fulfil by itself."""

_ACTIVITY = {"quiet_seconds": 120, "limit_seconds": 4 * 3600}
"""A data upgrade that still writes its log when the deadline has come is given more time, up to a limit."""

_OF_THE_HOST = frozenset(
    {"windows", "iis", "iis_components", "dotnet_framework", "dotnet_sdk", "aspnetcore", "java", "search_server"}
)
"""Kinds of checks whose answer does not depend on the hops before: they are asked for every hop before the first begins."""


@dataclass(frozen=True)
class HopPlan:
    """``operations`` and ``on_confirm`` are empty for a manual hop, which has ``steps`` in words instead. ``ends_run``: what a
    person has to do after the hop before the next one can begin.
    """

    step: Step
    place: Place | None
    change: Change
    operations: list[Operation]
    on_confirm: list[Operation]
    findings: list[Finding]
    downtime: Downtime | None
    backup_set: str
    backup_bytes: int
    point_of_no_return: str | None
    steps: list[str]
    ends_run: list[Note]

    @property
    def manual(self) -> bool:
        """Whether people carry it out."""
        return self.step.hop.method == "manual"

    @property
    def foreseeable(self) -> bool:
        """Whether the hops behind it can be planned before it is done."""
        return self.step.hop.method == "in_place" and self.place is not None

    @property
    def title(self) -> str:
        """For the transaction and for messages."""
        name = f" instance '{self.place.instance['name']}'" if self.place else ""
        return f"Upgrade{name} from {self.step.start} to {self.step.target}"


@dataclass(frozen=True)
class Circumstances:
    """What all hops of a plan share."""

    rules: Policy
    host: HostFacts
    wish: UpgradeWish
    evidence: Evidence
    sample: Mapping[str, Any]


def plan_hop(around: Circumstances, instance: InstanceFacts, texts: Texts, step: Step, *, first: bool) -> HopPlan:
    """``first``: the hop begins now, so that the state of the instance as it is now counts."""
    if step.hop.id == going_back.HOP:
        return _back(around, instance, texts, step)
    if step.hop.method == "in_place":
        return _in_place(around, instance, texts, step, first)
    if step.hop.method == "vendor_script":
        return _by_script(around, instance, texts, step, first)
    return _by_hand(around, instance, step, first)


def transaction(planned: HopPlan, origin: Origin, wish: UpgradeWish, secrets: Mapping[str, Any]) -> Plan:
    """The hop as a plan for the agent. ``secrets``: the rules with which the texts were read."""
    if planned.place is None:
        raise ValueError(f"{planned.title} is not done in place")
    instance = planned.place.instance
    made = plan(
        instance,
        "upgrade",
        planned.title,
        origin,
        with_point_of_no_return(planned.operations) if planned.point_of_no_return else planned.operations,
        on_confirm=planned.on_confirm,
        confirm_within=CONFIRM_SECONDS,
    )
    at_work = {"paths": health_logs.upgrade_logs(instance), **_ACTIVITY}
    about = _about(planned, planned.place, wish)
    return {**made, "about": about, "activity": at_work, "secrets": dict(secrets)}


def _about(planned: HopPlan, place: Place, wish: UpgradeWish) -> dict[str, Any]:
    """Which part of which way it was, for the host's journal: a later run goes on, or back, by it."""
    step = planned.step
    way = {"from": str(step.start), "to": str(step.target)}
    if step.hop.id == going_back.HOP:
        restored = backup_sets.place(place.host, place.instance, wish.restore_backup or "")
        return {"purpose": "rollback", **way, "backup": restored}
    return {
        "purpose": "upgrade",
        **way,
        "target": str(wish.target),
        "hop": step.hop.id,
        "backup": planned.backup_set,
        "data": wish.backup.data,
        "data_upgrade": step.hop.data_upgrade,
    }


def _in_place(around: Circumstances, instance: InstanceFacts, texts: Texts, step: Step, first: bool) -> HopPlan:
    host, wish = around.host, around.wish
    findings = [*preflight.check_version(host, instance, step.target), *_check_notes(around, instance, step, first)]
    installed = preflight.installed_version(host, instance, step.target)
    empty = Change((), (), ())
    if installed is None:
        return HopPlan(step, None, empty, [], [], findings, None, "", 0, None, [], [])
    place = Place(host, instance, step, installed, around.rules.layout_of(step.target), texts)
    findings += _check_entries(place)
    changed = encodings.declared(
        change(around.rules, step.start, step.target, _situation(around, place), wish.choices), texts.code_page
    )
    findings += encodings.check(_of(instance, step), changed, texts)
    findings += inputs.missing(step, instance, changed, texts, wish)
    findings += [
        Finding(notice.level, notice.code, f"{_of(instance, step)}: {notice.message}") for notice in changed.notices
    ]
    findings += _check_linked(place)
    set_name = backup.new_name(instance)
    made = paths.join(backup.folder(host, instance), set_name)
    return HopPlan(
        step,
        place,
        changed,
        hop.operations_of(place, changed, wish, set_name),
        [*hop.on_confirm(place, changed, wish.limits), *sets.prune(host, instance, wish.backup, made)],
        findings,
        _downtime(around, instance),
        made,
        backup.size(instance, wish.backup),
        _no_return(instance, step, wish),
        [],
        [note for note in step.before_next if note.check and note.check.kind in _BY_A_PERSON],
    )


def _by_script(around: Circumstances, instance: InstanceFacts, texts: Texts, step: Step, first: bool) -> HopPlan:
    """What the vendor's script makes of the files can only be seen when it has run."""
    message = (
        f"{_of(instance, step)} is done by the vendor's script {step.hop.script}, which writes the configuration files anew. When it is "
        "undone, the Config folder, the yml, the version in the registry and the data come back; what the script changes in IIS besides "
        "the start behaviour does not."
    )
    findings = [*_check_notes(around, instance, step, first), Finding("warning", "vendor_script", message)]
    return _whole(around, instance, texts, step, findings, hop.script_operations)


def _back(around: Circumstances, instance: InstanceFacts, texts: Texts, step: Step) -> HopPlan:
    """To an older version, with the configuration and the data of a backup."""
    answers = around.evidence.answers
    findings = going_back.check(around.host, instance, around.wish, answers)

    def operations_of(place: Place, wish: UpgradeWish, set_name: str) -> list[Operation]:
        old = going_back.named(around.host, instance, wish, answers)
        if "config" not in old.held or "database" not in old.held:
            return []  # the finding says so
        return going_back.operations_of(place, wish, set_name, going_back.Recorded(old, old, ("database",)))

    return _whole(around, instance, texts, step, findings, operations_of)


def _whole(
    around: Circumstances,
    instance: InstanceFacts,
    texts: Texts,
    step: Step,
    findings: list[Finding],
    operations_of: Callable[[Place, UpgradeWish, str], list[Operation]],
) -> HopPlan:
    """A hop after which the configuration is what something else made of it: no file is merged."""
    host, wish = around.host, around.wish
    findings = [*preflight.check_version(host, instance, step.target), *findings]
    installed = preflight.installed_version(host, instance, step.target)
    place = Place(host, instance, step, installed, None, texts) if installed else None
    set_name, nothing = backup.new_name(instance), Change((), (), ())
    made = paths.join(backup.folder(host, instance), set_name)
    return HopPlan(
        step,
        place,
        nothing,
        operations_of(place, wish, set_name) if place else [],
        [*hop.on_confirm(place, nothing, wish.limits), *sets.prune(host, instance, wish.backup, made)] if place else [],
        findings,
        _downtime(around, instance),
        made,
        backup.size(instance, wish.backup),
        _no_return(instance, step, wish),
        [],
        [],
    )


def _downtime(around: Circumstances, instance: InstanceFacts) -> Downtime:
    wish = around.wish
    trial = backup.trial_bytes(instance, wish.backup)
    return estimate(instance, wish.backup.folders, around.sample, wish.limits, trial)


def _by_hand(around: Circumstances, instance: InstanceFacts, step: Step, first: bool) -> HopPlan:
    findings = [
        *preflight.check_version(around.host, instance, step.target),
        *_check_notes(around, instance, step, first),
    ]
    steps = procedures.steps(step, around.host, instance, around.wish.language)
    return HopPlan(step, None, Change((), (), ()), [], [], findings, None, "", 0, None, steps, [])


def _of(instance: InstanceFacts, step: Step) -> str:
    return f"Instance '{instance['name']}', hop {step.start} -> {step.target}"


def _check_entries(place: Place) -> list[Finding]:
    missing = hop.missing_entries(place)
    if not missing:
        return []
    message = (
        f"The version folder {place.installed['folder']} has no {', '.join(missing)}, which instance '{place.instance['name']}' "
        "links to. Check that the version is installed completely."
    )
    return [Finding("blocker", "entry_missing", message)]


def _check_notes(around: Circumstances, instance: InstanceFacts, step: Step, first: bool) -> list[Finding]:
    """Requirements and advisories. What depends on the hops before is asked again when its turn has come."""
    asked = [note for note in step.requirements if first or (note.check and note.check.kind in _OF_THE_HOST)]
    return checks.findings_of(
        [*asked, *step.advisories],
        checks.LABELS,
        around.host,
        instance,
        around.evidence,
        around.wish.acknowledged,
        around.wish.language,
    )


def _situation(around: Circumstances, place: Place) -> Situation:
    step, texts = place.step, place.texts
    return Situation(
        ours=texts.ours,
        base=_pristine(around, place, str(step.start)),
        theirs=_pristine(around, place, str(step.target)),
        registry=_registry(place.instance),
        inputs=_directives(step.inputs, around.wish.inputs),
        version=step.target,
    )


def _pristine(around: Circumstances, place: Place, version: str) -> dict[str, str]:
    """The pristine files of a version as a new instance with the values of this one would have them."""
    step = place.step
    layout = around.rules.layout_of(step.start if version == str(step.start) else step.target)
    values = procedures.values_of(around.host, place.instance, step)
    result = {}
    for (of, name), file in place.texts.pristine.items():
        if of != version or file.text is None:
            continue
        text = file.text
        for placeholder, value in (layout.placeholders if layout else {}).items():
            text = text.replace(placeholder, values.get(value, placeholder))
        result[name] = text
    return result


def _registry(instance: InstanceFacts) -> dict[str, str]:
    return {name: str(value) for key in reversed(instance["registry"]) for name, value in key["values"].items()}


def _directives(inputs: Iterable[Input], given: Mapping[str, str]) -> dict[str, str]:
    return {note.directive: given[note.id] for note in inputs if note.id in given}


def _check_linked(place: Place) -> list[Finding]:
    """Files that lie in the shared version folder: nothing is written there, but what operators changed in them is lost."""
    step, found = place.step, []
    for name in place.layout.linked_files if place.layout else ():
        old, new = (place.texts.linked.get((str(version), name)) for version in (step.start, step.target))
        if old is None or (difference := differences(name, old, new or "")) is None:
            continue
        message = (
            f"{_of(place.instance, step)}: {name} lies in the version's folder, which instances share. It is not changed; the one of "
            f"{step.target} differs. If somebody edited the old one, edit the new one as well:\n{difference}"
        )
        found.append(Finding("warning", "linked_file_differs", message))
    return found


def _no_return(instance: InstanceFacts, step: Step, wish: UpgradeWish) -> str | None:
    if wish.backup.data or not step.hop.data_upgrade:
        return None
    return product_backup.no_return(instance, step, wish.product_backup, wish.language)
