# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The plan for people."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import kept, report, upgrade
from unit import factories
from unit.factories import BACKUP_ROOT, NEW, OLD
from unit.planning.planned import made, wish


def lines(language: str = "en", **asked: Any) -> list[str]:
    plan = made(factories.host(), language=language, **asked)
    return report.text(kept.as_dict(plan), language).splitlines()


def test_the_head_and_the_verdict() -> None:
    told = lines()
    assert told[:2] == [f"sales (APP01): {OLD} -> {NEW}", f"  Way: {OLD} -> {NEW}"]
    assert told[-1] == "  This plan can be carried out. Read every WARNING first."


def test_a_hop() -> None:
    told = lines()
    assert f"  Hop 1 of 1: {OLD} -> {NEW}, in place, in this run" in told
    assert "      4. Stop site 'Comindware sales'" in told
    assert f"    Backup: {BACKUP_ROOT}\\Comindware\\sales, 0 MB" in told
    assert any(line.startswith("    Downtime: Instance 'sales' will be down for about ") for line in told)
    assert "    Configuration: instance.yml, changed" in told
    assert f"      -version: {OLD}" in told and f"      +version: {NEW}" in told


def test_russian() -> None:
    told = lines("ru")
    assert told[1] == f"  Путь: {OLD} -> {NEW}"
    assert f"  Переход 1 из 1: {OLD} -> {NEW}, на месте, в этом запуске" in told
    assert told[-1] == "  План можно выполнить. Сначала прочитайте каждое ВНИМАНИЕ."


def test_blockers_come_first() -> None:
    told = lines(target="5.0.25000.0")
    assert told[1:3] == [
        "  Checks:",
        f"    BLOCKER version_not_installed: The version 5.0.25000.0 is not installed on APP01. Installed: {OLD}, {NEW}. Install it first; "
        "if it lies in another folder than these, name that folder in versions_folders (in the role: upgrade_versions_folders).",
    ]
    assert told[-1] == "  This plan cannot be carried out: correct every BLOCKER first."


def test_without_a_copy_of_the_data_the_point_of_no_return_is_named() -> None:
    assert any(
        line.startswith(f"    Point of no return: The first start of {NEW} upgrades the data")
        for line in lines(data=False)
    )


@pytest.mark.parametrize(("language", "told"), [("en", "nothing to do"), ("ru", "делать нечего")])
def test_nothing_to_do(language: str, told: str) -> None:
    facts = factories.host()
    plan = upgrade.nothing_to_do(facts, factories.instance(facts), wish(OLD))
    assert plan.wish.target == Version.parse(OLD)
    assert told in report.text(kept.as_dict(plan), language)
