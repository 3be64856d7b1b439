# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Splits a command line as Windows programs do (CommandLineToArgvW, documented by Microsoft)."""

from __future__ import annotations


def split_command_line(text: str) -> list[str]:
    """Arguments of a command line: 2n backslashes before a quote are n and the quote counts, 2n+1 make it a letter."""
    arguments: list[str] = []
    current: list[str] | None = None
    quoted = False
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == "\\":
            end = position
            while end < len(text) and text[end] == "\\":
                end += 1
            count = end - position
            before_quote = end < len(text) and text[end] == '"'
            current = (current or []) + ["\\" * (count // 2 if before_quote else count)]
            if before_quote and count % 2:
                current.append('"')
                end += 1
            position = end
            continue
        if letter == '"':
            quoted = not quoted
            current = current or []
        elif letter in " \t" and not quoted:
            if current is not None:
                arguments.append("".join(current))
            current = None
        else:
            current = (current or []) + [letter]
        position += 1
    return arguments if current is None else [*arguments, "".join(current)]
