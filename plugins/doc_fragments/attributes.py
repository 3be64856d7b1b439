# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The attributes that the fragments of ansible-core do not have."""

from __future__ import annotations


class ModuleDocFragment:
    """Fragment comindware.platform.attributes"""

    DOCUMENTATION = r"""
attributes:
  idempotent:
    description: A second run with the same options changes nothing and says so.
"""
