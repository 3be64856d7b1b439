# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An inspection as the modules make it, on a host of the agent's tests."""

from __future__ import annotations

from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils.model import secrets
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.model.inspection import host_facts, misguided
from ansible_collections.comindware.platform.plugins.plugin_utils.model.queries import Told, inspection
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import load

from .conftest import Agent

ROOT = r"C:\Backups"


def inspect(agent: Agent) -> tuple[HostFacts, int]:
    """The facts, and how many calls they took."""

    def ask(told: Told | None = None) -> dict[str, Any]:
        queries = inspection(secrets.rules(load().names.as_dict()), [], ROOT, sizes=True, told=told)
        answers: dict[str, Any] = agent.ask("query", queries=queries)["answers"]
        return answers

    first = ask()
    told = misguided(first)
    return host_facts(ask(told) if told else first, ROOT), 2 if told else 1
