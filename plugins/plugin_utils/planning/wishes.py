# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the operator asks of an upgrade."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..configuration.choices import Choice
from ..model import secrets
from ..model.versions import Version
from ..policy.layouts import INSTANCE_FILE
from .backup import BackupWish
from .plans import Limits
from .product_backup import ProductBackupWish


@dataclass(frozen=True)
class UpgradeWish:
    """``acknowledged``: ids of notes that the operator has read. ``inputs``: what only the operator knows, by id;
    ``secret_inputs``: the ids of those that may not be shown. ``choices``: by
    configuration file, what to do about conflicts. ``max_downtime``: minutes. ``restore_backup``: the backup set with
    which an older version may come back. ``language``: en or ru, of the sentences of the policy. ``planned_bytes``: what the backups of
    other instances need that are planned in the same run, by brand and name.
    """

    target: Version
    backup: BackupWish
    limits: Limits
    acknowledged: frozenset[str] = frozenset()
    inputs: Mapping[str, str] = field(default_factory=dict)
    secret_inputs: frozenset[str] = frozenset()
    choices: Mapping[str, Choice] = field(default_factory=dict)
    max_downtime: int | None = None
    restore_backup: str | None = None
    language: str = "en"
    product_backup: ProductBackupWish = field(default_factory=ProductBackupWish)
    planned_bytes: Mapping[str, int] = field(default_factory=dict)

    def shown(self, file: str, text: str | None, before: str | None) -> str:
        """A text of a configuration file as it may be shown: what the operator gives may be secret, and has no tokens. ``before``: the
        text that the host has shown for the file.
        """
        choice = self.choices.get(file.casefold())
        own = choice is not None and choice.content is not None
        shown = secrets.hide_lines(text or "", (before or "").splitlines()) if own else text or ""
        return secrets.hide_values(shown, self._secret_values) if file.casefold() == INSTANCE_FILE else shown

    def input_shown(self, name: str) -> str:
        """An input for people."""
        return secrets.HIDDEN if name in self.secret_inputs else _without_user(self.inputs[name])

    @property
    def _secret_values(self) -> list[str]:
        return [
            value for name, value in self.inputs.items() if name in self.secret_inputs or _without_user(value) != value
        ]

    def as_dict(self) -> dict[str, Any]:
        """What decides about the plan, for a plan that is kept; a file of the operator's by its hash."""
        return {
            "version": str(self.target),
            "backup_data": self.backup.data,
            "backup_streams": self.backup.streams,
            "backup_rehearse": self.backup.rehearse,
            "backup_keep": self.backup.keep,
            "backup_copy_to": self.backup.copy_to,
            "product_backup": self.product_backup.as_dict(),
            "acknowledged": sorted(self.acknowledged),
            "inputs": {name: self.input_shown(name) for name in sorted(self.inputs)},
            "timeouts": [self.limits.stop, self.limits.start, self.limits.release],
            "configuration": {file: _choice(choice) for file, choice in sorted(self.choices.items())},
            "max_downtime": self.max_downtime,
            "restore_backup": self.restore_backup,
        }


def _without_user(value: str) -> str:
    """An address without the user and the password in it, whatever its directive is."""
    start, end = value.find("://") + 3, value.rfind("@")
    return value[:start] + secrets.HIDDEN + value[end:] if 3 <= start <= end else value


def _choice(choice: Choice) -> dict[str, Any]:
    if choice.content is not None:
        return {"content_sha256": hashlib.sha256(choice.content.encode()).hexdigest()}
    return {"conflict": choice.conflict, "answers": dict(sorted(choice.answers.items()))}
