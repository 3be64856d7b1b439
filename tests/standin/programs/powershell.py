# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
r"""Windows PowerShell as far as `run_script` needs it: plays a file of plain lines, each a word and its arguments.

`print TEXT`, `error TEXT`, `arguments`, `folder`, `sleep SECONDS`, `write PATH TEXT`, `exit CODE`, and
`start SECONDS PATH`, which leaves a process behind that writes PATH after a while. It dies with its parent, as in a job
object of Windows; what it has started does not, as only the job can see to that.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

_OPTIONS = ["-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"]
_PR_SET_PDEATHSIG = 1
_BAD_COMMAND_LINE = 0xFFFD0000  # what PowerShell ends with when it has no such file; here also without an end of input
_LATER = "import sys, time; time.sleep(float(sys.argv[1])); open(sys.argv[2], 'w').close()"


def real(windows: str) -> Path:
    """The file behind a path of the host; names must be written as they are."""
    drive, _, rest = windows.partition(":\\")
    return Path(os.environ["STANDIN_HOST"], "drives", drive.lower(), *rest.split("\\"))


def play(lines: list[str], arguments: list[str]) -> int:
    for line in lines:
        word, _, text = line.partition(" ")
        if word == "exit":
            return int(text)
        if word == "sleep":
            time.sleep(float(text))
        elif word in ("write", "start"):
            act(word, *text.split(" ", 1))
        else:
            said = {"print": text, "error": text, "arguments": repr(arguments), "folder": str(Path.cwd())}
            print(said[word], file=sys.stderr if word == "error" else sys.stdout, flush=True)
    return 0


def act(word: str, first: str, rest: str) -> None:
    if word == "write":
        real(first).write_text(rest, encoding="utf-8")
    else:
        subprocess.Popen([sys.executable, "-c", _LATER, first, str(real(rest))])


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
