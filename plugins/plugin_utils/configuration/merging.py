# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of one file: merged, kept, taken from the new version, or given by the operator."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..policy.layouts import INSTANCE_FILE
from . import flat, json_text, xml
from .carrying import Carrying
from .choices import Choice
from .document import Document
from .results import Conflict, Merged, NotWellFormed, hidden, shown
from .situation import Notice, Situation
from .text import newline_of, unified_diff, with_newline

VERSION = "version"
"""The directive of the instance's yml that records its version."""

_VERSION_LINE = re.compile(rf"(?m)^{VERSION}:[ \t]*[^\s#]+")
_DECLARED = re.compile(r"""(\A<\?xml[^>]*?encoding\s*=\s*["'])([\w.\-]+)""")
_MERGERS = {"flat": flat.merge, "xml": xml.merge, "json": json_text.merge}


@dataclass
class Outcome:
    """What a file becomes. ``given``: by the operator, so that nothing is made equal in it."""

    name: str
    text: str
    given: bool = False


class Merging:
    """Decides file by file; collects what there is to say about that. ``without_template``: files whose new form is unknown."""

    def __init__(self, carrying: Carrying, situation: Situation, choices: Mapping[str, Choice]) -> None:
        self.carrying = carrying
        self.situation = situation
        self.choices = choices
        self.notices: list[Notice] = []
        self.conflicts: list[Conflict] = []
        self.without_template: list[str] = []

    def outcome(self, name: str) -> Outcome | None:
        """What becomes of the file; None if it stays as it is, or is not there at all."""
        key = name.casefold()
        original = self.situation.ours.get(key)
        name = original.name if original else name
        kind = self.carrying.format(key)
        content = self.choices.get(key, Choice()).content
        try:
            if content is not None:
                return self._given(name, kind, content)
            self.carrying.demand(key)
            return self._merged(name, kind)
        except NotWellFormed as error:
            self.say(
                "blocker", "not_well_formed", f"{name} cannot be merged: {error}. Mend it, or give a whole file for it."
            )
        return None

    def newline(self, key: str) -> str:
        """The line ends that the result has: the instance's own; in a created file those of the new version, or of Windows."""
        original = self.situation.ours.get(key)
        text = original.text if original else self.situation.theirs.get(key, "")
        return newline_of(text) or "\r\n"

    def say(self, level: str, code: str, message: str) -> None:
        self.notices.append(Notice(level, code, message))

    def _given(self, name: str, kind: str, content: str) -> Outcome | None:
        """The operator's own file, if it is what its format demands."""
        try:
            if kind == "flat":
                Document.parse(content)
            else:
                (xml if kind == "xml" else json_text).check(content)
        except NotWellFormed as error:
            self.say("blocker", "not_well_formed", f"The file that was given for {name} cannot be used: {error}.")
            return None
        return Outcome(name, with_newline(content, self.newline(name.casefold())), given=True)

    def _merged(self, name: str, kind: str) -> Outcome | None:
        key = name.casefold()
        ours, theirs = self._ours(key), self.situation.theirs.get(key)
        if theirs is None:
            if ours is None:
                return None
            self.without_template.append(name)
            return Outcome(name, ours)
        theirs = theirs.removeprefix("\ufeff")
        if ours is None:
            return Outcome(name, theirs)
        base = self._base(key, kind, theirs)
        if base is None:
            return Outcome(name, self._without_base(name, ours, theirs))
        if key == INSTANCE_FILE:
            base, theirs = (
                _VERSION_LINE.sub(f"{VERSION}: {self.situation.version}", text, 1) for text in (base, theirs)
            )
        elif kind == "xml":
            base, theirs = _declared_as(ours, base), _declared_as(ours, theirs)
        merged = _MERGERS[kind](name, base, ours, theirs, self.choices.get(key, Choice()))
        self._take(merged)
        return Outcome(name, merged.text)

    def _ours(self, key: str) -> str | None:
        """The instance's file after the renames, with the new version in it where that is recorded."""
        document = self.carrying.document(key) if key == INSTANCE_FILE else None
        self.carrying.demand(key)
        if document is not None and VERSION in document:
            document.set(VERSION, str(self.situation.version))
        return self.carrying.ours.text(key)

    def _base(self, key: str, kind: str, theirs: str) -> str | None:
        """The old version's file after the renames; None where nobody knows it."""
        if kind != "flat":
            text = self.situation.base.get(key)
            return None if text is None else text.removeprefix("\ufeff")
        outputs, unfounded = self.carrying.outputs.get(key, set()), self.carrying.unfounded.get(key, set())
        if not outputs:
            return self.carrying.base.text(key)
        base = self.carrying.base.document(key)
        if base is None:
            if key in self.situation.ours:
                return None
            base = Document()
        new = Document.parse(theirs)
        for output in outputs:
            entry = new.get(output)
            if entry is None and output in base:
                base.remove(output)  # carried over by name, it stays even where the new file leaves it out
            elif entry is not None and output not in base and output in unfounded:
                base.add(entry.copy())  # without its old pristine value, the instance's counts as changed
        if unfounded:
            self.say(
                "warning",
                "base_unknown",
                f"The old version's own values of these directives of {key} are not known, so the instance's were all carried over, "
                f"changed or not: {', '.join(sorted(unfounded))}.",
            )
        return base.text

    def _without_base(self, name: str, ours: str, theirs: str) -> str:
        """One of the two files where the old version's is unknown: the operator's choice, never an overwrite without a word."""
        if with_newline(ours, "\n") == with_newline(theirs, "\n"):
            return ours
        word = self.choices.get(name.casefold(), Choice()).conflict
        difference = hidden(unified_diff(name, ours, theirs, "instance", "new version"))
        unknown = f"The old version's pristine {name} is not known, so nobody can tell what the instance changed in it."
        if word == "stop":
            wanted = "Decide for this file: ours, theirs, or a file that you give."
            self.say("blocker", "base_unknown", f"{unknown} {wanted}\n{difference}")
            return ours
        side = "instance's file stays" if word == "ours" else "new version's file replaces the instance's"
        self.say("warning", "base_unknown", f"{unknown} The {side}, as chosen.\n{difference}")
        return ours if word == "ours" else with_newline(theirs, self.newline(name.casefold()))

    def _take(self, merged: Merged) -> None:
        for note in merged.notes:
            self.say("warning", "merge_note", note)
        self.conflicts += merged.conflicts
        for conflict in merged.conflicts:
            self.say(
                "blocker",
                "conflict",
                f"{conflict.file}, {conflict.where}: the instance and the new version changed this in different ways. "
                f"Old version: {shown(conflict.base)}; instance: {shown(conflict.ours)}; new version: {shown(conflict.theirs)}. "
                f"Answer {conflict.id!r} of this file with ours or theirs, or give the file.",
            )


def _declared_as(ours: str, text: str) -> str:
    """The XML with the encoding in its declaration that the instance's file has: that is how it will be written."""
    own = _DECLARED.search(ours)
    return _DECLARED.sub(lambda match: match[1] + own[2], text) if own else text
