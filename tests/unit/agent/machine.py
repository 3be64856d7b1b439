# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host of the tests of the agent: one for all tests of a process, put back to an image before each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from standin.fleet import Fleet
from standin.host import Host

NEW = "new"
Made = TypeVar("Made")


class Machine:
    """A host, and images of all that it and its shares keep. Its folder is always the same: links on its disks have it in them."""

    def __init__(self, folder: Path, cache: Path) -> None:
        description = {"hosts": {"h1": {"free_bytes": {"c": 10**9, "d": 10**9}, "shares": {r"\\backup\sets": {}}}}}
        self.cache = cache
        self._fleet = Fleet.create(folder / "fleet", description, cache)
        self._stores = (self._fleet.folder / "hosts", self._fleet.folder / "shares")
        self._images = folder / "images"
        self._made: dict[str, Any] = {}
        self.host = self._fleet.hosts["h1"]
        self._keep(NEW)

    def begin(self, image: str, prepare: Callable[[], Made], of: str) -> Made:
        """Switch the host on as `prepare` left one that began with the image `of`, which it does once; what it gave then."""
        if image not in self._made:
            self.switch_on(of)
            made = prepare()
            self.host.stop()
            self._keep(image)
            self._made[image] = made
        self.switch_on(image)
        given: Made = self._made[image]
        return given

    def switch_on(self, image: str) -> None:
        """Whatever the host was, it is now as in the image."""
        self.host.stop()
        for store in self._stores:
            self.host.runtime.put_back(self._images / image / store.name, store)
        self.host = Host(self._stores[0] / "h1", self.cache)
        self.host.start()

    def _keep(self, image: str) -> None:
        for store in self._stores:
            kept = self._images / image / store.name
            kept.mkdir(parents=True)
            self.host.runtime.put_back(store, kept)
