# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the collection says about itself is true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def test_the_action_group_has_every_module_for_playbooks() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.yml")} - {"host_agent"}
    assert read("meta/runtime.yml")["action_groups"]["platform"] == sorted(modules)


def test_the_collection_needs_no_other_collection() -> None:
    assert read("galaxy.yml")["dependencies"] == {}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_every_requirement_has_its_reason(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and "  # " not in line] == []


def test_the_build_leaves_out_what_only_the_checkout_needs() -> None:
    ignored = read("galaxy.yml")["build_ignore"]
    assert {"tests/standin", "tests/unit", "tests/end_to_end", "tools", ".*"} <= set(ignored)
