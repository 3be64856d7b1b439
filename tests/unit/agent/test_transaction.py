# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The life of a transaction: done, confirmed, undone; killed anywhere, found again, put right."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.host import worker_hash, worker_sources

from .conftest import AGENT_ROOT, Agent, AgentError

FOLDER = r"C:\Экземпляр один\Config"
FILE = FOLDER + r"\Web.config"
LINK = FOLDER + r"\bin"
FAILING = {"op": "remove_link", "title": "This fails", "path": r"C:\Windows"}


def switch() -> list[dict[str, Any]]:
    """A change of version in small."""
    return [
        {"op": "remove_file", "path": FOLDER + r"\old.config"},
        {"op": "write_file", "path": FILE, "text": "new", "encoding": "utf-8"},
        {"op": "remove_link", "path": LINK},
        {"op": "create_link", "path": LINK, "target": r"C:\versions\2\bin", "kind": "symlink_directory"},
        {"op": "registry_value", "key": r"SOFTWARE\Inst", "view": 64, "name": "version", "type": "string", "data": "2"},
        {"op": "environment_variable", "name": "JAVA_OPTS", "value": "-Xmx9g"},
    ]


def seen(agent: Agent) -> Any:
    """Everything that `switch` changes."""
    queries = [
        {"id": "files", "kind": "list", "paths": [FOLDER], "hash": True},
        {"id": "key", "kind": "registry", "key": r"SOFTWARE\Inst", "views": [64]},
        {"id": "environment", "kind": "environment", "machine": ["JAVA_OPTS"]},
    ]
    answers = agent.ask("query", queries=queries)["answers"]
    for item in answers["files"]["items"]:
        for entry in item["entries"]:
            if entry["kind"] != "file":  # a link that was made again is younger
                del entry["modified"]
    return answers


@pytest.fixture
def before(agent: Agent) -> Any:
    """An instance on version 1, as it is before anything happens."""
    agent.write(FILE, "old")
    agent.write(FOLDER + r"\old.config", "old too")
    for version in "1", "2":
        agent.write(rf"C:\versions\{version}\bin\x.dll", version)
    agent.link(LINK, r"C:\versions\1\bin")
    agent.host.registry.write(r"HKLM\SOFTWARE\Inst", {"version": "1"})
    return seen(agent)


def tasks(agent: Agent) -> list[str]:
    return agent.host.scheduler.names()


def test_confirm(agent: Agent, before: Any) -> None:
    status = agent.execute(switch())
    assert (status["state"], status["operations_done"], status["error"]) == ("applied", 6, None)
    assert tasks(agent) == [r"\agent\t1"]
    after = seen(agent)
    assert after != before
    assert agent.confirm()["state"] == "confirmed"
    assert seen(agent) == after
    agent.until(lambda: tasks(agent) == [])
    assert agent.confirm()["state"] == "confirmed"
    with pytest.raises(AgentError, match="cannot be rolled back: its state is confirmed"):
        agent.rollback()


