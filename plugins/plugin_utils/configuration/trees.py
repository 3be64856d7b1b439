# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging of texts that are trees: what the instance changed, made to the new version's text.

What cannot be told apart, or would give a text that its program does not load, is a conflict of the smallest element that holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .arranging import arranged
from .choices import Choice
from .completeness import Path, complete
from .decisions import Decisions
from .identities import Namer
from .indentation import Indentation, blanks_before
from .matching import Match, Undecided, match
from .nodes import Node
from .results import Conflict, Merged, NotWellFormed, lines_id, lines_named
from .text import newline_of, split_lines, with_newline


@dataclass(frozen=True)
class Format:
    """What is particular about a format.

    ``parse``: raises NotWellFormed. ``reparse``: reads the text of a node of the same sort as another. ``key_of``: what tells sisters
    apart. ``worse``: whether the first has children that a program would refuse, and no other has them. ``loads``: whether programs can
    read a text that can be parsed. ``keeps``: whether an attribute that the new version takes out is needed by a text inside.
    ``separator``: what stands between children.
    """

    parse: Callable[[str], Node]
    reparse: Callable[[str, Node], Node]
    key_of: Namer
    worse: Callable[[Node, Node, Node], bool]
    loads: Callable[[str], bool] = lambda _text: True
    keeps: Callable[[str, str], bool] = lambda _name, _body: False
    separator: str = ""


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice, form: Format) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``. Raises NotWellFormed for a text that is not of the format."""
    newline = newline_of(ours) or newline_of(theirs)
    texts = [with_newline(text, "\n") for text in (base, ours, theirs)]
    if texts[0] == texts[2]:
        return Merged(ours, (), ())
    if texts[1] in (texts[0], texts[2]):
        return Merged(with_newline(theirs, newline), (), ())
    trees = [_parsed(text, side, form) for text, side in zip(texts, _SIDES, strict=True)]
    decisions = Decisions(file, choice)
    text = _Merging(decisions, form, Indentation(trees[1], trees[2])).document(trees[0], trees[1], trees[2])
    if text is None:
        return _whole(file, texts, newline, choice)
    return Merged(with_newline(text, newline), tuple(decisions.conflicts), tuple(decisions.notes))


_SIDES = ("the old version's file", "the instance's file", "the new version's file")


def _parsed(text: str, side: str, form: Format) -> Node:
    try:
        return form.parse(text)
    except NotWellFormed as error:
        raise NotWellFormed(f"{side}: {error}") from error


def _whole(file: str, texts: Sequence[str], newline: str | None, choice: Choice) -> Merged:
    """The changes cannot be told apart: the file as a whole is one conflict."""
    base, ours, theirs = (with_newline(text, newline) for text in texts)
    conflict = Conflict(
        file, lines_named(1, len(split_lines(ours))), lines_id(file, base, ours, theirs), base, ours, theirs
    )
    word = choice.answer(conflict.id)
    if word == "theirs":
        note = f"{file}: the new version's file stands instead of the instance's, as chosen; all that the instance changed is left out."
        return Merged(theirs, (), (note,))
    return Merged(ours, (conflict,) if word == "stop" else (), ())


class _Merging:
    """One merge, from element to element."""

    def __init__(self, decisions: Decisions, form: Format, indentation: Indentation) -> None:
        self._decisions, self._form, self._indentation = decisions, form, indentation
        self._without_base = 0

    def document(self, base: Node, ours: Node, theirs: Node) -> str | None:
        """The whole text; None where it is one conflict."""
        try:
            text = self._declaration(base, ours, theirs) + self._body((), base, ours, theirs)
            result = self._form.parse(text)
        except (Undecided, NotWellFormed):
            return None
        sides = (ours, theirs)
        four = ([base], [ours], [theirs], [result])
        if self._form.worse(result, ours, theirs) or not complete(four, self._decisions.left_open, self._form.key_of):
            return None
        return text if self._form.loads(text) or not all(self._form.loads(side.source) for side in sides) else None

    @staticmethod
    def _declaration(base: Node, ours: Node, theirs: Node) -> str:
        """What stands in front of all elements."""
        old, own, new = (node.source[: node.content] for node in (base, ours, theirs))
        if own not in (old, new) and new != old:
            raise Undecided
        return own if new == old else new

    def _element(self, path: Path, base: Node | None, ours: Node, theirs: Node) -> str:
        """What becomes of an element that the instance and the new version have."""
        if ours.meaning == theirs.meaning or (base and base.meaning == ours.meaning):
            return theirs.raw
        if base and base.meaning == theirs.meaning:
            return self._indentation.fitted(ours, blanks_before(theirs))
        mark = self._decisions.mark()
        self._without_base += base is None
        try:
            text = self._merged(path, base or _nothing_like(theirs), ours, theirs)
            if not self._form.worse(self._form.reparse(text, theirs), ours, theirs):
                return text
        except (Undecided, NotWellFormed):
            pass
        finally:
            self._without_base -= base is None
        self._decisions.back(mark)
        sides = [_raw(node) for node in (base, ours, theirs)]
        return (
            self._indentation.fitted(ours, blanks_before(theirs))
            if self._ours(path, None, ours.line, sides)
            else theirs.raw
        )

    def _merged(self, path: Path, base: Node, ours: Node, theirs: Node) -> str:
        if not base.kind == ours.kind == theirs.kind:
            raise Undecided
        body = self._body(path, base, ours, theirs)
        head = self._head(path, base, ours, theirs, body)
        if theirs.content == theirs.end and body:  # <a/> has no inside
            return f"{head.removesuffix('/>').rstrip()}>{body}</{theirs.tag}>"
        return head + body + theirs.source[theirs.close : theirs.end]

    def _head(self, path: Path, base: Node, ours: Node, theirs: Node, body: str) -> str:
        """The new version's start tag with the instance's changes."""
        edits: list[tuple[int, int, str]] = []
        end = max((one.end for one in theirs.attributes.values()), default=theirs.start + 1 + len(theirs.tag))
        for name in {**base.attributes, **ours.attributes}:
            old, own, new = (node.attributes.get(name) for node in (base, ours, theirs))
            values = [attribute and attribute.value for attribute in (old, own, new)]
            if values[1] in (values[0], values[2]):
                if own and new is None and self._form.keeps(name, body):
                    edits.append((end, end, f" {_written(ours, name)}"))
                continue
            written = [_written(node, name) for node in (base, ours, theirs)]
            if values[0] != values[2] and not self._ours(
                path, name, ours.line_of(own.start if own else ours.start), written
            ):
                continue
            if new is None:
                edits.append((end, end, f" {written[1]}"))
            elif own is None:
                edits.append((len(theirs.source[: new.start].rstrip()), new.end, ""))
            else:
                edits.append((new.start, new.end, written[1] or ""))
        return _edited(theirs.source, theirs.start, theirs.content, edits)

    def _body(self, path: Path, base: Node, ours: Node, theirs: Node) -> str:
        sides = (base, ours, theirs)
        if any(node.children for node in sides):
            if any(node.value for node in sides):
                raise Undecided  # text between elements
            return self._children(path, base, ours, theirs)
        if ours.value in (base.value, theirs.value):
            return theirs.body
        texts = [node.body.strip() if node.kind == "element" else node.raw for node in sides]
        if base.value == theirs.value or self._ours(path, "text", ours.line_of(ours.content), texts):
            return ours.body
        return theirs.body

    def _children(self, path: Path, base: Node, ours: Node, theirs: Node) -> str:
        matches = match(base, ours, theirs, self._form.key_of)
        if any(_has_moved(one, matches) for one in matches):
            raise Undecided
        blanks = self._indentation.inside(theirs)
        texts = {
            number: text for number, one in enumerate(matches) if (text := self._child(path, one, blanks)) is not None
        }
        order = arranged(matches, set(range(len(matches))) - set(texts), ours, theirs)
        return self._joined([(matches[number], texts[number]) for number in order], ours, theirs, blanks)

    def _child(self, path: Path, one: Match, blanks: str) -> str | None:
        """What becomes of one child; None if it goes. `blanks`: those in front of its sisters."""
        base, ours, theirs = one.base, one.ours, one.theirs
        if ours and theirs:
            return self._element((*path, theirs.tag), base, ours, theirs)
        node = ours or theirs
        if node is None or (base and node.meaning == base.meaning):
            return None
        text = node.raw if theirs else self._indentation.fitted(node, blanks)
        if base is None:
            return text
        raw = [_raw(side) for side in (base, ours, theirs)]
        takes_ours = self._ours((*path, node.tag), None, ours.line if ours else None, raw)
        return text if takes_ours == (node is ours) else None

    def _joined(self, parts: Sequence[tuple[Match, str]], ours: Node, theirs: Node, blanks: str) -> str:
        """The inside of an element."""
        leads = {id(node): side.lead(number) for side in (ours, theirs) for number, node in enumerate(side.children)}
        speaking = [number for number, (one, _text) in enumerate(parts) if not _node(one).says_nothing]
        found, before = [], ""
        for number, (one, text) in enumerate(parts):
            lead = leads[id(_node(one))]
            if one.theirs is None and "\n" in lead:
                lead = "\n" * lead.count("\n") + blanks
            found += [self._gap(before, lead), text, self._form.separator if number in speaking[:-1] else ""]
            before = text
        tail = theirs.lead(len(theirs.children))
        if parts and not theirs.children and "\n" in ours.lead(len(ours.children)):
            tail = "\n" + blanks_before(theirs)
        return "".join([*found, self._gap(before, tail)])

    def _gap(self, before: str, lead: str) -> str:
        """What stands between two children, without separators; the comment that ends with its line has one."""
        lead = lead.replace(self._form.separator, "") if self._form.separator else lead
        return lead if "\n" in lead or not before.startswith("//") else f"\n{lead}"

    def _ours(self, path: Path, what: str | None, line: int | None, texts: Sequence[str | None]) -> bool:
        """Of a thing that both sides added only the whole can be decided."""
        if self._without_base:
            raise Undecided
        return self._decisions.ours(path, what, line, texts)


def _node(one: Match) -> Node:
    """As the result has it, or nearly so."""
    node = one.theirs or one.ours
    if node is None:
        raise AssertionError("something that neither side has is in the result")
    return node


def _nothing_like(node: Node) -> Node:
    """What two sides that both add a thing have in common: that there is one."""
    return Node(node.source, node.kind, node.tag, node.start, node.start, node.start, node.start)


def _raw(node: Node | None) -> str | None:
    return node.raw if node else None


def _written(node: Node, name: str) -> str | None:
    """An attribute as it stands there."""
    one = node.attributes.get(name)
    return node.source[one.start : one.end] if one else None


def _edited(source: str, start: int, end: int, edits: Sequence[tuple[int, int, str]]) -> str:
    """A part of a text with some edits: from, to, and what comes there."""
    parts = []
    for first, last, text in sorted(edits, key=lambda edit: edit[:2]):
        parts += [source[start:first], text]
        start = last
    return "".join([*parts, source[start:end]])


def _has_moved(one: Match, matches: Sequence[Match]) -> bool:
    """Whether a side took away what the other one changed, and has it inside of something new."""
    old, now = one.base, one.ours or one.theirs
    if old is None or now is None or (one.ours and one.theirs) or now.meaning == old.meaning:
        return False
    added = [node for other in matches if other.base is None for node in (other.ours, other.theirs) if node]
    return any(
        inner.kind == old.kind
        and inner.tag == old.tag
        and (inner.meaning == old.meaning or sum((inner.said & old.said).values()) > 1)
        for node in added
        for inner in node.all()
        if inner is not node
    )
