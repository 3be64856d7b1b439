# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which values of configuration files are secret.

The host replaces them by salted tokens before anything is answered, and puts them back when a file is written, so that no
secret ever reaches the controller (docs/protocol.md, "Secrets").
"""

from __future__ import annotations

import fnmatch
import re
import secrets
from typing import Any

_KEY = r"[\w.\-]*(?:password|passwd|pwd|secret|secretkey|accesskey|clientsecret|apikey|accountkey|sharedaccesskey|privatekey|token)"

_ALL = ("*.yml", "*.config", "*.json", "registry")

PATTERNS = [
    # journal.password, mq.sasl.password, auth.openId.clientSecret, s3.<connection>.accessKey and .secretKey
    # (vendor's description of the configuration files); adapterhost.config has the same flat form.
    *(
        {
            "files": files,
            "pattern": rf"(?im)^[ \t\-]*[\"']?{_KEY}[\"']?[ \t]*:[ \t]*(?<secret>[^\s#][^\r\n]*?)[ \t]*\r?$",
        }
        for files in ("*.yml", "*.config")
    ),
    # The same as a block of several lines.
    {
        "files": "*.yml",
        "pattern": rf"(?im)^[ \t\-]*[\"']?{_KEY}[\"']?[ \t]*:[ \t]*[|>][^\r\n]*\r?\n(?<secret>(?:[ \t]+[^\r\n]*(?:\r?\n|$))+)",
    },
    # http://user:password@host
    *({"files": files, "pattern": r"://[^\s/:@\"'<>]+:(?<secret>[^\s@/\"'<>]+)@"} for files in _ALL),
    {"files": "*.json", "pattern": rf"(?i)\"{_KEY}\"\s*:\s*\"(?<secret>[^\"]+)\""},
    # Connection strings and attributes of Web.config and its sisters.
    {
        "files": "*.config",
        "pattern": r"(?i)(?:password|pwd|accountkey|sharedaccesskey)\s*=\s*(?:&quot;)?(?<secret>[^;\"'<>&\s]+)",
    },
    {"files": "*.config", "pattern": rf"(?i)\b{_KEY}\s*=\s*\"(?<secret>[^\"]+)\""},
    {"files": "*.config", "pattern": r"(?i)\b(?:validationKey|decryptionKey)\s*=\s*\"(?<secret>[0-9a-f]{8,})"},
    {
        "files": "*.config",
        "pattern": rf"(?i)\b(?:key|name)\s*=\s*\"{_KEY}\"\s+value\s*=\s*\"(?<secret>[^\"]+)\"",
    },
    {"files": "*.config", "pattern": rf"(?i)<{_KEY}(?:\s[^<>]*)?>(?<secret>[^<]+)</"},
    # Values of the registry are offered to the patterns as "name: value" under the file name "registry".
    {"files": "registry", "pattern": rf"(?im)^{_KEY}: (?<secret>.+)$"},
]


TOKEN = re.compile("\u27e6secret:[0-9a-f]{16}\u27e7")
"""What the host answers in place of a secret."""

_COMPILED = [(rule["files"], re.compile(rule["pattern"].replace("(?<", "(?P<"))) for rule in PATTERNS]


def hide(name: str, text: str) -> str:
    """A text of the operator's own, by the name of its file, as it may be shown; tokens of the host stay as they are."""
    for files, pattern in _COMPILED:
        if fnmatch.fnmatchcase(name.casefold(), files):
            text = pattern.sub(_hidden, text)
    return text


def _hidden(match: re.Match[str]) -> str:
    start, end = (position - match.start() for position in match.span("secret"))
    whole, value = match[0], match["secret"]
    return (
        whole if value.lstrip("'\"").startswith("\u27e6secret") else f"{whole[:start]}\u27e6secret\u27e7{whole[end:]}"
    )


def rules() -> dict[str, Any]:
    """The ``secrets`` field of queries and plans, with a salt of its own."""
    return {"salt": secrets.token_hex(16), "patterns": PATTERNS}
