# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the checks of the policy look at besides facts, and what they find."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ..model import directives, paths
from ..model.facts import InstanceFacts
from ..model.queries import as_python, directive_pattern
from ..model.versions import Version
from ..policy.hops import CHECKS
from . import verdict
from .health_logs import LOG_TAIL

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"

SEARCH_DIRECTIVES = ("journal.server", "elasticsearchUri")
"""Where the instance's yml has the address of its search server: since 5.0, and before."""

# A value with an @ may hold a password: such an address is not asked, and does not come back in an answer.
_ADDRESS = r"[\"']?(?<value>https?://[^\s@#,;\"']+)(?=[\s#,;\"']|$)"
_ADDRESS_VALUE = re.compile(as_python(_ADDRESS))

_SEARCH_SERVER = {"id": "search_server", "kind": "http", "timeout_seconds": 10, "maximum_bytes": 4096}


@dataclass(frozen=True)
class Outcome:
    """What a check found. ``state``: ok, failed, or unknown when the host could not tell; ``seen``: the value seen and the value
    wanted, in a few words.
    """

    state: str
    seen: str


@dataclass(frozen=True)
class Evidence:
    """What the checks of one instance look at besides its facts.

    ``now``: the host's clock when it was inspected. ``since``: when the present version of the instance was started, None when that
    is not known. ``cold_copy``: this hop copies the data itself while the instance is stopped. ``answers``: those to :func:`queries`,
    and that about the newest archive of the product. ``session``: the product makes a backup before this hop. ``search_input``: the
    input of the policy that names the search server.
    """

    now: datetime
    since: datetime | None = None
    cold_copy: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    session: bool = False
    search_input: str | None = None


def utc(text: str) -> datetime:
    """A time as hosts tell it (``2026-11-22T19:00:00.000Z``), such as ``HostFacts["time"]``. Raises ValueError for another form."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def queries(
    instance: InstanceFacts,
    version: Version,
    hidden: Mapping[str, Any],
    kinds: Collection[str] = tuple(CHECKS),
    search_server: str | None = None,
    since: datetime | None = None,
) -> list[dict[str, Any]]:
    """What to ask the host for checks of these kinds, of an instance that runs ``version``; empty when the facts are enough.

    ``hidden``: the rules by which values of the yml are hidden (model.secrets). ``search_server``: the address that the operator gave;
    else the one in the instance's yml is asked. ``since``: when the present version was started; older logs are not read.

    ``not_in_service_mode`` asks the login page, and a first request starts an instance: ask it only of one that is started.
    """
    written = f"{since.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S}.000Z" if since else None
    known = {query["id"]: query for query in verdict.queries(instance, version, written)}
    wanted = {
        "search_server": _search_server(instance, search_server, hidden),
        "not_in_service_mode": [known[name] for name in ("http",) if name in known],
        "administrator_logged_in": [known["identity"], _audit_logs(instance, written)],
        "upgrade_logs": [known["identity"], known["upgrade_logs"]],
    }
    asked = {query["id"]: query for kind in kinds for query in wanted.get(kind, [])}
    return list(asked.values())


def _search_server(instance: InstanceFacts, given: str | None, hidden: Mapping[str, Any]) -> list[dict[str, Any]]:
    if given:
        return [{**_SEARCH_SERVER, "urls": [given]}]
    if instance["yml"] is None:
        return []
    sources = [
        {"from": "yml", "select": "items[].text", "pattern": _address_pattern(directive)}
        for directive in SEARCH_DIRECTIVES
    ]
    return [
        {"id": "yml", "kind": "read", "paths": [instance["yml"]], "secrets": hidden},
        {**_SEARCH_SERVER, "urls": sources},
    ]


def address_in(yml: str) -> str | None:
    """The address of the search server that a yml names, if it can be asked without a password."""
    values = (directives.read(yml).text(directive) for directive in SEARCH_DIRECTIVES)
    return next((found["value"] for value in values if value and (found := _ADDRESS_VALUE.match(value))), None)


def _address_pattern(directive: str) -> str:
    head, _value, _tail = directive_pattern(directive).partition("(?<value>")
    return head + _ADDRESS


def _audit_logs(instance: InstanceFacts, written: str | None) -> dict[str, Any]:
    logs = paths.join(instance["paths"]["logs"], "audit*.log")
    recent = {"modified_since": written} if written else {}
    return {"id": "audit_logs", "kind": "read", "paths": [logs], "tail_bytes": LOG_TAIL, **recent}
