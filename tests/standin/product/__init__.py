# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Comindware Platform as the stand-in plays it: installed versions, instances, what a start does."""

from __future__ import annotations
