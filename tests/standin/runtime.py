# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the programs of a host run on: Mono and scripts of this machine, or Wine (tests/witness)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from .control import Answer
from .description import HostDescription
from .environment import environment
from .modules import Module, MonoCall
from .windows.paths import Drives
from .windows.registry import Registry
from .winrm.compiler import compile_program
from .winrm.executor import AgentExecutor
from .winrm.server import WinRmServer

Programs = Callable[[str, "list[str]"], Answer]
"""Runs a program of Windows that the stand-in plays."""


class Runtime(Protocol):
    """`environment` is that of every process of the host. `plays_faults`: its agent has the stand-in's own seams. `variables`: what an
    inventory has to say of the host besides.
    """

    registry: Registry
    environment: dict[str, str]
    plays_faults: bool
    variables: dict[str, str]

    def lay_out(self) -> None:
        """Make what a new host needs, before anything else is written to its drives."""

    def install_program(self, path: str, script: Path, interpreter: str) -> None:
        """Make a script of this machine a program of the host."""

    def power_on(self, programs: Programs) -> None: ...

    def power_off(self) -> None:
        """Whatever still runs is killed."""

    def command(self, program: str) -> list[str]:
        """The begin of a command of this machine that starts a program of the host. Raises FileNotFoundError."""

    def module(self, sources: dict[str, str], cache: Path) -> Module:
        """What plays the module with these C# sources. `cache` is that of compiled agents."""

    def put_back(self, image: Path, store: Path) -> None:
        """Make a folder that hosts are in as it was when it was copied to `image`; they are off."""

    def winrm(self, description: HostDescription, cache: Path) -> WinRmServer:
        """The host's WinRM; `cache` is that of compiled agents."""


class Mono:
    """The usual one: quick, and with seams that play faults."""

    plays_faults = True
    variables: dict[str, str] = {}

    def __init__(self, folder: Path, computer_name: str) -> None:
        self.registry: Registry = Registry(folder / "registry")
        self.environment = environment(folder, computer_name)
        self._folder, self._computer_name = folder, computer_name
        self._drives = Drives(folder / "drives")

    def lay_out(self) -> None:
        """Nothing."""

    def install_program(self, path: str, script: Path, interpreter: str) -> None:
        target = self._drives.write(path, f"#!{interpreter}\n".encode() + script.read_bytes())
        target.chmod(0o755)

    def power_on(self, programs: Programs) -> None:
        """Nothing: look-alikes ask the control port."""

    def power_off(self) -> None:
        """Nothing: who starts a process kills it."""

    def command(self, program: str) -> list[str]:
        file = self._drives.real(program)
        if not file.is_file():
            raise FileNotFoundError(program)
        with file.open("rb") as opened:
            managed = opened.read(2) == b"MZ"
        return [*(["mono"] if managed else []), str(file)]

    def module(self, sources: dict[str, str], cache: Path) -> Module:
        return partial(MonoCall, compile_program(sources, cache))

    def put_back(self, image: Path, store: Path) -> None:
        shutil.rmtree(store)
        shutil.copytree(image, store, symlinks=True)

    def winrm(self, description: HostDescription, cache: Path) -> WinRmServer:
        execute = AgentExecutor(self._folder, cache, self._computer_name)
        return WinRmServer(description.user, description.password, execute, port=description.winrm_port)


def runtime_of(folder: Path, description: HostDescription) -> Runtime:
    """That of the host in a folder."""
    computer_name = description.name.upper()
    if description.runtime == "wine":
        from witness.wine import Wine  # noqa: PLC0415 - most machines have no Wine

        return Wine(folder, computer_name, description.language)
    return Mono(folder, computer_name)
