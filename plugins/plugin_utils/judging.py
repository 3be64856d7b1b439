# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watching an instance until it can be judged: after its start, or as it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .host import Host, HostError
from .model.facts import InstanceFacts
from .model.versions import Version
from .planning import health_host, health_logs, health_pages, verdict
from .planning.health import AS_IT_IS, BAD, PENDING, UNKNOWN, Baseline, Check
from .planning.health_pages import Manner
from .planning.verdict import Verdict
from .stages import JUDGE, Line, Where
from .transactions import ending

LOOK_OPTIONS: dict[str, dict[str, Any]] = {
    "page_timeout": {"type": "int", "default": Manner.timeout},
    "validate_certs": {"type": "bool", "default": Manner.validate_certs},
    "data_upgrade_quiet": {"type": "int", "default": 120},
}
"""Options of every module that looks at a running instance."""

HEALTH_OPTIONS: dict[str, dict[str, Any]] = {
    "health_timeout": {"type": "int", "default": 1800},
    "health_stable": {"type": "int", "default": 20},
    "health_interval": {"type": "int", "default": 5},
    "data_upgrade_timeout": {"type": "int", "default": 14400},
    **LOOK_OPTIONS,
}
"""Options of every module that judges a start; :func:`patience` reads them."""

_PROGRESS_SECONDS = 60
"""So often a line tells that the wait goes on, when nothing else is to be told."""

Progress = Callable[[str], None]
Answers = dict[str, Any]


@dataclass(frozen=True)
class Patience:
    """Seconds: how long to wait for a verdict at all, how long it must hold, how often to look; how long to wait for a data upgrade
    that is at work, and after how much silence of its logs it is not any more.
    """

    timeout: int
    stable: int
    interval: int
    data_upgrade: int = 0
    quiet: int = 120
    manner: Manner = field(default_factory=Manner)


def patience(options: Mapping[str, Any]) -> Patience:
    """What :data:`HEALTH_OPTIONS` give."""
    return Patience(
        timeout=options["health_timeout"],
        stable=options["health_stable"],
        interval=options["health_interval"],
        data_upgrade=options["data_upgrade_timeout"],
        quiet=options["data_upgrade_quiet"],
        manner=Manner(options["page_timeout"], options["validate_certs"]),
    )


def watch(
    host: Host,
    status: dict[str, Any],
    instance: InstanceFacts,
    version: Version,
    patience: Patience,
    progress: Progress,
    before: Baseline | None = None,
) -> Verdict:
    """Asks the host again and again, in calls of ``status``, until the verdict has held for the stable window, is
    unhealthy, or the time is over. ``before``: how it was before the stop.
    """

    def ask(_last: Answers) -> Answers:
        questions = verdict.queries(instance, version, status["stopped_at"], patience.manner)
        seen, answers = host.status(status["id"], since=status["next"], wait_seconds=0, queries=questions, prolong=True)
        if seen["state"] != "applied":
            seen = host.settle(seen)  # after a restart it is being undone: told is what comes of that
            raise HostError(
                "not_applied",
                f"{status['title']}: the host did not wait for the verdict. {ending(seen)}",
                {"transaction": seen},
            )
        return answers

    watched = _Watch(instance, version, patience, progress, before)
    return watched.until_judged(ask, lambda _answers: status["stopped_at"])


def look(
    host: Host, instance: InstanceFacts, version: Version, patience: Patience, progress: Progress, wake: bool = False
) -> Verdict:
    """Judges an instance as it is, and changes nothing: the pages of one that sleeps are asked only if ``wake`` is true, since a
    request starts it.
    """
    first = host.query([{"id": "identity", "kind": "identity"}, *health_host.queries(instance)])
    iis = health_host.iis(instance, first["iis"], AS_IT_IS)
    if iis.state in (BAD, UNKNOWN):
        return Verdict("unhealthy" if iis.state == BAD else "unknown", (iis,))
    if not wake and health_host.sleeps(instance, first["iis"]):
        return Verdict("unknown", (Check("worker", UNKNOWN, _asleep(instance)),))

    def started(answers: Answers) -> str | None:
        found = health_host.started(instance, answers.get("iis", {}))
        return found[0] if found else None

    def ask(last: Answers) -> Answers:
        seen = last if "workers" in last.get("iis", {}) else first
        since = started(seen) if health_host.workers(instance, seen["iis"]) else first["identity"].get("time")
        questions = verdict.queries(instance, version, since, patience.manner)
        answers = host.query([one for one in questions if since or one["kind"] != "read"])
        if found := health_host.started(instance, answers.get("iis", {})):
            answers["identity"]["utc_offset_minutes"] = found[1]  # that of the times in the logs of then
        return answers

    return _Watch(instance, version, patience, progress, AS_IT_IS).until_judged(ask, started)


