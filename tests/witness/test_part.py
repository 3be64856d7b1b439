# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each layer of the witness once: `make some_witness`."""

from __future__ import annotations

from end_to_end.runs import NEW, OLD, MakeController

from witness.test_flow import NAME, culture, described, upgrade


def test_an_upgrade_on_a_russian_wine_host(controller: MakeController) -> None:
    control = controller(described("ru"), environment="core-2.21")
    assert control.running_version("app01", NAME) == OLD
    done = upgrade(control)
    assert done.status == 0, done.output
    assert culture(control.fleet.hosts["app01"]) == "ru-RU"
    (instance,) = control.inspect().only("instance_info")["facts"]["instances"]
    assert instance["version"]["current"] == NEW
