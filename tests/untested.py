# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a test does when it cannot prove anything on this machine."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def not_tested(what: str) -> NoReturn:
    """Says so in the list of skipped tests; where CI runs the test fails, or at the top of a file all of its tests."""
    told = f"NOT TESTED: {what}"
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    pytest.skip(told, allow_module_level=True)
