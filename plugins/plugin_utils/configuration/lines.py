# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging by lines, with a proof on what the texts mean that nothing got lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

from .choices import Choice
from .pieces import Grammar, merge_tokens
from .regions import compare
from .results import Conflict, Merged, NotWellFormed, lines_id, shown
from .text import join_lines, newline_of, split_lines, with_newline


@dataclass(frozen=True)
class Syntax:
    """A format. ``facts``: what a text says, each fact with how often it does; raises NotWellFormed. ``single``: whether
    a fact can be true only once, so that two sides which add it mean the same thing.
    """

    grammar: Grammar
    facts: Callable[[str], Mapping[Hashable, int]]
    single: Callable[[Hashable], bool]


@dataclass(frozen=True)
class _Piece:
    """A part of the file: base, ours and theirs, and what becomes of it. ``decided``: not by merging; then ``conflict`` is set
    where the operator has not answered yet.
    """

    sides: tuple[str, str, str]
    result: str
    decided: bool = False
    conflict: Conflict | None = None


def merge(file: str, base: str, ours: str, theirs: str, choice: Choice, syntax: Syntax) -> Merged:
    """Carry what the instance changed since ``base`` over into ``theirs``.

    Raises NotWellFormed if one of the texts is not of the format, and MergingUnavailable.
    """
    newline = newline_of(ours) or newline_of(theirs)
    base, theirs = with_newline(base, newline), with_newline(theirs, newline)
    if base == theirs:
        return Merged(ours, (), ())
    if with_newline(ours, newline) in (base, theirs):
        return Merged(theirs, (), ())
    for text, side in (
        (base, "the old version's file"),
        (ours, "the instance's file"),
        (theirs, "the new version's file"),
    ):
        _check(text, side, syntax)
    notes: list[str] = []
    pieces = list(_pieces(file, base, ours, theirs, choice, syntax, notes))
    text = join_lines([piece.result for piece in pieces if piece.result], newline or "\r\n")
    if _proved(pieces, syntax):
        return Merged(text, tuple(piece.conflict for piece in pieces if piece.conflict), tuple(notes))
    return _whole(file, base, ours, theirs, choice)


def _check(text: str, side: str, syntax: Syntax) -> None:
    try:
        syntax.facts(text)
    except NotWellFormed as error:
        raise NotWellFormed(f"{side}: {error}") from error


def _pieces(
    file: str, base: str, ours: str, theirs: str, choice: Choice, syntax: Syntax, notes: list[str]
) -> Iterator[_Piece]:
    sides = [split_lines(text) for text in (base, ours, theirs)]
    keys = [[line.strip() for line in lines] for lines in sides]
    for equal, (old, own, new) in compare(*keys):
        parts = [lines[place] for lines, place in zip(sides, (old, own, new), strict=True)]
        if equal:
            for one, two, three in zip(*parts, strict=True):
                yield _Piece((one, two, three), two if one == three else three)
            continue
        stripped = [[line.strip() for line in part] for part in parts]
        texts = ("".join(parts[0]), "".join(parts[1]), "".join(parts[2]))
        if stripped[1] in (stripped[0], stripped[2]):
            yield _Piece(texts, result=texts[2])
        elif stripped[2] == stripped[0]:
            yield _Piece(texts, result=texts[1])
        else:
            yield _disputed(file, own, texts, choice, syntax, notes)


def _disputed(
    file: str, own: slice, texts: tuple[str, str, str], choice: Choice, syntax: Syntax, notes: list[str]
) -> _Piece:
    """Lines that both sides changed: merged by their tokens, or decided by the operator, or a conflict."""
    merged = merge_tokens(syntax.grammar, *texts)
    if merged is not None:
        return _Piece(texts, result=merged)
    conflict = Conflict(file, _where(own), lines_id(file, *texts), texts[0] or None, texts[1] or None, texts[2] or None)
    word = choice.answer(conflict.id)
    if word == "stop":
        return _Piece(texts, result=texts[1], decided=True, conflict=conflict)
    if word == "theirs":
        notes.append(
            f"{file}, {conflict.where}: {shown(texts[2])} of the new version stands instead of {shown(texts[1])}, as chosen."
        )
    return _Piece(texts, result=texts[2 if word == "theirs" else 1], decided=True)


def _where(own: slice) -> str:
    if own.stop - own.start > 1:
        return f"lines {own.start + 1}-{own.stop}"
    return f"line {own.stop}" if own.stop > own.start else f"after line {own.stop}"


def _proved(pieces: list[_Piece], syntax: Syntax) -> bool:
    """Whether the result is well formed and differs from base by exactly what ours and theirs differ from it.

    Lines that were decided, or wait for a decision, count as if all had agreed on them.
    """
    agreed = [[piece.result if piece.decided else piece.sides[side] for piece in pieces] for side in range(3)]
    texts = [
        join_lines([part for part in parts if part], "\n") for parts in (*agreed, [piece.result for piece in pieces])
    ]
    try:
        base, ours, theirs, result = (Counter(syntax.facts(text)) for text in texts)
    except NotWellFormed:
        return False
    for count in (ours, theirs, result):
        count.subtract(base)
    return all(
        _adds_up(ours[fact], theirs[fact], result[fact], syntax.single(fact)) for fact in {*ours, *theirs, *result}
    )


def _adds_up(ours: int, theirs: int, result: int, single: bool) -> bool:
    """Whether the result has a fact as often more or less as the two sides demand."""
    if ours * theirs <= 0:
        return result == ours + theirs
    fewest, most = max(abs(ours), abs(theirs)), abs(ours + theirs)
    return result * ours > 0 and fewest <= abs(result) <= (fewest if single else most)


def _whole(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """The changes cannot be told apart: the file as a whole is one conflict."""
    conflict = Conflict(
        file, _where(slice(0, len(split_lines(ours)))), lines_id(file, base, ours, theirs), base, ours, theirs
    )
    word = choice.answer(conflict.id)
    if word == "theirs":
        note = f"{file}: the new version's file stands instead of the instance's, as chosen; all that the instance changed is left out."
        return Merged(theirs, (), (note,))
    return Merged(ours, (conflict,) if word == "stop" else (), ())
