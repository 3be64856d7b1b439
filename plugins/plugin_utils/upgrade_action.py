# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules share that plan an upgrade: options, the questions to the host, the plan."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import copies, policy
from .action_base import (
    BACKUP_OPTIONS,
    CHANGE_OPTIONS,
    INSPECTION_OPTIONS,
    ArgumentSpec,
    PlatformAction,
    limits,
    version_option,
)
from .configuration.choices import ChoiceError, read_choices
from .host import ConnectionLost, HostError
from .model import paths, secrets
from .model.facts import HostFacts, InstanceFacts
from .planning import (
    approval,
    backup,
    going_back,
    history,
    inputs,
    kept,
    preflight,
    procedures,
    reading,
    sets,
    upgrade,
    verdict,
)
from .planning.evidence import Evidence, utc
from .planning.findings import Finding, Refusal
from .planning.health import Baseline
from .planning.health_pages import Manner
from .planning.hop_plans import Circumstances
from .planning.product_backup import KINDS, MAX_AGE, NONE, SESSION, TIMEOUT, ProductBackupWish
from .planning.upgrade import UpgradePlan
from .planning.wishes import UpgradeWish

PLAN_OPTIONS: ArgumentSpec = {
    "name": {"type": "str", "required": True},
    "version": {"type": "str", "required": True},
    "backup_data": {"type": "bool", "default": True},
    "backup_streams": {"type": "bool", "default": False},
    "product_backup": {"type": "str", "default": NONE, "choices": list(KINDS)},
    "product_backup_configuration": {"type": "str", "default": ""},
    "product_backup_max_age": {"type": "int", "default": MAX_AGE},
    "product_backup_timeout": {"type": "int", "default": TIMEOUT},
    "planned_bytes": {"type": "dict", "default": {}},
    "acknowledged": {"type": "list", "elements": "str", "default": []},
    "inputs": {"type": "dict", "default": {}},
    "configuration": {"type": "list", "elements": "dict", "default": []},
    "max_downtime": {"type": "int"},
    "restore_backup": {"type": "str"},
    "approved": {"type": "path"},
    "approved_sha256": {"type": "str"},
    "language": {"type": "str", "default": "en", "choices": list(policy.LANGUAGES)},
    **BACKUP_OPTIONS,
    **INSPECTION_OPTIONS,
    **CHANGE_OPTIONS,
}
"""Options of every module that plans an upgrade (doc fragment ``planning``, and those of its fragments)."""


@dataclass(frozen=True)
class Planned:
    """A plan, the rules with which secrets were hidden in its texts, and how the instance was when it was planned."""

    plan: UpgradePlan
    secrets: dict[str, Any]
    before: Baseline


