# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan that brings an instance back to a recorded state: facts, a goal and the host's answers in, a plan out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import directives, paths
from ..model.brands import JAVA_VARIABLES
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import FOLDER_DIRECTIVES, Query
from ..model.versions import Version
from ..operations import Operation
from . import backup, backup_sets, going_back, places, preflight
from .backup_sets import BackupSet
from .findings import Finding
from .goals import Goal, ReturnWish
from .going_back import Recorded
from .hop import Place
from .plans import (
    CONFIRM_SECONDS,
    Origin,
    Plan,
    StoppedParts,
    plan,
    start_behaviour_back,
    stop_again,
    stopped_parts,
    told_parts,
)
from .reading import Texts
from .tokens import Numbering
from .wishes import UpgradeWish

_BROUGHT_BACK = "no_config_folder"
"""What keeps any other change from an instance, and comes back with the set."""
_ADVICE = "Name another set, or put it back by hand."


@dataclass(frozen=True)
class Return:
    """What a run would do. ``recorded`` is None when a finding says why nothing can be put back. ``stopped``: what is stopped again
    at the end, as it was.
    """

    host: HostFacts
    instance: InstanceFacts
    wish: ReturnWish
    goal: Goal
    target: str
    recorded: Recorded | None
    saved: str
    operations: list[Operation]
    on_confirm: list[Operation]
    findings: list[Finding]
    yml: tuple[str, str]
    stopped: StoppedParts = field(default_factory=dict)

    @property
    def title(self) -> str:
        """For the transaction and for messages."""
        verb = "Bring" if self.wish.purpose == "rollback" else "Restore"
        start = self.instance["version"]["current"] or "no single version"
        back = " back" if self.wish.purpose == "rollback" else ""
        return f"{verb} instance '{self.instance['name']}'{back} from {start} to {self.target}"


def questions(instance: InstanceFacts, wish: ReturnWish, goal: Goal, hidden: Query) -> list[Query]:
    """What the host has to tell. Texts come with tokens in place of secrets, by the rules ``hidden``."""
    own = paths.join(goal.configuration, "files", "instance_yml", "*.yml")
    return [
        *(
            backup_sets.question(path)
            for path in dict.fromkeys([goal.configuration, *([goal.data] if goal.data else [])])
        ),
        backup_sets.CLOCK,
        {"id": "old_yml", "kind": "read", "paths": [own], "secrets": hidden},
        {"id": "yml", "kind": "read", "paths": [instance["yml"]] if instance["yml"] else [], "secrets": hidden},
        {"id": "variables", "kind": "read", "paths": [paths.join(goal.configuration, "environment.json")]},
        *places.questions(wish.moved or {}),
    ]


def make(host: HostFacts, instance: InstanceFacts, wish: ReturnWish, goal: Goal, answers: Mapping[str, Any]) -> Return:
    """The plan; its findings say what keeps it from being carried out."""
    old = backup_sets.read(goal.configuration, answers)
    data, folders = _data(instance, wish, goal, old, answers)
    target = goal.target or ", ".join(old.versions)
    yml = (_text(answers, "yml"), _text(answers, "old_yml"))
    findings = [
        *preflight.check_host(host),
        *(one for one in preflight.check_instance(instance, links_matter=False) if one.code != _BROUGHT_BACK),
        *preflight.check_unfinished(host, instance),
        *_check_sets(host, instance, old, data, folders, target),
        *_check_old_yml(old, wish, yml[1]),
    ]
    if any(one.level == "blocker" for one in findings):
        return Return(host, instance, wish, goal, target, None, "", [], [], findings, yml)
    moved = places.edits(wish.moved or {}, yml[1])
    recorded = Recorded(old, data, folders, moved, _variables(host, answers))
    findings += [
        *preflight.check_version(host, instance, Version.parse(target)),
        *places.check(host, instance, data, moved, answers),
        *_check_elsewhere(instance, recorded, yml[1]),
        *_check_variables(host, recorded),
        *([backup_sets.loss(instance, data, answers, wish.accept_data_loss)] if folders else []),
    ]
    stopped = old.stopped if wish.purpose == "rollback" else {}
    findings += _check_state(instance, wish, old)
    asked = backup.BackupWish(data="database" in folders, streams="streams" in folders)
    findings += preflight.check_space(host, backup.size(instance, asked))
    saved = backup.new_name(instance)
    steps = _operations(host, instance, wish, target, asked, recorded, saved)
    return Return(
        host,
        instance,
        wish,
        goal,
        target,
        recorded,
        paths.join(backup.folder(host, instance), saved),
        steps,
        [
            *start_behaviour_back(instance, wish.limits, old.start_behaviour),
            *stop_again(instance, wish.limits, stopped),
        ],
        findings,
        yml,
        stopped,
    )


