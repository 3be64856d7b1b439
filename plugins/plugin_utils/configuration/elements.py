# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging of XML by its elements, for files whose lines moved: the instance's changes, made to the new text.

Elements are matched by their names and by the attributes that identify them. Whatever cannot be matched beyond doubt is left to
the operator. The caller proves the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .choices import Choice
from .nodes import Attribute, Node, parse
from .results import Conflict, lines_id, lines_named, shown

Path = tuple[str, ...]
"""The keys of an element and of all that it is in."""


@dataclass
class Structured:
    """``open``: where both sides changed the same thing, so that only one of them can be in the text: an element, and the
    attribute of it, ``text`` or None for all of it.
    """

    text: str = ""
    conflicts: list[Conflict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    open: list[tuple[Path, str | None]] = field(default_factory=list)


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Structured | None:
    """The new version's text with the instance's changes in it, or None if it is not beyond doubt where they belong."""
    edits = _Edits(file, theirs, choice)
    try:
        edits.carry((), parse(base), parse(ours), parse(theirs))
        edits.result.text = edits.apply()
    except (_Undecided, RecursionError):  # the second from a nesting that no configuration has
        return None
    return edits.result


class _Undecided(Exception):
    """Something of one text cannot be found in another."""


class _Edits:
    """Collects edits of the new text: from, to, and what comes there."""

    def __init__(self, file: str, theirs: str, choice: Choice) -> None:
        self.result = Structured()
        self._file = file
        self._text = theirs
        self._choice = choice
        self._edits: list[tuple[int, int, str]] = []
        self._added: set[int] = set()  # ids of nodes that only the instance has

    def apply(self) -> str:
        """The text with all edits; those at one place in the order in which they were collected."""
        result, place = [], 0
        for start, end, replacement in sorted(self._edits, key=lambda edit: edit[:2]):
            if start < place:
                raise _Undecided
            result += [self._text[place:start], replacement]
            place = end
        return "".join([*result, self._text[place:]])

    def carry(self, path: Path, base: Node, ours: Node, theirs: Node) -> None:
        """Make the changes from base to ours in theirs, where the three are the same element."""
        if ours.meaning in (base.meaning, theirs.meaning):
            return
        for name in {**base.attributes, **ours.attributes}:
            old, own, new = (node.attributes.get(name) for node in (base, ours, theirs))
            self._attribute(path, name, (old, own, new), ours, theirs)
        if ours.text not in (base.text, theirs.text):
            self._inside(path, base, ours, theirs)
        orders = [
            [key for key in node.groups if all(key in other.groups for other in (base, ours, theirs))]
            for node in (base, ours, theirs)
        ]
        if orders[1] not in (orders[0], orders[2]):
            raise _Undecided  # an order that the instance changed
        for key in {**base.groups, **ours.groups}:
            self._group((*path, key), *(node.groups.get(key, []) for node in (base, ours, theirs)))
        self._insertions(ours, theirs)

    def _attribute(
        self,
        path: Path,
        name: str,
        sides: tuple[Attribute | None, Attribute | None, Attribute | None],
        ours: Node,
        theirs: Node,
    ) -> None:
        _old, own, new = sides
        values = [attribute and attribute.value for attribute in sides]
        if values[1] in (values[0], values[2]):
            return
        if values[0] != values[2]:
            texts = [f'{name}="{value}"' if value is not None else None for value in values]
            if not self._ours(path, name, ours, own.start if own else ours.start, texts):
                return
        written = ours.source[own.start : own.end] if own else ""
        if new is None:
            place = theirs.start + 1 + len(theirs.key.split("[", 1)[0])
            place = max([place, *(attribute.end for attribute in theirs.attributes.values())])
            self._edits.append((place, place, f" {written}"))
        elif own is None:
            self._edits.append((len(self._text[: new.start].rstrip()), new.end, ""))
        else:
            self._edits.append((new.start, new.end, written))

    def _inside(self, path: Path, base: Node, ours: Node, theirs: Node) -> None:
        """The text of an element without children."""
        if base.children or ours.children or theirs.children or theirs.content == theirs.end:
            raise _Undecided
        if theirs.text == base.text or self._ours(
            path, "text", ours, ours.content, [base.text, ours.text, theirs.text]
        ):
            self._edits.append((theirs.content, theirs.close, ours.source[ours.content : ours.close]))

    def _group(self, path: Path, base: list[Node], ours: list[Node], theirs: list[Node]) -> None:
        """Sisters with one key."""
        if _same(ours, base) or _same(ours, theirs):
            return
        if _same(theirs, base) and (more := _additions(base, ours)) is not None:
            self._added |= {id(node) for node in more}
            return
        if len(base) <= 1 and len(ours) <= 1 and len(theirs) <= 1 and not (base and ours and theirs):
            self._one(path, *(nodes[0] if nodes else None for nodes in (base, ours, theirs)))
        elif not ours and _same(theirs, base):
            for node in theirs:
                self._remove(node)
        elif base and _aligned(base, ours) and _aligned(base, theirs):
            for old, own, new in zip(base, ours, theirs, strict=True):
                self.carry(path, old, own, new)
        else:
            raise _Undecided

    def _one(self, path: Path, base: Node | None, ours: Node | None, theirs: Node | None) -> None:
        """An element that one of the three does not have: taken out by one side, or added by both in different forms."""
        texts = [node.raw if node else None for node in (base, ours, theirs)]
        if ours is None:
            if theirs is None:
                raise AssertionError("an element that nobody has")
            same = base is not None and base.meaning == theirs.meaning
            if same or self._ours(path, None, None, 0, texts):
                self._remove(theirs)
        elif self._ours(path, None, ours, ours.start, texts):
            if theirs is None:
                self._added.add(id(ours))
                return
            self._edits.append((theirs.start, theirs.end, ours.raw))

    def _remove(self, node: Node) -> None:
        self._edits.append((len(self._text[: node.start].rstrip()), node.end, ""))

    def _ours(self, path: Path, what: str | None, node: Node | None, start: int, texts: Sequence[str | None]) -> bool:
        """Decide a conflict by the operator's answer; without one the instance's side is shown."""
        lines = "lines that are gone"
        if node is not None:
            first = node.source.count("\n", 0, start) + 1
            lines = lines_named(first, first + (texts[1] or "").count("\n"))
        conflict = Conflict(self._file, lines, lines_id(self._file, "/".join(path), *texts), *texts)
        word = self._choice.answer(conflict.id)
        self.result.open.append((path, what))
        if word == "stop":
            self.result.conflicts.append(conflict)
        elif word == "theirs":
            self.result.notes.append(
                f"{self._file}, {lines}: {shown(texts[2])} of the new version stands instead of {shown(texts[1])}, as chosen."
            )
        return word != "theirs"

    def _insertions(self, ours: Node, theirs: Node) -> None:
        """Put what only the instance has after the sister that it follows there."""
        place, model = theirs.content, theirs.children[0] if theirs.children else None
        counts: dict[str, int] = {}
        for child in ours.children:
            if id(child) in self._added:
                if theirs.content == theirs.end and theirs.key:
                    raise _Undecided  # <a/> has no inside
                self._edits.append((place, place, _raw(child, model)))
                continue
            number = counts[child.key] = counts.get(child.key, -1) + 1
            counterparts = theirs.groups.get(child.key, [])
            if number < len(counterparts):
                model = counterparts[number]
                place = model.end


def _raw(node: Node, model: Node | None) -> str:
    """The node's own text, indented like its future sister."""
    own = node.indentation
    wanted = (model.indentation if model else "") or own
    return wanted + node.raw.replace(own, wanted) if own else node.raw


def _same(one: Sequence[Node], other: Sequence[Node]) -> bool:
    return [node.meaning for node in one] == [node.meaning for node in other]


def _additions(base: Sequence[Node], ours: Sequence[Node]) -> list[Node] | None:
    """What ours has besides all of base; None if it does not have all of it, unchanged and in order."""
    left = list(base)
    more = [node for node in ours if not (left and node.meaning == left[0].meaning and left.pop(0))]
    return None if left else more


def _aligned(base: Sequence[Node], other: Sequence[Node]) -> bool:
    """Whether each node of one side is the changed form of the one at its place, and of no other."""
    if len(base) != len(other):
        return False
    return len(base) == 1 or all(
        _likeness(one, other[place]) > _likeness(one, two)
        for place, one in enumerate(base)
        for number, two in enumerate(other)
        if number != place
    )


def _likeness(one: Node, other: Node) -> int:
    return sum((one.facts & other.facts).values())
