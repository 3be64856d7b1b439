# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""In which encodings planned texts are written, and whether these have all their characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ..configuration.changing import Change, FileChange
from ..model.secrets import TOKEN
from .findings import Finding
from .reading import Texts

_DECLARED = re.compile(r"""\A<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.\-]*)["']""")
_UNICODE = {"utf-8": "utf-8", "utf-8-bom": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}
"""The encodings of the agent that hold every character, by what an XML declaration calls them."""


def declared(change: Change, code_page: int | None) -> Change:
    """The same change, its files in the encodings that they declare. ``code_page``: that of the host's ANSI code page, if known.

    A byte order mark beside another declaration is kept as it is where the instance's file has both.
    """
    return replace(change, files=tuple(_as_declared(file, code_page) for file in change.files))


def _as_declared(file: FileChange, code_page: int | None) -> FileChange:
    wanted = _declaration(file.after)
    if wanted is None or wanted == _declaration(file.before):
        return file
    if wanted in (_UNICODE.get(file.encoding), file.encoding) or (file.encoding, wanted) == (
        "ansi",
        f"windows-{code_page}",
    ):
        return file
    return replace(file, encoding="utf-16-le" if wanted == "utf-16" else wanted)


def _declaration(text: str | None) -> str | None:
    found = _DECLARED.match(text or "")
    return found[1].lower() if found else None


def check(prefix: str, change: Change, texts: Texts) -> list[Finding]:
    """Blockers for texts that cannot be written as they are. ``prefix``: which instance and hop."""
    return [
        Finding("blocker", "encoding", f"{prefix}: {told}")
        for file in change.files
        if file.after is not None and file.encoding not in _UNICODE
        for told in _problem(file, TOKEN.sub("", file.after), texts.code_page)
    ]


def _problem(file: FileChange, text: str, code_page: int | None) -> Iterator[str]:
    name = f"the host's code page {code_page}" if file.encoding == "ansi" else f"the encoding {file.encoding}"
    try:
        text.encode(f"cp{code_page}" if file.encoding == "ansi" else file.encoding)
    except LookupError:
        if not text.isascii():
            yield (
                f"{file.name} would be written in {name}, which is not known here, so that nobody can tell whether it has every character. "
                f"{_ADVICE}"
            )
    except UnicodeEncodeError as error:
        letter, line = text[error.start], text.count("\n", 0, error.start) + 1
        yield f"{file.name} would be written in {name}, which has no '{letter}' (U+{ord(letter):04X}), in line {line}. {_ADVICE}"


_ADVICE = "Save the instance's file as UTF-8, with that in its XML declaration if it has one, and plan again."
