# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words of the table, in both languages."""

from __future__ import annotations

from .. import stages
from . import record

ENGLISH = {
    "host": "HOST",
    "instance": "INSTANCE",
    "versions": "VERSIONS",
    "stage": "STAGE",
    "progress": "PROGRESS",
    "rate": "RATE",
    "left": "LEFT",
    stages.INSPECT: "inspecting",
    stages.PLAN: "planning",
    stages.STOP: "stopping",
    stages.BACKUP: "backing up",
    stages.SWITCH: "switching",
    stages.START: "starting",
    stages.JUDGE: "judging",
    stages.CONFIRM: "confirming",
    stages.RETURN: "rolling back",
    stages.COPY: "copying",
    "recover": "recovering",
    "waiting": "waiting",
    "done": "done",
    "failed_task": "failed",
    record.PLANNED: "planned",
    record.BLOCKED: "blocked",
    record.UPGRADED: "upgraded",
    record.UNCHANGED: "unchanged",
    record.HANDED_OVER: "handed over",
    record.MANUAL: "by hand",
    record.ROLLED_BACK: "rolled back",
    record.RETURNED: "returned",
    record.FAILED: "failed",
    record.HELD: "held",
    record.UNKNOWN: "unknown",
    record.LOST: "lost",
    record.UNREACHABLE: "unreachable",
    "at_work": "at work",
    "total": "Instances",
    "task": "task",
    "warning": "warning",
    "play": "Play",
    "next": "Next:",
    "more": "and {count} more",
    "MB/s": "MB/s",
    "s": "s",
    "min": "min",
    "h": "h",
}
RUSSIAN = {
    "host": "УЗЕЛ",
    "instance": "ЭКЗЕМПЛЯР",
    "versions": "ВЕРСИИ",
    "stage": "ЭТАП",
    "progress": "ХОД",
    "rate": "СКОРОСТЬ",
    "left": "ОСТАЛОСЬ",
    stages.INSPECT: "осмотр",
    stages.PLAN: "план",
    stages.STOP: "остановка",
    stages.BACKUP: "копирование",
    stages.SWITCH: "переключение",
    stages.START: "запуск",
    stages.JUDGE: "проверка",
    stages.CONFIRM: "подтверждение",
    stages.RETURN: "возврат",
    stages.COPY: "вторая копия",
    "recover": "восстановление",
    "waiting": "ждёт",
    "done": "готово",
    "failed_task": "ошибка",
    record.PLANNED: "есть план",
    record.BLOCKED: "отказано",
    record.UPGRADED: "обновлён",
    record.UNCHANGED: "без изменений",
    record.HANDED_OVER: "передан",
    record.MANUAL: "вручную",
    record.ROLLED_BACK: "откат выполнен",
    record.RETURNED: "возвращён",
    record.FAILED: "сбой",
    record.HELD: "удержан",
    record.UNKNOWN: "неизвестно",
    record.LOST: "потерян",
    record.UNREACHABLE: "недоступен",
    "at_work": "в работе",
    "total": "Экземпляры",
    "task": "задача",
    "warning": "предупреждение",
    "play": "Сценарий",
    "next": "Дальше:",
    "more": "и ещё {count}",
    "MB/s": "МБ/с",
    "s": "с",
    "min": "мин",
    "h": "ч",
}
WORDS = {"en": ENGLISH, "ru": RUSSIAN}
"""By language."""

_NEXT = {
    "en": {
        record.BLOCKED: "Do what the message asks for and run the playbook again.",
        record.ROLLED_BACK: "The version before runs again. Find the reason in the message and in the logs of the product, then run the "
        "playbook again.",
        record.HELD: "The new version runs unconfirmed. Look at it, then decide with the module instance_recover, held: confirm or "
        "rollback.",
        record.UNKNOWN: "Nobody could find out whether it works, and the host holds it. Look at it, then decide with the module "
        "instance_recover, held: confirm or rollback.",
        record.FAILED: "Look at the host before anything else; comindware.platform.inspect shows what is there.",
        record.LOST: "The host goes on by itself. When it can be reached again, run the playbook again: it begins with what was left.",
        record.UNREACHABLE: "See that the host is on and answers WinRM, then run the playbook again.",
    },
    "ru": {
        record.BLOCKED: "Выполните то, о чём говорит сообщение, и запустите плейбук снова.",
        record.ROLLED_BACK: "Снова работает прежняя версия. Найдите причину в сообщении и в журналах продукта и запустите плейбук снова.",
        record.HELD: "Новая версия работает без подтверждения. Проверьте её и решите модулем instance_recover, held: confirm или rollback.",
        record.UNKNOWN: "Выяснить, работает ли версия, не удалось; узел её удерживает. Проверьте её и решите модулем instance_recover, "
        "held: confirm или rollback.",
        record.FAILED: "Прежде всего осмотрите узел: comindware.platform.inspect покажет его состояние.",
        record.LOST: "Узел продолжает сам. Когда он станет доступен, запустите плейбук снова: он начнёт с того, что осталось.",
        record.UNREACHABLE: "Проверьте, что узел включён и отвечает по WinRM, и запустите плейбук снова.",
    },
}


def next_step(state: str, language: str) -> str:
    """What somebody has to do about an instance in that state; "" where its message says all."""
    return _NEXT[language].get(state, "")
