# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How long an upgrade keeps an instance down, estimated from its sizes and a measured sample of its disk."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..model.facts import InstanceFacts
from ..policy.hops import Text
from . import bystanders
from .findings import Finding
from .plans import Limits

MEGABYTE = 1024 * 1024

HIGHEST_RATE = 200 * MEGABYTE
"""Bytes per second that are believed at most: a file that was used lately is read from the page cache, not from the disk."""
ASSUMED_RATE = 30 * MEGABYTE
"""Bytes per second where nothing was measured: less than a single hard disk or a gigabit share gives."""
LEAST_SAMPLE = 8 * MEGABYTE
"""A smaller sample measures the opening of files; what is smaller than this is copied in no time anyhow."""
PASSES = 3
"""The data is read, written to the backup set, and read back from it."""
TRIAL_PASSES = 4
"""What is restored on trial is read from the set, written, read back, and read again to be compared."""

START_SECONDS = 300
"""The vendor's deployment guide: after about five minutes the site is shown."""
SWITCH_SECONDS = 15
"""Links, yml and registry: some dozens of small operations, each flushed to the disk."""
SERVICE_SECONDS = 30
"""What Windows itself gives a service to stop."""

_FOLDERS = {"database": Text("database", "база данных"), "streams": Text("streams", "файлы Streams")}


@dataclass(frozen=True)
class Downtime:
    """The estimate for one instance: ``stop``, ``copy``, ``switch`` and ``start`` in seconds.

    ``size``: bytes to copy; ``trial``: bytes of them that are restored on trial; ``rate``: bytes per second, ``assumed`` when no
    usable sample was there; ``folders``: what is copied; ``unmeasured``: those of them whose size is not known, which count as nothing;
    ``others``: sites of others that are down as long.
    """

    instance: str
    stop: int
    copy: int
    switch: int
    start: int
    size: int
    rate: int
    assumed: bool
    folders: tuple[str, ...]
    unmeasured: tuple[str, ...]
    trial: int = 0
    others: tuple[str, ...] = ()

    @property
    def seconds(self) -> int:
        """All parts together."""
        return self.stop + self.copy + self.switch + self.start

    @property
    def minutes(self) -> int:
        """The same in minutes, rounded up."""
        return math.ceil(self.seconds / 60)

    def as_dict(self) -> dict[str, Any]:
        """For results of modules: seconds by part, minutes, bytes, bytes per second."""
        return {
            "minutes": self.minutes,
            "seconds": {"stop": self.stop, "copy": self.copy, "switch": self.switch, "start": self.start},
            "copied_bytes": self.size,
            "rehearsed_bytes": self.trial,
            "bytes_per_second": self.rate,
            "rate_assumed": self.assumed,
            "unmeasured": list(self.unmeasured),
            "others": list(self.others),
        }

    def sentence(self, language: str) -> str:
        """The estimate for people in ``en`` or ``ru``, with what it leaves out and whom else it concerns."""
        parts = (self._down(language), self._left_out(language), self._others(language))
        return " ".join(part for part in parts if part)

    def _down(self, language: str) -> str:
        return Text(
            f"Instance '{self.instance}' will be down for about {self.minutes} minutes: stop {self.stop} s, {self._copy(language)}"
            f"switch {self.switch} s, start {self.start} s. Not included is the upgrade of the data by the first start of the new "
            "version: how long that takes is not known before.",
            f"Экземпляр '{self.instance}' будет недоступен около {self.minutes} мин: остановка {self.stop} с, {self._copy(language)}"
            f"переключение {self.switch} с, запуск {self.start} с. Не учтено обновление данных при первом запуске новой версии: "
            "сколько оно займёт, заранее неизвестно.",
        ).say(language)

    def _left_out(self, language: str) -> str:
        if not self.unmeasured:
            return ""
        names = _names(self.unmeasured, language)
        return Text(
            f"Nor are folders of unknown size: {names}.", f"Не учтены и папки неизвестного размера: {names}."
        ).say(language)

    def _others(self, language: str) -> str:
        if not self.others:
            return ""
        names = ", ".join(f"'{name}'" for name in self.others)
        return Text(
            f"Other sites that are down as long, because they run in its application pools: {names}.",
            f"Другие сайты, которые будут недоступны столько же, потому что работают в его пулах приложений: {names}.",
        ).say(language)

    def _copy(self, language: str) -> str:
        if not self.folders:
            return ""
        names = _names(self.folders, language)
        size, rate = _megabytes(self.size), _megabytes(self.rate)
        if language == "ru":
            source = "скорость принята условно" if self.assumed else "скорость измерена"
            done = f"чтение, запись, проверка{self._trial(language)}"
            return f"копирование {self.copy} с ({names}: {size} МБ по {rate} МБ/с, {source}; {done}), "
        source = "assumed" if self.assumed else "measured"
        done = f"read, written and read back{self._trial(language)}"
        return f"copy {self.copy} s ({names}: {size} MB at {rate} MB/s, {source}; {done}), "

    def _trial(self, language: str) -> str:
        size = _megabytes(self.trial)
        said = Text(f", {size} MB of it restored on trial", f", пробное восстановление {size} МБ")
        return said.say(language) if self.trial else ""


