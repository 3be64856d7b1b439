# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The machine checks of the policy: what each finds on a host, and the findings that follow for an instance."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from ..model.facts import HostFacts, InstanceFacts
from ..policy.hops import Check, Note, Text
from . import prerequisites, product_checks
from .evidence import OK, Evidence, Outcome, queries
from .findings import Finding

__all__ = ["LABELS", "Evidence", "Outcome", "evaluate", "findings_of", "queries"]

_OF_HOST: Mapping[str, Callable[[Mapping[str, Any], HostFacts], Outcome]] = {
    "windows": prerequisites.windows,
    "iis": prerequisites.iis,
    "iis_components": prerequisites.iis_components,
    "dotnet_framework": prerequisites.dotnet_framework,
    "dotnet_sdk": prerequisites.dotnet_sdk,
    "aspnetcore": prerequisites.aspnetcore,
    "java": prerequisites.java,
}
_OF_START: Mapping[str, Callable[[Evidence], Outcome]] = {
    "search_server": product_checks.search_server,
    "not_in_service_mode": product_checks.not_in_service_mode,
    "upgrade_logs": product_checks.upgrade_logs,
}

LABELS: Mapping[str, Text] = {
    "windows": Text("Windows", "Windows"),
    "iis": Text("IIS", "IIS"),
    "iis_components": Text("components of IIS", "компоненты IIS"),
    "dotnet_framework": Text(".NET Framework", ".NET Framework"),
    "dotnet_sdk": Text(".NET SDK", ".NET SDK"),
    "aspnetcore": Text("ASP.NET Core", "ASP.NET Core"),
    "java": Text("Java", "Java"),
    "search_server": Text("search server", "сервер поиска"),
    "product_backup": Text("backup of the product", "резервная копия продукта"),
    "not_in_service_mode": Text("login page", "страница входа"),
    "administrator_logged_in": Text("audit log", "журнал аудита"),
    "upgrade_logs": Text("upgrade logs", "журналы обновления"),
}
"""What each kind of check is called in messages."""

_ACKNOWLEDGE = "upgrade_acknowledged: [{id}]"
_ALL_THE_SAME = Text(
    f"If this is right all the same, acknowledge it: {_ACKNOWLEDGE}.",
    f"Если это всё же выполнено, подтвердите: {_ACKNOWLEDGE}.",
)
_CARED_FOR = Text(
    f"When this is taken care of, acknowledge it: {_ACKNOWLEDGE}.",
    f"Когда это учтено или выполнено, подтвердите: {_ACKNOWLEDGE}.",
)
_ACKNOWLEDGED = Text("The operator has acknowledged it.", "Оператор это подтвердил.")
_STATES = {
    "ok": Text("fulfilled", "выполнено"),
    "failed": Text("not fulfilled", "не выполнено"),
    "unknown": Text("could not be checked", "проверить не удалось"),
}
_NOTE = Text("note", "примечание")
_UNCHECKED = Text("to be acknowledged", "требует подтверждения")


def evaluate(check: Check, host: HostFacts, instance: InstanceFacts, evidence: Evidence) -> Outcome:
    """Finds out whether the check is fulfilled. Numbers and versions are fulfilled by higher ones too."""
    if check.kind in _OF_HOST:
        return _OF_HOST[check.kind](check.parameters, host)
    if check.kind in _OF_START:
        return _OF_START[check.kind](evidence)
    if check.kind == "product_backup":
        return product_checks.product_backup(check.parameters, host, instance, evidence)
    if check.kind == "administrator_logged_in":
        return product_checks.administrator_logged_in(instance, evidence)
    raise ValueError(f"there is no check of the kind {check.kind!r}")


def findings_of(
    notes: Iterable[Note],
    label_by_kind: Mapping[str, Text],
    host: HostFacts,
    instance: InstanceFacts,
    evidence: Evidence,
    acknowledged: Collection[str],
    language: str,
) -> list[Finding]:
    """A finding for each note, with the note's id as code, in ``en`` or ``ru``.

    A fulfilled check is ok; another one, and a note to be acknowledged, is a blocker until its id is among ``acknowledged``. Other notes
    are warnings. ``label_by_kind``: what the kinds of checks are called (:data:`LABELS`).
    """
    found = []
    for note in notes:
        if note.check is None:
            found.append(_of_words(note, instance, acknowledged, language))
        else:
            outcome = evaluate(note.check, host, instance, evidence)
            seen = f"{label_by_kind[note.check.kind].say(language)}: {outcome.seen}."
            found.append(_of_outcome(note, outcome, seen, instance, acknowledged, language))
    return found


def _of_outcome(
    note: Note, outcome: Outcome, seen: str, instance: InstanceFacts, acknowledged: Collection[str], language: str
) -> Finding:
    said = _said(instance, _STATES[outcome.state], note, language)
    if outcome.state == OK:
        return Finding("ok", note.id, f"{said} {seen}")
    if note.id in acknowledged:
        return Finding("warning", note.id, f"{said} {seen} {_ACKNOWLEDGED.say(language)}")
    return Finding("blocker", note.id, f"{said} {seen} {_ALL_THE_SAME.say(language).format(id=note.id)}")


def _of_words(note: Note, instance: InstanceFacts, acknowledged: Collection[str], language: str) -> Finding:
    if note.id in acknowledged:
        return Finding("warning", note.id, f"{_said(instance, _NOTE, note, language)} {_ACKNOWLEDGED.say(language)}")
    if note.acknowledge:
        said = _said(instance, _UNCHECKED, note, language)
        return Finding("blocker", note.id, f"{said} {_CARED_FOR.say(language).format(id=note.id)}")
    return Finding("warning", note.id, _said(instance, _NOTE, note, language))


def _said(instance: InstanceFacts, state: Text, note: Note, language: str) -> str:
    subject = Text("Instance", "Экземпляр").say(language)
    return f"{subject} '{instance['name']}', {state.say(language)}: {note.text.say(language)}"
