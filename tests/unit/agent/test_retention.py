# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Old backup sets are removed at confirm; never the one that somebody needs, never halfway."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations

from .conftest import Agent, AgentError
from .sets import TREE, backup, fill, listing, secure

SETS = r"D:\Backups"
LEAVING = "d.~agent-removed"


def prune(keep: int, *protect: str) -> dict[str, Any]:
    return operations.prune_sets(SETS, keep, [rf"{SETS}\{name}" for name in protect])


def removed(status: dict[str, Any]) -> list[str]:
    return [
        folder.rpartition("\\")[2]
        for event in status["journal"]
        if event["event"] == "done" and event.get("op") == "prune_sets"
        for folder in event["removed"]
    ]


@pytest.fixture
def sets(agent: Agent) -> list[str]:
    """Four good sets, the oldest first; their names do not tell their age."""
    names = ["d", "b", "c", "a"]

    def make() -> None:
        fill(agent)
        for name in names:
            status = agent.execute([backup(TREE, name=name)], id=f"make-{name}", confirm="automatic")
            assert status["state"] == "confirmed", status["error"]

    agent.begin("with four sets", make)
    return names


def run(agent: Agent, *arguments: Any, **plan: Any) -> dict[str, Any]:
    return agent.execute([], on_confirm=[prune(*arguments)], confirm="automatic", **{"id": "prune", **plan})


def test_the_newest_stay(agent: Agent, sets: list[str]) -> None:
    status = run(agent, 2)
    assert (status["state"], status["confirm_errors"]) == ("confirmed", [])
    assert removed(status) == ["d", "b"]
    assert listing(agent, SETS) == ["a", "c"]


def test_set_that_is_protected_stays(agent: Agent, sets: list[str]) -> None:
    assert removed(run(agent, 1, "D", "c")) == ["b"]
    assert listing(agent, SETS) == ["a", "c", "d"]


def test_what_is_no_good_does_not_count_and_goes_when_it_is_older(agent: Agent, sets: list[str]) -> None:
    """Of the newest two only c is good: b is kept as the second one."""
    (agent.path(rf"{SETS}\a") / "complete").unlink()
    (agent.path(rf"{SETS}\a") / "unusable").write_text("a test\n")
    (agent.path(rf"{SETS}\d") / "complete").unlink()
    (agent.path(rf"{SETS}\d") / "unusable").write_text("a test\n")
    assert removed(run(agent, 2)) == ["d"]
    assert listing(agent, SETS) == ["a", "b", "c"]


@pytest.mark.parametrize("spoil", ["manifest", "open"])
def test_the_last_good_one_stays_whatever_is_newer(agent: Agent, sets: list[str], spoil: str) -> None:
    for name in sets[1:]:
        if spoil == "manifest":
            with (agent.path(rf"{SETS}\{name}") / "manifest.json").open("ab") as manifest:
                manifest.write(b" ")
        else:
            secure(agent, rf"{SETS}\{name}", "O:BAD:P(A;OICI;FA;;;BA)(A;OICI;FA;;;WD)")
    assert "d" not in removed(run(agent, 1))
    assert "complete" in listing(agent, rf"{SETS}\d")


def test_work_of_others_stays(agent: Agent, sets: list[str]) -> None:
    agent.write(rf"{SETS}\notes.txt", "mine")
    agent.write(rf"{SETS}\mine\manifest.txt", "mine")
    agent.write(r"C:\elsewhere\complete", "mine")
    agent.link(rf"{SETS}\link", r"C:\elsewhere")
    unfinished = agent.path(rf"{SETS}\d") / "complete"
    unfinished.unlink()
    assert removed(run(agent, 1)) == ["b", "c"]
    assert listing(agent, SETS) == ["a", "d", "link", "mine", "notes.txt"]
    assert agent.path(r"C:\elsewhere\complete").exists()


def test_links_in_a_set_are_not_followed(agent: Agent, sets: list[str]) -> None:
    agent.write(r"C:\elsewhere\keep", "k")
    agent.link(rf"{SETS}\d\files\link", r"C:\elsewhere")
    assert "d" in removed(run(agent, 1))
    assert agent.path(r"C:\elsewhere\keep").exists()


def test_a_failed_removal_is_told_and_undoes_nothing(agent: Agent, sets: list[str]) -> None:
    agent.host.add_fault("delete", path=rf"{SETS}\{LEAVING}\files*", action="error", win32=1117, times=999)
    written = {"op": "write_file", "path": r"C:\f", "text": "x", "encoding": "utf-8"}
    plan: dict[str, Any] = {"on_confirm": [prune(1)], "confirm": "automatic", "id": "prune"}
    status = agent.execute([written], **plan)
    assert status["state"] == "confirmed"
    assert [error["details"]["number"] for error in status["confirm_errors"]] == [1117]
    assert agent.path(r"C:\f").exists()
    assert listing(agent, SETS) == ["a", LEAVING]
    assert "complete" not in listing(agent, rf"{SETS}\{LEAVING}")
    agent.host.clear_faults()
    assert removed(run(agent, 1, id="again")) == [LEAVING]
    assert listing(agent, SETS) == ["a"]


@pytest.mark.parametrize(
    ("point", "path"),
    [
        ("move", ""),
        ("after:move", ""),
        *[(when + "delete", name) for when in ("", "after:") for name in ("complete", "manifest.json", r"files\*", "")],
    ],
)
def test_killed_while_a_set_is_removed(agent: Agent, sets: list[str], point: str, path: str) -> None:
    agent.host.add_fault(point, path=rf"{SETS}\{LEAVING}\{path}".rstrip("\\"), action="kill")
    status = run(agent, 1, wait=60)
    assert (status["state"], status["confirm_errors"]) == ("confirmed", [])
    assert listing(agent, SETS) == ["a"]


def test_set_that_somebody_reads_stays_whole(agent: Agent, sets: list[str]) -> None:
    agent.host.add_fault("move", path=rf"{SETS}\{LEAVING}", action="error", win32=5, times=999)
    assert [error["details"]["number"] for error in run(agent, 3)["confirm_errors"]] == [5]
    assert "complete" in listing(agent, rf"{SETS}\d")


def test_it_belongs_to_the_confirm(agent: Agent) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([prune(1)])
    assert str(raised.value) == "prune_sets belongs in on_confirm: nothing brings back what it removes."
    with pytest.raises(AgentError) as raised:
        run(agent, 0)
    assert str(raised.value) == "prune_sets keeps at least one set, not 0."


def test_nothing_to_remove(agent: Agent) -> None:
    assert removed(run(agent, 1)) == []
