# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites and pools in every state in which a change may find them: whatever undoes it leaves them as they were."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from standin.ports import free_ports
from standin.windows.iis import Application, VirtualDirectory

from .conftest import AGENT_ROOT, Agent
from .scenario import FAILING


@dataclass(frozen=True)
class Part:
    """A site with a pool of its own: what runs, and what IIS starts by itself."""

    name: str
    site_runs: bool
    site_auto: bool
    pool_runs: bool
    pool_auto: bool
    mode: str


PARTS = (
    Part("runs", True, True, True, True, "AlwaysRunning"),
    Part("site stopped", False, True, True, True, "OnDemand"),
    Part("pool stopped", True, True, False, True, "AlwaysRunning"),
    Part("stopped for good", False, False, False, False, "OnDemand"),
    Part("started by hand", True, False, True, False, "OnDemand"),
    Part("both stopped", False, True, False, True, "AlwaysRunning"),
    Part("half for good", False, False, True, False, "AlwaysRunning"),
)
PATIENT = 600
"""Seconds that no machine needs, however busy it is."""
Seen = dict[str, tuple[Any, ...]]


@pytest.fixture
def parts(agent: Agent) -> Seen:
    """All of them on one host."""
    iis, ports = agent.host.iis, free_ports(len(PARTS))
    agent.path(r"C:\site").mkdir()
    for part, port in zip(PARTS, ports, strict=True):
        iis.configuration.add_pool(part.name, auto_start=part.pool_auto, start_mode=part.mode)
        root = Application("/", part.name, [VirtualDirectory("/", r"C:\site")])
        iis.configuration.add_site(part.name, [f"http/*:{port}:"], [root], server_auto_start=part.site_auto)
        if part.pool_runs:
            iis.start_pool(part.name)
        if part.site_runs:
            iis.start_site(part.name)
    iis.configuration.save()
    return seen(agent)


def seen(agent: Agent) -> Seen:
    """States and start behaviour, as the agent itself tells them."""
    iis = agent.query("iis")
    names = {part.name for part in PARTS}
    sites = {one["name"]: (one["state"], one["server_auto_start"]) for one in iis["sites"] if one["name"] in names}
    pools = {
        one["name"]: (one["state"], one["auto_start"], one["start_mode"])
        for one in iis["pools"]
        if one["name"] in names
    }
    return {name: (*sites[name], *pools[name]) for name in sites}


def operations(*kinds: str) -> list[dict[str, Any]]:
    """Operations of these kinds for every part, kind by kind, as an upgrade has them."""
    fields: dict[str, dict[str, Any]] = {
        "site_auto_start": {"value": False},
        "pool_start_mode": {"auto_start": False, "start_mode": "OnDemand"},
    }
    return [
        {"op": kind, "pool" if "pool" in kind else "site": part.name, **fields.get(kind, {"timeout_seconds": 20})}
        for kind in kinds
        for part in PARTS
    ]


OFF = operations("site_auto_start", "pool_start_mode", "stop_site", "stop_pool")
ON = operations("start_pool", "start_site")


def back() -> list[dict[str, Any]]:
    """What the confirm of a return does: the start behaviour comes back, and what was stopped is stopped again."""
    behaviour = [
        one
        for part in PARTS
        for one in (
            {"op": "pool_start_mode", "pool": part.name, "auto_start": part.pool_auto, "start_mode": part.mode},
            {"op": "site_auto_start", "site": part.name, "value": part.site_auto},
        )
    ]
    stops = [{"op": "stop_site", "site": part.name} for part in PARTS if not part.site_runs]
    return behaviour + stops + [{"op": "stop_pool", "pool": part.name} for part in PARTS if not part.pool_runs]


def failed(agent: Agent) -> None:
    assert agent.execute([*OFF, *ON, FAILING], wait=PATIENT)["error"]["code"] == "not_a_link"


def rolled_back(agent: Agent) -> None:
    assert agent.execute([*OFF, *ON], wait=PATIENT)["state"] == "applied"
    agent.ask("rollback", root=AGENT_ROOT, transaction="t1", reason="a test", wait_seconds=0)


def at_the_deadline(agent: Agent) -> None:
    assert agent.execute([*OFF, *ON], wait=PATIENT, deadline_seconds=600)["state"] == "applied"
    agent.host.pass_time(700)
    agent.host.scheduler.run(r"\agent\t1")


def lose_power(agent: Agent) -> None:
    """At the pause, however long it takes to get there."""
    agent.until_paused()
    agent.lose_power_at_pause()


def confirm(agent: Agent) -> None:
    agent.ask("confirm", root=AGENT_ROOT, transaction="t1", wait_seconds=0)


def restarted_unconfirmed(agent: Agent) -> None:
    assert agent.execute([*OFF, *ON], wait=PATIENT)["state"] == "applied"
    agent.host.reboot()


def restarted_in_the_middle(agent: Agent) -> None:
    agent.host.add_fault("after:operation:stop_pool", action="pause")
    agent.execute([*OFF, *ON], wait=0)
    lose_power(agent)


def killed_and_recovered(agent: Agent) -> None:
    agent.host.add_fault("after:operation:start_site", action="kill")
    agent.execute([*OFF, *ON], wait=0)
    agent.until(lambda: any(event.get("op") == "start_site" for event in agent.status()["journal"]))
    agent.until(lambda: not agent.host.scheduler.running(r"\agent\t1"))
    agent.host.pass_time(3600)
    agent.recover("one")


@pytest.mark.parametrize(
    "way",
    [failed, rolled_back, at_the_deadline, restarted_unconfirmed, restarted_in_the_middle, killed_and_recovered],
    ids=lambda way: way.__name__,
)
def test_field_6_7_every_way_back_leaves_them_as_they_were(
    agent: Agent, parts: Seen, way: Callable[[Agent], None]
) -> None:
    way(agent)
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert seen(agent) == parts


def test_field_6_7_a_confirm_stops_again_what_was_stopped(agent: Agent, parts: Seen) -> None:
    assert agent.execute([*OFF, *ON], wait=PATIENT, on_confirm=back())["state"] == "applied"
    assert {state for state, *_rest in seen(agent).values()} == {"Started"}
    confirm(agent)
    agent.until(lambda: agent.status()["state"] == "confirmed")
    assert agent.status()["owed"] == []
    assert seen(agent) == parts


@pytest.mark.parametrize("stop", ["stop_site", "stop_pool"])
def test_field_6_7_a_confirm_that_a_restart_interrupts_starts_nothing_of_it(
    agent: Agent, parts: Seen, stop: str
) -> None:
    """What ran is started again behind a restart; what the confirm has stopped, or is about to stop, is not."""
    assert agent.execute([*OFF, *ON], wait=PATIENT, on_confirm=back())["state"] == "applied"
    agent.host.add_fault(f"before:confirm:{stop}", action="pause")
    confirm(agent)
    lose_power(agent)
    agent.until(lambda: agent.status()["state"] == "confirmed")
    assert seen(agent) == parts