class UpgradeAction(PlatformAction):
    """The base of ``upgrade_plan`` and ``instance_upgrade``."""

    def wish(self, options: dict[str, Any], rules: policy.Policy) -> UpgradeWish:
        """What the options ask for. Raises :class:`Refusal` for what cannot be understood."""
        try:
            choices = read_choices(options["configuration"], self.read_file)
        except ChoiceError as error:
            raise Refusal(f"The option 'configuration' is refused, nothing was touched. {error}") from error
        if options["restore_backup"] is not None:
            backup.check_name(options["restore_backup"], "restore_backup")
        sets.check_options(options["backup_root"], options["backup_copy_to"])
        return UpgradeWish(
            target=version_option(options, "version"),
            backup=backup.BackupWish(
                data=options["backup_data"],
                streams=options["backup_streams"],
                rehearse=options["backup_rehearse"],
                keep=options["backup_keep"],
                copy_to=options["backup_copy_to"],
            ),
            limits=limits(options),
            acknowledged=frozenset(options["acknowledged"]),
            inputs={name: str(value) for name, value in options["inputs"].items() if value is not None},
            secret_inputs=inputs.secret_ids(rules),
            choices=choices,
            max_downtime=options["max_downtime"],
            restore_backup=options["restore_backup"],
            language=options["language"],
            product_backup=_product_backup(options),
            planned_bytes={name: int(size) for name, size in options["planned_bytes"].items()},
        )

    def plan(
        self,
        rules: policy.Policy,
        host: HostFacts,
        instance: InstanceFacts,
        wish: UpgradeWish,
        before: Manner | None = None,
    ) -> Planned:
        """The plan, from facts and from one more call that reads texts and states. ``before``: how to ask the pages as they are
        before the stop; without it they are not asked, since a request may start the instance.
        """
        path = upgrade.find_path(rules, host, instance, wish)
        hidden = secrets.rules(rules.names.as_dict())
        answers: dict[str, Any] = {}
        if not isinstance(path, Finding):
            known = procedures.placeholders(rules, host, instance, path)
            answers = self.host.query(
                [
                    *reading.queries(rules, host, instance, path, hidden, known),
                    *upgrade.questions(rules, host, instance, path, wish, hidden),
                    *going_back.questions(host, instance, wish),
                    _read_speed(instance, wish),
                    *(verdict.baseline_queries(instance, before) if before else []),
                ]
            )
        evidence = Evidence(
            now=utc(host["time"]),
            since=history.running_since(host, instance),
            cold_copy=wish.backup.data,
            session=wish.product_backup.kind == SESSION,
            answers=answers,
            search_input=inputs.search_input(rules),
        )
        around = Circumstances(rules, host, wish, evidence, answers.get("read_speed", {}))
        texts = reading.Texts() if isinstance(path, Finding) else reading.texts(rules, host, instance, path, answers)
        plan = upgrade.make(around, instance, path, texts)
        if wish.backup.copy_to and not self.check_mode:
            plan.findings.extend(copies.probe(self.host, sets.copy_folder(host, instance, wish.backup)))
        return Planned(plan, hidden, verdict.baseline(instance, answers))

    def second_copy(self, host: HostFacts, instance: InstanceFacts, wish: UpgradeWish, made: str) -> dict[str, Any]:
        """Copies the set of a hop that is confirmed. What goes wrong there is a warning: the upgrade is done."""
        if not wish.backup.copy_to:
            return {}
        place = paths.join(sets.copy_folder(host, instance, wish.backup), paths.name(made))
        try:
            copies.make(self.host, made, place, self.progress)
        except (HostError, ConnectionLost) as error:
            warning = f"Instance '{instance['name']}' is upgraded, but the second copy of {made} was not made. {error}"
            self.partial["warnings"] = [*self.partial.get("warnings", []), warning]
            return {"copy": None}
        return {"copy": place}

    def refuse_changes(self, options: dict[str, Any], plan: UpgradePlan) -> None:
        """Refuses a plan that is not the one that was approved, if one was."""
        if options["approved"]:
            kept.refuse_changes(_read_plan(Path(options["approved"]), plan), plan)
        sha256 = options["approved_sha256"]
        if sha256 == "":
            plan.findings.append(approval.not_approved(plan.instance))
        elif sha256 is not None:
            answers = self.host.query([approval.question(plan.host, sha256)])
            kept.refuse_changes(approval.read(answers, plan.instance, sha256), plan)

    def choose(self, host: HostFacts, options: dict[str, Any]) -> InstanceFacts:
        """The instance that the options name."""
        return preflight.choose_instance(host, options["name"], options["brand"])


def _product_backup(options: dict[str, Any]) -> ProductBackupWish:
    """What the product itself shall back up, or has backed up."""
    kind, configuration = options["product_backup"], options["product_backup_configuration"]
    if kind == SESSION and not configuration:
        raise Refusal(
            "The option 'product_backup' is refused, nothing was touched. session also wants product_backup_configuration, the id of a "
            "backup configuration of the product, such as backupConfig.1."
        )
    return ProductBackupWish(kind, configuration, options["product_backup_max_age"], options["product_backup_timeout"])


def _read_plan(file: Path, plan: UpgradePlan) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal(
            f"The approved plan of instance '{plan.instance['name']}' on {plan.host['machine']} is {file}, which cannot be read: "
            f"{error}. Nothing was touched. Make the plan with comindware.platform.plan."
        ) from error
    return content if isinstance(content, dict) else {}


def _read_speed(instance: InstanceFacts, wish: UpgradeWish) -> dict[str, Any]:
    folders = [instance["paths"][what] for what in ("config", *wish.backup.folders)]
    return {"id": "read_speed", "kind": "read_speed", "paths": folders, "maximum_ms": 1000}
