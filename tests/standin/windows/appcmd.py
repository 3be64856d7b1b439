# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line of appcmd.exe over the IIS of a stand-in host.

Exit codes are Win32 codes and errors come on standard output in two forms, both as seen on a live IIS. Texts in
another language change words only: kinds, attribute names and states stay English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ..control import Answer
from . import appcmd_output as output
from .appcmd_output import Listed
from .iis import same_name
from .paths import Drives
from .server import IisServer
from .win32 import (
    ACCESS_DENIED,
    ALREADY_EXISTS,
    INVALID_PARAMETER,
    NOT_FOUND,
    NOT_SUPPORTED,
    RPC_CALL_FAILED,
    TEXTS,
    Win32Error,
)

BACKUPS = r"C:\Windows\System32\inetsrv\backup"
_KINDS = {"site": "SITE", "apppool": "APPPOOL", "wp": "WP", "app": "APP", "vdir": "VDIR", "backup": "BACKUP"}
_PARAMETER = re.compile(r"^[/-](?P<name>[^:]+)(?::(?P<value>.*))?$", re.DOTALL)
_FORMATS = ("xml", "text", "config")

_WORDS = {
    "en": {
        "error": "ERROR",
        "message": "message",
        "failed": "Command execution failed.",
        "start": "successfully started.",
        "stop": "successfully stopped",
        "recycle": "successfully recycled",
        "set": "changed",
        "add": "added",
        "delete": "deleted",
        "object": "object",
        "restored": 'Restored configuration from backup "{}"',
        "unknown": 'Cannot find {} object with identifier "{}".',
        "input": "The parameter '{}' must begin with a / or - (HRESULT=80070057)",
        "input_failed": "Failed to process input: {}",
        "unsupported": "Object '{}' is not supported.  Run 'appcmd.exe /?' to display supported objects.",
        "attribute": 'Cannot find requested property "{}".',
        "exists": 'Backup "{}" already exists.',
        "duplicate": 'Failed to add duplicate collection element "{}".',
    },
    "ru": {
        "error": "ОШИБКА",
        "message": "сообщение",
        "failed": "Не удалось выполнить команду.",
        "start": "успешно запущен.",
        "stop": "успешно остановлен",
        "recycle": "успешно перезапущен",
        "set": "изменен",
        "add": "добавлен",
        "delete": "удален",
        "object": "объект",
        "restored": 'Восстановлена конфигурация из резервной копии "{}"',
        "unknown": 'Не удается найти объект {} с идентификатором "{}".',
        "input": "Параметр '{}' должен начинаться с символа / или - (HRESULT=80070057)",
        "input_failed": "Не удалось обработать входные данные: {}",
        "unsupported": "Объект '{}' не поддерживается.",
        "attribute": 'Не найдено свойство "{}".',
        "exists": 'Резервная копия "{}" уже существует.',
        "duplicate": 'Не удалось добавить повторяющийся элемент коллекции "{}".',
    },
}


@dataclass
class Settings:
    """`encoding` is the OEM code page of the host, cp866 on a Russian Windows."""

    administrator: bool = True
    language: str = "en"
    encoding: str = "utf-8"


