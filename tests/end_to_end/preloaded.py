# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An ansible-playbook that has everything imported already: each run is a fork of it, which saves most of a second.

The tests use :class:`Preloaded`. The same file is the program that the Python of an ansible-core runs: it imports nothing else of theirs.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from importlib import import_module
from pathlib import Path

OURS = Path(__file__).resolve().parents[2] / "plugins"
# Those that Ansible looks up by name in nearly every run.
ANSIBLES = (
    "action.include_vars",
    "action.set_fact",
    "callback.default",
    "connection.local",
    "connection.psrp",
    "connection.winrm",
    "filter.core",
    "filter.mathstuff",
    "shell.powershell",
    "shell.sh",
    "strategy.linear",
    "test.core",
    "test.mathstuff",
)


class Preloaded:
    """Starts the process. Ansible reads its settings once, so that ``environment`` has those of every run."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [str(python), __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, output: Path, *arguments: str, **environment: str) -> int:
        """The exit code of ``ansible-playbook ARGUMENTS``, which prints into the file; ``environment``: what no setting of Ansible is."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([str(output), arguments, environment]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """The process ends with its input."""
        self._process.communicate()


def preload() -> None:
    """What every run imports: the command line's own, plugins that Ansible loads by name, and the collection's plugins."""
    import requests  # noqa: F401, PLC0415
    import winrm  # noqa: F401, PLC0415
    from ansible.executor import playbook_executor  # noqa: F401, PLC0415
    from ansible.plugins.loader import init_plugin_loader  # noqa: PLC0415
    from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder  # noqa: PLC0415

    for name in ANSIBLES:
        import_module(f"ansible.plugins.{name}")
    init_plugin_loader()
    for kind in "action", "filter":
        for plugin in (OURS / kind).glob("*.py"):
            import_module(f"ansible_collections.comindware.platform.plugins.{kind}.{plugin.stem}")
    # Each run makes its own, as the command line says.
    _AnsibleCollectionFinder._remove()


def main() -> None:
    preload()
    from ansible import constants  # noqa: PLC0415
    from ansible.cli.playbook import PlaybookCLI  # noqa: PLC0415
    from ansible.utils import vars  # noqa: A004, PLC0415

    for line in sys.stdin:
        output, arguments, environment = json.loads(line)
        child = os.fork()
        if not child:
            os.setsid()
            os.environ.update(environment)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
            os.dup2(1, 2)
            vars.random_int = secrets.token_hex(4)  # of the ids of tasks: every ansible-playbook has another one
            # It is made when the settings are read, and the run before has removed it.
            Path(constants.DEFAULT_LOCAL_TMP).mkdir(mode=0o700, exist_ok=True)
            PlaybookCLI.cli_executor(["ansible-playbook", *arguments])
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
