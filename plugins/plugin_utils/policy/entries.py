# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The mappings of policy files, read field by field, with the place of everything that is wrong in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..model.values import shown, with_hint
from ..model.versions import Version, VersionError
from .ranges import ANY, Range, Release, parse_range

_ITEM = re.compile(r"(?P<field>.+): item (?P<number>[0-9]+)")
_DOTTED = re.compile(r"[0-9]+(\.[0-9]+)*")


class PolicyError(ValueError):
    """A policy that cannot be used; ``mistakes`` has one sentence for each mistake, with its place."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("The upgrade policy cannot be used. Correct:\n" + "\n".join(f"- {text}" for text in mistakes))


class Located(dict[Any, Any]):
    """A mapping that knows where it stands: ``mark`` is ``file:line`` of itself, ``marks`` that of each key."""

    def __init__(self, fields: Mapping[Any, Any], mark: str, marks: Mapping[Any, str]) -> None:
        super().__init__(fields)
        self.mark = mark
        self.marks = {key_text(key): place for key, place in marks.items()}

    def over(self, before: Located) -> Located:
        """A mapping of an earlier file with this one laid over it, key by key."""
        return Located({**before, **self}, self.mark, {**before.marks, **self.marks})


class Items(list[Any]):
    """A list that knows where it stands: ``marks`` has ``file:line`` of each item."""

    def __init__(self, items: Iterable[Any], marks: Iterable[str]) -> None:
        super().__init__(items)
        self.marks = list(marks)


def key_text(key: Any) -> str:
    """A key as it is written, whatever YAML takes it for."""
    return key if isinstance(key, str) else shown(key)


class Entry:
    """One mapping of a policy file, read field by field.

    A field that is wrong is added to the mistakes and read as something harmless, so that reading goes on.
    """

    def __init__(self, fields: Located, path: str, mistakes: list[str]) -> None:
        self.fields = fields
        self._path = f"{path}: " if path else ""
        self._mistakes = mistakes
        self._known: set[str] = set()

    def wrong(self, key: str, problem: str) -> None:
        """Note a mistake in a field, or in an item of it: ``steps: item 2``."""
        self._mistakes.append(f"{self.mark(key)}: {self._path}{key}: {problem}")

    def mark(self, key: str) -> str:
        """Where a field, or an item of it, stands: ``file:line``."""
        item = _ITEM.fullmatch(key)
        field = item["field"] if item else key
        value = self.fields.get(field)
        if item and isinstance(value, Items):
            return value.marks[int(item["number"]) - 1]
        return self.fields.marks.get(field, self.fields.mark)

    def over(self, before: Entry) -> Entry:
        """The entry laid over that of an earlier file."""
        return Entry(self.fields.over(before.fields), self._path.removesuffix(": "), self._mistakes)

    def get(self, key: str) -> Any:
        """The raw value, None if absent."""
        self._known.add(key)
        return self.fields.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        return self._as_text(key, value)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, empty if absent."""
        return tuple(self._as_text(f"{key}: item {n}", item) for n, item in enumerate(self.items(key), start=1))

    def dotted(self, key: str) -> str:
        """Numbers with dots between them."""
        text = self.text(key)
        if text and not _DOTTED.fullmatch(text):
            self.wrong(key, f"wanted numbers with dots between them, such as 8.0.408, found {shown(text)}")
        return text

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            self.wrong(key, "is missing" if value is None else f"wanted true or false, found {shown(value)}")
            return False
        return value

    def number(self, key: str) -> int:
        """A whole number above zero."""
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            self.wrong(key, "is missing" if value is None else f"wanted a whole number above 0, found {shown(value)}")
            return 1
        return value

    def version(self, key: str) -> Version | None:
        """A version, or None if absent or null."""
        text = self.text(key, default="")
        if not text:
            return None
        try:
            return Version.parse(text)
        except VersionError as error:
            self.wrong(key, str(error))
            return None

    def range(self, key: str, releases: Mapping[str, Release]) -> Range:
        """A range of versions."""
        text = self.text(key)
        try:
            return parse_range(text, releases) if text else ANY
        except ValueError as error:
            self.wrong(key, str(error))
            return ANY

    def choice(self, key: str, choices: Collection[str]) -> str:
        """One of some texts."""
        text = self.text(key)
        return self.one_of(key, text, choices) if text else ""

    def one_of(self, key: str, value: Any, choices: Collection[str]) -> str:
        """The value, if it is one of the choices."""
        if not isinstance(value, str) or value not in choices:
            self.wrong(key, f"wanted one of {', '.join(choices)}, found {shown(value)}")
            return ""
        return value

    def items(self, key: str) -> list[Any]:
        """A list, empty if absent."""
        value = self.get(key)
        if value is not None and not isinstance(value, list):
            self.wrong(key, f"wanted a list, found {shown(value)}")
            return []
        return value or []

    def inner(self, key: str, value: Any, path: str = "") -> Entry:
        """A mapping inside this one; ``path``: how messages call it, by default by its key."""
        if not isinstance(value, Mapping):
            self.wrong(key, f"wanted a mapping, found {shown(value)}")
            value = {}
        fields = value if isinstance(value, Located) else Located(value, self.mark(key), {})
        return Entry(fields, path or f"{self._path}{key}", self._mistakes)

    def inners(self, key: str) -> Iterator[Entry]:
        """The mappings of a list."""
        for number, item in enumerate(self.items(key), start=1):
            yield self.inner(f"{key}: item {number}", item)

    def finish(self, wanted: Iterable[str] = (), problem: str = "is no field here") -> None:
        """Report the fields that nobody asked for: most are misspelt. ``wanted``: their order in the message."""
        for key in sorted(set(self.fields) - self._known, key=key_text):
            self.wrong(key_text(key), f"{problem}; wanted: {', '.join(wanted or sorted(self._known))}")

    def _as_text(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "is missing" if value is None else f"wanted a text, found {with_hint(value)}")
            return ""
        return value.strip()
