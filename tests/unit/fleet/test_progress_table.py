# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of instances: what a log gets, and how the table looks where there is little room."""

from __future__ import annotations

import unicodedata
from typing import Any, cast

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import stages
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import progress_words, record
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.channel import Message
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.columns import cut, pad, width, wrap
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.progress_rows import DONE, FAILED_TASK, WAITING
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.progress_table import ProgressTable
from hypothesis import given
from hypothesis import strategies as st

OLD, NEW = "5.0.13334.0", "5.0.24055.0"
MEGABYTE = 1024 * 1024


class Clock:
    """A time that tests set, in seconds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def table(clock: Clock | None = None, **options: Any) -> ProgressTable:
    return ProgressTable(clock=clock or Clock(), stamp=lambda: "02:00:00", **options)


def began(host: str = "app01", instance: str = "sales", action: str = "instance_upgrade") -> Message:
    return {"host": host, "action": action, "instance": instance, "brand": None, "target": NEW, "language": None}


def tells(text: str = "", host: str = "app01", instance: str = "sales", **where: Any) -> Message:
    return cast(Message, {**began(host, instance), "text": text, **where})


def facts(*names: str) -> dict[str, Any]:
    return {
        "facts": {"instances": [{"name": one, "brand": "Comindware", "version": {"current": OLD}} for one in names]}
    }


def upgraded(name: str = "sales", **other: Any) -> dict[str, Any]:
    hops = [{"from": OLD, "to": NEW}]
    told = f"Instance '{name}' runs {NEW}: http://{name}/"
    result = {"instance": name, "from_version": OLD, "to_version": NEW, "hops": hops, "verdict": "healthy"}
    return {**result, "message": told, **other}


def texts(of: ProgressTable, columns: int = 120, height: int = 40) -> list[str]:
    return [one.text for one in of.show(columns, height)]


def test_a_log_of_one_upgrade() -> None:
    clock = Clock()
    log = table(clock)
    lines = log.see({"host": "app01", "action": "instance_info", "instance": None})
    lines += log.ended("app01", "instance_info", facts("sales"), {}).lines
    lines += log.see(began(action="upgrade_plan"))
    plan = {"instance": "sales", "brand": "Comindware", "from": OLD, "to": NEW}
    lines += log.ended("app01", "upgrade_plan", {"plan": plan, "level": "ok"}, {}).lines
    lines += log.see(began())
    lines += log.see(tells("1/9 Stop site 'sales'", stage=stages.STOP, step=1, steps=9))
    lines += log.see(tells("2/9 Stop pool 'sales'", stage=stages.STOP, step=2, steps=9))
    lines += log.see(tells("3/9 Back up sales", stage=stages.BACKUP, step=3, steps=9))
    lines += log.see(tells("sales: pending.", stage=stages.JUDGE, left=1700.0, at_most=True))
    lines += log.ended("app01", "instance_upgrade", upgraded(), {}).lines
    clock.now += 3725
    lines += log.summary("Upgrade the platform")
    assert lines == [
        "02:00:00 app01  inspecting",
        "02:00:00 app01/sales  planning",
        "02:00:00 app01/sales  planned",
        "02:00:00 app01/sales  planning",
        "02:00:00 app01/sales  stopping: 1/9 Stop site 'sales'",
        "02:00:00 app01/sales  backing up: 3/9 Back up sales",
        "02:00:00 app01/sales  judging: sales: pending.",
        "02:00:00 app01/sales  upgraded",
        f"    Instance 'sales' runs {NEW}: http://sales/",
        "",
        "Play: Upgrade the platform",
        "HOST   INSTANCE  VERSIONS                    STAGE",
        "app01  sales     5.0.13334.0 -> 5.0.24055.0  upgraded",
        "Instances: 1 (upgraded 1), 1:02:05",
        "",
    ]
    assert log.summary("Upgrade the platform") == [], "nothing has happened since"


def test_a_table_in_a_log_has_what_is_new_and_the_last_one_everything() -> None:
    log = table()
    for host in ("app01", "app02"):
        log.ended(host, "instance_upgrade", upgraded(), {})
        assert [line[:5] for line in log.summary("")[2:-2]] == [host]
    first, *hosts, totals, _end = log.summary("", whole=True)[1:]
    assert first.startswith("HOST") and [line[:5] for line in hosts] == ["app01", "app02"]
    assert totals == "Instances: 2 (upgraded 2), 0:00:00"
    assert log.summary("", whole=True) == [], "it was there already"


def test_a_long_stage_is_told_now_and_then() -> None:
    clock = Clock()
    log = table(clock, interval=30)
    log.see(began())

    def at(seconds: float, percent: int) -> list[str]:
        clock.now = 100 + seconds
        left = (100 - percent) * 2.0
        return log.see(
            tells("…", stage=stages.BACKUP, step=3, steps=9, percent=percent, rate=80.0 * MEGABYTE, left=left)
        )

    assert at(0, 1) == ["02:00:00 app01/sales  backing up: …"]
    assert at(29, 15) == []
    assert at(30, 16) == ["02:00:00 app01/sales  backing up: 3/9 16 %, 80 MB/s, 3 min"]
    assert at(59, 30) == []
    assert at(61, 70) == ["02:00:00 app01/sales  backing up: 3/9 70 %, 80 MB/s, 60 s"]
    assert texts(log)[:2] == [
        "HOST   INSTANCE  VERSIONS     STAGE       PROGRESS  RATE     LEFT",
        "app01  sales     5.0.24055.0  backing up  3/9 70 %  80 MB/s  60 s",
    ]


def test_a_limit_is_no_estimate() -> None:
    log = table()
    log.see(tells("", stage=stages.JUDGE, left=1700.0, at_most=True))
    assert texts(log)[1].endswith("judging  < 28 min")


def test_russian_and_cyrillic_names() -> None:
    log = table(language="ru")
    log.see(tells("", "узел-7", "Продажи", stage=stages.BACKUP, percent=45, rate=8.25 * MEGABYTE, left=34200.0))
    log.see(tells("", "app02", "сервис", stage=stages.START))
    assert texts(log) == [
        "УЗЕЛ    ЭКЗЕМПЛЯР  ВЕРСИИ       ЭТАП         ХОД   СКОРОСТЬ  ОСТАЛОСЬ",
        "app02   сервис     5.0.24055.0  запуск",
        "узел-7  Продажи    5.0.24055.0  копирование  45 %  8.2 МБ/с  9 ч 30 мин",
        "Экземпляры: 2 (в работе 2), 0:00:00",
    ]


def test_wide_characters_take_two_columns() -> None:
    log = table()
    log.see(tells("", "app01", "販売", stage=stages.START))
    log.see(tells("", "app02", "crm", stage=stages.START))
    assert [width(line.partition(NEW)[0]) for line in texts(log)[1:3]] == [17, 17]


def test_a_narrow_terminal_spares_the_least_important_columns() -> None:
    log = table()
    log.ended("a-rather-long-host-name.example.com", "instance_info", facts("a rather long name"), {})
    where: dict[str, Any] = {"stage": stages.BACKUP, "step": 12, "steps": 30, "percent": 45, "rate": 8e7, "left": 62.0}
    log.see(tells("", "a-rather-long-host-name.example.com", "a rather long name", **where))
    assert [texts(log, columns)[1] for columns in (100, 80, 60, 45)] == [
        "a-rather-long-…  a rather long n…  5.0.13334.0 -> 5.0.24055.0  backing up  12/30 45 %  76 MB/s  62 s",
        "a-rather-…  a rather…   5.0.13334.0 -> 5.0.24055.0  backing up  12/30 45 %  62 s",
        "a-rather-long…  a rather long…  backing up  12/30 45 %  62 s",
        "a-rather…  a rather…   backing up  12/30 45 %",
    ]


def test_more_rows_than_the_screen_has() -> None:
    log = table()
    for number in range(50):
        log.ended(f"app{number:02}", "instance_info", facts("sales"), {})
    for number in (3, 30, 49):
        log.see(tells("", f"app{number:02}", stage=stages.BACKUP))
    log.failed("app40", "instance_upgrade", {"instance": "sales", "msg": "x", "changed": True}, {})
    log.ended("app41", "instance_upgrade", upgraded(), {})
    shown = texts(log, 100, 7)
    assert [line.split()[0] for line in shown[1:-1]] == ["app03", "app30", "app49", "app40", "app41"]
    assert shown[-1] == "and 45 more. Instances: 50 (at work 3, lost 1, upgraded 1, waiting 45), 0:00:00"
    assert len(texts(log, 100, 1)) == 1 and texts(log, 100, 0) == []


REFUSED = {
    "instance": "sales",
    "code": "refused",
    "changed": False,
    "msg": "The upgrade was refused, nothing was touched.",
}


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (REFUSED, record.BLOCKED),
        ({"code": "verdict_unhealthy", "details": {"transaction_state": "rolled_back"}}, record.ROLLED_BACK),
        ({"code": "transaction_failed", "details": {"transaction": {"state": "rolled_back"}}}, record.ROLLED_BACK),
        ({"code": "verdict_unknown", "details": {"transaction": "t1"}}, record.UNKNOWN),
        ({"code": "verdict_unhealthy", "details": {"transaction_state": "applied"}}, record.HELD),
        ({"code": "transaction_failed", "details": {"transaction": {"state": "undo_failed"}}}, record.FAILED),
        ({"code": "connection_lost"}, record.LOST),
    ],
)
def test_failures(result: dict[str, Any], state: str) -> None:
    log = table()
    log.see(tells("", stage=stages.JUDGE))
    ending = log.failed(
        "app01", "instance_upgrade", {"instance": "sales", "msg": "It is so.\nSee there.", **result}, {}
    )
    said = [" ".join(str(result.get("msg", "It is so.")).split())]
    assert ending.bad
    assert ending.lines[0] == f"02:00:00 app01/sales  {progress_words.ENGLISH[state].upper()} (JUDGING)"
    assert ending.lines[1] == f"    {said[0]}"
    assert " ".join("".join(ending.lines[2:]).split()).removeprefix("See there. ").startswith("Next: ")
    assert progress_words.ENGLISH[state] in texts(log)[1]


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (upgraded(), record.UPGRADED),
        (upgraded(verdict="handed_over"), record.HANDED_OVER),
        (upgraded(verdict="unchanged", hops=[]), record.UNCHANGED),
        (upgraded(verdict="manual", hops=[]), record.MANUAL),
        (upgraded(to_version="5.1.0.0"), record.MANUAL),
        (upgraded(verdict="planned"), record.PLANNED),
        (upgraded(verdict="new"), record.UNKNOWN),
    ],
)
def test_successes(result: dict[str, Any], state: str) -> None:
    log = table()
    log.see(began())
    ending = log.ended("app01", "instance_upgrade", result, {"name": "{{ x }}"})
    assert ending.lines[0] == f"02:00:00 app01/sales  {progress_words.ENGLISH[state]}"


def test_an_unreachable_host() -> None:
    log = table()
    log.ended("app01", "instance_info", facts("sales", "hr"), {})
    assert log.unreachable("app01", "no route").lines == [
        "02:00:00 app01  UNREACHABLE",
        "    no route",
        "    Next: See that the host is on and answers WinRM, then run the playbook again.",
    ]
    log.unreachable("app02", "no route")
    assert texts(log) == [
        "HOST   INSTANCE  VERSIONS     STAGE",
        "app01  sales     5.0.13334.0  unreachable",
        "app01  hr        5.0.13334.0  unreachable",
        "app02                         unreachable",
        "Instances: 3 (unreachable 3), 0:00:00",
    ]


def test_a_host_stands_for_its_instances_until_they_are_known() -> None:
    log = table()
    log.see({"host": "app01", "action": "instance_info", "instance": None})
    assert texts(log)[1] == "app01  inspecting"
    log.ended("app01", "instance_info", facts("sales", "hr"), {})
    assert [line.split()[1] for line in texts(log)[1:3]] == ["sales", "hr"]
    assert log.see({"host": "app01", "action": "instance_info", "instance": None}) == ["02:00:00 app01  inspecting"]
    assert [line.split()[-1] for line in texts(log)[1:3]] == ["inspecting", "inspecting"]
    log.ended("app01", "instance_info", facts("sales", "hr"), {})
    assert [line.split()[-1] for line in texts(log)[1:3]] == ["waiting", "waiting"]


def test_another_task_fails_with_all_that_it_says() -> None:
    ending = table(columns=60).failed_task("app01", "Ask\tthe balancer", {"msg": "word " * 20, "stderr": "no\n\nyes"})
    assert ending.lines == [
        "02:00:00 app01  FAILED, task 'Ask the balancer'",
        "    word word word word word word word word word word word",
        "    word word word word word word word word word",
        "    no",
        "    yes",
    ]


def test_hosts_are_in_the_order_of_their_numbers() -> None:
    log = table()
    for host in ("app10", "db1", "app2", "app10"):
        log.ended(host, "instance_info", facts("sales", "hr"), {})
    assert [line.split()[:2] for line in texts(log)[1:-1]] == [
        [host, instance] for host in ("app2", "app10", "db1") for instance in ("sales", "hr")
    ]


def test_a_warning_is_said_once_for_each_host() -> None:
    log = table()
    assert log.warned("app01", "Old Java.") == ["02:00:00 app01  warning", "    Old Java."]
    assert log.warned("app01", "Old Java.") == []
    assert log.warned("app02", "Old Java.") == ["02:00:00 app02  warning", "    Old Java."]


def test_what_is_no_action_of_the_collection_is_no_row() -> None:
    log = table()
    assert log.see({"host": "app01", "action": "upgrade_path"}) == []
    assert log.ended("app01", "upgrade_path", {}, {}).lines == []
    assert log.summary("") == [] and texts(log) == ["Instances: 0 (), 0:00:00"]


def test_plans_that_need_no_upgrade() -> None:
    log = table()
    plan: dict[str, Any] = {"instance": "sales", "brand": None, "from": NEW, "to": NEW}
    assert log.ended("app01", "upgrade_plan", {"plan": plan, "level": "ok"}, {}).lines == [
        "02:00:00 app01/sales  unchanged"
    ]
    hops = [{"findings": [{"level": "blocker", "message": "No room."}]}]
    findings = [{"level": "blocker", "message": "No Java."}, {"level": "warning", "message": "Old."}]
    plan = {"instance": "hr", "brand": None, "from": OLD, "to": NEW, "findings": findings, "hops": hops}
    ending = log.ended("app01", "upgrade_plan", {"plan": plan, "level": "blocker"}, {})
    assert ending.bad and ending.lines == [
        "02:00:00 app01/hr  blocked",
        "    No Java.",
        "    No room.",
        "    Next: Do what the message asks for and run the playbook again.",
    ]


def test_every_word_is_there_in_both_languages() -> None:
    assert list(progress_words.ENGLISH) == list(progress_words.RUSSIAN)
    shown = {*record.STATES} - {record.RUNNING, record.NOT_BEGUN} | {WAITING, DONE, FAILED_TASK}
    assert shown <= set(progress_words.ENGLISH)
    for state in record.STATES:
        english, russian = (progress_words.next_step(state, language) for language in ("en", "ru"))
        assert bool(english) == bool(russian), state


anything = st.text(max_size=60)
wheres = st.fixed_dictionaries(
    {},
    optional={
        "stage": st.sampled_from([stages.STOP, stages.BACKUP, stages.JUDGE, stages.RETURN]),
        "step": st.integers(1, 10**6),
        "steps": st.integers(1, 10**6),
        "percent": st.integers(0, 100),
        "rate": st.floats(0, 1e12),
        "left": st.floats(-10, 1e9),
        "at_most": st.booleans(),
    },
)
rows = st.lists(st.tuples(anything, anything, anything, wheres, st.booleans()), max_size=6)


def is_plain(line: str) -> bool:
    return not any(unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp", "Cs") for one in line)


@given(rows, st.integers(1, 130), st.integers(0, 12), st.sampled_from(["en", "ru"]))
def test_no_line_is_too_wide_or_has_control_characters(
    told: list[tuple[str, str, str, dict[str, Any], bool]], columns: int, height: int, language: str
) -> None:
    log = table(language=language, columns=max(columns, 40), interval=0)
    lines: list[str] = []
    for host, instance, text, where, fails in told:
        lines += log.see(tells(text, host, instance, **where))
        if fails:
            lines += log.failed(host, "instance_upgrade", {"msg": text, "instance": instance}, {}).lines
            lines += log.failed_task(host, text, {"msg": text}).lines
    lines += log.summary("\x1b[2J")
    assert [line for line in lines if width(line) > max(columns, 40) or not is_plain(line)] == []
    shown = texts(log, columns, height)
    assert [line for line in shown if width(line) > columns or not is_plain(line)] == []
    assert len(shown) <= height


@given(anything, st.integers(1, 30))
def test_cutting_and_padding(text: str, columns: int) -> None:
    assert width(cut(text, columns)) <= columns
    assert width(pad(text, columns)) == columns
    assert cut(text, width(text)) == text


@given(st.text(alphabet="ab ж販\n", max_size=80), st.integers(8, 30))
def test_wrapping_loses_nothing(text: str, columns: int) -> None:
    lines = wrap(text, columns, "  ")
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(line.startswith("  ") and width(line) <= columns for line in lines)
