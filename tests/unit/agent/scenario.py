# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An instance in small, and a change of its version: what the tests of transactions work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import Agent

FOLDER = r"C:\Экземпляр один\Config"
FILE = FOLDER + r"\Web.config"
LINK = FOLDER + r"\bin"
FAILING = {"op": "remove_link", "title": "This fails", "path": r"C:\Windows"}


def switch() -> list[dict[str, Any]]:
    """A change of version in small."""
    return [
        {"op": "remove_file", "path": FOLDER + r"\old.config"},
        {"op": "write_file", "path": FILE, "text": "new", "encoding": "utf-8"},
        {"op": "remove_link", "path": LINK},
        {"op": "create_link", "path": LINK, "target": r"C:\versions\2\bin", "kind": "symlink_directory"},
        {"op": "registry_value", "key": r"SOFTWARE\Inst", "view": 64, "name": "version", "type": "string", "data": "2"},
        {"op": "environment_variable", "name": "JAVA_OPTS", "value": "-Xmx9g"},
    ]


def seen(agent: Agent) -> Any:
    """Everything that `switch` changes."""
    queries = [
        {"id": "files", "kind": "list", "paths": [FOLDER], "hash": True},
        {"id": "key", "kind": "registry", "key": r"SOFTWARE\Inst", "views": [64]},
        {"id": "environment", "kind": "environment", "machine": ["JAVA_OPTS"]},
    ]
    answers = agent.ask("query", queries=queries)["answers"]
    for item in answers["files"]["items"]:
        for entry in item["entries"]:
            if entry["kind"] != "file":  # a link that was made again is younger
                del entry["modified"]
    return answers


def prepare(agent: Agent) -> Any:
    """An instance on version 1, as it is before anything happens."""
    agent.write(FILE, "old")
    agent.write(FOLDER + r"\old.config", "old too")
    for version in "1", "2":
        agent.write(rf"C:\versions\{version}\bin\x.dll", version)
    agent.link(LINK, r"C:\versions\1\bin")
    agent.host.registry.write(r"HKLM\SOFTWARE\Inst", {"version": "1"})
    return seen(agent)


def tasks(agent: Agent) -> list[str]:
    return agent.host.scheduler.names()
