# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the instance's text is indented, made into how the new version's is."""

from __future__ import annotations

from .nodes import Node


def begins_line(node: Node) -> bool:
    """Whether a node is the first of its line."""
    return not _before(node).strip(" \t")


def blanks_before(node: Node) -> str:
    """The blanks in front of a node that begins a line; nothing for another."""
    return _before(node) if begins_line(node) else ""


def _before(node: Node) -> str:
    return node.source[node.source.rfind("\n", 0, node.start) + 1 : node.start]


class Indentation:
    """Changes the steps of one document into those of another."""

    def __init__(self, ours: Node, theirs: Node) -> None:
        self._own, self._new = _step(ours), _step(theirs)

    def inside(self, node: Node) -> str:
        """The blanks in front of the children of a node of the new version."""
        model = next((child for child in node.children if begins_line(child)), None)
        return blanks_before(model) if model else blanks_before(node) + self._new

    def fitted(self, node: Node, wanted: str) -> str:
        """A node's text, for a place with these blanks in front."""
        own = blanks_before(node)
        first, *lines = node.raw.split("\n")
        return "\n".join(
            [first, *(wanted + self._converted(line[len(own) :]) if line.startswith(own) else line for line in lines)]
        )

    def _converted(self, line: str) -> str:
        rest = line.lstrip(" \t")
        blanks = line[: len(line) - len(rest)]
        steps = len(blanks) // len(self._own) if self._own and self._new else 0
        if not rest or blanks[: steps * len(self._own)] != self._own * steps:
            return line
        return self._new * steps + blanks[steps * len(self._own) :] + rest


def _step(document: Node) -> str:
    """By how much the first element inside of the root is indented more than the root."""
    for root in document.children:
        for child in root.children:
            blanks, outer = blanks_before(child), blanks_before(root)
            if blanks.startswith(outer) and blanks != outer:
                return blanks[len(outer) :]
    return ""
