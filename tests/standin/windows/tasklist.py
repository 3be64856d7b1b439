# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line of tasklist.exe: `/FO CSV /NH` and the filters IMAGENAME and PID."""

from __future__ import annotations

from collections.abc import Callable

from ..control import Answer
from ..processes import Process

_HEADER = '"Image Name","PID","Session Name","Session#","Mem Usage"'
_SYSTEM = (Process("System Idle Process", pid=0), Process("System", pid=4))


class Tasklist:
    def __init__(self, processes: Callable[[], list[Process]]) -> None:
        self._processes = processes

    def run(self, arguments: list[str]) -> Answer:
        words = [argument.casefold() for argument in arguments]
        if "/fo" not in words or words[words.index("/fo") + 1 :][:1] != ["csv"]:
            return Answer.error("ERROR: the stand-in's tasklist prints CSV only: give /FO CSV.\r\n", 1)
        found = [*_SYSTEM, *self._processes()]
        for position, word in enumerate(words):
            if word == "/fi":
                found = _filtered(found, words[position + 1])
        if not found:
            return Answer.text("INFO: No tasks are running which match the specified criteria.\r\n")
        lines = [] if "/nh" in words else [_HEADER]
        return Answer.text("".join(line + "\r\n" for line in [*lines, *map(_line, found)]))


def _filtered(processes: list[Process], text: str) -> list[Process]:
    name, _, wanted = text.split(maxsplit=2)
    if name == "pid":
        return [process for process in processes if str(process.pid) == wanted]
    return [process for process in processes if process.name.casefold() == wanted]


def _line(process: Process) -> str:
    number = 0 if process.session == "Services" else 2
    return f'"{process.name}","{process.pid}","{process.session}","{number}","48,324 K"'
