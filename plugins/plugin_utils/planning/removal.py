# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a cleanup's list shall be removed, the plan that does it, and the list for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import operations
from ..model import paths
from ..model.facts import Expectation, HostFacts
from ..model.fingerprint import expectation
from ..model.queries import Query
from . import cleanup, recovery
from .backup_sets import moment
from .cleanup import FOLDERS, INSTANCE, KINDS, PURPOSE, CleanupWish, Item
from .cleanup_words import GO, LAST_USED, STAY, SUM, TITLES
from .findings import Refusal
from .plans import Origin, Plan, transaction_id
from .preflight import megabytes

_UNSTEADY = ["modified", "attributes", "size"]
"""Of folders: these change whenever something is made in them."""


def warnings(host: HostFacts) -> list[str]:
    """What is wrong with the agent's own folder, for which reason nothing of it is in the list."""
    if host["agent"].get("protected") is not False:
        return []
    return [
        f"The folder {cleanup.root(host)} is a link, or others than Administrators and SYSTEM own it or may write to it. Nothing in it is "
        "listed or removed: somebody else may have made it. Look at its content, and delete it."
    ]


def refuse_host(host: HostFacts) -> None:
    """Raises :class:`Refusal` that names what is wrong with the agent's folder, and every unfinished transaction, with what there is to do
    about it.
    """
    told = [*warnings(host), *(_told(one, host["time"]) for one in cleanup.blocking(host))]
    if told:
        raise Refusal(f"{_REFUSED} {' '.join(told)}")


def _told(one: recovery.Status, now: str) -> str:
    if recovery.is_abandoned(one, now):
        return (
            f"{recovery.begun(one)} Nothing works on it any more. Finish it with comindware.platform.instance_recover (playbook "
            "comindware.platform.recover), then run this again."
        )
    return str(recovery.left(one)["message"])


def choose(host: HostFacts, wish: CleanupWish, items: Sequence[Item], answers: Mapping[str, Any]) -> list[Item]:
    """The items that the wish names; a path of this collection at which nothing is was removed before, and is none.

    Raises :class:`Refusal` for what has to stay, for what only the vendor's programs remove, and for what is not in the list.
    """
    chosen: dict[str, Item] = {}
    wrong: list[str] = []
    by_path = {paths.key(one.path): one for one in items}
    there = {paths.key(one["path"]) for query in ("own", "set_sizes") for one in answers[query].get("items", [])}
    for wanted in wish.remove:
        if wanted in KINDS:
            chosen.update({paths.key(one.path): one for one in items if one.kind == wanted and one.may_go})
            continue
        item = by_path.get(paths.key(wanted))
        if item and item.may_go and item.kind in KINDS:
            chosen[paths.key(wanted)] = item
        elif item:
            wrong.append(f"{item.path}: {item.how(wish.language) or item.reason(wish.language)}")
        elif paths.key(wanted) in there or not _is_ours(host, wanted):
            wrong.append(_foreign(wanted))
    if wrong:
        raise Refusal(f"{_REFUSED} {' '.join(wrong)}")
    # The oldest goes first: what an interruption leaves is then what a smaller wish would have left.
    return sorted(chosen.values(), key=lambda one: (one.last_used or "", one.path))


def _is_ours(host: HostFacts, path: str) -> bool:
    """Whether only this collection puts things there."""
    above = paths.parent(path)
    own = [paths.join(cleanup.root(host), folder) for folder in FOLDERS]
    sets = paths.parent(paths.parent(above))
    return any(paths.same(above, folder) for folder in own) or paths.same(sets, host["backup_root"])


def _foreign(wanted: str) -> str:
    if told := paths.look_alike(wanted):
        return told
    return (
        f"'{wanted}' is neither one of the kinds that can be removed ({', '.join(KINDS)}) nor a path from the list of this host. Nothing "
        "else is removed."
    )


_REFUSED = "The cleanup was refused, nothing was touched."


def plan(host: HostFacts, chosen: Sequence[Item], origin: Origin, answers: Mapping[str, Any]) -> Plan:
    """The plan of the removal. All of it is done at the confirm, as nothing brings it back; one that fails keeps no other."""
    kinds = sorted({one.kind for one in chosen})
    return {
        "id": transaction_id(host["machine"], "cleanup"),
        "instance": INSTANCE,
        "title": f"Remove {len(chosen)} things of {host['machine']} that nobody needs ({', '.join(kinds)})",
        "run": origin.run,
        "owner": origin.owner,
        "about": {"purpose": PURPOSE, "kinds": kinds},
        "confirm": "automatic",
        "deadline_seconds": 1800,
        "expect": _expected(host, answers),
        "operations": [],
        "on_confirm": [operations.remove_tree(one.path) for one in chosen],
    }


def _expected(host: HostFacts, answers: Mapping[str, Any]) -> list[Expectation]:
    """What was begun since the list was made may need what the list lets go."""
    asked: dict[str, Query] = {one["id"]: one for one in cleanup.questions(host)}
    titles = {"transactions": "transactions of the host", "sets": "backup sets of the host"}
    return [
        expectation(
            title, {key: value for key, value in asked[query].items() if key != "id"}, _UNSTEADY, answers[query]
        )
        for query, title in titles.items()
    ]


def difference(items: Sequence[Item], chosen: Sequence[Item]) -> dict[str, str]:
    """Before and after, for ``--diff``: what the collection has on the host."""
    after = [one for one in items if one not in chosen]
    return {side: "".join(f"{one.path}\n" for one in found) for side, found in (("before", items), ("after", after))}


def report(host: HostFacts, items: Sequence[Item], language: str) -> list[str]:
    """The list for people: the sum, then a line each, what may go first and the largest of it at the top."""
    going = [one for one in items if one.may_go]
    sizes = sum(one.bytes for one in going)
    told = SUM.say(language).format(
        machine=host["machine"],
        number=len(going),
        total=len(items),
        size=_size(sizes),
        kinds=", ".join(kind for kind in KINDS if kind in {one.kind for one in going}) or ", ".join(KINDS),
    )
    ordered = sorted(items, key=lambda one: (not one.may_go, -one.bytes, one.path))
    return [told, *(_line(one, language) for one in ordered)]


def _size(size: int) -> str:
    return megabytes(size) if size >= 1024 * 1024 else f"{(size + 1023) // 1024} KB"


def _line(one: Item, language: str) -> str:
    verdict = (GO if one.may_go else STAY).say(language)
    head = f"{verdict}: {TITLES[one.kind].say(language)} {one.path}, {_size(one.bytes)}"
    if one.last_used:
        head += f", {LAST_USED.say(language).format(moment=moment(one.last_used))}"
    return " - ".join([head, *filter(None, (one.reason(language), one.how(language)))])
