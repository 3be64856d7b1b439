# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups that the product itself makes: ZIP archives `<name>.<YYYYMMDDHHMM>.cdbbz` (vendor's pages on backups)."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

from ..windows.paths import Drives
from .description import InstanceDescription

_NAME = "Backup"  # backup.defaultFileName


def write_backup(drives: Drives, instance: InstanceDescription, age_hours: float = 0) -> str:
    """A backup with files and scripts, as old as told by its name and its times; the Windows path of it."""
    made = datetime.now().astimezone() - timedelta(hours=age_hours)
    path = f"{instance.folder('backup')}\\{_NAME}.{made:%Y%m%d%H%M}.cdbbz"
    drives.make_directory(instance.folder("backup"))
    target = drives.real(path)
    database, streams = drives.real(instance.folder("data")), drives.real(instance.folder("streams"))
    draft = target.with_name(target.name + ".part")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, database, "Database", leave_out="Scripts")
        _add(archive, database / "Scripts", "Scripts")
        _add(archive, streams, "Streams")
    os.utime(draft, (made.timestamp(), made.timestamp()))
    draft.replace(target)
    return path


def _add(archive: zipfile.ZipFile, folder: Path, name: str, leave_out: str = "") -> None:
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.is_file() and inside.parts[0] != leave_out:
            archive.write(file, f"{name}/{inside}")
