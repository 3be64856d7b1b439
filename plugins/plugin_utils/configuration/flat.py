# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging of flat files, by directive: the new file's order and comments, the instance's values."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import replace

from .blocks import Item, Items, indented, item_document, item_of, parse_items, parse_nested, write_items
from .choices import Choice
from .comments import carry_comments
from .document import Document, Entry
from .results import Conflict, Merged, lines_id, shown
from .scalars import anchors_of, meaning, split_comment, text_of
from .text import newline_of, split_lines, with_newline

__all__ = ["Document", "merge", "same"]

_WHOLE = "the whole file"


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``.

    Raises NotWellFormed if one of the texts is no flat file.
    """
    newline = newline_of(ours) or newline_of(theirs)
    base, theirs = with_newline(base, newline), with_newline(theirs, newline)
    if base == theirs:
        return Merged(ours, (), ())
    merging = _Merging(file, choice)
    old, own, new = Document.parse(base), Document.parse(ours), Document.parse(theirs)
    result = merging.documents(old, own, new, "")
    if not proved(own, new, result):
        merging = _Merging(file, choice)
        kept = merging.ours(_WHOLE, [base, ours, theirs], lines_id(file, base, ours, theirs))
        return Merged(ours if kept else theirs, tuple(merging.conflicts), tuple(merging.notes))
    return Merged(result.text, tuple(merging.conflicts), tuple(merging.notes))


def proved(ours: Document, theirs: Document, result: Document) -> bool:
    """Whether YAML reads in the result what the merge meant: for each directive what it reads on the side that it was taken from,
    or what its two sides made. What a side's file has that YAML cannot read, the result may have.
    """
    own, new, read = ours.meanings(), theirs.meanings(), result.meanings()
    if read is None:
        return own is None or new is None
    for entry in result:
        sides = ((own, ours), (new, theirs))
        meant = [side[entry.key] for side, document in sides if side and same(entry, document.get(entry.key))]
        if read.get(entry.key) not in (meant or [meaning(entry.block)]):
            return False
    return len(read) == len(result.entries)


def same(one: Entry | None, other: Entry | None) -> bool:
    """Whether two directives have values of one meaning, however they are written."""
    if one is None or other is None:
        return one is other
    return one.equals(other) or meaning(one.block) == meaning(other.block)


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
        groups = self._tied(base, ours, theirs)
        tied = {key: side for keys, side in groups for key in keys}
        for new in theirs:
            path, old, own = prefix + new.key, base.get(new.key), ours.get(new.key)
            chosen = tied[new.key].get(new.key) if new.key in tied else self._kept(path, old, own, new)
            if old and chosen and chosen is own:
                chosen = _with_comment(old, own, new)
            if chosen is None:
                result.remove(new.key)
            elif chosen is not new:
                result[new.key].lines, result[new.key].start = chosen.lines, chosen.start
        _place_all({key for key, side in tied.items() if key in side}, ours, result)
        for keys, side in groups:
            result.arrange([entry.key for entry in side if entry.key in keys])
        free = [entry for entry in ours if entry.key not in theirs and entry.key not in tied]
        _place_all({own.key for own in free if self._stays(prefix + own.key, base.get(own.key), own)}, ours, result)
        carry_comments(base, ours, result)
        if prefix:
            result.tail = []  # There a comment would belong to what comes next. So it goes above the whole value.
        result.seal()
        return result

    def _tied(self, base: Document, ours: Document, theirs: Document) -> list[tuple[list[str], Document]]:
        """The directives with anchors or aliases, and the side that each group of them is taken from.

        Directives of one anchor's name are taken from one side, together and in the order of that side. So no alias comes before
        its anchor, and none gets another value than it has on its side.
        """
        sides = (base, ours, theirs)
        groups: list[tuple[frozenset[str], list[str]]] = []
        for key in dict.fromkeys(entry.key for side in (ours, theirs, base) for entry in side):
            names = frozenset().union(*(anchors_of(entry.block) for side in sides if (entry := side.get(key))))
            if names:
                linked = [group for group in groups if group[0] & names]
                keys = [known for group in linked for known in group[1]]
                groups = [group for group in groups if group not in linked]
                groups.append((names.union(*(group[0] for group in linked)), [*keys, key]))
        return [(keys, self._side(keys, *sides)) for _names, keys in groups]

    def _side(self, keys: list[str], base: Document, ours: Document, theirs: Document) -> Document:
        """The side that all of some directives are taken from."""
        old, own, new = (_said(keys, side) for side in (base, ours, theirs))
        if own == old:
            for entry in ours:
                if entry.key in keys and entry.key not in theirs:
                    self._left_out(entry.key, entry)
            return theirs
        if new in (old, own):
            return ours
        texts = [
            "".join(line for entry in side if entry.key in keys for line in entry.lines).strip() or None
            for side in (base, ours, theirs)
        ]
        return ours if self.ours(", ".join(keys), texts, keys[0]) else theirs

    def _kept(self, path: str, base: Entry | None, ours: Entry | None, theirs: Entry) -> Entry | None:
        """What becomes of a directive of the new file; None if it goes."""
        if ours is None:
            if base is None or (not same(base, theirs) and not self._ours(path, base, ours, theirs)):
                return theirs
            return None
        if base is None:
            return ours if same(ours, theirs) or self._ours(path, base, ours, theirs) else theirs
        if ours.equals(base):
            return theirs
        if theirs.equals(base):
            return ours
        if same(base, ours):  # then only what surrounds the value differs
            return theirs
        merged = self._structured(path, base, ours, theirs)
        if merged:
            return merged
        return ours if same(ours, theirs) or same(base, theirs) or self._ours(path, base, ours, theirs) else theirs

    def _stays(self, path: str, base: Entry | None, ours: Entry) -> bool:
        """Whether a directive that the new file does not have stays."""
        if base is not None and same(base, ours):
            self._left_out(path, ours)
            return False
        return base is None or self._ours(path, base, ours, None)

    def _left_out(self, path: str, ours: Entry) -> None:
        self.notes.append(
            f"{self.file}: the new version has no {path!r}; the instance's value {shown(ours.value)} is the old version's own "
            "and is left out."
        )

    def _ours(self, path: str, base: Entry | None, ours: Entry | None, theirs: Entry | None) -> bool:
        return self.ours(path, [entry.value if entry else None for entry in (base, ours, theirs)])

    def ours(self, where: str, texts: list[str | None], conflict_id: str = "") -> bool:
        """Decide a conflict by the operator's answer; without one the instance's side is shown."""
        word = self.choice.answer(conflict_id or where)
        if word == "stop":
            self.conflicts.append(Conflict(self.file, where, conflict_id or where, *texts))
        elif word == "theirs":
            self.notes.append(
                f"{self.file}: {where!r} has {shown(texts[2])} of the new version instead of {shown(texts[1])}, as chosen."
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
        if not result.entries:
            return theirs.with_rest(" {}" + result.newline)
        head = theirs if new.document.entries else ours
        return Entry(theirs.key, [], [head.lines[0], *indented(split_lines(result.text), new.indent)], head.start)

    def _items(self, path: str, base: Entry, ours: Entry, theirs: Entry) -> Entry | None:
        """Merge lists as sets; an order that the instance changed is no set."""
        old, own, new = parse_items(base), parse_items(ours), parse_items(theirs)
        if old is None or own is None or new is None or own.order(old) != old.order(own):
            return None
        chosen = self._union(path, old, own, new)
        if chosen is None:
            return None
        newline = "\r\n" if theirs.lines[0].endswith("\r\n") else "\n"
        entry = write_items(chosen, ours, theirs, newline)
        return entry if meaning(entry.block) == ("list", tuple(item.meaning for item in chosen)) else None

    def _union(self, path: str, base: Items, ours: Items, theirs: Items) -> list[Item] | None:
        """The new file's items in their order, the instance's own after their predecessors; None if something is undecided."""
        chosen: list[Item] = []
        vendors = {line.strip() for item in base.items for line in item.lead}
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
                    lead = tuple(line for line in own.lead if line.strip() not in vendors)
                    chosen.insert(place, replace(own, lead=lead))
                elif old.meaning != own.meaning:
                    return None
            place = next((n for n, item in enumerate(chosen, start=1) if item.identity == own.identity), place)
        return chosen

    def _item(self, path: str, base: Item | None, ours: Item, theirs: Item) -> Item | None:
        """One item that both sides have; if both changed it, it is a mapping or undecided."""
        if ours.meaning == theirs.meaning or (base and base.meaning == ours.meaning):
            return theirs
        if base is None or base.meaning == theirs.meaning:
            return replace(ours, lead=theirs.lead) if base else None
        old, own, new = (item_document(item) for item in (base, ours, theirs))
        if old is None or own is None or new is None:
            return None
        name = text_of(new.document.entries[0].value)
        result = self.documents(old.document, own.document, new.document, f"{path}[{name}].")
        return item_of(result, new.indent, theirs.lead) if result.entries else None


def _said(keys: Collection[str], side: Document) -> Collection[Hashable]:
    """What some directives mean, and in which order where that matters: between anchors and their aliases."""
    said = [(entry.key, meaning(entry.block), anchors_of(entry.block)) for entry in side if entry.key in keys]
    return said if any(names for _key, _meaning, names in said) else frozenset(said)


def _place_all(keys: Collection[str], ours: Document, result: Document) -> None:
    """Put directives that the new file has not into the result."""
    previous: str | None = None
    for own in ours:
        if own.key in keys and own.key not in result:
            _place(own, previous, result)
        if own.key in result:
            previous = own.key


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


def _with_comment(base: Entry, ours: Entry, theirs: Entry) -> Entry:
    """The instance's value with the new file's comment behind it, if the instance's is still the old version's."""
    heads = [entry.lines[0][entry.start :].strip() for entry in (base, ours, theirs)]
    (_old, old), (value, own), (_new, new) = map(split_comment, heads)
    if own != old or own == new or (len(ours.lines) > 1 and value[:1] not in ("", "|", ">")):
        return ours
    end = ours.lines[0][len(ours.lines[0].rstrip("\r\n")) :]
    return ours.with_rest(f" {value} {new}".rstrip() + end, ours.lines[1:])
