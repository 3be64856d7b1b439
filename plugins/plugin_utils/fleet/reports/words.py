# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every word of the reports that is not in the record itself, in English and Russian."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ...policy.hops import Text
from .. import record


class Counted(NamedTuple):
    """A noun behind a number: English one and many, Russian for 1, 2 and 5."""

    one: str
    many: str
    ru_one: str
    ru_few: str
    ru_many: str


COUNTED: Mapping[str, Counted] = {
    "instances": Counted("instance", "instances", "экземпляр", "экземпляра", "экземпляров"),
    "of_instances": Counted("instance", "instances", "экземпляра", "экземпляров", "экземпляров"),
    "on_hosts": Counted("host", "hosts", "сервере", "серверах", "серверах"),
    "in_batches": Counted("batch", "batches", "партии", "партиях", "партиях"),
}

_STATES: Mapping[str, tuple[Text, str]] = {
    record.PLANNED: (Text("Planned", "В плане"), "план есть, очередь не дошла"),
    record.BLOCKED: (Text("Blocked", "Не допущен"), "план не допускает обновления, ничего не изменено"),
    record.RUNNING: (Text("At work", "В работе"), "обновляется"),
    record.UPGRADED: (Text("Upgraded", "Обновлён"), "работает на целевой версии и исправен"),
    record.UNCHANGED: (Text("Unchanged", "Без изменений"), "уже был на целевой версии"),
    record.HANDED_OVER: (Text("Handed over", "Передан"), "работает на новой версии и ждёт входа администратора"),
    record.MANUAL: (Text("By hand", "Вручную"), "перед следующим переходом нужны действия человека"),
    record.ROLLED_BACK: (Text("Rolled back", "Откат"), "обновление не удалось, снова на прежней версии"),
    record.RETURNED: (Text("Returned", "Возвращён"), "был обновлён и возвращён, потому что запуск не удался на других"),
    record.FAILED: (Text("Failed", "Сбой"), "сбой; по словам сервера, не целиком ни на одной из версий"),
    record.HELD: (Text("Held", "На удержании"), "новая версия работает без подтверждения, пока не решит человек"),
    record.UNKNOWN: (Text("Unknown", "Неизвестно"), "никто не смог выяснить, работает ли он"),
    record.LOST: (Text("Lost", "Потерян"), "связь с сервером пропала на середине; он сам вернётся назад"),
    record.UNREACHABLE: (Text("Unreachable", "Недоступен"), "сервер недоступен, ничего не изменено"),
    record.NOT_BEGUN: (Text("Not begun", "Не начат"), "запуск окончился до его очереди"),
}

