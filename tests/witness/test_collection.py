# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The copy of the collection that runs on a Wine host is the collection, but for what is said here."""

from __future__ import annotations

import difflib
from pathlib import Path

from witness import bundle
from witness.collection import CONSTRUCTORS, PLAYED, copy_to

_PARTS = ("playbooks", "plugins", "roles", "meta")


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for part in _PARTS
        for file in (folder / part).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_the_copy_differs_in_the_seams_that_it_constructs(tmp_path: Path) -> None:
    product, copy = _files(bundle.ROOT), _files(copy_to(tmp_path))
    utils = "plugins/module_utils"
    assert copy.keys() - product.keys() == {f"{utils}/{PLAYED}"}
    assert product.keys() <= copy.keys()
    changed = {name for name in product if product[name] != copy[name]}
    assert changed == {f"{utils}/{name}" for name in CONSTRUCTORS}
    for name in changed:
        texts = (product[name].decode().splitlines(), copy[name].decode().splitlines())
        lines = [line.split() for line in difflib.unified_diff(*texts, n=0) if line[:3] not in ("---", "+++", "@@ ")]
        assert ["".join(line) for line in lines] == [
            "-usingansible_collections.comindware.platform.plugins.module_utils._WindowsSeams;",
            "+usingansible_collections.comindware.platform.plugins.module_utils._PlayedSeams;",
            "-Seams.Current=newWindowsSeams();",
            "+Seams.Current=newPlayedSeams();",
        ]
