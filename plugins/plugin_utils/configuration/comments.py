# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comments that operators wrote into flat files, and how they get into the new version's file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from .document import KEY, Document, Entry
from .scalars import continued, split_comment

_DASHES = re.compile(r"(?:-[ \t]+)*")


def comments(lines: Iterable[str]) -> list[str]:
    """The comments in some lines, those behind values too, each from its ``#`` on."""
    found = []
    for line in lines:
        if "#" in line:
            body = _DASHES.sub("", line.strip(), count=1)
            key = KEY.match(body)
            comment = split_comment(body[key.end() :].lstrip() if key else body)[1]
            if comment:
                found.append(comment)
    return found


def own_comments(entry: Entry, base: Document | None) -> list[str]:
    """The comments above a directive that do not come from the old version's file."""
    known = _of_document(base) if base else []
    return [comment for comment in comments(entry.lead) if comment not in known]


def carry_comments(base: Document, ours: Document, result: Document) -> None:
    """Put each comment of the instance that stands nowhere in the old version's file above its directive in the result.

    Where that directive is gone, it goes to the next one that is there, or to the end. All other comments are the vendor's.
    """
    vendors = set(_of_document(base))
    missing = Counter(comment for comment in _of_document(ours) if comment not in vendors)
    if not missing:
        return
    missing -= Counter(_of_document(result))
    waiting = _taken(comments(ours.head), comments(result.head), missing)
    for entry in ours:
        target = result.get(entry.key)
        own = _of_entry(entry)
        if any(missing[comment] > 0 for comment in own):
            waiting += _taken(own, _of_entry(target), missing)
        if target and waiting:
            target.lead += [comment + result.newline for comment in waiting]
            waiting = []
    waiting += _taken(comments(ours.tail), comments(result.tail), missing)
    result.tail += [comment + result.newline for comment in waiting]


def _taken(own: list[str], there: list[str], missing: Counter[str]) -> list[str]:
    """The comments of one place that are not there in the result, of those that ``missing`` counts."""
    new = (Counter(own) - Counter(there)) & missing
    taken = []
    for comment in own:
        if new[comment] > 0:
            new[comment] -= 1
            missing[comment] -= 1
            taken.append(comment)
    return taken


def _of_entry(entry: Entry | None) -> list[str]:
    if entry is None:
        return []
    if not any("#" in line for line in entry.lines):
        return comments(entry.lead)
    inside = continued(entry.lines)
    return comments([*entry.lead, *(line for number, line in enumerate(entry.lines) if number not in inside)])


def _of_document(document: Document) -> list[str]:
    return [
        *comments([*document.head, *document.tail]),
        *(comment for entry in document for comment in _of_entry(entry)),
    ]
