# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""csc.exe of a stand-in host: compiles the worker program with mcs, the stand-in's seams and its Main added.

Runs as a copy inside a host's drive, so it finds the seams by STANDIN_SEAMS; uncopied it knows where they are.
The same sources are compiled once: the programs are kept in the cache of the fleet.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

_SWITCHES = {"nologo", "noconfig", "optimize+", "warnaserror+"}
_OPTIONS = {"target", "codepage", "langversion", "define", "main", "out", "reference"}
_MAIN = "Standin.WorkerRunner"


class Refused(Exception):
    """What csc.exe would refuse; the text is its message."""


def drive_path(host: Path, windows: str) -> Path:
    """The file of a Windows path, each name found without case."""
    match = re.match(r"^(?:\\\\\?\\)?([A-Za-z]):\\(.*)$", windows)
    if not match:
        raise Refused(f"error CS2021: File name '{windows}' is not absolute")
    path = host / "drives" / match[1].lower()
    for name in match[2].split("\\"):
        exact = path / name
        if not exact.exists() and path.is_dir():
            alike = [entry for entry in path.iterdir() if entry.name.casefold() == name.casefold()]
            exact = alike[0] if alike else exact
        path = exact
    return path


def expand(host: Path, arguments: list[str]) -> list[str]:
    """The arguments with response files replaced by their content."""
    expanded: list[str] = []
    for argument in arguments:
        if argument.startswith("@"):
            text = drive_path(host, argument[1:]).read_text(encoding="utf-8-sig")
            words = (quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', text))
            expanded += expand(host, list(words))
        else:
            expanded.append(argument)
    return expanded


def parse(arguments: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Options by name, and the sources."""
    options: dict[str, list[str]] = {}
    sources = []
    for argument in arguments:
        if not argument.startswith("/"):
            sources.append(argument)
            continue
        name, _, value = argument[1:].partition(":")
        if name not in (_OPTIONS if value else _SWITCHES):
            raise Refused(f"error CS2007: Unrecognized option: '{argument}'")
        options.setdefault(name, []).append(value)
    if not sources:
        raise Refused("error CS2008: No inputs specified")
    return options, sources


def compiler_flags(options: dict[str, list[str]]) -> list[str]:
    flags = ["-noconfig", "-langversion:5", "-warn:4", "-optimize", "-target:exe", f"-main:{_MAIN}"]
    flags += ["-warnaserror"] * ("warnaserror+" in options)
    flags += [f"-define:{value}" for value in options.get("define", [])]
    return flags + [f"-reference:{value}" for value in options.get("reference", [])]


def check_library_path(host: Path, options: dict[str, list[str]]) -> None:
    """A folder of the variable LIB that is not there is a warning, and so with /warnaserror+ an error."""
    for folder in filter(None, os.environ.get("LIB", "").split(";")):
        if not drive_path(host, folder).is_dir():
            what = "error" if "warnaserror+" in options else "warning"
            text = f"{what} CS1668: Invalid search path '{folder}' specified in 'LIB environment variable'"
            if what == "error":
                raise Refused(text)
            print(text)


def program_for(host: Path, flags: list[str], units: dict[str, bytes]) -> Path:
    """The compiled program of these sources, from the cache of the fleet or freshly made."""
    digest = hashlib.sha256("\0".join(flags).encode())
    for name, content in sorted(units.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    fleet = host.parent.parent if host.parent.name == "hosts" else host
    program = fleet / "cache" / digest.hexdigest()[:32] / "agent.exe"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as folder:
            for name, content in units.items():
                Path(folder, name).write_bytes(content)
            command = ["mcs", *flags, "-out:agent.exe", "--", *sorted(units)]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Refused(done.stdout + done.stderr)
            if os.environ.get("STANDIN_NATIVE"):
                native = ["mono", f"--aot=outfile={program}.so", "agent.exe"]
                subprocess.run(native, cwd=folder, capture_output=True, check=False)
            Path(folder, "agent.exe").replace(program)
    return program


def offer_native(host: Path, program: Path) -> None:
    """Mono looks for the machine code of a program in this folder, by the program's name."""
    native = Path(f"{program}.so")
    if native.exists():
        link = host / "native" / native.name
        link.parent.mkdir(exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(native.resolve())


def refuse(how: str) -> int:
    """What a look-alike program does whose refusal `how` is a fault that the seams play."""
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "hangs":
        Path(os.environ["STANDIN_EXIT_CODE_FILE"] + ".endless").touch()
        signal.pause()
    Path(os.environ["STANDIN_EXIT_CODE_FILE"]).write_text(how, encoding="ascii")
    return int(how) & 0xFF or 1


def main() -> int:
    when, _, how = os.environ.get("STANDIN_REFUSAL", "").partition(" ")
    code = refuse(how) if when == "before" else compiled()
    return refuse(how) if when == "after" else code


def compiled() -> int:
    host = Path(os.environ["STANDIN_HOST"])
    seams = Path(os.environ.get("STANDIN_SEAMS") or Path(__file__).resolve().parents[1] / "agent")
    try:
        options, sources = parse(expand(host, sys.argv[1:]))
        check_library_path(host, options)
        files = [drive_path(host, source) for source in sources]
        units = {file.name: file.read_bytes() for file in files}
        units |= {f"standin.{file.name}": file.read_bytes() for file in seams.glob("*.cs")}
        program = program_for(host, compiler_flags(options), units)
        shutil.copyfile(program, drive_path(host, options["out"][-1]))
        offer_native(host, program)
    except FileNotFoundError as error:
        print(f"error CS2001: Source file '{error.filename}' could not be found")
        return 1
    except Refused as refusal:
        print(refusal)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
