# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Worker processes and what runs in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from .http_sys import Request, Response


class Workload(Protocol):
    """What a worker process runs: the product, or nothing but IIS itself."""

    @property
    def holds(self) -> tuple[str, ...]:
        """Windows paths of files, and of folders with all their files, that stay open while it runs."""

    def begin(self, crash: Callable[[], None]) -> None:
        """Start; returns at once. `crash` may be called later, from any thread, if the process dies of it."""

    def answer(self, request: Request) -> Response:
        """Answer a request; may block while the application starts."""

    def end(self, orderly: bool) -> None:
        """Stop, or die without a word; nothing of it may touch the host afterwards."""


class StaticContent:
    """A site that is not the product's."""

    holds: tuple[str, ...] = ()

    def begin(self, crash: Callable[[], None]) -> None:
        pass

    def answer(self, request: Request) -> Response:
        return Response(200, "<!DOCTYPE html><html><head><title>IIS Windows Server</title></head></html>")

    def end(self, orderly: bool) -> None:
        pass


@dataclass
class Worker:
    pid: int
    pool: str
    workload: Workload


@dataclass
class PoolBehaviour:
    """How a pool behaves at run time; settable for a test.

    `stop_seconds`: how long a warm pool is Stopping (a live one took 20 s).
    `never_stops`: it stays Stopping with its worker until that is set back.
    `orphans`: it says Stopped and lists no worker, but the process lives on with its files (orphanWorkerProcess).
    """

    start_seconds: float = 0
    stop_seconds: float = 0.2
    never_stops: bool = False
    orphans: bool = False


@dataclass
class IisBehaviour:
    """How IIS behaves at run time; settable for a test.

    `stop_blocks`: appcmd waits while a pool stops (seen live), or returns at once (seen with the PowerShell cmdlets).
    `stopped_site_answers`: None = connection refused, 404 = others keep the port, 503 = a URL reservation remains.
    `failing_reads`: so many of the next list commands fail with 1726, as seen right after a pool operation.
    """

    stop_blocks: bool = True
    stopped_site_answers: int | None = None
    failing_reads: int = 0
    pools: dict[str, PoolBehaviour] = field(default_factory=dict)

    def pool(self, name: str) -> PoolBehaviour:
        return self.pools.setdefault(name.casefold(), PoolBehaviour())
