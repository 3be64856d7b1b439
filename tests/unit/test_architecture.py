# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of docs/architecture.md that a test can check; those of the C# side are in agent/test_sources.py."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
UTILS = PLUGINS / "plugin_utils"

# What each room of the controller side may import from plugin_utils, besides itself.
ALLOWED = {
    "model": set(),
    "operations": set(),
    "policy": {"model"},
    "configuration": {"model", "policy"},
    "planning": {"configuration", "model", "operations", "policy"},
    "host": {"model", "planning"},
    "stages": set(),
    "pace": {"stages"},
    "fleet": {"model", "operations", "pace", "planning", "policy", "stages"},
    "copies": {"host", "pace", "planning", "stages"},
    "transactions": {"host", "pace", "planning", "stages"},
    "product_sessions": {"host", "model", "planning", "stages", "transactions"},
    "judging": {"host", "model", "planning", "stages", "transactions"},
    "connections": {"planning"},
    "action_base": {"connections", "fleet", "host", "model", "planning", "policy", "stages"},
    "data_left": {"host", "model", "planning", "transactions"},
    "judged": {"data_left", "host", "judging", "model", "planning", "stages", "transactions"},
    "upgrade_action": {"action_base", "configuration", "copies", "host", "model", "planning", "policy"},
    "return_action": {"action_base", "host", "judged", "judging", "model", "planning", "transactions"},
}


def room_of(path: Path) -> str:
    return path.relative_to(UTILS).parts[0].removesuffix(".py")


def sources() -> list[Path]:
    return [path for path in sorted(UTILS.rglob("*.py")) if path != UTILS / "__init__.py"]


def imported(path: Path) -> set[str]:
    """Absolute names of everything that the file imports; relative ones resolved below plugin_utils."""
    names = set()
    package = list(path.relative_to(UTILS).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            head = ["plugin_utils", *base] if node.level else []
            module = [*head, *(node.module.split(".") if node.module else [])]
            names |= {".".join([*module, alias.name]) for alias in node.names}
    return names


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(UTILS)))
def test_arrows_go_down_only(path: Path) -> None:
    room = room_of(path)
    assert room in ALLOWED, f"the room '{room}' has no place in docs/architecture.md"
    used = {name.split(".")[1] for name in imported(path) if name.startswith("plugin_utils.")}
    assert used - {room} <= ALLOWED[room]


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(UTILS)))
def test_only_the_action_base_imports_ansible(path: Path) -> None:
    uses_ansible = any(name.split(".")[0].startswith("ansible") for name in imported(path))
    assert uses_ansible == (room_of(path) == "action_base")


def test_every_module_is_documented_and_has_an_action() -> None:
    documented = {path.stem for path in (PLUGINS / "modules").glob("*.yml")}
    actions = {path.stem for path in (PLUGINS / "action").glob("*.py")}
    assert documented == actions | {"host_agent"}


def test_the_filters_import_neither_plans_nor_configuration() -> None:
    """Each fork of a task imports them anew."""
    code = (
        "import sys; from unit.collection import make_importable; make_importable(); "
        "import ansible_collections.comindware.platform.plugins.filter.fleet; print(*sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    parts = {name.partition(".plugin_utils.")[2] for name in ended.stdout.split()}
    assert "fleet.summary" in parts
    assert {name for name in parts if name == "planning.kept" or name.startswith("configuration")} == set()
