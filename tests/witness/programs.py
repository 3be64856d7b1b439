# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Programs of Windows for a Wine host, made once: small ones in C, and starters of what Microsoft's compiler makes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import uuid
from pathlib import Path

from . import bundle

FOLDER = bundle.CACHE / "programs"
"""C:\\w of every host is a link to it."""

CSC = r"T:\csc\csc.exe"
"""Microsoft's compiler."""

_SOURCES = Path(__file__).parent / "native"
_MARK = hashlib.sha256(b"foobar").hexdigest().encode()
# apphost.exe joins even an absolute path to its own folder. So many steps up end at the root from wherever the program lies.
_TO_ROOT = "..\\" * 12
_RUNTIME = {
    "runtimeOptions": {
        "tfm": "net10.0",
        "framework": {"name": "Microsoft.NETCore.App", "version": "10.0.0"},
        # Windows' own national language support, as .NET Framework has it, and not ICU.
        "configProperties": {"System.Globalization.UseNls": True, "System.GC.Concurrent": False},
    }
}


def folder() -> Path:
    """Everything that does not depend on the agent is in it. Raises bundle.Missing."""
    tools = bundle.unpacked()
    with bundle.making("programs"):
        FOLDER.mkdir(exist_ok=True)
        for source in _SOURCES.glob("*.c"):
            program = FOLDER / _named(source)
            if not program.exists():
                _compile(source, program)
        for name, target in (("powershell", tools / "powershell"), ("symbols", bundle.SYMBOLS)):
            if not (FOLDER / name).exists():
                (FOLDER / name).symlink_to(target)
    return FOLDER


def native(name: str) -> Path:
    """A program in C by the name of its source."""
    return FOLDER / _named(_SOURCES / f"{name}.c")


def _named(source: Path) -> str:
    return f"{source.stem}-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}.exe"


def _compile(source: Path, program: Path) -> None:
    draft = program.with_suffix(".draft")
    flags = ["-O2", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(["x86_64-w64-mingw32-gcc", *flags, "-o", draft, source, "-lws2_32"], check=True)
    draft.replace(program)


def starter(assembly: str) -> bytes:
    """A program that starts an assembly of FOLDER, wherever on a drive C: it lies and whatever its name is."""
    return apphost(f"{_TO_ROOT}w\\{assembly}")


def apphost(assembly: str) -> bytes:
    """A program that starts an assembly, whose path goes out from the folder of the program."""
    program, wanted = (bundle.unpacked() / "apphost.exe").read_bytes(), assembly.encode()
    begin = program.index(_MARK)
    length = max(len(_MARK), len(wanted))
    return program[:begin] + wanted.ljust(length, b"\0") + program[begin + length :]


def configure(folder: Path, name: str) -> None:
    """Say in a folder which runtime the assembly of that name wants."""
    (folder / f"{name}.runtimeconfig.json").write_text(json.dumps(_RUNTIME), encoding="ascii")


def keep(assembly: Path, name: str) -> None:
    """Put an assembly that was just compiled into FOLDER, with what it needs to be started."""
    configure(FOLDER, name)
    draft = FOLDER / f"{uuid.uuid4()}.draft"
    shutil.copyfile(assembly, draft)
    draft.replace(FOLDER / f"{name}.dll")
