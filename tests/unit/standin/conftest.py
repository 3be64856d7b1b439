# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One stand-in host, made to measure and running, for each test that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from standin.fleet import Fleet
from standin.host import Host
from standin.testing import SALES, MakeHost
from unit.standin.behaviour import QUICK

VERSIONS = ["4.7.23499.0", "5.0.13334.0", "5.0.24055.0"]


@pytest.fixture
def make_host(tmp_path: Path, cache: Path) -> Iterator[MakeHost]:
    """`make_host(instances, **host fields)`: a running host with one instance `sales` of 5.0.13334.0, or others."""
    fleets: list[Fleet] = []

    def make(*instances: dict[str, Any], **fields: Any) -> Host:
        quick = {"behaviour": QUICK, "data_files": 3}
        description = {
            "versions": VERSIONS,
            "stop_seconds": 0.1,
            "instances": [{**quick, **one} for one in instances or (SALES,)],
            **fields,
        }
        fleet = Fleet.create(tmp_path / f"fleet{len(fleets)}", {"hosts": {"app01": description}}, cache)
        fleets.append(fleet)
        fleet.start()
        return fleet.hosts["app01"]

    yield make
    for fleet in fleets:
        fleet.stop()


@pytest.fixture
def host(make_host: MakeHost) -> Host:
    return make_host()
