# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A copy of the collection that is as it is, but that the seams which it constructs play what Wine has not."""

from __future__ import annotations

import shutil
from pathlib import Path

from . import bundle

PLAYED = "_PlayedSeams.cs"
CONSTRUCTORS = ("_Agent.cs", "_Worker.cs")
_PARTS = ("galaxy.yml", "meta", "playbooks", "plugins", "roles")
_UTILS = Path("plugins", "module_utils")
_USING = "using ansible_collections.comindware.platform.plugins.module_utils.{};"


def copy_to(collections: Path) -> Path:
    """Make `collections` a folder for ANSIBLE_COLLECTIONS_PATH with the copy; where it lies. Raises AssertionError if the product
    constructs its seams in other places than these.
    """
    target = collections / "ansible_collections" / "comindware" / "platform"
    for part in _PARTS:
        source = bundle.ROOT / part
        if source.is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / part)
    shutil.copy(Path(__file__).parent / "agent" / PLAYED, target / _UTILS / PLAYED)
    for name in CONSTRUCTORS:
        file = target / _UTILS / name
        text = file.read_text(encoding="utf-8")
        assert text.count("new WindowsSeams()") == 1, f"{name} constructs the seams of Windows in one place"
        text = text.replace("new WindowsSeams()", "new PlayedSeams()")
        file.write_text(text.replace(_USING.format("_WindowsSeams"), _USING.format("_PlayedSeams")), encoding="utf-8")
    return target
