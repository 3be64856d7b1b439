# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The environment of every process that runs "on" a stand-in host."""

from __future__ import annotations

import os
import re
from pathlib import Path


def environment(host_folder: Path, computer_name: str) -> dict[str, str]:
    """What a process on the host sees, and nothing of the caller's environment but what Linux needs."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(host_folder),
        "LC_ALL": "C.UTF-8",
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # Mono looks here before it looks at TEMP
        "STANDIN_HOST": str(host_folder),
        "STANDIN_SEAMS": str(Path(__file__).parent / "agent"),
        "MONO_REGISTRY_PATH": str(host_folder / "registry"),
        **of_windows(computer_name),
        **_native(host_folder),
    }


def of_windows(computer_name: str) -> dict[str, str]:
    """What Windows itself puts there, for its account SYSTEM."""
    return {
        "SystemDrive": "C:",
        "SystemRoot": r"C:\Windows",
        "windir": r"C:\Windows",
        "ProgramFiles": r"C:\Program Files",
        "ProgramData": r"C:\ProgramData",
        "COMPUTERNAME": computer_name,
        "USERNAME": f"{computer_name}$",
        "TEMP": r"C:\Windows\Temp",
        "TMP": r"C:\Windows\Temp",
    }


def _native(host_folder: Path) -> dict[str, str]:
    """Where Mono finds machine code, so that it need not compile the same at every start: of the framework, and of the host's worker."""
    folder = os.environ.get("STANDIN_NATIVE")
    if not folder:
        return {}
    return {"STANDIN_NATIVE": folder, "MONO_ENV_OPTIONS": f'"--aot-path={folder}:{host_folder}/native"'}


def expand(text: str, variables: dict[str, str]) -> str:
    """Replace `%NAME%` as Windows does: names ignore case, unknown ones stay."""
    known = {name.casefold(): value for name, value in variables.items()}
    return re.sub("%([^%]+)%", lambda match: known.get(match[1].casefold(), match[0]), text)
