# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backups that the product makes of itself (``.cdbbz``): what the operator asks of them, and what an archive proves.

Such an archive is a ZIP file that always holds ``Database`` (vendor's pages on backups).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from ..model.queries import Query
from ..policy import Step
from ..policy.hops import Text
from .evidence import FAILED, OK, UNKNOWN, Evidence, Outcome, utc

NONE, EXISTING, SESSION = KINDS = ("none", "existing", "session")

QUERY = "product_backup"
"""The id of the query about the newest archive."""

MAX_AGE = 24
"""Hours: as old may an archive be where nobody says otherwise."""
TIMEOUT = 3600
"""Seconds for the product to make an archive, and for the host to read it to its end, where nobody says otherwise."""

_WANTED = "Database/*"


@dataclass(frozen=True)
class ProductBackupWish:
    """``kind``: none, existing (the newest archive must be good, and of ``max_age`` hours at most), or session (the product makes one
    by its backup configuration ``configuration``). ``timeout``: seconds for each archive.
    """

    kind: str = NONE
    configuration: str = ""
    max_age: int = MAX_AGE
    timeout: int = TIMEOUT

    def as_dict(self) -> dict[str, Any]:
        """What decides about the plan."""
        given: dict[str, dict[str, Any]] = {
            EXISTING: {"max_age": self.max_age},
            SESSION: {"configuration": self.configuration},
        }
        return {"kind": self.kind, **given.get(self.kind, {})}


def question(instance: InstanceFacts, seconds: int) -> Query:
    """Asks for the newest archive in the instance's backup folder, read from end to end."""
    return {
        "id": QUERY,
        "kind": "zip",
        "paths": [paths.join(instance["paths"]["backup"], "*.cdbbz")],
        "newest": 1,
        "entries": [_WANTED],
        "maximum_seconds": seconds,
    }


def newest(answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """The item about the newest archive; None when there is none, or the host could not tell."""
    item: dict[str, Any] | None = next(iter(answers.get(QUERY, {}).get("items", [])), None)
    return item


def outcome(hours: int, host: HostFacts, instance: InstanceFacts, evidence: Evidence) -> Outcome:
    """Whether the newest archive is good, of that age at most, and of the present version of this instance."""
    folder, answer = instance["paths"]["backup"], evidence.answers.get(QUERY, {})
    if "items" not in answer:
        reason = str(answer.get("error", {}).get("message", "it was not asked for")).rstrip(".")
        return Outcome(
            UNKNOWN, f"{folder} could not be looked at, a .cdbbz of at most {hours} hours is wanted: {reason}"
        )
    item = newest(evidence.answers)
    if item is None:
        return Outcome(FAILED, f"no .cdbbz in {folder}, one of at most {hours} hours is wanted")
    if item["state"] != "good":
        return Outcome(UNKNOWN if item["state"] == "unproved" else FAILED, f"{item['path']} {trouble(item)}")
    made = utc(item["modified"])
    age = max(evidence.now - made, timedelta())
    seen = f"{item['path']} is {math.ceil(age / timedelta(hours=1))} hours old, at most {hours} are wanted"
    if age > timedelta(hours=hours):
        return Outcome(FAILED, seen)
    if evidence.since and made <= evidence.since:
        return Outcome(
            FAILED,
            f"{item['path']} was made {stamp(made)}, before the present version started {stamp(evidence.since)}",
        )
    if others := sharing(host, instance):
        return Outcome(UNKNOWN, f"{seen}, but it may be a backup of {', '.join(others)}: they share the folder")
    return Outcome(OK, f"{seen}; it was read to its end, {item['files']} files")


def trouble(item: Mapping[str, Any]) -> str:
    """What keeps an archive from being good, as a phrase."""
    words = {"damaged": "is damaged", "incomplete": "is not complete"}
    return f"{words.get(item['state'], 'could not be proved to be good')}: {item['reason']}"


def sharing(host: HostFacts, instance: InstanceFacts) -> list[str]:
    """Other instances whose archives lie in the same folder: their names say nothing about whose they are."""
    return [
        other["name"]
        for other in host["instances"]
        if paths.same(other["paths"]["backup"], instance["paths"]["backup"])
        and (other["brand"], other["name"]) != (instance["brand"], instance["name"])
    ]


def no_return(instance: InstanceFacts, step: Step, wish: ProductBackupWish, language: str) -> str:
    """What is said about the first start of a version that upgrades data of which the transaction has no copy."""
    about = {"target": step.target, "name": instance["name"], "way": _LAST_RESORT[wish.kind].say(language)}
    return _NO_RETURN.say(language).format(**about)


_NO_RETURN = Text(
    "The first start of {target} upgrades the data of instance '{name}', and no copy of the database was asked for: once it has started "
    "there is no way back but {way}. The host does not go back by itself then: the new version runs unconfirmed, and does not start by "
    "itself after a restart of the host until it is confirmed.",
    "Первый запуск {target} обновляет данные экземпляра «{name}», а копия базы не заказана: после него вернуться можно только {way}. "
    "Хост сам после него не откатывается: новая версия работает неподтверждённой и после перезагрузки не запускается сама, пока её не "
    "подтвердят.",
)
_LAST_RESORT = {
    NONE: Text("a backup of your own", "из вашей собственной резервной копии"),
    EXISTING: Text(
        "the backup of the product that is there, put back by hand",
        "вручную из имеющейся резервной копии продукта",
    ),
    SESSION: Text(
        "the backup that the product makes before, put back by hand",
        "вручную из резервной копии, которую продукт создаст перед этим",
    ),
}


def stamp(moment: datetime) -> str:
    """A time for people."""
    return f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"
