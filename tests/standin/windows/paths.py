# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Windows paths of a stand-in host and the Linux paths behind them."""

from __future__ import annotations

import ntpath
import os
import re
from enum import Enum
from pathlib import Path

_ROOTED = re.compile(r"^[A-Za-z]:\\")
_MOST_LINKS = 32  # Windows gives up with ERROR_CANT_RESOLVE_FILENAME after 63; a loop is found sooner here


class LinkKind(Enum):
    """The kind of a link, as the agent protocol names it; the value is the end of the Linux target that marks it."""

    FILE = ""
    DIRECTORY = "/"
    JUNCTION = "/./"

    @property
    def protocol_name(self) -> str:
        return {"FILE": "symlink_file", "DIRECTORY": "symlink_directory", "JUNCTION": "junction"}[self.name]


class BrokenLink(FileNotFoundError):
    """A link that leads nowhere, leads in a circle, or has the wrong kind for its target."""


class Drives:
    """The drives of one host: `drives/c`, `drives/d`; names keep their case, lookup ignores it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def letters(self) -> list[str]:
        return sorted(entry.name for entry in self.folder.iterdir() if entry.is_dir())

    def linux(self, windows_path: str) -> Path:
        """The Linux path of a Windows path; links in the parents are followed, the last component is not.

        Missing components keep the case they are asked for with. Raises ValueError for a path that is not rooted
        and BrokenLink where a parent is a link that cannot be followed.
        """
        parts = self._split(windows_path)
        here = self._root(parts[0])
        for name in parts[1:-1]:
            here = self._enter(self._child(here, name))
        return self._child(here, parts[-1]) if len(parts) > 1 else here

    def real(self, windows_path: str) -> Path:
        """The Linux path of what a Windows path leads to, with every link followed."""
        return self._enter(self.linux(windows_path))

    def windows(self, linux_path: Path | str) -> str:
        """The Windows path of a Linux path below the drives (nothing is followed)."""
        relative = os.path.relpath(os.path.normpath(str(linux_path)), self.folder)
        letter, _, rest = relative.partition("/")
        if len(letter) != 1 or letter == ".":
            raise ValueError(f"{linux_path} lies outside the drives of the host, which are in {self.folder}")
        return f"{letter.upper()}:\\" + rest.replace("/", "\\")

    def exists(self, windows_path: str) -> bool:
        try:
            return self.real(windows_path).exists()
        except BrokenLink:
            return False

    def make_directory(self, windows_path: str) -> Path:
        """Create a folder and its parents; an existing one stays."""
        path = self.real(windows_path)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, windows_path: str, content: bytes) -> Path:
        """Write a file, with its parents."""
        self.make_directory(ntpath.dirname(windows_path))
        path = self.real(windows_path)
        path.write_bytes(content)
        return path

    def make_link(self, windows_path: str, target: str, kind: LinkKind) -> None:
        """Create a link of a kind; the target may be missing, as on Windows."""
        parts = self._split(target)
        plain = self._root(parts[0])
        for name in parts[1:]:
            plain = self._child(plain, name)
        path = self.linux(windows_path)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(f"{plain}{kind.value}", path)

    def link(self, windows_path: str) -> tuple[LinkKind, str] | None:
        """Kind and Windows target of a link, or None if the path is no link."""
        path = self.linux(windows_path)
        return self.read_link(path) if path.is_symlink() else None

    def read_link(self, path: Path) -> tuple[LinkKind, str]:
        """Kind and Windows target of the link at a Linux path."""
        text = os.readlink(path)
        kind = next(
            kind for kind in (LinkKind.JUNCTION, LinkKind.DIRECTORY, LinkKind.FILE) if text.endswith(kind.value)
        )
        return kind, self.windows(text)

    def _enter(self, path: Path, depth: int = 0) -> Path:
        if not path.is_symlink():
            return path
        if depth == _MOST_LINKS:
            raise BrokenLink(f"links lead in a circle at {self.windows(path)}")
        kind, target = self.read_link(path)
        end = self._enter(self._follow(target, depth + 1), depth + 1)
        if not end.exists():
            raise BrokenLink(f"the link {self.windows(path)} leads to {target}, which does not exist")
        if end.is_dir() != (kind is not LinkKind.FILE):
            wanted = "a file" if kind is LinkKind.FILE else "a folder"
            raise BrokenLink(f"the link {self.windows(path)} is a link to {wanted}, but {target} is not one")
        return end

    def _follow(self, target: str, depth: int) -> Path:
        parts = self._split(target)
        here = self._root(parts[0])
        for name in parts[1:-1]:
            here = self._enter(self._child(here, name), depth)
        return self._child(here, parts[-1]) if len(parts) > 1 else here

    @staticmethod
    def _split(windows_path: str) -> list[str]:
        path = windows_path.removeprefix("\\\\?\\").replace("/", "\\")
        if not _ROOTED.match(path):
            raise ValueError(f"{windows_path!r} is not a path with a drive, such as C:\\Windows")
        drive, rest = ntpath.splitdrive(ntpath.normpath(path))
        return [drive[0].lower(), *(name for name in rest.split("\\") if name)]

    def _root(self, letter: str) -> Path:
        return self.folder / letter

    @staticmethod
    def _child(folder: Path, name: str) -> Path:
        exact = folder / name
        if os.path.lexists(exact):
            return exact
        wanted = name.lower()
        try:
            return next((entry for entry in folder.iterdir() if entry.name.lower() == wanted), exact)
        except (FileNotFoundError, NotADirectoryError):
            return exact
