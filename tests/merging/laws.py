# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The laws of merging XML and JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged

STOP = Choice()

Merge = Callable[[str, str, str, Choice], Merged]
"""Of base, ours and theirs."""


class Oracle(Protocol):
    """What a format's reader, which is not ours, finds."""

    def lost(self, base: str, ours: str, theirs: str, result: Merged, /) -> list[str]: ...

    def faults(self, ours: str, theirs: str, result: str, /) -> list[str]: ...

    def git_keeps(self, base: str, ours: str, theirs: str, result: str, /) -> list[str]: ...


def violations(merge: Merge, oracle: Oracle, base: str, ours: str, theirs: str) -> list[str]:
    """What is wrong with the merges of a history, a sentence each that begins with its kind and a colon."""
    result = merge(base, ours, theirs, STOP)
    found = [f"lost: {one}" for one in oracle.lost(base, ours, theirs, result)]
    if not result.conflicts:
        found += [f"git: {one}" for one in oracle.git_keeps(base, ours, theirs, result.text)]
    found += [f"invalid: {one}" for one in oracle.faults(ours, theirs, result.text)]
    if merge(base, ours, base, STOP) != Merged(ours, (), ()) or merge(base, base, theirs, STOP).text != theirs:
        found.append("changed: a side that changed nothing changed the result")
    for word in ("ours", "theirs"):
        found += [f"{kind} ({word}): {what}" for kind, what in _answered(merge, oracle, (base, ours, theirs), word)]
    return found


def _answered(merge: Merge, oracle: Oracle, sides: tuple[str, str, str], word: str) -> list[tuple[str, str]]:
    """The same with an answer for every conflict. Merged again, a text changes nothing, or asks again."""
    base, ours, theirs = sides
    result = merge(base, ours, theirs, Choice(word))
    found = [("invalid", one) for one in oracle.faults(ours, theirs, result.text)]
    if result.conflicts:
        found.append(("unanswered", str(result.conflicts)))
    again = merge(base, result.text, theirs, Choice(word))
    if again.text != result.text and not merge(base, result.text, theirs, STOP).conflicts:
        found.append(("unstable", again.text))
    return found
