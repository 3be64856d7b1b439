# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The upgrade policy: which changes of version exist, and what each demands.

``load()`` reads the policy, ``Policy.find_path()`` searches it. Nothing here imports ansible or asks a host.
"""

from __future__ import annotations

from .description import describe_path, describe_refusal
from .entries import PolicyError
from .hops import LANGUAGES
from .loading import load
from .search import NoPath, Path, Policy, Step

__all__ = [
    "LANGUAGES",
    "NoPath",
    "Path",
    "Policy",
    "PolicyError",
    "Step",
    "describe_path",
    "describe_refusal",
    "load",
]