class _Refused(Exception):
    """A command that fails with a message of appcmd itself, without an hresult."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class _Command:
    verb: str
    kind: str
    identifier: str | None
    parameters: dict[str, str] = field(default_factory=dict)

    def filters(self) -> dict[str, str]:
        return {name: text for name, text in self.parameters.items() if name not in _FORMATS}


class Appcmd:
    """`list|start|stop|recycle|set|add|restore|delete` over `site|apppool|wp|app|vdir|backup`."""

    def __init__(self, iis: IisServer, drives: Drives, settings: Callable[[], Settings]) -> None:
        self._iis = iis
        self._drives = drives
        self._settings = settings

    def run(self, arguments: list[str]) -> Answer:
        settings = self._settings()
        words = _WORDS[settings.language]
        try:
            _demand_administrator(settings, arguments)
            text = self._execute(_parse(arguments, words), words)
            return Answer.text(text, encoding=settings.encoding)
        except _Refused as refusal:
            text = f"{words['error']} ( {words['message']}:{refusal} )\r\n"
            return Answer.text(text, refusal.code, settings.encoding)
        except Win32Error as error:
            text = (
                f"{words['error']} ( hresult:{error.hresult}, {words['message']}:{words['failed']}\r\n"
                f"{error.text(settings.language)}\r\n )\r\n"
            )
            if error.code in (NOT_SUPPORTED, ACCESS_DENIED):
                text = f"{words['error']} ( {words['message']}:{_unavailable(error, settings)} )\r\n"
            return Answer.text(text, error.code, settings.encoding)

    def _execute(self, command: _Command, words: dict[str, str]) -> str:
        if command.verb == "list":
            return self._list(command, words)
        if command.kind == "BACKUP":
            return self._backup(command, words)
        if (command.verb, command.kind) == ("add", "APPPOOL"):
            return self._add_pool(command, words)
        name = command.identifier or command.parameters.pop(f"{command.kind.casefold()}.name", None)
        if name is None or not any(same_name(item.name, name) for item in self._items(command.kind)):
            raise _Refused(NOT_FOUND, words["unknown"].format(command.kind, name or ""))
        if command.verb == "set":
            self._set(command, name, words)
            return f'{command.kind} {words["object"]} "{name}" {words["set"]}\r\n'
        actions: dict[tuple[str, str], Callable[[str], None]] = {
            ("start", "SITE"): self._iis.start_site,
            ("stop", "SITE"): self._iis.stop_site,
            ("start", "APPPOOL"): self._iis.start_pool,
            ("stop", "APPPOOL"): self._iis.stop_pool,
            ("recycle", "APPPOOL"): self._iis.recycle_pool,
        }
        if (command.verb, command.kind) not in actions:
            raise _Refused(INVALID_PARAMETER, words["unsupported"].format(command.verb))
        actions[command.verb, command.kind](name)
        return f'"{name}" {words[command.verb]}\r\n'

    def _list(self, command: _Command, words: dict[str, str]) -> str:
        if self._iis.behaviour.failing_reads > 0:
            self._iis.behaviour.failing_reads -= 1
            raise Win32Error(RPC_CALL_FAILED)
        items = list(self._items(command.kind))
        if command.identifier is not None:
            items = [item for item in items if _identified(item, command.identifier)]
            if not items:
                raise _Refused(NOT_FOUND, words["unknown"].format(command.kind, command.identifier))
        for name, wanted in command.filters().items():
            items = [item for item in items if same_name(output.value(item, name), wanted)]
        config = command.parameters.get("config")
        if "xml" in command.parameters:
            return output.as_xml(items, config is not None, config == "*")
        if config is not None:
            return output.as_configuration(items, config == "*")
        if "text" in command.parameters:
            return output.as_attribute(items, command.parameters["text"])
        return "".join(item.text + "\r\n" for item in items)

    def _items(self, kind: str) -> Iterator[Listed]:
        iis, configuration = self._iis, self._iis.configuration
        if kind == "SITE":
            return (output.listed_site(site, iis.site_state(site.name)) for site in configuration.sites)
        if kind == "APPPOOL":
            return (output.listed_pool(pool, iis.pool_state(pool.name)) for pool in configuration.pools)
        if kind == "WP":
            return (output.listed_worker(worker.pid, worker.pool) for worker in iis.pools.workers())
        if kind == "BACKUP":
            return (output.listed_backup(name) for name in self._backups())
        applications = ((site, application) for site in configuration.sites for application in site.applications)
        if kind == "APP":
            return (output.listed_application(site, application) for site, application in applications)
        return (
            output.listed_virtual_directory(site, application, directory)
            for site, application in applications
            for directory in application.virtual_directories
        )

    def _set(self, command: _Command, name: str, words: dict[str, str]) -> None:
        configuration = self._iis.configuration
        for parameter, text in command.parameters.items():
            change = _CHANGES.get((command.kind, parameter))
            if change is None:
                raise _Refused(INVALID_PARAMETER, words["attribute"].format(parameter))
            attribute, convert = change
            item = configuration.site(name) if command.kind == "SITE" else configuration.pool(name)
            try:
                setattr(item, attribute, convert(text))
            except ValueError as error:
                raise Win32Error(INVALID_PARAMETER) from error
        configuration.save()

    def _add_pool(self, command: _Command, words: dict[str, str]) -> str:
        """A pool with the name alone, or with settings; it starts at once, as autoStart says."""
        name = command.parameters.pop("name", "")
        configuration = self._iis.configuration
        if configuration.pool(name):
            raise _Refused(ALREADY_EXISTS, words["duplicate"].format(name))
        pool = configuration.add_pool(name)
        try:
            self._set(command, name, words)
        except (_Refused, Win32Error):
            configuration.pools.remove(pool)
            raise
        if pool.auto_start:
            self._iis.start_pool(name)
        return f'APPPOOL {words["object"]} "{name}" {words["add"]}\r\n'

    def _backups(self) -> list[str]:
        folder = self._drives.real(BACKUPS)
        return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []

    def _backup(self, command: _Command, words: dict[str, str]) -> str:
        name = command.identifier or datetime.now().astimezone().strftime("%Y%m%dT%H%M%S")
        known = any(same_name(name, other) for other in self._backups())
        path = f"{BACKUPS}\\{name}"
        if command.verb == "add":
            if known:
                raise _Refused(ALREADY_EXISTS, words["exists"].format(name))
            self._write_backup(path)
            return f'BACKUP {words["object"]} "{name}" {words["add"]}\r\n'
        if not known:
            raise _Refused(NOT_FOUND, words["unknown"].format("BACKUP", name))
        if command.verb == "restore":
            self._restore_backup(path)
            return words["restored"].format(name) + "\r\n"
        if command.verb != "delete":
            raise _Refused(INVALID_PARAMETER, words["unsupported"].format(command.verb))
        folder = self._drives.real(path)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
        return f'BACKUP {words["object"]} "{name}" {words["delete"]}\r\n'

    def _write_backup(self, path: str) -> None:
        configuration = self._iis.configuration
        sections = output.as_configuration([*self._items("APPPOOL"), *self._items("SITE")], defaults=False)
        document = (
            f"<configuration>\r\n<system.applicationHost>\r\n{sections}</system.applicationHost>\r\n"
            "</configuration>\r\n"
        )
        self._drives.write(f"{path}\\applicationHost.config", document.encode())
        self._drives.write(f"{path}\\iis.json", json.dumps(configuration.dump(), ensure_ascii=False).encode())

    def _restore_backup(self, path: str) -> None:
        """Server-wide, as documented: everything stops, the old configuration comes back, everything starts."""
        configuration = self._iis.configuration
        self._iis.power_off()
        configuration.restore(json.loads(self._drives.real(f"{path}\\iis.json").read_text(encoding="utf-8")))
        configuration.save()
        self._iis.boot()


def _parse(arguments: list[str], words: dict[str, str]) -> _Command:
    if len(arguments) < 2:
        raise _Refused(INVALID_PARAMETER, words["unsupported"].format(" ".join(arguments)))
    verb, kind, *rest = arguments
    if kind.casefold().removesuffix("s") not in _KINDS:
        raise _Refused(INVALID_PARAMETER, words["unsupported"].format(kind.upper()))
    command = _Command(verb.casefold(), _KINDS[kind.casefold().removesuffix("s")], None)
    for position, argument in enumerate(rest):
        match = _PARAMETER.match(argument)
        if match:
            command.parameters[match["name"].casefold()] = match["value"] or ""
        elif position == 0:
            command.identifier = argument
        else:
            raise _Refused(INVALID_PARAMETER, words["input_failed"].format(words["input"].format(argument)))
    return command


def _demand_administrator(settings: Settings, arguments: list[str]) -> None:
    """Without elevation a read names redirection.config and a change claims that WAS is down, as seen on a live IIS."""
    if not settings.administrator:
        raise Win32Error(ACCESS_DENIED if arguments[:1] == ["list"] else NOT_SUPPORTED)


def _identified(item: Listed, identifier: str) -> bool:
    """By name; a virtual directory and an application also by the name of what they are in."""
    if same_name(item.name, identifier):
        return True
    return item.kind in ("APP", "VDIR") and item.name.casefold().startswith(identifier.rstrip("/").casefold() + "/")


def _unavailable(error: Win32Error, settings: Settings) -> str:
    if error.code == ACCESS_DENIED and settings.language == "en":
        return (
            "Configuration error\r\nFilename: redirection.config\r\nLine Number: 0\r\n"
            "Description: Cannot read configuration file due to insufficient permissions"
        )
    return TEXTS[settings.language][error.code]


def _boolean(text: str) -> bool:
    if text.casefold() not in ("true", "false"):
        raise ValueError(text)
    return text.casefold() == "true"


def _start_mode(text: str) -> str:
    modes = [mode for mode in ("OnDemand", "AlwaysRunning") if same_name(mode, text)]
    if not modes:
        raise ValueError(text)
    return modes[0]


def _seconds(text: str) -> int:
    hours, minutes, seconds = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + seconds


_CHANGES: dict[tuple[str, str], tuple[str, Callable[[str], object]]] = {
    ("SITE", "serverautostart"): ("server_auto_start", _boolean),
    ("APPPOOL", "autostart"): ("auto_start", _boolean),
    ("APPPOOL", "startmode"): ("start_mode", _start_mode),
    ("APPPOOL", "processmodel.shutdowntimelimit"): ("shutdown_time_limit_seconds", _seconds),
}
