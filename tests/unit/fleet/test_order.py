# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who comes when."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import order
from hypothesis import given
from hypothesis import strategies as st

HOSTS = [f"app{number:02}" for number in range(1, 11)]


def hosts(batches: list[order.Batch]) -> list[list[str]]:
    return [batch["hosts"] for batch in batches]


def test_one_host_of_every_kind_comes_first() -> None:
    kinds = {host: "new" if host in ("app09", "app10") else "old" for host in HOSTS}
    batches = order.batches(kinds, 1, ["50%"])
    assert batches[0] == {"number": 1, "name": "canary", "hosts": ["app01", "app09"]}
    assert [len(batch["hosts"]) for batch in batches] == [2, 5, 3]
    assert [batch["name"] for batch in batches] == ["canary", "2", "3"]


def test_kinds_that_do_not_fit_into_the_canary_come_next() -> None:
    kinds = {host: f"kind of {host}" for host in HOSTS} | {"app10": "kind of app01"}
    batches = order.batches(kinds, 1, [3, "100%"])
    assert batches[0]["hosts"] == ["app01", "app02"]  # the commonest kind, then as the inventory has them
    assert batches[1]["hosts"] == ["app03", "app04", "app05"]
    assert batches[2]["hosts"][-1] == "app10"


def test_one_host_is_no_canary_of_anything() -> None:
    assert order.batches({"app01": "a"}, 1, ["100%"]) == [{"number": 1, "name": "1", "hosts": ["app01"]}]


def test_without_a_canary() -> None:
    assert hosts(order.batches(dict.fromkeys(HOSTS, "a"), 0, [1, 4])) == [HOSTS[:1], HOSTS[1:5], HOSTS[5:9], HOSTS[9:]]


def test_nobody() -> None:
    assert order.batches({}, 1, ["100%"]) == []


@pytest.mark.parametrize("size", [0, "0", "0%", "101%", "-1", "half", "", "1.5", "٣"])
def test_sizes_that_are_none(size: str | int) -> None:
    with pytest.raises(order.OrderError) as raised:
        order.batches(dict.fromkeys(HOSTS, "a"), 0, [size])
    assert str(raised.value) == (
        f"upgrade_batches has the size {size!r}. Give a number of hosts, 1 or more, or a percentage from 1% to 100%."
    )


def test_other_wishes_that_cannot_be_met() -> None:
    with pytest.raises(order.OrderError) as no_sizes:
        order.batches({"app01": "a"}, 0, [])
    assert str(no_sizes.value) == "upgrade_batches is empty. Give sizes such as [1, '10%', '100%']."
    with pytest.raises(order.OrderError) as negative:
        order.batches({"app01": "a"}, -1, [1])
    assert (
        str(negative.value)
        == "upgrade_canary is -1. Give the number of hosts of each kind that are tried first, 0 for none."
    )


SIZES = st.lists(
    st.one_of(st.integers(1, 9), st.integers(1, 100).map(lambda share: f"{share}%")), min_size=1, max_size=4
)


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(0, 4), SIZES)
def test_every_host_has_one_turn(kinds: list[str], canary: int, sizes: list[str | int]) -> None:
    named = {f"h{number}": kind for number, kind in enumerate(kinds)}
    batches = order.batches(named, canary, sizes)
    assert sorted(host for batch in batches for host in batch["hosts"]) == sorted(named)
    assert all(batch["hosts"] for batch in batches)
    if canary and len(named) > 1:
        assert len(batches[0]["hosts"]) <= max(1, len(named) // 5)
