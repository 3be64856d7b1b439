# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A program of a stand-in host: hands its arguments to the control port and plays back the answer.

Linux cuts an exit code to 8 bits, Windows has 32. So the whole code also goes to the file that STANDIN_EXIT_CODE_FILE
names, if a caller needs more than zero or not zero.
"""

# pathlib would take longer to load than everything else here.
# ruff: noqa: PTH118, PTH119, PTH122, PTH123
from __future__ import annotations

import base64
import json
import os
import socket
import sys

RPC_SERVER_UNAVAILABLE = 1722


def ask(request: dict[str, object]) -> dict[str, object]:
    with open(os.path.join(os.environ["STANDIN_HOST"], "control"), encoding="utf-8") as file:
        address, _, port = file.read().strip().rpartition(":")
    with socket.create_connection((address, int(port))) as connection:
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as answers:
            line = answers.readline()
    if not line:
        raise ConnectionError("the stand-in host closed the connection without an answer")
    answer: dict[str, object] = json.loads(line)
    return answer


def main() -> int:
    program = os.path.splitext(os.path.basename(sys.argv[0]))[0].lower()
    try:
        answer = ask({"program": program, "arguments": sys.argv[1:], "pid": os.getpid()})
    except (OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"{program}: the stand-in host does not answer on its control port: {error}\n")
        answer = {"exit_code": RPC_SERVER_UNAVAILABLE, "stdout": "", "stderr": ""}
    sys.stdout.buffer.write(base64.b64decode(str(answer["stdout"])))
    sys.stderr.buffer.write(base64.b64decode(str(answer["stderr"])))
    code = int(str(answer["exit_code"]))
    if "STANDIN_EXIT_CODE_FILE" in os.environ:
        with open(os.environ["STANDIN_EXIT_CODE_FILE"], "w", encoding="ascii") as file:
            file.write(str(code))
    return code if code < 256 else code & 0xFF or 1


if __name__ == "__main__":
    sys.exit(main())
