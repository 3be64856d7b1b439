# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Seams for an agent that asks nothing of a host: those by which a process serves calls."""

from __future__ import annotations

from pathlib import Path

from standin.winrm.compiler import SEAMS

UTILS = "ansible_collections.comindware.platform.plugins.module_utils."
_RUNNER = f"""
using {UTILS}_Agent;

namespace Standin
{{
    public static class ModuleRunner
    {{
        public static int Main()
        {{
            return Served.By(Agent.Run);
        }}
    }}
}}
"""


def write_seams(folder: Path) -> Path:
    """The folder, which this makes."""
    folder.mkdir()
    (folder / "Runner.cs").write_text(_RUNNER, "utf-8-sig")
    (folder / "Served.cs").write_bytes((SEAMS / "Served.cs").read_bytes())
    return folder
