# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fleets of Wine hosts, made as those of the end-to-end tests."""

from end_to_end.conftest import controller
from unit.conftest import cache

__all__ = ["cache", "controller"]
