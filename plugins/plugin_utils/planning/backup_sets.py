# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup sets of an instance as the host tells of them, and whether one may be put back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import Query
from . import backup
from .evidence import utc
from .findings import Finding
from .plans import StoppedParts

DATA = ("database", "streams")
"""The items of a set that hold data, named as the folders in facts."""

LOSS = "data_since_backup_is_lost"
"""The id of what the operator acknowledges; ``accept_data_loss`` does the same."""

_VERSION = re.compile(r"\\(\d+\.\d+\.\d+\.\d+)(?:\\|$)")


@dataclass(frozen=True)
class BackupSet:
    """One set. ``told``: the item of the query ``backup_set`` (docs/protocol.md)."""

    path: str
    told: Mapping[str, Any]

    @property
    def created(self) -> str:
        """UTC, as the manifest has it."""
        return str(self.told.get("created") or "")

    @property
    def held(self) -> dict[str, Any]:
        """Its items by id. One that was made before 4.4 has no yml."""
        return {one["id"]: one for one in self.told.get("items", []) if one["present"]}

    @property
    def data(self) -> tuple[str, ...]:
        """The folders of data in it."""
        return tuple(what for what in DATA if what in self.held)

    @property
    def versions(self) -> list[str]:
        """The versions that the links in it lead to; one, unless the set is of something odd."""
        targets = self.held.get("config", {}).get("targets", [])
        return sorted({found[1] for link in targets if (found := _VERSION.search(link))})

    @property
    def start_behaviour(self) -> dict[str, Any] | None:
        """That of :func:`plans.start_behaviour` when the set was made."""
        about = self.told.get("about") or {}
        return about.get("start_behaviour")

    @property
    def stopped(self) -> StoppedParts:
        """What of the instance was stopped when the set was made; nothing where the set does not tell."""
        told = (self.told.get("about") or {}).get(backup.STOPPED) or {}
        return {what: list(told.get(what, [])) for what in ("sites", "pools", "services")}

    def problem(self, host: HostFacts, instance: InstanceFacts, needed: Iterable[str]) -> str | None:
        """What keeps it from being put back; whether its files are what the manifest says is verified by the host then."""
        told = self.told
        if not told.get("exists"):
            return "there is no such set"
        if "error" in told:
            return str(told["error"]["message"]).rstrip(".")
        if told["unusable"] or not told["complete"]:
            return f"it is not complete ({told['unusable'] or 'it was never finished'})"
        if not told["protected"]:
            return "others than administrators could have changed it"
        if str(told["machine"]).casefold() != host["machine"].casefold():
            return f"it was made on {told['machine']}, another host"
        held = self.held
        if missing := [what for what in needed if what not in held]:
            return f"it does not hold {', '.join(missing)}"
        config = held.get("config")
        if config and not paths.same(config["path"], instance["paths"]["config"]):
            return f"it holds {config['path']}, the configuration of another instance"
        return None

    def as_dict(self) -> dict[str, Any]:
        """For results."""
        good = self.told.get("complete") and "error" not in self.told
        return {
            "backup": self.path,
            "version": ", ".join(self.versions) or None,
            "created": self.created or None,
            "data": list(self.data),
            "usable": bool(good),
        }

    def sentence(self) -> str:
        """For a list of sets."""
        if "error" in self.told or not self.told.get("complete"):
            return f"{paths.name(self.path)} (cannot be used)"
        version = ", ".join(self.versions) or "unknown"
        return f"{paths.name(self.path)} (version {version}, made at {moment(self.created)}, with {self._content()})"

    def _content(self) -> str:
        return f"the {' and the '.join(self.data)}" if self.data else "no data"


def place(host: HostFacts, instance: InstanceFacts, name: str) -> str:
    """The folder of a set that is named, or given by its whole path."""
    return name if paths.is_absolute(name) else paths.join(backup.folder(host, instance), name)


def question(path: str) -> Query:
    """What the host has to tell about one set. Each is asked by itself: a drive that is gone fails its query alone."""
    return {"id": _id(path), "kind": "backup_set", "paths": [path]}


def read(path: str, answers: Mapping[str, Any]) -> BackupSet:
    """The set, from the answer to :func:`question`."""
    answer = answers.get(_id(path), {})
    return BackupSet(path, next(iter(answer.get("items", [])), {"exists": "error" in answer, **answer}))


def listing(host: HostFacts, instance: InstanceFacts) -> Query:
    """Asks for all sets of the instance below the present root."""
    return {"id": "sets", "kind": "backup_set", "paths": [paths.join(backup.folder(host, instance), "*")]}


def listed(answers: Mapping[str, Any]) -> list[BackupSet]:
    """All sets of the answer to :func:`listing`, newest first."""
    found = [BackupSet(item["path"], item) for item in answers.get("sets", {}).get("items", [])]
    return sorted(found, key=lambda one: (one.created, one.path), reverse=True)


def not_usable(instance: InstanceFacts, wanted: BackupSet, problem: str, advice: str) -> Finding:
    """The set cannot be put back."""
    message = f"The backup set {wanted.path} of instance '{instance['name']}' cannot be put back: {problem}. {advice}"
    return Finding("blocker", "backup_not_usable", message)


def loss(instance: InstanceFacts, wanted: BackupSet, answers: Mapping[str, Any], accepted: bool) -> Finding:
    """What putting data back costs. ``answers``: that of :data:`CLOCK` tells the host's local time."""
    offset = answers.get("clock", {}).get("utc_offset_minutes")
    local = f", {moment(wanted.created, offset)} by the host's clock" if offset is not None else ""
    message = (
        f"Everything that was entered in instance '{instance['name']}' since {moment(wanted.created)}{local}, when the backup set "
        f"{paths.name(wanted.path)} was made, is lost."
    )
    if accepted:
        return Finding("warning", LOSS, f"{message} The operator has accepted it.")
    return Finding(
        "blocker",
        LOSS,
        f"{message} If that is meant, say so: accept_data_loss: true, or in an upgrade upgrade_acknowledged: [{LOSS}].",
    )


CLOCK: Query = {"id": "clock", "kind": "identity"}


def moment(time: str, offset_minutes: int | None = None) -> str:
    """A time of the host for people, to the second: UTC, or its local time."""
    if not time:
        return "an unknown time"
    at = utc(time)
    if offset_minutes is None:
        return f"{at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{at + timedelta(minutes=offset_minutes):%Y-%m-%d %H:%M:%S}"


def _id(path: str) -> str:
    return f"set {paths.key(path)}"
