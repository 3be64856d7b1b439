# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns the merged entries of policy files into rules, and says everything that is wrong with them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..model.versions import Version, VersionError
from .hops import METHODS, Ban, Hop, Input, Note, Text, When
from .ranges import Range, Release, parse_range
from .search import Policy

_NOTHING = Text("", "")
_ANY = parse_range("any", {})


class PolicyError(ValueError):
    """A policy that cannot be used; ``mistakes`` has one sentence for each mistake, with its place."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("The upgrade policy cannot be used. Correct:\n" + "\n".join(f"- {text}" for text in mistakes))


class Entry:
    """One mapping of a policy file, read field by field.

    A field that is wrong is added to the mistakes and read as something harmless, so that reading goes on.
    """

    def __init__(self, fields: Mapping[str, Any], place: str, mistakes: list[str]) -> None:
        self.fields = fields
        self._place = place
        self._mistakes = mistakes
        self._known: set[str] = set()

    def wrong(self, key: str, problem: str) -> None:
        """Note a mistake in a field."""
        self._mistakes.append(f"{self._place}: {key}: {problem}")

    def get(self, key: str) -> Any:
        """The raw value, None if absent."""
        self._known.add(key)
        return self.fields.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, "is missing" if value is None else f"wanted a text, found {value!r}{_quote_hint(value)}")
            return ""
        return value.strip()

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            self.wrong(key, "is missing" if value is None else f"wanted true or false, found {value!r}")
            return False
        return value

    def version(self, key: str) -> Version | None:
        """A version, or None if absent or null."""
        value = self.get(key)
        if value is None:
            return None
        try:
            return Version.parse(value)
        except VersionError as error:
            self.wrong(key, str(error))
            return None

    def range(self, key: str, releases: Mapping[str, Release]) -> Range:
        """A range of versions."""
        text = self.text(key)
        try:
            return parse_range(text, releases) if text else _ANY
        except ValueError as error:
            self.wrong(key, str(error))
            return _ANY

    def method(self, key: str, value: Any) -> str:
        """One of the methods of a hop."""
        if value not in METHODS:
            self.wrong(key, f"wanted one of {', '.join(METHODS)}, found {value!r}")
        return str(value)

    def items(self, key: str) -> list[Any]:
        """A list, empty if absent."""
        value = self.get(key)
        if value is not None and not isinstance(value, list):
            self.wrong(key, f"wanted a list, found {value!r}")
            return []
        return value or []

    def inner(self, key: str, value: Any) -> Entry:
        """A mapping inside this one."""
        if not isinstance(value, Mapping):
            self.wrong(key, f"wanted a mapping, found {value!r}")
            value = {}
        return Entry(value, f"{self._place}: {key}", self._mistakes)

    def finish(self) -> None:
        """Report the fields that nobody asked for: most are misspelt."""
        for key in sorted(set(self.fields) - self._known, key=str):
            self.wrong(str(key), f"is no field here; wanted: {', '.join(sorted(self._known))}")


def build(versions: Iterable[Entry], sections: Mapping[str, Mapping[str, Entry]], mistakes: list[str]) -> Policy:
    """The policy that the entries make; raises PolicyError with these mistakes and those found here."""
    releases = {name: _release(name, entry) for name, entry in sections["releases"].items()}
    texts = {name: _text(entry) for name, entry in sections["texts"].items()}
    reading = _Reading(releases, texts)
    named = [entry.version("version") for entry in versions]
    hops = tuple(reading.hop(name, entry) for name, entry in sections["hops"].items())
    bans = tuple(reading.ban(name, entry) for name, entry in sections["forbidden"].items())
    for section in sections.values():
        for entry in section.values():
            entry.get("id")
            entry.finish()
    if mistakes:
        raise PolicyError(mistakes)
    return Policy(hops, bans, tuple(sorted({version for version in named if version})))


def _quote_hint(value: Any) -> str:
    return ", a number: put it in quotes" if isinstance(value, int | float) else ""


def _text(entry: Entry) -> Text:
    return Text(entry.text("en"), entry.text("ru"))


def _release(name: str, entry: Entry) -> Release:
    release = Release(
        name,
        entry.version("build"),
        entry.version("newest_before"),
        entry.version("oldest_since"),
        entry.text("source"),
    )
    before, since = release.newest_before, release.oldest_since
    if release.build is None and before is None and since is None:
        entry.wrong("build", "is missing; where it is unknown, give newest_before or oldest_since")
    if release.build is None and before is not None and since is not None and before >= since:
        entry.wrong("newest_before", f"{before} is not below oldest_since {since}")
    return release


class _Reading:
    """Reads hops and bans with the releases and texts that they refer to."""

    def __init__(self, releases: Mapping[str, Release], texts: Mapping[str, Text]) -> None:
        self._releases = releases
        self._texts = texts

    def hop(self, name: str, entry: Entry) -> Hop:
        return Hop(
            id=name,
            start=entry.range("from", self._releases),
            target=entry.range("to", self._releases),
            method=entry.method("method", entry.text("method")),
            data_upgrade=entry.flag("data_upgrade"),
            reversible=entry.flag("reversible"),
            requirements=self._notes(entry, "requirements"),
            inputs=tuple(self._input(entry, n, item) for n, item in enumerate(entry.items("inputs"), start=1)),
            advisories=self._notes(entry, "advisories"),
            before_next=self._notes(entry, "before_next"),
            not_covered_by_rollback=self._notes(entry, "not_covered_by_rollback"),
            source=entry.text("source"),
        )

    def ban(self, name: str, entry: Entry) -> Ban:
        methods = entry.items("methods") or list(METHODS)
        return Ban(
            id=name,
            start=entry.range("from", self._releases),
            target=entry.range("to", self._releases),
            methods=tuple(entry.method("methods", method) for method in methods),
            reason=_text(entry),
            source=entry.text("source"),
        )

    def _notes(self, entry: Entry, key: str) -> tuple[Note, ...]:
        return tuple(self._note(entry, f"{key}: item {n}", item) for n, item in enumerate(entry.items(key), start=1))

    def _note(self, entry: Entry, place: str, item: Any) -> Note:
        note = entry.inner(place, {"id": item} if isinstance(item, str) else item)
        made = Note(note.text("id"), self._said(note), self._when(note), note.flag("acknowledge", default=False))
        note.finish()
        return made

    def _input(self, entry: Entry, number: int, item: Any) -> Input:
        note = entry.inner(f"inputs: item {number}", item)
        pattern = note.text("pattern", default=".+")
        try:
            re.compile(pattern)
        except re.error as error:
            note.wrong("pattern", f"{pattern!r} is no regular expression: {error}")
        made = Input(
            note.text("id"), self._said(note), self._when(note), directive=note.text("directive"), pattern=pattern
        )
        note.finish()
        return made

    def _said(self, note: Entry) -> Text:
        """The sentence given here, or the one of the list of texts with the same id."""
        if note.get("en") is not None or note.get("ru") is not None:
            return _text(note)
        name = note.get("id")
        if isinstance(name, str) and name not in self._texts:
            note.wrong("id", f"{name!r} is not in the list of texts; add it there, or give en and ru here")
        return self._texts.get(name, _NOTHING) if isinstance(name, str) else _NOTHING

    def _when(self, note: Entry) -> When:
        value = note.get("when")
        if value is None:
            return When(None, None)
        when = note.inner("when", value)
        made = When(
            when.range("from", self._releases) if when.get("from") is not None else None,
            when.range("to", self._releases) if when.get("to") is not None else None,
        )
        when.finish()
        return made
