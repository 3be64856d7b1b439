# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a job of AWX is one slice of several. Neither variables nor environment of a job say so by name.

AWX makes a workflow job out of a job template whose job slicing is above 1 (AWX's user guide, "Job Slicing"), and that workflow job
has the name of the job template. Each job gets both names as variables (AWX's user guide, "Job Templates", extra variables), under
the prefixes ``awx`` and ``tower``; newer releases can be told to leave out ``awx``, and forks add a prefix of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

PREFIXES = ("awx", "tower", "ascender")

REFUSAL = {
    "en": (
        "AWX has cut this job into slices: it belongs to the workflow job '{name}', which AWX has made of the job template of the "
        "same name. Each slice would have a failure budget, a canary and batches of its own, and would go on when another one "
        "fails. Nothing was touched. Set Job Slicing of the job template '{name}' to 1, and its Forks to the number of hosts that "
        "may be at work at once; upgrade_batches divides the hosts. If '{name}' is a workflow of your own, give it another name "
        "than its job template has."
    ),
    "ru": (
        "AWX разделил это задание на части (job slicing): оно входит в задание рабочего процесса «{name}», которое AWX создал из "
        "одноимённого шаблона задания. У каждой части были бы свои бюджет ошибок, канарейка и партии, и она продолжала бы работу "
        "при отказе другой. Ничего не изменено. Установите в шаблоне задания «{name}» Job Slicing = 1, а Forks — по числу серверов, "
        "с которыми можно работать одновременно; на партии серверы делит upgrade_batches. Если «{name}» — ваш собственный рабочий "
        "процесс, дайте ему имя, отличное от имени шаблона задания."
    ),
}


def slice_refusal(variables: Mapping[str, object], language: str = "en") -> str:
    """Why the job must not go on, as a sentence in ``en`` or ``ru``; "" where it is no slice, or does not run in AWX at all.

    ``variables``: those of the play; only the names of the workflow job and of the job template are read.
    """
    for prefix in PREFIXES:
        name = variables.get(f"{prefix}_workflow_job_name")
        if name is not None and name == variables.get(f"{prefix}_job_template_name"):
            return REFUSAL[language].format(name=name)
    return ""
