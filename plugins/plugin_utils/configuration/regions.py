# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three-way comparison of sequences, by the matching of the merge3 library."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

try:
    import merge3
except ImportError:  # checked where it is needed: most upgrades need it nowhere
    merge3 = None


class MergingUnavailable(Exception):
    """The merge3 library is not installed on the controller."""

    def __init__(self) -> None:
        super().__init__(
            "The Python package 'merge3' is not installed on the controller, so files cannot be merged by lines. Install it "
            "with 'pip install merge3' into the Python that runs Ansible, or give the whole file."
        )


class _Matcher(difflib.SequenceMatcher[str]):
    """Without difflib's guess that a line which stands often is of no interest: in XML it is the closing tag."""

    def __init__(self, isjunk: Callable[[str], bool] | None, one: Sequence[str], other: Sequence[str]) -> None:
        super().__init__(isjunk, one, other, autojunk=False)


Gap = tuple[slice, slice, slice]
"""The parts of base, ours and theirs that lie between the same neighbours."""


def compare(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[bool, Gap]]:
    """The sequences from beginning to end, in parts: True where all three are equal, False where one of them differs."""
    if merge3 is None:
        raise MergingUnavailable
    merging: Any = merge3.Merge3(base, ours, theirs, sequence_matcher=_Matcher)
    done = (0, 0, 0)
    for zero, zero_end, one, one_end, two, two_end in merging.find_sync_regions():
        if (zero, one, two) != done:
            yield False, (slice(done[0], zero), slice(done[1], one), slice(done[2], two))
        if zero_end > zero:
            yield True, (slice(zero, zero_end), slice(one, one_end), slice(two, two_end))
        done = (zero_end, one_end, two_end)
