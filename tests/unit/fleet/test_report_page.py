# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of a run: what it says, in both languages, and that nothing in a record can change what it is."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import record, report
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.reports import page, reading, words
from hypothesis import given
from hypothesis import strategies as st
from unit.fleet import records
from unit.fleet.pages import Page

ODD = st.text(st.characters(), min_size=1, max_size=30).filter(str.strip)
"""Every character, half ones and control characters too."""


def html(run: record.RunRecord, language: str = "en") -> str:
    return report.contents(run, language)["html"]


def words_of(run: record.RunRecord, language: str = "en") -> str:
    return " ".join(Page(html(run, language)).words.split())


def texts_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_of(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts_of(one)]
    return [value] if isinstance(value, str) else []


def test_the_fleet_at_a_glance() -> None:
    told = words_of(records.small())
    for sentence in (
        "Run 20261123T020000Z Upgrade to 5.0.24055.0",
        "The run was stopped The window ended at 02:20 UTC; no new instance was begun after it.",
        "Began 2026-11-23 02:00:00 UTC Ended 2026-11-23 02:21:00 UTC Duration 21 min",
        "At the target version 1 of 3 instances on 2 hosts in 2 batches; handed over: 1",
        "Failures 1 allowed: 5 or 2.5 % of those not blocked failed 1, unknown 0, unreachable 0",
        "The limit was passed. 1 instance failed, 0 are allowed.",
        "Downtime 7 min 40 s in all, measured for 3 instances Longest 3 min Продажи (app02)",
    ):
        assert sentence in told


def test_the_fleet_at_a_glance_in_russian() -> None:
    told = words_of(records.small(), "ru")
    for sentence in (
        "Запуск 20261123T020000Z Обновление до 5.0.24055.0",
        "Запуск остановлен",
        "Начало 2026-11-23 02:00:00 UTC Окончание 2026-11-23 02:21:00 UTC Длительность 21 мин",
        "На целевой версии 1 из 3 экземпляров на 2 серверах в 2 партиях; передано: 1",
        "Неудачи 1 допускается: 5 или 2,5 % от всех допущенных сбоев 1, неизвестно 0, недоступно 0",
        "Простой 7 мин 40 с в сумме, измерен для 3 экземпляров Самый долгий 3 мин Продажи (app02)",
        "Пробная партия 02:00:00–02:09:40 · 2 экземпляра на 1 сервере · откат 1 · обновлён 1",
    ):
        assert sentence in told


@pytest.mark.parametrize("language", report.LANGUAGES)
def test_everything_that_the_record_says_is_on_the_page(language: str) -> None:
    run = records.small()
    made = Page(html(run, language))
    told = " ".join(made.words.split())
    moments = {value for tag, name, value in made.attributes if (tag, name) == ("time", "datetime")}
    silent = {run["language"], run["outcome"], "canary", "healthy", "unhealthy", "handed_over", *record.STATES}
    texts = [line for text in texts_of(dict(run)) if text not in silent for line in text.splitlines()]
    assert len(texts) > 100
    assert [text for text in texts if " ".join(text.split()) not in told and text not in moments] == []


def test_every_state_has_its_word_its_icon_and_its_meaning() -> None:
    assert set(page.LOOKS) == set(record.STATES)
    assert set(page.OUTCOMES) == {*reading.OUTCOMES, ""}
    for language in report.LANGUAGES:
        run = records.large()
        text = html(run, language)
        told = Page(text).words
        for state, (tone, icon) in page.LOOKS.items():
            word = words.say(f"state_{state}", language)
            assert (
                f'<span class="chip {tone}"><svg class="icon" aria-hidden="true"><use href="#i-{icon}"/></svg>{word}</span>'
                in text
            )
            assert f'<symbol id="i-{icon}"' in text
            assert words.say(f"meaning_{state}", language) in told


def test_both_languages_say_the_same_things() -> None:
    run = records.large()
    assert Page(html(run, "en")).tags == Page(html(run, "ru")).tags
    english = html(records.run(*(records.instance("app01", "sales", state) for state in record.STATES)), "en")
    assert not re.search("[а-яё]", english, re.IGNORECASE)


