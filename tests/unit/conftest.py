# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Settings of all unit tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from unit.collection import COLLECTIONS, make_importable

make_importable()

# A busy machine must not fail a property; in CI the same commit gets the same examples.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=os.environ.get("CI") == "true"
)
settings.load_profile("project")


@pytest.fixture(scope="session")
def cache() -> Path:
    """What was compiled, by its content: for all fleets of all processes and runs."""
    return COLLECTIONS / "cache"
