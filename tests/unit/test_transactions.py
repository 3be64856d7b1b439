# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a failure tells about the host."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import transactions
from ansible_collections.comindware.platform.plugins.plugin_utils.host import ConnectionLost, Host, HostError


@pytest.mark.parametrize(
    ("details", "unsettled", "as_before"),
    [
        ({}, None, True),
        ({}, "t1", False),
        ({"changed": ["links of sales"]}, None, True),
        ({"transaction": {"state": "rolled_back"}}, None, True),
        ({"transaction": {"state": "held"}}, "t1", False),
        ({"transaction": "t1", "transaction_state": "rolled_back"}, None, True),
        ({"transaction": "t1", "transaction_state": "held"}, "t1", False),
        ({"transaction": "t1"}, "t1", False),
    ],
    ids=[
        "refused",
        "refused in the middle",
        "drift",
        "undone",
        "undo failed",
        "judged and undone",
        "judged and held",
        "waits for a look",
    ],
)
def test_is_as_before(details: dict[str, Any], unsettled: str | None, as_before: bool) -> None:
    host = Host(lambda arguments: {})
    host.unsettled = unsettled
    assert transactions.is_as_before(host, HostError("code", "text", details)) == as_before


@pytest.mark.parametrize(("unsettled", "as_before"), [(None, True), ("t1", False)])
def test_a_lost_host_is_as_before_only_where_nothing_was_left_open(unsettled: str | None, as_before: bool) -> None:
    host = Host(lambda arguments: {})
    host.unsettled = unsettled
    assert transactions.is_as_before(host, ConnectionLost("gone")) == as_before
