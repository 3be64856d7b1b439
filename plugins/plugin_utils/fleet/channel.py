# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the workers of ansible-core tell a callback in the parent process where they are.

Lines of ``display`` travel to the parent, but to its screen, past every callback; and from ansible-core 2.19 on a worker can send
nothing but task results to callbacks. So the callback opens a pipe before the first worker is forked, and they inherit it. A message
is one line of JSON, short enough to be written whole or not at all. Nobody ever waits for it: what a full pipe does not take is lost,
and the next message says all of it anew. Without the callback there is no pipe.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
from collections.abc import Mapping
from typing import Any

from ..stages import Where

_WHOLE = 4096
"""Bytes that a pipe of Linux takes in one piece (PIPE_BUF)."""
_READ = 65536


class Message(Where, total=False):
    """``host``: inventory name. ``action``: name of the module. ``instance``, ``brand``, ``target``, ``language``: its options. ``text``:
    the line for people; none when the module begins.
    """

    host: str
    action: str
    instance: str | None
    brand: str | None
    target: str | None
    language: str | None
    text: str


class Channel:
    """The pipe, with the reader's end in the process that made it."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._rest = b""

    def send(self, message: Mapping[str, Any]) -> bool:
        """Whether a reader may be there. Never waits, never raises because of the pipe."""
        line = _line(message)
        if len(line) > _WHOLE:
            line = _line({**message, "text": ""})
        try:
            os.write(self._write, line)
        except BlockingIOError:
            return True  # full: the reader is behind
        except OSError:
            return False
        return True

    def wait(self, seconds: float) -> None:
        """Until something has come, at most so long."""
        waiting = select.poll()
        waiting.register(self._read, select.POLLIN)
        waiting.poll(seconds * 1000)

    def receive(self) -> list[Message]:
        """What has come. Raises :class:`OSError` when the pipe is gone."""
        data = self._rest
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self._read, _READ):
                data += piece
        *lines, self._rest = data.split(b"\n")
        return [message for line in lines if (message := _message(line))]

    def close(self) -> None:
        """Both ends, in this process; whoever waits is woken."""
        with contextlib.suppress(OSError):
            os.write(self._write, b"\n")
        for end in (self._read, self._write):
            with contextlib.suppress(OSError):
                os.close(end)


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode(errors="replace") + b"\n"


def _message(line: bytes) -> Message | None:
    """None for what is no message."""
    try:
        content: Any = json.loads(line)
    except ValueError:
        return None
    if not (isinstance(content, dict) and isinstance(content.get("host"), str)):
        return None
    message: Message = content  # type: ignore[assignment]  # what the other end of the own pipe has written
    return message


_open: Channel | None = None


def open_channel() -> Channel:
    """Opens the channel of this process and of those that it forks from now on."""
    global _open  # noqa: PLW0603  # forks inherit modules, not arguments
    _open = Channel()
    return _open


def close_channel() -> None:
    """Workers that are forked from now on tell nothing."""
    global _open  # noqa: PLW0603
    if _open:
        _open.close()
    _open = None


def is_open() -> bool:
    """Whether somebody asked to be told."""
    return _open is not None


def send(message: Mapping[str, Any]) -> bool:
    """Whether somebody may get the message."""
    return _open is not None and _open.send(message)
