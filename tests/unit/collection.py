# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes ``ansible_collections.comindware.platform`` importable from a plain checkout, wherever it lies."""

from __future__ import annotations

import contextlib
import importlib.util
from pathlib import Path

from ansible.plugins.loader import init_plugin_loader

COLLECTIONS = Path(__file__).resolve().parents[2] / ".build"


def make_importable() -> None:
    """Called by a conftest.py before any test is imported."""
    if importlib.util.find_spec("ansible_collections") is None:  # ansible-test brings its own loader
        _link_checkout()
        init_plugin_loader([str(COLLECTIONS)])


def _link_checkout() -> None:
    """The same link as ``tools/setup link`` makes, for a pytest that was not started by make."""
    link = COLLECTIONS / "ansible_collections" / "comindware" / "platform"
    link.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):  # made before, or by another pytest process a moment ago
        link.symlink_to("../../..")
