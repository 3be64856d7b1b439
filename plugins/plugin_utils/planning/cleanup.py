# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What lies on a host that nobody may need any more: agent programs, transactions, backup sets, pristine files, product versions.

Caches of the product are none of it: the vendor's pages name no cache that may be deleted but inside a step of a manual upgrade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ..model import paths
from ..model.brands import AGENT_ROOT
from ..model.facts import HostFacts
from ..model.queries import Query
from ..model.versions import Version, VersionError
from . import approval, backup, needs, recovery
from .backup_sets import BackupSet
from .cleanup_words import HOW, VENDORS_WAY, WORDS
from .evidence import utc
from .needs import Needs

INSTANCE = "host cleanup"
"""What a removal is called where the host wants the name of an instance."""

PURPOSE = "cleanup"
LEAVING = ".~agent-removed"
"""How the host calls a backup set that is being removed (docs/protocol.md, "prune_sets")."""

KINDS = ("worker", "transaction", "backup_set", "pristine", "plan", "leftover")
"""Kinds that can be removed; ``version`` is only listed."""

FOLDERS = {
    "bin": "worker",
    "transactions": "transaction",
    "pristine": "pristine",
    approval.FOLDER: "plan",
    "removed": "leftover",
}
"""The folders of the agent whose entries may go."""

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class CleanupWish:
    """``keep``: the number of newest good backup sets of each instance that stay. ``older_than_days``: sets and transactions that are
    older may go. ``worker``: hash of the agent program that this controller uses. ``remove``: kinds and paths.
    """

    keep: int
    older_than_days: int
    worker: str
    remove: tuple[str, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Item:
    """One thing on the host. ``last_used``: UTC, None where nobody knows. ``word``: key of its reason, ``values`` are put into that."""

    kind: str
    path: str
    bytes: int
    word: str
    values: Mapping[str, object]
    may_go: bool = False
    instance: str | None = None
    last_used: str | None = None

    def reason(self, language: str) -> str:
        """Why it may go, or has to stay."""
        return WORDS[self.word].say(language).format(**self.values)

    def how(self, language: str) -> str | None:
        """The exact way to remove it; None for what stays."""
        if not self.may_go:
            return None
        if self.kind == "version":
            return VENDORS_WAY.say(language).format(version=paths.name(self.path))
        return HOW.format(path=self.path.replace("'", "''"))

    def as_dict(self, language: str) -> dict[str, Any]:
        """For results."""
        return {
            "kind": self.kind,
            "path": self.path,
            "size": self.bytes,
            "instance": self.instance,
            "last_used": self.last_used,
            "may_go": self.may_go,
            "reason": self.reason(language),
            "how": self.how(language),
        }


def questions(host: HostFacts) -> list[Query]:
    """What the host has to tell besides the facts; ``transactions`` and ``sets`` are asked again before anything is removed."""
    own = [paths.join(root(host), folder, "*") for folder in FOLDERS]
    sets = [paths.join(host["backup_root"], "*", "*", "*")]
    return [
        {"id": "own", "kind": "tree_size", "paths": own},
        {"id": "set_sizes", "kind": "tree_size", "paths": sets},
        {"id": "all_sets", "kind": "backup_set", "paths": sets},
        {"id": "version_sizes", "kind": "tree_size", "paths": [one["folder"] for one in host["versions"]]},
        {"id": "transactions", "kind": "list", "paths": [paths.join(root(host), "transactions")]},
        {"id": "sets", "kind": "list", "paths": [paths.join(host["backup_root"], "*", "*")]},
    ]


def root(host: HostFacts) -> str:
    """The agent's folder."""
    return host["agent"].get("root") or AGENT_ROOT


def items(host: HostFacts, wish: CleanupWish, answers: Mapping[str, Any]) -> list[Item]:
    """Everything, by kind and path. ``answers``: those to :func:`questions`.

    Nothing may go while something is unfinished, and where the host could not be inspected completely.
    """
    return list(_Listing(host, wish, answers).all())


def blocking(host: HostFacts) -> list[recovery.Status]:
    """The unfinished transactions for which everything has to stay: all but a removal that was interrupted, as the next one begins with
    finishing that.
    """
    return [
        one
        for one in recovery.of(host["agent"].get("transactions", []), None, None)
        if one["instance"] != INSTANCE or not recovery.is_abandoned(one, host["time"])
    ]


class _Listing:
    def __init__(self, host: HostFacts, wish: CleanupWish, answers: Mapping[str, Any]) -> None:
        self.host, self.wish = host, wish
        self.now: datetime = utc(host["time"])
        self.own = _sizes(answers, "own") if host["agent"].get("protected") else {}
        self.set_sizes, self.version_sizes = _sizes(answers, "set_sizes"), _sizes(answers, "version_sizes")
        found = answers.get("all_sets", {}).get("items", [])
        self.sets = [BackupSet(one["path"], one) for one in found if not one["path"].casefold().endswith(LEAVING)]
        self.leftovers = [one["path"] for one in found if one["path"].casefold().endswith(LEAVING)]
        self.needs: Needs = needs.of(host, self.sets)

    def all(self) -> Iterator[Item]:
        """See :func:`items`."""
        obstacle = self._obstacle()
        for item in [
            *self._workers(),
            *self._transactions(),
            *self._backup_sets(),
            *self._pristine(),
            *self._plans(),
            *self._versions(),
        ]:
            yield replace(item, may_go=False, **obstacle) if item.may_go and obstacle else item
        for path in [path for path in self.own if _kind(path) == "leftover"] + self.leftovers:
            size = {**self.own, **self.set_sizes}[path]
            yield Item("leftover", path, size, **(obstacle or {"word": "leftover", "values": {}, "may_go": True}))

    def _obstacle(self) -> dict[str, Any] | None:
        if unfinished := blocking(self.host):
            return {"word": "blocked", "values": {"transaction": unfinished[0]["id"]}}
        unknown = [one["message"] for one in self.host["problems"] if one["code"] == "query_failed"]
        return {"word": "unknown", "values": {"problem": unknown[0]}} if unknown else None

    def _of(self, kind: str) -> Iterator[tuple[str, str, int]]:
        for path, size in self.own.items():
            if _kind(path) == kind:
                yield path, paths.name(path), size

    def _older(self, moment: str | None) -> bool:
        return bool(moment) and utc(str(moment)) <= self.now - timedelta(days=self.wish.older_than_days)

    def _workers(self) -> Iterator[Item]:
        for path, name, size in self._of("worker"):
            if name == self.wish.worker:
                yield Item("worker", path, size, "current_worker", {})
            elif _HASH.fullmatch(name):
                yield Item("worker", path, size, "old_worker", {}, True)

    def _transactions(self) -> Iterator[Item]:
        known = {one["id"]: one for one in self.host["agent"].get("transactions", [])}
        cleanups = [one for one in known.values() if (one.get("about") or {}).get("purpose") == PURPOSE]
        newest = max((str(one.get("created") or "") for one in cleanups), default=None)
        for path, name, size in self._of("transaction"):
            if one := known.get(name):
                last = one in cleanups and one.get("created") == newest
                word, may_go = self._transaction_word(one, last)
                values = {"days": self.wish.older_than_days, "state": one["state"]}
                instance = recovery.split(one)[1]
                values |= {"instance": instance}
                yield Item("transaction", path, size, word, values, may_go, instance, one.get("finished"))

    def _transaction_word(self, one: Mapping[str, Any], last_cleanup: bool) -> tuple[str, bool]:
        if one["state"] not in recovery.OVER:
            return "unfinished", False
        if one["id"] in self.needs.transactions:
            return "history", False
        if last_cleanup:
            return "last_cleanup", False
        old = self._older(one.get("finished") or one.get("created"))
        return ("old_transaction", True) if old else ("young", False)

    def _backup_sets(self) -> Iterator[Item]:
        clear = {
            paths.key(backup.folder(self.host, one)): bool(one["version"]["current"]) for one in self.host["instances"]
        }
        folders = dict.fromkeys(paths.parent(one.path) for one in self.sets)
        for folder in folders:
            newer = 0
            inside = [one for one in self.sets if paths.parent(one.path) == folder]
            for one in sorted(inside, key=lambda one: (one.created, one.path), reverse=True):
                word, may_go = self._set_word(one, newer, clear.get(paths.key(folder), True))
                newer += _is_good(one)
                name = self.needs.sets.get(paths.key(one.path), paths.name(folder))
                values = {"instance": name, "keep": self.wish.keep, "days": self.wish.older_than_days}
                values |= {"why": one.told.get("unusable")}
                size = self.set_sizes.get(one.path, 0)
                yield Item("backup_set", one.path, size, word, values, may_go, paths.name(folder), one.created or None)

    def _set_word(self, one: BackupSet, newer: int, clear: bool) -> tuple[str, bool]:
        """``newer``: the number of good sets of the same instance that are. ``clear``: whether the instance is at one version."""
        if paths.key(one.path) in self.needs.sets:
            return "way_back", False
        if not one.told.get("protected"):
            return "open_to_others", False
        if one.told.get("unusable"):
            return "unusable", True
        if not one.told.get("complete"):
            return "incomplete", False
        if not clear:
            return "unclear", False
        if _is_good(one) and not newer:
            return "newest", False
        if newer >= self.wish.keep:
            return "beyond", True
        return ("old_set", True) if self._older(one.created) else ("kept", False)

    def _pristine(self) -> Iterator[Item]:
        for path, version, size in self._of("pristine"):
            if _version(version):
                word, values = self._version_word(version)
                last = self.needs.left.get(version) or None
                yield Item("pristine", path, size, word or "old_pristine", values, word is None, None, last)

    def _plans(self) -> Iterator[Item]:
        """A plan is as old as the transaction that left it; where that is not known any more, the plan is older still."""
        known = self.host["agent"].get("transactions", [])
        for path, name, size in self._of("plan"):
            left = [one for one in known if (one.get("about") or {}).get("sha256") == name]
            last = max((str(one["created"]) for one in left), default=None)
            old = last is None or self._older(last)
            values = {"days": self.wish.older_than_days}
            yield Item("plan", path, size, "old_plan" if old else "young_plan", values, old, None, last)

    def _versions(self) -> Iterator[Item]:
        for one in self.host["versions"]:
            version, folder = one["version"], one["folder"]
            word, values = self._version_word(version)
            if word is None and (ahead := self._ahead(version)):
                word, values = "ahead", ahead
            last = self.needs.left.get(version) or None
            size = self.version_sizes.get(folder, 0)
            yield Item("version", folder, size, word or "old_version", values, word is None, None, last)

    def _version_word(self, version: str) -> tuple[str | None, dict[str, object]]:
        """Why a version has to stay, if it has to."""
        values: dict[str, object] = {"version": version}
        unclear = [one["name"] for one in self.host["instances"] if not one["version"]["current"]]
        for word, known in (("used", self.needs.used), ("leads_back", self.needs.led), ("origin", self.needs.origins)):
            if version in known:
                return word, {**values, "by": known[version]}
        return ("unclear", {"instance": unclear[0]}) if unclear else (None, values)

    def _ahead(self, version: str) -> dict[str, object] | None:
        for one in self.host["instances"]:
            current = one["version"]["current"]
            if current and Version.parse(current) < Version.parse(version):
                return {"instance": one["name"], "current": current}
        return None


def _sizes(answers: Mapping[str, Any], query: str) -> dict[str, int]:
    return {one["path"]: one["bytes"] for one in answers.get(query, {}).get("items", [])}


def _kind(path: str) -> str | None:
    return FOLDERS.get(paths.name(paths.parent(path)).casefold())


def _is_good(one: BackupSet) -> bool:
    return bool(one.told.get("complete") and one.told.get("protected") and "error" not in one.told)


def _version(text: str) -> Version | None:
    try:
        return Version.parse(text)
    except VersionError:
        return None