_WORDS: Mapping[str, Text] = {
    "title": Text("Upgrade to {target}", "Обновление до {target}"),
    "run": Text("Run", "Запуск"),
    "outcome_running": Text("The run is going on", "Запуск продолжается"),
    "outcome_succeeded": Text("The run has succeeded", "Запуск завершён успешно"),
    "outcome_stopped": Text("The run was stopped", "Запуск остановлен"),
    "outcome_failed": Text("The run has failed", "Запуск завершён со сбоем"),
    "outcome_": Text("How the run ended is not known", "Чем окончился запуск, неизвестно"),
    "began": Text("Began", "Начало"),
    "ended": Text("Ended", "Окончание"),
    "took": Text("Duration", "Длительность"),
    "not_ended": Text("not yet", "ещё нет"),
    "not_known": Text("not known", "неизвестно"),
    "none": Text("none", "нет"),
    "glance": Text("At a glance", "Коротко"),
    "reached": Text("At the target version", "На целевой версии"),
    "of": Text("of {all}", "из {all}"),
    "on": Text("on {hosts}", "на {hosts}"),
    "in": Text("in {batches}", "в {batches}"),
    "budget": Text("Failures", "Неудачи"),
    "budget_allowed": Text("allowed: {limits}", "допускается: {limits}"),
    "budget_unlimited": Text("no limit", "без ограничения"),
    "budget_parts": Text(
        "failed {failed}, unknown {unknown}, unreachable {unreachable}",
        "сбоев {failed}, неизвестно {unknown}, недоступно {unreachable}",
    ),
    "budget_percent": Text("{percent} % of those not blocked", "{percent} % от всех допущенных"),
    "budget_or": Text("or", "или"),
    "budget_breached": Text("The limit was passed", "Предел превышен"),
    "handed_over_count": Text("handed over: {count}", "передано: {count}"),
    "downtime": Text("Downtime", "Простой"),
    "downtime_longest": Text("Longest", "Самый долгий"),
    "downtime_measured": Text("in all, measured for {instances}", "в сумме, измерен для {instances}"),
    "downtime_unmeasured": Text("No downtime was measured", "Простой не измерялся"),
    "to_do": Text("What is to be done", "Что нужно сделать"),
    "states": Text("Instances by state", "Экземпляры по состоянию"),
    "timeline": Text("Timeline", "Ход запуска"),
    "timeline_none": Text("Nothing was begun.", "Ничего не начато."),
    "timeline_work": Text("at work", "в работе"),
    "timeline_down": Text("measured downtime", "измеренный простой"),
    "timeline_open": Text("no good answer since", "с тех пор нет правильного ответа"),
    "timeline_batch": Text("batch", "партия"),
    "timeline_label": Text(
        "{batch}: downtime of its instances; the table of instances has the same numbers",
        "{batch}: простой экземпляров; те же числа есть в таблице экземпляров",
    ),
    "timeline_clocks": Text(
        "Not drawn, as the clock of the host is more than an hour away from the time of the run:",
        "Не показаны, потому что часы сервера расходятся с временем запуска больше чем на час:",
    ),
    "no_batch": Text("Without a batch", "Без партии"),
    "canary": Text("Canary", "Пробная партия"),
    "batch": Text("Batch", "Партия"),
    "instances": Text("Instances", "Экземпляры"),
    "no_instances": Text("The run has no instances.", "В запуске нет экземпляров."),
    "instance": Text("Instance", "Экземпляр"),
    "host": Text("Host", "Сервер"),
    "state": Text("State", "Состояние"),
    "versions": Text("Version", "Версия"),
    "verdict": Text("Verdict", "Вердикт"),
    "verdict_healthy": Text("healthy", "исправен"),
    "verdict_unhealthy": Text("unhealthy", "неисправен"),
    "verdict_unknown": Text("unknown", "неизвестно"),
    "verdict_handed_over": Text("handed over", "передан"),
    "utc": Text("UTC", "UTC"),
    "brand": Text("Brand", "Марка"),
    "url": Text("URL", "URL"),
    "start": Text("From", "С версии"),
    "target": Text("To", "На версию"),
    "version": Text("Runs now", "Работает сейчас"),
    "path": Text("Path", "Путь"),
    "hops": Text("Hops", "Переходы"),
    "transaction": Text("Transaction", "Транзакция"),
    "backup": Text("Backup set", "Резервная копия"),
    "backups": Text("Backup sets on the host", "Резервные копии на сервере"),
    "changes": Text("Configuration changes", "Изменения конфигурации"),
    "warnings": Text("Warnings", "Предупреждения"),
    "logs": Text("Logs on the host", "Журналы на сервере"),
    "message": Text("Last word", "Последнее сообщение"),
    "next_step": Text("What to do", "Что делать"),
    "last_answer": Text("Last good answer", "Последний правильный ответ"),
    "first_answer": Text("First good answer", "Первый правильный ответ"),
    "details": Text("Details", "Подробности"),
    "search": Text("Find", "Найти"),
    "search_hint": Text("instance, host, version, message", "экземпляр, сервер, версия, сообщение"),
    "all_states": Text("all states", "все состояния"),
    "all_batches": Text("all batches", "все партии"),
    "shown": Text("Shown", "Показано"),
    "open_all": Text("Open all", "Раскрыть все"),
    "close_all": Text("Close all", "Свернуть все"),
    "legend": Text("What the states mean", "Что значат состояния"),
    "footer": Text(
        "Times are in UTC; those of an instance come from the clock of its host. Downtime is measured on the host, from the last good "
        "answer of the instance to the first good one.",
        "Время указано в UTC; для экземпляра — по часам его сервера. Простой измерен на сервере: от последнего правильного ответа "
        "экземпляра до первого правильного.",
    ),
    **{f"state_{state}": short for state, (short, _meaning) in _STATES.items()},
    **{f"meaning_{state}": Text(record.STATES[state], ru) for state, (_short, ru) in _STATES.items()},
}


def say(key: str, language: str, **values: object) -> str:
    """The words of that key in ``en`` or ``ru``, with the values in them."""
    text = _WORDS[key].say(language)
    return text.format(**values) if values else text


def verdict(value: str, language: str) -> str:
    """The verdict in words; one that there is no word for stays as it is."""
    return say(f"verdict_{value}", language) if f"verdict_{value}" in _WORDS else value


def batch(number: int, name: str, language: str) -> str:
    """The batch for people, whose name is "canary", or its number in words."""
    return say("canary", language) if name == "canary" else name or str(number)


def decimal(value: float, language: str) -> str:
    """``2.5``, ``2,5``."""
    return f"{value:g}".replace(".", ",") if language == "ru" else f"{value:g}"


def count(number: int, noun: str, language: str) -> str:
    """``2 instances``, ``2 экземпляра``."""
    words = COUNTED[noun]
    if language == "en":
        return f"{number} {words.one if number == 1 else words.many}"
    if number % 10 == 1 and number % 100 != 11:
        return f"{number} {words.ru_one}"
    few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
    return f"{number} {words.ru_few if few else words.ru_many}"
