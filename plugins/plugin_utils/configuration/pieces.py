# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What one conflict of lines becomes when it is looked at by the words of its format (tags, attributes, texts)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .regions import compare
from .text import indent_of, split_lines


@dataclass(frozen=True)
class Token:
    """``raw``: with the blanks before it. ``text``: without. ``name``: what stays the same when its value changes."""

    raw: str
    text: str
    name: str


@dataclass(frozen=True)
class Grammar:
    """``token``: matches one token at a time, blanks before it included, its text in the group ``text``. A token with the group
    ``name`` is a pair of name and value: an attribute, or an entry of an object; the groups ``free`` hold free text.
    """

    token: re.Pattern[str]

    def tokens(self, text: str) -> list[Token]:
        """All tokens; blanks at the end are none."""
        found = []
        for match in self.token.finditer(text):
            name = f"{match['name']}=" if match["name"] else "\0free" if match["free"] else match["text"]
            found.append(Token(match[0], match["text"], name))
        return found


def merge_tokens(grammar: Grammar, base: str, ours: str, theirs: str) -> str | None:
    """One text with the changes of both, or None where they cannot be told apart.

    Where each line still stands beside its own older form, lines are merged one by one, else all of them at once.
    """
    rows = [split_lines(text) for text in (base, ours, theirs)]
    if not len(rows[0]) == len(rows[1]) == len(rows[2]) or any(
        len({_head(grammar, line) for line in lines}) > 1 for lines in zip(*rows, strict=True)
    ):
        return _all_tokens(grammar, base, ours, theirs)
    result = []
    for old, own, new in zip(*rows, strict=True):
        chosen = _either(old.strip(), own.strip(), new.strip())
        if chosen is None:
            line = _all_tokens(grammar, old, own, new)
            if line is None:
                return None
            result.append(line)
        elif chosen == own.strip() != new.strip():
            result.append(own if indent_of(old) == indent_of(new) else indent_of(new) + own.lstrip(" \t"))
        else:
            result.append(new)
    return "".join(result)


def _all_tokens(grammar: Grammar, *texts: str) -> str | None:
    base, ours, theirs = (grammar.tokens(text) for text in texts)
    for side, text in zip((base, ours, theirs), texts, strict=True):
        if not side or "".join(token.raw for token in side) != text.rstrip():
            return None  # there is something in the text that the grammar has no token for
    found = _merge(base, ours, theirs)
    return None if found is None else "".join(token.raw for token in found) + texts[2][len(texts[2].rstrip()) :]


def _head(grammar: Grammar, line: str) -> tuple[str, ...]:
    """What a line is about: its first token, and its names and keys."""
    found = grammar.tokens(line)
    named = tuple(token.text for token in found if token.name in ("name=", "key=", "id="))
    return (found[0].name, *named) if found else ()


def _either(base: str, ours: str, theirs: str) -> str | None:
    if ours in (base, theirs):
        return theirs
    return ours if theirs == base else None


def _merge(base: list[Token], ours: list[Token], theirs: list[Token]) -> list[Token] | None:
    result: list[Token] = []
    texts = [[token.text for token in side] for side in (base, ours, theirs)]
    for equal, (old, own, new) in compare(*texts):
        if equal:
            result += theirs[new]
            continue
        chosen = _gap(base[old], ours[own], theirs[new])
        if chosen is None:
            return None
        result += chosen
    return result


def _gap(base: Sequence[Token], ours: Sequence[Token], theirs: Sequence[Token]) -> Sequence[Token] | None:
    old, own, new = ([token.text for token in side] for side in (base, ours, theirs))
    if own in (old, new):
        return theirs
    if new == old:
        return ours
    sides = (base, ours, theirs)
    if all(token.name.endswith("=") for side in sides for token in side):
        return _attributes(*sides)
    if len({tuple(token.name for token in side) for side in sides}) != 1:
        return None
    result = []
    for one, two, three in zip(*sides, strict=True):
        chosen = _either(one.text, two.text, three.text)
        if chosen is None:
            return None
        result.append(three if chosen == three.text else two)
    return result


def _attributes(base: Sequence[Token], ours: Sequence[Token], theirs: Sequence[Token]) -> Sequence[Token] | None:
    """Merge attributes by name: the new version's order, the instance's additions after their predecessor."""
    old, own, new = ({token.name: token for token in side} for side in (base, ours, theirs))
    if len(old) < len(base) or len(own) < len(ours) or len(new) < len(theirs):
        return None
    result: list[Token] = []
    names = list(new)
    for name in own:
        if name not in new:
            before = [known for known in list(own)[: list(own).index(name)] if known in names]
            names.insert(names.index(before[-1]) + 1 if before else 0, name)
    for name in dict.fromkeys([*names, *old]):
        texts = [side[name].text if name in side else "" for side in (old, own, new)]
        chosen = _either(*texts)
        if chosen is None:
            return None
        if chosen:
            result.append(new[name] if name in new and chosen == texts[2] else own[name])
    return result
