# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Record what a release of ansible-core sends, without ansible-core's own scripts, and put a recording together again.

``python -m standin.winrm.recording ANSIBLE_PLAYBOOK FOLDER`` (from ``tests/``) writes ``FOLDER/VERSION.MODULE.json``
for host_agent and win_ping. The collections it plays are small ones of its own, in a temporary folder.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .calls import ModuleResult
from .server import WinRmServer
from .shells import Command

_ENCODED = re.compile(r"(?P<before>.*-EncodedCommand\s+)(?P<code>[A-Za-z0-9+/=]+)(?P<after>.*)", re.DOTALL)
_SEPARATOR = "\0\0\0\0"
_OWN = ("ansible_collections.comindware.", "..module_utils.")

_COLLECTIONS = {
    "comindware/platform/plugins/modules/host_agent.ps1": """\
#!powershell

#AnsibleRequires -CSharpUtil Ansible.Basic
#AnsibleRequires -CSharpUtil ..module_utils._Agent

$spec = @{ options = @{ request = @{ type = 'str'; required = $true; no_log = $true } } }
$module = [Ansible.Basic.AnsibleModule]::Create($args, $spec)
$module.Result.answer = [ansible_collections.comindware.platform.plugins.module_utils._Agent.Agent]::Run(
    $module.Params.request)
$module.ExitJson()
""",
    "comindware/platform/plugins/module_utils/_Agent.cs": """\
using ansible_collections.comindware.platform.plugins.module_utils._Reply;

namespace ansible_collections.comindware.platform.plugins.module_utils._Agent
{
    /// <summary>Повторяет запрос.</summary>
    public static class Agent
    {
        public static string Run(string requestBase64) { return Reply.To(requestBase64); }
    }
}
""",
    "comindware/platform/plugins/module_utils/_Reply.cs": """\
namespace ansible_collections.comindware.platform.plugins.module_utils._Reply
{
    public static class Reply
    {
        public static string To(string request) { return "{\\"ok\\": true, \\"asked\\": \\"" + request + "\\"}"; }
    }
}
""",
    "ansible/windows/plugins/modules/win_ping.ps1": """\
#!powershell

#AnsibleRequires -CSharpUtil Ansible.Basic

$module = [Ansible.Basic.AnsibleModule]::Create($args, @{ options = @{ data = @{ type = 'str'; default = 'pong' } } })
$module.Result.ping = $module.Params.data
$module.ExitJson()
""",
}
REQUEST: dict[str, Any] = {"command": "query", "queries": [{"id": "who", "kind": "identity"}], "note": "Экземпляр 1"}
"""What the recorded calls of host_agent ask."""


def write_collections(folder: Path) -> None:
    """Write collections with a host_agent that repeats its request and a win_ping, for ANSIBLE_COLLECTIONS_PATH."""
    for path, text in _COLLECTIONS.items():
        file = folder / "ansible_collections" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def inventory(server: WinRmServer, user: str, password: str) -> dict[str, Any]:
    """An inventory of one host that is this server."""
    variables = {
        "ansible_connection": "winrm",
        "ansible_host": "127.0.0.1",
        "ansible_port": server.port,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": "basic",
        # Or a proxy of the environment would be asked for 127.0.0.1.
        "ansible_winrm_proxy": "",
        "ansible_user": user,
        "ansible_password": password,
    }
    return {"all": {"hosts": {"standin": variables}}}


def encode_request(request: dict[str, Any]) -> str:
    """The option ``request`` of host_agent."""
    return base64.b64encode(json.dumps(request, ensure_ascii=False).encode()).decode()