def estimate(
    instance: InstanceFacts,
    folders: Iterable[str],
    sample: Mapping[str, Any] | None,
    limits: Limits,
    trial: int = 0,
) -> Downtime:
    """The downtime of an upgrade that copies these folders, called as in ``instance["sizes"]``, and restores ``trial`` bytes on trial.

    ``sample``: the answer to a query ``read_speed`` about them (docs/protocol.md), None or an error when there is none.
    """
    copied = tuple(folders)
    sizes = instance["sizes"]
    size = sum(sizes[what]["bytes"] for what in copied if what in sizes)
    measured = _rate(sample or {})
    rate = measured or ASSUMED_RATE
    return Downtime(
        instance=instance["name"],
        stop=_stop(instance, limits),
        copy=math.ceil((size * PASSES + trial * TRIAL_PASSES) / rate),
        switch=SWITCH_SECONDS,
        start=START_SECONDS,
        size=size,
        rate=rate,
        assumed=measured is None,
        folders=copied,
        unmeasured=tuple(what for what in copied if what not in sizes),
        trial=trial,
        others=bystanders.names(instance),
    )


def together(parts: Sequence[Downtime]) -> Downtime:
    """The downtime of several hops of one instance, one after another."""
    first = parts[0]
    return replace(
        first,
        stop=sum(part.stop for part in parts),
        copy=sum(part.copy for part in parts),
        switch=sum(part.switch for part in parts),
        start=sum(part.start for part in parts),
        size=sum(part.size for part in parts),
        trial=sum(part.trial for part in parts),
    )


def check_limit(downtime: Downtime, max_minutes: int, language: str = "en") -> list[Finding]:
    """A blocker when the estimate is above the operator's limit, or when a size is missing that it needs."""
    said = downtime.sentence(language)
    limit = Text(f"The limit is {max_minutes} min.", f"Предел — {max_minutes} мин.").say(language)
    if downtime.minutes > max_minutes:
        advice = Text(
            f"Raise the limit to {downtime.minutes} or more, or copy less data during the upgrade.",
            f"Увеличьте предел до {downtime.minutes} или больше либо копируйте при обновлении меньше данных.",
        )
        return [Finding("blocker", "downtime_above_limit", f"{said} {limit} {advice.say(language)}")]
    if downtime.unmeasured:
        advice = Text(
            "Whether it is kept cannot be told: have the sizes measured (gather_sizes: true).",
            "Соблюдается ли он, неизвестно: измерьте размеры папок (gather_sizes: true).",
        )
        return [Finding("blocker", "downtime_unknown", f"{said} {limit} {advice.say(language)}")]
    return []


def _stop(instance: InstanceFacts, limits: Limits) -> int:
    """IIS ends a worker at its pool's limit at the latest, and pools are stopped one after another."""
    if instance["state"] == "stopped":
        return 0
    pools = [min(pool["shutdown_time_limit_seconds"], limits.stop) for pool in instance["pools"]]
    return sum(pools) + len(instance["services"]) * min(SERVICE_SECONDS, limits.stop)


def _rate(sample: Mapping[str, Any]) -> int | None:
    """Bytes per second of a sample that is large enough, capped; else None."""
    read = [item for item in sample.get("items", []) if item.get("exists")]
    size: int = sum(item["bytes"] for item in read)
    elapsed: int = sum(item["elapsed_ms"] for item in read)
    if size < LEAST_SAMPLE:
        return None
    return max(1, min(size * 1000 // max(elapsed, 1), HIGHEST_RATE))


def _names(folders: Iterable[str], language: str) -> str:
    return ", ".join(_FOLDERS[what].say(language) if what in _FOLDERS else what for what in folders)


def _megabytes(size: int) -> str:
    return f"{math.ceil(size / MEGABYTE):,}".replace(",", " ")
