# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules of the collection in this process: the real actions, whose calls of the agent go to a stand-in host without WinRM."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

_ACTIONS = "ansible_collections.comindware.platform.plugins.action"

Agent = Callable[[dict[str, Any]], dict[str, Any]]


class ControllerKilled(BaseException):
    """The process of ansible-playbook is gone in the middle of a call; no rescue of its own sees that."""


def run_module(name: str, options: dict[str, Any], agent: Agent) -> dict[str, Any]:
    """The result of a task with this module, as ansible-playbook would get it."""
    action_class = importlib.import_module(f"{_ACTIONS}.{name}").ActionModule
    task = SimpleNamespace(
        args=options,
        action=name,
        async_val=0,
        check_mode=False,
        diff=False,
        delegate_to=None,
        _uuid="run",
        environment=None,
    )
    loader = DataLoader()
    action = action_class(
        task=task,
        connection=SimpleNamespace(
            _shell=SimpleNamespace(tmpdir=None), has_pipelining=True, module_implementation_preferences=(".ps1",)
        ),
        play_context=SimpleNamespace(check_mode=False, diff=False),
        loader=loader,
        templar=Templar(loader=loader),
        shared_loader_obj=None,
    )
    action._execute_module = lambda **call: agent(call["module_args"])
    action.progress = lambda message: None
    result: dict[str, Any] = action.run(None, {"inventory_hostname": "h1"})
    return result
