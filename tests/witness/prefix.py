# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Wine prefix: made once as a template, copied for each host. See README.md for what Wine needs and why."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from . import bundle

WINESERVER = "/usr/lib/wine/wineserver64"
REGISTRY_FILES = ("system.reg", "user.reg", "userdef.reg", ".update-timestamp")
_BOOT_SECONDS = 180
_FOR_A_WHILE = "while"

# Windows 10, no debugger at a crash, and no services that only a desktop has: a boot takes half the time.
_SETTINGS = r"""REGEDIT4

[HKEY_CURRENT_USER\Software\Wine]
"Version"="win10"

[HKEY_LOCAL_MACHINE\Software\Microsoft\Windows NT\CurrentVersion\AeDebug]
"Auto"="0"
"Debugger"=""
"""
_IDLE_SERVICES = ("Eventlog", "NDIS", "PlugPlay", "winebus", "winehid", "wineusb")


def environment(prefix: Path, language: str = "en") -> dict[str, str]:
    """What Wine and .NET need of a process's environment."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(prefix),
        "TMPDIR": "/tmp",
        "LC_ALL": f"{bundle.LANGUAGES[language]}.UTF-8",
        "LOCPATH": str(bundle.locales()),
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        # Wine has programs of these names, and prefers them to those that lie in the folder.
        "WINEDLLOVERRIDES": "sc.exe,schtasks.exe,tasklist.exe,powershell.exe=n;explorer.exe,winedbg.exe=d",
        "DOTNET_ROOT": r"T:\dotnet",
        "DOTNET_EnableWriteXorExecute": "0",  # otherwise the runtime dies in a finalizer: Internal CLR error 0x80131506
        "DOTNET_TieredPGO": "0",
        "MICROSOFT_DIASYMREADER_NATIVE_ALT_LOAD_PATH": r"C:\w\symbols",
    }


def wine(prefix: Path, *command: str, seconds: float = _BOOT_SECONDS) -> None:
    """Run a program of Windows whose output nobody wants: what Wine starts beside it keeps the pipes open."""
    _run(["wine", *command], prefix, seconds)


def end(prefix: Path) -> None:
    """Kill everything in a prefix, as a power loss does."""
    for flag in ("-k", "-w"):
        _run([WINESERVER, flag], prefix, _BOOT_SECONDS)


@contextmanager
def throw_away(drives: Mapping[str, Path] | None = None) -> Iterator[Path]:
    """A prefix for a while, with folders as drives (``w:``). All that runs in it is killed, and nothing is left. Raises bundle.Missing."""
    _sweep()
    place = bundle.CACHE / f"{_FOR_A_WHILE}.{os.getpid()}.{uuid.uuid4()}"
    try:
        lay(place, place / "drive_c", {"c:": "../drive_c", **(drives or {})})
        yield place
    finally:
        if place.exists():
            end(place)
            shutil.rmtree(place)


def lay(place: Path, disk: Path, devices: Mapping[str, Path | str]) -> None:
    """Make a prefix like the template there; its disk C: lies at `disk`, and links that `devices` name are beside T:."""
    source = template()
    place.mkdir()
    for name in REGISTRY_FILES:
        shutil.copy(source / name, place)
    disk.mkdir(exist_ok=True)
    # Hard links, which only the file system of the template allows: nobody may write into these files.
    subprocess.run(["cp", "-al", f"{source}/drive_c/.", disk], check=True)
    if not (place / "drive_c").exists():
        (place / "drive_c").symlink_to(os.path.relpath(disk, place))
    (place / "dosdevices").mkdir()
    for name, target in {"t:": bundle.unpacked(), **devices}.items():
        (place / "dosdevices" / name).symlink_to(target)


def _sweep() -> None:
    """Take away what a process left that was killed."""
    for place in bundle.CACHE.glob(f"{_FOR_A_WHILE}.*"):
        if not Path("/proc", place.name.split(".")[1]).exists():
            end(place)
            shutil.rmtree(place, ignore_errors=True)


def said_by(prefix: Path, *command: str, seconds: float) -> tuple[int, str]:
    """Exit code and output of a program of Windows. Into a file: what Wine starts beside it keeps a pipe open."""
    with tempfile.TemporaryFile() as output:
        done = _run(["wine", *command], prefix, seconds, output)
        output.seek(0)
        return done, output.read().decode("utf-8", "replace")


def _run(command: list[str], prefix: Path, seconds: float, output: IO[bytes] | int = subprocess.DEVNULL) -> int:
    return subprocess.run(
        command,
        env=environment(prefix),
        cwd=prefix / "drive_c" if (prefix / "drive_c").is_dir() else prefix,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output if output == subprocess.DEVNULL else subprocess.STDOUT,
        timeout=seconds,
        check=False,
    ).returncode


def template() -> Path:
    """The prefix that all others are copies of; T: is the bundle. Raises bundle.Missing."""
    tools = bundle.unpacked()
    made_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    folder = bundle.CACHE / f"template-{made_by}"
    with bundle.making("template"):
        if not folder.exists():
            draft = bundle.CACHE / "template.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            _make(draft, tools)
            draft.replace(folder)
    return folder


def _make(prefix: Path, tools: Path) -> None:
    wine(prefix, "wineboot", "-i")
    (prefix / "dosdevices" / "t:").symlink_to(os.path.relpath(tools, prefix / "dosdevices"))
    settings = prefix / "drive_c" / "settings.reg"
    settings.write_text(_SETTINGS, encoding="ascii")
    wine(prefix, "regedit", "/S", r"C:\settings.reg")
    settings.unlink()
    end(prefix)
    for link in [path for path in (prefix / "drive_c").rglob("*") if path.is_symlink()]:
        link.unlink()  # Documents and the like lead to the home of whoever has made it
        link.mkdir()
    system = prefix / "system.reg"
    system.write_text(_without_idle_services(system.read_text(encoding="utf-8")), encoding="utf-8")


def _without_idle_services(text: str) -> str:
    """`Start` of those services is 4: disabled."""
    keys = {f"[System\\\\CurrentControlSet\\\\Services\\\\{name}]".casefold() for name in _IDLE_SERVICES}
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("["):
            inside = line.partition("] ")[0].casefold() + "]" in keys
        lines.append('"Start"=dword:00000004' if inside and line.startswith('"Start"=') else line)
    return "\n".join(lines) + "\n"
