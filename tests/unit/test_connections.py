# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of Ansible's own connections lead to the agent."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader, get_shell_plugin
from ansible_collections.comindware.platform.plugins.plugin_utils.connections import refuse_unfit
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal


def connection(plugin: str, shell: str) -> Any:
    """As ansible-core makes it for a task."""
    return connection_loader.get(plugin, PlayContext(), shell=get_shell_plugin(shell_type=shell), task_uuid="1")


@pytest.mark.parametrize(
    ("plugin", "shell"),
    [("winrm", "powershell"), ("psrp", "powershell"), ("ssh", "powershell"), ("ssh", "cmd")],
)
def test_field_6_6_connections_that_run_powershell_modules(plugin: str, shell: str) -> None:
    refuse_unfit(connection(plugin, shell), "app01")


@pytest.mark.parametrize(("plugin", "shell"), [("local", "sh"), ("ssh", "sh"), ("paramiko_ssh", "sh")])
def test_field_6_6_any_other_is_refused_with_what_to_set(plugin: str, shell: str) -> None:
    with pytest.raises(Refusal) as refused:
        refuse_unfit(connection(plugin, shell), "app01")
    seen = {"paramiko_ssh": "paramiko"}.get(plugin, plugin)
    assert str(refused.value) == (
        f"The connection to app01 is refused, nothing was touched. It is '{seen}' with the shell type 'sh', and the agent of "
        "comindware.platform is PowerShell on the Windows host itself. Set ansible_connection of the host to winrm or psrp; or to ssh, "
        "together with ansible_shell_type: powershell (cmd, if that is the default shell of its OpenSSH server)."
    )
