# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The door to the readers that load the product's files on Windows: Microsoft's System.Configuration and System.Text.Json.

    with Readers() as readers:
        read = readers.configuration(merged)
        assert read.ok, read.why

Each question is a line of JSON to one process under Wine, the answer another::

    {"kind": "config" | "json" | "xml", "path": "C:\\..." | "text": "..."}
    {"ok": true, "sections": [...], "settings": {...}, ...} | {"ok": false, "error": "...", "line": 3, "refusals": [...]}
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from witness import prefix

from .laws import Refusal, breaches
from .program import MACHINE, WORK, compiled

__all__ = ["Died", "Read", "Readers", "Refusal"]

PATIENCE_SECONDS = 120
"""No file takes so long, however busy the machine is."""

_DECLARED = re.compile(r"""\A\ufeff?<\?xml[^>]*\bencoding=["']([^"']+)""")


@dataclass(frozen=True)
class Read:
    """What a reader made of a file. Only what its kind has is filled; of a refused file, what was read before."""

    refusals: tuple[Refusal, ...] = ()
    sections: tuple[str, ...] = ()
    """Paths of the sections that stand in a configuration file."""
    unread: tuple[str, ...] = ()
    """Those of them whose type is in an assembly of somebody else: their place was checked, their content was not."""
    settings: Mapping[str, str | None] = field(default_factory=dict)
    """appSettings. Of keys that differ in case only, the later one has won."""
    connections: Mapping[str, str | None] = field(default_factory=dict)
    """connectionStrings by name, but for those of the machine."""
    locations: tuple[str, ...] = ()
    values: Mapping[str, str | None] = field(default_factory=dict)
    """A JSON file as ASP.NET Core sees it: `Kestrel:Limits:0` and the like. Before .NET 10 a null was "" and an empty array null."""
    twice: tuple[str, ...] = ()
    """Keys that stand twice in one JSON object, without case, whether that was refused or not."""

    @property
    def ok(self) -> bool:
        return not self.refusals

    @property
    def error(self) -> str:
        return self.refusals[0].error if self.refusals else ""

    @property
    def line(self) -> int | None:
        return self.refusals[0].line if self.refusals else None

    @property
    def why(self) -> str:
        """All refusals, for a message."""
        return "; ".join(map(str, self.refusals))


class Died(Exception):
    """The readers' process ended, or was ended because it did not answer; the text has what it said last."""


class Readers:
    """One process that loads as many files as are wanted. Raises bundle.Missing on entry."""

    def __enter__(self) -> Readers:
        with ExitStack() as stack:
            self.place = place = stack.enter_context(prefix.throw_away({WORK: compiled()}))
            self._files = place / "drive_c" / "files"
            self._files.mkdir()
            self._errors = place / "errors"
            errors = stack.enter_context(self._errors.open("wb"))
            self.process = subprocess.Popen(
                ["wine", r"W:\readers.exe", rf"W:\{MACHINE}"],
                env=prefix.environment(place),
                cwd=place / "drive_c",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                encoding="utf-8",
            )
            stack.callback(self._end)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _end(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(BrokenPipeError):  # a question that nobody took
                assert pipe
                pipe.close()
        self.process.wait()

    def configuration(
        self, content: str | bytes, name: str = "Web.config", beside: Mapping[str, str | bytes] | None = None
    ) -> Read:
        """Load a file with System.Configuration, and judge by laws.py what that leaves to IIS and ASP.NET.

        A text is written in the encoding that it declares.
        ``beside``: files that it may name in ``configSource`` or ``file``, by their paths relative to it.
        """
        return self._read("config", name, content, beside or {})

    def json(self, content: str | bytes, name: str = "appsettings.json") -> Read:
        """Load a file as ASP.NET Core does."""
        return self._read("json", name, content, {})

    def xml(self, content: str | bytes, name: str = "logs.config") -> Read:
        """Load a file of which only XML is known, as those of NLog are."""
        return self._read("xml", name, content, {})

    def ask(self, question: Mapping[str, str]) -> dict[str, Any]:
        """Send a line as it is, and give the answer as it came."""
        assert self.process.stdin and self.process.stdout
        # The services that Wine starts hold the pipe too: all of them must go before the end of it is seen.
        patience = threading.Timer(PATIENCE_SECONDS, prefix.end, [self.place])
        patience.start()
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            patience.cancel()
            patience.join()
        if not answer:
            said = self._errors.read_text(encoding="utf-8", errors="replace")
            raise Died(f"{question}: {said[-4000:]}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def _read(self, kind: str, name: str, content: str | bytes, beside: Mapping[str, str | bytes]) -> Read:
        data = _encoded(content)
        for file, text in {**beside, name: data}.items():
            path = self._files / file.replace("\\", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_encoded(text))
        answer = self.ask({"kind": kind, "path": "C:\\files\\" + name.replace("/", "\\")})
        shutil.rmtree(self._files)
        self._files.mkdir()
        return _judged(answer, data if kind == "config" else None)


def _judged(answer: Mapping[str, Any], configuration: bytes | None) -> Read:
    refusals = [Refusal(one["by"], one["error"], one["line"]) for one in answer.get("refusals", ())]
    if configuration is not None and answer["xml"]:
        refusals += breaches(configuration)
    return Read(
        tuple(refusals),
        tuple(answer.get("sections", ())),
        tuple(answer.get("unread", ())),
        answer.get("settings", {}),
        answer.get("connections", {}),
        tuple(answer.get("locations", ())),
        answer.get("values", {}),
        tuple(answer.get("twice", ())),
    )


def _encoded(content: str | bytes) -> bytes:
    if isinstance(content, bytes):
        return content
    declared = _DECLARED.match(content)
    return content.encode(declared[1] if declared else "utf-8")
