# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging of flat files, by directive: the new file's order and comments, the instance's values."""

from __future__ import annotations

from .blocks import Item, Items, indented, item_document, item_of, parse_items, parse_nested, write_items
from .choices import Choice
from .comments import carry_comments
from .document import Document, Entry
from .results import Conflict, Merged, shown
from .scalars import meaning, text_of
from .text import newline_of, split_lines, with_newline

__all__ = ["Document", "merge", "same"]


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``.

    Raises NotWellFormed if one of the texts is no flat file.
    """
    newline = newline_of(ours) or newline_of(theirs)
    base, theirs = with_newline(base, newline), with_newline(theirs, newline)
    if base == theirs:
        return Merged(ours, (), ())
    merging = _Merging(file, choice)
    result = merging.documents(Document.parse(base), Document.parse(ours), Document.parse(theirs), "")
    return Merged(result.text, tuple(merging.conflicts), tuple(merging.notes))


def same(one: Entry | None, other: Entry | None) -> bool:
    """Whether two directives have values of one meaning, however they are written."""
    if one is None or other is None:
        return one is other
    return one.value == other.value or meaning(one.block) == meaning(other.block)


class _Merging:
    """One merge; collects conflicts and notes on its way through nested values."""

    def __init__(self, file: str, choice: Choice) -> None:
        self.file = file
        self.choice = choice
        self.conflicts: list[Conflict] = []
        self.notes: list[str] = []

    def documents(self, base: Document, ours: Document, theirs: Document, prefix: str) -> Document:
        """``prefix``: what stands before the names of nested directives, such as ``requestProcessor.``."""
        result = theirs.copy()
        for new in theirs:
            path, old, own = prefix + new.key, base.get(new.key), ours.get(new.key)
            chosen = self._kept(path, old, own, new)
            if chosen is None:
                result.remove(new.key)
            elif chosen is not new:
                entry = result.get(new.key)
                if entry is None:
                    raise AssertionError(f"{new.key} is in the new file, and not in its copy")
                entry.lines, entry.start = chosen.lines, chosen.start
        previous: str | None = None
        for own in ours:
            if own.key not in theirs and self._stays(prefix + own.key, base.get(own.key), own):
                _place(own, previous, result)
            if own.key in result:
                previous = own.key
        carry_comments(base, ours, theirs, result)
        return result

    def _kept(self, path: str, base: Entry | None, ours: Entry | None, theirs: Entry) -> Entry | None:
        """What becomes of a directive of the new file; None if it goes."""
        if ours is None:
            if base is None or (not same(base, theirs) and not self._ours(path, base, ours, theirs)):
                return theirs
            return None
        if base is None:
            return ours if same(ours, theirs) or self._ours(path, base, ours, theirs) else theirs
        if same(base, ours):  # then only what surrounds the value may differ
            return ours if ours.value != base.value and theirs.value == base.value else theirs
        if same(ours, theirs) or same(base, theirs):
            return ours
        structured = self._structured(path, base, ours, theirs)
        return structured or (ours if self._ours(path, base, ours, theirs) else theirs)

    def _stays(self, path: str, base: Entry | None, ours: Entry) -> bool:
        """Whether a directive that the new file does not have stays."""
        if base is not None and same(base, ours):
            self.notes.append(
                f"{self.file}: the new version has no {path!r}; the instance's value {shown(ours.value)} is the old version's own "
                "and is left out."
            )
            return False
        return base is None or self._ours(path, base, ours, None)

    def _ours(self, path: str, base: Entry | None, ours: Entry | None, theirs: Entry | None) -> bool:
        """Decide a conflict by the operator's answer; without one the instance's side is shown."""
        word = self.choice.answer(path)
        texts = [entry.value if entry else None for entry in (base, ours, theirs)]
        if word == "stop":
            self.conflicts.append(Conflict(self.file, path, path, *texts))
        elif word == "theirs":
            self.notes.append(
                f"{self.file}: {path!r} has {shown(texts[2])} of the new version instead of {shown(texts[1])}, as chosen."
            )
        return word != "theirs"

    def _structured(self, path: str, base: Entry, ours: Entry, theirs: Entry) -> Entry | None:
        """Merge what lies inside of lists and mappings; None if the values are none, or if they can only be taken whole."""
        known = len(self.conflicts), len(self.notes)
        merged = self._items(path, base, ours, theirs) or self._nested(path, base, ours, theirs)
        if merged is None:
            del self.conflicts[known[0] :], self.notes[known[1] :]
        return merged

    def _nested(self, path: str, base: Entry, ours: Entry, theirs: Entry) -> Entry | None:
        """Merge mappings by their own directives."""
        old, own, new = parse_nested(base), parse_nested(ours), parse_nested(theirs)
        if old is None or own is None or new is None:
            return None
        result = self.documents(old.document, own.document, new.document, f"{path}.")
        lines = [theirs.lines[0], *indented(split_lines(result.text), new.indent)]
        return Entry(theirs.key, [], lines, theirs.start) if result.entries else None

    def _items(self, path: str, base: Entry, ours: Entry, theirs: Entry) -> Entry | None:
        """Merge lists as sets; an order that the instance changed is no set."""
        old, own, new = parse_items(base), parse_items(ours), parse_items(theirs)
        if old is None or own is None or new is None or own.order(old) != old.order(own):
            return None
        chosen = self._union(path, old, own, new)
        if chosen is None:
            return None
        newline = "\r\n" if theirs.lines[0].endswith("\r\n") else "\n"
        entry = write_items(theirs.key, chosen, ours, theirs, newline)
        return entry if meaning(entry.block) == ("list", tuple(item.meaning for item in chosen)) else None

    def _union(self, path: str, base: Items, ours: Items, theirs: Items) -> list[Item] | None:
        """The new file's items in their order, the instance's own after their predecessors; None if something is undecided."""
        chosen: list[Item] = []
        for new in theirs.items:
            old, own = base.get(new.identity), ours.get(new.identity)
            item = self._item(path, old, own, new) if own else new
            if item is None or (own is None and old is not None and old.meaning != new.meaning):
                return None
            if own is not None or old is None:
                chosen.append(item)
        place = 0
        for own in ours.items:
            if theirs.get(own.identity) is None:
                old = base.get(own.identity)
                if old is None:
                    chosen.insert(place, own)
                elif old.meaning != own.meaning:
                    return None
            place = next((n for n, item in enumerate(chosen, start=1) if item.identity == own.identity), place)
        return chosen

    def _item(self, path: str, base: Item | None, ours: Item, theirs: Item) -> Item | None:
        """One item that both sides have; if both changed it, it is a mapping or undecided."""
        if ours.meaning == theirs.meaning or (base and base.meaning == ours.meaning):
            return theirs
        if base is None or base.meaning == theirs.meaning:
            return ours if base else None
        old, own, new = (item_document(item) for item in (base, ours, theirs))
        if old is None or own is None or new is None:
            return None
        name = text_of(new.document.entries[0].value)
        result = self.documents(old.document, own.document, new.document, f"{path}[{name}].")
        return item_of(result, new.indent, theirs.lead) if result.entries else None


def _place(entry: Entry, previous: str | None, result: Document) -> None:
    """Put a directive that only the instance has into the result: after its commented default, or else after the nearest of
    its predecessors; the first of all goes below the lines that stand above it in both files.
    """
    new = entry.copy()
    blank = any(not line.strip() for line in new.lead)
    new.lead = []
    if result.add_at_default(new):
        return
    if previous is not None:
        new.lead = [result.newline] if blank else []
        result.insert_after(previous, new)
        return
    first = result.entries[0].lead if result.entries else result.tail
    own = {line.strip() for line in entry.lead}
    shared = 0
    while shared < len(first) and first[shared].strip() in own:
        shared += 1
    new.lead = first[:shared]
    del first[:shared]
    result.insert(0, new)
