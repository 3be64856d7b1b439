# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The logs of an instance, in the vendor's line format: date, level, session, account, text; one file a day."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..clock import Clock

_SESSION = "00000000-0000-0000-0000-000000000000"

# Texts of the start-up record as the vendor's page of log samples shows them; a Russian locale writes the Russian ones.
_WORDS = {
    "en": {
        "started": "Comindware Platform has started.",
        "stopped": "Comindware Platform has stopped.",
        "system": "System information:",
        "server": "Server",
        "database": "Database",
        "os": "OperatingSystem",
        "version": "Version",
        "config": "Config path",
        "data": "Database path",
        "maintenance": "Maintenance mode is on",
    },
    "ru": {
        "started": "Экземпляр Comindware Platform запущен.",
        "stopped": "Экземпляр Comindware Platform остановлен.",
        "system": "Системная информация:",
        "server": "Сервер",
        "database": "База данных",
        "os": "Операционная система",
        "version": "Версия",
        "config": "Путь к конфигурации",
        "data": "Путь к базе данных",
        "maintenance": "Включен режим обслуживания",
    },
}


@dataclass
class Logs:
    """`old_names`: before 4.4 there is one `upgrade.log` without a date, and no other log of the data upgrade is known."""

    folder: Path
    clock: Clock
    language: str = "en"
    old_names: bool = False

    def starting(self) -> None:
        self._write("system", "INFO", "Core is loading")

    def started(self, computer: str, version: str, config: str, data: str) -> None:
        """The start-up record: the best proof in the logs of the version that runs."""
        words = _WORDS[self.language]
        self._write("system", "INFO", "Core Loaded")
        self._write(
            "system",
            "INFO",
            "\r\n".join(
                (
                    words["started"],
                    words["system"],
                    f"{words['server']}: {computer}",
                    f"{words['database']}: 2f6b3c1e-58b1-4d4e-9c5b-0c7d2a7f9e11",
                    f"{words['os']}: Microsoft Windows NT 10.0.20348.0",
                    f"{words['version']}: {version}",
                    f"{words['config']}: {config}",
                    f"{words['data']}: {data}",
                )
            ),
        )
        self._write("heartbeat", "INFO", "[GREEN] Ignite: OK\r\n[GREEN] Disc space: OK")

    def maintenance(self) -> None:
        """Inferred: the vendor shows the page of the service mode, not its log record."""
        self._write("system", "INFO", _WORDS[self.language]["maintenance"])

    def stopped(self) -> None:
        self._write("system", "INFO", _WORDS[self.language]["stopped"])

    def logged_in(self) -> None:
        self._write("audit", "INFO", "admin: login, role System Administrators")

    def failure(self, reason: str) -> None:
        self._write("error", "ERROR", reason)
        self._write("heartbeat", "ERROR", f"[RED] Core: {reason}")

    def upgrade_begins(self, old: str, new: str) -> None:
        self._write_upgrade("INFO", f"version : {old}")
        self._write_upgrade("INFO", f"Execute upgrade “To {new}”")
        self._write_ontology("INFO", f"Upgrade of ontology from {old} to {new} started")

    def upgrade_ends(self, errors: bool) -> None:
        """The last records of the upgrade logs are the vendor's proof of success."""
        if errors:
            self._write_ontology("ERROR", "error: cannot convert template account.5: Object reference not set")
            self._write_upgrade("ERROR", "Upgrade step failed with an error")
            return
        self._write_ontology("INFO", "Upgrade of ontology completed successfully")
        self._write_upgrade("INFO", "Upgrade completed")

    def _write_upgrade(self, level: str, text: str) -> None:
        self._write("upgrade", level, text, None if self.old_names else "")

    def _write_ontology(self, level: str, text: str) -> None:
        if not self.old_names:
            self._write("UpgradeOntology", level, text)

    def _write(self, log: str, level: str, text: str, separator: str | None = "_") -> None:
        """`separator` stands between the name and the date; None: the name has no date."""
        now = self.clock.now().astimezone()
        self.folder.mkdir(parents=True, exist_ok=True)
        stamp = now.strftime("%Y-%m-%d %H:%M:%S,") + f"{now.microsecond // 1000:03}"
        dated = "" if separator is None else f"{separator}{now:%Y-%m-%d}"
        path = self.folder / f"{log}{dated}.log"
        with path.open("ab") as file:
            file.write(f"{stamp} {level} {_SESSION} systemAccount {text}\r\n".encode())
        os.utime(path, (now.timestamp(), now.timestamp()))  # the file system believes in the host's clock
