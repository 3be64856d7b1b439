# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as data that can be read, approved and kept, and the comparison of a kept one with the plan of now.

A kept plan is a promise, not a program: the run plans anew, and goes on only if that gives the same plan. So a changed file of
plans changes nothing on a host, and no salt for the tokens of secrets has to be kept: they are numbered instead.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..configuration.changing import FileChange
from ..configuration.results import Conflict
from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..model.fingerprint import canonical
from ..operations import KEEP, Operation
from ..policy import describe_path
from . import downtime, ways_back
from .backup import STOPPED
from .findings import Finding, Refusal
from .hop_plans import HopPlan
from .tokens import Numbering
from .upgrade import UpgradePlan
from .wishes import UpgradeWish

FORMAT = 1
_KEYS = {"machine", "instance", "brand", "from", "to", "path", "hops", "wish", "fingerprint"}
_PROMISED = {*_KEYS, "format", "created", "space"}
_PROMISED_OF_HOPS = {"from", "to", "digest", "operations", "on_confirm", "configuration"}


def as_dict(plan: UpgradePlan) -> dict[str, Any]:
    """The plan as it is shown and kept. Sizes are bytes, downtimes as in :meth:`Downtime.as_dict`."""
    shown = Numbering()
    described = describe_path(plan.path, plan.wish.language) if plan.path else {"path": [], "hops": []}
    hops = [_hop(one, about, plan.wish, shown) for one, about in zip(plan.hops, described["hops"], strict=False)]
    parts = [one.downtime for one in plan.run if one.downtime]
    return {
        "format": FORMAT,
        "created": plan.host["time"],
        "machine": plan.host["machine"],
        "instance": plan.instance["name"],
        "brand": plan.instance["brand"],
        "from": plan.instance["version"]["current"],
        "to": str(plan.wish.target),
        "level": plan.level,
        "path": described["path"],
        "findings": _findings([*plan.findings, *plan.conditions], shown),
        "hops": hops,
        "hops_of_this_run": len(plan.run),
        "return": ways_back.describe(plan.path, plan.hops, len(plan.run), plan.wish.language),
        "space": {plan.owner: plan.backup_bytes},
        "downtime": _downtime(downtime.together(parts), plan.wish.language) if parts else None,
        "wish": plan.wish.as_dict(),
        "fingerprint": fingerprint(plan.host, plan.instance, described["path"]),
    }


def fingerprint(host: HostFacts, instance: InstanceFacts, versions: Iterable[str]) -> dict[str, str]:
    """What the plan was made from: a name for people and a hash for each thing."""
    found = {one["title"]: one["sha256"] for one in instance["fingerprint"]}
    site = {key: value for key, value in (instance["site"] or {}).items() if key not in ("state", "url", "local_url")}
    pools = [
        {key: value for key, value in pool.items() if key not in ("state", "workers", "joined")}
        for pool in instance["pools"]
    ]
    served = {"served_by": instance["served_by"]} if instance["served_by"] else {}
    found[f"site and pools of {instance['name']}"] = _hash({"site": site, "pools": pools, **served})
    found[f"registry values of {instance['name']}"] = _hash(instance["registry"])
    found[f"folders of {instance['name']}"] = _hash(instance["paths"])
    for version in versions:
        folders = [one for one in host["versions"] if one["version"] == version]
        found[f"installed version {version}"] = _hash(folders)
    return found


def refuse_changes(kept: Mapping[str, Any], plan: UpgradePlan) -> None:
    """Raises :class:`Refusal` when the kept plan is not the plan of now, and names what has changed.

    An instance that is at a later stop of the plan goes on from there: what the hops before it changed is no difference.
    """
    if kept.get("format") != FORMAT or not set(kept) >= _KEYS:
        raise Refusal(
            "The option 'plan' is refused, nothing was touched. It wants a plan that comindware.platform.upgrade_plan made, of format "
            f"{FORMAT}; this one has the format {kept.get('format')}. Make a new plan."
        )
    if plan.path is None:
        return  # there is no plan of now to compare; its blockers say why
    now = as_dict(plan)
    reasons = _other_thing(kept, now) or _other_wish(kept, now)
    if not reasons and kept["from"] == now["from"]:
        reasons = _changed("The host", kept["fingerprint"], now["fingerprint"])
    reasons = reasons or _other_hops(kept, now)
    if reasons:
        which = f"of {kept['created']}" if "created" in kept else "that was approved"
        raise Refusal(
            f"The plan of instance '{now['instance']}' {which} is refused, nothing was touched. {' '.join(reasons)} "
            "Make a new plan with comindware.platform.plan, have it approved, and run again.",
            changed_since_plan=reasons,
        )


def promise(plan: Mapping[str, Any]) -> dict[str, Any]:
    """What :func:`refuse_changes` goes by, and the space: a third of the plan, for a run that remembers those of hundreds of hosts."""
    hops = [{key: value for key, value in hop.items() if key in _PROMISED_OF_HOPS} for hop in plan["hops"]]
    return {**{key: value for key, value in plan.items() if key in _PROMISED}, "hops": hops}


def says_the_same(text: str, plan: Mapping[str, Any]) -> bool:
    """Whether a kept plan, as a text, differs from this one in nothing that decides: measured minutes and times do not."""
    try:
        return bool(_decisive(json.loads(text)) == _decisive(plan))
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _decisive(plan: Mapping[str, Any]) -> dict[str, Any]:
    keys = ("format", "machine", "instance", "brand", "from", "to", "path", "level", "wish", "fingerprint")
    codes = [finding["code"] for about in (plan, *plan["hops"]) for finding in about["findings"]]
    return {**{key: plan[key] for key in keys}, "codes": codes, "digests": [hop["digest"] for hop in plan["hops"]]}


