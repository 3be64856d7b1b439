# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the product needs of a host and others install: Windows, IIS, .NET, Java. Questions about it, and what the answers mean.

Keys and folders are Microsoft's: "How to determine which .NET Framework versions are installed", "How to check that .NET is
already installed", "ASP.NET Core Module". IIS records its components as values 1 of the subkey Components.
"""

from __future__ import annotations

import re
from typing import Any

from . import paths
from .answers import Answers, items
from .facts import Prerequisites

_KEYS: dict[str, tuple[str, list[str]]] = {
    "dotnet_framework": (r"SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full", ["Release"]),
    # Among the other values here is DigitalProductId, from which the product key of Windows can be read.
    "windows": (r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", ["CurrentBuildNumber", "ProductName"]),
    "inetstp": (r"SOFTWARE\Microsoft\InetStp", []),
}
_SDKS = r"dotnet\sdk"
_RUNTIMES = r"dotnet\shared\Microsoft.AspNetCore.App"
_MODULE = r"IIS\Asp.Net Core Module\V2\aspnetcorev2.dll"

IDS = (*_KEYS, "dotnet", "java_release")
"""The ids of :func:`queries`."""


def queries() -> list[dict[str, Any]]:
    """Part of an inspection; wants the answer ``environment`` before them."""
    java_home = {"from": "environment", "select": "machine.JAVA_HOME", "append": "release"}
    registry = [
        # Below CurrentVersion lies half of Windows; that the other keys are shallow is what makes reading them cheap.
        {
            "id": name,
            "kind": "registry",
            "hive": "HKLM",
            "key": key,
            "views": [64],
            "recurse": name == "inetstp",
            "names": values,
        }
        for name, (key, values) in _KEYS.items()
    ]
    return [
        *registry,
        {
            "id": "dotnet",
            "kind": "list",
            "paths": [paths.join("%ProgramFiles%", place) for place in (_SDKS, _RUNTIMES, _MODULE)],
        },
        {
            "id": "java_release",
            "kind": "read",
            # The vendor's pages set JAVA_HOME both to the JDK's folder and to bin below it.
            "paths": [java_home, {**java_home, "pattern": r"(?i)^(?<value>.+)\\bin\\?$"}],
            "maximum_bytes": 65536,
        },
    ]


def read(view: Answers) -> Prerequisites:
    """The facts. Nothing here raises: what was not answered, or not as expected, is None."""
    inetstp, windows = _key(view, "inetstp"), _key(view, "windows")
    return {
        "windows_build": _number(_value(windows, "CurrentBuildNumber")),
        "windows_name": _text(_value(windows, "ProductName")),
        "iis_major": _number(_value(inetstp, "MajorVersion")),
        "iis_components": _components(inetstp),
        "dotnet_framework_release": _number(_value(_key(view, "dotnet_framework"), "Release")),
        "dotnet_sdks": _versions(view, _SDKS),
        "aspnetcore_runtimes": _versions(view, _RUNTIMES),
        "aspnetcore_module": _module(view),
        "java_version": _java(view),
    }


def _key(view: Answers, query: str) -> dict[str, Any] | None:
    """The content of a registry key, None if it is not there."""
    key: dict[str, Any] = view.get(query).get("views", {}).get("64", {})
    return key if key.get("exists") else None


def _value(key: dict[str, Any] | None, name: str) -> Any:
    values = (key or {}).get("values", {})
    return next((value["data"] for known, value in values.items() if known.casefold() == name.casefold()), None)


def _number(data: Any) -> int | None:
    return int(data) if re.fullmatch(r"[0-9]+", str(data)) else None


def _text(data: Any) -> str | None:
    return data if isinstance(data, str) and data else None


def _components(inetstp: dict[str, Any] | None) -> list[str] | None:
    if inetstp is None:
        return None
    keys = {name.casefold(): key for name, key in inetstp.get("keys", {}).items()}
    values = keys.get("components", {}).get("values", {})
    return sorted((name for name, value in values.items() if value["data"] == 1), key=str.casefold)


def _place(view: Answers, place: str) -> dict[str, Any] | None:
    """The answer about a place below Program Files."""
    asked = view.get("dotnet").get("items", [])
    return next((item for item in asked if paths.key(item["path"]).endswith("\\" + paths.key(place))), None)


def _versions(view: Answers, place: str) -> list[str] | None:
    """The folders below that are named after a version: sdk holds others too (NuGetFallbackFolder)."""
    item = _place(view, place)
    if item is None:
        return None
    names = [entry["name"] for entry in item.get("entries", []) if entry["kind"] == "directory"]
    named = [name for name in names if re.match(r"[0-9]+\.[0-9]+\.[0-9]+", name)]
    return sorted(named, key=lambda name: [int(number) for number in re.findall("[0-9]+", name)])


def _module(view: Answers) -> bool | None:
    item = _place(view, _MODULE)
    return None if item is None else bool(item.get("exists"))


def _java(view: Answers) -> str | None:
    for item in items(view.get("java_release")):
        if found := re.search(r'(?m)^JAVA_VERSION="?([^"\r\n]+)', item.get("text") or ""):
            return found[1].strip()
    return None
