# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A run as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import record
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.reports import junit, reading
from hypothesis import given
from hypothesis import strategies as st
from unit.fleet import records


def parsed(run: record.RunRecord, language: str = "en") -> ET.Element:
    return ET.fromstring(junit.text(run, language).encode())


def of_state(state: str) -> ET.Element:
    (case,) = parsed(records.run(records.instance("app01", "sales", state))).iter("testcase")
    return case


def test_batches_are_suites_and_instances_are_cases() -> None:
    root = parsed(records.small())
    assert root.attrib == {
        "name": "20261123T020000Z", "tests": "3", "failures": "1", "errors": "0", "skipped": "0", "time": "460.000",
    }  # fmt: skip
    first, second = root
    assert first.attrib == {
        "name": "Canary", "timestamp": "2026-11-23T02:00:00", "tests": "2", "failures": "1", "errors": "0", "skipped": "0",
        "time": "280.000",
    }  # fmt: skip
    assert first[0].attrib == {"classname": "app01", "name": "Comindware sales", "time": "110.000"}
    assert second.get("name") == "batch 2"


def test_what_is_bad_is_a_failure_with_its_message() -> None:
    (failure,) = of_state(record.ROLLED_BACK).findall("failure")
    assert failure.attrib == {
        "message": "Rolled back: The start of the pool failed: the worker process ended 3 times within 60 s (0x80070005).",
        "type": "rolled_back",
    }
    assert failure.text == "Look into the logs, correct the cause, and run the same run again."


def test_every_state_has_its_outcome() -> None:
    found = {state: [child.tag for child in of_state(state) if child.tag != "system-out"] for state in record.STATES}
    assert found == {
        "planned": ["skipped"],
        "blocked": ["skipped"],
        "running": ["skipped"],
        "upgraded": [],
        "unchanged": [],
        "handed_over": [],
        "manual": ["skipped"],
        "rolled_back": ["failure"],
        "returned": ["skipped"],
        "failed": ["failure"],
        "held": ["failure"],
        "unknown": ["error"],
        "lost": ["error"],
        "unreachable": ["error"],
        "not_begun": ["skipped"],
    }


def test_without_a_measured_downtime_the_time_is_how_long_it_took() -> None:
    one = records.instance("app01", "sales", record.FAILED)
    one["ended"] = records.at(130)
    (case,) = parsed(records.run(one)).iter("testcase")
    assert case.get("time") == "100.000"


def test_without_a_batch() -> None:
    root = parsed(records.run(records.instance("app01", "sales", record.BLOCKED, batch=None)), "ru")
    assert [suite.get("name") for suite in root] == ["Без партии"]
    assert root[0][0][0].attrib == {"message": "Не допущен"}


@given(st.text(st.characters(), min_size=1), st.text(st.characters()))
def test_any_text_gives_xml_that_can_be_read(name: str, message: str) -> None:
    one = records.instance(name, name, record.FAILED)
    one.update({"message": message, "next_step": message, "warnings": [message], "brand": message})
    run = reading.read(records.run(one))[0]
    (case,) = parsed(run).iter("testcase")
    assert set(case.attrib) == {"classname", "name", "time"}
    assert [child.tag for child in case] == ["failure", "system-out"]


def test_what_xml_cannot_say_is_left_out() -> None:
    (case,) = parsed(records.run(records.instance("a\x00\x0b\ufffeb", "Про\u202eдажи"))).iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("ab", "Comindware Про\u202eдажи")
