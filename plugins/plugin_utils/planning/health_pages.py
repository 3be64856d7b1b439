# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the pages of an instance say about its health. They prove that it can be reached, never which version runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .. import operations
from ..model.facts import InstanceFacts, Site
from ..model.versions import Version
from ..operations import Operation
from .health import HANDED_OVER, KNOWN, OK, SUSPECT, UNKNOWN, Baseline, Check, reason

_HEALTH_SINCE = Version.parse("5.0.0.0")
_LOGIN, _HEALTH = "Home/Login/?returnUrl=/", "api/health"
_HOST_NAME = re.compile(r"[\w.-]+")
_SERVICE_MODE = re.compile(
    r"Включен режим обслуживания|Войти как администратор|<(?:h\d|title)[^>]*>\s*(?:The )?(?:service|maintenance) mode",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Manner:
    """How pages are asked: ``timeout`` in seconds for each; whether a certificate that does not fit counts."""

    timeout: int = 20
    validate_certs: bool = True


def query(site: Site | None, version: Version | None, manner: Manner) -> list[dict[str, Any]]:
    """Asks the login page, and ``/api/health`` from 5.0 on, on the host itself; nothing where no binding can be asked.

    The address is the one that people use, so that host header and certificate are looked at as a browser does; the connection goes
    to the address of the binding. A certificate that does not fit is told, and the page is read all the same: nothing is sent there
    that needs protection.
    """
    if not site or not site["local_url"]:
        return []
    base, address = addresses(site)
    pages = [_LOGIN, _HEALTH] if version and version >= _HEALTH_SINCE else [_LOGIN]
    return [
        {
            "id": "http",
            "kind": "http",
            "urls": [f"{base}{page}" for page in pages],
            "address": address,
            "timeout_seconds": manner.timeout,
            "follow_redirects": True,
            "certificate": "tell" if manner.validate_certs else "ignore",
        }
    ]


def ask(instance: InstanceFacts, patience_seconds: int) -> list[Operation]:
    """Measures how long people get no answer: the first operation of a change, so that its undo is the last."""
    site = instance["site"]
    if not site or not site["local_url"] or not instance["pools"]:
        return []
    base, address = addresses(site)
    return [operations.ask_site(instance["pools"][0]["name"], f"{base}{_LOGIN}", address, patience_seconds)]


def addresses(site: Site) -> tuple[str, str | None]:
    """The address that people use, and where the host itself connects for it. What yml or registry say about the name may be anything."""
    named = _HOST_NAME.fullmatch(urlsplit(site["url"] or "").hostname or "")
    local = site["local_url"] or ""
    return (site["url"] if named else local) or "", urlsplit(local).hostname


def pages(answer: dict[str, Any], before: Baseline | None = None) -> Check:
    """The answer to the query ``http``: HANDED_OVER when a page is that of the service mode, KNOWN when all that is wrong was wrong
    in the same way before.
    """
    earlier = before.answers.get("http") if before else None
    if "items" not in answer:
        message = f"The pages could not be asked for: {reason(answer)}."
        same = earlier is not None and "items" not in earlier and reason(earlier) == reason(answer)
        return Check("http", KNOWN if same else UNKNOWN, f"{message} So it was before." if same else message)
    known = []
    for page in answer["items"]:
        if page.get("status") is not None and _SERVICE_MODE.search(page.get("body") or ""):
            return Check("http", HANDED_OVER, f"{page['url']} shows the service-mode page (HTTP {page['status']}).")
    for page in answer["items"]:
        then = _same_page(page, earlier)
        if _is_good(page) and not (then and _is_worse(page, then)):
            continue
        if then is None:
            return Check("http", SUSPECT, f"{_seen(page)}.")
        if _key(then) != _key(page):
            return Check("http", SUSPECT, f"{_seen(page)}; before: {_answer(then)}.")
        known.append(f"{_seen(page)}, as before.")
    if known:
        return Check("http", KNOWN, " ".join(known))
    return Check("http", OK, ", ".join(_seen(page) for page in answer["items"]) + ".")


def certificates(answer: dict[str, Any], before: Baseline | None) -> list[Check]:
    """Whether the host accepts the certificate of its own site; no check where there is none to look at.

    A change of the version changes no certificate: one that was wrong before, or of which that is not known, is not blamed on it.
    """
    shown = [page["certificate"] for page in answer.get("items", []) if page.get("certificate")]
    if not shown:
        return []
    wrong = next((one for one in shown if one["problem"]), None)
    if wrong is None:
        return [Check("certificate", OK, f"The host accepts the certificate {shown[0]['subject']}.")]
    message = f"{wrong['message']} Mend that, or set validate_certs to false if nobody needs it to be right (problem: {wrong['problem']})."
    items = (before.answers.get("http", {}) if before else {}).get("items", [])
    then = [page["certificate"]["problem"] for page in items if page.get("certificate")]
    if (before and before.as_it_is) or (then and wrong["problem"] not in then):
        return [Check("certificate", SUSPECT, message)]
    return [Check("certificate", KNOWN, message)]


def answered_at(answer: dict[str, Any]) -> str | None:
    """When the site itself answered, by the clock of the host; None if it did not."""
    return next((str(page["answered_at"]) for page in answer.get("items", []) if page.get("answered_at")), None)


def unseen(answer: dict[str, Any]) -> bool:
    """Whether a page asks for a login: then service mode cannot be told from outside."""
    return any(page.get("status") in (401, None) or _leads_away(page) for page in answer.get("items", []))


def _same_page(page: dict[str, Any], earlier: dict[str, Any] | None) -> dict[str, Any] | None:
    wanted = urlsplit(page["url"])[2:]
    return next((one for one in (earlier or {}).get("items", []) if urlsplit(one["url"])[2:] == wanted), None)


def _is_good(page: dict[str, Any]) -> bool:
    # Builds that have no such page answer 404 for it; the vendor names it from 5.0 on, without a build.
    good = (200, 401, 404) if page["url"].endswith(_HEALTH) else (200, 401)
    return page.get("status") in good or _leads_away(page)


def _is_worse(page: dict[str, Any], then: dict[str, Any]) -> bool:
    """A page that was there is not there any more."""
    return page.get("status") == 404 and then.get("status") in (200, 401)


def _leads_away(page: dict[str, Any]) -> bool:
    """A redirect that the agent did not follow leads to another site, where people log in (federated authentication)."""
    target = str((page.get("headers") or {}).get("location", ""))
    return page.get("status") in (301, 302, 303, 307, 308) and urlsplit(target).hostname not in (
        None,
        urlsplit(page["url"]).hostname,
    )


def _key(page: dict[str, Any]) -> Any:
    """What makes two failures the same."""
    return page["status"] if page.get("status") is not None else page["error"]["code"]


def _answer(page: dict[str, Any]) -> str:
    if page.get("status") is not None:
        return f"HTTP {page['status']}"
    return str(page["error"]["message"]).rstrip(".")


def _seen(page: dict[str, Any]) -> str:
    if page.get("status") is None:
        return f"{page['url']} does not answer: {_answer(page)}"
    return f"{page['url']} answers {_answer(page)}"
