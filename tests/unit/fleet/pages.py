# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A page of HTML as its tags and its words."""

from __future__ import annotations

from html.parser import HTMLParser

BLOCKS = {"strong", "dt", "dd", "td", "th", "p", "li"}


class Page(HTMLParser):
    """``tags``: names with the names of their attributes, in order; ``attributes``: each with its value; ``words``: the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, ...]] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words = ""
        self._hidden = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")
        self.words += " " if tag in BLOCKS else ""

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data
