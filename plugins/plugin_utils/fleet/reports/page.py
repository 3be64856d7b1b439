# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as one HTML page, which needs no network: the fleet at a glance, its timeline, and everything about each instance.

The page is a template, not strings put together in Python: there it is seen as a whole, and everything that comes from a record is
escaped unless somebody writes otherwise. Style and script are named in the page's policy by their hashes, so that a browser would
run no other one even if escaping failed.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .. import record
from . import timeline, times, words

TEMPLATES = Path(__file__).parent / "templates"

GOOD, ATTENTION, BAD, CALM = "good", "attention", "bad", "calm"
"""What a state means for who reads the page; each has its colours."""

LOOKS = {
    record.FAILED: (BAD, "cross"),
    record.UNKNOWN: (BAD, "question"),
    record.HELD: (BAD, "pause"),
    record.LOST: (BAD, "plug"),
    record.ROLLED_BACK: (BAD, "undo"),
    record.UNREACHABLE: (BAD, "plug"),
    record.MANUAL: (ATTENTION, "pencil"),
    record.HANDED_OVER: (ATTENTION, "person"),
    record.BLOCKED: (ATTENTION, "ban"),
    record.RETURNED: (ATTENTION, "undo"),
    record.RUNNING: (CALM, "play"),
    record.NOT_BEGUN: (CALM, "dash"),
    record.PLANNED: (CALM, "clock"),
    record.UPGRADED: (GOOD, "check"),
    record.UNCHANGED: (GOOD, "equal"),
}
"""Tone and icon of every state, the most urgent one first: that is the order of the page."""

OUTCOMES = {
    "running": (CALM, "play"),
    "succeeded": (GOOD, "check"),
    "stopped": (ATTENTION, "pause"),
    "failed": (BAD, "cross"),
    "": (ATTENTION, "question"),
}

_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_URL = re.compile(r"https?://[^\s]+", re.IGNORECASE)


def text(run: record.RunRecord, language: str) -> str:
    """The page. The same record gives the same page, to the byte."""
    instances = list(enumerate(run["instances"]))
    order = {state: place for place, state in enumerate(LOOKS)}
    instances.sort(key=lambda one: (order[one[1]["state"]], one[1]["batch"] is None, one[1]["batch"] or 0))
    style, script = _file("report.css"), _file("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            run=run,
            language=language,
            instances=instances,
            order=order,
            states={state: number for state in order if (number := _number(run, state))},
            steps=_steps(instances),
            timeline=timeline.of(run, language),
            downtime=_downtime(instances),
            names={batch["number"]: words.batch(batch["number"], batch["name"], language) for batch in run["batches"]},
            limits=_limits(run["budget"], language),
            hosts=len({one["host"] for one in run["instances"]}),
            several_days=len({moment.date() for moment in _moments(run)}) > 1,
            style=style,
            script=script,
            policy=_policy(style, script),
            t=functools.partial(_say, language),
            n=lambda number, noun: words.count(number, noun, language),
            duration=lambda seconds: times.duration(seconds, language),
            verdict=lambda value: words.verdict(value, language),
        )
    )


def _say(language: str, key: str, **values: object) -> str:
    return words.say(key, language, **values)


def _number(run: record.RunRecord, state: str) -> int:
    return sum(one["state"] == state for one in run["instances"])


def _steps(
    instances: Iterable[tuple[int, record.InstanceRecord]],
) -> dict[tuple[str, str], list[tuple[int, record.InstanceRecord]]]:
    """What is to be done, by state and sentence, with the instances that it is said of."""
    steps: dict[tuple[str, str], list[tuple[int, record.InstanceRecord]]] = {}
    for number, one in instances:
        if one["next_step"]:
            steps.setdefault((one["state"], one["next_step"]), []).append((number, one))
    return steps


def _downtime(instances: Sequence[tuple[int, record.InstanceRecord]]) -> dict[str, Any]:
    """``total`` seconds of the ``measured`` ones, and number and record of the one with the ``longest``."""
    known = [(seconds, number, one) for number, one in instances if (seconds := one["downtime"]["seconds"]) is not None]
    longest = max(known, key=lambda one: one[0], default=None)
    return {"total": sum(one[0] for one in known), "measured": len(known), "longest": longest}


def _moments(run: record.RunRecord) -> list[datetime]:
    texts = [run["began"], run["ended"], *(text for one in run["instances"] for text in (one["began"], one["ended"]))]
    return [moment for text in texts if (moment := times.parse(text))]


def _limits(budget: record.Budget, language: str) -> str:
    limits = []
    if budget["max_failed"] is not None:
        limits.append(str(budget["max_failed"]))
    if budget["max_percent"] is not None:
        limits.append(words.say("budget_percent", language, percent=words.decimal(budget["max_percent"], language)))
    return f" {words.say('budget_or', language)} ".join(limits) or words.say("budget_unlimited", language)


def _policy(style: Markup, script: Markup) -> str:
    def allowed(content: Markup) -> str:
        return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()

    return (
        f"default-src 'none'; style-src 'sha256-{allowed(style)}'; script-src 'sha256-{allowed(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


@functools.lru_cache(maxsize=2)
def _file(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of the collection itself


@functools.lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_showable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(LOOKS=LOOKS, OUTCOMES=OUTCOMES)
    made.filters.update(moment=times.moment, clock=_clock, web=_web, diff_lines=_diff_lines, iso=_iso)
    made.globals["between"] = times.between
    return made


def _showable(value: Any) -> Any:
    """HTML has no way to show control characters, and half of them change what stands beside them."""
    return _UNSHOWABLE.sub("\ufffd", value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _clock(value: str | None, day: bool) -> str:
    return times.moment(value, day).removesuffix(" UTC")


def _iso(value: str | None) -> str:
    """For ``<time datetime>``; "" for what is no time."""
    found = times.parse(value)
    return f"{found:%Y-%m-%dT%H:%M:%SZ}" if found else ""


def _web(value: str | None) -> bool:
    """Whether it may become a link: nothing but a web address, never a script."""
    return bool(value and _URL.fullmatch(value))


def _diff_lines(diff: str) -> list[tuple[str, str]]:
    """Lines of a unified diff with what they are: ins, del, b (where in the file) or nothing."""
    lines, head = [], True
    for line in diff.removesuffix("\n").split("\n"):
        head = head and not line.startswith("@@")
        if line.startswith("@@") or (head and line.startswith(("---", "+++"))):
            lines.append(("b", line))
        else:
            lines.append(({"+": "ins", "-": "del"}.get(line[:1], ""), line))
    return lines
