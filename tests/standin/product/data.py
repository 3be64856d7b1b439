# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The database folder of an instance, with the version that its data has.

`db\\ontology.version`, `db\\initialised.version`, `db\\database.name` and `db\\journal.index` are the stand-in's own: what
the product knows of its data it keeps in the database itself. Because they lie inside, a copy of the folder brings the
old version back.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_NODE = "node00-2f6b3c1e-58b1-4d4e-9c5b-0c7d2a7f9e11"


class Data:
    """A database folder by its real Linux path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def version(self) -> str | None:
        """The version of the binaries that last upgraded the data; None if there is no database."""
        return self._read("ontology.version")

    @property
    def initialised(self) -> bool:
        """Whether an administrator has logged in since the last upgrade of the data."""
        return self._read("initialised.version") == self.version

    @property
    def name(self) -> str | None:
        """The name of the database, with which those of its caches begin."""
        return self._read("database.name")

    @property
    def index(self) -> str | None:
        """The prefix of the search index that was last used; None before there is one."""
        return self._read("journal.index")

    def create(self, name: str, version: str, files: int, file_bytes: int, index: str | None = None) -> None:
        """A database of about `files` files of `file_bytes` each, the same for the same name."""
        for number in range(files):
            cache = f"cacheGroup-{name}-{'TableIdentity' if number % 3 else 'Value'}"
            self._write(f"db/{_NODE}/{cache}/part-{number}.bin", _bytes(f"{name} {number}", file_bytes))
        self._write(f"db/{_NODE}/metastorage/part-0.bin", _bytes(name, file_bytes))
        self._write(f"db/wal/{_NODE}/0000000000000000.wal", _bytes(f"{name} wal", file_bytes))
        self._write("Scripts/Script1.cs", f"// {name}: сценарий\r\npublic class Script1 {{ }}\r\n".encode())
        self._write("FullTextSearch/segments_1", b"segments")
        self._write("git/HEAD", b"ref: refs/heads/master\n")
        self._write("db/lock", b"")
        self._write("db/database.name", name.encode())
        if index:
            self.use_index(index)
        self.mark(version)
        self.initialise()

    @property
    def upgrading(self) -> str | None:
        """The version to which an upgrade was begun that has not ended: the data is neither old nor new."""
        return self._read("upgrading.version")

    def begin_upgrade(self, version: str) -> None:
        """Change the data in place, as the first start of newer binaries does; there is no way back but a copy."""
        self._write("db/upgrading.version", version.encode())
        for file in sorted(self.folder.glob(f"db/{_NODE}/*/part-*.bin")):
            file.write_bytes(f"upgraded to {version}\n".encode() + file.read_bytes())
        self._write(f"db/{_NODE}/cacheGroup-upgrade/{version}.bin", _bytes(version, 256))

    def finish_upgrade(self) -> None:
        self.mark(self.upgrading or "")
        (self.folder / "db" / "upgrading.version").unlink()

    def mark(self, version: str) -> None:
        self._write("db/ontology.version", version.encode())

    def initialise(self) -> None:
        """An administrator has logged in and finished the upgrade."""
        self._write("db/initialised.version", (self.version or "").encode())

    def use_index(self, prefix: str) -> None:
        """Work with the search index of a prefix; under a new one that is an empty index."""
        if prefix != self.index:
            self._write("db/journal.index", prefix.encode())

    def _read(self, name: str) -> str | None:
        file = self.folder / "db" / name
        return file.read_text(encoding="utf-8").strip() if file.exists() else None

    def _write(self, name: str, content: bytes) -> None:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _bytes(seed: str, size: int) -> bytes:
    block = hashlib.sha512(seed.encode()).digest()
    return (block * (size // len(block) + 1))[:size]
