# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ansible-playbook takes of the memory: its own process, and the largest of its forks."""

from __future__ import annotations

import os
import re
import threading
from types import TracebackType

from end_to_end.processes import PROC, children, read

_EVERY_SECONDS = 1


class Memory:
    """Looks at the children of this process that are an ansible-playbook, as long as it is entered. Megabytes are PSS: what is shared is
    divided by those who share it.
    """

    def __init__(self) -> None:
        self.fork = self.parent = 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def __str__(self) -> str:
        return f"largest fork {self.fork:.0f} MB, the controller itself {self.parent:.0f} MB (PSS)"

    def _watch(self) -> None:
        while not self._end.wait(_EVERY_SECONDS):
            for controller in children(os.getpid()):
                if b"ansible-playbook" not in read(PROC / str(controller) / "cmdline"):
                    continue
                self.parent = max(self.parent, _megabytes(controller))
                forks = [_megabytes(fork) for fork in children(controller)]
                self.fork = max([self.fork, *forks])


def _megabytes(process: int) -> float:
    seen = re.search(rb"^Pss:\s+(\d+) kB", read(PROC / str(process) / "smaps_rollup"), re.MULTILINE)
    return int(seen[1]) / 1024 if seen else 0.0
