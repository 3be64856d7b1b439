# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is removed is what was asked for and may go, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.fingerprint import canonical
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import cleanup, removal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.cleanup import CleanupWish, Item
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Origin
from unit.factories import BACKUP_ROOT, version_folder
from unit.planning.cleaned import OTHER_WORKER, ROOT, SETS, VERSIONS, WORKER, Past, moment

A, B, C, D = VERSIONS
OLD_WORKER = rf"{ROOT}\bin\{OTHER_WORKER}"
REFUSED = "The cleanup was refused, nothing was touched. "


@pytest.fixture
def past() -> Past:
    """An upgrade, one that failed, and two plain backups."""
    past = Past(installed=("3.5.1100.0", *VERSIONS))
    past.upgrade(B)
    past.upgrade(C, "rolled_back")
    past.backup()
    past.backup()
    return past


def chosen(past: Past, *remove: str, language: str = "en") -> list[Item]:
    wish = CleanupWish(1, 400, WORKER, remove, language)
    answers = past.answers()
    return removal.choose(past.host(), wish, cleanup.items(past.host(), wish, answers), answers)


def names(past: Past, *remove: str) -> list[str]:
    return [one.path.rpartition("\\")[2] for one in chosen(past, *remove)]


def refused(past: Past, *remove: str, language: str = "en") -> str:
    with pytest.raises(Refusal) as raised:
        chosen(past, *remove, language=language)
    assert str(raised.value).startswith(REFUSED)
    return str(raised.value)[len(REFUSED) :]


def test_kinds_and_paths(past: Past) -> None:
    assert names(past) == []
    assert names(past, "worker") == [OTHER_WORKER]
    assert names(past, "worker", OLD_WORKER.upper() + "\\") == [OTHER_WORKER]
    assert names(past, "backup_set", "leftover") == ["s1", "s2"]
    assert names(past, rf"{SETS}\s2") == ["s2"]


def test_what_has_to_stay_is_refused_with_all_reasons(past: Past) -> None:
    assert refused(past, "worker", rf"{SETS}\s0", rf"{SETS}\s3") == (
        rf"{SETS}\s0: The way back of instance 'sales' from its present version needs it. "
        rf"{SETS}\s3: It is the newest good backup set of instance 'sales'."
    )
    assert refused(past, rf"{SETS}\s3", language="ru") == (
        rf"{SETS}\s3: Это самая новая исправная резервная копия экземпляра 'sales'."
    )


def test_versions_are_for_the_vendors_programs(past: Past) -> None:
    folder = version_folder("3.5.1100.0")
    assert refused(past, folder).startswith(f"{folder}: Run version_delete.ps1 -version 3.5.1100.0 from the folder")
    assert refused(past, version_folder(B)) == f"{version_folder(B)}: Instance 'sales' is at {B}."


@pytest.mark.parametrize(
    "wanted",
    [
        "version",
        "backups",
        "C:\\",
        r"C:\Windows",
        ROOT,
        rf"{ROOT}\bin",
        rf"{ROOT}\locks\x",
        BACKUP_ROOT,
        SETS,
        rf"{SETS}\s1\files",
    ],
)
def test_what_is_not_in_the_list(past: Past, wanted: str) -> None:
    assert refused(past, wanted) == (
        f"'{wanted}' is neither one of the kinds that can be removed (worker, transaction, backup_set, pristine, plan, leftover) nor a "
        "path from the list of this host. Nothing else is removed."
    )


def test_something_strange_in_our_own_folder_is_not_taken_for_removed(past: Past) -> None:
    answers = past.answers()
    strange = rf"{ROOT}\bin\notes"
    answers["own"]["items"].append({"path": strange, "bytes": 1})
    wish = CleanupWish(1, 400, WORKER, (strange,))
    with pytest.raises(Refusal, match="is neither one of the kinds"):
        removal.choose(past.host(), wish, cleanup.items(past.host(), wish, answers), answers)


