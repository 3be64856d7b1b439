# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renamed, moved and removed directives: what the policy says about them, applied to the instance's files and to the old
version's, so that merging sees no change where only a name is another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ..model.versions import Version
from ..policy.layouts import REGISTRY, Becomes, Directive, Place
from ..policy.search import Policy
from .comments import own_comments
from .document import Document, Entry
from .results import NotWellFormed, shown
from .scalars import anchors_of, text_of, written
from .sides import AMBIGUOUS, Side, format_of
from .situation import Notice, Situation
from .text import with_newline


@dataclass(frozen=True)
class _Found:
    """A directive's value. ``entry``: where it comes from a flat file."""

    entry: Entry | None
    text: str


class Carrying:
    """The two sides with all directives applied.

    ``outputs``: the keys that directives wrote into the instance's files, by file; ``unfounded``: those of them whose value in
    the old version nobody knows. ``used``: the keys that directives took from files, case-folded. ``broken``: files that cannot be
    read, with the reason.
    """

    def __init__(self, policy: Policy, old: Version, new: Version, situation: Situation) -> None:
        self.old_layout, self.new_layout = policy.layout_of(old), policy.layout_of(new)
        self.directives = policy.directives_between(old, new)
        self.ours = Side({key: file.text for key, file in situation.ours.items()})
        self.base = Side(
            {key: text.removeprefix("\ufeff") for key, text in situation.base.items()}, "the old version's own file: "
        )
        self.outputs: dict[str, set[str]] = defaultdict(set)
        self.unfounded: dict[str, set[str]] = defaultdict(set)
        self.used: dict[str, set[str]] = defaultdict(set)
        self.broken: dict[str, str] = {}
        self.notices: list[Notice] = []
        self._inferred: dict[str, list[str]] = defaultdict(list)
        self._situation = situation
        self._registry = {key.casefold(): value for key, value in situation.registry.items()}
        for directive in self.directives:
            try:
                self._apply(directive)
            except NotWellFormed as error:
                self.broken.setdefault(directive.origin.file.casefold(), str(error))
        self._say_what_is_inferred()

    def document(self, file: str) -> Document | None:
        """A flat file of the instance as it is by now; None if there is none, or if it cannot be read."""
        if file in self.broken:
            return None
        try:
            return self.ours.document(file)
        except NotWellFormed as error:
            self.broken[file] = str(error)
            return None

    def demand(self, file: str) -> None:
        """Raises NotWellFormed for a file that was found to be unreadable."""
        if file in self.broken:
            raise NotWellFormed(self.broken[file])

    def format(self, file: str) -> str:
        text = self._situation.ours[file].text if file in self._situation.ours else self._situation.theirs.get(file, "")
        return format_of(file, text, (self.old_layout, self.new_layout))

    def successors(self, file: str) -> bool:
        """Whether directives of the file go to files that the new version has."""
        return any(
            self.new_layout is None or self.new_layout.file(becomes.place.file)
            for directive in self.directives
            if directive.origin.file.casefold() == file
            for becomes in directive.becomes
        )

    def left_behind(self, file: str) -> Iterator[tuple[str, str]]:
        """What no directive took from a file, where it is not the old version's own value. Raises NotWellFormed."""
        self.demand(file)
        kind = self.format(file)
        if kind != "flat":
            known = self.base.values(file, kind)
            for name, value in self.ours.values(file, kind).items():
                if name not in self.used[file] and known.get(name) != value:
                    yield name, "several values" if value == AMBIGUOUS else value
            return
        base = self.base.document(file)
        for entry in self.ours.document(file) or ():
            old = base.get(entry.key) if base else None
            if old is None or text_of(old.value) != text_of(entry.value):
                yield entry.key, entry.value

    def _apply(self, directive: Directive) -> None:
        origin = directive.origin
        file = origin.file.casefold()
        kind = "registry" if file == REGISTRY else self.format(file)
        if file in self.broken:
            return
        found = self._read(self.ours, origin, kind)
        base = self._read(self.base, origin, kind) if self.base.knows(file) else None
        if base is not None:
            self._write(self.base, directive, base, founded=None)
        if found is None:
            return
        self.used[file].add(origin.key.casefold())
        founded = self.base.knows(file) and origin.key not in self.unfounded[file]
        if not directive.becomes:
            why = "The new version has no such directive" + (
                "." if directive.certain else ", as far as the names tell."
            )
            self._say("directive_removed", f"{_place(origin)} ({shown(found.text)}) is left out. {why}")
        elif not directive.certain:
            places = " and ".join(_place(becomes.place) for becomes in directive.becomes)
            self._inferred[origin.file].append(f"{origin.key} ({shown(found.text)}) to {places}")
        self._write(self.ours, directive, found, founded)

    def _say_what_is_inferred(self) -> None:
        for file, moves in self._inferred.items():
            self._say(
                "mapping_inferred",
                f"Values of {'the registry' if file.casefold() == REGISTRY else file} were carried over by likeness of names, the vendor's "
                f"documents do not say where they belong: {'; '.join(moves)}. Check them in the product after the upgrade.",
            )

    def _read(self, side: Side, origin: Place, kind: str) -> _Found | None:
        """The directive's value, with its entry where it comes from a flat file."""
        if kind == "registry":
            value = self._registry.get(origin.key.casefold())
        elif kind == "flat":
            document = side.document(origin.file.casefold())
            entry = document.get(origin.key) if document else None
            return _Found(entry, text_of(entry.value)) if entry else None
        else:
            value = side.value(origin.file.casefold(), kind, origin.key)
        return None if value is None else _Found(None, value)

    def _write(self, side: Side, directive: Directive, found: _Found, founded: bool | None) -> None:
        """Write the value to its new places and take it out of a flat file. ``founded`` is None on the side of the old version."""
        file = directive.origin.file.casefold()
        in_place: list[Entry] = []
        for becomes in directive.becomes:
            target = becomes.place.file.casefold()
            document = self._target(side, target, create=founded is not None or target not in self._situation.ours)
            if document is None or _same(becomes.place, directive.origin):
                continue
            new = _new_entry(document, becomes, found)
            known = document.get(becomes.place.key)
            if founded is not None and not self._noted(directive, becomes.place, new, known, founded):
                continue
            if known is not None:
                continue
            if target == file:
                in_place.append(new)
            else:
                _demand_untied(found.entry)
                if founded is not None and found.entry is not None:
                    self._take_comments(file, found.entry, new, document.newline)
                document.add(new)
        if found.entry is not None:
            self._leave(side, directive, in_place)

    def _leave(self, side: Side, directive: Directive, in_place: list[Entry]) -> None:
        """Take a directive out of its flat file, or put others of the same file in its place."""
        file, key = directive.origin.file.casefold(), directive.origin.key
        document = side.document(file)
        if document is None:
            raise AssertionError(f"a directive was read from {file}, which is no document")
        if any(_same(becomes.place, directive.origin) for becomes in directive.becomes):
            for entry in reversed(in_place):
                document.insert_after(key, entry)
            return
        if in_place:
            document.replace(key, in_place)
        else:
            document.remove(key)
        if side is self.ours:
            self.outputs[file].discard(key)
            self.unfounded[file].discard(key)

    def _noted(self, directive: Directive, place: Place, new: Entry, known: Entry | None, founded: bool) -> bool:
        """Write down that a place of the instance's gets a value; False, with a word, if it has one already."""
        if known is not None:
            if text_of(known.value) != text_of(new.value):
                self._say(
                    "target_exists",
                    f"{_place(directive.origin)} ({shown(new.value)}) was not carried over: {_place(place)} is there already, with "
                    f"{shown(known.value)}, and stays.",
                )
            return False
        self.outputs[place.file.casefold()].add(place.key)
        if not founded:
            self.unfounded[place.file.casefold()].add(place.key)
        return True

    def _target(self, side: Side, file: str, create: bool) -> Document | None:
        try:
            return side.document(file) or (side.create(file) if create else None)
        except NotWellFormed as error:
            self.broken.setdefault(file, str(error))
            return None

    def _take_comments(self, file: str, entry: Entry, new: Entry, newline: str) -> None:
        """An operator's comments go with their directive when its file goes away."""
        if self.new_layout is not None and self.new_layout.file(file) is None:
            own = own_comments(entry, self.base.document(file))
            new.lead = [comment + newline for comment in own]
            entry.lead = [line for line in entry.lead if line.strip() not in own]

    def _say(self, code: str, message: str) -> None:
        self.notices.append(Notice("warning", code, message))


def _new_entry(document: Document, becomes: Becomes, found: _Found) -> Entry:
    if becomes.value is None and found.entry is not None:
        new = found.entry.renamed(becomes.place.key)
        new.lines = [with_newline(line, document.newline) for line in new.lines]
        return new
    return document.entry(becomes.place.key, written(found.text if becomes.value is None else becomes.value))


def _demand_untied(entry: Entry | None) -> None:
    """Raises NotWellFormed for a directive that is not complete without others of its file."""
    if entry is not None and anchors_of(entry.block):
        raise NotWellFormed(
            f"the directive {entry.key!r} goes to another file, and {shown(entry.value)} refers to its own; write the value itself there"
        )


def _same(one: Place, other: Place) -> bool:
    return one.file.casefold() == other.file.casefold() and one.key == other.key


def _place(place: Place) -> str:
    if place.file.casefold() == REGISTRY:
        return f"{place.key!r} of the registry"
    return f"{place.key!r} of {place.file}"