def strip(version: str, command_line: str, stdin: bytes) -> dict[str, Any]:
    """A recording: the two inputs as JSON, each script of ansible-core replaced by its SHA-256."""
    lines: list[dict[str, str]] = []
    text = command_line
    while match := _ENCODED.fullmatch(text):
        lines.append({"before": match["before"], "after": match["after"]})
        text = base64.b64decode(match["code"]).decode("utf-16-le")
    parts = re.split(f"(\\r?\\n?{_SEPARATOR}\\r?\\n?)", stdin.decode())
    head, separator, manifest = parts[0], parts[1], parts[2]
    compressed = not manifest.startswith("{")
    content = json.loads(gzip.decompress(base64.b64decode(manifest)) if compressed else manifest)
    return {
        "ansible_core": version,
        "command_lines": lines,
        "bootstrap": _digest(text.encode()),
        "head": _stripped_head(head),
        "separator": separator,
        "compressed": compressed,
        "manifest": _stripped_manifest(content),
    }


def rebuild(recording: dict[str, Any]) -> tuple[str, bytes]:
    """The command line and the standard input of a recording."""
    # All that the decoder needs of the bootstrap script is how it names the separator.
    text = f"# {recording['bootstrap']} `0`0`0`0"
    for line in reversed(recording["command_lines"]):
        text = line["before"] + base64.b64encode(text.encode("utf-16-le")).decode() + line["after"]
    manifest = json.dumps(recording["manifest"]).encode()
    if recording["compressed"]:
        manifest = base64.b64encode(gzip.compress(manifest))
    return text, (recording["head"] + recording["separator"]).encode() + manifest


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _hidden(code: str) -> str:
    return base64.b64encode(_digest(base64.b64decode(code)).encode()).decode()


def _stripped_head(head: str) -> str:
    if not head.startswith("{"):
        return _digest(head.encode())
    bootstrap = json.loads(head)
    return json.dumps({**bootstrap, "script": _digest(bootstrap["script"].encode())})


def _stripped_manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    if "scripts" in manifest:
        scripts = {
            name: {
                "path": Path(script["path"]).name,
                "script": script["script"] if name.startswith(_OWN) else _hidden(script["script"]),
            }
            for name, script in manifest["scripts"].items()
        }
        return {**manifest, "scripts": scripts}
    stripped = dict(manifest)
    for key in ("powershell_modules", "csharp_utils"):
        stripped[key] = {name: code if name.startswith(_OWN) else _hidden(code) for name, code in manifest[key].items()}
    own_scripts = [key for key in manifest if key.endswith(("_wrapper", "_watchdog"))]
    return {**stripped, **{key: _hidden(manifest[key]) for key in own_scripts}}


class _RecordingServer(WinRmServer):
    """Answers every module with success and keeps what was sent."""

    def __init__(self) -> None:
        super().__init__("recorder", "recorder", lambda call: ModuleResult.of({"changed": False}))
        self.commands: list[Command] = []

    def _run(self, command: Command) -> ModuleResult:
        self.commands.append(command)
        return super()._run(command)


def _record(ansible_playbook: str, folder: Path) -> None:
    first_line = subprocess.run([ansible_playbook, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"core ([0-9.a-z]+)", first_line)
    assert version is not None, f"no version in {first_line!r}"
    tasks: list[dict[str, Any]] = [
        {"comindware.platform.host_agent": {"request": encode_request(REQUEST)}},
        {"ansible.windows.win_ping": None},
    ]
    server = _RecordingServer()
    with tempfile.TemporaryDirectory() as work, server:
        write_collections(Path(work))
        Path(work, "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        Path(work, "inventory.json").write_text(json.dumps(inventory(server, "recorder", "recorder")))
        subprocess.run(
            [ansible_playbook, "-i", "inventory.json", "play.json"],
            cwd=work,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": work},
            check=True,
        )
    for command, task in zip(server.commands, tasks, strict=True):
        recording = strip(version[1], command.line, bytes(command.stdin))
        name = f"{version[1]}.{next(iter(task)).rsplit('.', 1)[-1]}.json"
        Path(folder, name).write_text(json.dumps(recording, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    _record(sys.argv[1], Path(sys.argv[2]))