def transaction(planned: Return, origin: Origin) -> Plan:
    """As a plan for the agent."""
    made = plan(
        planned.instance,
        planned.wish.purpose,
        planned.title,
        origin,
        planned.operations,
        on_confirm=planned.on_confirm,
        confirm_within=CONFIRM_SECONDS,
    )
    about = {
        "purpose": planned.wish.purpose,
        "from": planned.instance["version"]["current"],
        "to": planned.target,
        "backup": planned.goal.configuration,
    }
    return {**made, "about": {**about, "run": planned.goal.run} if planned.goal.run else about}


def difference(planned: Return) -> list[dict[str, str]]:
    """Before and after, for ``--diff``: what comes from where, and the instance's yml with numbers in place of secrets."""
    recorded, shown = planned.recorded, Numbering()
    name, current = planned.instance["name"], planned.instance["version"]["current"]
    if recorded is None:
        return []
    back = {what: f"of {backup_sets.moment(recorded.data.created)}" for what in recorded.folders}
    back |= {
        what: f"of {backup_sets.moment(recorded.data.created)}, in {new}" for what, (new, _by) in recorded.moved.items()
    }
    things = ("configuration", *backup_sets.DATA)
    after = {"configuration": f"of {backup_sets.moment(recorded.configuration.created)}", **back}
    heads = {"before_header": f"{name} (now)", "after_header": f"{name} (then)"}
    texts = [shown.number(text).replace("\r\n", "\n") for text in planned.yml]
    return [
        {
            **heads,
            "before": "".join([f"version: {current}\n", *(f"{what}: as now\n" for what in things)]),
            "after": "".join(
                [f"version: {planned.target}\n", *(f"{what}: {after.get(what, 'as now')}\n" for what in things)]
            ),
        },
        {
            "before_header": "instance.yml (now)",
            "after_header": "instance.yml (then)",
            "before": texts[0],
            "after": texts[1],
        },
    ]


def _data(
    instance: InstanceFacts, wish: ReturnWish, goal: Goal, old: BackupSet, answers: Mapping[str, Any]
) -> tuple[BackupSet, tuple[str, ...]]:
    """The set with the data, and the folders of it that go back to where they were."""
    known = goal.undone is not None
    other = goal.target or ", ".join(old.versions)
    if wish.run is not None:
        data, needed = (backup_sets.read(goal.data, answers), True) if goal.data else (old, False)
    else:
        data, needed = old, goal.data is not None if known else other != instance["version"]["current"]
    wanted = [what for what in data.data if needed or wish.purpose == "restore"]
    if needed and "database" not in wanted:
        wanted.insert(0, "database")  # the check of the set says that it is missing
    return data, tuple(what for what in wanted if what not in (wish.moved or {}))


def _check_sets(
    host: HostFacts, instance: InstanceFacts, old: BackupSet, data: BackupSet, folders: tuple[str, ...], target: str
) -> list[Finding]:
    problem = old.problem(host, instance, ["config", *(folders if data.path == old.path else ())])
    if not problem and old.versions != [target]:
        problem = f"it was made at {', '.join(old.versions) or 'no single version'}, not at {target or 'one version'}"
    if problem:
        return [backup_sets.not_usable(instance, old, problem, _ADVICE)]
    if data.path != old.path and (problem := data.problem(host, instance, folders)):
        return [backup_sets.not_usable(instance, data, problem, _ADVICE)]
    return []


