# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module run_report as a playbook uses it, in one run of ansible-playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from unit.fleet import records

BUILD = Path(__file__).resolve().parents[3] / ".build"

CALLS: dict[str, dict[str, Any]] = {
    "dry": {"record": "{{ small }}", "folder": "reports", "check_mode": True, "diff": True},
    "written": {"record": "{{ small }}", "folder": "reports", "diff": True},
    "again": {"record": "{{ small }}", "folder": "reports", "diff": True},
    "russian": {"record": "{{ small }}", "folder": "{{ playbook_dir }}/russian", "language": "ru"},
    "impossible": {"record": "{{ small }}", "folder": "file/reports"},
    "nothing": {"record": {}, "folder": "reports"},
    "damaged": {"record": "{{ small | combine({'batches': 7}) }}", "folder": "damaged"},
    "no_dict": {"record": "{{ [1] }}", "folder": "reports"},
    "no_folder": {"record": "{{ small }}"},
    "no_language": {"record": "{{ small }}", "folder": "reports", "language": "fr"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run_report")


@pytest.fixture(scope="module")
def results(folder: Path) -> dict[str, dict[str, Any]]:
    tasks: list[dict[str, Any]] = []
    for name, call in CALLS.items():
        options = {key: value for key, value in call.items() if key not in ("check_mode", "diff")}
        keywords = {key: value for key, value in call.items() if key in ("check_mode", "diff")}
        task = {"comindware.platform.run_report": options, "register": f"result_{name}", "ignore_errors": True}
        tasks.append({**task, **keywords})
        tasks.append({"ansible.builtin.stat": {"path": "reports"}, "register": f"stat_{name}"})
    collected = ", ".join(f"{name}=[result_{name}, stat_{name}.stat.exists]" for name in CALLS)
    content = f"{{{{ dict({collected}) | to_json }}}}"
    tasks.append({"ansible.builtin.copy": {"dest": str(folder / "results.json"), "content": content}})
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    play["vars"] = {"small": "{{ lookup('ansible.builtin.file', playbook_dir ~ '/record.json') | from_json }}"}
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "record.json").write_text(json.dumps(records.small()), encoding="utf-8")
    (folder / "file").touch()
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(BUILD),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return {name: {**result, "folder_exists": exists} for name, (result, exists) in found.items()}


def test_check_mode_tells_what_would_be_written(results: dict[str, dict[str, Any]], folder: Path) -> None:
    result = results["dry"]
    assert (result["failed"], result["changed"], result["folder_exists"]) == (False, True, False)
    assert [Path(one["after_header"]).name for one in result["diff"]] == [
        "20261123T020000Z.json",
        "20261123T020000Z.html",
        "20261123T020000Z.xml",
    ]
    assert json.loads(result["diff"][0]["after"]) == records.small()


def test_the_files_are_written_once(results: dict[str, dict[str, Any]], folder: Path) -> None:
    first, again = results["written"], results["again"]
    assert (first["changed"], again["changed"], "diff" in again) == (True, False, False)
    place = str(folder / "reports" / "20261123T020000Z")
    for result in (first, again):
        assert (result["html"], result["json"], result["junit"]) == (f"{place}.html", f"{place}.json", f"{place}.xml")
    assert json.loads(Path(first["json"]).read_text(encoding="utf-8")) == records.small()
    assert '<html lang="en">' in Path(first["html"]).read_text(encoding="utf-8")


def test_the_language_of_the_option_goes_first(results: dict[str, dict[str, Any]]) -> None:
    assert '<html lang="ru">' in Path(results["russian"]["html"]).read_text(encoding="utf-8")


def test_nothing_about_a_report_fails_a_run(results: dict[str, dict[str, Any]], folder: Path) -> None:
    starts = {
        "impossible": f"The report {folder}/file/reports could not be written: Not a directory. The run itself is not concerned.",
        "nothing": "No report was written. The record has no name of a run: 'run' is null, wanted is a text such as",
        "damaged": "The record of the run is damaged, and the report leaves empty what is wrong in it: batches is 7, wanted is a list.",
    }
    for name, start in starts.items():
        (warning,) = results[name]["warnings"]
        assert warning.startswith(start)
        assert not results[name]["failed"]
    assert results["impossible"]["html"] is results["nothing"]["json"] is None
    assert Path(results["damaged"]["html"]).is_file()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_dict", "argument 'record' is of type"),
        ("no_folder", "missing required arguments: folder"),
        ("no_language", "value of language must be one of: en, ru, got: fr"),
    ],
)
def test_only_wrong_options_fail(results: dict[str, dict[str, Any]], name: str, words: str) -> None:
    assert results[name]["failed"] is True
    assert words in results[name]["msg"]
