# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan has to fall back on: the demand for a backup before data are upgraded, and which ways back stay open.

Only a cold copy of the database, which lies in the backup set of the transaction, lets the host go back by itself. A backup of the
product meets the demand: it brings the data back by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model.facts import HostFacts, InstanceFacts
from ..policy import Path, Step
from ..policy.hops import Text
from . import product_backup
from .evidence import OK, Evidence
from .findings import Finding
from .going_back import HOP as BACK
from .hop_plans import Circumstances, HopPlan
from .product_backup import EXISTING, NONE, SESSION
from .wishes import UpgradeWish


def demand(around: Circumstances, instance: InstanceFacts, hops: Sequence[HopPlan], run: int) -> list[list[Finding]]:
    """For each hop what its backup lacks, or is. ``run``: how many of the hops one run does."""
    first = hops[0] if hops else None
    found: list[list[Finding]] = [[] for _hop in hops]
    if first and not first.manual and first.step.hop.id != BACK:
        found[0] += _of_product(around.host, instance, around.wish, around.evidence)
    for number, one in enumerate(hops):
        if one.manual or not one.point_of_no_return:
            continue
        found[number] += _missing(instance, one.step, hops[0].step, around.wish, 0 < number < run)
    return found


def _of_product(host: HostFacts, instance: InstanceFacts, wish: UpgradeWish, evidence: Evidence) -> list[Finding]:
    """The product's own backup, where the operator wants one."""
    wanted, name, folder = wish.product_backup, instance["name"], instance["paths"]["backup"]
    if wanted.kind == EXISTING:
        outcome = product_backup.outcome(wanted.max_age, host, instance, evidence)
        if outcome.state == OK:
            return [Finding("ok", "product_backup_good", f"{_subject(name, wish)}: {outcome.seen}.")]
        return [_said("blocker", "product_backup_not_good", _NOT_GOOD, wish, name=name, seen=outcome.seen)]
    if wanted.kind != SESSION:
        return []
    if instance["state"] != "started":
        return [_said("blocker", "session_needs_the_product", _NOT_RUNNING, wish, name=name, state=instance["state"])]
    if others := product_backup.sharing(host, instance):
        shared = ", ".join(others)
        return [_said("blocker", "backup_folder_shared", _SHARED, wish, name=name, folder=folder, others=shared)]
    about = {"configuration": wanted.configuration, "seconds": wanted.timeout, "folder": folder}
    return [_said("ok", "product_backup_session", _SESSION, wish, name=name, **about)]


def _missing(instance: InstanceFacts, step: Step, first: Step, wish: UpgradeWish, later: bool) -> list[Finding]:
    """The hop upgrades the data and makes no copy of them. ``later``: it begins in this run, after another one."""
    about = {"name": instance["name"], "start": step.start, "target": step.target}
    if wish.product_backup.kind == NONE:
        return [_said("blocker", "no_backup", _NO_BACKUP, wish, folder=instance["paths"]["backup"], **about)]
    if wish.product_backup.kind == EXISTING and later:
        return [_said("blocker", "no_new_backup", _NO_NEW_BACKUP, wish, origin=first.start, **about)]
    return []


def describe(path: Path | None, hops: Sequence[HopPlan], run: int, language: str) -> dict[str, Any] | None:
    """``automatic``: a hop of this run that fails is undone by the host itself, data included. ``to_origin``: afterwards the backup
    sets of all hops lead back to the version of now. ``text``: both for people. None for a plan without hops.
    """
    if path is None or not hops:
        return None
    lost = next((one for one in hops[:run] if one.point_of_no_return), None)
    reasons = [_REASONS[why].say(language).format(hop=_hop(one.step)) for one in hops if (why := _obstacle(one))]
    if len(hops) < len(path.steps):
        reasons.append(_REASONS["unknown"].say(language).format(hop=_hop(hops[-1].step)))
    if not run:
        told = _BY_HAND.say(language)
    elif lost:
        told = _LOST.say(language).format(target=lost.step.target, hop=_hop(lost.step))
    else:
        told = _AUTOMATIC.say(language)
    back = _CLOSED if reasons else _OPEN
    told = f"{told} {back.say(language).format(origin=path.start, reasons='; '.join(reasons))}"
    return {"automatic": bool(run) and lost is None, "to_origin": not reasons, "text": told}


def _obstacle(one: HopPlan) -> str | None:
    if one.manual:
        return "manual"
    if one.point_of_no_return:
        return "no_copy"
    return None if one.step.hop.reversible else "not_reversible"


def _hop(step: Step) -> str:
    return f"{step.start} -> {step.target}"


def _subject(name: str, wish: UpgradeWish) -> str:
    return f"Экземпляр '{name}'" if wish.language == "ru" else f"Instance '{name}'"