def test_rollback(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    status = agent.rollback(reason="проверка не прошла")
    assert status["state"] == "rolled_back"
    assert status["error"]["message"] == "проверка не прошла"
    assert seen(agent) == before
    agent.until(lambda: tasks(agent) == [])
    assert agent.rollback()["state"] == "rolled_back"
    with pytest.raises(AgentError, match="cannot be confirmed: its state is rolled_back"):
        agent.confirm()


def test_failure_undoes_everything(agent: Agent, before: Any) -> None:
    status = agent.execute([*switch(), FAILING])
    assert (status["state"], status["operations_done"]) == ("rolled_back", 6)
    assert status["error"]["operation"] == 6
    assert status["error"]["code"] == "not_a_link"
    assert seen(agent) == before


@pytest.fixture
def confirming(agent: Agent, before: Any) -> Any:
    """A transaction whose confirm has begun, and whose worker was killed then; `seen` when it is applied."""
    agent.execute(switch(), on_confirm=[{"op": "remove_file", "path": r"C:\versions\1\bin\x.dll"}])
    after = seen(agent)
    agent.host.add_fault("after:operation:remove_file", action="kill")
    agent.ask("confirm", root=AGENT_ROOT, transaction="t1", wait_seconds=0)
    agent.until(lambda: not agent.path(r"C:\versions\1\bin\x.dll").exists())
    agent.until(lambda: not agent.host.scheduler.running(r"\agent\t1"))
    return after


def test_confirm_that_was_interrupted_goes_on(agent: Agent, confirming: Any) -> None:
    assert agent.status()["state"] == "applied"
    with pytest.raises(AgentError, match="cannot be rolled back: its confirm has begun") as raised:
        agent.rollback()
    assert raised.value.code == "wrong_state"
    assert agent.confirm()["state"] == "confirmed"
    assert seen(agent) == confirming


def test_rollback_that_came_after_the_begin_of_the_confirm(agent: Agent, confirming: Any) -> None:
    """It was written at the moment in which the worker took the confirm."""
    agent.write(AGENT_ROOT + r"\transactions\t1\rollback", "too late")
    assert agent.confirm()["state"] == "confirmed"
    assert seen(agent) == confirming


def test_abandoned_confirm_is_finished_by_the_next_transaction(agent: Agent, confirming: Any) -> None:
    status = agent.execute([], id="t2")
    assert [(one["id"], one["state"]) for one in status["recovered"]] == [("t1", "confirmed")]
    assert seen(agent) == confirming


def test_recover_finishes_an_abandoned_confirm(agent: Agent, confirming: Any) -> None:
    answer = agent.ask("recover", root=AGENT_ROOT, wait_seconds=30)
    assert [one["state"] for one in answer["recovered"]] == ["confirmed"]
    assert seen(agent) == confirming


def test_confirm_keeps_what_the_operations_saved(agent: Agent, confirming: Any) -> None:
    undo = agent.path(AGENT_ROOT + r"\transactions\t1\undo")
    assert (undo / "0.saved").read_text() == "old too"
    assert (undo / "confirm-0.saved").read_text() == "1"


POINTS = [
    "copy",
    "after:copy",
    "write",
    "after:write",
    "replace",
    "after:replace",
    "delete",
    "after:delete",
    "remove_link",
    "after:remove_link",
    "create_link",
    "after:create_link",
    "registry",
    "after:registry",
    "operation:create_link",
    "after:operation:create_link",
    "after:operation:environment_variable",
]


@pytest.mark.parametrize("point", POINTS)
def test_killed_anywhere(agent: Agent, before: Any, point: str) -> None:
    """Found dead by the next look, it is undone by a new worker; kills hit the instance, not the journal."""
    agent.host.add_fault(point, path=_path_of(point), action="kill")
    status = agent.execute(switch())
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert status["undo_errors"] == []
    assert seen(agent) == before


def _path_of(point: str) -> str:
    if "copy" in point:
        return r"*\undo\*"
    return "*" if "operation" in point or "registry" in point else FOLDER + r"\*"


@pytest.mark.parametrize("point", ["undo:create_link", "after:undo:write_file", "after:undo:remove_file"])
def test_killed_while_undoing(agent: Agent, before: Any, point: str) -> None:
    agent.host.add_fault(point, action="kill")
    status = agent.execute([*switch(), FAILING])
    assert status["state"] == "rolled_back"
    assert status["error"]["code"] == "not_a_link"
    assert seen(agent) == before


def test_errors_in_the_middle(agent: Agent, before: Any) -> None:
    agent.host.add_fault("create_link", path=LINK, action="error", win32=5)
    status = agent.execute(switch())
    assert (status["state"], status["error"]["code"], status["error"]["details"]["number"]) == (
        "rolled_back",
        "win32",
        5,
    )
    assert seen(agent) == before


def test_failed_undo_is_held_and_can_be_repeated(agent: Agent, before: Any) -> None:
    agent.host.add_fault("undo:remove_link", action="error", win32=5)
    status = agent.execute([*switch(), FAILING])
    assert status["state"] == "held"
    assert [error["operation"] for error in status["undo_errors"]] == [2]
    assert agent.path(FILE).read_text() == "old", "the other steps are undone all the same"
    agent.until(lambda: tasks(agent) == [])
    agent.host.add_fault("undo:remove_link", action="error", win32=5)
    with pytest.raises(
        AgentError, match=r"its state is held\. Its undo was tried again and failed: .+ Mend that"
    ) as raised:
        agent.execute(switch(), id="t2")
    assert raised.value.code == "unfinished"
    status = agent.rollback()
    assert (status["state"], status["undo_errors"]) == ("rolled_back", [])
    assert seen(agent) == before


def test_the_next_transaction_mends_a_held_one_first(agent: Agent, before: Any) -> None:
    agent.host.add_fault("undo:remove_link", action="error", win32=5)
    assert agent.execute([*switch(), FAILING])["state"] == "held"
    agent.until(lambda: tasks(agent) == [])
    status = agent.execute(switch(), id="t2")
    assert [one["state"] for one in status["recovered"]] == ["rolled_back"]
    assert status["state"] == "applied"


def test_nothing_starts_on_a_half_restored_host(agent: Agent, before: Any) -> None:
    agent.host.iis.configuration.add_pool("p")
    agent.host.iis.start_pool("p")
    agent.host.add_fault("undo:write_file", action="error", win32=5)
    status = agent.execute([{"op": "stop_pool", "pool": "p", "timeout_seconds": 9}, *switch(), FAILING])
    assert [error["code"] for error in status["undo_errors"]] == ["win32", "withheld"]
    assert agent.host.iis.pool_state("p") == "Stopped"
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.host.iis.pool_state("p") == "Started"


def test_deadline(agent: Agent, before: Any) -> None:
    assert agent.execute(switch(), deadline_seconds=2)["state"] == "applied"
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert agent.status()["error"]["code"] == "deadline"
    assert seen(agent) == before


def test_power_loss_in_the_middle(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="delay", seconds=60)
    status = agent.execute(switch(), wait=0)
    agent.until(lambda: (agent.status()["current"] or {}).get("index") == 3)
    agent.host.clear_faults()
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    status = agent.status()
    assert status["error"]["code"] == "interrupted"
    assert seen(agent) == before


def test_reboot_while_waiting_for_confirm(agent: Agent, before: Any) -> None:
    """Nothing starts by itself while a confirm is awaited, so a boot leaves nothing to be judged: back to the old."""
    assert agent.execute(switch())["state"] == "applied"
    agent.host.reboot()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert agent.status()["error"]["code"] == "restart"
    assert seen(agent) == before


def test_rollback_of_a_running_transaction(agent: Agent, before: Any) -> None:
    agent.host.add_fault("after:operation:write_file", action="delay", seconds=3)
    agent.execute(switch(), wait=0)
    agent.until(lambda: (agent.status()["current"] or {}).get("index") == 1)
    status = agent.rollback()
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "rollback_requested")
    assert status["operations_done"] == 2
    assert seen(agent) == before


