# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A Wine prefix: made once as a template, copied for each host. See README.md for what Wine needs and why."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from . import bundle

WINESERVER = "/usr/lib/wine/wineserver64"
REGISTRY_FILES = ("system.reg", "user.reg", "userdef.reg", ".update-timestamp")
_BOOT_SECONDS = 180
_FOR_A_WHILE = "while"
_ATTEMPTS = 100

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
        "TMPDIR": str(prefix),  # where the wineserver makes a folder that it leaves there
        "LC_ALL": f"{bundle.LANGUAGES[language]}.UTF-8",
        "LOCPATH": str(bundle.locales()),
        "WINEPREFIX": str(prefix),
        "WINEARCH": "win64",
        "WINEDEBUG": "-all",
        # Wine has programs of these names, and prefers them to those that lie in the folder.
        "WINEDLLOVERRIDES": "sc.exe,schtasks.exe,tasklist.exe,powershell.exe=n;explorer.exe,winedbg.exe=d",
        "PSExecutionPolicyPreference": "RemoteSigned",  # that of Windows Server; what a PowerShell without settings has is Restricted
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
    with for_a_while() as folder:
        place = folder / "prefix"
        lay(place, place / "drive_c", {"c:": "../drive_c", **(drives or {})})
        yield place


@contextmanager
def for_a_while() -> Iterator[Path]:
    """A folder of the cache, for prefixes. It and all that runs in them ends with the block, or, if this process is killed, when the
    next one asks for such a folder.
    """
    sweep()
    folder = bundle.CACHE / f"{_FOR_A_WHILE}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        _take_away(folder)


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


def sweep() -> None:
    """Take away what a process left that was killed."""
    for folder in bundle.CACHE.glob(f"{_FOR_A_WHILE}.*"):
        if not Path("/proc", folder.name.split(".")[1]).exists():
            _take_away(folder)


def _take_away(folder: Path) -> None:
    """A process that is still there may start another one, or write a file: until all is gone."""
    for _attempt in range(_ATTEMPTS):
        for process in started_for(folder):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists() and not started_for(folder):
            return
        time.sleep(0.05)
    raise OSError(f"{folder} is still there, or processes that were started for it: {started_for(folder)}")


def started_for(folder: Path) -> list[int]:
    """The other processes in whose environment something lies in a folder: prefixes of Wine, homes, collections."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if b"=" + os.fsencode(folder) in (process / "environ").read_bytes() and int(process.name) != os.getpid():
                found.append(int(process.name))
    return found


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
