# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of backup sets: how much room a restore on trial takes, where copies go, which sets stay."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts, InstanceFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import backup, downtime, preflight, sets
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.backup import BackupWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits
from unit import factories
from unit.factories import BACKUP_ROOT, OLD
from unit.planning.planned import made

MEGABYTE = 1024 * 1024
SETS = rf"{BACKUP_ROOT}\Comindware\sales"
SHARE = r"\\backup\platform"


def measured(largest: int | None = None) -> InstanceFacts:
    """An instance with 1000 MB of data."""
    found = factories.instance(factories.host())
    found["sizes"]["database"] = {"path": "x", "exists": True, "bytes": 1000 * MEGABYTE, "files": 9}
    if largest is not None:
        found["sizes"]["database"]["largest_bytes"] = largest
    return found


@pytest.mark.parametrize(
    ("rehearse", "largest", "needed"),
    [
        ("none", 100 * MEGABYTE, 0),
        ("whole", 100 * MEGABYTE, 1000 * MEGABYTE),
        ("sample", 100 * MEGABYTE, 164 * MEGABYTE),
        ("sample", 990 * MEGABYTE, 1000 * MEGABYTE),
        ("sample", None, 1000 * MEGABYTE),
    ],
)
def test_room_for_a_restore_on_trial(rehearse: str, largest: int | None, needed: int) -> None:
    wish = BackupWish(data=True, rehearse=rehearse)
    assert backup.trial_bytes(measured(largest), wish) == needed
    assert backup.scratch_bytes(measured(largest), wish) == needed
    assert backup.scratch_bytes(measured(largest), BackupWish(data=True, streams=True, rehearse=rehearse)) == needed


def test_the_room_counts_before_anything_is_touched() -> None:
    facts, instance = factories.host(), measured(100 * MEGABYTE)
    size = backup.size(instance, BackupWish(data=True))
    facts["free_space"][0]["free_bytes"] = size + 164 * MEGABYTE + preflight.SPACE_RESERVE
    wish = BackupWish(data=True, allow_stop=True, rehearse="sample")
    assert [one.code for one in backup.check(facts, instance, wish) if one.level == "blocker"] == []
    facts["free_space"][0]["free_bytes"] -= 1
    assert [one.code for one in backup.check(facts, instance, wish) if one.level == "blocker"] == ["backup_space"]


def test_the_downtime_tells_of_it() -> None:
    seen = downtime.estimate(measured(), ["database"], {}, Limits(), 164 * MEGABYTE)
    assert seen.copy == downtime.estimate(measured(), ["database"], {}, Limits()).copy + 22
    assert "read, written and read back, 164 MB of it restored on trial), " in seen.sentence("en")
    assert "чтение, запись, проверка, пробное восстановление 164 МБ), " in seen.sentence("ru")
    assert seen.as_dict()["rehearsed_bytes"] == 164 * MEGABYTE


def test_hosts_share_a_share() -> None:
    facts = factories.host()
    wish = BackupWish(copy_to=SHARE + "\\")
    assert sets.copy_folder(facts, factories.instance(facts), wish) == rf"{SHARE}\{facts['machine']}\Comindware\sales"


@pytest.mark.parametrize("copy_to", ["copies", BACKUP_ROOT, BACKUP_ROOT + r"\copies", "D:\\"])
def test_a_folder_for_copies_that_makes_no_sense(copy_to: str) -> None:
    with pytest.raises(Refusal, match="The option 'backup_copy_to' is refused, nothing was touched"):
        sets.check_options(BACKUP_ROOT, copy_to)
    sets.check_options(BACKUP_ROOT, None)
    sets.check_options(BACKUP_ROOT, SHARE)


def test_a_share_is_no_folder_for_backups() -> None:
    with pytest.raises(Refusal) as raised:
        preflight.check_root(SHARE)
    assert str(raised.value) == (
        rf"The option 'backup_root' is refused, nothing was touched. '{SHARE}' is a share, and what an undo needs must lie on a disk of "
        "the host itself, whatever becomes of the network. Give a local folder there, and name the share in backup_copy_to (in the role: "
        "upgrade_backup.copy_to): it gets a second copy of every set."
    )


def transaction(start: str, target: str, **changed: Any) -> dict[str, Any]:
    about = {"purpose": "upgrade", "from": start, "to": target, "backup": rf"{SETS}\{start}"}
    known = {"id": f"to {target}", "instance": "Comindware sales", "state": "confirmed", "about": about}
    return {**known, "started_at": None, **changed}


def host(*transactions: dict[str, Any]) -> HostFacts:
    """Of transactions that were begun in this order."""
    dated = [{**one, "created": f"2026-11-{day:02}T00:00:00.000Z"} for day, one in enumerate(transactions, 1)]
    return factories.host({"agent": {**factories.answers()["agent"], "transactions": dated}})


def way_back(*transactions: dict[str, Any]) -> list[str]:
    facts = host(*transactions)
    return [folder.rpartition("\\")[2] for folder in sets.way_back(facts, factories.instance(facts))]


def test_the_way_back_over_several_hops() -> None:
    assert way_back(
        transaction("3.5.1.0", "4.2.1.0"), transaction("4.2.1.0", "4.7.1.0"), transaction("4.7.1.0", OLD)
    ) == [
        "4.7.1.0",
        "4.2.1.0",
        "3.5.1.0",
    ]


def test_what_led_elsewhere_is_not_needed() -> None:
    assert way_back(
        transaction("4.7.1.0", "4.7.9.0"),
        transaction("4.7.1.0", OLD, state="rolled_back"),
        transaction("4.7.1.0", OLD, instance="Comindware hr"),
        transaction("4.7.1.0", OLD, about=None),
        transaction("4.7.1.0", OLD),
    ) == ["4.7.1.0"]


def test_there_and_back_and_there_again() -> None:
    """The set of the present version, made by the way back, is needed for what was entered before it."""
    assert way_back(transaction("4.7.1.0", OLD), transaction(OLD, "4.7.1.0"), transaction("4.7.1.0", OLD)) == [
        "4.7.1.0",
        OLD,
        "4.7.1.0",
    ]


def test_old_sets_go_at_confirm_if_that_is_wished() -> None:
    facts = host(transaction("4.7.1.0", OLD))
    instance = factories.instance(facts)
    assert sets.prune(facts, instance, BackupWish(), "new") == []
    assert sets.prune(facts, instance, BackupWish(keep=3), "new") == [
        {
            "op": "prune_sets",
            "title": f"Remove backup sets in {SETS} but the newest 3 and those that a way back needs",
            "directory": SETS,
            "keep": 3,
            "protect": ["new", rf"{SETS}\4.7.1.0"],
        }
    ]


def test_an_upgrade_without_the_wish_removes_nothing() -> None:
    (hop,) = made(factories.host()).run
    assert "prune_sets" not in {operation["op"] for operation in hop.on_confirm}
