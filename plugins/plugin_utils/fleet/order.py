# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who comes when: a canary of every kind of host, then batches."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypedDict

from ..model import paths
from ..model.facts import HostFacts, InstanceFacts

CANARY = "canary"
_LARGEST_CANARY = 5  # one of so many hosts, and at least one


class Batch(TypedDict):
    """``number``: from 1 on. ``name``: canary, or its number. ``hosts``: inventory names in the order in which they come."""

    number: int
    name: str
    hosts: list[str]


class OrderError(ValueError):
    """A wish that cannot be met; the text is for operators."""


def kind(facts: HostFacts, plans: Iterable[Mapping[str, Any]]) -> str:
    """A hash of what makes hosts alike for an upgrade: Windows, and of every instance its way, its files, its pools and how it is reached.

    Names, ports and folders are not in it.
    """
    ways = {(plan["brand"], plan["instance"]): plan["path"] for plan in plans}
    instances = [_shape(one, ways.get((one["brand"], one["name"]), [])) for one in facts["instances"]]
    windows = facts["prerequisites"]["windows_build"]
    return hashlib.sha256(json.dumps([windows, sorted(instances)]).encode()).hexdigest()


def _shape(instance: InstanceFacts, way: Sequence[str]) -> str:
    site = instance["site"]
    shape = {
        "brand": instance["brand"],
        "generation": instance["generation"],
        "way": list(way),
        "files": sorted(paths.name(one["path"]).lower() for one in instance["configuration_files"]),
        "directives": sorted(instance["directives"]),
        "identities": sorted({pool["identity_type"] for pool in instance["pools"]}),
        "protocols": sorted({binding["protocol"] for binding in site["bindings"]}) if site else [],
    }
    return json.dumps(shape)


def batches(kinds: Mapping[str, str], canary: int, sizes: Sequence[str | int]) -> list[Batch]:
    """``kinds``: the kind of every host, in the order of the inventory. ``canary``: how many hosts of each kind are tried first, of the
    commonest kinds first, together at most a fifth of the hosts (at least one); 0 is none. ``sizes``: hosts, or percentages of all of
    them, of the batches behind it; the last is repeated. Kinds that did not fit into the canary come next. Raises :class:`OrderError`.
    """
    if canary < 0:
        raise OrderError(
            f"upgrade_canary is {canary}. Give the number of hosts of each kind that are tried first, 0 for none."
        )
    early = _early(kinds, canary)
    first = early[: max(1, len(kinds) // _LARGEST_CANARY)] if canary and len(kinds) > 1 else []
    rest = [*early[len(first) :], *(host for host in kinds if host not in set(early))]
    found: list[Batch] = [{"number": 1, "name": CANARY, "hosts": first}] if first else []
    for size in _counts(sizes, len(kinds), len(rest)):
        number = len(found) + 1
        found.append({"number": number, "name": str(number), "hosts": rest[:size]})
        rest = rest[size:]
    return found


def _early(kinds: Mapping[str, str], canary: int) -> list[str]:
    """Hosts of every kind in turn, the commonest kind first."""
    alike: dict[str, list[str]] = {}
    for host, one in kinds.items():
        alike.setdefault(one, []).append(host)
    groups = sorted(alike.values(), key=len, reverse=True)
    return [group[number] for number in range(canary) for group in groups if number < len(group)]


def _counts(sizes: Sequence[str | int], everybody: int, left: int) -> Iterable[int]:
    """Numbers of hosts, together all that are left."""
    if not sizes:
        raise OrderError("upgrade_batches is empty. Give sizes such as [1, '10%', '100%'].")
    wanted = [_count(size, everybody) for size in sizes]
    number = 0
    while left > 0:
        size = min(wanted[min(number, len(wanted) - 1)], left)
        yield size
        left -= size
        number += 1


def _count(size: str | int, everybody: int) -> int:
    text = str(size).strip()
    number = text.removesuffix("%")
    if not number.isascii() or not number.isdigit() or int(number) == 0 or (text.endswith("%") and int(number) > 100):
        raise OrderError(
            f"upgrade_batches has the size {size!r}. Give a number of hosts, 1 or more, or a percentage from 1% to 100%."
        )
    return max(1, math.floor(everybody * int(number) / 100)) if text.endswith("%") else int(number)
