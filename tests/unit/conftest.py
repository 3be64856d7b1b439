# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes ``ansible_collections.comindware.platform`` importable from a plain checkout, wherever it lies."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from pathlib import Path

from ansible.plugins.loader import init_plugin_loader
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".build"


def _link_checkout() -> None:
    """The same link as ``tools/setup link`` makes, for a pytest that was not started by make."""
    link = COLLECTIONS / "ansible_collections" / "comindware" / "platform"
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # made before, or by another pytest process a moment ago
        link.symlink_to("../../..")


if importlib.util.find_spec("ansible_collections") is None:  # ansible-test brings its own loader
    _link_checkout()
    init_plugin_loader([str(COLLECTIONS)])

# A busy machine must not fail a property; in CI the same commit gets the same examples.
settings.register_profile(
    "project", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=os.environ.get("CI") == "true"
)
settings.load_profile("project")
