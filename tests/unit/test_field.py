# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`make field` calls nothing right that is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from field.standing import TESTS, NoRow, Outcomes, Proof, by_row, lines, rows, written

TITLES = {"6.1": "a restart", "6.2": "the same with psrp"}
FILE = Path("tests/unit/test_host.py")
LOST = Proof(FILE, "test_field_6_1_lost")
SENT = Proof(FILE, "test_field_6_1_sent")


def report(proof: Proof, outcome: str, when: str = "call", parameter: str = "") -> pytest.TestReport:
    return pytest.TestReport(f"{proof}{parameter}", ("", 0, ""), {}, outcome, None, when)  # type: ignore[arg-type]


def told(*reports: pytest.TestReport) -> list[str]:
    outcomes = Outcomes()
    for one in reports:
        outcomes.pytest_runtest_logreport(one)
    return [line for _, line in lines(TITLES, by_row([LOST, SENT], TITLES), outcomes)]


def test_a_row_is_right_when_all_its_tests_ran_and_passed() -> None:
    assert told(
        report(LOST, "passed"), report(SENT, "passed", parameter="[a]"), report(SENT, "passed", "teardown")
    ) == [
        f"6.1  right  {LOST}, {SENT}",
        "6.2  not yet  the same with psrp",
    ]


@pytest.mark.parametrize(
    "others",
    [
        [],
        [report(SENT, "failed")],
        [report(SENT, "skipped", "setup")],
        [report(SENT, "passed"), report(SENT, "failed", "teardown")],
        [report(SENT, "passed", parameter="[a]"), report(SENT, "failed", parameter="[b[c]]")],
    ],
    ids=["did not run", "failed", "skipped", "failed behind it", "failed with one of its parameters"],
)
def test_a_row_is_wrong_when_one_of_its_tests_did_not_pass(others: list[pytest.TestReport]) -> None:
    assert told(report(LOST, "passed"), *others)[0] == f"6.1  wrong  {SENT}"


def test_tests_that_lead_to_no_row_are_told_by_name() -> None:
    with pytest.raises(NoRow) as mistakes:
        by_row([LOST, Proof(FILE, "test_field_6_9_lost"), Proof(FILE, "test_field_lost")], TITLES)
    assert str(mistakes.value).splitlines() == [
        "tests/unit/test_host.py::test_field_6_9_lost: tests/field/rows.yml has no row 6.9",
        "tests/unit/test_host.py::test_field_lost: a test of row 6.1 must be named test_field_6_1_<what>",
    ]


def test_tests_are_found_by_their_source(tmp_path: Path) -> None:
    file = tmp_path / "tests" / "unit" / "agent" / "test_x.py"
    file.parent.mkdir(parents=True)
    file.write_text("def test_other(): ...\n\ndef test_field_6_1_lost(): ...\n", encoding="utf-8")
    assert written(tmp_path / "tests") == [Proof(Path("tests/unit/agent/test_x.py"), "test_field_6_1_lost")]


def test_every_test_of_a_row_has_its_row() -> None:
    by_row(written(TESTS), rows())
