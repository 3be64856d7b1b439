# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of one side (the instance, or the old version), taken apart on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..policy.layouts import Layout
from . import json_text, xml
from .document import Document
from .results import NotWellFormed


class Side:
    """Texts by case-folded file name. Flat files can be changed through their documents. ``label``: what messages about texts that
    cannot be read begin with.
    """

    def __init__(self, texts: Mapping[str, str], label: str = "") -> None:
        self._texts = texts
        self._label = label
        self._documents: dict[str, Document] = {}
        self._values: dict[str, dict[str, str]] = {}

    def knows(self, file: str) -> bool:
        return file in self._texts or file in self._documents

    def document(self, file: str) -> Document | None:
        """A flat file, None if there is none. Raises NotWellFormed."""
        if file not in self._documents:
            if file not in self._texts:
                return None
            try:
                self._documents[file] = Document.parse(self._texts[file])
            except NotWellFormed as error:
                raise NotWellFormed(f"{self._label}{error}") from error
        return self._documents[file]

    def create(self, file: str) -> Document:
        """A new flat file without anything in it."""
        return self._documents.setdefault(file, Document())

    def documents(self) -> Iterable[str]:
        """The files that have been looked into or created."""
        return tuple(self._documents)

    def text(self, file: str) -> str | None:
        """The file as it is by now; None if there is none, or if nothing is left of one that was created."""
        document = self._documents.get(file)
        if document is None:
            return self._texts.get(file)
        return document.text if document.entries or file in self._texts else None

    def values(self, file: str, kind: str) -> Mapping[str, str]:
        """The values of an XML or JSON file by case-folded name. Raises NotWellFormed, also for one with two different values."""
        if file not in self._values:
            text = self._texts.get(file, "")
            try:
                found = (xml if kind == "xml" else json_text).values(text) if text else []
            except NotWellFormed as error:
                raise NotWellFormed(f"{self._label}{error}") from error
            known: dict[str, str] = {}
            for name, value in found:
                if known.setdefault(name.casefold(), value) != value:
                    known[name.casefold()] = AMBIGUOUS
            self._values[file] = known
        return self._values[file]

    def value(self, file: str, kind: str, name: str) -> str | None:
        """One value, None if there is none."""
        value = self.values(file, kind).get(name.casefold())
        if value == AMBIGUOUS:
            raise NotWellFormed(f"{name!r} stands several times with different values, where one is wanted")
        return value


AMBIGUOUS = "\0"
"""Stands for several values of one name; no file can hold it."""


def format_of(file: str, text: str, layouts: Iterable[Layout | None]) -> str:
    """The format of a file: as a layout says, or else what it looks like."""
    for layout in layouts:
        known = layout.file(file) if layout else None
        if known:
            return known.format
    return {"<": "xml", "{": "json"}.get(text.lstrip("\ufeff \t\r\n")[:1], "flat")
