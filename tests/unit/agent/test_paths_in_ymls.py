# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An inspection looks at the folders that a yml really names, however the yml writes them."""

from __future__ import annotations

import pytest

from .conftest import Agent
from .inspecting import inspect

HOME = r"C:\ProgramData\Comindware\Instances\sales"
YML = r"C:\ProgramData\Comindware\configs\instance\sales.yml"


@pytest.fixture
def moved(agent: Agent) -> Agent:
    """The database was moved, and an old one was left at the default place."""
    for folder, size in ((HOME + r"\Database", 10), (HOME + r"\Data", 20), (r"D:\Moved\Database", 30)):
        agent.write(folder + r"\store.db", "x" * size)
    agent.write(r"D:\C#\Database\store.db", "x" * 40)
    return agent


def written(agent: Agent, text: str | bytes) -> None:
    head = f"instanceName: sales\r\nconfigPath: {HOME}\\Config\r\n".encode()
    agent.write(YML, head + (text.encode() if isinstance(text, str) else text))


@pytest.mark.parametrize(
    "text",
    [
        "databasePath: D:\\Moved\\Database # moved 12.03.\r\n",
        "databasePath: 'D:\\Moved\\Database'\r\n",
        'databasePath: "D:\\\\Moved\\\\Database" # moved\r\n',
    ],
)
def test_field_1_1_usual_spellings_take_one_call(moved: Agent, text: str) -> None:
    written(moved, text)
    facts, calls = inspect(moved)
    (found,) = facts["instances"]
    assert (found["paths"]["database"], found["sizes"]["database"]["bytes"], calls) == (r"D:\Moved\Database", 30, 1)
    assert found["path_sources"]["database"] == {"place": "yml", "name": "databasePath", "line": 3}


@pytest.mark.parametrize(
    ("text", "path", "size"),
    [
        ("databasePath:\r\n  D:\\Moved\\Database\r\n", r"D:\Moved\Database", 30),
        ("databasePath: &where D:\\Moved\\Database\r\n", r"D:\Moved\Database", 30),
        ("x: &w D:\\Moved\\Database\r\ndatabasePath: *w\r\n", r"D:\Moved\Database", 30),
        ("databasePath: >-\r\n  D:\\C#\\Database\r\n", r"D:\C#\Database", 40),
        ("databasePath: |\r\n  D:\\Moved\\Database\r\n", r"D:\Moved\Database", 30),
        ("databasePath: D:/Moved/Database\r\n", r"D:\Moved\Database", 30),
        ("databasePath:\t'D:\\Moved\\Database'\r\n", r"D:\Moved\Database", 30),
        (
            "databasePath:\r\n  '%SystemDrive%\\ProgramData\\Comindware\\Instances\\sales\\Data'\r\n",
            HOME + r"\Data",
            20,
        ),
    ],
)
def test_field_1_2_other_spellings_are_looked_at_by_a_second_call(
    moved: Agent, text: str, path: str, size: int
) -> None:
    written(moved, text)
    facts, _calls = inspect(moved)
    (found,) = facts["instances"]
    assert (found["paths"]["database"], found["sizes"]["database"]["bytes"]) == (path, size)
    assert any(one["path"] == path for one in facts["free_space"])


def test_field_1_2_a_hash_in_the_path(moved: Agent) -> None:
    written(moved, "databasePath: D:\\C#\\Database\r\n")
    facts, calls = inspect(moved)
    (found,) = facts["instances"]
    assert (found["paths"]["database"], found["sizes"]["database"]["bytes"], calls) == (r"D:\C#\Database", 40, 1)


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe"])
def test_field_1_2_a_byte_order_mark(moved: Agent, mark: bytes) -> None:
    text = "databasePath: D:\\Moved\\Database # moved\r\n"
    moved.write(YML, mark + text.encode("utf-16-le" if mark == b"\xff\xfe" else "utf-8"))
    (found,) = inspect(moved)[0]["instances"]
    assert found["paths"]["database"] == r"D:\Moved\Database"


def test_field_1_1_only_what_is_absent_has_a_default(moved: Agent) -> None:
    written(moved, "version: 4.7.1.1\r\n")
    (found,) = inspect(moved)[0]["instances"]
    assert {what: source["place"] for what, source in found["path_sources"].items()} == {
        "config": "yml",
        "database": "disk",
        "streams": "default",
        "temp": "default",
        "backup": "default",
        "logs": "yml",
    }
    assert found["paths"]["database"] == HOME + r"\Data"


def test_a_path_that_leads_nowhere_is_a_fact_and_no_failure(moved: Agent) -> None:
    written(moved, "databasePath:\r\n  \\\\gone\\share\\Database\r\n")
    facts, calls = inspect(moved)
    (found,) = facts["instances"]
    assert (found["paths"]["database"], calls) == (r"\\gone\share\Database", 2)
    assert not [one for one in facts["problems"] if one["code"] == "query_failed"]
