# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The registry of a stand-in host, in the files that Mono keeps (seen with Mono 6.8).

A key is a folder below the hive, its name in lower case; its values are in `values.xml`. There is one view only.
"""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Union
from xml.etree import ElementTree

Data = Union[str, int, bytes, "list[str]"]

_HIVES = {"HKLM": "LocalMachine", "HKCU": "CurrentUser"}


class ExpandString(str):
    """A REG_EXPAND_SZ; a plain `str` is a REG_SZ."""


class QWord(int):
    """A REG_QWORD; a plain `int` is a REG_DWORD."""


class Registry:
    """Reads and writes keys such as `HKLM\\SOFTWARE\\Comindware`; names ignore case, as on Windows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, key: str, values: dict[str, Data]) -> None:
        """Create the key if need be and set values in it; other values of the key stay."""
        known = self.read(key) or {}
        folded = {name.casefold(): name for name in known}
        for name, data in values.items():
            known[folded.get(name.casefold(), name)] = data
        path = self._folder(key)
        path.mkdir(parents=True, exist_ok=True)
        root = ElementTree.Element("values")
        for name, data in known.items():
            root.append(_element(name, data))
        draft = path / "values.xml.draft"
        ElementTree.ElementTree(root).write(draft, encoding="utf-8")
        draft.replace(path / "values.xml")

    def read(self, key: str) -> dict[str, Data] | None:
        """The values of a key, or None if there is no such key."""
        path = self._folder(key)
        if not path.is_dir():
            return None
        file = path / "values.xml"
        if not file.exists() or not file.stat().st_size:
            return {}
        return {node.get("name", ""): _data(node) for node in ElementTree.parse(file).getroot()}

    def value(self, key: str, name: str) -> Data | None:
        values = self.read(key) or {}
        return next((data for known, data in values.items() if known.casefold() == name.casefold()), None)

    def keys(self, key: str) -> list[str]:
        """Names of the subkeys; Mono keeps them in lower case."""
        path = self._folder(key)
        return sorted(entry.name for entry in path.iterdir() if entry.is_dir()) if path.is_dir() else []

    def delete(self, key: str) -> None:
        shutil.rmtree(self._folder(key), ignore_errors=True)

    def everything(self) -> dict[str, dict[str, Data]]:
        """All values of all keys, by key, for comparisons."""
        found = {}
        for hive, folder in _HIVES.items():
            for file in sorted((self.folder / folder).rglob("values.xml")):
                key = "\\".join((hive, *file.parent.relative_to(self.folder / folder).parts))
                found[key] = self.read(key) or {}
        return found

    def _folder(self, key: str) -> Path:
        hive, *names = key.split("\\")
        return self.folder.joinpath(_HIVES[hive], *(name.lower() for name in names))


def _element(name: str, data: Data) -> ElementTree.Element:
    node = ElementTree.Element("value", {"name": name})
    if isinstance(data, bytes):
        node.set("type", "bytearray")
        node.text = base64.b64encode(data).decode()
    elif isinstance(data, list):
        node.set("type", "string-array")
        for line in data:
            ElementTree.SubElement(node, "string").text = line
    elif isinstance(data, int):
        node.set("type", "qword" if isinstance(data, QWord) else "int")
        node.text = str(int(data))
    else:
        node.set("type", "expand" if isinstance(data, ExpandString) else "string")
        node.text = str(data)
    return node


def _data(node: ElementTree.Element) -> Data:
    text = node.text or ""
    kind = node.get("type")
    if kind == "bytearray":
        return base64.b64decode(text)
    if kind == "string-array":
        return [line.text or "" for line in node]
    if kind in ("int", "qword"):
        return QWord(text) if kind == "qword" else int(text)
    return ExpandString(text) if kind == "expand" else text
