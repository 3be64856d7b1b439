# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What tests measured; conftest.py prints it when all have run, whichever process they ran in."""

from __future__ import annotations

LINES: list[str] = []
