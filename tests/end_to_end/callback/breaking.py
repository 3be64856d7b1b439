# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Breaks what the callback `fleet` uses, when the first play begins; BREAKING says what: channel or table."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import channel
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.progress_table import ProgressTable

DOCUMENTATION = """
name: breaking
type: aggregate
short_description: Breaks the progress of the callback fleet
description: For the end-to-end tests.
"""


class CallbackModule(CallbackBase):
    """Writing is as on a full disk, reading as from what has been removed."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "breaking"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_play_start(self, play: Any) -> None:
        if os.environ["BREAKING"] == "table":
            ProgressTable.ended = None  # type: ignore[method-assign,assignment]
        elif opened := channel._open:
            for end, by in ((opened._write, "/dev/full"), (opened._read, "/")):
                other = os.open(by, os.O_WRONLY if by == "/dev/full" else os.O_RDONLY)
                os.dup2(other, end)
                os.close(other)
