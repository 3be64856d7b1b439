# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines and line ends of configuration files."""

from __future__ import annotations

import difflib
import io


def split_lines(text: str) -> list[str]:
    """The lines with their ends; unlike str.splitlines, only what editors on Windows take for an end of line is one."""
    return list(io.StringIO(text, newline=""))


def join_lines(lines: list[str], newline: str) -> str:
    """One text; a line that had no end because it was the last of its file gets one if it is not the last any more."""
    if any(line[-1:] not in ("\n", "\r") for line in lines[:-1]):
        lines = [line if line[-1:] in ("\n", "\r") else line + newline for line in lines[:-1]] + lines[-1:]
    return "".join(lines)


def indent_of(line: str) -> str:
    """The blanks in front of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def newline_of(text: str) -> str | None:
    """The line end that most lines have; None for a text of one line."""
    windows = text.count("\r\n")
    others = text.count("\n") - windows
    return None if windows == others == 0 else "\r\n" if windows >= others else "\n"


def with_newline(text: str, newline: str | None) -> str:
    """The text with another line end; as it is if there is none to take over."""
    if newline is None:
        return text
    text = text.replace("\r\n", "\n")
    return text if newline == "\n" else text.replace("\n", newline)


def unified_diff(name: str, old: str, new: str, old_label: str, new_label: str) -> str:
    """What differs, three lines of context, line ends left out; empty if nothing differs but line ends."""
    before, after = (with_newline(text, "\n").splitlines() for text in (old, new))
    lines = difflib.unified_diff(before, after, f"{name} ({old_label})", f"{name} ({new_label})", lineterm="")
    return "\n".join(lines)
