# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host of the stand-in whose programs run under Wine: real .NET, PowerShell, compiler, kernel and registry, as far as Wine has them."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
from functools import partial
from pathlib import Path, PureWindowsPath
from typing import IO

from standin.children import wait
from standin.control import Answer
from standin.description import HostDescription
from standin.environment import environment, of_windows
from standin.modules import CallOfItsOwn, Module
from standin.ports import free_ports
from standin.runtime import Programs
from standin.windows.command_line import split_command_line
from standin.windows.paths import Drives
from standin.windows.registry import Registry
from standin.winrm.calls import ModuleResult
from standin.winrm.server import WinRmServer
from standin.winrm.shells import Command

from . import prefix, programs
from .compiler import Compiler
from .registry import WineRegistry
from .relay import Called, Relay
from .security import Security

POWERSHELL = r"C:\w\powershell\powershell.exe"
_WHERE_WINDOWS_HAS_IT = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
_ENCODED = re.compile(r"(?i)powershell(?:\.exe)? .*-EncodedCommand ([A-Za-z0-9+/=]+)\s*$")
_PLAYED = ("appcmd", "sc", "schtasks", "tasklist")


class Wine:
    """Its prefix is the folder `prefix` of the host; what Windows calls C: is `drives/c`, as for every host."""

    plays_faults = False
    # From 2.19 on Ansible looks for PowerShell by its name, and under Wine no program is found so. This is its home too.
    variables = {"ansible_pwsh_interpreter": POWERSHELL}

    def __init__(self, folder: Path, computer_name: str, language: str) -> None:
        self._folder, self._computer_name = folder, computer_name
        self._prefix = folder / "prefix"
        self._drives = Drives(folder / "drives")
        self._port_file = folder / "relay"
        self._programs: Programs = lambda program, arguments: Answer.error(f"{program}: the host is off")
        self.environment = {
            **prefix.environment(self._prefix, language),
            "STANDIN_RELAY": f"127.0.0.1:{self._port()}",
            **of_windows(computer_name),
        }
        self._registry = WineRegistry(self._prefix, self.environment)
        self.registry: Registry = self._registry
        self._compiler = Compiler(self._prefix, self._drives, self.begin)
        self._relay = Relay(self._port(), self._drives, Security(folder / "security.json"), self._answer)

    def _port(self) -> int:
        if not self._port_file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._port_file.write_text(str(free_ports(1)[0]), encoding="ascii")
        return int(self._port_file.read_text(encoding="ascii"))

    def lay_out(self) -> None:
        drive = self._folder / "drives" / "c"
        drives = {f"{letter.name}:": f"../../drives/{letter.name}" for letter in (self._folder / "drives").iterdir()}
        prefix.lay(self._prefix, drive, {**drives, "unc": str(self._shares())})
        view = self._view() / self._folder.name / "drives"
        view.mkdir(parents=True)
        (view / "c").symlink_to(prefix.template() / "drive_c")
        (drive / "w").symlink_to(programs.folder())
        self._put(_WHERE_WINDOWS_HAS_IT, programs.starter(r"powershell\powershell.dll"))

    def _shares(self) -> Path:
        """Folders for the shares of all hosts of the fleet, as Host.share finds them."""
        folder = self._folder.parents[1] / "shares"
        folder.mkdir(exist_ok=True)
        return folder

    def _view(self) -> Path:
        """Shows the hosts of the fleet with the template's disk: rsync links what is the same there."""
        return self._folder.parents[1] / "view"

    def install_program(self, path: str, script: Path, interpreter: str) -> None:
        """A relay; the script is behind it."""
        self._put(path, programs.native("relay").read_bytes())
        behind = self._behind(path)
        behind.parent.mkdir(exist_ok=True)
        behind.write_bytes(f"#!{interpreter}\n".encode() + script.read_bytes())
        behind.chmod(0o755)

    def _behind(self, path: str) -> Path:
        return self._folder / "programs" / re.sub(r"[\\:]", "_", path.casefold())

    def _put(self, path: str, content: bytes) -> None:
        """A file of Windows is a hard link of the template's: it is never written over."""
        self._drives.linux(path).unlink(missing_ok=True)
        self._drives.write(path, content).chmod(0o755)

    def power_on(self, run: Programs) -> None:
        self._programs = run
        self._relay.start()
        # The computer has the name that Linux tells Wine at its boot. The server stays as long as the host is up: a call is four times
        # as quick then.
        boot = f"hostname {self._computer_name}; {prefix.WINESERVER} -p; exec wine wineboot"
        subprocess.run(
            ["unshare", "--uts", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c", boot],
            env=self.environment,
            cwd=self._prefix / "drive_c",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        self._registry.open()

    def power_off(self) -> None:
        self._registry.close()
        if self._prefix.exists():
            prefix.end(self._prefix)
        self._relay.stop()

    def command(self, program: str) -> list[str]:
        if not self._drives.real(program).is_file():
            raise FileNotFoundError(program)
        return ["wine", program]

    def module(self, sources: dict[str, str], cache: Path) -> Module:
        return partial(CallOfItsOwn, ["wine", self._compiler.module(sources)])

    def put_back(self, image: Path, store: Path) -> None:
        """What is linked to the template is linked again."""
        subprocess.run(["rsync", "-a", "--delete", f"--link-dest={self._view()}", f"{image}/", store], check=True)

    def winrm(self, description: HostDescription, cache: Path) -> WinRmServer:
        def execute(call: object) -> ModuleResult:
            raise AssertionError(f"{call} should have run as it came")

        return WinRmServer(
            description.user,
            description.password,
            execute,
            port=description.winrm_port,
            as_it_came=self._run,
        )

    def _run(self, command: Command) -> ModuleResult:
        """That command line, by PowerShell or by cmd, as winrs does."""
        program, *arguments = split_command_line(_innermost(command.line))
        is_powershell = PureWindowsPath(program).stem.casefold() == "powershell"
        line = [POWERSHELL, *arguments] if is_powershell else ["cmd.exe", "/c", command.line]
        with tempfile.TemporaryFile() as stdin:
            stdin.write(command.stdin)
            stdin.seek(0)
            process = self.begin(line, stdin)
        stdout, stderr = wait(process, command.terminated)
        return ModuleResult(process.returncode & 0xFF if process.returncode >= 0 else 1, stdout, stderr)

    def begin(self, line: list[str], stdin: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        """A program of the host as a user starts it, by its path, in a group of processes of its own."""
        return subprocess.Popen(
            ["wine", *line],
            env={**self.environment, "USERNAME": "Administrator"},
            cwd=self._prefix / "drive_c",
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def _answer(self, called: Called) -> Answer:
        name = PureWindowsPath(called.program).stem.casefold()
        arguments = split_command_line(called.line)[1:]
        if name == "csc":
            return self._compiler.run(arguments, called)
        if name in _PLAYED:
            return self._programs(name, arguments)
        return self._script(called, arguments)

    def _script(self, called: Called, arguments: list[str]) -> Answer:
        """A script of this machine, which ends with the relay before it."""
        with tempfile.NamedTemporaryFile() as codes:
            process = subprocess.Popen(
                [self._behind(called.program), *arguments],
                env={**environment(self._folder, self._computer_name), "STANDIN_EXIT_CODE_FILE": codes.name},
                cwd=self._drives.real(called.folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            stdout, stderr = wait(process, called.is_over)
            code = codes.read().decode("ascii")
        return Answer(int(code) if code else process.returncode, stdout, stderr)


def _innermost(line: str) -> str:
    """A PowerShell that only starts another one is left out, as ansible-core does that up to 2.18: that of the bundle reads the standard
    input which the other one needs, and finds no program by its name under Wine.
    """
    match = _ENCODED.match(line)
    script = base64.b64decode(match[1]).decode("utf-16-le") if match else ""
    return _innermost(script) if _ENCODED.match(script) else line
