# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The demand for a backup before data are upgraded, and which ways back a plan leaves open."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import kept, report, upgrade
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Finding
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.product_backup import (
    EXISTING,
    SESSION,
    ProductBackupWish,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.upgrade import UpgradePlan
from unit import factories
from unit.factories import BACKUP_FILE, HOME, NEW, OLD, archive
from unit.planning.planned import made, rules, wish

MIDDLE = "5.0.20000.0"
HOP = f"the hop {OLD} -> {NEW}"
SESSION_WISH = ProductBackupWish(SESSION, "backupConfig.1", timeout=600)
EXISTING_WISH = ProductBackupWish(EXISTING)


def plan(facts: HostFacts | None = None, data: bool = False, found: Any = None, **asked: Any) -> UpgradePlan:
    return made(facts or factories.host(), {"product_backup": found or archive()}, data=data, **asked)


def told(planned: UpgradePlan, code: str) -> tuple[str, str]:
    (finding,) = [finding for finding in planned.all_findings if finding.code == code]
    return finding.level, finding.message


def codes(planned: UpgradePlan) -> set[str]:
    return {finding.code for finding in planned.all_findings if finding.level == "blocker"}


def test_no_backup_at_all() -> None:
    assert told(plan(), "no_backup") == (
        "blocker",
        f"Instance 'sales': {HOP} upgrades the data, and nothing was asked for that could bring them back (backup_data: false, "
        "product_backup: none). Choose one: backup_data: true copies the database while the instance is stopped, and is the only one with "
        "which the host can go back by itself; product_backup: existing takes the newest .cdbbz in "
        rf"{HOME}\Backup, if it proves to be good; product_backup: session has the product make one before anything is stopped.",
    )
    assert told(plan(language="ru"), "no_backup") == (
        "blocker",
        f"Экземпляр 'sales': переход {OLD} -> {NEW} обновляет данные, а вернуть их будет нечем (backup_data: false, product_backup: none). "
        "Выберите одно: backup_data: true копирует базу данных остановленного экземпляра, и только с этой копией сервер может вернуться "
        rf"сам; product_backup: existing берёт самый новый .cdbbz из папки {HOME}\Backup, если он окажется исправным; product_backup: "
        "session поручает продукту создать копию до остановки.",
    )


@pytest.mark.parametrize(
    "asked", [{"data": True}, {"product_backup": EXISTING_WISH}, {"product_backup": SESSION_WISH}], ids=str
)
def test_each_of_the_three_meets_the_demand(asked: dict[str, Any]) -> None:
    assert codes(plan(**asked)) == set()


def test_a_hop_that_leaves_the_data_alone_demands_nothing(tmp_path: Any) -> None:
    own = tmp_path / "policy.yml"
    own.write_text("hops: [{id: 5.0-within, data_upgrade: false, requirements: []}]\n", encoding="utf-8")
    planned = plan(used=policy.load([own]))
    assert codes(planned) == set() and planned.hops[0].point_of_no_return is None
    assert kept.as_dict(planned)["return"]["automatic"] is True


def test_an_existing_backup_must_be_good_even_beside_a_copy() -> None:
    damaged = archive(state="damaged", reason="the entry 'Database/x' cannot be unpacked")
    reason = f"{BACKUP_FILE} is damaged: the entry 'Database/x' cannot be unpacked"
    assert told(plan(data=True, found=damaged, product_backup=EXISTING_WISH), "product_backup_not_good") == (
        "blocker",
        f"Instance 'sales': product_backup is existing, but {reason}. Have the product make a new backup and run again, or choose "
        "product_backup: session, or product_backup: none with backup_data: true.",
    )
    russian = plan(found=damaged, product_backup=EXISTING_WISH, language="ru")
    assert told(russian, "product_backup_not_good")[1] == (
        f"Экземпляр 'sales': задано product_backup: existing, но: {reason}. Создайте новую копию средствами продукта и запустите снова "
        "либо выберите product_backup: session или product_backup: none вместе с backup_data: true."
    )


def test_the_age_that_the_operator_wants() -> None:
    young = ProductBackupWish(EXISTING, max_age=8)
    assert (
        f"{BACKUP_FILE} is 9 hours old, at most 8 are wanted."
        in told(plan(product_backup=young), "product_backup_not_good")[1]
    )
    assert told(plan(product_backup=EXISTING_WISH), "product_backup_good") == (
        "ok",
        f"Instance 'sales': {BACKUP_FILE} is 9 hours old, at most 24 are wanted; it was read to its end, 35 files.",
    )


def test_a_session_is_announced() -> None:
    assert told(plan(product_backup=SESSION_WISH), "product_backup_session") == (
        "ok",
        "Instance 'sales': before anything is stopped, the product makes a backup by its configuration backupConfig.1; the run goes on "
        rf"when a good .cdbbz has come to {HOME}\Backup, and waits 600 seconds for it at most.",
    )


def test_a_session_needs_a_product_that_runs() -> None:
    facts = factories.host()
    factories.instance(facts)["state"] = "stopped"
    assert told(plan(facts, product_backup=SESSION_WISH), "session_needs_the_product") == (
        "blocker",
        "Instance 'sales' is stopped, and product_backup is session: only a product that runs makes a backup. Start it "
        "(comindware.platform.instance_state), or choose backup_data: true with product_backup: none.",
    )


def test_a_session_needs_a_folder_of_its_own() -> None:
    assert told(plan(factories.sharing(), product_backup=SESSION_WISH), "backup_folder_shared") == (
        "blocker",
        rf"Instance 'sales': product_backup is session, but a new .cdbbz in {HOME}\Backup may be a backup of support: they share the "
        "folder. Give each instance a backup folder of its own, or choose backup_data: true with product_backup: none.",
    )


def test_an_archive_is_read_only_where_it_decides() -> None:
    """Reading one takes as long as it is large."""
    facts = factories.host()
    instance = factories.instance(facts)

    def asked(**wanted: Any) -> bool:
        asks = wish(**wanted)
        path = upgrade.find_path(rules(), facts, instance, asks)
        assert not isinstance(path, Finding)
        return "product_backup" in [one["id"] for one in upgrade.questions(rules(), facts, instance, path, asks, {})]

    assert not asked(data=True)
    assert asked(data=False) and asked(data=True, product_backup=EXISTING_WISH)
    assert not asked(data=False, product_backup=SESSION_WISH)


# Several hops.


def with_middle() -> HostFacts:
    """MIDDLE is installed as well."""
    facts = factories.host()
    middle = copy.deepcopy(facts["versions"][1])
    middle["version"], middle["folder"] = MIDDLE, middle["folder"].replace(NEW, MIDDLE)
    facts["versions"].append(middle)
    return facts


def two_hops(second: dict[str, Any] | None = None, **asked: Any) -> UpgradePlan:
    """Two hops, both of which upgrade the data. ``second``: other fields of the second one."""
    facts = with_middle()
    known = {"data_upgrade": True, "reversible": True, "source": "Support", "method": "in_place", **(second or {})}
    hops = [
        {"id": "5.0-within", "from": OLD, "to": MIDDLE, "requirements": []},
        {"id": "second", "from": MIDDLE, "to": NEW, **known},
    ]
    return plan(facts, used=policy.load([{"hops": hops}]), **asked)


def ways(planned: UpgradePlan) -> dict[str, Any]:
    found: dict[str, Any] = kept.as_dict(planned)["return"]
    return found


def test_with_a_copy_in_every_hop_the_origin_stays_reachable() -> None:
    planned = two_hops(data=True)
    assert [str(hop.step.target) for hop in planned.run] == [MIDDLE, NEW]
    assert ways(planned) == {
        "automatic": True,
        "to_origin": True,
        "text": f"A hop that fails is undone by the host itself, data included. Afterwards the backup sets of this way lead back to {OLD}.",
    }
    russian = ways(two_hops(data=True, language="ru"))["text"]
    assert russian == (
        f"Неудавшийся переход сервер отменяет сам, вместе с данными. После этого по наборам копий этого пути можно вернуться на {OLD}."
    )
    assert f"  Going back: {ways(planned)['text']}" in report.text(kept.as_dict(planned), "en").splitlines()
    assert f"  Возврат: {russian}" in report.text(kept.as_dict(two_hops(data=True, language="ru")), "ru").splitlines()


def test_a_session_meets_the_demand_and_closes_the_way_back() -> None:
    planned = two_hops(product_backup=SESSION_WISH)
    assert codes(planned) == set()
    assert ways(planned) == {
        "automatic": False,
        "to_origin": False,
        "text": f"From the first start of {MIDDLE} on ({OLD} -> {MIDDLE}) the host does not go back by itself. Afterwards no backup sets "
        f"lead back to {OLD}: {OLD} -> {MIDDLE} upgrades the data without a copy of the database; {MIDDLE} -> {NEW} upgrades the data "
        "without a copy of the database.",
    }
    assert planned.hops[1].point_of_no_return == (
        f"The first start of {NEW} upgrades the data of instance 'sales', and no copy of the database was asked for: once it has started "
        "there is no way back but the backup that the product makes before, put back by hand. The host does not go back by itself then: "
        "the new version runs unconfirmed, and does not start by itself after a restart of the host until it is confirmed."
    )


def test_one_existing_backup_is_no_backup_of_what_the_second_hop_upgrades() -> None:
    planned = two_hops(product_backup=EXISTING_WISH)
    assert [finding.code for finding in planned.hops[1].findings if finding.level == "blocker"] == ["no_new_backup"]
    assert told(planned, "no_new_backup")[1] == (
        f"Instance 'sales': the hop {MIDDLE} -> {NEW} upgrades the data too, and a .cdbbz that is there now holds those of {OLD}: with "
        f"product_backup: existing, one run can only do its first hop. Choose product_backup: session or backup_data: true, or go to "
        f"{MIDDLE} first, have the product make a new backup there, and run again."
    )
    assert codes(two_hops({"data_upgrade": False}, product_backup=EXISTING_WISH)) == set()


def test_hops_without_any_backup_are_all_named() -> None:
    planned = two_hops()
    assert [[one.code for one in hop.findings if one.level == "blocker"] for hop in planned.hops] == [["no_backup"]] * 2


def test_a_hop_that_cannot_be_taken_back() -> None:
    irreversible = two_hops({"reversible": False}, data=True)
    assert ways(irreversible)["text"].endswith(f"lead back to {OLD}: {MIDDLE} -> {NEW} cannot be taken back.")
    assert ways(irreversible)["automatic"] and not ways(irreversible)["to_origin"]


def test_what_is_not_known_yet_is_no_promise() -> None:
    script = {"method": "vendor_script", "script": r"C:\v\instance_upgrade.ps1"}
    facts = with_middle()
    own = {"data_upgrade": True, "reversible": True, "source": "Support", "method": "in_place"}
    hops = [
        {"id": "5.0-within", "from": OLD, "to": MIDDLE, "requirements": [], **script},
        {"id": "second", "from": MIDDLE, "to": NEW, **own},
    ]
    planned = plan(facts, used=policy.load([{"hops": hops}]), data=True)
    assert len(planned.hops) == 1
    assert ways(planned)["text"].endswith(f"lead back to {OLD}: what follows {OLD} -> {MIDDLE} is not known yet.")


def test_a_next_hop_by_hand() -> None:
    facts = factories.host()
    by_hand = {"id": "5.0-within", "method": "manual", "procedure": "new_instance", "requirements": []}
    planned = plan(facts, used=policy.load([{"hops": [by_hand]}]))
    assert codes(planned) == set()
    assert ways(planned) == {
        "automatic": False,
        "to_origin": False,
        "text": f"The next hop is done by hand, and so is going back. Afterwards no backup sets lead back to {OLD}: {OLD} -> {NEW} is done "
        "by hand.",
    }


def test_a_plan_without_hops_says_nothing() -> None:
    facts = factories.host()
    nothing = upgrade.nothing_to_do(facts, factories.instance(facts), wish(OLD))
    assert kept.as_dict(nothing)["return"] is None
    assert ways(plan(target="5.0.25000.0")) is None


def test_other_backups_of_the_product_are_another_wish() -> None:
    assert kept.as_dict(plan(product_backup=EXISTING_WISH))["wish"]["product_backup"] == {
        "kind": "existing",
        "max_age": 24,
    }
    session = kept.as_dict(plan(product_backup=SESSION_WISH))["wish"]["product_backup"]
    assert session == {"kind": "session", "configuration": "backupConfig.1"}