def test_torn_last_line_of_the_journal(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + lines[-1][:20])
    assert agent.status()["state"] == "running"
    assert agent.rollback()["state"] == "rolled_back"
    assert seen(agent) == before
    assert all(json.loads(line) for line in journal.read_text("utf-8").splitlines())


def test_power_loss_leaves_zeros_for_the_last_line_of_the_journal(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:-1]) + b"\0" * 40 + b"\n")
    assert agent.status()["state"] == "running"
    assert agent.rollback()["state"] == "rolled_back"
    assert seen(agent) == before
    assert all(json.loads(line) for line in journal.read_text("utf-8").splitlines())


def test_damage_before_the_last_line_of_the_journal_is_not_overlooked(agent: Agent) -> None:
    agent.execute([], confirm="automatic")
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"\0\n" + b"".join(lines[2:]))
    with pytest.raises(AgentError):
        agent.status()


@pytest.mark.parametrize("head", [b"", b'{"n":1,"ti', b"\0" * 90 + b"\n"])
def test_creation_interrupted_before_its_first_event(agent: Agent, before: Any, head: bytes) -> None:
    """What never was a transaction is in nobody's way, and its id is free."""
    agent.execute([], id="t0", instance="two", confirm="automatic")
    journal = AGENT_ROOT + r"\transactions\t1\journal.jsonl"
    agent.write(AGENT_ROOT + r"\transactions\t1\plan.json", "{}")
    agent.write(journal, head)
    assert agent.ask("recover", root=AGENT_ROOT, wait_seconds=30)["unfinished"] == []
    with pytest.raises(AgentError, match="There is no transaction 't1'"):
        agent.status()
    assert agent.execute(switch())["state"] == "applied"
    assert all(json.loads(line) for line in agent.path(journal).read_text("utf-8").splitlines())


