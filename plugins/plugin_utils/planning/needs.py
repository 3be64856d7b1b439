# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may not be removed from a host, because an instance uses it or a way back leads through it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from . import history
from .backup_sets import BackupSet
from .sets import way_back


@dataclass(frozen=True)
class Needs:
    """Each by whom it is for. ``sets``: by :func:`paths.key`. ``transactions``: by id. ``used``: versions that an instance is at in any of
    the places that tell. ``origins``: versions from which a change that still counts has led away. ``led``: versions to which a backup set
    leads back, by that set's path. ``left``: when a version was last left, UTC.
    """

    sets: dict[str, str] = field(default_factory=dict)
    transactions: dict[str, str] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    led: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


def of(host: HostFacts, known: Iterable[BackupSet]) -> Needs:
    """What all instances of the host need. ``known``: the sets that lie on it, whichever of them may go.

    All confirmed changes of version of an instance that is here are needed: each tells what the one before it has led to, so that a gap
    would give another answer to what a named run means.
    """
    needs = Needs()
    for instance in host["instances"]:
        _add(needs, host, instance)
    for one in sorted(known, key=lambda one: one.created):
        if one.told.get("complete"):
            needs.led.update(dict.fromkeys(one.versions, one.path))
    return needs


def _add(needs: Needs, host: HostFacts, instance: InstanceFacts) -> None:
    name, done = instance["name"], history.changes(host, instance)
    standing = history.standing(done)
    for path in [*way_back(host, instance), *(one.backup for one in standing if one.backup)]:
        needs.sets.setdefault(paths.key(path), name)
    needs.transactions.update({one.id: name for one in done})
    told = [instance["version"][place] for place in ("current", "links", "yml", "registry")]
    for version in [*told, *(link["version"] for link in instance["links"])]:
        if version:
            needs.used.setdefault(version, name)
    for one in standing:
        needs.origins.setdefault(one.start, name)
    for one in done:
        needs.left[one.start] = max(needs.left.get(one.start, ""), one.started_at or "")
