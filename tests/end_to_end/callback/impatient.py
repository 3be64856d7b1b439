# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has a lost host asked again at once: for tests that lose one all the time."""

from __future__ import annotations

from ansible.plugins.callback import CallbackBase
from ansible_collections.comindware.platform.plugins.plugin_utils import host

DOCUMENTATION = """
name: impatient
type: notification
short_description: Has a lost host asked again at once
description: [For the end-to-end tests.]
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "impatient"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        host._LAST_PAUSE_SECONDS = 0.2  # type: ignore[assignment]
