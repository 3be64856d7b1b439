# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of what a host needs before the product runs on it: Windows, IIS, .NET, Java."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..model.facts import HostFacts
from .evidence import FAILED, OK, UNKNOWN, Outcome

_Number = tuple[tuple[int, ...], bool]


def windows(parameters: Mapping[str, Any], host: HostFacts) -> Outcome:
    """Whether Windows has that build or a later one."""
    found = host["prerequisites"]
    name = f" ({found['windows_name']})" if found["windows_name"] else ""
    return _at_least("build", found["windows_build"], parameters["build"], name)


def iis(parameters: Mapping[str, Any], host: HostFacts) -> Outcome:
    """Whether IIS is there, of that version or a later one."""
    if not host["iis_installed"]:
        return Outcome(FAILED, f"IIS is not installed, version {parameters['major']} is wanted")
    return _at_least("version", host["prerequisites"]["iis_major"], parameters["major"])


def iis_components(parameters: Mapping[str, Any], host: HostFacts) -> Outcome:
    """Whether IIS records all of these components as installed."""
    found, names = host["prerequisites"]["iis_components"], parameters["names"]
    if found is None:
        return Outcome(UNKNOWN, f"the components of IIS are not known, wanted are {', '.join(names)}")
    present = {name.casefold() for name in found}
    missing = [name for name in names if name.casefold() not in present]
    if missing:
        return Outcome(FAILED, f"missing are {', '.join(missing)}")
    return Outcome(OK, f"{', '.join(names)} are installed")


def dotnet_framework(parameters: Mapping[str, Any], host: HostFacts) -> Outcome:
    """Whether the .NET Framework has that Release number or a higher one."""
    return _at_least("Release", host["prerequisites"]["dotnet_framework_release"], parameters["release"])


def dotnet_sdk(parameters: Mapping[str, Any], host: HostFacts) -> Outcome:
    """Whether any .NET SDK of at least that version is there."""
    wanted, found = parameters["at_least"], host["prerequisites"]["dotnet_sdks"]
    least = _number(wanted)
    if found is None or least is None:
        return Outcome(UNKNOWN, f"the .NET SDKs cannot be compared with {wanted}, which is wanted")
    numbers = [_number(sdk) for sdk in found]
    state = OK if any(number is not None and number >= least for number in numbers) else FAILED
    return Outcome(state, f"{_listed('SDK', found)}, {wanted} is wanted")


def aspnetcore(parameters: Mapping[str, Any], host: HostFacts) -> Outcome:
    """Whether the hosting bundle of a family such as 8.0 is there: its runtime, and its module of IIS."""
    family, found = parameters["family"], host["prerequisites"]
    runtimes, module = found["aspnetcore_runtimes"], found["aspnetcore_module"]
    told = "runtimes not known" if runtimes is None else _listed("runtime", runtimes)
    told += {
        None: ", IIS module not known",
        True: ", IIS module present",
        False: r", no IIS module in %ProgramFiles%\IIS",
    }[module]
    seen = f"{told}; the hosting bundle {family} is wanted"
    fitting = runtimes is None or any(version.startswith(f"{family}.") for version in runtimes)
    if not fitting or module is False:
        return Outcome(FAILED, seen)
    return Outcome(UNKNOWN if runtimes is None or module is None else OK, seen)


def java(parameters: Mapping[str, Any], host: HostFacts) -> Outcome:
    """Whether the JDK of JAVA_HOME has that major version or a later one."""
    wanted, found, home = parameters["major"], host["prerequisites"]["java_version"], host["java"].get("JAVA_HOME")
    numbers = [int(number) for number in re.findall("[0-9]+", found or "")]
    if not numbers:
        told = f"JAVA_HOME is {home}, where no file 'release' tells a version" if home else "JAVA_HOME is not set"
        return Outcome(UNKNOWN, f"{told}; version {wanted} is wanted")
    # Java 8 and its elders call themselves 1.8.
    major = numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]
    return Outcome(OK if major >= wanted else FAILED, f"version {found}, {wanted} is wanted")


def _at_least(what: str, found: int | None, wanted: int, more: str = "") -> Outcome:
    if found is None:
        return Outcome(UNKNOWN, f"{what} not known, {wanted} is wanted")
    return Outcome(OK if found >= wanted else FAILED, f"{what} {found}{more}, {wanted} is wanted")


def _listed(what: str, versions: list[str]) -> str:
    if not versions:
        return rf"no {what} in %ProgramFiles%\dotnet"
    return f"{what}{'s' if len(versions) > 1 else ''} {', '.join(versions)}"


def _number(version: str) -> _Number | None:
    """A version to compare; a preview (8.0.100-rc.1) comes before what it is a preview of."""
    found = re.match(r"[0-9]+(\.[0-9]+)*", version)
    if found is None:
        return None
    return tuple(int(number) for number in found[0].split(".")), "-" not in version
