# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups that the product itself makes: ZIP archives `<name>.<YYYYMMDDHHMM>.cdbbz` (vendor's pages on backups).

The vendor's page on the Web API tells how a session is started and asked about, not what the session object holds: its fields are the
stand-in's own.
"""

from __future__ import annotations

import base64
import io
import json
import os
import threading
import time
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from ..windows.http_sys import Response
from ..windows.paths import Drives
from .description import InstanceDescription

_NAME = "Backup"  # backup.defaultFileName


def write_backup(drives: Drives, instance: InstanceDescription, age_hours: float = 0) -> str:
    """A backup with files and scripts, as old as told by its name and its times; the Windows path of it."""
    made = datetime.now().astimezone() - timedelta(hours=age_hours)
    path = _path(instance, made)
    target = _file(drives, instance, path)
    draft = target.with_name(target.name + ".part")
    draft.write_bytes(_packed(drives, instance))
    os.utime(draft, (made.timestamp(), made.timestamp()))
    draft.replace(target)
    return path


class BackupSessions:
    """The backup sessions of an instance that runs, which write their archives bit by bit, in place."""

    def __init__(self, drives: Drives, instance: InstanceDescription, alive: Callable[[], bool]) -> None:
        self._drives = drives
        self._instance = instance
        self._alive = alive
        self._sessions: dict[str, dict[str, str]] = {}

    def answer(self, method: str, wanted: str, authorization: str) -> Response:
        """`wanted`: the id of a configuration (POST) or of a session (GET)."""
        behaviour = self._instance.behaviour
        login = f"{behaviour.api_user}:{behaviour.api_password}".encode()
        if authorization != f"Basic {base64.b64encode(login).decode()}":
            return Response(401, "", {"WWW-Authenticate": 'Basic realm="Comindware"'})
        if method == "POST":
            if wanted not in behaviour.backup_configurations:
                return _json(404, {"error": f"There is no configuration {wanted}"})
            return _json(200, self._start(wanted))
        session = self._sessions.get(wanted)
        return _json(200, session) if session else _json(404, {"error": f"There is no session {wanted}"})

    def _start(self, configuration: str) -> dict[str, str]:
        session = {
            "id": f"backupSession.{len(self._sessions) + 1}",
            "configurationId": configuration,
            "status": "InProgress",
        }
        self._sessions[session["id"]] = session
        threading.Thread(target=self._write, args=(session,), name=session["id"], daemon=True).start()
        return session

    def _write(self, session: dict[str, str]) -> None:
        behaviour, pieces = self._instance.behaviour, 4
        content = _packed(self._drives, self._instance)
        size = len(content) // pieces + 1
        target = _file(self._drives, self._instance, _path(self._instance, datetime.now().astimezone()))
        with target.open("wb", buffering=0) as file:
            for number in range(pieces - 1 if behaviour.backup_fault == "truncated" else pieces):
                time.sleep(behaviour.backup_seconds / pieces)
                if not self._alive():
                    return
                file.write(content[number * size : (number + 1) * size])
            while behaviour.backup_fault == "endless" and self._alive():
                file.write(b"more")
                time.sleep(0.1)
        session["status"] = "Completed"


def _json(status: int, content: object) -> Response:
    return Response(status, json.dumps(content), {"Content-Type": "application/json; charset=utf-8"})


def _path(instance: InstanceDescription, made: datetime) -> str:
    return f"{instance.folder('backup')}\\{_NAME}.{made:%Y%m%d%H%M}.cdbbz"


def _file(drives: Drives, instance: InstanceDescription, path: str) -> Path:
    drives.make_directory(instance.folder("backup"))
    return drives.real(path)


def _packed(drives: Drives, instance: InstanceDescription) -> bytes:
    database, streams = drives.real(instance.folder("data")), drives.real(instance.folder("streams"))
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, database, "Database", leave_out="Scripts")
        _add(archive, database / "Scripts", "Scripts")
        _add(archive, streams, "Streams")
    return content.getvalue()


def _add(archive: zipfile.ZipFile, folder: Path, name: str, leave_out: str = "") -> None:
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.is_file() and inside.parts[0] != leave_out:
            archive.write(file, f"{name}/{inside}")
