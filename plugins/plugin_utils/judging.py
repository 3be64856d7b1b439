# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Watching an instance after its start until it can be judged."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .host import Host, HostError
from .model.facts import InstanceFacts
from .model.versions import Version
from .planning import verdict
from .planning.verdict import Verdict
from .transactions import outcome


@dataclass(frozen=True)
class Patience:
    """Seconds: how long to wait for a verdict at all, how long it must hold, how often to look."""

    timeout: int
    stable: int
    interval: int


def watch(
    host: Host,
    status: dict[str, Any],
    instance: InstanceFacts,
    version: Version,
    patience: Patience,
    progress: Callable[[str], None],
) -> Verdict:
    """Asks the host again and again, in calls of ``status``, until the verdict has held for the stable window, is
    unhealthy, or the time is over.
    """
    deadline = time.monotonic() + patience.timeout
    questions = verdict.queries(instance, version)
    good_since: float | None = None
    last = ""
    while True:
        seen, answers = host.status(status["id"], since=status["next"], wait_seconds=0, queries=questions)
        if seen["state"] != "applied":
            raise HostError(
                "not_applied",
                f"{status['title']}: the host did not wait for the verdict. {outcome(seen)}",
                {"transaction": seen},
            )
        now = time.monotonic()
        judged = verdict.judge(instance, version, status["stopped_at"], answers, final=now >= deadline)
        if judged.message() != last:
            last = judged.message()
            progress(f"{instance['name']}: {judged.state}. {last}")
        if judged.state in ("healthy", "handed_over"):
            good_since = good_since or now
            if now - good_since >= patience.stable:
                return judged
        elif judged.state != "pending":
            return judged
        else:
            good_since = None
        time.sleep(patience.interval)
