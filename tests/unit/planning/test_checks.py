# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The policy's checks as findings, and what they ask a host for."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import checks, evidence
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.evidence import Evidence
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import CHECKS, Check, Note, Text, When
from unit import factories
from unit.factories import HOME, NEW, YML
from unit.planning.checking import LOGIN, NOW, PARAMETERS, SEARCH, host, seen

HIDDEN = {"salt": "s"}

HEALTHY = {
    "windows": "build 20348 (Windows Server 2022 Standard), 20348 is wanted",
    "iis": "version 10, 10 is wanted",
    "iis_components": "WindowsAuthentication, aspnet45 are installed",
    "dotnet_framework": "Release 533320, 533320 is wanted",
    "dotnet_sdk": "SDKs 6.0.428, 8.0.408, 8.0.408 is wanted",
    "aspnetcore": "runtimes 6.0.36, 8.0.15, IIS module present; the hosting bundle 8.0 is wanted",
    "java": "version 17.0.15, 17 is wanted",
    "search_server": f"{SEARCH} answers HTTP 401",
    "not_in_service_mode": f"{LOGIN} answers HTTP 200",
    "administrator_logged_in": "audit_2026-11-22.log has a login of an administrator since 2026-11-22 16:00 UTC",
    "upgrade_logs": "The data upgrade finished without errors (upgrade2026-11-22.log)",
}


def test_every_kind_of_the_policy_can_be_evaluated() -> None:
    assert set(PARAMETERS) == set(CHECKS) == set(HEALTHY) | {"product_backup"} == set(checks.LABELS)
    assert {kind: seen(kind) for kind in HEALTHY} == {kind: ("ok", words) for kind, words in HEALTHY.items()}


def test_a_kind_that_nobody_knows() -> None:
    facts = factories.host()
    with pytest.raises(ValueError, match="there is no check of the kind 'disk'"):
        checks.evaluate(Check("disk", {}), facts, factories.instance(facts), Evidence(NOW))


# Findings.

SDK = Note(
    "dotnet_sdk_8",
    Text("The host has the .NET SDK 8.0.408 or later.", "На сервере есть .NET SDK 8.0.408 или новее."),
    When(None, None),
    check=Check("dotnet_sdk", {"at_least": "8.0.408"}),
)
DELETED = Note(
    "instance_is_deleted",
    Text("The instance is deleted.", "Экземпляр удаляется."),
    When(None, None),
    acknowledge=True,
)
FORMULAS = Note("formulas", Text("Formulas change.", "Формулы меняются."), When(None, None))


def findings(
    note: Note, facts: HostFacts | None = None, acknowledged: Collection[str] = (), language: str = "en"
) -> tuple[str, str]:
    """Level and message of the only finding, which must carry the note's id."""
    facts = facts or factories.host()
    (found,) = checks.findings_of(
        [note], checks.LABELS, facts, factories.instance(facts), Evidence(NOW), acknowledged, language
    )
    assert found.code == note.id
    return found.level, found.message


def test_a_fulfilled_check() -> None:
    assert findings(SDK) == (
        "ok",
        "Instance 'sales', fulfilled: The host has the .NET SDK 8.0.408 or later. .NET SDK: SDKs 6.0.428, 8.0.408, 8.0.408 is wanted.",
    )
    assert findings(SDK, language="ru") == (
        "ok",
        "Экземпляр 'sales', выполнено: На сервере есть .NET SDK 8.0.408 или новее. .NET SDK: SDKs 6.0.428, 8.0.408, 8.0.408 is wanted.",
    )


def test_a_failed_check_blocks() -> None:
    facts = host(dotnet_sdks=["6.0.428"])
    assert findings(SDK, facts) == (
        "blocker",
        "Instance 'sales', not fulfilled: The host has the .NET SDK 8.0.408 or later. .NET SDK: SDK 6.0.428, 8.0.408 is wanted. "
        "If this is right all the same, acknowledge it: upgrade_acknowledged: [dotnet_sdk_8].",
    )
    assert findings(SDK, facts, language="ru") == (
        "blocker",
        "Экземпляр 'sales', не выполнено: На сервере есть .NET SDK 8.0.408 или новее. .NET SDK: SDK 6.0.428, 8.0.408 is wanted. "
        "Если это всё же выполнено, подтвердите: upgrade_acknowledged: [dotnet_sdk_8].",
    )


def test_a_check_that_could_not_be_made_blocks() -> None:
    facts = host(dotnet_sdks=None)
    assert findings(SDK, facts) == (
        "blocker",
        "Instance 'sales', could not be checked: The host has the .NET SDK 8.0.408 or later. .NET SDK: the .NET SDKs cannot be compared "
        "with 8.0.408, which is wanted. If this is right all the same, acknowledge it: upgrade_acknowledged: [dotnet_sdk_8].",
    )
    assert findings(SDK, facts, language="ru") == (
        "blocker",
        "Экземпляр 'sales', проверить не удалось: На сервере есть .NET SDK 8.0.408 или новее. .NET SDK: the .NET SDKs cannot be compared "
        "with 8.0.408, which is wanted. Если это всё же выполнено, подтвердите: upgrade_acknowledged: [dotnet_sdk_8].",
    )