def test_journal_since(agent: Agent) -> None:
    status = agent.execute([], confirm="automatic")
    assert status["state"] == "confirmed"
    assert [event["n"] for event in status["journal"]] == list(range(1, status["next"] + 1))
    assert agent.status(since=status["next"])["journal"] == []
    assert [event["n"] for event in agent.status(since=2)["journal"]] == list(range(3, status["next"] + 1))


def test_status_never_shows_old_values(agent: Agent) -> None:
    agent.host.registry.write(r"HKLM\SOFTWARE\X", {"Password": "geheim"})
    value = {"op": "registry_value", "key": r"SOFTWARE\X", "name": "Password", "type": "string", "data": "new"}
    assert "geheim" not in json.dumps(agent.execute([value]))


def test_unfinished_transaction_of_the_instance(agent: Agent, before: Any) -> None:
    agent.execute(switch())
    with pytest.raises(AgentError, match=r"its state is applied\. Confirm it or roll it back first") as raised:
        agent.execute(switch(), id="t2", instance="ONE")
    assert raised.value.code == "unfinished"
    assert raised.value.details["transaction"]["id"] == "t1"
    assert agent.execute([], id="t3", instance="two", confirm="automatic")["state"] == "confirmed"


def test_abandoned_transaction_is_rolled_back_first(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), wait=0)
    agent.until(lambda: agent.status()["operations_done"] == 3 and not agent.host.scheduler.running(r"\agent\t1"))
    status = agent.execute(switch(), id="t2")
    assert status["state"] == "applied"
    assert [(one["id"], one["state"]) for one in status["recovered"]] == [("t1", "rolled_back")]
    agent.rollback("t2")
    assert seen(agent) == before


