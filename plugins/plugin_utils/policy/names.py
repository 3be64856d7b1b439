# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which names of directives are public, and which sound like those of secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..model.values import shown
from .entries import Entry

_PIECES = r"[^\s.*]+( [^\s.*]+)*(\.[^\s.*]+( [^\s.*]+)*)*"
_NAME = re.compile(rf"({_PIECES}\.)?(\*\.)?{_PIECES}")
_WANTED = "a dotted name such as journal.server, where one * may stand for any piece but the last"
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Names:
    """``public``: names whose values may leave a host. ``secret``: names whose values never do. Dotted, one ``*`` for any piece but the
    last; a name fits what ends with it. ``words``: a name that has one of them sounds like a secret's.
    """

    public: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, list[str]]:
        """For the agent."""
        return {"public": list(self.public), "secret": list(self.secret), "words": list(self.words)}

    def is_public(self, directive: str) -> bool:
        """Whether the value of a directive of a yml may be shown; the longest name that fits decides."""
        pieces = directive.casefold().split(".")
        public, secret = ({name.casefold() for name in names} for names in (self.public, self.secret))
        for length in range(len(pieces), 0, -1):
            tail = pieces[-length:]
            forms = {".".join(tail), *(".".join([*tail[:n], "*", *tail[n + 1 :]]) for n in range(length - 1))}
            if forms & secret:
                return False
            if forms & public:
                return True
        return False


def read(entries: Mapping[str, Entry]) -> Names:
    """What all entries say together: of two that disagree about a name, the later one is right."""
    known: dict[str, tuple[str, bool]] = {}
    words: dict[str, None] = {}
    for entry in entries.values():
        lists = {key: _texts(entry, key, _NAME, _WANTED) for key in ("public", "secret")}
        both = {name.casefold() for name in lists["public"]} & {name.casefold() for name in lists["secret"]}
        if both:
            said = ", ".join(shown(name) for name in sorted(both))
            entry.wrong("secret", f"{said} is public in the same entry; take it out of one of the lists")
        for key, names in lists.items():
            known |= {name.casefold(): (name, key == "public") for name in names}
        found = _texts(entry, "words", _WORD, "a word of letters")
        words |= dict.fromkeys(word.casefold() for word in found)
        if not (any(lists.values()) or found):
            entry.wrong("public", "is missing; wanted public, secret or words: lists of names")
        entry.text("source")
    return Names(
        tuple(name for name, public in known.values() if public),
        tuple(name for name, public in known.values() if not public),
        tuple(words),
    )


def _texts(entry: Entry, key: str, form: re.Pattern[str], wanted: str) -> Iterable[str]:
    texts = entry.texts(key)
    for number, text in enumerate(texts, start=1):
        if text and not form.fullmatch(text):
            entry.wrong(f"{key}: item {number}", f"wanted {wanted}, found {shown(text)}")
    return [text for text in texts if text]
