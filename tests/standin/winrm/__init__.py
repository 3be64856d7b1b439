# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""WinRM of the stand-in hosts: what Ansible's own ``winrm`` connection needs, and the running of what it sends."""

from __future__ import annotations

from .calls import ModuleCall, ModuleResult
from .executor import AgentExecutor
from .server import WinRmServer

__all__ = ["AgentExecutor", "ModuleCall", "ModuleResult", "WinRmServer"]