def test_recover(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:create_link", action="kill")
    agent.execute(switch(), wait=0)
    agent.until(lambda: agent.status()["operations_done"] == 3 and not agent.host.scheduler.running(r"\agent\t1"))
    agent.execute([], id="t2", instance="two")
    answer = agent.ask("recover", root=AGENT_ROOT, wait_seconds=30)
    assert [one["id"] for one in answer["recovered"]] == ["t1"]
    assert [one["id"] for one in answer["unfinished"]] == ["t2"]
    assert seen(agent) == before


def test_instances_of_a_host_go_one_after_another(agent: Agent, before: Any) -> None:
    agent.host.add_fault("operation:write_file", path=FILE, action="delay", seconds=2)
    agent.execute(switch(), wait=0)
    agent.until(lambda: agent.status()["state"] == "running")
    other = agent.execute([], wait=0, id="t2", instance="two", confirm="automatic")
    assert other["state"] == "pending"
    other = agent.status("t2", wait=20)
    assert other["state"] == "confirmed"
    first = agent.status("t1")
    assert first["state"] == "applied"
    assert other["started"] > first["journal"][-1]["time"]


def test_two_callers_at_once(agent: Agent, before: Any) -> None:
    outcomes: list[str] = []

    def run(number: int) -> None:
        try:
            outcomes.append(agent.execute(switch(), id=f"t{number}", wait=20)["state"])
        except AgentError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["applied", "unfinished", "unfinished"]


def test_the_same_plan_again_goes_on_with_what_has_no_task_yet(agent: Agent, before: Any) -> None:
    """The caller died after it had created the transaction."""
    agent.execute(switch())
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl")
    agent.rollback()
    agent.until(lambda: tasks(agent) == [])
    journal.write_bytes(journal.read_bytes().splitlines(keepends=True)[0])
    assert agent.status()["state"] == "pending"
    assert agent.execute(switch())["state"] == "applied"


def test_the_same_plan_again_is_the_same_transaction(agent: Agent, before: Any) -> None:
    first = agent.execute(switch())
    assert agent.execute(switch())["journal"] == first["journal"]
    with pytest.raises(AgentError, match="There is another transaction 't1' on this host") as raised:
        agent.execute([])
    assert raised.value.code == "exists"


def test_drift(agent: Agent, before: Any) -> None:
    query = {"kind": "list", "paths": [FOLDER], "hash": True}
    expect = [{"title": "files of the instance", "query": query, "ignore": ["modified"], "sha256": "0" * 64}]
    with pytest.raises(AgentError) as raised:
        agent.execute(switch(), expect=expect)
    assert (raised.value.code, raised.value.details) == ("drift", {"changed": ["files of the instance"]})
    assert seen(agent) == before


def test_no_administrator(agent: Agent) -> None:
    agent.host.set(administrator=False)
    with pytest.raises(AgentError, match="needs the rights of an administrator") as raised:
        agent.execute([])
    assert raised.value.code == "not_administrator"


@pytest.mark.parametrize("kind", ["folder of another", "link"])
def test_root_that_others_made(agent: Agent, kind: str) -> None:
    if kind == "link":
        agent.path(r"C:\trap").mkdir()
        agent.link(AGENT_ROOT, r"C:\trap", "junction")
    else:
        agent.path(AGENT_ROOT).mkdir()
    with pytest.raises(AgentError) as raised:
        agent.execute([])
    assert raised.value.code == "not_protected"


@pytest.mark.parametrize("id_", ["", "..", "a/b", "a\\b", "x" * 81, "a\n", "я"])
def test_wrong_ids(agent: Agent, id_: str) -> None:
    with pytest.raises(AgentError) as raised:
        agent.execute([], id=id_)
    assert raised.value.code == "bad_request"


def test_unknown_transaction(agent: Agent) -> None:
    with pytest.raises(AgentError, match="There is no transaction 'none'"):
        agent.status("none")


def test_worker_program(agent: Agent) -> None:
    plan = {"id": "t1", "instance": "one", "operations": [], "confirm": "automatic"}

    def execute(worker: dict[str, Any]) -> dict[str, Any]:
        return agent.ask("execute", root=AGENT_ROOT, plan=plan, worker=worker, wait_seconds=20)

    with pytest.raises(AgentError, match="is not on this host: send its sources along") as raised:
        execute({"hash": worker_hash()})
    assert raised.value.code == "worker_missing"
    sources = worker_sources()
    with pytest.raises(AgentError, match="do not have the hash"):
        execute({"hash": worker_hash(), "sources": sources | {"_Evil.cs": ""}})
    with pytest.raises(AgentError, match="must be a SHA-256"):
        execute({"hash": "..", "sources": sources})
    assert execute({"hash": worker_hash(), "sources": sources})["transaction"]["state"] == "confirmed"
    assert agent.query("agent", root=AGENT_ROOT)["workers"] == [worker_hash()]
    plan["id"] = "t2"
    assert execute({"hash": worker_hash()})["transaction"]["state"] == "confirmed"


def test_compiler_refused(agent: Agent) -> None:
    agent.path(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe").unlink()
    with pytest.raises(AgentError, match=r"csc\.exe' is not on this host"):
        agent.execute([])
    assert tasks(agent) == []


def test_worker_program_that_is_not_on_the_disk_is_not_believed(agent: Agent) -> None:
    agent.host.add_fault("flush", path=r"*\bin\*\draft.exe", action="error", win32=1117)
    with pytest.raises(AgentError) as raised:
        agent.execute([])
    assert raised.value.details["number"] == 1117
    assert agent.query("agent", root=AGENT_ROOT)["workers"] == []
    assert agent.execute([], confirm="automatic")["state"] == "confirmed"


def test_task_that_a_power_loss_could_take_away(agent: Agent, before: Any) -> None:
    """Nothing begins before Windows has written the task to the disk."""
    agent.host.add_fault("flush_key", path=r"HKLM\SOFTWARE", action="error", win32=1016)
    with pytest.raises(AgentError) as raised:
        agent.execute(switch())
    assert raised.value.details["number"] == 1016
    assert (agent.status()["state"], tasks(agent)) == ("rolled_back", [])
    assert seen(agent) == before


def test_compiler_on_a_host_with_a_stale_library_path(agent: Agent) -> None:
    """What an uninstalled development kit leaves behind: a warning of csc.exe must not stop anything."""
    agent.variables["LIB"] = r"C:\Program Files\Gone SDK\Lib;;C:\Windows"
    assert agent.execute([], confirm="automatic")["state"] == "confirmed"


def test_task_refused(agent: Agent) -> None:
    agent.path(r"C:\Windows\System32\schtasks.exe").write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(AgentError, match=r"could not be registered: schtasks\.exe ended with exit code 1"):
        agent.execute([])
    assert agent.status()["state"] == "rolled_back"


def on_schtasks(agent: Agent, verb: str, script: str) -> None:
    """Puts a program in front of schtasks.exe that plays a script for one of its verbs."""
    program = agent.path(r"C:\Windows\System32\schtasks.exe")
    (program.parent / "real").mkdir()
    real = program.rename(program.parent / "real" / program.name)
    program.write_text(f'#!/bin/sh\nreal="{real}"\ncase "$1" in /{verb}) {script};; esac\nexec "$real" "$@"\n')
    program.chmod(0o755)


def test_no_task_is_left_of_a_worker_that_cannot_be_started(agent: Agent) -> None:
    on_schtasks(agent, "Run", "exit 1")
    with pytest.raises(AgentError, match="could not be started"):
        agent.execute([])
    assert agent.status()["state"] == "rolled_back"
    assert tasks(agent) == []


def test_task_program_that_windows_does_not_start(agent: Agent) -> None:
    """Process.Start throws what is no Failure, and the transaction is over all the same."""
    agent.path(r"C:\Windows\System32\schtasks.exe").chmod(0o644)
    with pytest.raises(AgentError) as raised:
        agent.execute([])
    assert raised.value.code == "win32"
    assert agent.status()["state"] == "rolled_back"
    assert agent.status()["error"]["code"] == "win32"


def test_worker_that_runs_although_its_start_failed(agent: Agent, before: Any) -> None:
    """The caller does not write into the journal of a living worker."""
    agent.host.add_fault("operation:write_file", action="delay", seconds=2)
    on_schtasks(agent, "Run", 'env -u STANDIN_EXIT_CODE_FILE "$real" "$@"; sleep 1; exit 1')
    assert agent.execute(switch())["state"] == "applied"
    journal = agent.path(AGENT_ROOT + r"\transactions\t1\journal.jsonl").read_text("utf-8")
    numbers = [json.loads(line)["n"] for line in journal.splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))
