# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way merging by lines, with a proof on what the texts mean that nothing got lost."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass

from .choices import Choice
from .elements import Structured
from .pieces import Grammar, merge_tokens
from .regions import compare
from .results import Conflict, Merged, NotWellFormed, lines_id, lines_named, shown
from .text import indent_of, join_lines, newline_of, split_lines, with_newline


@dataclass(frozen=True)
class Syntax:
    """A format. ``facts``: what a text says, each fact with how often it does; raises NotWellFormed. ``single``: whether
    a fact can be true only once, so that two sides which add it mean the same thing. ``structured``: another way to merge,
    for texts whose lines do not fit together. ``concerned``: whether a fact is about a place that this left open.
    """

    grammar: Grammar
    facts: Callable[[str], Mapping[Hashable, int]]
    single: Callable[[Hashable], bool]
    structured: Callable[[str, str, str, str, Choice], Structured | None] | None = None
    concerned: Callable[[Hashable, tuple[str, ...], str | None], bool] = lambda *_place: False


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
    proved = _proved(pieces, syntax)
    if proved and not any(piece.decided for piece in pieces):
        return Merged(text, (), ())
    structured = syntax.structured(file, base, ours, theirs, choice) if syntax.structured else None
    if structured is not None and _holds(base, ours, theirs, structured, syntax):
        moved = (
            f"{file}: the lines of the instance and of the new version do not fit together, so the file was merged by its elements: "
            "what the instance changed stands where the new version has its place. Look at the result."
        )
        return Merged(structured.text, tuple(structured.conflicts), (moved, *structured.notes))
    if proved and _plausible(base, ours, theirs, text, syntax):
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
    parts = list(compare(*([line.strip() for line in lines] for lines in sides)))
    indents = _indents([(sides[1][places[1]], sides[2][places[2]]) for equal, places in parts if equal])
    for equal, places in parts:
        old, own, new = (lines[place] for lines, place in zip(sides, places, strict=True))
        if equal:
            for one, two, three in zip(old, own, new, strict=True):
                yield _Piece((one, two, three), two if one == three else three)
            continue
        stripped = [[line.strip() for line in part] for part in (old, own, new)]
        texts = ("".join(old), "".join(own), "".join(new))
        if stripped[1] in (stripped[0], stripped[2]):
            yield _Piece(texts, texts[2])
        elif stripped[2] == stripped[0]:
            yield _Piece(texts, "".join(_reindented(line, indents) for line in own))
        else:
            yield _disputed(file, places[1], texts, choice, syntax, notes)


def _indents(parts: list[tuple[list[str], list[str]]]) -> dict[str, str]:
    """How the new version indents what the instance indents in another way, from the lines that they have in common."""
    known: dict[str, str] = {}
    for own, new in parts:
        for one, other in zip(own, new, strict=True):
            known.setdefault(indent_of(one), indent_of(other))
    return {one: other for one, other in sorted(known.items()) if one}


def _reindented(line: str, indents: dict[str, str]) -> str:
    own = indent_of(line)
    if own not in indents:  # by the shortest known one that it is a multiple of
        unit = next((unit for unit in indents if own == unit * (len(own) // len(unit))), "")
        return indents[unit] * (len(own) // len(unit)) + line.lstrip(" \t") if own and unit else line
    return indents[own] + line.lstrip(" \t")


def _disputed(
    file: str, own: slice, texts: tuple[str, str, str], choice: Choice, syntax: Syntax, notes: list[str]
) -> _Piece:
    """Lines that both sides changed: merged by their tokens, or decided by the operator, or a conflict."""
    merged = merge_tokens(syntax.grammar, *texts)
    if merged is not None:
        return _Piece(texts, result=merged)
    conflict = Conflict(
        file,
        lines_named(own.start + 1, own.stop),
        lines_id(file, *texts),
        texts[0] or None,
        texts[1] or None,
        texts[2] or None,
    )
    word = choice.answer(conflict.id)
    if word == "stop":
        return _Piece(texts, result=texts[1], decided=True, conflict=conflict)
    if word == "theirs":
        notes.append(
            f"{file}, {conflict.where}: {shown(texts[2])} of the new version stands instead of {shown(texts[1])}, as chosen."
        )
    return _Piece(texts, result=texts[2 if word == "theirs" else 1], decided=True)


def _proved(pieces: list[_Piece], syntax: Syntax) -> bool:
    """Whether the result has each change of ours and of theirs. Lines that were decided, or wait for a decision, count as if all
    had agreed on them.
    """
    agreed = [[piece.result if piece.decided else piece.sides[side] for piece in pieces] for side in range(3)]
    texts = [
        join_lines([part for part in parts if part], "\n") for parts in (*agreed, [piece.result for piece in pieces])
    ]
    deltas = _deltas(syntax, *texts)
    return deltas is not None and all(
        _adds_up(own, new, found, syntax.single(fact)) for fact, own, new, found in deltas
    )


def _holds(base: str, ours: str, theirs: str, structured: Structured, syntax: Syntax) -> bool:
    """The same for a file that was merged by its elements: what it left open must at least be plausible."""
    deltas = _deltas(syntax, base, ours, theirs, structured.text)
    return deltas is not None and all(
        _adds_up(own, new, found, syntax.single(fact))
        or (_within(own, new, found) and any(syntax.concerned(fact, *place) for place in structured.open))
        for fact, own, new, found in deltas
    )


def _plausible(base: str, ours: str, theirs: str, result: str, syntax: Syntax) -> bool:
    """Whether the result has nothing more often, or less often, than one of the sides accounts for.

    Where lines were decided one way and their neighbours merged, a block that moved could come twice, or vanish.
    """
    deltas = _deltas(syntax, base, ours, theirs, result)
    return deltas is not None and all(_within(own, new, found) for _fact, own, new, found in deltas)


def _deltas(
    syntax: Syntax, base: str, ours: str, theirs: str, result: str
) -> list[tuple[Hashable, int, int, int]] | None:
    """How much more often than in base each fact is true in the others; None if one of them is not well formed."""
    try:
        before, *others = (syntax.facts(text) for text in (base, ours, theirs, result))
    except NotWellFormed:
        return None
    facts = {fact for side in others for fact in side} | set(before)
    own, new, found = others
    deltas = []
    for fact in facts:
        count = before.get(fact, 0)
        delta = (fact, own.get(fact, 0) - count, new.get(fact, 0) - count, found.get(fact, 0) - count)
        if any(delta[1:]):
            deltas.append(delta)
    return deltas


def _within(ours: int, theirs: int, result: int) -> bool:
    return min(ours, 0) + min(theirs, 0) <= result <= max(ours, 0) + max(theirs, 0)


def _adds_up(ours: int, theirs: int, result: int, single: bool) -> bool:
    """Whether the result has a fact as often more or less as the two sides demand."""
    if ours * theirs <= 0:
        return result == ours + theirs
    fewest, most = max(abs(ours), abs(theirs)), abs(ours + theirs)
    return result * ours > 0 and fewest <= abs(result) <= (fewest if single else most)


def _whole(file: str, base: str, ours: str, theirs: str, choice: Choice) -> Merged:
    """The changes cannot be told apart: the file as a whole is one conflict."""
    conflict = Conflict(
        file, lines_named(1, len(split_lines(ours))), lines_id(file, base, ours, theirs), base, ours, theirs
    )
    word = choice.answer(conflict.id)
    if word == "theirs":
        note = f"{file}: the new version's file stands instead of the instance's, as chosen; all that the instance changed is left out."
        return Merged(theirs, (), (note,))
    return Merged(ours, (conflict,) if word == "stop" else (), ())
