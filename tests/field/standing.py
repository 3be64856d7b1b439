# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which rows of the field cases the tests prove: by the names of the tests, and by what became of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

TESTS = Path(__file__).resolve().parents[1]

_FUNCTION = re.compile(r"^ *(?:async )?def (test_field_\w*)", re.MULTILINE)
_NAME = re.compile(r"test_field_(\d+)_(\d+)_\w+")


class NoRow(Exception):
    """The name of a test leads to no row."""


@dataclass(frozen=True)
class Proof:
    """A function that proves a row, or a part of one."""

    file: Path
    name: str

    @property
    def row(self) -> str:
        """Raises NoRow if the name is not as it must be."""
        found = _NAME.fullmatch(self.name)
        if found is None:
            raise NoRow(f"{self}: a test of row 6.1 must be named test_field_6_1_<what>")
        return f"{found[1]}.{found[2]}"

    def __str__(self) -> str:
        return f"{self.file.as_posix()}::{self.name}"


def rows() -> dict[str, str]:
    """The title of each row."""
    titles: dict[str, str] = yaml.safe_load((TESTS / "field" / "rows.yml").read_text(encoding="utf-8"))
    return titles


def written(tests: Path) -> list[Proof]:
    """The tests of rows, by their source: one that pytest does not find shall be missed."""
    files = sorted(file for part in ("unit", "end_to_end", "witness") for file in (tests / part).rglob("test_*.py"))
    return [
        Proof(file.relative_to(tests.parent), name)
        for file in files
        for name in _FUNCTION.findall(file.read_text(encoding="utf-8"))
    ]


def by_row(tests: Iterable[Proof], titles: dict[str, str]) -> dict[str, list[Proof]]:
    """The tests of each row. Raises NoRow with every name that has none."""
    found: dict[str, list[Proof]] = {row: [] for row in titles}
    mistakes = []
    for test in tests:
        try:
            found[test.row].append(test)
        except NoRow as mistake:
            mistakes.append(str(mistake))
        except KeyError:
            mistakes.append(f"{test}: tests/field/rows.yml has no row {test.row}")
    if mistakes:
        raise NoRow("\n".join(mistakes))
    return found


@dataclass
class Outcomes:
    """A plugin of pytest: what became of each test that ran."""

    passed: set[str] = field(default_factory=set)
    not_passed: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.split("[")[0]
        if not report.passed:
            self.not_passed.add(name)
        elif report.when == "call":
            self.passed.add(name)

    def proved(self, test: Proof) -> bool:
        """Whether it ran, with every parameter, and passed."""
        return str(test) in self.passed and str(test) not in self.not_passed


def lines(titles: dict[str, str], tests: dict[str, list[Proof]], outcomes: Outcomes) -> Iterator[tuple[str, str]]:
    """For each row what it is, and the line that says so."""
    for row, title in titles.items():
        unproved = [str(test) for test in tests[row] if not outcomes.proved(test)]
        if not tests[row]:
            yield "not yet", f"{row}  not yet  {title}"
        elif unproved:
            yield "wrong", f"{row}  wrong  {', '.join(unproved)}"
        else:
            yield "right", f"{row}  right  {', '.join(map(str, tests[row]))}"
