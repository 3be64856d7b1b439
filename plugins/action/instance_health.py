# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Judges an instance as it is; documented in plugins/modules/instance_health.yml."""

from __future__ import annotations

from typing import Any

from ..plugin_utils import judging
from ..plugin_utils.action_base import INSPECTION_OPTIONS, PlatformAction, version_option
from ..plugin_utils.model.facts import InstanceFacts
from ..plugin_utils.model.versions import Version
from ..plugin_utils.planning import preflight
from ..plugin_utils.planning.findings import Refusal
from ..plugin_utils.planning.health_pages import Manner

_VERDICTS = ["healthy", "handed_over", "unhealthy", "unknown"]


class ActionModule(PlatformAction):
    """comindware.platform.instance_health"""

    argument_spec = {
        "name": {"type": "str", "required": True},
        "version": {"type": "str"},
        "wake": {"type": "bool", "default": False},
        "accept": {"type": "list", "elements": "str", "choices": _VERDICTS, "default": ["healthy", "handed_over"]},
        "timeout": {"type": "int", "default": 120},
        "stable": {"type": "int", "default": 20},
        "interval": {"type": "int", "default": 5},
        "data_upgrade_timeout": {"type": "int", "default": 0},
        **judging.LOOK_OPTIONS,
        **INSPECTION_OPTIONS,
    }

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        host = self.inspect({**options, "facts": None}, sizes=False)  # a state known from earlier is no state
        instance = preflight.choose_instance(host, options["name"], options["brand"])
        version = _version(options, instance)
        patience = judging.Patience(
            timeout=options["timeout"],
            stable=options["stable"],
            interval=options["interval"],
            data_upgrade=options["data_upgrade_timeout"],
            quiet=options["data_upgrade_quiet"],
            manner=Manner(options["page_timeout"], options["validate_certs"]),
        )
        if not instance["pools"]:
            raise Refusal(f"Instance '{instance['name']}' has no application pool in IIS: there is nothing to judge.")
        judged = judging.look(self.host, instance, version, patience, self.progress, options["wake"])
        result = {
            "changed": False,
            "instance": instance["name"],
            "verdict": judged.state,
            "version": str(version),
            "url": instance["site"]["url"] if instance["site"] else None,
            "checks": judged.as_dict()["checks"],
            "pages_unseen": judged.pages_unseen,
            "message": judged.message(),
        }
        if judged.state not in options["accept"]:
            result |= {"failed": True, "msg": f"Instance '{instance['name']}' is {judged.state}. {judged.message()}"}
        return result


def _version(options: dict[str, Any], instance: InstanceFacts) -> Version:
    """The version that must run: the one asked for, else the one that the links lead to."""
    if options["version"] is not None:
        return version_option(options, "version")
    if instance["version"]["current"] is None:
        raise Refusal(
            f"Which version instance '{instance['name']}' shall run is not known: its links do not lead to one version. "
            "Say it with the option 'version'."
        )
    return Version.parse(instance["version"]["current"])
