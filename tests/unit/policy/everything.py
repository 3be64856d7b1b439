# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A policy with every field that exists, and ways to change it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.policy import hops

Where = tuple[str | int, ...]

VALUES_OF = {int: 5, str: "8.0", bool: True, list: ["Names"]}
CHECKS = [
    {"id": "asked", "check": {"kind": kind, **{name: VALUES_OF[wanted] for name, wanted in parameters.items()}}}
    for kind, parameters in hops.CHECKS.items()
]
WHEN = {"from": "4.7", "to": ">=@r, any"}
SAID = {"id": "said", "en": "text", "ru": "текст", "when": WHEN}
EVERYTHING: dict[str, Any] = {
    "versions": ["4.7.1.0"],
    "releases": [
        {"id": "r", "build": "5.0.2.0", "newest_before": "5.0.1.0", "oldest_since": "5.0.3.0", "source": "x"},
    ],
    "texts": [{"id": "asked", "en": "text", "ru": "текст"}],
    "procedures": [{"id": "p", "source": "x", "steps": [{"en": "go to {url}", "ru": "откройте {url}"}]}],
    "hops": [
        {
            "id": "h",
            "from": "4.7",
            "to": ">=4.7.1.0, <@r",
            "method": "manual",
            "data_upgrade": True,
            "reversible": False,
            "procedure": "p",
            "script": "C:\\scripts\\instance_upgrade.ps1",
            "requirements": ["asked", {**SAID, "acknowledge": True}, *CHECKS],
            "inputs": [{**SAID, "directive": "journal.name", "pattern": "[a-z]+"}],
            "advisories": ["asked", {**SAID, "acknowledge": True}],
            "before_next": ["asked", SAID, CHECKS[0]],
            "not_covered_by_rollback": ["asked", SAID],
            "source": "x",
        }
    ],
    "forbidden": [
        {"id": "b", "from": "4.7", "to": "any", "methods": ["in_place"], "en": "no", "ru": "нет", "source": "x"}
    ],
    "layouts": [
        {
            "id": "l",
            "versions": "4.7",
            "settings": "yml",
            "links": ["bin", "favicon.ico"],
            "files": [{"name": "instance.yml", "format": "flat", "template": "templates\\instance.yml"}],
            "linked_files": ["bin\\Plugins\\logs.config"],
            "placeholders": {"@NAME@": "instance"},
            "source": "x",
        }
    ],
    "directives": [
        {
            "id": "d",
            "from": {"file": "registry", "key": "name"},
            "to": [{"file": "instance.yml", "key": "name", "value": "here"}],
            "when": WHEN,
            "certain": True,
            "source": "x",
        }
    ],
    "shared": [{"id": "s", "places": [{"file": "instance.yml", "key": key} for key in ("a", "b")], "source": "x"}],
    "names": [{"id": "n", "public": ["a.*.b"], "secret": ["c"], "words": ["pin"], "source": "x"}],
}


def walk(content: Any, where: Where = ()) -> Iterator[tuple[Where, Any]]:
    yield where, content
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in items:
        yield from walk(value, (*where, key))


def changed(content: dict[str, Any], where: Where, change: Callable[[Any, str | int], None]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(content))  # what anchors share is apart now
    place: Any = made
    for key in where[:-1]:
        place = place[key]
    change(place, where[-1])
    return made


def set_to(value: Any) -> Callable[[Any, str | int], None]:
    return lambda place, key: place.__setitem__(key, value)
