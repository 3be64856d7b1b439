# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Real .NET assemblies that carry a product version."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

CORE = "Comindware.Platform.Core.dll"

_SOURCE = """
using System.Reflection;
[assembly: AssemblyTitle("Comindware.Platform.Core")]
[assembly: AssemblyProduct("Comindware Platform")]
[assembly: AssemblyVersion("{version}")]
[assembly: AssemblyFileVersion("{version}")]
namespace Comindware.Platform.Core {{ public static class Product {{ public const string Version = "{version}"; }} }}
"""


class Assemblies:
    """Compiles one assembly for each version, once; and tells the version of a file by its content.

    The content decides, never a folder's name. A file that was not compiled here has no known version.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._known: dict[str, str] = {}

    def compiled(self, version: str) -> Path:
        """The core assembly of a version. Raises RuntimeError with the compiler's words if it does not compile."""
        folder = self._cache / "assemblies" / version
        target = folder / CORE
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                source, draft = Path(scratch) / "Core.cs", Path(scratch) / CORE
                source.write_text(_SOURCE.format(version=version), encoding="utf-8")
                _compile(source, draft)
                # One note for each content: two processes may compile the same version at the same time.
                (folder / f"{_sha256(draft)}.known").touch()
                draft.replace(target)
        return target

    def version_of(self, file: Path) -> str | None:
        digest = _sha256(file)
        if digest not in self._known:
            notes = (self._cache / "assemblies").glob("*/*.known")
            self._known = {note.stem: note.parent.name for note in notes}
        return self._known.get(digest)


def _compile(source: Path, target: Path) -> None:
    command = ["mcs", "-target:library", f"-out:{target}", str(source)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise RuntimeError("mcs, the C# compiler of Mono, is not installed: apt-get install mono-mcs") from error
    if done.returncode:
        raise RuntimeError(f"mcs cannot compile {source.read_text(encoding='utf-8')}: {done.stdout}{done.stderr}")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