def _downtime(estimate: downtime.Downtime, language: str) -> dict[str, Any]:
    return {**estimate.as_dict(), "message": estimate.sentence(language)}


def _hop(planned: HopPlan, described: dict[str, Any], wish: UpgradeWish, shown: Numbering) -> dict[str, Any]:
    return {
        **described,
        "operations": [operation["title"] for operation in planned.operations],
        "on_confirm": [operation["title"] for operation in planned.on_confirm],
        "configuration": [_file(planned, file, wish, shown) for file in planned.change.files],
        "conflicts": [_conflict(conflict, shown) for conflict in planned.change.conflicts],
        "findings": _findings(planned.findings, shown),
        "backup": {"folder": paths.parent(planned.backup_set), "bytes": planned.backup_bytes}
        if planned.backup_set
        else None,
        "downtime": _downtime(planned.downtime, wish.language) if planned.downtime else None,
        "point_of_no_return": planned.point_of_no_return,
        "manual_steps": planned.steps,
        "digest": digest(planned),
    }


def _file(planned: HopPlan, file: FileChange, wish: UpgradeWish, shown: Numbering) -> dict[str, str]:
    old, new = (
        shown.number(wish.shown(file.name, text, file.before)).splitlines() for text in (file.before, file.after)
    )
    before, after = (f"{file.name} ({version})" for version in (planned.step.start, planned.step.target))
    lines = difflib.unified_diff(old, new, before, after, lineterm="", n=2)
    return {"file": file.name, "action": file.action, "diff": "\n".join(lines) if file.action != "remove" else ""}


def _findings(findings: Iterable[Finding], shown: Numbering) -> list[dict[str, str]]:
    return [{**finding.as_dict(), "message": shown.number(finding.message)} for finding in findings]


def _conflict(conflict: Conflict, shown: Numbering) -> dict[str, Any]:
    three = {name: getattr(conflict, name) for name in ("base", "ours", "theirs")}
    return {
        "file": conflict.file,
        "where": conflict.where,
        "id": conflict.id,
        **{name: text if text is None else shown.number(text) for name, text in three.items()},
    }


def digest(planned: HopPlan) -> str:
    """A hash of everything that the hop does on the host, whenever it was planned."""
    name = paths.name(planned.backup_set) if planned.backup_set else ""
    # Pristine files are kept once for all instances of a host: whoever comes first copies them.
    own = [_lasting(operation) for operation in planned.operations if "copy_from" not in operation]
    # Which sets a way back needs depends on the hops before.
    after = [{key: value for key, value in one.items() if key != "protect"} for one in planned.on_confirm]
    text = json.dumps([own, after], sort_keys=True, ensure_ascii=False)
    text = Numbering().number(text.replace(name, "SET") if name else text)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lasting(operation: Operation) -> Operation:
    """Without what is stopped at the moment, which the manifest of a set tells: states are no change of a plan."""
    about = operation.get("about")
    if operation["op"] != "backup_set" or not about:
        return operation
    return {**operation, "about": {key: value for key, value in about.items() if key != STOPPED}}


def _hash(value: Any) -> str:
    return hashlib.sha256(canonical(value, []).encode()).hexdigest()[:16]


def _other_thing(kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    names = {"machine": "the host", "brand": "the brand", "instance": "the instance", "to": "the target version"}
    return [
        f"It is for {what} {kept.get(key)}, and this is {now[key]}."
        for key, what in names.items()
        if str(kept.get(key)).casefold() != str(now[key]).casefold()
    ]


def _other_wish(kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    before = kept.get("wish", {})
    return [
        f"It was made with {key} = {json.dumps(before.get(key), ensure_ascii=False)}, and now that is "
        f"{json.dumps(value, ensure_ascii=False)}."
        for key, value in now["wish"].items()
        if before.get(key) != value
    ]


def _changed(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return [f"{what} has changed since: {', '.join(names)}."] if names else []


def _other_hops(kept: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is left of the kept plan must be what would be done now."""
    way = kept["path"]
    if now["from"] not in way[:-1]:
        return [f"It leads {' -> '.join(way)}, and the instance is at {now['from']}."]
    left = kept["hops"][way.index(now["from"]) :]
    if not left:
        return [f"It ends at {now['from']}: what follows could not be planned before."]
    if [hop["to"] for hop in left] != [hop["to"] for hop in now["hops"]][: len(left)]:
        return [f"It leads {' -> '.join(way)}, and now the way is {' -> '.join(now['path'])}."]
    return [reason for before, after in zip(left, now["hops"], strict=False) for reason in _other_hop(before, after)]


def _other_hop(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    if before["digest"] == after["digest"]:
        return []
    old, new = before["operations"] + before["on_confirm"], after["operations"] + after["on_confirm"]
    gone = [f"no longer '{title}'" for title in old if title not in new and not title.startswith(KEEP)]
    come = [f"now '{title}'" for title in new if title not in old and not title.startswith(KEEP)]
    files = [one["file"] for one in after["configuration"] if one not in before["configuration"]]
    told = gone + come + [f"another text of {file}" for file in files] or ["other details of the same operations"]
    return [f"The hop {before['from']} -> {before['to']} would be another one: {'; '.join(told)}."]