def test_an_acknowledged_check_is_a_warning_that_says_so() -> None:
    facts = host(dotnet_sdks=[])
    assert findings(SDK, facts, ["dotnet_sdk_8"]) == (
        "warning",
        "Instance 'sales', not fulfilled: The host has the .NET SDK 8.0.408 or later. "
        r".NET SDK: no SDK in %ProgramFiles%\dotnet, 8.0.408 is wanted. "
        "The operator has acknowledged it.",
    )
    assert findings(SDK, facts, ["dotnet_sdk_8"], "ru") == (
        "warning",
        "Экземпляр 'sales', не выполнено: На сервере есть .NET SDK 8.0.408 или новее. "
        r".NET SDK: no SDK in %ProgramFiles%\dotnet, 8.0.408 is wanted. "
        "Оператор это подтвердил.",
    )
    assert findings(SDK, facts, ["dotnet_sdk"])[0] == "blocker"
    assert findings(SDK, acknowledged=["dotnet_sdk_8"])[0] == "ok"


def test_a_note_to_be_acknowledged() -> None:
    assert findings(DELETED) == (
        "blocker",
        "Instance 'sales', to be acknowledged: The instance is deleted. When this is taken care of, acknowledge it: "
        "upgrade_acknowledged: [instance_is_deleted].",
    )
    assert findings(DELETED, language="ru") == (
        "blocker",
        "Экземпляр 'sales', требует подтверждения: Экземпляр удаляется. Когда это учтено или выполнено, подтвердите: "
        "upgrade_acknowledged: [instance_is_deleted].",
    )
    assert findings(DELETED, acknowledged=["instance_is_deleted"]) == (
        "warning",
        "Instance 'sales', note: The instance is deleted. The operator has acknowledged it.",
    )
    assert findings(DELETED, acknowledged=["instance_is_deleted"], language="ru") == (
        "warning",
        "Экземпляр 'sales', примечание: Экземпляр удаляется. Оператор это подтвердил.",
    )


def test_a_note_that_is_only_told() -> None:
    assert findings(FORMULAS) == ("warning", "Instance 'sales', note: Formulas change.")
    assert findings(FORMULAS, language="ru") == ("warning", "Экземпляр 'sales', примечание: Формулы меняются.")


def test_every_note_has_its_finding_in_order() -> None:
    facts = factories.host()
    found = checks.findings_of(
        [FORMULAS, SDK, DELETED], checks.LABELS, facts, factories.instance(facts), Evidence(NOW), ["other"], "en"
    )
    assert [(one.level, one.code) for one in found] == [
        ("warning", "formulas"),
        ("ok", "dotnet_sdk_8"),
        ("blocker", "instance_is_deleted"),
    ]


# What is asked.


def asked(*kinds: str) -> dict[str, dict[str, Any]]:
    instance = factories.instance(factories.host())
    return {
        query["id"]: query for query in checks.queries(instance, Version.parse(NEW), HIDDEN, kinds or tuple(CHECKS))
    }


def test_a_search_server_that_the_operator_names_is_asked_in_the_place_of_the_yml_s() -> None:
    instance = factories.instance(factories.host())
    (query,) = checks.queries(instance, Version.parse(NEW), HIDDEN, ["search_server"], "http://search.example.com:9201")
    assert query["urls"] == ["http://search.example.com:9201"]


def test_only_what_the_checks_need_is_asked() -> None:
    assert list(asked()) == ["yml", "search_server", "http", "identity", "audit_logs", "upgrade_logs"]
    assert list(asked("windows", "product_backup")) == []
    assert list(asked("upgrade_logs")) == ["identity", "upgrade_logs"]


def test_logs_of_before_the_present_version_are_not_read() -> None:
    since = datetime(2026, 11, 22, 19, 0, 1, 700, tzinfo=timezone(timedelta(hours=3)))
    instance = factories.instance(factories.host())
    kinds = ["administrator_logged_in", "upgrade_logs"]
    asked = checks.queries(instance, Version.parse(NEW), HIDDEN, kinds, since=since)
    read = {query["id"]: query["modified_since"] for query in asked if query["kind"] == "read"}
    assert read == dict.fromkeys(("audit_logs", "upgrade_logs"), "2026-11-22T16:00:01.000Z")


def test_logs_and_pages_that_are_asked() -> None:
    questions = asked()
    assert questions["audit_logs"]["paths"] == [rf"{HOME}\Logs\audit*.log"]
    assert questions["http"]["urls"][0] == LOGIN


def test_an_instance_without_yml_or_site_is_not_asked_for_them() -> None:
    instance = copy.deepcopy(factories.instance(factories.host()))
    instance["yml"] = instance["site"] = None
    assert checks.queries(instance, Version.parse(NEW), HIDDEN, ["search_server", "not_in_service_mode"]) == []


@pytest.mark.parametrize(
    ("line", "addresses"),
    [
        (f"journal.server: {SEARCH}", [SEARCH]),
        (f'elasticsearchUri:  "{SEARCH}/"  # the old one', [f"{SEARCH}/"]),
        (f"journal.server: {SEARCH},http://second:9200", [SEARCH]),
        (f"#journal.server: {SEARCH}", []),
        ("journal.server: http://elastic:hidden@search.example.com:9200", []),
        ("journal.server: search.example.com", []),
        ("journal.server:", []),
    ],
)
def test_the_address_of_the_search_server(line: str, addresses: list[str]) -> None:
    questions = asked("search_server")
    assert questions["yml"]["paths"] == [YML] and questions["yml"]["secrets"] == HIDDEN
    text = f"clusterName: sales\r\n{line}\r\nversion: {NEW}\r\n"
    found = [
        match["value"]
        for source in questions["search_server"]["urls"]
        for match in re.finditer(source["pattern"].replace("(?<value>", "(?P<value>"), text)
    ]
    assert found == addresses
    assert {source["from"] for source in questions["search_server"]["urls"]} == {"yml"}
    assert not {"headers", "user", "password"} & set(questions["search_server"])


def test_the_time_of_a_host() -> None:
    assert evidence.utc(factories.host()["time"]) == NOW
