# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that an instance reaches through its links: they lie in the version folder, which other instances share."""

from __future__ import annotations

from .text import unified_diff


def differences(name: str, old_text: str, new_text: str) -> str | None:
    """What changes for the instance when its links lead to the new version; None if nothing does but line ends.

    Such a file is never written. Operators change it nevertheless, and their changes stay behind in the old version's folder.
    """
    return unified_diff(name, old_text, new_text, "old version", "new version") or None
