# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fingerprint of an instance: what a plan was made from, in a form that the host can check again.

Each expectation is a query and the SHA-256 of its answer as canonical JSON; the host computes the same in C#
(docs/protocol.md, "Plans").
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from .facts import Expectation
from .queries import CONFIGURATION_FILES


def canonical(value: Any, ignore: list[str]) -> str:
    """JSON with sorted keys and no blanks; keys named in ``ignore`` are left out at every depth."""
    return json.dumps(_without(value, set(ignore)), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _without(value: Any, ignore: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(item, ignore) for key, item in value.items() if key not in ignore}
    if isinstance(value, list):
        return [_without(item, ignore) for item in value]
    return value


def expectation(title: str, query: dict[str, Any], ignore: list[str], answer: dict[str, Any]) -> Expectation:
    """What the host must answer again before it acts."""
    digest = hashlib.sha256(canonical(answer, ignore).encode()).hexdigest()
    return {"title": title, "query": query, "ignore": ignore, "sha256": digest}


def of_host(identity: dict[str, Any]) -> Expectation:
    """That it is the same host: hosts made from one image look alike in everything but their name."""
    ignore = [key for key in identity if key != "machine"]
    return expectation("name of the host", {"kind": "identity"}, ignore, identity)


def of_instance(
    name: str, links: dict[str, Any] | None, files: dict[str, Any] | None, yml: dict[str, Any] | None
) -> list[Expectation]:
    """Expectations from the items that the inspection answered for the instance's Config folder and yml."""
    result = []
    query: dict[str, Any]
    if links:
        query = {"kind": "list", "paths": [links["path"]]}
        # Sizes and times of folders change whenever something is created in them: only names, kinds and targets count.
        result.append(expectation(f"links of {name}", query, ["modified", "attributes", "size"], {"items": [links]}))
    if files:
        query = {
            "kind": "list",
            "paths": [files["path"]],
            "recurse": True,
            "names": CONFIGURATION_FILES,
            "hash": True,
        }
        result.append(
            expectation(f"configuration files of {name}", query, ["modified", "attributes"], {"items": [files]})
        )
    if yml:
        query = {"kind": "read", "paths": [yml["path"]]}
        ignore = ["text", "modified", "truncated"]
        result.append(expectation(f"{yml['path']}", query, ignore, {"items": [yml]}))
    return result
