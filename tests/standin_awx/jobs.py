# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which variables AWX would give to the job of a node: the order of awx/main/models/workflow.py and mixins.py (AWX 24)."""

from __future__ import annotations

import json

from standin_awx.schema import Json
from standin_awx.store import Store


def variables_of(
    store: Store, workflow: str, node: str, answers: Json, artifacts: Json, job: int, workflow_job: int
) -> Json:
    """The later ones count more: variables of the template, what its survey proposes, those of the node, what earlier nodes have
    left (``set_stats``), and the answers to the workflow's survey; then what AWX tells about the job.
    """
    wanted = store.named("workflow_job_template_nodes", node)
    template = store.find("unified_job_templates", wanted["unified_job_template"])
    whole = store.named("workflow_job_templates", workflow)
    assert template is not None
    survey = store.find("workflow_job_templates", whole["id"])
    assert survey is not None
    told: Json = {}
    for prefix in ("awx", "tower"):
        told |= {
            f"{prefix}_job_id": job,
            f"{prefix}_job_template_name": template["name"],
            f"{prefix}_job_launch_type": "workflow",
        }
        told |= {f"{prefix}_workflow_job_id": workflow_job, f"{prefix}_workflow_job_name": workflow}
    return {
        **json.loads(template["extra_vars"] or "{}"),
        **_proposed(template),
        **wanted["extra_data"],
        **artifacts,
        **json.loads(survey["extra_vars"] or "{}"),
        **_proposed(survey),
        **answers,
        **told,
    }


def _proposed(template: Json) -> Json:
    """The defaults of a survey; AWX passes over those that are empty, and over 0."""
    return {
        question["variable"]: question["default"]
        for question in template["survey_spec"]["spec"]
        if question.get("default")
    }
