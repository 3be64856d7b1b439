# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a failure tells about the host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import transactions


@pytest.mark.parametrize(
    ("details", "as_before"),
    [
        ({}, True),
        ({"changed": ["links of sales"]}, True),
        ({"transaction": {"state": "rolled_back"}}, True),
        ({"transaction": {"state": "held"}}, False),
        ({"transaction": "t1", "transaction_state": "rolled_back"}, True),
        ({"transaction": "t1", "transaction_state": "held"}, False),
        ({"transaction": "t1"}, False),
    ],
    ids=["refused", "drift", "undone", "undo failed", "judged and undone", "judged and held", "waits for a look"],
)
def test_is_as_before(details: dict[str, Any], as_before: bool) -> None:
    assert transactions.is_as_before(details) == as_before
