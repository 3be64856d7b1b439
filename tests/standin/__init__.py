# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stand-in Windows hosts on loopback: WinRM, IIS, scheduled tasks, services and the product, in one Linux process."""

from __future__ import annotations
