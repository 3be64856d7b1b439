# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of the product itself: its backup, its search server, and how its present version has started."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ..model import paths
from ..model.facts import HostFacts, InstanceFacts
from . import health, health_logs, health_pages
from . import product_backup as archive
from .evidence import FAILED, OK, SEARCH_DIRECTIVES, UNKNOWN, Evidence, Outcome, address_in
from .product_backup import stamp as _stamp

# The vendor's pages name the file (audit_<date>.log), not its records: that a login of an administrator is told by these words in
# one line is inferred.
_LOGIN = re.compile(
    r"(?im)^(?!.*(?:fail|denied|unsuccessful|logout|неудач|отказ|ошиб)).*"
    r"(?:(?:\blog(?:ged)?[ -]?in\b|вход|вош[её]л).*(?:administrator|администратор)"
    r"|(?:administrator|администратор).*(?:\blog(?:ged)?[ -]?in\b|вход|вош[её]л)).*$"
)
_INFERRED = "how such a record looks is inferred, the vendor does not show it"
_STATES = {health.OK: OK, health.BAD: FAILED, health.PENDING: FAILED, health.HANDED_OVER: FAILED}


def product_backup(
    parameters: Mapping[str, Any], host: HostFacts, instance: InstanceFacts, evidence: Evidence
) -> Outcome:
    """Whether this hop copies the data itself, where that will do; else whether the product makes a backup before it, or has made a
    good one of that age at most, of the present version.
    """
    if parameters["cold_copy"] and evidence.cold_copy:
        return Outcome(OK, "the upgrade copies the data itself while the instance is stopped")
    if evidence.session:
        return Outcome(OK, "the product is told to make one before anything is stopped (product_backup: session)")
    return archive.outcome(parameters["max_age_hours"], host, instance, evidence)


def search_server(evidence: Evidence) -> Outcome:
    """Whether the address that the operator gave, or that in the instance's yml, answers. 401 is an answer: no credentials are sent."""
    answer = evidence.answers.get("search_server", {})
    meant = _search_address(evidence)
    for page in answer.get("items", []):
        status = page.get("status")
        if meant and page["url"].rstrip("/") != meant.rstrip("/"):
            return Outcome(UNKNOWN, f"the instance's yml names {meant}, and the host has found {page['url']} in it")
        if status is None:
            state = UNKNOWN if page["error"]["code"].startswith("certificate_") else FAILED
            return Outcome(state, f"{page['url']} does not answer: {page['error']['message'].rstrip('.')}")
        return Outcome(OK if status < 500 else FAILED, f"{page['url']} answers HTTP {status}")
    if "error" in answer:
        return Outcome(UNKNOWN, f"the address could not be asked: {answer['error']['message'].rstrip('.')}")
    seen = f"no address that can be asked without a password in {' or '.join(SEARCH_DIRECTIVES)}"
    return Outcome(UNKNOWN, f"{seen}, nor in the input {evidence.search_input}" if evidence.search_input else seen)


def _search_address(evidence: Evidence) -> str | None:
    """That of the instance's yml, where the host took it from there."""
    return next(
        (address_in(item["text"]) for item in evidence.answers.get("yml", {}).get("items", []) if item.get("text")),
        None,
    )


def not_in_service_mode(evidence: Evidence) -> Outcome:
    """Whether the login page is shown, not that of the service mode."""
    answer = evidence.answers.get("http", {})
    found = health_pages.pages(answer)
    if found.state == health.OK and health_pages.unseen(answer):
        return Outcome(UNKNOWN, f"{_phrase(found)}, so the page itself cannot be seen")
    return _outcome(found)


def upgrade_logs(evidence: Evidence) -> Outcome:
    """Whether the logs of the data upgrade since the start of the present version end with success and hold no error."""
    if evidence.since is None:
        return Outcome(UNKNOWN, "when the present version was started is not known")
    return _outcome(health_logs.data_upgrade(_local_since(evidence), evidence.answers.get("upgrade_logs", {})))


def administrator_logged_in(instance: InstanceFacts, evidence: Evidence) -> Outcome:
    """Whether an audit log tells of an administrator's login since the start of the present version."""
    if evidence.since is None:
        return Outcome(UNKNOWN, "when the present version was started is not known")
    answer, since = evidence.answers.get("audit_logs", {}), _local_since(evidence)
    if since is None:
        return Outcome(UNKNOWN, "the time zone of the host is not known, so the times of its logs say nothing")
    logs = answer.get("items", [])
    if not logs:
        unwritten = f"none was written since {_stamp(evidence.since)}"
        reason = answer.get("error", {}).get("message", unwritten).rstrip(".")
        return Outcome(UNKNOWN, f"no audit log in {instance['paths']['logs']} could be read: {reason}")
    for name, text in (part for log in health_logs.whole_logs(logs) for part in log.parts_since(since)):
        if _LOGIN.search(text):
            return Outcome(OK, f"{name} has a login of an administrator since {_stamp(evidence.since)}")
    names = ", ".join(paths.name(log["path"]) for log in logs)
    cut = any(log.get("truncated") for log in logs)
    part = f", of which the last {health_logs.LOG_TAIL // 1024} KB were read" if cut else ""
    seen = f"no login of an administrator since {_stamp(evidence.since)} in {names}{part} ({_INFERRED})"
    return Outcome(UNKNOWN if cut else FAILED, seen)


def _local_since(evidence: Evidence) -> datetime | None:
    since = evidence.since.astimezone(timezone.utc).replace(tzinfo=None) if evidence.since else None
    return health_logs.local_time(since, evidence.answers.get("identity", {}))


def _outcome(check: health.Check) -> Outcome:
    return Outcome(_STATES.get(check.state, UNKNOWN), _phrase(check))


def _phrase(check: health.Check) -> str:
    return check.message.rstrip(".")
