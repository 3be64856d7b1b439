# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How instances of these tests behave."""

from __future__ import annotations

from typing import Any

QUICK: dict[str, Any] = {"start_seconds": 0.01, "upgrade_seconds": 0.02}
