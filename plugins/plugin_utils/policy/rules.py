# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns the merged entries of policy files into rules, and says everything that is wrong with them at once."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from typing import Any

from ..model import paths
from ..model.values import shown
from . import configuration_rules, names
from .entries import Entry, PolicyError
from .hops import CHECKS, METHODS, STEP_VALUES, Ban, Check, Hop, Input, Note, Procedure, Text
from .ranges import Release
from .search import Policy

_NOTHING = Text("", "")
_NOTE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "requirements": ("acknowledge", "check"),
    "advisories": ("acknowledge",),
    "before_next": ("check",),
    "not_covered_by_rollback": (),
}
"""The kinds of notes with the fields that make sense for each, besides the text and when."""


def build(versions: Iterable[Entry], sections: Mapping[str, Mapping[str, Entry]], mistakes: list[str]) -> Policy:
    """The policy that the entries make; raises PolicyError with these mistakes and those found here."""
    releases = {name: _release(name, entry) for name, entry in sections["releases"].items()}
    texts = {name: _text(entry) for name, entry in sections["texts"].items()}
    procedures = {name: _procedure(name, entry) for name, entry in sections["procedures"].items()}
    reading = _Reading(releases, texts, procedures)
    named = [entry.version("version") for entry in versions]
    hops = tuple(reading.hop(name, entry) for name, entry in sections["hops"].items())
    bans = tuple(reading.ban(name, entry) for name, entry in sections["forbidden"].items())
    layouts, directives, shared = configuration_rules.read(sections, releases)
    known = names.read(sections["names"])
    for section in sections.values():
        for entry in section.values():
            entry.get("id")
            entry.finish()
    if mistakes:
        raise PolicyError(mistakes)
    stops = tuple(sorted({version for version in named if version}))
    return Policy(hops, bans, stops, layouts, directives, shared, known)


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


def _procedure(name: str, entry: Entry) -> Procedure:
    steps = []
    for step in entry.inners("steps"):
        steps.append(_text(step))
        for language in ("en", "ru"):
            _check_braces(step, language)
        step.finish()
    if not steps:
        entry.wrong("steps", "is missing; wanted a list of steps, each with en and ru")
    return Procedure(name, tuple(steps), entry.text("source"))


def _check_braces(step: Entry, language: str) -> None:
    """Only values of an instance in braces, for the steps are filled with them on the day of the upgrade."""
    text = step.get(language)
    if not isinstance(text, str):
        return
    try:
        fields = [field for field in string.Formatter().parse(text) if field[1] is not None]
    except ValueError as error:
        step.wrong(language, f"the braces do not fit: {error}; a brace that is meant as such is written twice")
        return
    for _before, name, form, conversion in fields:
        if name not in STEP_VALUES or form or conversion:
            written = f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
            wanted = ", ".join(f"{{{known}}}" for known in STEP_VALUES)
            step.wrong(language, f"{{{written}}} is no value of an instance; wanted: {wanted}")


def _script_of(entry: Entry, method: str) -> str | None:
    """Where the host has the vendor's script of a hop; one that a user's file has made automatic may keep it."""
    script = entry.text("script", default="")
    if script and not paths.is_absolute(script):
        entry.wrong("script", f"wanted an absolute Windows path, found {shown(script)}")
    if method != "vendor_script":
        return None
    if not script:
        entry.wrong("script", "is missing; a hop by the vendor's script needs its path on the host")
    return script


