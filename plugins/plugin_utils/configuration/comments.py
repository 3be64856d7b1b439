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

_Group = tuple[str | None, list[str], list[str]]
"""A directive (None for the end of the file) with its comments, and those that it has in the old version."""


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


def carry_comments(base: Document, ours: Document, theirs_with_ours: Document) -> None:
    """Put each comment that only the instance's file has above the directive that it belongs to.

    Where that directive is gone, it goes to the next one that is there, or to the end.
    """
    inherited = _of_document(base)
    missing = (_of_document(ours) - inherited) - (_of_document(theirs_with_ours) - inherited)
    if not missing:
        return
    groups: list[_Group] = [(entry.key, _of_entry(entry), _of_entry(base.get(entry.key))) for entry in ours]
    groups.append((None, comments(ours.tail), comments(base.tail)))
    chosen = _choose(groups, missing)
    waiting: list[str] = []
    for (key, _own, _old), carried in zip(groups, chosen, strict=True):
        waiting += [comment + theirs_with_ours.newline for comment in carried]
        target = theirs_with_ours.get(key) if key is not None else None
        if target:
            target.lead += waiting
            waiting = []
    theirs_with_ours.tail += waiting


def _choose(groups: list[_Group], missing: Counter[str]) -> list[list[str]]:
    """Which comments of each group to carry: first those that the same directive did not have before."""
    chosen: list[list[str]] = [[] for _group in groups]
    for only_new in (True, False):
        for place, (_key, own, old) in enumerate(groups):
            left = Counter(own) - Counter(old if only_new else chosen[place])
            for comment in own:
                if left[comment] > 0 and missing[comment] > 0:
                    left[comment] -= 1
                    missing[comment] -= 1
                    chosen[place].append(comment)
    return chosen


def _of_entry(entry: Entry | None) -> list[str]:
    return comments([*entry.lead, *entry.lines]) if entry else []


def _of_document(document: Document) -> Counter[str]:
    found: Counter[str] = Counter()
    for entry in document:
        found.update(_of_entry(entry))
    found.update(comments(document.tail))
    return found
