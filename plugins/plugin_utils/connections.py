# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which connections of Ansible lead to the agent."""

from __future__ import annotations

from typing import Any

from .planning.findings import Refusal


def refuse_unfit(connection: Any, host: str) -> None:
    """Refuses a connection by which ansible-core runs no PowerShell modules: it would say that /usr/bin/pwsh is missing.

    winrm and psrp always run them; ssh, and plugins of other collections, do with one of the two shells of Windows.
    """
    if ".ps1" in connection.module_implementation_preferences:
        return
    shell = connection._shell.SHELL_FAMILY
    raise Refusal(
        f"The connection to {host} is refused, nothing was touched. It is '{connection.transport}' with the shell type '{shell}', and "
        "the agent of comindware.platform is PowerShell on the Windows host itself. Set ansible_connection of the host to winrm or psrp; "
        "or to ssh, together with ansible_shell_type: powershell (cmd, if that is the default shell of its OpenSSH server)."
    )
