# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the witness is made of: packages of Debian, and the bundle with Microsoft's programs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from standin.locking import locked
from untested import not_tested

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("WITNESS_CACHE", ROOT / ".build" / "witness"))
"""What is made once: the unpacked bundle, locales, the template of a prefix, compiled programs."""

SYMBOLS = CACHE / "symbols"
"""The folder of a library that ansible-core up to 2.18 wants of .NET."""
_LIBRARY = "Microsoft.DiaSymReader.Native.amd64.dll"

LANGUAGES = {"en": "en_US", "ru": "ru_RU", "tr": "tr_TR"}
"""Languages of a host, and the locale that makes Wine speak them."""

_BESIDE = ROOT.parent / "shared" / "tools" / "windows"
_ARCHIVES = "dotnet-*-powershell-*-win-x64.tar.xz"
_PROGRAMS = {
    "wine": "wine64 and wine",
    "/usr/lib/wine/wineserver64": "wine64",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64-win32",
    "localedef": "locales",
    "/usr/share/i18n/locales/tr_TR": "locales",
    "unshare": "util-linux",
    "xz": "xz-utils",
}


class Missing(Exception):
    """The witness cannot run here; the text says what is missing and how it is made, in one line."""


def archive() -> Path:
    """The bundle as it comes. Raises Missing."""
    folder = Path(os.environ.get("WINDOWS_TOOLS") or _BESIDE)
    found = sorted(folder.glob(_ARCHIVES))
    if not found:
        raise Missing(
            f"there is no bundle {_ARCHIVES} in {folder}: name its folder in WINDOWS_TOOLS; "
            "source/pack.sh of the bundle builds it from NuGet"
        )
    return found[-1]


def need() -> None:
    """For a test. Where there is no bundle nothing is proved; where it is, whatever else is missing fails: raises Missing."""
    try:
        archive()
    except Missing as missing:
        not_tested(f"the second Windows: {missing}")
    check()


def check() -> None:
    """Raises Missing if the witness cannot run here."""
    archive()
    lacking = sorted({package for program, package in _PROGRAMS.items() if not _is_there(program)})
    if lacking:
        raise Missing(f"these packages are missing: {', '.join(lacking)}. As root on Debian 12: tools/setup witness")
    if not (SYMBOLS / _LIBRARY).exists():
        raise Missing(f"there is no {_LIBRARY} in {SYMBOLS}: tools/setup witness gets it from PyPI")


def _is_there(program: str) -> bool:
    return Path(program).exists() if program.startswith("/") else shutil.which(program) is not None


def unpacked() -> Path:
    """The folder with dotnet, powershell, csc, net48 and apphost.exe. Raises Missing."""
    check()
    source = archive()
    folder = CACHE / source.name.removesuffix(".tar.xz")
    with making("bundle"):
        if not folder.exists():
            draft = folder.with_name(folder.name + ".draft")
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            subprocess.run(["tar", "-xJf", source, "-C", draft], check=True)
            draft.replace(folder)
    return folder


def locales() -> Path:
    """A folder for LOCPATH that has all LANGUAGES; it needs no rights on this machine."""
    folder = CACHE / "locales"
    with making("locales"):
        for locale in LANGUAGES.values():
            if not (folder / f"{locale}.UTF-8").exists():
                folder.mkdir(exist_ok=True)
                draft = folder / f"draft.{locale}"
                subprocess.run(["localedef", "-i", locale, "-f", "UTF-8", draft], check=True, capture_output=True)
                draft.replace(folder / f"{locale}.UTF-8")
    return folder


@contextmanager
def making(what: str) -> Iterator[None]:
    """One process makes a thing of the cache, others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / f"{what}.lock"):
        yield
