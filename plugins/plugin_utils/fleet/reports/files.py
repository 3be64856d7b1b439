# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of the files of a run, and writing them so that nobody ever reads half of one."""

from __future__ import annotations

import contextlib
import hashlib
import os
import unicodedata
from pathlib import Path

LONGEST_NAME = 120
"""Bytes of UTF-8. File systems allow 255, and a suffix and the mark of a temporary file come behind."""


def stem(run: str) -> str:
    """The name of a run's files without the suffix: the run's own name where that is a safe file name. Where it is not, a digest of
    the name is added, so that two runs never share a file.
    """
    safe = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in unicodedata.normalize("NFC", run))
    safe = safe.lstrip(".-").encode("utf-8", "replace")[:LONGEST_NAME].decode("utf-8", "ignore")
    if safe == run:
        return safe
    digest = hashlib.sha256(run.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe}-{digest}" if safe else f"run-{digest}"


def present(file: Path) -> bytes | None:
    """What is in the file, None if it is not there. Raises :class:`OSError`."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def write(file: Path, content: bytes) -> None:
    """Writes a temporary file beside it and puts that in its place. Raises :class:`OSError`; then the old file is as it was."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("xb") as opened:  # never through a link that somebody has put there
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        temporary.replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