def _check_elsewhere(instance: InstanceFacts, recorded: Recorded, old_yml: str) -> list[Finding]:
    """Data that lay elsewhere when the set was made: its yml would lead to a folder that nobody has looked after since."""
    found = []
    for what in backup_sets.DATA:
        if what in recorded.moved:
            continue
        saved = recorded.data.held.get(what, {}).get("path") if what in recorded.folders else None
        then = saved or _named(what, old_yml)
        now = instance["paths"][what]
        if then and not paths.same(then, now):
            message = (
                f"The {what} of instance '{instance['name']}' lay in {then} when the backup set {recorded.configuration.path} was made, "
                f"and lies in {now} now: going back would leave it there. Use comindware.platform.instance_restore with {what}_path, an "
                "empty folder."
            )
            found.append(Finding("blocker", "data_moved", message))
    return found


def _check_state(instance: InstanceFacts, wish: ReturnWish, old: BackupSet) -> list[Finding]:
    """What is started although it is stopped now, or was then. A rollback leaves it as it was; a restore is for having it run."""
    name, then, now = instance["name"], told_parts(old.stopped), told_parts(stopped_parts(instance))
    if then and wish.purpose == "rollback":
        message = (
            f"Of instance '{name}' this was stopped when the backup set {paths.name(old.path)} was made: {then}. It is started to be "
            "judged, and stopped again at the end."
        )
        return [Finding("warning", "stopped_again", message)]
    if now or (then and wish.purpose == "restore"):
        when = "is stopped now" if now else "was stopped when the backup set was made"
        message = (
            f"Of instance '{name}' this {when}: {now or then}. The {wish.purpose} starts it, and leaves it started."
        )
        return [Finding("warning", "will_be_started", message)]
    return []


def _named(what: str, yml: str) -> str | None:
    """Where the yml says that the folder is."""
    reading = directives.read(yml)
    return next((directives.as_path(told) for name in FOLDER_DIRECTIVES[what] if (told := reading.text(name))), None)


def _check_old_yml(old: BackupSet, wish: ReturnWish, yml: str) -> list[Finding]:
    """Whether the yml of the set says where the data were, in words that are understood, and can be told of new places."""
    reading = directives.read(yml)
    names = [(what, name) for what in backup_sets.DATA for name in FOLDER_DIRECTIVES[what]]
    misread = (reading.misread(name, is_path=True) for _what, name in names)
    told = [one.told for one in misread if one]
    told += [
        f"line {found.line}: {name} cannot be set to {place} by a change of this line alone"
        for what, name in names
        if (place := (wish.moved or {}).get(what)) and (found := reading.find(name)) and not told
        if directives.edit(yml, name, place) is None
    ]
    return [
        Finding("blocker", "set_yml_not_understood", f"The yml in the backup set {old.path}, {one}. {_ADVICE}")
        for one in dict.fromkeys(told)
    ]


def _variables(host: HostFacts, answers: Mapping[str, Any]) -> dict[str, str | None]:
    """Those of the machine that have another value than in the set."""
    text = _text(answers, "variables")
    recorded = json.loads(text)["machine"] if text else {}
    return {
        name: recorded[name] for name in JAVA_VARIABLES if name in recorded and recorded[name] != host["java"].get(name)
    }


def _check_variables(host: HostFacts, recorded: Recorded) -> list[Finding]:
    if not recorded.variables:
        return []
    message = (
        f"The machine's variables {', '.join(recorded.variables)} of {host['machine']} go back to what they were as well; they hold for "
        "every instance of the host."
    )
    return [Finding("warning", "machine_variables", message)]


def _operations(
    host: HostFacts,
    instance: InstanceFacts,
    wish: ReturnWish,
    target: str,
    asked: backup.BackupWish,
    recorded: Recorded,
    saved: str,
) -> list[Operation]:
    version = Version.parse(target)
    installed = preflight.installed_version(host, instance, version)
    if installed is None:
        return []  # the finding says so
    start = Version.parse(instance["version"]["current"] or target)
    step = going_back.step(start, version, paths.name(recorded.configuration.path))
    place = Place(host, instance, step, installed, None, Texts())
    upgrade = UpgradeWish(version, asked, wish.limits)
    return going_back.operations_of(place, upgrade, saved, recorded)


def _text(answers: Mapping[str, Any], query: str) -> str:
    items = answers.get(query, {}).get("items", [])
    return str((items[0].get("text") if items else "") or "")
