# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line of schtasks.exe; only its exit codes (0 and 1) are fit to decide on, its texts are localised."""

from __future__ import annotations

from collections.abc import Callable

from ..control import Answer
from .appcmd import Settings
from .paths import BrokenLink, Drives
from .scheduler import Scheduler

_VERBS = ("create", "run", "end", "query", "delete", "change")
_FLAGS = ("f", "nh", "v", "i", "enable", "disable", "hresult")

_WORDS = {
    "en": {
        "error": "ERROR",
        "success": "SUCCESS",
        "missing": "The system cannot find the file specified.",
        "denied": "Access is denied.",
        "exists": "Cannot create a file when that file already exists.",
        "malformed": "The task XML is malformed.",
        "syntax": "Invalid syntax.",
        "done": "The operation completed for",
        "Ready": "Ready",
        "Running": "Running",
        "Disabled": "Disabled",
    },
    "ru": {
        "error": "ОШИБКА",
        "success": "УСПЕХ",
        "missing": "Не удается найти указанный файл.",
        "denied": "Отказано в доступе.",
        "exists": "Невозможно создать файл, так как он уже существует.",
        "malformed": "XML-файл задачи имеет неправильный формат.",
        "syntax": "Ошибка синтаксиса.",
        "done": "Выполнена операция над задачей",
        "Ready": "Готово",
        "Running": "Выполняется",
        "Disabled": "Отключена",
    },
}


class _SyntaxError(Exception):
    pass


class Schtasks:
    """`/Create /TN /XML /F`, `/Run`, `/End`, `/Query`, `/Delete`, `/Change /ENABLE|/DISABLE`."""

    def __init__(self, scheduler: Scheduler, drives: Drives, settings: Callable[[], Settings]) -> None:
        self._scheduler = scheduler
        self._drives = drives
        self._settings = settings

    def run(self, arguments: list[str]) -> Answer:
        settings = self._settings()
        words = _WORDS[settings.language]

        try:
            text = self._execute(arguments, settings, words)
        except _SyntaxError:
            reason = words["syntax"]
        except FileExistsError:
            reason = words["exists"]
        except (FileNotFoundError, BrokenLink):
            reason = words["missing"]
        except PermissionError:
            reason = words["denied"]
        except ValueError as error:
            reason = f"{words['malformed']}\r\n{error}"
        else:
            return Answer.text(text, encoding=settings.encoding)
        return Answer.error(f"{words['error']}: {reason}\r\n", 1, settings.encoding)

    def _execute(self, arguments: list[str], settings: Settings, words: dict[str, str]) -> str:
        options = _parse(arguments)
        verb = next((name for name in _VERBS if name in options), "")
        if not verb or ("tn" not in options and verb != "query"):
            raise _SyntaxError
        if not settings.administrator:
            raise PermissionError(verb)
        if verb == "query":
            return self._query(options, words)
        self._act(verb, options["tn"], options)
        return f'{words["success"]}: {words["done"]} "{options["tn"]}".\r\n'

    def _act(self, verb: str, name: str, options: dict[str, str]) -> None:
        if verb == "create":
            document = self._drives.real(options.get("xml", "")).read_bytes()
            self._scheduler.register(name, document, "f" in options)
        elif verb == "delete":
            if "f" not in options:
                raise ValueError("/F")  # schtasks asks, and nobody answers
            self._scheduler.delete(name)
        elif verb == "change":
            self._change(name, "enable" in options)
        else:
            {"run": self._scheduler.run, "end": self._scheduler.end}[verb](name)

    def _change(self, name: str, enable: bool) -> None:
        document = self._scheduler.document(name)
        encoding = "utf-16" if document.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
        text = document.decode(encoding)
        settings = text.find("<Settings>")
        wanted = f"<Enabled>{str(enable).lower()}</Enabled>"
        if settings < 0:
            text = text.replace("<Actions", f"<Settings>{wanted}</Settings><Actions", 1)
        else:
            head, tail = text[: settings + len("<Settings>")], text[settings + len("<Settings>") :]
            for known in ("<Enabled>true</Enabled>", "<Enabled>false</Enabled>"):
                tail = tail.replace(known, "")
            text = head + wanted + tail
        self._scheduler.register(name, text.encode(encoding), replace=True)

    def _query(self, options: dict[str, str], words: dict[str, str]) -> str:
        names = [options["tn"]] if "tn" in options else self._scheduler.names()
        if "xml" in options:
            return "".join(_decoded(self._scheduler.document(name)) for name in names)
        lines = []
        for name in names:
            enabled = self._scheduler.enabled(name)
            state = "Running" if self._scheduler.running(name) else "Ready" if enabled else "Disabled"
            lines.append(f'"\\{name.lstrip(chr(92))}","N/A","{words[state]}"')
        header = [] if "nh" in options else ['"TaskName","Next Run Time","Status"']
        return "".join(line + "\r\n" for line in [*header, *lines])


def _decoded(document: bytes) -> str:
    return document.decode("utf-16" if document.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")


def _parse(arguments: list[str]) -> dict[str, str]:
    """Options by lower-case name. Raises _SyntaxError where schtasks would complain about the syntax."""
    options: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        if not argument.startswith(("/", "-")):
            raise _SyntaxError
        name = argument[1:].casefold()
        has_value = name not in _VERBS and name not in _FLAGS and rest and not rest[0].startswith("/")
        options[name] = rest.pop(0) if has_value else ""
    return options