def test_a_letter_that_only_looks_latin(past: Past) -> None:
    assert "U+0421" in refused(past, "\u0421:\\Backups\\Comindware\\sales\\s1")


@pytest.mark.parametrize(
    "gone", [rf"{ROOT}\bin\{'c' * 64}", rf"{ROOT}\removed\x", rf"{SETS}\before", rf"{ROOT}\pristine\1.0.0.0"]
)
def test_what_is_gone_is_done(past: Past, gone: str) -> None:
    assert chosen(past, gone) == []


def test_the_plan(past: Past) -> None:
    answers = past.answers()
    host = past.host()
    items = chosen(past, "backup_set", "worker")
    plan = removal.plan(host, items, Origin("anna@ctl", "R9"), answers)
    assert plan["operations"] == []
    assert plan["on_confirm"] == [
        {"op": "remove_tree", "title": f"Remove {path}", "path": path}
        for path in (OLD_WORKER, rf"{SETS}\s1", rf"{SETS}\s2")
    ]
    assert (plan["title"], plan["instance"], plan["confirm"], plan["owner"], plan["run"]) == (
        "Remove 3 things of APP01 that nobody needs (backup_set, worker)",
        "host cleanup",
        "automatic",
        "anna@ctl",
        "R9",
    )
    assert [one["title"] for one in plan["expect"]] == ["transactions of the host", "backup sets of the host"]
    assert all("id" not in one["query"] for one in plan["expect"])


def test_what_was_begun_since_makes_the_list_worthless(past: Past) -> None:
    """Another transaction, and another set, change what the host must answer; a newer time of a folder does not."""
    answers, later = past.answers(), past.answers()
    entry = {"path": "t9", "name": "t9", "kind": "directory", "modified": "x", "size": 0, "attributes": 16}
    later["transactions"]["items"][0]["entries"] = [entry]
    first, second = (removal.plan(past.host(), [], Origin("a", "r"), one)["expect"] for one in (answers, later))
    assert [one["sha256"] == other["sha256"] for one, other in zip(first, second, strict=True)] == [False, True]
    ignored = first[0]["ignore"]
    assert canonical({**entry, "modified": "y"}, ignored) == canonical(entry, ignored)


def test_an_unfinished_transaction_is_named_with_the_way_out(past: Past) -> None:
    removal.refuse_host(past.host())
    past.upgrade(C, "held", lease=moment(1))
    created = past.transactions[-1]["created"]
    with pytest.raises(Refusal) as raised:
        removal.refuse_host(past.host())
    assert str(raised.value) == (
        f"{REFUSED}The transaction t2 of instance 'sales', begun by anna@ctl (run R2) at {created}, is not finished: held. Nothing works "
        "on it any more. Finish it with comindware.platform.instance_recover (playbook comindware.platform.recover), then run this again."
    )
    past.transactions[-1].update(state="applied", lease=moment(-1))
    with pytest.raises(
        Refusal, match=r"decide it with comindware\.platform\.instance_recover, held: confirm or rollback"
    ):
        removal.refuse_host(past.host())


def report(past: Past, language: str = "en") -> list[str]:
    found: Any = past.items(1, 400).values()
    return removal.report(past.host(), list(found), language)


def test_the_list_for_people(past: Past) -> None:
    told = report(past)
    assert told[0] == (
        "APP01: 4 of 14 things may go, 8 KB in all. To remove all of a kind: remove: [worker, backup_set]. Caches of the product are "
        "not listed: the vendor documents none that may be deleted."
    )
    assert told[3] == (
        rf"may go: backup set {SETS}\s1, 2 KB, last used at 2026-01-29 19:00:00 UTC - Instance 'sales' has 1 newer good ones or more, and "
        rf"no way back needs it. - remove: ['{SETS}\s1']"
    )
    assert [line.partition(":")[0] for line in told[1:]] == ["may go"] * 4 + ["stays"] * 10
    assert report(past, "ru")[3].startswith(
        rf"можно удалить: резервная копия {SETS}\s1, 2 KB, использовалось последний раз"
    )
