# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plays many random histories of one format, each from a seed of its own, and counts what is wrong."""

from __future__ import annotations

import importlib
import os
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, cast

FORMATS = sorted(file.stem.removesuffix("_files") for file in Path(__file__).parent.glob("*_files.py"))
_BLOCK = 100

History = tuple[str, str, str]
"""Base, ours and theirs."""


class Format(Protocol):
    """What a module ``<format>_files.py`` of this folder has."""

    draw: Callable[[random.Random], History]
    violations: Callable[[str, str, str], list[str]]
    """What is wrong with the merges of a history, a sentence each that begins with its kind and a colon."""
    whole: Callable[[str, str, str], bool]
    """Whether the merge ends as one conflict that holds the whole file."""


@dataclass(frozen=True)
class Played:
    """One history. ``whole``: it ended as one conflict of the whole file."""

    seed: int
    history: History
    violations: list[str]
    whole: bool


def format_named(name: str) -> Format:
    return cast(Format, importlib.import_module(f"merging.{name}_files"))


def play(name: str, seed: int) -> Played:
    """The history of a seed; the same one at any time, on any machine."""
    format_ = format_named(name)
    history = format_.draw(random.Random(seed))
    return Played(seed, history, format_.violations(*history), format_.whole(*history))


def _played(name: str, seeds: range) -> list[Played]:
    return [play(name, seed) for seed in seeds]


def play_all(name: str, seeds: range) -> Iterator[Played]:
    """All of them, in their order, on every core."""
    blocks = [seeds[place : place + _BLOCK] for place in range(0, len(seeds), _BLOCK)]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for block in pool.map(partial(_played, name), blocks):
            yield from block
