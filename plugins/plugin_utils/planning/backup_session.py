# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A backup session of the product, as its files tell about it.

The vendor documents how a session is started (its page on the Web API), but neither the fields of one nor the values of its status: so
it is believed to be done when a new archive is there, has stopped growing, and is good.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin

from ..model import paths
from ..model.facts import InstanceFacts, Site
from ..model.queries import Query
from . import health_pages
from .evidence import utc


@dataclass(frozen=True)
class Archive:
    """An archive as it is listed; ``size`` in bytes."""

    path: str
    size: int
    modified: str


@dataclass(frozen=True)
class Before:
    """What was there before the session: ``since``, the host's clock, and the archives."""

    since: datetime
    archives: frozenset[Archive]

    def come(self, answers: Mapping[str, Any]) -> Archive | None:
        """The newest archive that is new, or another one than it was, by the answers to :func:`listing`."""
        new = [
            archive
            for archive in archives(answers)
            if archive not in self.archives and utc(archive.modified) >= self.since
        ]
        return max(new, key=lambda archive: (archive.modified, archive.path), default=None)


def listing(instance: InstanceFacts) -> list[Query]:
    """Asks which archives are there now, and for the host's clock."""
    folder = {"id": "archives", "kind": "list", "paths": [instance["paths"]["backup"]], "names": ["*.cdbbz"]}
    return [{"id": "identity", "kind": "identity"}, folder]


def archives(answers: Mapping[str, Any]) -> frozenset[Archive]:
    """The archives in the answers to :func:`listing`; a folder that is missing has none."""
    return frozenset(
        Archive(paths.join(item["path"], entry["path"]), entry["size"], entry["modified"])
        for item in answers.get("archives", {}).get("items", [])
        for entry in item.get("entries", [])
        if entry["kind"] == "file"
    )


def request(site: Site, session: str) -> dict[str, Any]:
    """Where the product is asked to start (POST) the configuration of that id, or about (GET) a session. What is sent needs protection:
    a certificate that does not fit is an error.
    """
    base, address = health_pages.addresses(site)
    return {"url": urljoin(base, f"/webapi/Backup/Session/{quote(session, safe='')}"), "address": address}


def session_id(body: Any) -> str | None:
    """The id of the session object, whatever else it holds."""
    return str(body["id"]) if isinstance(body, dict) and body.get("id") else None
