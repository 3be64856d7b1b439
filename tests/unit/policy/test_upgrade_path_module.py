# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module upgrade_path as a playbook uses it, in one run of ansible-playbook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BUILD = Path(__file__).resolve().parents[3] / ".build"

CALLS: dict[str, dict[str, Any]] = {
    "any_stop": {"from": "4.2.612.0", "to": "5.0.24055.0"},
    "direct": {"from": "5.0.13334.0", "to": "5.0.24055.0", "installed": []},
    "there": {"from": "5.0.24055.0", "to": "5.0.24055.0"},
    "manual": {"from": "5.0.24055.0", "to": "6.0.1.0", "installed": [], "language": "ru"},
    "missing": {"from": "4.2.612.0", "to": "5.0.24055.0", "installed": ["4.2.612.0"]},
    "russian": {"from": "5.0.24055.0", "to": "4.2.612.0", "language": "ru"},
    "cyrillic": {"from": "4.2.612.0", "to": "5.0.1\u0417334.0"},
    "short": {"from": "4.2.612.0", "to": "5.0.24055.0", "installed": ["4.7"]},
    "own": {"from": "4.3.1.0", "to": "4.7.23499.0", "policy_files": ["{{ playbook_dir }}/own.yml"]},
    "broken": {"from": "4.3.1.0", "to": "4.7.23499.0", "policy_files": ["{{ playbook_dir }}/broken.yml"]},
    "unknown_option": {"from": "4.3.1.0", "to": "4.7.23499.0", "fail": False},
}
OWN = "hops: [{id: own, from: 4.3, to: 4.7, method: in_place, data_upgrade: true, reversible: true, source: Support}]"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("upgrade_path")
    tasks: list[dict[str, Any]] = [
        {"comindware.platform.upgrade_path": options, "register": f"result_{name}", "ignore_errors": True}
        for name, options in CALLS.items()
    ]
    collected = ", ".join(f"{name}=result_{name}" for name in CALLS)
    content = f"{{{{ dict({collected}) | to_json }}}}"
    tasks.append({"ansible.builtin.copy": {"dest": str(folder / "results.json"), "content": content}})
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "own.yml").write_text(OWN, encoding="utf-8")
    (folder / "broken.yml").write_text("hops: [{id: own}]", encoding="utf-8")
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(BUILD),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
    }
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "play.yml"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    found: dict[str, dict[str, Any]] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return found


def test_a_path_comes_with_its_hops_and_is_no_change(results: dict[str, dict[str, Any]]) -> None:
    result = results["any_stop"]
    assert (result["failed"], result["changed"]) == (False, False)
    assert result["path"] == ["4.2.612.0", "4.7.23499.0", "5.0.24055.0"]
    assert [hop["id"] for hop in result["hops"]] == ["4.2-to-4.7", "4.7-to-5.0"]
    assert [note["id"] for note in result["hops"][0]["advisories"] if note["acknowledge"]] == ["adjust_applications"]
    assert result["hops"][0]["requirements"][1]["check"] == {"kind": "windows", "build": 20348}
    assert result["hops"][0]["procedure"] == []


def test_start_and_target_count_as_installed(results: dict[str, dict[str, Any]]) -> None:
    assert results["direct"]["path"] == ["5.0.13334.0", "5.0.24055.0"]


def test_a_manual_hop_comes_with_its_steps(results: dict[str, dict[str, Any]]) -> None:
    (hop,) = results["manual"]["hops"]
    assert hop["procedure"][6] == "Выполните version_list.ps1; продолжайте, только если в списке есть {version}."


def test_nothing_to_do_is_an_empty_path(results: dict[str, dict[str, Any]]) -> None:
    assert (results["there"]["path"], results["there"]["hops"]) == (["5.0.24055.0"], [])


def test_a_refusal_fails_and_says_which_version_is_missing(results: dict[str, dict[str, Any]]) -> None:
    result = results["missing"]
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["refusal"] == {"code": "missing_versions", "missing": ["4.7.23499.0"], "forbidden_by": []}
    assert "Install 4.7.23499.0 on the host" in result["msg"]


def test_a_refusal_speaks_russian(results: dict[str, dict[str, Any]]) -> None:
    assert results["russian"]["refusal"] == {"code": "downgrade", "missing": [], "forbidden_by": []}
    assert results["russian"]["msg"].startswith("Версия 4.2.612.0 ниже, чем 5.0.24055.0")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cyrillic", "The option 'to' is refused, nothing was touched. '5.0.1\u0417334.0' is not a product version"),
        ("short", "The option 'installed' is refused, nothing was touched. '4.7' is not a product version"),
        ("broken", "broken.yml:1: hops: own: from: is missing"),
        ("unknown_option", "fail. Supported parameters include: from, installed, language, policy_files, to"),
    ],
)
def test_bad_options_are_refused_by_name(results: dict[str, dict[str, Any]], name: str, words: str) -> None:
    assert results[name]["failed"] is True
    assert words in results[name]["msg"]


def test_a_file_of_the_user_adds_a_hop(results: dict[str, dict[str, Any]]) -> None:
    assert results["own"]["hops"][0]["id"] == "own"
