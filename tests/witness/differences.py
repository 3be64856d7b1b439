# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tests of the agent do not run on a Wine host, or end otherwise there, and why: differences.yml."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

# What only the stand-in's own seams can play: faults, pauses, the loss of power.
_PLAYED = re.compile(r"add_fault|refuse_lastingly|lose_power|until_paused|be_young|pass_time|\.jump\(")


@dataclass(frozen=True)
class Differences:
    """Tests by `file.py::function`. `played`: they play a fault, and are not run; `others`: they run and fail, each with its reason."""

    played: frozenset[str]
    others: dict[str, str]

    @classmethod
    def read(cls) -> Differences:
        content = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
        others = {test: group["reason"] for group in content["others"] for test in group["tests"]}
        return cls(frozenset(content["played"]), others)


def playing(file: Path) -> Iterator[str]:
    """The tests of a file that play a fault, by themselves or by a function or fixture of the file."""
    source = file.read_text(encoding="utf-8")
    texts = {
        node.name: ast.unparse(node)  # with its decorators: a parameter may play one
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }
    playing = {name for name, text in texts.items() if _PLAYED.search(text)}
    while more := {
        name
        for name, text in texts.items()
        if name not in playing and any(re.search(rf"\b{one}\b", text) for one in playing)
    }:
        playing |= more
    return (f"{file.name}::{name}" for name in sorted(playing) if name.startswith("test_"))
