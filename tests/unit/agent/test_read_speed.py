# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The query `read_speed`: a sample of what a cold copy will read."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Agent
from .sets import DATA, tree

MEGABYTE = 1024 * 1024


@pytest.fixture
def large(agent: Agent, data: str) -> str:
    """Files of 6 MiB, 3 000 000 bytes, 1000 bytes and 0; a link to another folder, and one to a file."""
    agent.write(DATA + r"\db\a.bin", b"a" * 6 * MEGABYTE)
    agent.write(DATA + r"\small", b"s" * 1000)
    agent.write(r"C:\elsewhere\huge", b"h" * 9 * MEGABYTE)
    agent.link(DATA + r"\db\link.bin", r"C:\elsewhere\huge", "symlink_file")
    return data


def speed(agent: Agent, path: str, **fields: Any) -> dict[str, Any]:
    (item,) = agent.query("read_speed", paths=[path], **fields)["items"]
    assert isinstance(item, dict)
    return item


def test_whole_tree_without_its_links(agent: Agent, large: str) -> None:
    before = tree(agent)
    item = speed(agent, DATA)
    assert item.pop("elapsed_ms") > 0
    assert item == {"path": DATA, "exists": True, "files": 4, "bytes": 6 * MEGABYTE + 3_001_000, "skipped": 0}
    assert tree(agent) == before


def test_largest_come_first_until_the_bytes_are_enough(agent: Agent, large: str) -> None:
    item = speed(agent, DATA, maximum_bytes=6 * MEGABYTE + 1000)
    assert (item["files"], item["bytes"]) == (2, 6 * MEGABYTE + 1000)
    item = speed(agent, DATA, maximum_bytes=5 * MEGABYTE)
    assert (item["files"], item["bytes"]) == (1, 5 * MEGABYTE)


def test_slow_disk_is_left_when_the_time_is_over(agent: Agent, large: str) -> None:
    agent.host.add_fault("read", path=r"*\a.bin", action="delay", seconds=1)
    item = speed(agent, DATA, maximum_ms=900)
    assert (item["files"], item["bytes"]) == (1, 4 * MEGABYTE), "the first piece was under way"
    assert item["elapsed_ms"] >= 1000


def test_files_that_cannot_be_opened_are_skipped(agent: Agent, large: str) -> None:
    agent.host.add_fault("read", path=r"*\a.bin", action="error", win32=32)
    item = speed(agent, DATA)
    assert (item["files"], item["bytes"], item["skipped"]) == (3, 3_001_000, 1)


def test_file_and_link_and_nothing(agent: Agent, large: str) -> None:
    assert speed(agent, DATA + r"\small")["bytes"] == 1000
    for link in r"\link", r"\db\link.bin":
        assert speed(agent, DATA + link) == {
            "path": DATA + link,
            "exists": True,
            "files": 0,
            "bytes": 0,
            "elapsed_ms": 0,
            "skipped": 0,
        }
    assert speed(agent, r"D:\none")["exists"] is False


def test_each_path_has_its_own_limit(agent: Agent, large: str) -> None:
    answer = agent.query("read_speed", paths=[DATA + r"\db", DATA + r"\small"], maximum_bytes=MEGABYTE)
    assert [item["bytes"] for item in answer["items"]] == [MEGABYTE, 1000]
