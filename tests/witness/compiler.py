# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""csc.exe of a Wine host: Microsoft's compiler with the reference assemblies of .NET Framework 4.8, and a starter for its work."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from standin.children import wait
from standin.control import Answer
from standin.programs.csc import expand
from standin.windows.paths import Drives

from . import bundle, programs
from .relay import Called

# .NET's own compiler knows no framework; that of the framework has its assemblies beside it.
_FRAMEWORK = ("/nostdlib+", r"/lib:T:\net48", "/reference:mscorlib.dll")
_AGENT = Path(__file__).parent / "agent"
_MODULE = (
    "/nologo",
    "/noconfig",
    "/target:exe",
    "/optimize+",
    "/langversion:5",
    "/define:WINDOWS",
    "/main:Witness.ModuleProgram",
)
_MODULE_REFERENCES = ("/reference:System.dll", "/reference:System.Core.dll", "/reference:System.Xml.dll")


class Compiler:
    """Compiles in one prefix, where `begin` starts a program. The same sources are compiled once, by whichever host comes first."""

    def __init__(self, prefix: Path, drives: Drives, begin: Callable[[list[str]], subprocess.Popen[bytes]]) -> None:
        self._prefix, self._drives, self._begin = prefix, drives, begin

    def run(self, arguments: list[str], called: Called) -> Answer:
        """A call of csc.exe. Its exit code and output are the compiler's; the program that it wrote is started by apphost.exe."""
        given = expand(self._prefix.parent, arguments)
        out = next(word.partition(":")[2] for word in given if word.startswith("/out:"))
        name = f"worker-{self._digest(given)}"
        with bundle.making(name):
            if not (programs.FOLDER / f"{name}.dll").exists():
                answer = self._compile(arguments, called.is_over)
                if answer.exit_code:
                    return answer
                programs.keep(self._drives.real(out), name)
        self._drives.write(out, programs.starter(f"{name}.dll")).chmod(0o755)
        return Answer()

    def module(self, sources: dict[str, str]) -> str:
        """The path of a program that plays the module with these sources."""
        texts = {**sources, "ModuleProgram.cs": (_AGENT / "ModuleProgram.cs").read_text(encoding="utf-8")}
        digest = hashlib.sha256(
            "\0".join((*_MODULE, *sorted(f"{name}\0{text}" for name, text in texts.items()))).encode()
        )
        name = f"module-{digest.hexdigest()[:24]}"
        program = programs.FOLDER / f"{name}.exe"
        with bundle.making(name):
            if not program.exists():
                self._make_module(texts, name)
                draft = program.with_suffix(f".{uuid.uuid4()}")
                draft.write_bytes(programs.starter(f"{name}.dll"))
                draft.chmod(0o755)
                draft.replace(program)
        return rf"C:\w\{program.name}"

    def _make_module(self, texts: dict[str, str], name: str) -> None:
        folder = self._prefix / "drive_c" / f"compile-{uuid.uuid4()}"
        folder.mkdir()
        try:
            for file, text in texts.items():
                (folder / file).write_text(text, encoding="utf-8")
            files = [rf"C:\{folder.name}\{file}" for file in texts]
            answer = self._compile(
                [*_MODULE, *_MODULE_REFERENCES, rf"/out:C:\{folder.name}\module.dll", *files], threading.Event()
            )
            if answer.exit_code:
                raise AssertionError(f"the module does not compile: {answer.stdout.decode('utf-8', 'replace')}")
            programs.keep(folder / "module.dll", name)
        finally:
            shutil.rmtree(folder)

    def _compile(self, arguments: list[str], is_over: threading.Event) -> Answer:
        process = self._begin([programs.CSC, *_FRAMEWORK, *arguments])
        stdout, stderr = wait(process, is_over)
        return Answer(process.returncode, stdout, stderr)

    def _digest(self, words: list[str]) -> str:
        """Of the options, but for the names of folders, and of the sources."""
        digest = hashlib.sha256()
        for word in sorted(words):
            if word.startswith("/"):
                digest.update(b"" if word.startswith("/out:") else word.encode() + b"\0")
            else:
                file = self._drives.real(word)
                digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return digest.hexdigest()[:24]
