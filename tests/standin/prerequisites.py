# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the product needs of Windows, as installers leave it in the registry and on disk.

Names of IIS components are those of Microsoft's page "Discover Installed Components": a component that is not installed has
no value. That page is older than ASPNET45, NetFxExtensibility45, WebSockets, CertProvider and WebDAV; published installers
read those there. None is known for Application Initialization and for the parts of WCF.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .windows.paths import Drives
from .windows.registry import Registry

IIS_COMPONENTS = (
    "W3SVC",
    "StaticContent",
    "DefaultDocument",
    "DirectoryBrowse",
    "HttpErrors",
    "HttpRedirect",
    "WebDAV",
    "HttpLogging",
    "CustomLogging",
    "RequestMonitor",
    "HttpCompressionStatic",
    "HttpCompressionDynamic",
    "RequestFiltering",
    "BasicAuthentication",
    "CertProvider",
    "IPSecurity",
    "Authorization",
    "WindowsAuthentication",
    "ASPNET45",
    "NetFxExtensibility45",
    "WebSockets",
    "ISAPIExtensions",
    "ISAPIFilter",
    "ManagementConsole",
    "ManagementScriptingTools",
    "ProcessModel",
    "WASConfigurationAPI",
)
"""What the vendor's deployment guide for 5.0 on Windows lists and has a value of its own."""

_SERVERS = {14393: "2016", 17763: "2019", 20348: "2022", 26100: "2025"}
_DOTNET = r"C:\Program Files\dotnet"
_JAVA = r"C:\Program Files\jdk\jdk-17"
_JAVA_OPTIONS = {
    "JAVA_OPTS": "-Xms512m -Xmx3g",
    "JVM_OPTS": "-Xms512m -Xmx16g -XX:MaxDirectMemorySize=1g -DIGNITE_QUIET=false -DIGNITE_NO_ASCII=true",
}


@dataclass
class Prerequisites:
    """The defaults are enough for 5.0; None and empty lists: not installed.

    `windows_build`: 20348 is Windows Server 2022. `dotnet_framework_release`: 533320 is .NET Framework 4.8.1.
    `dotnet_sdks`, `aspnetcore`: installed versions of the .NET SDK and of the ASP.NET Core hosting bundle.
    """

    windows_build: int = 20348
    dotnet_framework_release: int | None = 533320
    dotnet_sdks: list[str] | None = field(default_factory=lambda: ["8.0.408"])
    aspnetcore: list[str] | None = field(default_factory=lambda: ["6.0.36", "8.0.15"])
    java: str | None = "17.0.12"
    iis_components: list[str] | None = field(default_factory=lambda: list(IIS_COMPONENTS))


def install_prerequisites(drives: Drives, registry: Registry, wanted: Prerequisites) -> None:
    """Write what the installers of Windows, IIS, .NET and the JDK would have written."""
    server = _SERVERS.get(int(wanted.windows_build), "of another year")
    registry.write(
        r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion",
        {"ProductName": f"Windows Server {server} Standard", "CurrentBuildNumber": str(wanted.windows_build)},
    )
    if wanted.dotnet_framework_release is not None:
        registry.write(
            r"HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full",
            {"Install": 1, "Release": wanted.dotnet_framework_release},
        )
    registry.write(
        r"HKLM\SOFTWARE\Microsoft\InetStp", {"InstallPath": r"C:\Windows\System32\inetsrv", "MajorVersion": 10}
    )
    registry.write(r"HKLM\SOFTWARE\Microsoft\InetStp\Components", dict.fromkeys(wanted.iis_components or (), 1))
    _install_dotnet(drives, wanted)
    _install_java(drives, registry, wanted.java)


def _install_dotnet(drives: Drives, wanted: Prerequisites) -> None:
    for version in wanted.dotnet_sdks or ():
        drives.write(rf"{_DOTNET}\sdk\{version}\dotnet.dll", b"MZ")
    for version in wanted.aspnetcore or ():
        drives.write(rf"{_DOTNET}\shared\Microsoft.AspNetCore.App\{version}\Microsoft.AspNetCore.dll", b"MZ")
    if wanted.aspnetcore:
        drives.write(r"C:\Program Files\IIS\Asp.Net Core Module\V2\aspnetcorev2.dll", b"MZ")


def _install_java(drives: Drives, registry: Registry, version: str | None) -> None:
    homes = {"JAVA_HOME": _JAVA, "JAVA_HOME_DLL": rf"{_JAVA}\bin\server\jvm.dll"}
    registry.write(
        r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment",
        {**(homes if version else {}), **_JAVA_OPTIONS},
    )
    if version:
        drives.write(rf"{_JAVA}\bin\server\jvm.dll", b"MZ")
        text = f'IMPLEMENTOR="Microsoft"\r\nJAVA_VERSION="{version}"\r\nOS_ARCH="x86_64"\r\nOS_NAME="Windows"\r\n'
        drives.write(rf"{_JAVA}\release", text.encode())
