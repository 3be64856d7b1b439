# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds the supported way between two versions; documented in plugins/modules/upgrade_path.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import policy
from ..plugin_utils.action_base import PlatformAction, version_option
from ..plugin_utils.planning.findings import Refusal


class ActionModule(PlatformAction):
    """comindware.platform.upgrade_path"""

    _requires_connection = False

    argument_spec = {
        "from": {"type": "str", "required": True},
        "to": {"type": "str", "required": True},
        "installed": {"type": "list", "elements": "str"},
        "policy_files": {"type": "list", "elements": "path", "default": []},
        "language": {"type": "str", "default": "en", "choices": list(policy.LANGUAGES)},
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        start, target = version_option(options, "from"), version_option(options, "to")
        rules = policy.load(options["policy_files"])
        installed = rules.versions
        if options["installed"] is not None:
            installed = tuple(version_option({"installed": text}, "installed") for text in options["installed"])
        try:
            path = rules.find_path(start, target, installed)
        except policy.NoPath as no_path:
            raise Refusal(no_path.text.say(options["language"]), refusal=policy.describe_refusal(no_path)) from no_path
        return {"changed": False, **policy.describe_path(path, options["language"])}
