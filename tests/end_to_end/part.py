# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A plugin of pytest, `-p end_to_end.part`: only the tests of part.yml, and how many that are of all."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from end_to_end.figures import LINES

_LIST = Path(__file__).with_name("part.yml")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Raises UsageError for a line of the list that is no test."""
    by_file = defaultdict[str, list[pytest.Item]](list)
    for item in items:
        by_file[item.path.stem].append(item)
    wanted: dict[str, list[str]] = yaml.safe_load(_LIST.read_text(encoding="utf-8"))
    if strangers := [file for file in wanted if not _LIST.with_name(f"{file}.py").exists()]:
        raise pytest.UsageError(f"{_LIST.name}: there is no {', '.join(strangers)}")
    chosen: set[pytest.Item] = set()
    for file, found in by_file.items():
        for line in wanted.get(file, []):
            meant = [item for item in found if _is_meant(line, item)]
            if not meant:
                raise pytest.UsageError(f"{_LIST.name}: {file} has no test {line}")
            chosen.update(meant)
    LINES.append(f"end to end: {len(chosen)} tests of {len(items)}; make e2e runs all")
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = [item for item in items if item in chosen]


def _is_meant(line: str, item: pytest.Item) -> bool:
    """A line is a function, or the beginning of the name of one of its tests."""
    return line == getattr(item, "originalname", item.name) or ("[" in line and item.name.startswith(line))