class _Reading:
    """Reads hops and bans with the releases, texts and procedures that they refer to."""

    def __init__(
        self, releases: Mapping[str, Release], texts: Mapping[str, Text], procedures: Mapping[str, Procedure]
    ) -> None:
        self._releases = releases
        self._texts = texts
        self._procedures = procedures

    def hop(self, name: str, entry: Entry) -> Hop:
        method = entry.choice("method", METHODS)
        return Hop(
            id=name,
            start=entry.range("from", self._releases),
            target=entry.range("to", self._releases),
            method=method,
            data_upgrade=entry.flag("data_upgrade"),
            reversible=entry.flag("reversible"),
            requirements=self._notes(entry, "requirements"),
            inputs=tuple(self._input(item) for item in entry.inners("inputs")),
            advisories=self._notes(entry, "advisories"),
            before_next=self._notes(entry, "before_next"),
            not_covered_by_rollback=self._notes(entry, "not_covered_by_rollback"),
            source=entry.text("source"),
            procedure=self._procedure_of(entry, method),
            script=_script_of(entry, method),
        )

    def ban(self, name: str, entry: Entry) -> Ban:
        methods = entry.items("methods") or list(METHODS)
        return Ban(
            id=name,
            start=entry.range("from", self._releases),
            target=entry.range("to", self._releases),
            methods=tuple(entry.one_of("methods", method, METHODS) for method in methods),
            reason=_text(entry),
            source=entry.text("source"),
        )

    def _procedure_of(self, entry: Entry, method: str) -> Procedure | None:
        """The steps of a manual hop. One that a user's file has made automatic may keep the name of its old steps."""
        name = entry.text("procedure", default="")
        if name and name not in self._procedures:
            known = ", ".join(sorted(self._procedures)) or "empty"
            entry.wrong("procedure", f"{shown(name)} is not in the list of procedures ({known})")
        if method != "manual":
            return None
        if not name:
            entry.wrong("procedure", "is missing; a manual hop needs the steps that a person carries out")
        return self._procedures.get(name)

    def _notes(self, entry: Entry, key: str) -> tuple[Note, ...]:
        notes = []
        for number, item in enumerate(entry.items(key), start=1):
            note = entry.inner(f"{key}: item {number}", {"id": item} if isinstance(item, str) else item)
            notes.append(self._note(note, _NOTE_FIELDS[key]))
            note.finish()
        return tuple(notes)

    def _note(self, note: Entry, fields: tuple[str, ...]) -> Note:
        return Note(
            id=note.text("id"),
            text=self._said(note),
            when=configuration_rules.when(note, self._releases),
            acknowledge="acknowledge" in fields and note.flag("acknowledge", default=False),
            check=_check(note) if "check" in fields else None,
        )

    def _input(self, note: Entry) -> Input:
        pattern = note.text("pattern", default=".+")
        try:
            re.compile(pattern)
        except re.error as error:
            note.wrong("pattern", f"{shown(pattern)} is no regular expression: {error}")
        made = Input(
            id=note.text("id"),
            text=self._said(note),
            when=configuration_rules.when(note, self._releases),
            directive=note.text("directive"),
            pattern=pattern,
        )
        note.finish()
        return made

    def _said(self, note: Entry) -> Text:
        """The sentence given here, or the one of the list of texts with the same id."""
        if note.get("en") is not None or note.get("ru") is not None:
            return _text(note)
        name = note.get("id")
        if isinstance(name, str) and name not in self._texts:
            note.wrong("id", f"{shown(name)} is not in the list of texts; add it there, or give en and ru here")
        return self._texts.get(name, _NOTHING) if isinstance(name, str) else _NOTHING


def _check(note: Entry) -> Check | None:
    value = note.get("check")
    if value is None:
        return None
    check = note.inner("check", value)
    kind = check.choice("kind", CHECKS)
    if not kind:
        return None
    made = Check(kind, {name: _parameter(check, name, wanted) for name, wanted in CHECKS[kind].items()})
    check.finish()
    return made


def _parameter(check: Entry, name: str, wanted: type) -> Any:
    if wanted is bool:
        return check.flag(name)
    if wanted is int:
        return check.number(name)
    if wanted is str:
        return check.dotted(name)
    values = check.texts(name)
    if not values:
        check.wrong(name, "is missing; wanted a list of names")
    return values
