# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts a new host on disk: Windows as far as it is needed, the installed versions, the instances."""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

from .description import HostDescription
from .ports import free_ports
from .prerequisites import install_prerequisites
from .product.assemblies import Assemblies
from .product.instances import InstanceBuilder
from .product.versions import install_version
from .runtime import Runtime, runtime_of
from .windows.iis import Application, IisConfiguration, VirtualDirectory
from .windows.paths import Drives
from .windows.registry import Registry

TOOL = r"C:\Program Files\Comindware\Install and Administration Tool\Comindware.Administration.exe"
PYTHON = f"{sys.executable} -IS"
"""Linux hands all flags of a `#!` line over as one argument."""

_PROGRAMS = Path(__file__).parent / "programs"
_SYSTEM = r"C:\Windows\System32"
_LOOKALIKES = (
    rf"{_SYSTEM}\inetsrv\appcmd.exe",
    rf"{_SYSTEM}\schtasks.exe",
    rf"{_SYSTEM}\sc.exe",
    rf"{_SYSTEM}\tasklist.exe",
)
_COMPILER = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe"


def install_host(folder: Path, description: HostDescription, assemblies: Assemblies) -> None:
    """Write a host's folder. Its ports are chosen here and kept in `host.json`."""
    drives = Drives(folder / "drives")
    for letter in description.free_bytes:
        (drives.folder / letter).mkdir(parents=True)
    runtime = runtime_of(folder, description)
    runtime.lay_out()
    _install_windows(drives, runtime)
    registry = runtime.registry
    _write_registry(registry, description)
    install_prerequisites(drives, registry, description.prerequisites)
    iis = IisConfiguration(folder / "iis.json")
    _add_default_site(iis)
    _choose_ports(description)
    for version in description.versions:
        install_version(drives, assemblies, version.brand, version.version, version.assembly, version.templates)
    builder = InstanceBuilder(drives, registry, iis, description.name.upper(), description.search_address)
    for instance in description.instances:
        builder.create(instance)
    iis.save()
    (folder / "tasks").mkdir()
    _write_settings(folder, description)


def _install_windows(drives: Drives, runtime: Runtime) -> None:
    for path in (
        r"C:\Windows\Temp",
        rf"{_SYSTEM}\inetsrv\backup",
        r"C:\ProgramData",
        r"C:\Program Files",
        r"C:\inetpub\wwwroot",
        rf"{_SYSTEM}\Tasks",
        r"C:\Users\Administrator",
    ):
        drives.make_directory(path)
    for path in _LOOKALIKES:
        runtime.install_program(path, _PROGRAMS / "lookalike.pl", "/usr/bin/perl -w")
    runtime.install_program(_COMPILER, _PROGRAMS / "csc.py", PYTHON)
    drives.write(TOOL, b"the Administration Tool")
    drives.write(rf"{_SYSTEM}\inetsrv\config\applicationHost.config", b"<!-- see iis.json -->")


def _write_registry(registry: Registry, description: HostDescription) -> None:
    russian = description.language == "ru"
    registry.write(
        r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage",
        {"ACP": "1251" if russian else "1252", "OEMCP": "866" if russian else "437"},
    )
    registry.write(
        r"HKLM\SYSTEM\CurrentControlSet\Control\FileSystem", {"LongPathsEnabled": int(description.long_paths)}
    )
    registry.write(r"HKLM\SOFTWARE\Microsoft\Cryptography", {"MachineGuid": str(uuid.uuid4())})
    registry.write(
        r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName", {"ComputerName": description.name.upper()}
    )


def _add_default_site(iis: IisConfiguration) -> None:
    """What every IIS has, and what nobody may touch: among others a binding that is not HTTP."""
    iis.add_pool("DefaultAppPool")
    root = Application("/", "DefaultAppPool", [VirtualDirectory("/", r"%SystemDrive%\inetpub\wwwroot")])
    iis.add_site("Default Web Site", ["http/*:80:", "net.tcp/808:*"], [root], server_auto_start=False)


def _choose_ports(description: HostDescription) -> None:
    wanted = [instance for instance in description.instances if not instance.port]
    ports = free_ports(len(wanted) + 1)
    for instance, port in zip(wanted, ports, strict=False):
        instance.port = port
    description.winrm_port = description.winrm_port or ports[-1]


def _write_settings(folder: Path, description: HostDescription) -> None:
    write_json(folder / "host.json", description.dump())
    write_json(
        folder / "settings.json",
        {
            "administrator": description.administrator,
            "free_bytes": description.free_bytes,
            "long_paths": description.long_paths,
            "symbolic_links": description.symbolic_links,
            "shares": description.shares,
            "delegation": description.delegation,
        },
    )
    for share in description.shares:
        (folder.parents[1] / "shares" / share.strip("\\").lower().replace("\\", "/")).mkdir(parents=True, exist_ok=True)
    write_json(folder / "faults.json", [])
    (folder / "held").write_text("", encoding="utf-8")


def write_json(file: Path, content: object) -> None:
    draft = file.with_name(file.name + ".draft")
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(file)
