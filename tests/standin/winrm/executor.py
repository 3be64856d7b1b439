# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the module calls of one stand-in host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..environment import environment
from ..modules import Ended, MonoCall
from .calls import ModuleCall, ModuleResult
from .compiler import SEAMS, CompileError, compile_program

HOST_AGENT = "comindware.platform.host_agent"
WIN_PING = "ansible.windows.win_ping"
# Ansible before 2.19 sends the name that was asked for; wait_for_connection asks for ping.
_PREFIXES = ("", "ansible.legacy.", "ansible.builtin.")
_ALIASES = {prefix + name: WIN_PING for prefix in _PREFIXES for name in ("ping", "win_ping")}

_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_MASK_WITHIN = "********"
_OUTPUT_IN_MESSAGE = 4000


class AgentExecutor:
    """Answers win_ping, runs host_agent's own C# code under Mono, refuses everything else.

    ``host_folder`` is the folder of the host, ``cache`` that of compiled agents, shared by the hosts of a fleet;
    ``seams`` holds the stand-in's C# sources. Calls may come from several threads at once.
    """

    def __init__(
        self,
        host_folder: Path,
        cache: Path,
        computer_name: str,
        *,
        user_name: str = "Administrator",
        seams: Path = SEAMS,
    ) -> None:
        self._host_folder = host_folder.resolve()
        self._cache = cache.resolve()
        self._seams = seams
        self._environment = {**environment(self._host_folder, computer_name), "USERNAME": user_name}

    def __call__(self, call: ModuleCall) -> ModuleResult:
        """The result of a module call; what cannot be served is a failed result, never an exception."""
        module = _ALIASES.get(call.module.lower(), call.module.lower())
        missing = _not_served(module, call)
        if missing:
            return ModuleResult.refused(missing)
        return _pong(call) if module == WIN_PING else self._run_agent(call)

    def _run_agent(self, call: ModuleCall) -> ModuleResult:
        wrong = _wrong_options(call.arguments, {"request"}, {"request"}, HOST_AGENT)
        if wrong:
            return ModuleResult.failed(wrong)
        request = str(call.arguments["request"])
        sources = {name: text for name, text in call.csharp_utils.items() if not name.startswith("Ansible.")}
        try:
            program = compile_program(sources, self._cache, self._seams)
        except CompileError as error:
            return ModuleResult.refused(f"Failed to compile C# code: {error}")
        drive = self._host_folder / "drives" / "c"
        folder = drive if drive.is_dir() else self._host_folder
        try:
            running = MonoCall(program, request.encode(), {**call.environment, **self._environment}, folder)
        except OSError as error:
            return ModuleResult.refused(f"cannot start the agent: {error}. On Debian, apt-get install mono-runtime")
        return _result_of_agent(running.end(call.terminated), call.arguments)


def _not_served(module: str, call: ModuleCall) -> str:
    if module not in (HOST_AGENT, WIN_PING):
        return f"the module {call.module!r} is not served here: only {HOST_AGENT} and win_ping are."
    if call.become:
        return f"become is not served here: the task of {call.module!r} must run as the user of the connection."
    if call.asynchronous:
        return f"async is not served here: the task of {call.module!r} must run without async."
    return ""


def _pong(call: ModuleCall) -> ModuleResult:
    wrong = _wrong_options(call.arguments, {"data"}, set(), WIN_PING)
    if wrong:
        return ModuleResult.failed(wrong)
    data = str(call.arguments.get("data", "pong"))
    if data == "crash":
        return ModuleResult.failed("Unhandled exception while executing module: boom")
    return ModuleResult.of({"changed": False, "ping": data, **_invocation(call.arguments, {"data": data})})


def _wrong_options(arguments: dict[str, Any], known: set[str], required: set[str], module: str) -> str:
    """What Ansible.Basic would say of the options of a module, or ""."""
    given = {name for name, value in arguments.items() if not name.startswith("_ansible_") and value is not None}
    unknown = sorted(given - known)
    if unknown:
        names, supported = ", ".join(unknown), ", ".join(sorted(known))
        return f"Unsupported parameters for ({module}) module: {names}. Supported parameters include: {supported}"
    missing = sorted(required - given)
    return f"missing required arguments: {', '.join(missing)}" if missing else ""


def _result_of_agent(ended: Ended, arguments: dict[str, Any]) -> ModuleResult:
    said = ended.stderr.decode("utf-8", "replace").strip()[-_OUTPUT_IN_MESSAGE:]
    if ended.exit_code < 0:
        return ModuleResult.refused(f"the agent was killed by signal {-ended.exit_code}: {said or 'it said nothing'}")
    if ended.exit_code > 0:
        return ModuleResult.refused(f"the agent ended with exit code {ended.exit_code}: {said or 'it said nothing'}")
    try:
        answer = ended.stdout.decode("utf-8")
    except UnicodeDecodeError as error:
        return ModuleResult.refused(f"the agent's answer is not UTF-8: {error}")
    if not answer.strip():
        return ModuleResult.refused(f"the agent ended with exit code 0 and no answer: {said or 'it said nothing'}")
    request = str(arguments["request"])
    # Ansible.Basic masks the value of a no_log option wherever it appears in the result.
    answer = answer.rstrip("\r\n").replace(request, _MASK_WITHIN) if request else answer
    return ModuleResult.of({"changed": False, "answer": answer, **_invocation(arguments, {"request": _MASK})})


def _invocation(arguments: dict[str, Any], shown: dict[str, str]) -> dict[str, Any]:
    # From 2.21 the controller says whether it wants the invocation.
    return {"invocation": {"module_args": shown}} if arguments.get("_ansible_inject_invocation", True) else {}
