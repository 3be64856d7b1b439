# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the checks of a host's prerequisites see."""

from __future__ import annotations

from typing import Any

import pytest
from unit.planning.checking import host, seen


@pytest.mark.parametrize(
    ("kind", "found", "state", "words"),
    [
        ("windows", {"windows_build": 17763, "windows_name": None}, "failed", "build 17763, 20348 is wanted"),
        ("windows", {"windows_build": None, "windows_name": None}, "unknown", "build not known, 20348 is wanted"),
        ("windows", {"windows_build": 26100, "windows_name": None}, "ok", "build 26100, 20348 is wanted"),
        ("iis", {"iis_major": 8}, "failed", "version 8, 10 is wanted"),
        ("iis", {"iis_major": None}, "unknown", "version not known, 10 is wanted"),
        ("iis_components", {"iis_components": ["ASPNET45"]}, "failed", "missing are WindowsAuthentication"),
        (
            "iis_components",
            {"iis_components": None},
            "unknown",
            "the components of IIS are not known, wanted are WindowsAuthentication, aspnet45",
        ),
        ("dotnet_framework", {"dotnet_framework_release": 461814}, "failed", "Release 461814, 533320 is wanted"),
        ("dotnet_framework", {"dotnet_framework_release": None}, "unknown", "Release not known, 533320 is wanted"),
        ("dotnet_sdk", {"dotnet_sdks": []}, "failed", r"no SDK in %ProgramFiles%\dotnet, 8.0.408 is wanted"),
        ("dotnet_sdk", {"dotnet_sdks": ["8.0.99"]}, "failed", "SDK 8.0.99, 8.0.408 is wanted"),
        ("dotnet_sdk", {"dotnet_sdks": ["8.0.1000"]}, "ok", "SDK 8.0.1000, 8.0.408 is wanted"),
        ("dotnet_sdk", {"dotnet_sdks": ["10.0.100"]}, "ok", "SDK 10.0.100, 8.0.408 is wanted"),
        ("dotnet_sdk", {"dotnet_sdks": ["8.0.408-rc.1"]}, "failed", "SDK 8.0.408-rc.1, 8.0.408 is wanted"),
        (
            "dotnet_sdk",
            {"dotnet_sdks": None},
            "unknown",
            "the .NET SDKs cannot be compared with 8.0.408, which is wanted",
        ),
        (
            "aspnetcore",
            {"aspnetcore_runtimes": []},
            "failed",
            r"no runtime in %ProgramFiles%\dotnet, IIS module present; the hosting bundle 8.0 is wanted",
        ),
        (
            "aspnetcore",
            {"aspnetcore_runtimes": ["8.0.15"], "aspnetcore_module": False},
            "failed",
            r"runtime 8.0.15, no IIS module in %ProgramFiles%\IIS; the hosting bundle 8.0 is wanted",
        ),
        (
            "aspnetcore",
            {"aspnetcore_runtimes": ["8.0.15"], "aspnetcore_module": None},
            "unknown",
            "runtime 8.0.15, IIS module not known; the hosting bundle 8.0 is wanted",
        ),
        (
            "aspnetcore",
            {"aspnetcore_runtimes": None},
            "unknown",
            "runtimes not known, IIS module present; the hosting bundle 8.0 is wanted",
        ),
        ("java", {"java_version": "11.0.22"}, "failed", "version 11.0.22, 17 is wanted"),
        ("java", {"java_version": "1.8.0_402"}, "failed", "version 1.8.0_402, 17 is wanted"),
        ("java", {"java_version": "21"}, "ok", "version 21, 17 is wanted"),
        (
            "java",
            {"java_version": None},
            "unknown",
            r"JAVA_HOME is C:\Program Files\jdk\jdk-17\bin, where no file 'release' tells a version; version 17 is wanted",
        ),
    ],
)
def test_what_a_host_has(kind: str, found: dict[str, Any], state: str, words: str) -> None:
    assert seen(kind, host(**found)) == (state, words)


def test_iis_and_java_that_are_not_there() -> None:
    facts = host(iis_major=None, java_version=None)
    facts["iis_installed"] = False
    facts["java"] = {"JAVA_HOME": None}
    assert seen("iis", facts) == ("failed", "IIS is not installed, version 10 is wanted")
    assert seen("java", facts) == ("unknown", "JAVA_HOME is not set; version 17 is wanted")


def test_a_wanted_sdk_that_is_no_version_is_never_fulfilled() -> None:
    assert seen("dotnet_sdk", parameters={"at_least": "eight"})[0] == "unknown"


def test_a_family_is_not_a_prefix_of_the_number_of_another() -> None:
    facts = host(aspnetcore_runtimes=["8.10.1"])
    assert seen("aspnetcore", facts, {"family": "8.1"})[0] == "failed"
    assert seen("aspnetcore", facts, {"family": "8.10"})[0] == "ok"
