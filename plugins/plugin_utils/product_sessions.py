# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Having the product make a backup of itself, and waiting until it is proved to be good.

The host asks, not the controller: a host always reaches its own site, whatever a closed network forbids, and the credentials go no
further than from there to there. They travel in the request to the agent only, which nothing records: no plan, journal or event log.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from .host import ConnectionLost, Host, Login
from .model.facts import InstanceFacts
from .planning import backup_session, product_backup
from .planning.backup_session import Archive, Before
from .planning.evidence import utc
from .planning.findings import Refusal
from .planning.product_backup import ProductBackupWish
from .stages import BACKUP, Line
from .transactions import Progress

_LOOK_SECONDS = 5
_SHOWN = 300
"""Characters of what the product says that are shown."""


@dataclass(frozen=True)
class Session:
    """A backup that was made: its archive, and the product's session object as it was last seen."""

    archive: str
    size: int
    session: Any


def make(host: Host, instance: InstanceFacts, wish: ProductBackupWish, login: Login, progress: Progress) -> Session:
    """Starts a session and waits for a new archive that has stopped growing and is good from end to end.

    Raises :class:`Refusal`: the product refused, or there is none in time. Nothing was stopped then.
    """
    deadline = time.monotonic() + wish.timeout
    answers = host.query(backup_session.listing(instance))
    before = Before(utc(answers["identity"]["time"]), backup_session.archives(answers))
    started = _start(host, instance, wish, login)
    session = backup_session.session_id(started)
    progress(
        Line(f"{instance['name']}: the product makes a backup, session {session or 'of unknown id'}", {"stage": BACKUP})
    )
    waiting = _Waiting(host, instance, before)
    while True:
        try:
            archive = waiting.look(deadline - time.monotonic(), progress)
            if archive or time.monotonic() >= deadline:
                shown = _shown_session(host, instance, login, session) or started
                return _ended(instance, wish, waiting, archive, shown)
        except ConnectionLost:
            if time.monotonic() >= deadline:
                raise
        time.sleep(min(_LOOK_SECONDS, max(0.5, wish.timeout / 20)))


def _ended(
    instance: InstanceFacts, wish: ProductBackupWish, waiting: _Waiting, archive: Archive | None, shown: Any
) -> Session:
    if archive:
        return Session(archive.path, archive.size, shown)
    said = json.dumps(shown, ensure_ascii=False)[:_SHOWN] if shown is not None else "nothing"
    raise Refusal(
        f"The backup of the product of instance '{instance['name']}' was not finished within {wish.timeout} seconds: {waiting.reason}. The "
        f"product says about the session: {said}. Look at the product's backups; if they are only slow, raise product_backup_timeout, and "
        f"if they go elsewhere, have the configuration write to that folder. {_as_it_is(instance)}"
    )


def _start(host: Host, instance: InstanceFacts, wish: ProductBackupWish, login: Login) -> Any:
    """The session object that the product answers; None when it is no JSON."""
    site = instance["site"]
    if site is None:
        raise Refusal(f"Instance '{instance['name']}' has no site that could be asked for a backup session.")
    where = backup_session.request(site, wish.configuration)
    response = host.request("POST", login, **where)
    if response["status"] in (200, 201, 202):
        return _json(response["body"])
    advice = {
        None: "Check that its site answers on the host itself.",
        401: "Check product_backup_user and product_backup_password: a local account of the product is wanted, not one of the domain.",
        403: "Give the account the permission for API calls, or the role of a system administrator, in the product.",
        404: f"Check that the product has a backup configuration '{wish.configuration}'.",
    }
    said = (
        f"it answered HTTP {response['status']}"
        if response["status"]
        else f"it could not be asked: {response['error']['message'].rstrip('.')}"
    )
    raise Refusal(
        f"The product of instance '{instance['name']}' started no backup session: {said} (POST {where['url']}). "
        f"{advice.get(response['status'], 'In service mode an administrator has to log in first.')} {_as_it_is(instance)}"
    )


def _shown_session(host: Host, instance: InstanceFacts, login: Login, session: str | None) -> Any:
    """What the product says about the session now; None when it says nothing. It decides about nothing."""
    site = instance["site"]
    if session is None or site is None:
        return None
    response = host.request("GET", login, **backup_session.request(site, session))
    return _json(response["body"]) if response["status"] == 200 else None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


class _Waiting:
    """Looks at the folder again and again; an archive is read only when it was the same at two looks, and once."""

    def __init__(self, host: Host, instance: InstanceFacts, before: Before) -> None:
        self._host = host
        self._instance = instance
        self._before = before
        self._last: Archive | None = None
        self._read: Archive | None = None
        self.reason = f"no new .cdbbz has come to {instance['paths']['backup']}"

    def look(self, seconds_left: float, progress: Progress) -> Archive | None:
        """The archive, if it is there and good."""
        found = self._before.come(self._host.query(backup_session.listing(self._instance)))
        grows, self._last = found != self._last, found
        if found is None or found == self._read:
            return None
        if grows:
            self.reason = f"{found.path} was still growing"
            progress(f"{self._instance['name']}: {found.path}, {found.size} bytes so far")
            return None
        progress(f"{self._instance['name']}: reading {found.path} to its end")
        question = product_backup.question(self._instance, max(1, int(seconds_left)))
        item = product_backup.newest(self._host.query([{**question, "paths": [found.path]}]))
        self._read = found
        if (
            item
            and item["exists"]
            and item["state"] == "good"
            and (item["size"], item["modified"]) == (found.size, found.modified)
        ):
            return found
        self.reason = f"{found.path} {product_backup.trouble(item or {})}"
        return None


def _as_it_is(instance: InstanceFacts) -> str:
    return f"Nothing was stopped; the instance stays at {instance['version']['current']}."
