# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets as the controller meets them: as tokens.

The host answers a salted token for every value that is not known to be harmless, and puts the value back when a file is written
(docs/protocol.md, "Secrets"). Only what the operator gives is a secret here.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Mapping
from typing import Any

TOKEN = re.compile("\u27e6secret:[0-9a-f]{16}\u27e7")
"""What the host answers in place of a secret."""

HIDDEN = "\u27e6secret\u27e7"
"""What is shown of a value that has no token."""

# What a line begins with that may be shown: blanks, the mark of a comment or of a list, a name with its colon; the name of an element.
_HEAD = re.compile(r"\s*(?:#\s*)?(?:-\s+)?(?:\"?[\w.\-]+\"?\s*:(?=\s|$)|</?[\w.:\-]+)?\s*")
_KNOWN = re.compile(rf"(?:{TOKEN.pattern}|[\s\"',;{{}}\[\]/>])*")


def rules(names: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """The ``secrets`` field of queries and plans, with a salt of its own. ``names``: what the policy says (policy.names)."""
    return {"salt": secrets.token_hex(16), **names}


def hide_values(text: str, values: Iterable[str]) -> str:
    """The text without these values, however they are quoted."""
    forms = {form for value in values if value for form in (value, value.replace("'", "''"))}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def hide_lines(text: str, seen: Collection[str]) -> str:
    """A text of the operator's own as it may be shown: lines that the host has shown as well, and of others what they begin with."""
    known = {line.strip() for line in seen}
    return "".join(line if line.strip() in known else _head(line) for line in text.splitlines(keepends=True))


def _head(line: str) -> str:
    body = line.rstrip("\r\n")
    match = _HEAD.match(body)
    end = match.end() if match else 0
    return line if _KNOWN.fullmatch(body, end) else body[:end] + HIDDEN + line[len(body) :]
