# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The agent of a Windows host as a Python object (docs/protocol.md)."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .model.brands import AGENT_ROOT
from .planning.plans import CONFIRM_SECONDS

Module = Callable[[dict[str, Any]], dict[str, Any]]
"""Runs ``comindware.platform.host_agent`` with these arguments on the host and returns its result."""

_SOURCES = Path(__file__).parent.parent / "module_utils"
_BUSY = ("pending", "running", "undoing")
_OVER = ("confirmed", "rolled_back")
_CHANGING = ("execute", "confirm", "rollback", "recover")
_LAST_PAUSE_SECONDS = 5

RECONNECT_SECONDS = CONFIRM_SECONDS + 60
"""By then a host that was left alone has gone back by itself, and can tell it."""


class HostError(Exception):
    """The host could not or would not do it. ``code`` and ``details`` are those of the agent's answer."""

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = details or {}


class ConnectionLost(Exception):
    """A call came to no answer; what the host did of it is not known."""


class NoAnswer(ConnectionLost):
    """The host could be reached, but what came back cannot be read."""


@dataclass(frozen=True)
class Login:
    """A user of the product. The password is in no text of this object, and in no plan."""

    user: str
    password: str = field(repr=False)


class _Unseen(str):
    """A text whose representation is hidden: a debugging ansible-core prints that of every module's arguments."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"


class Host:
    """One Windows host.

    ``patience``: seconds for which a host whose connection broke is asked again; ``reset`` gives up that connection and everything that
    belongs to it, and never raises. ``calls`` counts the module calls by command, ``losses`` those without an answer. ``machine``: the
    ``machine_id`` of its facts, once they are known; from then on another machine that answers in its place refuses. ``unsettled``: a
    transaction that was sent to the host and has not been seen at its end.
    """

    def __init__(
        self, module: Module, patience: int = RECONNECT_SECONDS, reset: Callable[[], None] = lambda: None
    ) -> None:
        self._module = module
        self._patience_seconds = patience
        self._reset = reset
        self._answered = False
        self.calls: Counter[str] = Counter()
        self.losses: Counter[str] = Counter()
        self.machine: str | None = None
        self.unsettled: str | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the host was ever told to change anything."""
        return any(self.calls[command] for command in _CHANGING)

    def query(self, queries: list[dict[str, Any]]) -> dict[str, Any]:
        """Answers by query id; a query that failed has ``error`` in its answer.

        When the connection breaks, a host that was there a moment ago is asked once more, and one that has begun as patiently as about
        a transaction. Raises :class:`ConnectionLost`, :class:`HostError`.
        """
        tries = None if self.has_begun else 1 + self._answered
        answers: dict[str, Any] = self._repeated("query", tries, queries=_lean(queries))["answers"]
        return answers

    def request(self, method: str, login: Login, timeout_seconds: int = 60, **where: Any) -> dict[str, Any]:
        """One HTTP request that the host makes itself; ``where``: fields of the query ``http``. The response is an item of that query.

        Never repeated by itself: what a lost request has done is not known. Raises :class:`ConnectionLost`, :class:`HostError`.
        """
        answer = self._call(
            "request",
            method=method,
            user=login.user,
            password=login.password,
            timeout_seconds=timeout_seconds,
            **where,
        )
        response: dict[str, Any] = answer["response"]
        return response

    def execute(self, plan: dict[str, Any], known_workers: list[str], wait_seconds: int = 20) -> dict[str, Any]:
        """Starts a transaction and waits a little; the sources of the agent travel only when the host lacks them.

        Raises :class:`HostError` when the host refused it: then nothing was touched, and nothing is ``unsettled``.
        """
        worker: dict[str, Any] = {"hash": worker_hash()}
        if worker["hash"] not in known_workers:
            worker["sources"] = worker_sources()
        self.unsettled = plan["id"]
        try:
            return self._seen(self._patient("execute", plan=plan, worker=worker, wait_seconds=wait_seconds))
        except HostError:
            if self.losses["execute"] and (begun := self._begun(plan["id"])):
                return begun
            self.unsettled = None
            raise

    def _begun(self, transaction: str) -> dict[str, Any] | None:
        """A transaction that an earlier try, whose answer was lost, may have begun all the same."""
        try:
            return self.status(transaction, wait_seconds=0)[0]
        except HostError as error:
            if error.code != "unknown_transaction":
                raise
            return None

    def status(
        self,
        transaction: str,
        since: int = 0,
        wait_seconds: int = 20,
        queries: list[dict[str, Any]] | None = None,
        prolong: bool = False,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The state of a transaction, and answers to queries asked in the same call. ``prolong``: the caller watches a
        transaction that waits for its confirm, so the host waits on.
        """
        answer = self._patient(
            "status",
            transaction=transaction,
            since=since,
            wait_seconds=wait_seconds,
            queries=queries or [],
            prolong=prolong,
        )
        return self._seen(answer), answer.get("answers", {})

    def confirm(
        self,
        transaction: str,
        verdict: str = "confirmed",
        answered_at: str | None = None,
        wait_seconds: int = 60,
        waive: bool = False,
    ) -> dict[str, Any]:
        """Makes a transaction final; the host keeps the verdict, and when the instance was first seen to answer. ``waive``: one that is
        final already, and owes something, owes it no more.
        """
        told = {"verdict": verdict, "waive": waive} | ({"answered_at": answered_at} if answered_at else {})
        return self._seen(self._patient("confirm", transaction=transaction, wait_seconds=wait_seconds, **told))

    def rollback(self, transaction: str, reason: str, wait_seconds: int = 20, force: bool = False) -> dict[str, Any]:
        """Undoes a transaction; ``force``: even one that is past its point of no return, which is refused otherwise (code
        ``past_return``).
        """
        return self._seen(
            self._patient("rollback", transaction=transaction, reason=reason, wait_seconds=wait_seconds, force=force)
        )

    def recover(
        self, owner: str, run: str, instance: str | None = None, wait_seconds: int = 20
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Finishes what nothing works on any more, of one instance (as plans name it) or of all: the statuses of what came to
        an end by it, and of what is unfinished all the same.
        """
        named = {"instance": instance} if instance else {}
        answer = self._patient("recover", owner=owner, run=run, wait_seconds=wait_seconds, **named)
        tried = [self.settle(self.status(one["id"], wait_seconds=0)[0]) for one in answer["recovered"]]
        ids = {one["id"] for one in tried}
        untouched = [one for one in answer["unfinished"] if one["id"] not in ids]
        ended = [one for one in tried if one["state"] in _OVER and not one["owed"]]
        return ended, [*(one for one in tried if one not in ended), *untouched]

    def copy_set(self, backup: str, to: str, start: int = 0, wait_seconds: int = 20) -> dict[str, Any]:
        """Goes on with the second copy of a backup set, from the file number ``start`` on, under the caller's own logon.

        The answer has ``complete``, ``next`` (the number to go on from), ``copied`` (files), ``bytes`` and ``total_bytes``.
        """
        return self._patient("copy_set", set=backup, to=to, next=start, wait_seconds=wait_seconds)

    def probe_copy(self, to: str) -> None:
        """Makes a file in a folder for copies and deletes it. Raises :class:`HostError` with the reason if that fails."""
        self._patient("probe_copy", to=to)

    def watch(self, status: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Follows a transaction until it rests; yields every status seen, the last one being at rest."""
        yield status
        while status["state"] in _BUSY or status.get("confirming"):
            status, _answers = self.status(status["id"], since=status["next"])
            yield status

    def settle(self, status: dict[str, Any]) -> dict[str, Any]:
        """The status at rest."""
        *_before, last = self.watch(status)
        return last

    def _patient(self, command: str, **fields: Any) -> dict[str, Any]:
        """A call about a transaction. All of them may be repeated, so a lost connection costs nothing: the host works on,
        and is asked again for some time. Raises :class:`ConnectionLost`, :class:`HostError`.
        """
        return self._repeated(command, None, root=AGENT_ROOT, **fields)

    def _repeated(self, command: str, tries: int | None, **fields: Any) -> dict[str, Any]:
        """A call that is made so many times at the most; None: as often as patience allows."""
        deadline = time.monotonic() + self._patience_seconds
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._call(command, **fields)
            except (ConnectionLost, HostError) as error:
                # A call whose answer was lost may still have its turn on the host.
                waits = isinstance(error, ConnectionLost) or (error.code == "busy" and self.losses[command])
                if not waits or attempt == tries or time.monotonic() > deadline:
                    raise
            time.sleep(min(attempt, _LAST_PAUSE_SECONDS))
            self._reset()

    def _call(self, command: str, **fields: Any) -> dict[str, Any]:
        self.calls[command] += 1
        meant = {"machine": self.machine} if self.machine else {}
        request = json.dumps({"command": command, **meant, **fields}, ensure_ascii=False).encode()
        try:
            answer = _answer(self._module({"request": _Unseen(base64.b64encode(request).decode())}))
        except ConnectionLost:
            self.losses[command] += 1
            raise
        self._answered = True
        if not answer.get("ok"):
            error = answer.get("error", {})
            raise HostError(error.get("code", "unknown"), error.get("message", "no reason given"), error.get("details"))
        return answer

    def _seen(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The status in an answer."""
        status: dict[str, Any] = answer["transaction"]
        status.setdefault("recovered", answer.get("recovered", []))
        if status["id"] == self.unsettled and status["state"] in _OVER:
            self.unsettled = None
        return status


def _lean(queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rules for secrets are long: a query that has those of an earlier one names that query in their place."""
    lean: list[dict[str, Any]] = []
    for query in queries:
        told = next((one["id"] for one in lean if one.get("secrets") == query.get("secrets")), None)
        lean.append({**query, "secrets": told} if told and "secrets" in query else query)
    return lean


def _answer(result: dict[str, Any]) -> dict[str, Any]:
    """What the agent says. Raises :class:`ConnectionLost` where it says nothing that can be read: its process was killed, or its output
    cut short, and what it did before is not known.
    """
    try:
        answer = json.loads(result["answer"])
    except (KeyError, TypeError, ValueError) as error:
        raise NoAnswer(_module_failure(result)) from error
    if not isinstance(answer, dict):
        raise NoAnswer(_module_failure(result))
    return answer


def worker_sources() -> dict[str, str]:
    """The agent's C# sources by file name, as the host compiles them to the worker program."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(_SOURCES.glob("_*.cs"))}


def worker_hash() -> str:
    """The content hash that names the worker program."""
    text = "".join(f"{name}\0{source}\0" for name, source in sorted(worker_sources().items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _module_failure(result: dict[str, Any]) -> str:
    told = [str(result[key]).strip() for key in ("msg", "module_stderr", "module_stdout") if result.get(key)]
    return f"The agent could not run on the host: {' '.join(told) or 'no reason given'}"
