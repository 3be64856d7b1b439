# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installed versions of the product: one folder each, shared by all instances that run it."""

from __future__ import annotations

import shutil

from ..windows.paths import Drives, LinkKind
from .assemblies import CORE, Assemblies
from .configuration_files import AGENT_FOLDER, pristine
from .description import generation_of, versions_folder

# The vendor's deployment guide lists these for an instance folder; on Windows the kinds are inferred.
LINKED = {
    "bin": LinkKind.DIRECTORY,
    "compiled": LinkKind.DIRECTORY,
    "data": LinkKind.DIRECTORY,
    "mobile": LinkKind.DIRECTORY,
    "resources": LinkKind.DIRECTORY,
    "unauthorized": LinkKind.DIRECTORY,
    "favicon.ico": LinkKind.FILE,
    "Global.asax": LinkKind.FILE,
    "redirect.aspx": LinkKind.FILE,
    "robots.txt": LinkKind.FILE,
}

_FILES = {
    r"bin\Comindware.Platform.Web.dll": "web {version}",
    r"bin\Comindware.Adapter.Host.dll": "adapters {version}",
    r"bin\Comindware.ApiGateway.dll": "gateway {version}",
    r"bin\Comindware.Adapter.Agent.exe": "agent {version}",
    r"bin\Apache.Ignite.exe": "ignite {version}",
    r"compiled\App_global.asax.compiled": '<preserve version="{version}"/>',
    r"data\Ontology\core.n3": "# ontology {version}",
    r"mobile\index.html": "<html>mobile {version}</html>",
    r"resources\strings.ru.json": '{{"version": "{version}"}}',
    r"unauthorized\index.html": "<html>401</html>",
    "favicon.ico": "icon",
    "Global.asax": '<%@ Application Inherits="Comindware.Platform.Web.Global" %>',
    "redirect.aspx": '<%@ Page Language="C#" %>',
    "robots.txt": "User-agent: *\nDisallow: /\n",
}


def version_path(brand: str, version: str) -> str:
    return f"{versions_folder(brand)}\\{version}"


def install_version(
    drives: Drives, assemblies: Assemblies, brand: str, version: str, assembly: str = "", templates: bool = False
) -> str:
    """Install a version, as `version_install.ps1` does; `assembly` puts another version's assembly into the folder.

    `templates`: pristine configuration files lie in its folder `templates`. The vendor tells nowhere whether they do.
    """
    folder = version_path(brand, version)
    for name, text in _FILES.items():
        drives.write(f"{folder}\\{name}", text.format(version=version).encode())
    for name, text in pristine(generation_of(version)).items():
        if name.startswith(AGENT_FOLDER):
            write_text(drives, f"{folder}\\{name}", text)
        elif templates:
            write_text(drives, f"{folder}\\templates\\{name}", text)
    target = drives.real(f"{folder}\\bin\\{CORE}")
    shutil.copyfile(assemblies.compiled(assembly or version), target)
    return folder


def write_text(drives: Drives, path: str, text: str, encoding: str = "utf-8") -> None:
    """Write a text with the line ends of Windows."""
    drives.write(path, text.replace("\n", "\r\n").encode(encoding))


def make_links(drives: Drives, config: str, version_folder: str, junctions: bool = False) -> None:
    """The links of an instance's Config folder to the binaries of a version; folders by junctions if wanted."""
    for name, kind in LINKED.items():
        used = LinkKind.JUNCTION if junctions and kind is LinkKind.DIRECTORY else kind
        drives.make_link(f"{config}\\{name}", f"{version_folder}\\{name}", used)
