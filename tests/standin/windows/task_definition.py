# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The XML of a scheduled task, as documented by Microsoft (Task Scheduler Schema)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

_NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$")


@dataclass(frozen=True)
class TimeTrigger:
    """Fires at `start`, and again every `interval_seconds` if that is not 0."""

    start: datetime
    interval_seconds: int = 0
    enabled: bool = True


@dataclass(frozen=True)
class TaskDefinition:
    command: str
    arguments: str
    working_directory: str | None
    user: str
    times: tuple[TimeTrigger, ...]
    at_boot: bool
    boot_delay_seconds: int
    enabled: bool
    start_when_available: bool
    time_limit_seconds: int  # 0 = none


def parse_task(document: bytes) -> TaskDefinition:
    """Read a task's XML. Raises ValueError, with the element that is wrong, for what schtasks would refuse."""
    root = _root(document)
    action = root.find(f"{_NAMESPACE}Actions/{_NAMESPACE}Exec")
    command = _text(action, "Command") if action is not None else ""
    if action is None or not command:
        raise ValueError("(8,1):Actions:")
    settings = root.find(f"{_NAMESPACE}Settings")
    triggers = root.find(f"{_NAMESPACE}Triggers")
    boots = [trigger for trigger in _all(triggers, "BootTrigger") if _text(trigger, "Enabled") != "false"]
    return TaskDefinition(
        command=command.strip('"'),
        arguments=_text(action, "Arguments"),
        working_directory=_text(action, "WorkingDirectory") or None,
        user=_text(root.find(f"{_NAMESPACE}Principals/{_NAMESPACE}Principal"), "UserId"),
        times=tuple(map(_time_trigger, [*_all(triggers, "TimeTrigger"), *_all(triggers, "CalendarTrigger")])),
        at_boot=bool(boots),
        boot_delay_seconds=max((_seconds(_text(boot, "Delay") or "PT0S") for boot in boots), default=0),
        enabled=_text(settings, "Enabled") != "false",
        start_when_available=_text(settings, "StartWhenAvailable") == "true",
        time_limit_seconds=_seconds(_text(settings, "ExecutionTimeLimit") or "P3D"),  # the documented default
    )


def _root(document: bytes) -> ElementTree.Element:
    try:
        if document.startswith((b"\xff\xfe", b"\xfe\xff")):
            document = re.sub(r"^\s*<\?xml[^>]*\?>", "", document.decode("utf-16")).encode("utf-8")
        root = ElementTree.fromstring(document)
    except (ElementTree.ParseError, UnicodeError, ValueError) as error:
        raise ValueError(f"(1,1):: {error}") from error
    if root.tag != f"{_NAMESPACE}Task":
        raise ValueError(f"(1,2):{root.tag}:")
    return root


def _all(parent: ElementTree.Element | None, name: str) -> list[ElementTree.Element]:
    return [] if parent is None else parent.findall(f"{_NAMESPACE}{name}")


def _text(parent: ElementTree.Element | None, name: str) -> str:
    return "" if parent is None else (parent.findtext(f"{_NAMESPACE}{name}") or "").strip()


def _time_trigger(node: ElementTree.Element) -> TimeTrigger:
    text = _text(node, "StartBoundary")
    try:
        start = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.replace("Z", "+00:00")))
    except ValueError as error:
        raise ValueError(f"(1,1):StartBoundary:{text}") from error
    interval = _text(node.find(f"{_NAMESPACE}Repetition"), "Interval")
    return TimeTrigger(start.astimezone(), _seconds(interval) if interval else 0, _text(node, "Enabled") != "false")


def _seconds(duration: str) -> int:
    match = _DURATION.match(duration)
    if not match:
        raise ValueError(f"(1,1):Duration:{duration}")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
