# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The part of the end-to-end tests that `make test` plays: chosen by a list in which every line is a test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from end_to_end import part


@dataclass(frozen=True)
class Item:
    """What the plugin asks of a test."""

    path: Path
    name: str

    @property
    def originalname(self) -> str:
        return self.name.partition("[")[0]


class Config:
    """What the plugin asks of pytest."""

    def __init__(self) -> None:
        self.hook = self
        self.deselected: list[Item] = []

    def pytest_deselected(self, items: list[Item]) -> None:
        self.deselected += items


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is told at the end."""
    lines: list[str] = []
    monkeypatch.setattr(part, "LINES", lines)
    monkeypatch.setattr(part, "_LIST", tmp_path / "part.yml")
    (tmp_path / "test_fleet.py").touch()
    return lines


def choose(tmp_path: Path, text: str) -> tuple[list[str], list[str]]:
    """The names that are played and those that are not, of three tests of which two are of one function."""
    (tmp_path / "part.yml").write_text(text, encoding="utf-8")
    items: list[Any] = [
        Item(tmp_path / "test_fleet.py", name) for name in ("test_one", "test_one[2.16]", "test_one_more")
    ]
    config: Any = Config()
    part.pytest_collection_modifyitems(config, items)
    return [one.name for one in items], [one.name for one in config.deselected]


@pytest.mark.parametrize(
    ("line", "chosen"),
    [
        ("test_one", ["test_one", "test_one[2.16]"]),
        ("test_one[2", ["test_one[2.16]"]),
        ("test_one_more", ["test_one_more"]),
    ],
)
def test_a_line_is_a_function_or_the_beginning_of_one_of_its_tests(
    told: list[str], tmp_path: Path, line: str, chosen: list[str]
) -> None:
    played, left_out = choose(tmp_path, f"test_fleet: ['{line}']")
    assert (played, len(left_out)) == (chosen, 3 - len(chosen))
    assert told == [f"end to end: {len(chosen)} tests of 3; make e2e runs all"]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("test_fleet: [test_two]", "part.yml: test_fleet has no test test_two"),
        ("test_fleets: [test_one]", "part.yml: there is no test_fleets"),
    ],
)
def test_a_line_that_is_no_test_ends_the_run(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(pytest.UsageError) as error:
        choose(tmp_path, text)
    assert str(error.value) == message
