# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts with a past: transactions, backup sets, agent programs, pristine files, versions; and what a cleanup says of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import cleanup
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.cleanup import CleanupWish, Item
from unit import factories
from unit.factories import BACKUP_ROOT, version_folder
from unit.planning.told_sets import items as set_items

ROOT = r"C:\Program Files\comindware.platform"
SETS = rf"{BACKUP_ROOT}\Comindware\sales"
WORKER, OTHER_WORKER = "a" * 64, "b" * 64
VERSIONS = ("4.2.612.0", "4.7.23499.0", "5.0.13334.0", "5.0.24055.0")
NOW = datetime(2026, 11, 22, 19, tzinfo=timezone.utc)


def moment(days_ago: float) -> str:
    """A time as the host tells it."""
    return f"{NOW - timedelta(days=days_ago):%Y-%m-%dT%H:%M:%S}.000Z"


@dataclass
class Past:
    """What has happened to the instance ``sales``, each thing a day after the one before; ``at``: its present version."""

    at: str = VERSIONS[0]
    transactions: list[dict[str, Any]] = field(default_factory=list)
    sets: list[dict[str, Any]] = field(default_factory=list)
    pristine: set[str] = field(default_factory=set)
    installed: tuple[str, ...] = VERSIONS
    _ago: float = 300

    def transaction(self, purpose: str, state: str = "confirmed", **more: Any) -> dict[str, Any]:
        """A transaction of today."""
        self._ago -= 1
        about = {"purpose": purpose, **more.pop("about", {})}
        time = moment(self._ago)
        ended = None if state in ("applied", "running", "held") else time
        one = {
            "id": f"t{len(self.transactions)}",
            "title": purpose,
            "instance": "Comindware sales",
            "owner": "anna@ctl",
            "state": state,
            "run": f"R{len(self.transactions)}",
            "created": time,
            "started_at": time,
            "finished": ended,
            "about": about,
            "lease": None,
            "past_return": False,
            "confirming": False,
            "worker": None,
            "undo_errors": [],
            **more,
        }
        self.transactions.append(one)
        return one

    def backup(self, **told: Any) -> str:
        """A set of today; its path."""
        self._ago -= 1
        path = rf"{SETS}\s{len(self.sets)}"
        self.sets.append(
            {
                "path": path,
                "exists": True,
                "complete": True,
                "unusable": None,
                "protected": True,
                "machine": "APP01",
                "about": None,
                "created": moment(self._ago),
                "items": set_items("database", version=self.at),
                **told,
            }
        )
        return path

    def upgrade(self, target: str, state: str = "confirmed", **more: Any) -> str:
        """To another version, with a set; the run."""
        about = {"from": self.at, "to": target, "backup": self.backup(), "data_upgrade": more.pop("data_upgrade", True)}
        one = self.transaction("upgrade", state, about=about, **more)
        if state == "confirmed":
            self.at = target
            self.pristine.add(target)
        return str(one["run"])

    def back(self, path: str, target: str, purpose: str = "rollback", run: str | None = None) -> None:
        """A return to a set; it saves what is there first."""
        self.backup()
        self.transaction(purpose, about={"from": self.at, "to": target, "backup": path, "run": run})
        self.at = target

    def host(self, without: Iterable[str] = ()) -> HostFacts:
        """The facts, ``without`` the paths that were removed."""
        gone = set(without)
        known = [one for one in self.transactions if rf"{ROOT}\transactions\{one['id']}" not in gone]
        told = {"root": ROOT, "protected": True, "workers": [WORKER, OTHER_WORKER], "transactions": known}
        facts = factories.host({"agent": told})
        facts["time"] = moment(0)
        facts["versions"] = [
            {**facts["versions"][0], "version": one, "folder": version_folder(one)} for one in self.installed
        ]
        one = factories.instance(facts)
        for place in ("current", "links", "yml", "registry"):
            one["version"][place] = self.at
        for link in one["links"]:
            link["version"] = self.at
        return facts

    def answers(self) -> dict[str, Any]:
        """To the questions of a cleanup."""
        own = [
            *(rf"bin\{one}" for one in (WORKER, OTHER_WORKER)),
            *(rf"transactions\{one['id']}" for one in self.transactions),
            *(rf"pristine\{one}" for one in sorted(self.pristine)),
        ]
        listed = {"exists": True, "kind": "directory", "entries": []}
        return {
            "own": _sized(rf"{ROOT}\{one}" for one in own),
            "set_sizes": _sized(one["path"] for one in self.sets),
            "all_sets": {"items": self.sets},
            "version_sizes": _sized(version_folder(one) for one in self.installed),
            "transactions": {"items": [{"path": rf"{ROOT}\transactions", **listed}]},
            "sets": {"items": [{"path": SETS, **listed}]},
        }

    def items(self, keep: int = 5, days: int = 180, language: str = "en") -> dict[str, Item]:
        """What a cleanup says of it, by the last part of the path and its kind."""
        wish = CleanupWish(keep, days, WORKER, (), language)
        found = cleanup.items(self.host(), wish, self.answers())
        return {f"{one.kind} {one.path.rpartition(chr(92))[2]}": one for one in found}


def _sized(found: Iterable[str]) -> dict[str, Any]:
    return {"items": [{"path": path, "exists": True, "bytes": 2048} for path in found]}
