# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The program that loads the files, compiled once."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from witness import bundle, prefix, programs

MACHINE = "machine.config"
WORK = "w:"
"""The drive that has to be the folder of the program."""

_HERE = Path(__file__).parent
_NAME = "readers"
_SECONDS = 300
_BESIDE = ("System.Configuration.ConfigurationManager.dll", "System.Security.Cryptography.ProtectedData.dll")
"""Assemblies that are not in the shared framework."""

_OPTIONS = (
    "/nologo /noconfig /nostdlib+ /utf8output /preferreduilang:en-US /target:exe /langversion:14 /nullable:enable /deterministic+ "
    "/debug- /optimize+ /warn:9 /warnaserror+"
)


def compiled() -> Path:
    """The folder with readers.exe and all that it needs. Raises bundle.Missing."""
    tools = bundle.unpacked()
    sources = sorted([*_HERE.glob("*.cs"), _HERE / MACHINE, Path(__file__)])
    content = hashlib.sha256(tools.name.encode())
    for source in sources:
        content.update(source.read_bytes())
    folder = bundle.CACHE / f"{_NAME}-{content.hexdigest()[:16]}"
    with bundle.making(_NAME):
        if not folder.exists():
            draft = bundle.CACHE / f"{_NAME}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(
                _HERE, draft, ignore=lambda _, names: [n for n in names if not n.endswith((".cs", ".config"))]
            )
            _compile(draft, tools)
            draft.replace(folder)
    return folder


def _compile(folder: Path, tools: Path) -> None:
    for name in _BESIDE:
        shutil.copyfile(tools / "powershell" / name, folder / name)
    references = [rf"T:\powershell\ref\{file.name}" for file in sorted((tools / "powershell" / "ref").glob("*.dll"))]
    references.append(rf"W:\{_BESIDE[0]}")
    sources = sorted(file.name for file in folder.glob("*.cs"))
    lines = [rf"/out:W:\{_NAME}.dll", *(f"/r:{name}" for name in references), *(rf"W:\{name}" for name in sources)]
    (folder / "csc.rsp").write_text("\n".join([*_OPTIONS.split(), *lines]) + "\n", encoding="utf-8")
    with prefix.throw_away({WORK: folder}) as place:
        code, said = prefix.said_by(place, programs.CSC, r"@W:\csc.rsp", seconds=_SECONDS)
    if code or not (folder / f"{_NAME}.dll").exists():
        raise RuntimeError(f"csc.exe: exit code {code}\n{said}")
    programs.configure(folder, _NAME)
    (folder / f"{_NAME}.exe").write_bytes(programs.apphost(f"{_NAME}.dll"))
