# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The estimate of the downtime, and the operator's limit."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import InstanceFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import downtime
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.downtime import MEGABYTE, Downtime
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits
from unit import factories

GIGABYTE = 1024 * MEGABYTE


def instance(**changed: Any) -> InstanceFacts:
    """With 12 GB of data and 4 GB of streams."""
    found = copy.deepcopy(factories.instance(factories.host()))
    for what, size in (("database", 12 * GIGABYTE), ("streams", 4 * GIGABYTE)):
        found["sizes"][what] = {"path": "x", "exists": True, "bytes": size, "files": 1}
    found.update(changed)  # type: ignore[typeddict-item]
    return found


def sample(size: int, elapsed_ms: int, **more: Any) -> dict[str, Any]:
    item = {"path": "x", "exists": True, "files": 3, "bytes": size, "elapsed_ms": elapsed_ms, "skipped": 0, **more}
    return {"items": [item]}


MEASURED = sample(256 * MEGABYTE, 2000)


def estimate(*folders: str, of: InstanceFacts | None = None, measured: dict[str, Any] | None = MEASURED) -> Downtime:
    return downtime.estimate(of or instance(), folders, measured, Limits())


def test_the_parts() -> None:
    assert estimate("database").as_dict() == {
        "minutes": 12,
        "seconds": {"stop": 90, "copy": 288, "switch": 15, "start": 300},
        "copied_bytes": 12 * GIGABYTE,
        "rehearsed_bytes": 0,
        "bytes_per_second": 128 * MEGABYTE,
        "rate_assumed": False,
        "unmeasured": [],
        "others": [],
    }


def test_every_folder_to_copy_counts() -> None:
    assert estimate("database", "streams").copy == 384
    assert estimate().copy == 0


@pytest.mark.parametrize(
    "measured",
    [
        None,
        {},
        {"error": {"code": "win32", "message": "Access is denied."}},
        {"items": []},
        {"items": [{"path": "x", "exists": False}]},
        sample(downtime.LEAST_SAMPLE - 1, 1),
        sample(256 * MEGABYTE, 2000, exists=False),
    ],
)
def test_without_a_usable_sample_a_low_rate_is_assumed(measured: dict[str, Any] | None) -> None:
    seen = estimate("database", measured=measured)
    assert (seen.rate, seen.assumed, seen.copy) == (downtime.ASSUMED_RATE, True, 1229)


@pytest.mark.parametrize("elapsed", [0, 1, 1279])
def test_a_sample_from_the_page_cache_is_not_believed(elapsed: int) -> None:
    assert estimate("database", measured=sample(256 * MEGABYTE, elapsed)).rate == downtime.HIGHEST_RATE
    assert estimate("database", measured=sample(256 * MEGABYTE, 1281)).rate < downtime.HIGHEST_RATE


def test_samples_of_several_folders_are_one() -> None:
    two = {"items": [*sample(90 * MEGABYTE, 1000)["items"], *sample(10 * MEGABYTE, 1000)["items"]]}
    assert estimate("database", measured=two).rate == 50 * MEGABYTE


def test_pools_and_services_stop_one_after_another_within_their_limits() -> None:
    pool = {**factories.instance(factories.host())["pools"][0], "shutdown_time_limit_seconds": 600}
    service = {"name": "comindwaresales", "state": "running", "start_type": "automatic"}
    assert estimate(of=instance(pools=[pool, pool], services=[service])).stop == 420 + 420 + 30
    assert estimate(of=instance(state="stopped")).stop == 0


def test_the_sentence() -> None:
    assert estimate("database", "streams").sentence("en") == (
        "Instance 'sales' will be down for about 14 minutes: stop 90 s, copy 384 s (database, streams: 16 384 MB at 128 MB/s, measured; "
        "read, written and read back), switch 15 s, start 300 s. Not included is the upgrade of the data by the first start of the new "
        "version: how long that takes is not known before."
    )
    assert estimate("database", "streams").sentence("ru") == (
        "Экземпляр 'sales' будет недоступен около 14 мин: остановка 90 с, копирование 384 с (база данных, файлы Streams: 16 384 МБ "
        "по 128 МБ/с, скорость измерена; чтение, запись, проверка), переключение 15 с, запуск 300 с. Не учтено обновление данных при "
        "первом запуске новой версии: сколько оно займёт, заранее неизвестно."
    )


def test_the_sentence_without_a_sample_says_assumed() -> None:
    seen = estimate("database", measured=None)
    assert "12 288 MB at 30 MB/s, assumed; read" in seen.sentence("en")
    assert "12 288 МБ по 30 МБ/с, скорость принята условно; чтение" in seen.sentence("ru")


def test_the_sentence_of_an_upgrade_that_copies_nothing() -> None:
    assert (
        estimate()
        .sentence("en")
        .startswith(
            "Instance 'sales' will be down for about 7 minutes: stop 90 s, switch 15 s, start 300 s. Not included"
        )
    )


def test_folders_that_were_not_measured_are_named() -> None:
    seen = estimate("database", "streams", of=instance(sizes={}))
    assert seen.unmeasured == ("database", "streams") and seen.copy == 0
    assert seen.sentence("en").endswith("not known before. Nor are folders of unknown size: database, streams.")
    assert seen.sentence("ru").endswith("Не учтены и папки неизвестного размера: база данных, файлы Streams.")


def test_a_downtime_within_the_limit() -> None:
    assert downtime.check_limit(estimate("database"), 12) == []


def test_a_downtime_above_the_limit() -> None:
    seen = estimate("database")
    (finding,) = downtime.check_limit(seen, 11)
    assert (finding.level, finding.code) == ("blocker", "downtime_above_limit")
    assert finding.message == (
        f"{seen.sentence('en')} The limit is 11 min. Raise the limit to 12 or more, or copy less data during the upgrade."
    )
    (finding,) = downtime.check_limit(seen, 11, "ru")
    assert finding.message == (
        f"{seen.sentence('ru')} Предел — 11 мин. Увеличьте предел до 12 или больше либо копируйте при обновлении меньше данных."
    )


def test_a_limit_that_cannot_be_compared() -> None:
    seen = estimate("database", of=instance(sizes={}))
    (finding,) = downtime.check_limit(seen, 60)
    assert (finding.level, finding.code) == ("blocker", "downtime_unknown")
    assert finding.message == (
        f"{seen.sentence('en')} The limit is 60 min. Whether it is kept cannot be told: have the sizes measured (gather_sizes: true)."
    )
    (finding,) = downtime.check_limit(seen, 60, "ru")
    assert finding.message == (
        f"{seen.sentence('ru')} Предел — 60 мин. Соблюдается ли он, неизвестно: измерьте размеры папок (gather_sizes: true)."
    )
