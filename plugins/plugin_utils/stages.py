# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stages that an instance goes through, and progress lines that say as data where the work is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

INSPECT, PLAN, STOP, BACKUP, SWITCH = "inspect", "plan", "stop", "backup", "switch"
START, JUDGE, CONFIRM, RETURN, COPY = "start", "judge", "confirm", "return", "copy"

_OF_OPERATIONS = {
    **dict.fromkeys(("ask_site", "stop_site", "stop_pool", "stop_service", "wait_released"), STOP),
    **dict.fromkeys(("backup_set", "protect_tree", "verify_set"), BACKUP),
    **dict.fromkeys(("start_site", "start_pool", "start_service"), START),
}


class Where(TypedDict, total=False):
    """``stage``: one of this module. ``step`` of ``steps``: operations of a transaction, from 1. ``percent`` of the present piece of
    work, ``rate`` in bytes a second, ``left`` in seconds; ``at_most``: ``left`` is a limit, not an estimate.
    """

    stage: str
    step: int
    steps: int
    percent: int
    rate: float
    left: float
    at_most: bool


class Line(str):
    """A progress line for people that also says where the work is. It is a text, so that whoever only shows lines needs to know
    nothing of it.
    """

    __slots__ = ("where",)
    where: Where

    def __new__(cls, text: str, where: Where) -> Line:
        line = super().__new__(cls, text)
        line.where = where
        return line


def where(line: str) -> Where:
    """What a line says as data; nothing, if it is a plain text."""
    return line.where if isinstance(line, Line) else {}


def of_operation(operation: Mapping[str, Any], state: str) -> str:
    """The stage of an operation; ``state``: that of its transaction."""
    if state == "undoing":
        return RETURN
    if operation["op"] in ("site_auto_start", "pool_start_mode"):
        return START if operation.get("value") or operation.get("auto_start") else STOP
    return _OF_OPERATIONS.get(operation["op"], SWITCH)
