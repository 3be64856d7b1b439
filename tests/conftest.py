# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the tests have their folders."""

from __future__ import annotations

import os

from memory import memory


def pytest_configure() -> None:
    place = memory()
    if place:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", place)
