# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What both sides changed: decided by the operator's answers, or left as a conflict."""

from __future__ import annotations

from collections.abc import Sequence

from .choices import Choice
from .completeness import Open, Path
from .results import Conflict, lines_id, lines_named, shown


class Decisions:
    """Collects the conflicts of one file. ``left_open``: where they are, answered or not."""

    def __init__(self, file: str, choice: Choice) -> None:
        self.conflicts: list[Conflict] = []
        self.notes: list[str] = []
        self.left_open: list[Open] = []
        self._file, self._choice = file, choice

    def ours(self, path: Path, what: str | None, line: int | None, texts: Sequence[str | None]) -> bool:
        """Whether the instance's side stands: by the answer, or because there is none yet.

        ``what``: an attribute, ``text``, or None for the whole element; ``line``: where it begins in the instance's file; ``texts``: those
        of base, ours and theirs.
        """
        base, ours, theirs = texts
        lines = lines_named(line, line + (ours or "").count("\n")) if line else "lines that are gone"
        conflict = Conflict(self._file, lines, lines_id(self._file, "/".join(path), *texts), base, ours, theirs)
        word = self._choice.answer(conflict.id)
        self.left_open.append((path, what))
        if word == "stop":
            self.conflicts.append(conflict)
        elif word == "theirs":
            self.notes.append(
                f"{self._file}, {lines}: {shown(theirs)} of the new version stands instead of {shown(ours)}, as chosen."
            )
        return word != "theirs"

    def mark(self) -> tuple[int, int, int]:
        """For `back`."""
        return len(self.conflicts), len(self.notes), len(self.left_open)

    def back(self, mark: tuple[int, int, int]) -> None:
        """Forget what was decided since then: something larger is decided instead."""
        del self.conflicts[mark[0] :], self.notes[mark[1] :], self.left_open[mark[2] :]
