# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as JUnit XML, which build servers show: a batch is a suite, an instance is a test case."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from .. import record
from . import times, words

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to write."""

ERRORS = frozenset({record.UNREACHABLE, record.LOST, record.UNKNOWN})
"""Nobody could find out; the other BAD states are failures, which somebody has seen."""
PASSED = record.GOOD | {record.HANDED_OVER}
"""Every other state is skipped: the instance has not got to the target, and that is no fault of its own."""


def text(run: record.RunRecord, language: str) -> str:
    """The document. ``time`` of a case is the measured downtime in seconds, where there is none, how long the instance took."""
    root = ET.Element("testsuites", {"name": _valid(run["run"])})
    for batch in run["batches"]:
        name = words.batch(batch["number"], batch["name"], language)
        _suite(root, name, batch["began"], _of(run, batch["number"]), language)
    numbers = {batch["number"] for batch in run["batches"]}
    if rest := [one for one in run["instances"] if one["batch"] not in numbers]:
        _suite(root, words.say("no_batch", language), run["began"], rest, language)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in root)))
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _of(run: record.RunRecord, batch: int) -> list[record.InstanceRecord]:
    return [one for one in run["instances"] if one["batch"] == batch]


def _suite(
    root: ET.Element, name: str, began: str | None, instances: Iterable[record.InstanceRecord], language: str
) -> None:
    suite = ET.SubElement(root, "testsuite", {"name": _valid(name)})
    if moment := times.parse(began):
        suite.set("timestamp", f"{moment:%Y-%m-%dT%H:%M:%S}")
    for instance in instances:
        _case(suite, instance, language)
    for count, tag in (
        ("tests", "testcase"),
        ("failures", "*/failure"),
        ("errors", "*/error"),
        ("skipped", "*/skipped"),
    ):
        suite.set(count, str(len(suite.findall(tag))))
    suite.set("time", _seconds(sum(float(case.get("time", "0")) for case in suite)))


def _case(suite: ET.Element, instance: record.InstanceRecord, language: str) -> None:
    seconds = instance["downtime"]["seconds"]
    if seconds is None:
        seconds = times.between(instance["began"], instance["ended"]) or 0
    name = f"{instance['brand']} {instance['name']}"
    case = ET.SubElement(
        suite, "testcase", {"classname": _valid(instance["host"]), "name": _valid(name), "time": _seconds(seconds)}
    )
    state = instance["state"]
    told = words.say(f"state_{state}", language)
    attributes = {"message": _valid(f"{told}: {instance['message']}" if instance["message"] else told)}
    if state in ERRORS | record.BAD:
        bad = ET.SubElement(case, "error" if state in ERRORS else "failure", {**attributes, "type": state})
        bad.text = _valid(instance["next_step"])
    elif state not in PASSED:
        ET.SubElement(case, "skipped", attributes)
    out = [told, instance["message"], instance["next_step"], *instance["warnings"]]
    ET.SubElement(case, "system-out").text = _valid("\n".join(line for line in out if line))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"


def _valid(value: str) -> str:
    return _FORBIDDEN.sub("", value)
