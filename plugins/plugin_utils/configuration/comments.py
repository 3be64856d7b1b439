# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comments that operators wrote into flat files, and how they get into the new version's file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from .document import Document, Entry
from .scalars import split_comment

_VALUE = re.compile(r"(?:-[ \t]+)*(?:[^\s:#]+:(?=\s))?[ \t]*(.*)", re.DOTALL)


def comments(lines: Iterable[str]) -> list[str]:
    """The comments in some lines, those behind values too, each from its ``#`` on."""
    found = []
    for line in lines:
        if "#" in line:
            body = line.strip()
            match = _VALUE.match(body)
            comment = body if body[0] == "#" else split_comment(match[1] if match else "")[1]
            if comment:
                found.append(comment)
    return found


def own_comments(entry: Entry, base: Document | None) -> list[str]:
    """The comments above a directive that do not come from the old version's file."""
    known = set(_of_document(base)) if base else set()
    return [comment for comment in comments(entry.lead) if comment not in known]


def carry_comments(base: Document, ours: Document, theirs: Document, result: Document) -> None:
    """Put each comment that the instance's file has at a directive, and the old version's has not, above it in the result.

    Where that directive is gone, it goes to the next one that is there, or to the end. Comments that merely stand elsewhere by
    now are there already. One that all three files have is missing in the result if it stood behind a value that the instance
    replaced.
    """
    missing = _of_document(ours) - _of_document(result)
    if not missing:
        return
    waiting: list[str] = []
    for entry in ours:
        target = result.get(entry.key)
        gone = Counter(_of_entry(base.get(entry.key))) - Counter(_of_entry(theirs.get(entry.key)))
        waiting += _missing(_of_entry(entry), gone, _of_entry(target), missing)
        if target:
            target.lead += [comment + result.newline for comment in waiting]
            waiting = []
    gone = Counter(comments(base.tail)) - Counter(comments(theirs.tail))
    waiting += _missing(comments(ours.tail), gone, comments(result.tail), missing)
    result.tail += [comment + result.newline for comment in waiting]


def _missing(own: list[str], gone: Counter[str], there: list[str], missing: Counter[str]) -> list[str]:
    """The comments at one place that the vendor did not remove and that are not in the result, which ``missing`` counts."""
    new = Counter(own) - gone - Counter(there)
    carried = []
    for comment in own:
        if new[comment] > 0 and missing[comment] > 0:
            new[comment] -= 1
            missing[comment] -= 1
            carried.append(comment)
    return carried


def _of_entry(entry: Entry | None) -> list[str]:
    return comments([*entry.lead, *entry.lines]) if entry else []


def _of_document(document: Document) -> Counter[str]:
    found: Counter[str] = Counter()
    for entry in document:
        found.update(_of_entry(entry))
    found.update(comments(document.tail))
    return found
