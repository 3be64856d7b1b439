# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`create_folder`: missing folders are made, and an undo takes away no more than those."""

from __future__ import annotations

from unit.agent.conftest import Agent

FOLDER = r"C:\ProgramData\Vendor\configs\instance"


def create(path: str = FOLDER) -> dict[str, str]:
    return {"op": "create_folder", "title": "make a folder", "path": path}


def write(path: str) -> dict[str, str]:
    return {"op": "write_file", "path": path, "text": "version: 1\r\n", "encoding": "utf-8"}


def test_missing_folders_are_made_and_taken_away(agent: Agent) -> None:
    status = agent.execute([create(), write(FOLDER + r"\sales.yml")])
    assert status["state"] == "applied", status["error"]
    assert agent.path(FOLDER + r"\sales.yml").read_bytes() == b"version: 1\r\n"
    assert agent.rollback()["state"] == "rolled_back"
    assert not agent.path(r"C:\ProgramData\Vendor").exists()


def test_a_folder_that_is_there_stays(agent: Agent) -> None:
    agent.write(r"C:\ProgramData\Vendor\configs\other.yml", "x")
    assert agent.execute([create()])["state"] == "applied"
    agent.write(FOLDER + r"\somebody.yml", "y")
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.path(FOLDER + r"\somebody.yml").read_text() == "y"
    assert agent.path(r"C:\ProgramData\Vendor\configs\other.yml").read_text() == "x"


def test_a_file_in_its_place_is_refused(agent: Agent) -> None:
    agent.write(FOLDER, "a file")
    error = agent.execute([create()])["error"]
    assert (error["code"], error["message"]) == (
        "not_a_folder",
        rf"'{FOLDER}' is a file, and a folder is wanted there. Move it away, or correct the path.",
    )
    assert agent.path(FOLDER).read_text() == "a file"


def test_no_folder_is_made_through_a_link(agent: Agent) -> None:
    agent.write(r"C:\versions\1\x", "x")
    agent.link(r"C:\ProgramData\Vendor", r"C:\versions\1")
    error = agent.execute([create()])["error"]
    assert error["code"] == "link_in_path"
    assert not agent.path(r"C:\versions\1\configs").exists()


def test_empty_folders_go_and_come_back(agent: Agent) -> None:
    agent.path(FOLDER).mkdir(parents=True)
    removed = [{"op": "remove_folder", "path": path} for path in (FOLDER, FOLDER.rpartition("\\")[0])]
    status = agent.execute(removed)
    assert status["state"] == "applied", status["error"]
    assert not agent.path(r"C:\ProgramData\Vendor\configs").exists()
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.path(FOLDER).is_dir()


def test_a_folder_that_holds_something_is_not_removed(agent: Agent) -> None:
    agent.write(FOLDER + r"\other.yml", "x")
    status = agent.execute([{"op": "remove_folder", "path": FOLDER}], confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    assert agent.path(FOLDER + r"\other.yml").exists()
