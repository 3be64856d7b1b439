# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The main job: an instance gets another version."""

from __future__ import annotations

import pytest
from end_to_end.runs import NEW, OLD, SALES, MakeController, programs_of
from standin.testing import wait_until


def test_one_hop(controller: MakeController) -> None:
    control = controller(SALES)
    run = control.upgrade()
    assert run.status == 0, run.output
    done = run.of("instance_upgrade")[-1]
    assert done["changed"] and done["verdict"] == "handed_over"
    host = control.fleet.hosts["app01"]
    assert done["message"] == (
        f"Instance 'sales' runs {NEW} and waits in service mode: open {done['url']} and log in as an administrator "
        "to finish the upgrade."
    )
    assert control.running_version("app01", "sales") == NEW
    facts = control.inspect().only("instance_info")["facts"]["instances"][0]
    assert facts["version"] == {"current": NEW, "links": NEW, "yml": NEW, "registry": NEW, "agree": True}
    assert facts["state"] == "started"
    assert facts["site"]["server_auto_start"] and all(pool["auto_start"] for pool in facts["pools"])
    wait_until(lambda: host.scheduler.names() == [])


def test_a_second_run_changes_nothing_with_one_call(controller: MakeController, figures: list[str]) -> None:
    control = controller(SALES)
    first = control.upgrade()
    calls = control.agent_calls()
    figures.append(f"module calls of an upgrade of one instance: {dict(calls)}")
    assert first.status == 0, first.output
    assert (calls["query"], calls["execute"], calls["confirm"]) == (3, 1, 1)
    before = control.fleet.hosts["app01"].snapshot()
    second = control.upgrade()
    assert second.status == 0, second.output
    assert not any(one.result.get("changed") for one in second.results)
    again = control.agent_calls() - calls
    figures.append(f"module calls of a run with nothing to do: {dict(again)}")
    assert again == {"query": 1}
    assert control.changes(before) == []


def test_check_mode_shows_everything_and_changes_nothing(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    run = control.upgrade("--check", "--diff")
    assert run.status == 0, run.output
    planned = run.of("instance_upgrade")[-1]
    assert planned["verdict"] == "planned" and planned["changed"]
    assert before.differences(host.snapshot()) == []
    assert control.agent_calls() == {"query": 3}
    assert f"-version: {OLD}\n" in run.output and f"+version: {NEW}\n" in run.output
    done = control.upgrade().of("instance_upgrade")[-1]
    without_time = [title for title in planned["operations"] if not title.startswith("Back up")]
    assert without_time == [title for title in done["operations"] if not title.startswith("Back up")]


def test_a_fleet(controller: MakeController) -> None:
    """The demonstration's fleet: two instances on one host, Cyrillic names and paths, one there already, one refused."""
    control = controller(
        {
            "versions": ["4.7.23499.0", OLD, NEW],
            "instances": [
                {"name": "sales", "version": "4.7.23499.0", "service": True, "pool_user": "EXAMPLE\\svc-sales"},
                {"name": "hr", "version": OLD, "authentication": "negotiate"},
            ],
        },
        {
            "language": "ru",
            "code_page": "cp866",
            "versions": [OLD, NEW],
            "instances": [{"name": "Продажи", "version": OLD, "root": "D:\\Данные Comindware\\Отдел продаж"}],
        },
        {"versions": [NEW], "instances": [{"name": "support", "version": NEW}]},
        {"versions": ["4.2.612.0", NEW], "instances": [{"name": "archive", "version": "4.2.612.0"}]},
    )
    archive = control.fleet.hosts["app04"]
    before = archive.snapshot()
    run = control.upgrade()
    assert run.status == 2, run.output
    for host, instance in (("app01", "sales"), ("app01", "hr"), ("app02", "Продажи"), ("app03", "support")):
        assert control.running_version(host, instance) == NEW, run.output
    assert run.message("app04").startswith("The upgrade of instance 'archive' was refused, nothing was touched. ")
    assert before.differences(archive.snapshot()) == []
    assert [one["verdict"] for one in run.of("instance_upgrade", "app03")] == ["unchanged"]


def test_the_second_brand(controller: MakeController) -> None:
    versions = [{"version": version, "brand": "CMW Lab"} for version in (OLD, NEW)]
    control = controller({"versions": versions, "instances": [{"name": "sales", "version": OLD, "brand": "CMW Lab"}]})
    run = control.upgrade()
    assert run.status == 0, run.output
    assert control.running_version("app01", "sales") == NEW


def test_within_4_7_nothing_waits_for_an_administrator(controller: MakeController) -> None:
    old, new = "4.7.23499.0", "4.7.32876.0"
    control = controller({"versions": [old, new], "instances": [{"name": "sales", "version": old}]})
    run = control.upgrade(upgrade_target_version=new)
    assert run.status == 0, run.output
    assert run.of("instance_upgrade")[-1]["verdict"] == "healthy"
    assert control.running_version("app01", "sales") == new


@pytest.mark.parametrize("core", ["2.16", "2.18", "2.19", "2.21"])
def test_every_ansible_core(controller: MakeController, core: str) -> None:
    control = controller(SALES, environment=f"core-{core}")
    run = control.upgrade()
    assert run.status == 0, run.output
    assert control.running_version("app01", "sales") == NEW


@pytest.mark.parametrize(("ci", "ends"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_an_ansible_core_without_a_python_is_told_and_fails_where_ci_runs(
    monkeypatch: pytest.MonkeyPatch, ci: str, ends: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises(ends) as told:
        programs_of("core-1.9")
    assert str(told.value) == "NOT TESTED: ansible-core 1.9: there is no Python for it here (see tools/setup)"