def _asleep(instance: InstanceFacts) -> str:
    return (
        f"The instance sleeps: its pool '{health_host.main_pool(instance)}' is started and has no worker process, because nobody has "
        "asked for a page for a while. To ask would start it, so nothing was asked. Set wake to true to have it started and judged."
    )


class _Watch:
    """Looks at one instance until it is judged."""

    def __init__(
        self,
        instance: InstanceFacts,
        version: Version,
        patience: Patience,
        progress: Progress,
        before: Baseline | None,
    ) -> None:
        self._instance = instance
        self._version = version
        self._patience = patience
        self._before = before
        self._telling = _Telling(instance["name"], progress)
        self._worker = health_host.WorkerWatch()
        self._logs: dict[str, tuple[int, str]] = {}
        self._logs_changed = time.monotonic()
        self._begun = self._start_begun = time.monotonic()
        self._upgrading = False
        self._answered: str | None = None

    def until_judged(self, ask: Callable[[Answers], Answers], since: Callable[[Answers], str | None]) -> Verdict:
        """``ask`` gets the last answers and gives new ones; ``since`` tells from when on everything must be new."""
        good_since: float | None = None
        answers: Answers = {}
        while True:
            answers = ask(answers)
            now = time.monotonic()
            judged, deadline = self._judge(answers, since(answers), now)
            self._telling.tell(judged, deadline - now)
            if judged.state in ("healthy", "handed_over"):
                good_since = good_since or now
                if now - good_since >= self._patience.stable:
                    return replace(judged, answered_at=self._answered)
            elif judged.state != "pending":
                return replace(judged, answered_at=self._answered)
            else:
                good_since = None
            time.sleep(self._patience.interval)

    def _judge(self, answers: Answers, since: str | None, now: float) -> tuple[Verdict, float]:
        """The verdict of one look, and until when there is hope for a better one."""
        worker = self._worker.look(self._instance, answers.get("iis", {}))
        self._note_logs(answers, now)
        self._answered = self._answered or health_pages.answered_at(answers.get("http", {}))
        judged = self._verdict(answers, since, worker, final=False)
        deadline = self._deadline(judged, now)
        if judged.state == "pending" and now >= deadline:
            judged = self._verdict(answers, since, worker, final=True)
        return judged, deadline

    def _deadline(self, judged: Verdict, now: float) -> float:
        """A data upgrade at work has a limit of its own. When it is through, the start behind it has the whole time once more."""
        if judged.check("data_upgrade") != PENDING:
            if self._upgrading:
                self._upgrading, self._start_begun = False, now
        elif now - self._logs_changed < self._patience.quiet:
            self._upgrading = True
            return max(self._start_begun + self._patience.timeout, self._begun + self._patience.data_upgrade)
        return self._start_begun + self._patience.timeout

    def _verdict(self, answers: Answers, since: str | None, worker: Check | None, final: bool) -> Verdict:
        return verdict.judge(self._instance, self._version, since, answers, final, before=self._before, worker=worker)

    def _note_logs(self, answers: Answers, now: float) -> None:
        logs = health_logs.sizes(answers)
        if logs != self._logs:
            self._logs, self._logs_changed = logs, now


class _Telling:
    """A progress line for what is new, and one now and then while nothing is."""

    def __init__(self, name: str, progress: Progress) -> None:
        self._name = name
        self._progress = progress
        self._last = ""
        self._told_at = time.monotonic()

    def tell(self, judged: Verdict, left: float) -> None:
        message, now = judged.message(), time.monotonic()
        again = judged.state == "pending" and now - self._told_at >= _PROGRESS_SECONDS
        if message == self._last and not again:
            return
        self._last, self._told_at = message, now
        waits = f" Waiting for {left:.0f} s more at most." if judged.state == "pending" else ""
        at: Where = {"stage": JUDGE, "left": left, "at_most": True} if waits else {"stage": JUDGE}
        self._progress(Line(f"{self._name}: {judged.state}. {message}{waits}", at))
