# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A slice of a job is known by the names that AWX gives to its variables."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.slices import slice_refusal

TEMPLATE = "Comindware Platform: upgrade"


def job(prefix: str = "awx", workflow: str | None = None, template: str | None = TEMPLATE) -> dict[str, object]:
    """Variables of a job as AWX gives them; ``workflow``: the name of the workflow job that has started it."""
    variables: dict[str, object] = {
        f"{prefix}_job_id": 7,
        f"{prefix}_job_launch_type": "workflow" if workflow else "manual",
    }
    if template is not None:
        variables[f"{prefix}_job_template_name"] = template
    if workflow is not None:
        variables |= {f"{prefix}_workflow_job_id": 6, f"{prefix}_workflow_job_name": workflow}
    return variables


@pytest.mark.parametrize("prefix", ["awx", "tower", "ascender"])
def test_a_slice_is_refused_whichever_prefix_there_is(prefix: str) -> None:
    assert slice_refusal(job(prefix, workflow=TEMPLATE)) == (
        "AWX has cut this job into slices: it belongs to the workflow job 'Comindware Platform: upgrade', which AWX has made of the job "
        "template of the same name. Each slice would have a failure budget, a canary and batches of its own, and would go on when another "
        "one fails. Nothing was touched. Set Job Slicing of the job template 'Comindware Platform: upgrade' to 1, and its Forks to the "
        "number of hosts that may be at work at once; upgrade_batches divides the hosts. If 'Comindware Platform: upgrade' is a workflow "
        "of your own, give it another name than its job template has."
    )


def test_the_refusal_is_told_in_russian_too() -> None:
    assert slice_refusal(job(workflow=TEMPLATE), "ru") == (
        "AWX разделил это задание на части (job slicing): оно входит в задание рабочего процесса «Comindware Platform: upgrade», которое "
        "AWX создал из одноимённого шаблона задания. У каждой части были бы свои бюджет ошибок, канарейка и партии, и она продолжала бы "
        "работу при отказе другой. Ничего не изменено. Установите в шаблоне задания «Comindware Platform: upgrade» Job Slicing = 1, а "
        "Forks — по числу серверов, с которыми можно работать одновременно; на партии серверы делит upgrade_batches. Если «Comindware "
        "Platform: upgrade» — ваш собственный рабочий процесс, дайте ему имя, отличное от имени шаблона задания."
    )


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"awx_job_template_name": None, "awx_workflow_job_name": None},
        job(),
        job(workflow="Comindware Platform: planned upgrade"),
        job(workflow=TEMPLATE, template=None),
    ],
    ids=["no AWX", "names unset", "a job alone", "a node of a workflow", "a template that was deleted"],
)
def test_other_jobs_go_on(variables: dict[str, object]) -> None:
    assert slice_refusal(variables) == ""
