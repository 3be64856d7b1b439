# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Compile the C# utils of a module call as Windows PowerShell 5.1 would, once per content."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

from ..locking import locked

PROGRAM = "module.exe"
MAIN_CLASS = "Standin.ModuleRunner"
SEAMS = Path(__file__).resolve().parents[1] / "agent"
"""The stand-in's own C# sources: its seams and its Main."""

# What Add-CSharpType of ansible-core hands to the compiler of the .NET Framework, C# 5: the same language level,
# references, symbols and ignored warning; System.Management.Automation, which Mono has not, is left out.
_FLAGS = (
    "-noconfig", "-langversion:5", "-warn:4", "-warnaserror", "-optimize", "-nowarn:1610", "-define:WINDOWS;AMD64",
    "-reference:System.dll", "-reference:System.Core.dll",
)  # fmt: skip
_ASSEMBLY = re.compile(r"//\s*AssemblyReference\s+-Name\s+(?P<name>[\w.]+)(?:\s+-CLR\s+(?P<clr>Core|Framework))?")
_NO_WARNING = re.compile(r"//\s*NoWarn\s+-Name\s+(?:CS)?(?P<name>\w+)(?:\s+-CLR\s+(?P<clr>Core|Framework))?")
_UNSAFE = re.compile(r"//\s*AllowUnsafe")
_COMPILE_SECONDS = 300


class CompileError(Exception):
    """The sources cannot be compiled; the text is what the compiler says."""


def compile_program(sources: dict[str, str], cache: Path, seams: Path = SEAMS) -> Path:
    """The program of these C# sources (name to text) and the files ``seams/*.cs``, from the cache or freshly compiled.

    Safe when threads and processes ask for the same program at once. Raises CompileError.
    """
    units = _files(sources) | {
        f"standin.{path.name}": path.read_text("utf-8-sig") for path in sorted(seams.glob("*.cs"))
    }
    program = cache / _content_hash(units) / PROGRAM
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with locked(program.parent / "lock"):
            if not program.exists():
                _compile(units, program)
    return program


def _files(sources: dict[str, str]) -> dict[str, str]:
    """File name to text. Full names end in ".cs" from ansible-core 2.19 on; before that they may be relative.

    There the same util can come under both its names. It is kept twice, and does not compile, as on Windows.
    """
    files: dict[str, str] = {}
    for name, text in sorted(sources.items()):
        stem = re.sub(r"\W", "_", name.removesuffix(".cs").rsplit(".", 1)[-1])
        again = sum(file.split(".")[0] == stem for file in files)
        files[f"{stem}.{again}.cs" if again else f"{stem}.cs"] = text
    return files


def _content_hash(units: dict[str, str]) -> str:
    digest = hashlib.sha256("\0".join((MAIN_CLASS, *_FLAGS)).encode())
    for name, text in units.items():
        for part in (name.encode(), text.encode("utf-8", "surrogatepass")):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32]


def _compile(units: dict[str, str], program: Path) -> None:
    with tempfile.TemporaryDirectory(dir=program.parent, prefix="compile-") as folder:
        for name, text in units.items():
            Path(folder, name).write_text(text, "utf-8", "surrogatepass")
        command = ["mcs", *_FLAGS, *_directives(units), f"-main:{MAIN_CLASS}", f"-out:{PROGRAM}", "--", *units]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_COMPILE_SECONDS,
                check=False,
            )
        except FileNotFoundError as error:
            raise CompileError("the C# compiler mcs is not installed: on Debian, apt-get install mono-mcs") from error
        except subprocess.TimeoutExpired as error:
            raise CompileError(f"the C# compiler did not end within {_COMPILE_SECONDS} seconds") from error
        if done.returncode != 0:
            raise CompileError((done.stdout + done.stderr).decode("utf-8", "replace").strip())
        if os.environ.get("STANDIN_NATIVE"):
            subprocess.run(
                ["mono", f"--aot=outfile={program}.so", PROGRAM], cwd=folder, capture_output=True, check=False
            )
        Path(folder, PROGRAM).replace(program)


def _directives(units: dict[str, str]) -> list[str]:
    """Compiler flags for the comment lines that Add-CSharpType understands."""
    flags = []
    for text in units.values():
        for pattern, flag in ((_ASSEMBLY, "-reference:"), (_NO_WARNING, "-nowarn:")):
            flags += [flag + match["name"] for match in pattern.finditer(text) if match["clr"] in (None, "Framework")]
        if _UNSAFE.search(text):
            flags.append("-unsafe")
    return list(dict.fromkeys(flags))
