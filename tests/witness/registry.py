# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The registry of a Wine host: that of its prefix, with the face of the stand-in's own."""

from __future__ import annotations

import re
import struct
import subprocess
import threading
import time
from pathlib import Path

from standin.windows.registry import Data, ExpandString, QWord, Registry

from . import programs

_FILES = {"HKLM": "system.reg", "HKCU": "user.reg"}
_STRING, _EXPAND, _BINARY, _DWORD, _MULTI, _QWORD = 1, 2, 3, 4, 7, 11
# What Wine itself changes all the time is not compared.
_COMPARED = (r"HKLM\SOFTWARE\Comindware", r"HKLM\SOFTWARE\CMW Lab")
_SECTION = re.compile(r"^\[(.*)\] \d+", re.MULTILINE)
_VALUE = re.compile(r'^(@|"(?:[^"\\]|\\.)*")=(.*)$')


class WineRegistry(Registry):
    """While the host is off it is the files of the prefix, while it is up a program in it is asked."""

    def __init__(self, prefix: Path, environment: dict[str, str]) -> None:
        self._prefix, self._environment = prefix, environment
        self._door: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()

    def open(self) -> None:
        """The host has been switched on."""
        command = ["wine", rf"C:\w\{programs.native('registry').name}"]
        self._door = subprocess.Popen(
            command,
            env=self._environment,
            cwd=self._prefix / "drive_c",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """It is going to be switched off."""
        with self._guard:
            if self._door:
                self._door.kill()
                self._door.communicate()
            self._door = None

    def write(self, key: str, values: dict[str, Data]) -> None:
        if not self._door:
            self._append(key, values)
            return
        known = {name.casefold(): name for name in self.read(key) or {}}
        if not values:
            self._ask("SET", _hex(key), "-")
        for name, data in values.items():
            kind, content = _encoded(data)
            self._ask("SET", _hex(key), _hex(known.get(name.casefold(), name)), str(kind), content.hex() or "-")

    def read(self, key: str) -> dict[str, Data] | None:
        if not self._door:
            return self._parsed(key)
        word, *values = self._ask("GET", _hex(key))
        if word == "none":
            return None
        found = {}
        for value in values:
            name, kind, content = value.split(":")
            found[_text(name)] = _decoded(int(kind), bytes.fromhex(content.strip("-")))
        return found

    def keys(self, key: str) -> list[str]:
        """Names of the subkeys of a host that is up, in lower case: Mono's registry keeps no other, and tests expect it."""
        return sorted(_text(name).lower() for name in self._ask("KEYS", _hex(key))[1:])

    def delete(self, key: str) -> None:
        self._ask("DELETE", _hex(key))

    def everything(self) -> dict[str, dict[str, Data]]:
        found: dict[str, dict[str, Data]] = {}
        for key in _COMPARED:
            self._collect(key, found)
        return found

    def _collect(self, key: str, found: dict[str, dict[str, Data]]) -> None:
        values = self.read(key)
        if values is not None:
            found[key] = values
            for name in self.keys(key):
                self._collect(rf"{key}\{name}", found)

    def _ask(self, *words: str) -> list[str]:
        with self._guard:
            assert self._door and self._door.stdin and self._door.stdout, "the host is off"
            self._door.stdin.write(" ".join(words).encode() + b"\n")
            self._door.stdin.flush()
            answer = self._door.stdout.readline().split()
        if not answer or answer[0] == b"error":
            raise OSError(
                f"{words[0]} {_text(words[1])} of the registry of {self._prefix}: {b' '.join(answer).decode()}"
            )
        return [word.decode() for word in answer]

    def _file(self, key: str) -> tuple[Path, str]:
        hive, below = key.split("\\", 1)
        return self._prefix / _FILES[hive], below

    def _append(self, key: str, values: dict[str, Data]) -> None:
        """A key that is there already gets what a second section of it says."""
        file, below = self._file(key)
        lines = ["", f"[{_escaped(below)}] {int(time.time())}"]
        for name, data in values.items():
            kind, content = _encoded(data)
            left = f'"{_escaped(name)}"' if name else "@"
            lines.append(f"{left}=hex({kind:x}):" + ",".join(f"{byte:02x}" for byte in content))
        with file.open("a", encoding="ascii") as opened:
            opened.write("\n".join(lines) + "\n")

    def _parsed(self, key: str) -> dict[str, Data] | None:
        """What `_append` has written; Wine's own values have other forms, and nobody asks for them while the host is off."""
        file, below = self._file(key)
        text, wanted = file.read_text(encoding="utf-8"), _escaped(below).casefold()
        found: dict[str, Data] | None = None
        for section in _SECTION.finditer(text):
            if section[1].casefold() != wanted:
                continue
            found = found or {}
            for line in text[section.end() :].partition("\n[")[0].splitlines():
                match = _VALUE.match(line)
                if match and match[2].startswith("hex("):
                    kind, content = match[2].removeprefix("hex(").split("):", 1)
                    name = "" if match[1] == "@" else _plain(match[1][1:-1])
                    found[name] = _decoded(int(kind, 16), bytes.fromhex(content.replace(",", "")))
        return found


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(letter if letter.isascii() else f"\\x{ord(letter):04x}" for letter in text)


def _plain(text: str) -> str:
    return re.sub(r"\\x([0-9a-f]{4})|\\(.)", lambda match: chr(int(match[1], 16)) if match[1] else match[2], text)


def _hex(text: str) -> str:
    return text.encode("utf-16-le").hex() or "-"


def _text(word: str) -> str:
    return bytes.fromhex(word.strip("-")).decode("utf-16-le")


def _encoded(data: Data) -> tuple[int, bytes]:
    if isinstance(data, bytes):
        return _BINARY, data
    if isinstance(data, list):
        return _MULTI, ("".join(f"{line}\0" for line in data) + "\0").encode("utf-16-le")
    if isinstance(data, int):
        return (_QWORD, struct.pack("<q", data)) if isinstance(data, QWord) else (_DWORD, struct.pack("<i", data))
    return (_EXPAND if isinstance(data, ExpandString) else _STRING), f"{data}\0".encode("utf-16-le")


def _decoded(kind: int, content: bytes) -> Data:
    if kind == _DWORD:
        return int(struct.unpack("<i", content)[0])
    if kind == _QWORD:
        return QWord(struct.unpack("<q", content)[0])
    if kind == _MULTI:
        return content.decode("utf-16-le").rstrip("\0").split("\0")
    if kind in (_STRING, _EXPAND):
        text = content.decode("utf-16-le").removesuffix("\0")
        return ExpandString(text) if kind == _EXPAND else text
    return content
