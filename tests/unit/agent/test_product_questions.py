# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The questions of the policy's checks, asked of a real agent."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model import prerequisites
from ansible_collections.comindware.platform.plugins.plugin_utils.model.answers import Answers
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import checks
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.evidence import Evidence, utc
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import load
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import Check
from unit import factories

from .conftest import Agent

ENVIRONMENT = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
NOW = "2026-11-22T19:00:00.000Z"
HIDDEN = {"salt": "s", **load().names.as_dict()}


def outcome(agent: Agent, kind: str) -> checks.Outcome:
    """What the check finds from what the agent answers to its questions."""
    facts = factories.host()
    instance = copy.deepcopy(factories.instance(facts))
    instance["site"] = None
    answers: dict[str, Any] = agent.ask(
        "query", queries=checks.queries(instance, Version.parse(factories.NEW), HIDDEN, [kind])
    )["answers"]
    assert "hidden" not in str(answers.get("search_server"))
    evidence = Evidence(utc(NOW), since=utc("2026-11-22T16:00:00.000Z"), answers=answers)
    return checks.evaluate(Check(kind, {}), facts, instance, evidence)


@pytest.mark.parametrize("directive", ["journal.server", "elasticsearchUri"])
def test_the_search_server_is_asked_at_the_address_of_the_yml(agent: Agent, directive: str) -> None:
    url = f"http://127.0.0.1:{agent.host.description.winrm_port}/wsman"
    agent.write(factories.YML, f"clusterName: sales\r\n{directive}: '{url}' # near\r\nversion: 5.0.13334.0\r\n")
    seen = outcome(agent, "search_server")
    assert seen.state == "ok" and seen.seen.startswith(f"{url} answers HTTP 4"), seen


def test_a_search_server_that_is_not_there(agent: Agent) -> None:
    agent.write(factories.YML, "journal.server: http://127.0.0.1:9\r\n")
    seen = outcome(agent, "search_server")
    assert seen.state == "failed" and seen.seen.startswith("http://127.0.0.1:9 does not answer: "), seen


@pytest.mark.parametrize(
    "yml", [None, "clusterName: sales\r\n", "journal.server: http://elastic:hidden@127.0.0.1:9\r\n"]
)
def test_no_address_without_a_password(agent: Agent, yml: str | None) -> None:
    if yml is not None:
        agent.write(factories.YML, yml)
    assert outcome(agent, "search_server") == checks.Outcome(
        "unknown", "no address that can be asked without a password in journal.server or elasticsearchUri"
    )


def test_logs_of_the_product(agent: Agent) -> None:
    line = "2199-11-23 10:00:00,001 INFO 0000 systemAccount admin: login, role System Administrators\r\n"
    agent.write(factories.HOME + r"\Logs\audit_2199-11-23.log", line)
    assert outcome(agent, "administrator_logged_in") == checks.Outcome(
        "ok", "audit_2199-11-23.log has a login of an administrator since 2026-11-22 16:00 UTC"
    )
    assert outcome(agent, "upgrade_logs").seen == (
        "No upgrade log was written since the start: the data needed no upgrade"
    )


@pytest.mark.parametrize("home", [r"C:\Java\jdk-17", r"C:\Java\jdk-17\bin", "C:\\Java\\jdk-17\\Bin\\"])
def test_java_home_with_and_without_bin(agent: Agent, home: str) -> None:
    agent.write(r"C:\Java\jdk-17\release", 'JAVA_VERSION="17.0.15"\n')
    agent.host.registry.write(ENVIRONMENT, {"JAVA_HOME": home})
    assert prerequisites.read(asked(agent))["java_version"] == "17.0.15"


@pytest.mark.parametrize("home", ["", "jdk", r"Z:\gone", r"C:\Java\jdk-21"])
def test_java_home_that_leads_nowhere_fails_nothing(agent: Agent, home: str) -> None:
    agent.host.registry.write(ENVIRONMENT, {"JAVA_HOME": home})
    view = asked(agent)
    assert prerequisites.read(view)["java_version"] is None and view.failures == {}


def asked(agent: Agent) -> Answers:
    environment = {"id": "environment", "kind": "environment", "machine": ["JAVA_HOME"], "process": []}
    return Answers(agent.ask("query", queries=[environment, *prerequisites.queries()])["answers"])
