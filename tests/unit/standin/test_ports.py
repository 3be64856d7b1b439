# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ports for fleets that several processes make at once."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

from standin.ports import free_ports

TESTS = Path(__file__).parents[2]


def test_ports_are_different_and_not_given_again_soon() -> None:
    first, second = free_ports(5), free_ports(5)
    assert len({*first, *second}) == 10


def test_a_port_in_use_is_left_out() -> None:
    (port,) = free_ports(1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        assert port + 1 not in free_ports(3)


def test_another_process_has_other_ports() -> None:
    mine = free_ports(50)  # first of all: as long as this process holds no ports, another one may well have them
    code = "from standin.ports import free_ports; print(*free_ports(50))"
    other = subprocess.run([sys.executable, "-c", code], cwd=TESTS, capture_output=True, text=True, check=True)
    assert not set(map(int, other.stdout.split())) & set(mine)
