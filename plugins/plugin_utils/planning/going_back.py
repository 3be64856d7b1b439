# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An older version again: asked for by naming the backup set that was made at it, since data are never downgraded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import operations
from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import Query
from ..model.versions import Version
from ..operations import Operation
from ..policy import Path, Step
from ..policy.hops import Hop, Text
from ..policy.ranges import parse_range
from . import backup, hop
from .findings import Finding
from .hop import Place
from .plans import start_operations
from .wishes import UpgradeWish

HOP = "restore-backup"
"""The id of the hop that no policy has."""

LOSS = "data_since_backup_is_lost"
"""The id of what the operator acknowledges."""

_VERSION = re.compile(r"\\(\d+\.\d+\.\d+\.\d+)(?:\\|$)")
_NEEDED = ("config", "database")


def path(start: Version, target: Version, name: str) -> Path:
    """One step back, whatever the hops of the policy are."""
    reason = Text(
        f"Asked for: the backup set {name} is put back, configuration and data.",
        f"По запросу: возвращается резервная копия {name}, конфигурация и данные.",
    )
    anywhere = parse_range("any", {})
    back = Hop(HOP, anywhere, anywhere, "in_place", False, True, (), (), (), (), (), "the backup set")
    return Path(start, target, (Step(start, target, back, reason),))


def questions(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> list[Query]:
    """What the host has to tell about the set."""
    if wish.restore_backup is None:
        return []
    return [{"id": "backup_set", "kind": "backup_set", "paths": [_set(host, instance, wish)]}]


def check(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish, answers: Mapping[str, Any]) -> list[Finding]:
    """Whether the set is whole, was made at the target version, and the operator knows what is lost."""
    place = _set(host, instance, wish)
    item = _item(answers)
    problem = _problem(item, wish.target)
    if problem:
        message = (
            f"The backup set {place} of instance '{instance['name']}' cannot be put back: {problem}. Name a set that was made at "
            f"{wish.target} with the data, in restore_backup."
        )
        return [Finding("blocker", "backup_not_usable", message)]
    if not wish.backup.data:
        message = (
            f"Going back replaces the database of instance '{instance['name']}', and no copy of the present one was asked for. Set "
            "backup_data to true."
        )
        return [Finding("blocker", "no_way_forward_again", message)]
    message = (
        f"Everything that was entered in instance '{instance['name']}' since {item['created']} (UTC), when the backup set was made, is "
        "lost."
    )
    if LOSS in wish.acknowledged:
        return [Finding("warning", LOSS, f"{message} The operator has acknowledged it.")]
    return [Finding("blocker", LOSS, f"{message} If that is meant, acknowledge it: upgrade_acknowledged: [{LOSS}].")]


def operations_of(place: Place, wish: UpgradeWish, set_name: str, answers: Mapping[str, Any]) -> list[Operation]:
    """Stop, back up what is there now, put the old configuration and data back, start. Undoing brings back what is there now."""
    instance, release = place.instance, wish.limits.release
    old = _set(place.host, instance, wish)
    steps = [
        *hop.stop_and_back_up(place, wish, set_name),
        *hop.protect(place, set_name, _NEEDED),
        *(operations.restore_tree(instance["paths"][what], old, what, release) for what in _NEEDED),
    ]
    if instance["yml"] and "instance_yml" in _held(_item(answers)):
        steps.append(operations.restore_tree(instance["yml"], old, "instance_yml", release, "file"))
    elif instance["yml"]:
        steps.append(operations.remove_file(instance["yml"]))
    return [*steps, *hop.switch_registry(place), *start_operations(instance, wish.limits)]


def _set(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish) -> str:
    return paths.join(backup.folder(host, instance), wish.restore_backup or "")


def _item(answers: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the host tells about the set."""
    answer = answers.get("backup_set", {})
    return next(iter(answer.get("items", [])), {"exists": "error" in answer, **answer})


def _held(item: Mapping[str, Any]) -> dict[str, Any]:
    """The items of the set by id. One that was made before 4.4 has no yml."""
    return {one["id"]: one for one in item.get("items", []) if one["present"]}


def _problem(item: Mapping[str, Any], target: Version) -> str | None:
    """What keeps the set from being put back; whether its files are what the manifest says is verified by the host then."""
    if not item.get("exists"):
        return "there is no such set"
    if "error" in item:
        return str(item["error"]["message"]).rstrip(".")
    if item["unusable"] or not item["complete"]:
        return f"it is not complete ({item['unusable'] or 'it was never finished'})"
    if not item["protected"]:
        return "others than administrators could have changed it"
    held = _held(item)
    missing = [what for what in _NEEDED if what not in held]
    if missing:
        return f"it does not hold {', '.join(missing)}"
    links = {found[1] for link in held["config"]["targets"] if (found := _VERSION.search(link))}
    if links != {str(target)}:
        return f"it was made at {', '.join(sorted(links)) or 'no version'}, not at {target}"
    return None
