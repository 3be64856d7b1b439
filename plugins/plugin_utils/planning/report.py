# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plan as a text that a person reads and approves. It says nothing that the plan's data does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .preflight import megabytes

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "en": {
        "blocker": "BLOCKER",
        "warning": "WARNING",
        "ok": "ok",
        "verdict": {
            "blocker": "This plan cannot be carried out: correct every BLOCKER first.",
            "warning": "This plan can be carried out. Read every WARNING first.",
            "ok": "This plan can be carried out.",
        },
        "there": "is at the target version already: nothing to do",
        "way": "Way",
        "findings": "Checks",
        "hop": "Hop {number} of {total}: {from} -> {to}, {method}, {when}",
        "when": {True: "in this run", False: "in a later run", "manual": "by hand; the run stops before it"},
        "method": {"in_place": "in place", "vendor_script": "by the vendor's script", "manual": "manual"},
        "reason": "Why",
        "operations": "Operations, one transaction on the host",
        "on_confirm": "When the new version is confirmed",
        "configuration": "Configuration",
        "actions": {"write": "changed", "create": "created", "remove": "removed after the confirm"},
        "conflicts": "Conflicts",
        "versions": {"base": "vendor's old", "ours": "this instance", "theirs": "vendor's new"},
        "backup": "Backup: {folder}, {size}",
        "downtime": "Downtime",
        "no_return": "Point of no return",
        "return": "Going back",
        "not_covered": "A rollback leaves as it is",
        "steps": "Steps, by hand",
        "next": "Before the next hop",
        "unknown": "What follows the manual hop is planned when it is done: {path}",
        "together": "Downtime of this run",
    },
    "ru": {
        "blocker": "ПРЕПЯТСТВИЕ",
        "warning": "ВНИМАНИЕ",
        "ok": "ок",
        "verdict": {
            "blocker": "План выполнить нельзя: сначала устраните каждое ПРЕПЯТСТВИЕ.",
            "warning": "План можно выполнить. Сначала прочитайте каждое ВНИМАНИЕ.",
            "ok": "План можно выполнить.",
        },
        "there": "уже на целевой версии: делать нечего",
        "way": "Путь",
        "findings": "Проверки",
        "hop": "Переход {number} из {total}: {from} -> {to}, {method}, {when}",
        "when": {
            True: "в этом запуске",
            False: "в одном из следующих запусков",
            "manual": "вручную; запуск остановится перед ним",
        },
        "method": {"in_place": "на месте", "vendor_script": "скриптом производителя", "manual": "вручную"},
        "reason": "Почему",
        "operations": "Операции, одна транзакция на сервере",
        "on_confirm": "После подтверждения новой версии",
        "configuration": "Конфигурация",
        "actions": {"write": "изменяется", "create": "создаётся", "remove": "удаляется после подтверждения"},
        "conflicts": "Конфликты",
        "versions": {
            "base": "прежний файл производителя",
            "ours": "этот экземпляр",
            "theirs": "новый файл производителя",
        },
        "backup": "Резервная копия: {folder}, {size}",
        "downtime": "Простой",
        "no_return": "Точка невозврата",
        "return": "Возврат",
        "not_covered": "Откат не затронет",
        "steps": "Шаги вручную",
        "next": "Перед следующим переходом",
        "unknown": "Что будет после ручного перехода, планируется по его завершении: {path}",
        "together": "Простой в этом запуске",
    },
}


def text(plan: Mapping[str, Any], language: str) -> str:
    """The report of a plan as :func:`kept.as_dict` gives it."""
    words = _WORDS[language]
    lines = [f"{plan['instance']} ({plan['machine']}): {plan['from']} -> {plan['to']}"]
    if not plan["hops"] and not plan["findings"]:
        return f"{lines[0]}\n  {words['there']}\n"
    if plan["path"]:
        lines.append(f"  {words['way']}: {' -> '.join(plan['path'])}")
    lines += _findings(plan["findings"], words)
    for number, hop in enumerate(plan["hops"], start=1):
        lines += ["", *_hop(hop, number, len(plan["path"]) - 1, number <= plan["hops_of_this_run"], words)]
    if plan["hops"] and len(plan["hops"]) < len(plan["path"]) - 1:
        rest = " -> ".join(plan["path"][len(plan["hops"]) :])
        lines += ["", f"  {words['unknown'].format(path=rest)}"]
    if plan["return"]:
        lines += ["", f"  {words['return']}: {plan['return']['text']}"]
    if plan["downtime"]:
        lines += ["", f"  {words['together']}: {plan['downtime']['message']}"]
    return "\n".join([*lines, "", f"  {words['verdict'][plan['level']]}", ""])


def _hop(hop: Mapping[str, Any], number: int, total: int, now: bool, words: Mapping[str, Any]) -> list[str]:
    when = words["when"]["manual" if hop["method"] == "manual" else now]
    head = words["hop"].format(
        number=number,
        total=total,
        when=when,
        **{"from": hop["from"], "to": hop["to"]},
        method=words["method"][hop["method"]],
    )
    lines = [f"  {head}", f"    {words['reason']}: {hop['reason']}"]
    lines += [f"  {line}" for line in _findings(hop["findings"], words)]
    lines += _numbered(words["steps"], hop["manual_steps"])
    lines += _numbered(words["operations"], hop["operations"])
    lines += _numbered(words["on_confirm"], hop["on_confirm"])
    lines += _configuration(hop, words)
    if hop["backup"]:
        size = megabytes(hop["backup"]["bytes"])
        lines.append(f"    {words['backup'].format(folder=hop['backup']['folder'], size=size)}")
    if hop["downtime"]:
        lines.append(f"    {words['downtime']}: {hop['downtime']['message']}")
    if hop["point_of_no_return"]:
        lines.append(f"    {words['no_return']}: {hop['point_of_no_return']}")
    lines += _listed(words["not_covered"], (note["text"] for note in hop["not_covered_by_rollback"]))
    return lines + _listed(words["next"], (note["text"] for note in hop["before_next"]))


def _findings(findings: Iterable[Mapping[str, str]], words: Mapping[str, Any]) -> list[str]:
    order = ("blocker", "warning", "ok")
    ordered = sorted(findings, key=lambda finding: order.index(finding["level"]))
    told = [f"    {words[finding['level']]} {finding['code']}: {_indented(finding['message'])}" for finding in ordered]
    return [f"  {words['findings']}:", *told] if told else []


def _configuration(hop: Mapping[str, Any], words: Mapping[str, Any]) -> list[str]:
    lines = []
    for file in hop["configuration"]:
        lines.append(f"    {words['configuration']}: {file['file']}, {words['actions'][file['action']]}")
        lines += [f"      {line}" for line in file["diff"].splitlines()]
    for conflict in hop["conflicts"]:
        lines.append(f"    {words['conflicts']}: {conflict['file']}, {conflict['where']} [{conflict['id']}]")
        lines += [
            f"      {words['versions'][side]}: {_indented(conflict[side] if conflict[side] is not None else '-')}"
            for side in ("base", "ours", "theirs")
        ]
    return lines


def _indented(message: str) -> str:
    return message.replace("\n", "\n        ")


def _numbered(title: str, items: Iterable[str]) -> list[str]:
    lines = [f"      {number}. {item}" for number, item in enumerate(items, start=1)]
    return [f"    {title}:", *lines] if lines else []


def _listed(title: str, items: Iterable[str]) -> list[str]:
    lines = [f"      - {item}" for item in items]
    return [f"    {title}:", *lines] if lines else []
