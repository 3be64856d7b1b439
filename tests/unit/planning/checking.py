# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A healthy host, a started instance, and what a check sees of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import checks
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.evidence import Evidence
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import Check
from unit import factories

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=timezone.utc)
SINCE = datetime(2026, 11, 22, 16, 0, tzinfo=timezone.utc)
BEFORE, AFTER = "2026-11-22 18:59:59", "2026-11-22 19:00:30"  # the host lies three hours east of UTC
PARAMETERS: dict[str, Mapping[str, Any]] = {
    "windows": {"build": 20348},
    "iis": {"major": 10},
    "iis_components": {"names": ["WindowsAuthentication", "aspnet45"]},
    "dotnet_framework": {"release": 533320},
    "dotnet_sdk": {"at_least": "8.0.408"},
    "aspnetcore": {"family": "8.0"},
    "java": {"major": 17},
    "search_server": {},
    "product_backup": {"max_age_hours": 24, "cold_copy": True},
    "not_in_service_mode": {},
    "administrator_logged_in": {},
    "upgrade_logs": {},
}
SEARCH = "http://search.example.com:9200"
LOGIN = "http://portal.example.com:8081/Home/Login/?returnUrl=/"
AUDIT = f"{AFTER},001 INFO 0000 systemAccount admin: login, role System Administrators\r\n"


def answers() -> dict[str, Any]:
    """Of an instance that has started and was logged in to."""
    return {
        "identity": {"utc_offset_minutes": 180},
        "search_server": {"items": [{"url": SEARCH, "status": 401, "body": ""}]},
        "http": {"items": [{"url": LOGIN, "status": 200, "body": "login"}]},
        "upgrade_logs": {
            "items": [{"path": r"C:\L\upgrade2026-11-22.log", "text": f"{AFTER},001 INFO 0 s Upgrade completed\r\n"}]
        },
        "audit_logs": {"items": [{"path": r"C:\L\audit_2026-11-22.log", "text": AUDIT}]},
    }


def seen(
    kind: str, facts: HostFacts | None = None, parameters: Mapping[str, Any] | None = None, **more: Any
) -> tuple[str, str]:
    """State and words of a check, of the healthy host unless told otherwise."""
    host = facts or factories.host()
    known = Evidence(**{"now": NOW, "since": SINCE, "answers": answers(), **more})
    check = Check(kind, {**PARAMETERS[kind], **(parameters or {})})
    outcome = checks.evaluate(check, host, factories.instance(host), known)
    return outcome.state, outcome.seen


def host(**prerequisites: Any) -> HostFacts:
    facts = factories.host()
    facts["prerequisites"].update(prerequisites)  # type: ignore[typeddict-item]
    return facts
