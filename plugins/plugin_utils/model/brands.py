# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where each brand of the product keeps things. The only place that spells the vendor's names of folders and keys."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Brand:
    """Default places of one brand; ``%VAR%`` is expanded on the host. Every one can be moved per instance."""

    name: str

    @property
    def versions_folder(self) -> str:
        """One folder per installed product version (vendor's deployment guide for Windows)."""
        return rf"%ProgramFiles%\{self.name}\CBAP"

    @property
    def tool_folder(self) -> str:
        """The Administration Tool, which must not run while an instance is changed."""
        return rf"%ProgramFiles%\{self.name}\Install and Administration Tool"

    @property
    def configs_folder(self) -> str:
        """The ``<instance>.yml`` files of products 4.4 and later."""
        return rf"%ProgramData%\{self.name}\configs\instance"

    @property
    def instances_folder(self) -> str:
        r"""``<instance>\Config`` and its sisters."""
        return rf"%ProgramData%\{self.name}\Instances"

    @property
    def registry_key(self) -> str:
        """The Administration Tool's own records, one subkey per instance, below HKEY_LOCAL_MACHINE."""
        return rf"SOFTWARE\{self.name}\Instances"

    @property
    def site_prefix(self) -> str:
        """Sites and pools are called ``<brand> <instance>`` (vendor's upgrade guide for Windows)."""
        return f"{self.name} "


BRANDS = (Brand("Comindware"), Brand("CMW Lab"))

CORE_ASSEMBLY = r"bin\Comindware.Platform.Core.dll"
"""Below a version folder; the product's installer itself reads the version from it."""

LINKED_FILES = (r"data\Plugins\Agent\logs.config", r"data\Plugins\Agent\Agent.config")
"""Below a version folder: files that operators edit although every instance of the version reaches them by its links."""

SERVICE_NAMES = ("comindware*", "CMW*")
"""An instance's own Windows service, where it has one, is ``comindware<instance>``."""

JAVA_VARIABLES = ("JAVA_HOME", "JAVA_HOME_DLL", "JAVA_OPTS", "JVM_OPTS")
"""Machine variables that the vendor's procedure tells to save before an upgrade."""

AGENT_ROOT = r"%ProgramFiles%\comindware.platform"
BACKUP_ROOT = r"%ProgramData%\comindware.platform\backups"
