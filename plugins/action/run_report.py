# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the reports of a run; documented in plugins/modules/run_report.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..plugin_utils.action_base import PlatformAction
from ..plugin_utils.fleet import report


class ActionModule(PlatformAction):
    """comindware.platform.run_report"""

    _requires_connection = False

    argument_spec = {
        "record": {"type": "dict", "required": True},
        "folder": {"type": "path", "required": True},
        "language": {"type": "str", "choices": list(report.LANGUAGES)},
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        folder = Path(options["folder"]).absolute()
        written = report.write(options["record"], folder, options["language"], dry=self.check_mode)
        result: dict[str, Any] = {"changed": written.changed, **written.paths, "warnings": written.warnings}
        if self._task.diff and written.changed:
            result["diff"] = report.differences(written)
        return result
