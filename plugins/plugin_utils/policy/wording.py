# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sentences about paths, in the languages of the product's operators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..model.versions import Version
from .hops import Ban, Hop, Text


class ClosedWay(NamedTuple):
    """A way that hops make, and that would be open without ``bans``, all of them; ``steps``: what they forbid of it."""

    versions: tuple[Version, ...]
    steps: tuple[tuple[Version, Version], ...]
    bans: tuple[Ban, ...]


def _list(versions: Iterable[Version]) -> str:
    return ", ".join(str(version) for version in versions)


def step(
    start: Version, following: Version, target: Version, hop: Hop, direct: Hop | None, *, recommended: bool
) -> Text:
    """Why the path goes from start to following by this hop; ``direct`` leads from start to the target, if any does.
    ``recommended``: the policy names following as a good stop.
    """
    stop = Text("", "")
    if recommended and following != target:
        stop = Text(f" The policy recommends {following} as a stop.", f" Политика рекомендует остановку {following}.")
    by = Text(f"Hop {hop.id}; source: {hop.source}.", f"Переход {hop.id}; источник: {hop.source}.")
    if following == target:
        why = Text("The policy supports this change directly.", "Политика допускает это изменение напрямую.")
    elif direct is None:
        why = Text(
            f"No supported hop leads from {start} directly to {target}; the way leads through {following}.",
            f"Прямого поддерживаемого перехода с {start} на {target} нет; путь ведёт через {following}.",
        )
    else:
        why = Text(
            f"The direct change from {start} to {target} is manual work (hop {direct.id}); through {following} there is less.",
            f"Прямой переход с {start} на {target} выполняется вручную ({direct.id}); через {following} ручной работы меньше.",
        )
    return Text(f"{why.en}{stop.en} {by.en}", f"{why.ru}{stop.ru} {by.ru}")


def downgrade(start: Version, target: Version) -> Text:
    """The target is older."""
    return Text(
        f"{target} is older than {start}, and no hop leads to an older version: data that a newer version has upgraded "
        "cannot be read by an older one. To go back, ask for it: set restore_backup (of the role: upgrade_restore_backups) to the "
        f"name of a backup set that was made when the instance was at {target}.",
        f"Версия {target} ниже, чем {start}, а переходов на более низкую версию нет: прежняя версия не читает данные, "
        "обновлённые новой. Чтобы вернуться, запросите это явно: укажите в restore_backup (в роли — upgrade_restore_backups) имя "
        f"набора резервной копии, созданного, когда экземпляр был на версии {target}.",
    )


def missing(path: Sequence[Version], absent: tuple[Version, ...], installed: Iterable[Version]) -> Text:
    """``path`` would be one, if the versions in ``absent`` were installed."""
    way, there = " -> ".join(str(version) for version in path), _list(sorted(installed))
    return Text(
        f"No supported path leads from {path[0]} to {path[-1]} with the versions that are installed ({there or 'none'}): "
        f"a stop is missing. With {_list(absent)} installed the way would be {way}; the next stop is {path[1]}. "
        f"Install {_list(absent)} on the host, or other versions that the policy supports in that place, and try again.",
        f"От {path[0]} до {path[-1]} нет поддерживаемого пути через установленные версии ({there or 'нет'}): "
        f"не хватает промежуточной. С {_list(absent)} путь будет таким: {way}; следующая остановка — {path[1]}. "
        f"Установите на сервере {_list(absent)} (или другие версии, допустимые политикой на этом месте) и повторите.",
    )


def forbidden(start: Version, target: Version, ways: Sequence[ClosedWay]) -> Text:
    """Hops would lead from start to target, but bans close each of these ways."""
    told = [_closed(way) for way in ways]
    lifted = ", ".join(f"{{id: {ban.id}, remove: true}}" for ban in ways[0].bans)
    several = len(ways[0].bans) > 1
    return Text(
        f"No permitted way leads from {start} to {target}. {' '.join(text.en for text in told)} "
        "A hop of your own does not open what is forbidden. Choose another target, or, only if the vendor's support confirms this "
        f"change for your instance, take the {'rules' if several else 'rule'} away in a policy file of your own: forbidden: [{lifted}].",
        f"От {start} до {target} нет разрешённого пути. {' '.join(text.ru for text in told)} "
        "Собственный переход не открывает запрещённого. Выберите другую целевую версию или, только если поддержка производителя "
        f"подтверждает этот переход для вашего экземпляра, снимите {'правила' if several else 'правило'} в собственном файле политики: "
        f"forbidden: [{lifted}].",
    )


def _closed(way: ClosedWay) -> Text:
    versions = " -> ".join(str(version) for version in way.versions)
    steps = ", ".join(f"{start} -> {target}" for start, target in way.steps)
    en, ru = f"The change {versions} is forbidden.", f"Переход {versions} запрещён."
    if len(way.versions) > 2:
        en = f"The way {versions} is closed: {steps} {'is' if len(way.steps) == 1 else 'are'} forbidden."
        ru = f"Путь {versions} закрыт: запрещено {steps}."
    for ban in way.bans:
        en += f" {ban.reason.en} (rule {ban.id}; source: {ban.source})."
        ru += f" {ban.reason.ru} (правило {ban.id}; источник: {ban.source})."
    return Text(en, ru)


def unknown_start(start: Version, target: Version) -> Text:
    """The policy knows no hop from the start."""
    return Text(
        f"No path leads from {start} to {target}: the policy has no hop from {start}, and an unknown hop is refused. "
        "Ask the vendor's support which upgrade is supported, then add that hop in a policy file of your own.",
        f"От {start} до {target} нет пути: в политике нет переходов с версии {start}, а неизвестный переход не выполняется. "
        "Узнайте у поддержки производителя, какое обновление допустимо, и добавьте переход в собственный файл политики.",
    )


def unsupported(start: Version, target: Version) -> Text:
    """The policy knows hops from the start, but none that leads on to the target."""
    return Text(
        f"No path leads from {start} to {target}, whichever of the versions known to the policy are installed: an unknown "
        "hop is refused. Check the target version; if the vendor's support confirms the upgrade, add the hop in a policy "
        "file of your own.",
        f"От {start} до {target} нет пути, какие бы из известных политике версий ни были установлены: неизвестный переход "
        "не выполняется. Проверьте целевую версию; если поддержка производителя подтверждает обновление, добавьте переход "
        "в собственный файл политики.",
    )
