# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The clock of a stand-in host, which can be set."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path


class Clock:
    """The wall clock of a host. The agent's seams read the same offset in `settings.json` (`clock_seconds`, seconds)."""

    def __init__(self, settings: Path) -> None:
        known = json.loads(settings.read_text(encoding="utf-8")) if settings.exists() else {}
        self.offset = timedelta(seconds=known.get("clock_seconds", 0))

    def now(self) -> datetime:
        """The moment in UTC that the host believes in."""
        return datetime.now(timezone.utc) + self.offset
