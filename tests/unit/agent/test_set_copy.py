# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The second copy of a backup set: under the caller's own logon, read back, gone on with, and why it fails."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from .conftest import Agent, AgentError
from .sets import DATA, SET, TREE, backup, secure

SHARE = r"\\backup\sets"
TO = SHARE + r"\H1\one\до обновления"
DOUBLE_HOP = (
    " WinRM gives a task a network logon, which cannot show its credentials to another server (the double hop). Let the task run with "
    "become: true, become_method: runas and the password of that account, or connect with CredSSP, or with Kerberos and delegation. "
    "Where one of these is in use already, give that account the right to create, change and delete files there."
)


@pytest.fixture
def made(agent: Agent, data: str) -> Path:
    """The files of a set; the caller's credentials reach the share."""
    agent.write(DATA + r"\db\two.bin", b"\x02" * 1_000_000)
    status = agent.execute([backup(TREE) | {"rehearse": "sample"}], confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    agent.host.set(delegation=True)
    return agent.path(SET)


def copy(agent: Agent, to: str = TO, start: int = 0, wait: int = 60) -> dict[str, Any]:
    answer = agent.ask("copy_set", set=SET, to=to, next=start, wait_seconds=wait)
    return {key: value for key, value in answer.items() if key != "ok"}


def refused(agent: Agent, to: str = TO, command: str = "probe_copy") -> AgentError:
    with pytest.raises(AgentError) as raised:
        agent.ask(command, set=SET, to=to, wait_seconds=60)
    return raised.value


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_copy_is_equal_to_the_set(agent: Agent, made: Path) -> None:
    answer = copy(agent)
    assert answer == {
        "path": TO,
        "complete": True,
        "next": 3,
        "copied": 3,
        "bytes": 4_000_000,
        "total_bytes": 4_000_000,
    }
    assert files(agent.host.share(TO)) == files(made)
    assert copy(agent) == answer | {"copied": 0}


def test_copy_goes_on_where_it_was_left(agent: Agent, made: Path) -> None:
    first = copy(agent, wait=0)
    assert (first["complete"], first["next"], first["copied"]) == (False, 1, 1)
    assert not (agent.host.share(TO) / "complete").exists()
    agent.host.add_fault("copy", path=TO + "*", action="kill")
    with pytest.raises(AssertionError):  # the module was killed
        copy(agent, start=1)
    again = copy(agent)
    assert (again["complete"], again["copied"]) == (True, 2)
    assert files(agent.host.share(TO)) == files(made)


def test_copy_that_somebody_removed_meanwhile_begins_anew(agent: Agent, made: Path) -> None:
    copy(agent, wait=0)
    shutil.rmtree(agent.host.share(TO))
    assert copy(agent, start=1)["complete"]
    assert files(agent.host.share(TO)) == files(made)


@pytest.mark.parametrize(
    ("point", "path"),
    [
        ("write", r"\manifest.json"),
        ("replace", r"\manifest.json"),
        ("after:replace", r"\manifest.json"),
        ("after:replace", r"\manifest.sha256"),
        ("after:copy", "*"),
        ("move", "*"),
        ("after:move", "*"),
        ("write", r"\complete"),
        ("after:replace", r"\complete"),
    ],
)
def test_killed_copy_is_no_copy_until_the_next_call(agent: Agent, made: Path, point: str, path: str) -> None:
    agent.host.add_fault(point, path=TO + path, action="kill")
    with pytest.raises(AssertionError):
        copy(agent)
    if (agent.host.share(TO) / "complete").exists():
        assert files(agent.host.share(TO)) == files(made)
    assert copy(agent)["complete"]
    assert files(agent.host.share(TO)) == files(made)


def test_folder_of_somebody_else_is_left_alone(agent: Agent, made: Path) -> None:
    agent.host.share(TO).mkdir(parents=True)
    (agent.host.share(TO) / "mine").write_text("x")
    error = refused(agent, command="copy_set")
    assert (error.code, str(error)) == (
        "exists",
        f"'{TO}' holds something else than a copy of the backup set '{SET}', and is not written over. Look what it is, and remove it or "
        "choose another place for copies.",
    )
    assert files(agent.host.share(TO)) == {"mine": b"x"}


def test_set_that_is_damaged_is_not_copied(agent: Agent, made: Path) -> None:
    (made / "files/database/db/two.bin").write_bytes(b"\x03" * 1_000_000)
    assert "is not the one that was written" in str(refused(agent, command="copy_set"))
    (made / "complete").unlink()
    assert "it was never completed, or was marked as unusable" in str(refused(agent, command="copy_set"))
    assert not (agent.host.share(TO) / "complete").exists()


def test_copy_on_a_full_share(agent: Agent, made: Path) -> None:
    agent.host.set(shares={SHARE: {"free_bytes": 3_999_999}})
    error = refused(agent, command="copy_set")
    assert (error.code, str(error)) == (
        "disk_full",
        rf"The copy of the backup set needs 4000000 bytes, but {SHARE} has only 3999999 bytes free. Free some space there, or choose "
        "another place for copies.",
    )
    agent.host.set(shares={SHARE: {}})
    agent.host.add_fault("copy", path=TO + "*", action="error", win32=112)
    assert refused(agent, command="copy_set").code == "disk_full"
    assert copy(agent)["complete"]


def test_copy_on_another_disk_is_protected(agent: Agent, made: Path) -> None:
    assert copy(agent, to=r"C:\Copies\one")["complete"]
    (seen,) = agent.query("backup_set", paths=[r"C:\Copies\one"])["items"]
    assert (seen["protected"], seen["complete"], seen["rehearsed"]) == (True, True, "sample")
    secure(agent, r"C:\Open", "O:S-1-5-21-1-2-3-1001D:AI(A;OICIID;FA;;;SY)")
    agent.path(r"C:\Open").mkdir()
    assert refused(agent, r"C:\Open\copy", "copy_set").code == "not_protected"
    assert "one lies in the other" in str(refused(agent, SET + r"\copy", "copy_set"))
    assert "must be an absolute path" in str(refused(agent, "copies", "copy_set"))


def test_probe_leaves_nothing(agent: Agent) -> None:
    agent.host.set(delegation=True)
    agent.ask("probe_copy", to=TO)
    agent.ask("probe_copy", to=r"C:\Copies\one")
    assert list(agent.host.share(SHARE).iterdir()) == []
    assert not agent.path(r"C:\Copies").exists()


def test_without_delegation_the_double_hop_is_named(agent: Agent, data: str) -> None:
    error = refused(agent)
    assert error.code == "copy_refused"
    assert error.details == {"path": TO, "number": 5}
    assert str(error) == (
        f"No copy of a backup set can be made in '{TO}': the server 'backup' refuses access to H1$ (Win32 error 5).{DOUBLE_HOP}"
    )


def test_on_the_host_itself_there_is_no_second_hop(agent: Agent) -> None:
    agent.host.add_fault("write", path=r"C:\Copies\*", action="error", win32=5)
    assert str(refused(agent, r"C:\Copies")) == (
        r"No copy of a backup set can be made in 'C:\Copies': this host refuses access to H1$ (Win32 error 5). Give that account the right "
        "to create, change and delete files there."
    )
    assert not agent.path(r"C:\Copies").exists()


def test_share_that_may_only_be_read(agent: Agent) -> None:
    agent.host.set(delegation=True, shares={SHARE: {"writable": False}})
    assert refused(agent).details["number"] == 5


@pytest.mark.parametrize(
    ("to", "number", "reason"),
    [
        (
            r"\\nowhere\sets",
            53,
            "the server 'nowhere' was not found in the network (Win32 error 53). Check its name, whether it is on, and whether this host "
            "reaches its port 445.",
        ),
        (r"\\backup\other", 67, "the server 'backup' has no share 'other' (Win32 error 67). Check its name."),
        (r"Z:\copies", 3, "there is no such drive or folder (Win32 error 3). Correct the path."),
    ],
)
def test_place_that_is_not_there(agent: Agent, to: str, number: int, reason: str) -> None:
    error = refused(agent, to)
    assert str(error) == f"No copy of a backup set can be made in '{to}': {reason}"
    assert error.details["number"] == number


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (1326, f"the server 'backup' refuses access to H1$ (Win32 error 1326).{DOUBLE_HOP}"),
        (
            64,
            "the server 'backup' ended the connection (Win32 error 64). It may have been restarted, or a firewall cuts it: check that, "
            "then try again.",
        ),
        (
            1219,
            "this host is connected to the server 'backup' under another account already (Win32 error 1219). End that connection with: "
            r"net use \\backup /delete - or use another name of the server, such as its address.",
        ),
    ],
)
def test_what_a_server_says(agent: Agent, number: int, reason: str) -> None:
    agent.host.set(delegation=True)
    agent.host.add_fault("write", path=TO + "*", action="error", win32=number)
    assert str(refused(agent)) == f"No copy of a backup set can be made in '{TO}': {reason}"


def test_only_administrators(agent: Agent) -> None:
    agent.host.set(administrator=False)
    assert refused(agent).code == "not_administrator"


def test_the_worker_is_nobody_on_the_share(agent: Agent) -> None:
    """It is the computer account: a plan cannot reach what the caller reaches."""
    agent.host.set(delegation=True)
    status = agent.execute([{"op": "write_file", "path": SHARE + r"\f", "text": "x", "encoding": "utf-8"}])
    assert (status["error"]["code"], status["error"]["details"]["number"]) == ("win32", 5)
