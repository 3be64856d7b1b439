# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Before and after of a plan, as Ansible's ``--diff`` shows them."""

from __future__ import annotations

from collections.abc import Iterable

from .hop import linked
from .hop_plans import HopPlan
from .tokens import Numbering
from .wishes import UpgradeWish


def of_hops(hops: Iterable[HopPlan], wish: UpgradeWish) -> list[dict[str, str]]:
    """For each hop the version with its links, then every configuration file."""
    shown = Numbering()
    return [difference for planned in hops for difference in (_links(planned), *_files(planned, wish, shown))]


def _links(planned: HopPlan) -> dict[str, str]:
    before, after = [f"version: {planned.step.start}"], [f"version: {planned.step.target}"]
    for link, target in linked(planned.place) if planned.place else ():
        before.append(f"{link['path']} -> {link['target']}")
        if target:
            after.append(f"{link['path']} -> {target}")
    name = planned.place.instance["name"] if planned.place else ""
    return {
        "before_header": f"{name} ({planned.step.start})",
        "after_header": f"{name} ({planned.step.target})",
        "before": "\n".join(before) + "\n",
        "after": "\n".join(after) + "\n",
    }


def _files(planned: HopPlan, wish: UpgradeWish, shown: Numbering) -> Iterable[dict[str, str]]:
    for file in planned.change.files:
        texts = [
            shown.number(wish.shown(file.name, text, file.before)).replace("\r\n", "\n")
            for text in (file.before, file.after)
        ]
        yield {
            "before_header": f"{file.name} ({planned.step.start})",
            "after_header": f"{file.name} ({planned.step.target})",
            "before": texts[0],
            "after": texts[1],
        }
