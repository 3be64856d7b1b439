# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans that lie on their host until somebody has approved them. Their SHA-256 is their name, so that a controller which knows that needs
no disk to carry out just what was approved.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .. import operations
from ..model import paths
from ..model.brands import AGENT_ROOT
from ..model.facts import HostFacts, InstanceFacts
from .findings import Finding, Refusal
from .plans import Origin, Plan, plan

PURPOSE = "plan"
FOLDER = "plans"
_FILE = "plan.json"
_MEASURED = ("created", "downtime", "space", "backup")
"""What is another at every look and decides nothing; a plan without it is the same as long as nothing has changed."""


def text(shown: Mapping[str, Any]) -> str:
    """The file of a plan as :func:`.kept.as_dict` gives it. The same plan of the same host is the same text, whenever it is made."""
    lasting = {**_lasting(shown), "hops": [_lasting(hop) for hop in shown["hops"]]}
    return json.dumps(lasting, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _lasting(part: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in _MEASURED}


def digest(content: str) -> str:
    """SHA-256 of a file, by which it is approved."""
    return hashlib.sha256(content.encode()).hexdigest()


def place(host: HostFacts, sha256: str) -> str:
    """Where the plan lies: a folder of the agent, which only administrators can change."""
    return paths.join(host["agent"].get("root") or AGENT_ROOT, FOLDER, sha256, _FILE)


def question(host: HostFacts, sha256: str) -> dict[str, Any]:
    """Asks for the plan."""
    return {"id": "approved_plan", "kind": "read", "paths": [place(host, sha256)], "maximum_bytes": 16 * 1024 * 1024}


def read(answers: Mapping[str, Any], instance: InstanceFacts, sha256: str) -> dict[str, Any]:
    """The approved plan from the answer to :func:`question`. Raises :class:`Refusal` where it is missing or was changed."""
    found = next((one for one in answers["approved_plan"].get("items", []) if one.get("exists")), None)
    content = found["text"] if found else None
    if content is None or digest(content) != sha256:
        seen = "is not on the host any more" if content is None else "was changed on the host"
        raise Refusal(
            f"The approved plan {sha256[:12]} of instance '{instance['name']}' {seen}. Nothing was touched. Make a new plan with "
            "comindware.platform.plan, have it approved, and run again."
        )
    return dict(json.loads(content))


def not_approved(instance: InstanceFacts) -> Finding:
    """For a run in which plans were approved, but none of this instance."""
    message = (
        f"No plan of instance '{instance['name']}' is among the approved ones. Make a new plan with comindware.platform.plan, have it "
        "approved, and run again."
    )
    return Finding("blocker", "not_approved", message)


def keeping(host: HostFacts, instance: InstanceFacts, origin: Origin, content: str) -> Plan:
    """The transaction that leaves a plan on its host."""
    sha256 = digest(content)
    steps = [operations.write_file(place(host, sha256), content, "utf-8")]
    made = plan(instance, PURPOSE, f"Keep the plan of instance '{instance['name']}'", origin, steps)
    return {**made, "about": {"purpose": PURPOSE, "sha256": sha256}}
