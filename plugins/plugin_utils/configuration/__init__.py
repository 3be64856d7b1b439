# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configuration files across a change of version: three-way merging, renamed directives, values that must agree.

``change()`` answers what becomes of all files of an instance. Nothing here imports ansible or asks a host.
"""

from __future__ import annotations

from .changing import Change, FileChange, FileText, Notice, Situation, change
from .choices import Choice, ChoiceError, read_choices
from .linked import differences
from .results import Conflict, Merged, NotWellFormed

__all__ = [
    "Change",
    "Choice",
    "ChoiceError",
    "Conflict",
    "FileChange",
    "FileText",
    "Merged",
    "NotWellFormed",
    "Notice",
    "Situation",
    "change",
    "differences",
    "read_choices",
]
