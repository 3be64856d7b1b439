# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An ansible-playbook that has everything imported already: each run is a fork of it, which saves most of a second.

The tests use :class:`Preloaded`. The same file is the program that the Python of an ansible-core runs: it imports nothing else of theirs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


class Preloaded:
    """Starts the process; ``environment`` is that of every run."""

    def __init__(self, python: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [str(python), __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str) -> int:
        """The exit code of ``ansible-playbook ARGUMENTS``; it prints to the standard error output of the tests."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(arguments) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        """The process ends with its input."""
        self._process.communicate()


def main() -> None:
    import requests  # noqa: F401, PLC0415
    import winrm  # noqa: F401, PLC0415
    from ansible.cli.playbook import PlaybookCLI  # noqa: PLC0415
    from ansible.plugins import action, connection, strategy  # noqa: F401, PLC0415

    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            PlaybookCLI.cli_executor(["ansible-playbook", *json.loads(line)])
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
