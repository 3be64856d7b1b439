# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sentences of a cleanup: why something may go or has to stay, and how it is removed."""

from __future__ import annotations

from collections.abc import Mapping

from ..policy.hops import Text

HOW = "remove: ['{path}']"
"""The option of the module, as YAML."""

VENDORS_WAY = Text(
    "Run version_delete.ps1 -version {version} from the folder 'scripts' of the product's distribution as an administrator, or delete the "
    "version in the Administration Tool. This module never does it: the folder belongs to the product's installer, and the vendor "
    "documents no other way.",
    "Запустите от имени администратора version_delete.ps1 -version {version} из папки scripts дистрибутива продукта или удалите версию в "
    "утилите администрирования. Этот модуль её не удаляет: папка принадлежит установщику продукта, и другого способа документация "
    "производителя не описывает.",
)

WORDS: Mapping[str, Text] = {
    "blocked": Text(
        "The transaction {transaction} is not finished: until then nothing may go.",
        "Транзакция {transaction} не завершена: до её завершения ничего удалять нельзя.",
    ),
    "unknown": Text(
        "The host could not be inspected completely, so nobody can tell what a way back needs: {problem}",
        "Сервер не удалось обследовать полностью, поэтому неизвестно, что нужно для возврата: {problem}",
    ),
    "leftover": Text(
        "It is what an interrupted removal has left.",
        "Это остаток прерванного удаления.",
    ),
    "current_worker": Text(
        "It is the agent program of this version of the collection.",
        "Это программа агента текущей версии коллекции.",
    ),
    "old_worker": Text(
        "It is the agent program of another version of the collection, and no unfinished transaction needs it. A controller that has that "
        "version makes it again.",
        "Это программа агента другой версии коллекции, и ни одной незавершённой транзакции она не нужна. Управляющий узел с той версией "
        "создаст её заново.",
    ),
    "unfinished": Text(
        "It is not finished: {state}.",
        "Она не завершена: {state}.",
    ),
    "history": Text(
        "It tells how instance '{instance}' came to its version; a rollback reads that.",
        "По ней видно, как экземпляр '{instance}' пришёл к своей версии; это нужно для возврата.",
    ),
    "last_cleanup": Text(
        "It is the record of the last cleanup.",
        "Это запись о последней очистке.",
    ),
    "young": Text(
        "It is not older than {days} days.",
        "Ей не больше {days} дн.",
    ),
    "old_transaction": Text(
        "It ended more than {days} days ago ({state}), and no way back reads it.",
        "Она завершилась более {days} дн. назад ({state}), и для возврата она не нужна.",
    ),
    "way_back": Text(
        "The way back of instance '{instance}' from its present version needs it.",
        "Она нужна для возврата экземпляра '{instance}' с его текущей версии.",
    ),
    "open_to_others": Text(
        "Others than administrators own it or may write to it, so nobody can tell what it is. Look at it, and delete it yourself.",
        "Владелец этой папки не администратор, или запись в неё разрешена не только администраторам, поэтому неизвестно, что это. "
        "Посмотрите на неё и удалите сами.",
    ),
    "unusable": Text(
        "It is marked unusable: {why}",
        "Она помечена как непригодная: {why}",
    ),
    "incomplete": Text(
        "It is neither complete nor marked unusable: it is being made, or is no backup set. If nothing makes it any more, look at it, and "
        "delete it yourself.",
        "Она не завершена и не помечена как непригодная: она ещё создаётся, или это не резервная копия. Если её никто больше не создаёт, "
        "посмотрите на неё и удалите сами.",
    ),
    "unclear": Text(
        "It is not clear at which version instance '{instance}' is, so nobody can tell what its way back needs.",
        "Неясно, на какой версии экземпляр '{instance}', поэтому неизвестно, что нужно для его возврата.",
    ),
    "newest": Text(
        "It is the newest good backup set of instance '{instance}'.",
        "Это самая новая исправная резервная копия экземпляра '{instance}'.",
    ),
    "beyond": Text(
        "Instance '{instance}' has {keep} newer good ones or more, and no way back needs it.",
        "У экземпляра '{instance}' есть не менее {keep} более новых исправных копий, и для возврата она не нужна.",
    ),
    "old_set": Text(
        "It is older than {days} days, and no way back needs it.",
        "Ей больше {days} дн., и для возврата она не нужна.",
    ),
    "kept": Text(
        "It is one of the newest {keep} of instance '{instance}', and not older than {days} days.",
        "Она среди {keep} самых новых копий экземпляра '{instance}', и ей не больше {days} дн.",
    ),
    "used": Text(
        "Instance '{by}' is at {version}.",
        "Экземпляр '{by}' на версии {version}.",
    ),
    "leads_back": Text(
        "The backup set {by} leads back to {version}. It has to stay as long as that does.",
        "Резервная копия {by} возвращает на {version}. Пока есть она, это нужно.",
    ),
    "origin": Text(
        "The way back of instance '{by}' leads to {version}.",
        "Возврат экземпляра '{by}' ведёт на {version}.",
    ),
    "ahead": Text(
        "It is newer than {current}, at which instance '{instance}' is: an upgrade may lead to it.",
        "Она новее версии {current}, на которой экземпляр '{instance}': на неё может вести обновление.",
    ),
    "old_pristine": Text(
        "No instance is at {version}, and no way back leads to it. An upgrade to it makes a new copy.",
        "Ни один экземпляр не на версии {version}, и возврат на неё не ведёт. Обновление на неё создаст новую копию.",
    ),
    "young_plan": Text(
        "It may still be approved: it was made no more than {days} days ago.",
        "Его ещё могут утвердить: ему не больше {days} дн.",
    ),
    "old_plan": Text(
        "It was made more than {days} days ago. Whoever still wants to carry it out makes a new one.",
        "Ему больше {days} дн. Если он ещё нужен, его составляют заново.",
    ),
    "old_version": Text(
        "No instance is at {version}, and neither a way back nor a backup set on this host leads to it.",
        "Ни один экземпляр не на версии {version}; ни возврат, ни резервные копии этого сервера на неё не ведут.",
    ),
}
"""By the word of an item. Values: those of the item."""

TITLES: Mapping[str, Text] = {
    "worker": Text("agent program", "программа агента"),
    "transaction": Text("transaction", "транзакция"),
    "backup_set": Text("backup set", "резервная копия"),
    "pristine": Text("files as the vendor ships them", "исходные файлы версии"),
    "plan": Text("plan for approval", "план на утверждение"),
    "version": Text("product version", "версия продукта"),
    "leftover": Text("rest of a removal", "остаток удаления"),
}
GO = Text("may go", "можно удалить")
STAY = Text("stays", "остаётся")
LAST_USED = Text("last used at {moment}", "использовалось последний раз {moment}")
SUM = Text(
    "{machine}: {number} of {total} things may go, {size} in all. To remove all of a kind: remove: [{kinds}]. Caches of the product are "
    "not listed: the vendor documents none that may be deleted.",
    "{machine}: можно удалить {number} из {total}, всего {size}. Чтобы удалить всё одного вида: remove: [{kinds}]. Кэши продукта не "
    "перечислены: документация производителя не называет таких, которые можно удалять.",
)
