# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
r"""Windows PowerShell as far as `run_script` needs it: plays a file of plain lines, each a word and its arguments.

`print TEXT`, `error TEXT`, `arguments`, `folder`, `stay`, which never ends, `write PATH TEXT`, `pid PATH`, `exit CODE`, and
`start PATH`, which leaves a process behind that never ends; the last two write a process id into the file. It dies with its parent,
as in a job object of Windows; what it has started does not, as only the job can see to that.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_OPTIONS = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"]
_PR_SET_PDEATHSIG = 1
_BAD_COMMAND_LINE = 0xFFFD0000  # what PowerShell ends with when it has no such file; here also without an end of input


def real(windows: str) -> Path:
    """The file behind a path of the host; names must be written as they are."""
    drive, _, rest = windows.partition(":\\")
    return Path(os.environ["STANDIN_HOST"], "drives", drive.lower(), *rest.split("\\"))


def play(lines: list[str], arguments: list[str]) -> int:
    for line in lines:
        word, _, text = line.partition(" ")
        if word == "exit":
            return int(text)
        if word == "stay":
            signal.pause()
        elif word in ACTS:
            ACTS[word](*text.split(" ", 1))
        else:
            said = {"print": text, "error": text, "arguments": repr(arguments), "folder": str(Path.cwd())}
            print(said[word], file=sys.stderr if word == "error" else sys.stdout, flush=True)
    return 0


def write(path: str, text: str) -> None:
    real(path).write_text(text, encoding="utf-8")


def start(path: str) -> None:
    write(path, str(subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]).pid))


ACTS: dict[str, Callable[..., None]] = {
    "write": write,
    "start": start,
    "pid": lambda path: write(path, str(os.getpid())),
}


def main() -> int:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    options, (script, *arguments) = sys.argv[1 : len(_OPTIONS) + 1], sys.argv[len(_OPTIONS) + 1 :]
    if options != _OPTIONS or not real(script).is_file() or sys.stdin.read():
        code = _BAD_COMMAND_LINE
    else:
        code = play(real(script).read_text("utf-8").splitlines(), arguments)
    Path(os.environ["STANDIN_EXIT_CODE_FILE"]).write_text(str(code), encoding="ascii")
    return code if code < 256 else code & 0xFF or 1


if __name__ == "__main__":
    sys.exit(main())
