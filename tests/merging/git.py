# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Merging by lines, as git does it."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from collections.abc import Hashable
from pathlib import Path
from typing import TypeVar


def git_merged(base: str, ours: str, theirs: str) -> str | None:
    """What `git merge-file` makes of it; None where it has a conflict."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for file, text in zip(files, (ours, base, theirs), strict=True):
            file.write_text(text, encoding="utf-8", newline="")
        ended = subprocess.run(["git", "merge-file", "-p", *files], capture_output=True, check=False)
    return ended.stdout.decode() if ended.returncode == 0 else None


Fact = TypeVar("Fact", bound=Hashable)


def missing(
    base: Counter[Fact], ours: Counter[Fact], theirs: Counter[Fact], merged: Counter[Fact], result: Counter[Fact]
) -> list[str]:
    """The facts that git keeps and the result has not. Not those that both sides have added, which git has twice, nor those that one side
    has moved and the other taken away: git takes a line that moves for a new one.
    """
    both = (ours - base) & (theirs - base)
    moved = base - (ours & theirs)
    return [repr(fact) for fact in merged - result - both - moved]