def _said(level: str, code: str, text: Text, wish: UpgradeWish, **values: object) -> Finding:
    return Finding(level, code, text.say(wish.language).format(**values))


_NO_BACKUP = Text(
    "Instance '{name}': the hop {start} -> {target} upgrades the data, and nothing was asked for that could bring them back "
    "(backup_data: false, product_backup: none). Choose one: backup_data: true copies the database while the instance is stopped, and is "
    "the only one with which the host can go back by itself; product_backup: existing takes the newest .cdbbz in {folder}, if it proves to "
    "be good; product_backup: session has the product make one before anything is stopped.",
    "Экземпляр '{name}': переход {start} -> {target} обновляет данные, а вернуть их будет нечем (backup_data: false, product_backup: "
    "none). Выберите одно: backup_data: true копирует базу данных остановленного экземпляра, и только с этой копией сервер может "
    "вернуться сам; product_backup: existing берёт самый новый .cdbbz из папки {folder}, если он окажется исправным; product_backup: "
    "session поручает продукту создать копию до остановки.",
)
_NO_NEW_BACKUP = Text(
    "Instance '{name}': the hop {start} -> {target} upgrades the data too, and a .cdbbz that is there now holds those of {origin}: with "
    "product_backup: existing, one run can only do its first hop. Choose product_backup: session or backup_data: true, or go to {start} "
    "first, have the product make a new backup there, and run again.",
    "Экземпляр '{name}': переход {start} -> {target} тоже обновляет данные, а в имеющемся .cdbbz данные версии {origin}: с "
    "product_backup: existing один запуск может выполнить только свой первый переход. Выберите product_backup: session или backup_data: "
    "true либо перейдите сначала на {start}, создайте там новую копию средствами продукта и запустите снова.",
)
_NOT_GOOD = Text(
    "Instance '{name}': product_backup is existing, but {seen}. Have the product make a new backup and run again, or choose "
    "product_backup: session, or product_backup: none with backup_data: true.",
    "Экземпляр '{name}': задано product_backup: existing, но: {seen}. Создайте новую копию средствами продукта и запустите снова либо "
    "выберите product_backup: session или product_backup: none вместе с backup_data: true.",
)
_NOT_RUNNING = Text(
    "Instance '{name}' is {state}, and product_backup is session: only a product that runs makes a backup. Start it "
    "(comindware.platform.instance_state), or choose backup_data: true with product_backup: none.",
    "Экземпляр '{name}' в состоянии {state}, а задано product_backup: session: копию создаёт только работающий продукт. Запустите его "
    "(comindware.platform.instance_state) либо выберите backup_data: true вместе с product_backup: none.",
)
_SHARED = Text(
    "Instance '{name}': product_backup is session, but a new .cdbbz in {folder} may be a backup of {others}: they share the folder. Give "
    "each instance a backup folder of its own, or choose backup_data: true with product_backup: none.",
    "Экземпляр '{name}': задано product_backup: session, но новый .cdbbz в папке {folder} может быть копией экземпляра {others}: папка у "
    "них общая. Задайте каждому экземпляру свою папку либо выберите backup_data: true вместе с product_backup: none.",
)
_SESSION = Text(
    "Instance '{name}': before anything is stopped, the product makes a backup by its configuration {configuration}; the run goes on when "
    "a good .cdbbz has come to {folder}, and waits {seconds} seconds for it at most.",
    "Экземпляр '{name}': до остановки продукт создаёт резервную копию по своей конфигурации {configuration}; выполнение продолжится, "
    "когда в папке {folder} появится исправный .cdbbz, ожидание — не дольше {seconds} с.",
)
_AUTOMATIC = Text(
    "A hop that fails is undone by the host itself, data included.",
    "Неудавшийся переход сервер отменяет сам, вместе с данными.",
)
_LOST = Text(
    "From the first start of {target} on ({hop}) the host does not go back by itself.",
    "После первого запуска {target} ({hop}) сервер сам уже не вернётся.",
)
_BY_HAND = Text(
    "The next hop is done by hand, and so is going back.", "Следующий переход и возврат выполняются вручную."
)
_OPEN = Text(
    "Afterwards the backup sets of this way lead back to {origin}.",
    "После этого по наборам копий этого пути можно вернуться на {origin}.",
)
_CLOSED = Text(
    "Afterwards no backup sets lead back to {origin}: {reasons}.",
    "После этого по наборам копий вернуться на {origin} нельзя: {reasons}.",
)
_REASONS = {
    "manual": Text("{hop} is done by hand", "{hop} выполняется вручную"),
    "no_copy": Text(
        "{hop} upgrades the data without a copy of the database", "{hop} обновляет данные без копии базы данных"
    ),
    "not_reversible": Text("{hop} cannot be taken back", "{hop} необратим"),
    "unknown": Text("what follows {hop} is not known yet", "что будет после {hop}, пока неизвестно"),
}
