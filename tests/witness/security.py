# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Owners and access lists of a Wine host, as they were written: the file security.json, as of every stand-in host (SecurityFile.cs)."""

from __future__ import annotations

import json
import ntpath
import re
import threading
from pathlib import Path

from standin.installation import write_json

_DEFAULT = "O:BAD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;0x1200a9;;;BU)"


class Security:
    """By lower-case Windows path; a path that is not known has what it inherits."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._guard = threading.Lock()

    def read(self, path: str) -> str:
        known = self._all()
        path = path.lower()
        if path in known:
            return known[path]
        above = ntpath.dirname(path)
        while above != path:
            if above in known:
                return _inherited(known[above])
            path, above = above, ntpath.dirname(above)
        return _DEFAULT

    def write(self, path: str, sddl: str) -> None:
        with self._guard:
            write_json(self._file, {**self._all(), path.lower(): sddl})

    def forget(self, path: str) -> None:
        with self._guard:
            write_json(self._file, {name: sddl for name, sddl in self._all().items() if name != path.lower()})

    def keep(self, path: str) -> None:
        """ReplaceFile keeps the access list, and the new file's owner is who wrote it."""
        own = self._all().get(path.lower())
        if own:
            self.write(path, re.sub("^O:.*?(?=G:|D:|$)", "O:BA", own))

    def _all(self) -> dict[str, str]:
        known: dict[str, str] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        return known


def _inherited(sddl: str) -> str:
    """What a file below gets: the entries of the folder, marked as inherited."""
    entries = sddl[sddl.index("(", sddl.index("D:")) :]
    return "O:BAD:AI" + entries.replace(";OICI;", ";ID;").replace(";OICIID;", ";ID;")