def test_every_word_is_in_both_languages_with_the_same_values() -> None:
    same = {key for key, text in words._WORDS.items() if text.en == text.ru}
    assert same == {"url", "utc"}
    for key, text in words._WORDS.items():
        assert sorted(re.findall(r"{\w+}", text.en)) == sorted(re.findall(r"{\w+}", text.ru)), key
        assert re.search("[а-яё]", text.ru) or key in same, key


def test_the_most_urgent_instances_come_first() -> None:
    found = re.findall(r'<tbody data-state="(\w+)"', html(records.large()))
    assert len(found) == 300
    assert found == sorted(found, key=list(page.LOOKS).index)
    assert found[0] == record.FAILED and found[-1] == record.UNCHANGED


def test_what_is_to_be_done_is_said_once_for_all_that_need_it() -> None:
    run = records.run(*(records.instance(f"app{number}", "sales", record.HANDED_OVER) for number in range(3)))
    told = words_of(run)
    assert "What is to be done Handed over sales (app0), sales (app1), sales (app2) Log in as an administrator" in told
    assert told.count("Handed over sales (") == 1


def test_an_empty_run_and_one_that_has_just_begun_have_a_page() -> None:
    told = words_of(records.run())
    assert "The run has no instances." in told and "Nothing was begun." in told and "No downtime was measured" in told
    begun = records.run(records.instance("app01", "sales", record.PLANNED), outcome="running")
    begun["ended"] = None
    assert "The run is going on" in words_of(begun) and "Ended not yet Duration not known" in words_of(begun)


def test_only_web_addresses_become_links() -> None:
    one = records.instance("app01", "sales")
    for url in ("javascript:alert(1)", "data:text/html,x", "//host/x", "https://a b"):
        one["url"] = url
        made = Page(html(records.run(one)))
        assert not [value for _, name, value in made.attributes if name == "href" and not value.startswith("#")]
        assert url in made.words
    one["url"] = 'https://app01/sales?a="b"'
    assert ("a", "href", one["url"]) in Page(html(records.run(one))).attributes


def test_the_policy_forbids_everything_but_the_own_style_and_script() -> None:
    text = html(records.small())

    def digest(tag: str) -> str:
        (content,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()

    policy = next(value for tag, name, value in Page(text).attributes if (tag, name) == ("meta", "content"))
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest('style')}'; script-src 'sha256-{digest('script')}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_fetched_and_no_attribute_holds_code() -> None:
    made = Page(html(records.large(40)))
    assert {name for _, name, _ in made.attributes} & {"src", "style", "srcset", "action", "onclick", "onload"} == set()
    assert "url(" not in html(records.small()) and "@import" not in html(records.small())


@given(ODD, ODD, ODD)
def test_no_text_changes_what_the_page_is(name: str, message: str, target: str) -> None:
    def made(name: str, message: str, target: str) -> str:
        one = records.instance("app01", "sales")
        one.update(
            host=f"{name}2", name=name, brand=target, message=message, next_step=message, warnings=[name, message]
        )  # type: ignore[call-arg]
        one.update(logs=[message], backups=[target], path=[target, name], url=name, start=name, version=message)  # type: ignore[call-arg]
        one["changes"] = [{"file": name, "diff": f" {message}".replace("\n", " ")}]
        run = records.run(one)
        run.update(run=target, target=target, reason=message)  # type: ignore[call-arg]
        run["batches"][0]["name"] = name
        run["budget"]["breached"] = message
        return html(reading.read(run)[0])

    assert Page(made(name, message, target)).tags == Page(made("a", "b", "c")).tags


def test_control_characters_and_half_ones_are_replaced() -> None:
    one = records.instance("app01", "a\x00b\x1bc\ud800d")
    assert "a\ufffdb\ufffdc\ufffdd" in words_of(reading.read(records.run(one))[0])


@pytest.mark.parametrize("language", report.LANGUAGES)
def test_three_hundred_instances_fit_into_two_megabytes(language: str) -> None:
    assert len(html(records.large(), language).encode()) < 2_000_000
