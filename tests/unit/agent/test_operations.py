# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every operation: it acts, does nothing when asked again, and can be undone; failures name what is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from standin.ports import free_ports
from standin.windows.iis import Application, VirtualDirectory
from standin.windows.services import Service

from .conftest import Agent, AgentError
from .sets import secure

FILE = r"C:\Папка\Web.config"


def write(text: str = "new\r\n", path: str = FILE, **fields: Any) -> dict[str, Any]:
    return {"op": "write_file", "title": "Write", "path": path, "text": text, "encoding": "utf-8"} | fields


def inverses(agent: Agent, transaction: str = "t1") -> list[Any]:
    """As the journal on the disk holds them: a status never shows one."""
    journal = agent.path(rf"C:\Program Files\agent\transactions\{transaction}\journal.jsonl").read_text("utf-8")
    events = [json.loads(line) for line in journal.splitlines()]
    return [event["inverse"] for event in events if event["event"] == "inverse"]


def listing(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_write_new_file_and_undo(agent: Agent) -> None:
    agent.write(r"C:\Папка\other", "")
    status = agent.execute([write()])
    assert status["state"] == "applied", status["error"]
    assert agent.path(FILE).read_bytes() == b"new\r\n"
    assert agent.rollback()["state"] == "rolled_back"
    assert listing(agent.path(r"C:\Папка")) == ["other"]


def test_write_keeps_security_and_undo_brings_everything_back(agent: Agent) -> None:
    agent.write(FILE, "old")
    secure(agent, FILE, "O:SYD:P(A;;FA;;;SY)")
    security = json.loads((agent.host.folder / "security.json").read_text("utf-8"))
    agent.path(FILE).chmod(0o444)
    assert agent.execute([write()])["state"] == "applied"
    assert agent.path(FILE).read_bytes() == b"new\r\n"
    assert agent.query("list", paths=[FILE.rpartition("\\")[0]])["items"][0]["entries"][0]["attributes"] == ["readonly"]
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.path(FILE).read_bytes() == b"old"
    assert listing(agent.path(r"C:\Папка")) == ["Web.config"]
    assert json.loads((agent.host.folder / "security.json").read_text("utf-8")).items() >= security.items()


def test_what_is_as_wanted_is_left_alone(agent: Agent) -> None:
    agent.write(FILE, "new\r\n")
    agent.write(r"C:\v\1\x", "")
    agent.link(r"C:\app\bin", r"C:\v\1")
    before = agent.path(FILE).stat().st_mtime_ns
    operations = [
        write(),
        {"op": "remove_file", "path": r"C:\none"},
        {"op": "create_link", "path": r"C:\app\bin", "target": r"c:\V\1", "kind": "symlink_directory"},
        {"op": "remove_link", "path": r"C:\app\none"},
        {"op": "environment_variable", "name": "JAVA_HOME", "value": r"C:\Program Files\jdk\jdk-17"},
        {"op": "wait_released", "paths": [r"C:\app"], "timeout_seconds": 1},
    ]
    status = agent.execute(operations, confirm="automatic")
    assert status["state"] == "confirmed", status["error"]
    assert inverses(agent) == [None] * len(operations)
    assert agent.path(FILE).stat().st_mtime_ns == before


def test_write_encodings_and_copy(agent: Agent) -> None:
    agent.write(r"C:\from.bin", b"\x00\xff")
    operations = [
        write("имя", r"C:\utf16.txt", encoding="utf-16-le"),
        write("имя", r"C:\bom.txt", encoding="utf-8-bom"),
        {"op": "write_file", "path": r"C:\to.bin", "copy_from": r"C:\from.bin"},
    ]
    assert agent.execute(operations)["state"] == "applied"
    assert agent.path(r"C:\utf16.txt").read_bytes() == "\ufeffимя".encode("utf-16-le")
    assert agent.path(r"C:\bom.txt").read_bytes() == "\ufeffимя".encode()
    assert agent.path(r"C:\to.bin").read_bytes() == b"\x00\xff"


def test_edit_changes_one_value_only(agent: Agent) -> None:
    agent.write(FILE, "﻿version: 1.0\r\nпароль: x\r\n")
    edit = {"pattern": r"(?m)^version: (?<value>[^\r\n]*)", "value": "2.0"}
    assert agent.execute([{"op": "write_file", "path": FILE, "edits": [edit]}])["state"] == "applied"
    assert agent.path(FILE).read_bytes().decode() == "﻿version: 2.0\r\nпароль: x\r\n"
    agent.rollback()
    status = agent.execute(
        [{"op": "write_file", "path": FILE, "edits": [edit | {"pattern": "(?<value>none)"}]}], id="t2"
    )
    assert status["state"] == "rolled_back"
    assert status["error"]["message"].endswith(r"was found 0 times in 'C:\Папка\Web.config', and once is wanted.")


def test_secrets_come_back_on_the_host(agent: Agent) -> None:
    agent.write(FILE, "pw: тайна\nname: a\n")
    secrets = {"salt": "s", "public": ["name"]}
    (item,) = agent.query("read", paths=[FILE], secrets=secrets)["items"]
    remove = {"op": "remove_file", "path": FILE}
    merged = write(item["text"].replace("name: a", "name: b"), secrets_from=FILE)
    status = agent.execute([remove, merged], secrets=secrets)
    assert status["state"] == "applied", status["error"]
    assert agent.path(FILE).read_text("utf-8") == "pw: тайна\nname: b\n"
    transaction = agent.path(r"C:\Program Files\agent\transactions\t1")
    assert "тайна" not in (transaction / "plan.json").read_text("utf-8")
    assert "тайна" not in (transaction / "journal.jsonl").read_text("utf-8")


def test_unknown_secret_is_refused(agent: Agent) -> None:
    agent.write(FILE, "name: a\n")
    status = agent.execute([write("pw: ⟦secret:0123456789abcdef⟧", secrets_from=FILE)])
    assert status["state"] == "rolled_back"
    assert "has no value for it" in status["error"]["message"]
    assert agent.path(FILE).read_text() == "name: a\n"


def test_remove_file_and_undo(agent: Agent) -> None:
    agent.write(FILE, "old")
    modified = agent.path(FILE).stat().st_mtime
    assert agent.execute([{"op": "remove_file", "path": FILE}])["state"] == "applied"
    assert not agent.path(FILE).exists()
    agent.rollback()
    assert agent.path(FILE).read_text() == "old"
    assert agent.path(FILE).stat().st_mtime == pytest.approx(modified, abs=0.01)


@pytest.mark.parametrize("kind", ["symlink_directory", "junction", "symlink_file"])
def test_relink_and_undo(agent: Agent, kind: str) -> None:
    for version in "1", "2":
        agent.write(rf"C:\v\{version}\bin\x.dll", version)
    part = r"bin\x.dll" if kind == "symlink_file" else "bin"
    agent.link(r"C:\app\link", rf"C:\v\1\{part}", kind)
    before = agent.link_path(r"C:\app\link").readlink()
    operations = [
        {"op": "remove_link", "path": r"C:\app\link"},
        {"op": "create_link", "path": r"C:\app\link", "target": rf"C:\v\2\{part}", "kind": kind},
    ]
    assert agent.execute(operations)["state"] == "applied"
    (entry,) = agent.query("list", paths=[r"C:\app"])["items"][0]["entries"]
    assert (entry["kind"], entry["target"]) == (kind, rf"C:\v\2\{part}")
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.link_path(r"C:\app\link").readlink() == before
    assert agent.path(r"C:\v\1\bin\x.dll").read_text() == "1"


def test_links_are_never_passed(agent: Agent) -> None:
    agent.write(r"C:\v\1\a.txt", "version")
    agent.link(r"C:\app\bin", r"C:\v\1")
    for number, operation in enumerate(
        [
            write(path=r"C:\app\bin\a.txt"),
            {"op": "remove_file", "path": r"C:\app\bin\a.txt"},
            {"op": "create_link", "path": r"C:\app\bin\l", "target": r"C:\v", "kind": "junction"},
        ]
    ):
        error = agent.execute([operation], id=f"t{number}")["error"]
        assert (error["code"], error["details"]["link"]) == ("link_in_path", r"C:\app\bin")
    assert listing(agent.path(r"C:\v\1")) == ["a.txt"]
    assert agent.path(r"C:\v\1\a.txt").read_text() == "version"


def test_remove_link_of_a_folder_is_refused(agent: Agent) -> None:
    agent.write(r"C:\app\bin\x", "")
    error = agent.execute([{"op": "remove_link", "path": r"C:\app\bin"}])["error"]
    assert error["code"] == "not_a_link"
    assert error["message"] == r"'C:\app\bin' is a directory, not a link that can be made again: it is not removed."


def test_link_without_the_privilege(agent: Agent) -> None:
    agent.write(r"C:\app\x", "")
    agent.host.set(symbolic_links=False)
    link = {"op": "create_link", "path": r"C:\app\l", "target": r"C:\v", "kind": "symlink_directory"}
    error = agent.execute([link])["error"]
    assert (error["code"], error["details"]["number"]) == ("win32", 1314)


def test_registry_value_and_undo(agent: Agent) -> None:
    agent.host.registry.write(r"HKLM\SOFTWARE\Old", {"version": "4.2"})

    def value(key: str, name: str, type_: str, data: object) -> dict[str, Any]:
        return {
            "op": "registry_value",
            "hive": "HKLM",
            "key": key,
            "view": 64,
            "name": name,
            "type": type_,
            "data": data,
        }

    operations = [
        value(r"SOFTWARE\Old", "version", "string", "4.7"),
        value(r"SOFTWARE\Новый\Ключ", "port", "dword", 4000000000),
        value(r"SOFTWARE\Новый\Ключ", "list", "multi_string", ["а", "b"]),
        value(r"SOFTWARE\Новый\Ключ", "bytes", "binary", "AAH/"),
    ]
    status = agent.execute(operations)
    assert status["state"] == "applied", status["error"]
    assert agent.host.registry.value(r"HKLM\SOFTWARE\Old", "version") == "4.7"
    values = agent.query("registry", key=r"SOFTWARE\Новый\Ключ", views=[64])["views"]["64"]["values"]
    assert values["port"]["data"] == 4000000000
    assert values["list"]["data"] == ["а", "b"]
    assert values["bytes"]["data"] == "AAH/"
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.host.registry.value(r"HKLM\SOFTWARE\Old", "version") == "4.2"
    assert agent.query("registry", key=r"SOFTWARE\Новый", views=[64])["views"]["64"]["exists"] is False


def test_environment_variable_and_undo(agent: Agent) -> None:
    operations: list[dict[str, Any]] = [
        {"op": "environment_variable", "name": "JAVA_HOME", "value": r"%ProgramFiles%\jdk"},
        {"op": "environment_variable", "name": "NEW", "value": "1"},
        {"op": "environment_variable", "name": "JAVA_OPTS", "value": None},
    ]
    names = ["JAVA_HOME", "NEW", "JAVA_OPTS"]
    before = agent.query("environment", machine=names)["machine"]
    assert agent.execute(operations)["state"] == "applied"
    assert agent.query("environment", machine=names)["machine"] == {
        "JAVA_HOME": r"%ProgramFiles%\jdk",
        "NEW": "1",
        "JAVA_OPTS": None,
    }
    agent.rollback()
    assert agent.query("environment", machine=names)["machine"] == before


@pytest.fixture
def site(agent: Agent) -> str:
    """A started site and pool of the same name."""
    name = "Сайт один"
    iis = agent.host.iis.configuration
    iis.add_pool(name, start_mode="AlwaysRunning")
    agent.path(r"C:\site").mkdir()
    iis.add_site(name, [f"http/*:{free_ports(1)[0]}:"], [Application("/", name, [VirtualDirectory("/", r"C:\site")])])
    agent.host.iis.start_pool(name)
    agent.host.iis.start_site(name)
    return name


def states(agent: Agent, name: str) -> tuple[str, str, int]:
    iis = agent.query("iis")
    by_name = (
        {item["name"]: item["state"] for item in iis["sites"]},
        {item["name"]: item["state"] for item in iis["pools"]},
    )
    return by_name[0][name], by_name[1][name], sum(worker["pool"] == name for worker in iis["workers"])


def iis_operations(name: str) -> list[dict[str, Any]]:
    return [
        {"op": "site_auto_start", "site": name, "value": False},
        {"op": "pool_start_mode", "pool": name, "auto_start": False, "start_mode": "OnDemand"},
        {"op": "stop_site", "site": name, "timeout_seconds": 10},
        {"op": "stop_pool", "pool": name, "timeout_seconds": 10},
    ]


def test_start_behaviour_is_on_the_disk(agent: Agent, site: str) -> None:
    """As far as Windows lets us: what holds the configuration of IIS is asked to, and cannot fail the operation."""
    configuration = r"C:\Windows\System32\inetsrv\config\applicationHost.config"
    agent.write(configuration, "<configuration/>")
    agent.host.add_fault("flush", path=configuration, action="error", win32=5)
    status = agent.execute([{"op": "site_auto_start", "site": site, "value": False}])
    assert status["state"] == "applied", status["error"]
    assert [fault["times"] for fault in json.loads((agent.host.folder / "faults.json").read_text())] == [0]


def test_iis_stop_and_undo(agent: Agent, site: str) -> None:
    agent.until(lambda: states(agent, site) == ("Started", "Started", 1))
    status = agent.execute(iis_operations(site))
    assert status["state"] == "applied", status["error"]
    assert states(agent, site) == ("Stopped", "Stopped", 0)
    configuration = agent.host.iis.configuration
    pool, found = configuration.pool(site), configuration.site(site)
    assert pool and found
    assert (found.server_auto_start, pool.auto_start, pool.start_mode) == (False, False, "OnDemand")
    assert status["stopped_at"]
    assert agent.rollback()["state"] == "rolled_back"
    assert states(agent, site)[:2] == ("Started", "Started")
    assert (found.server_auto_start, pool.auto_start, pool.start_mode) == (True, True, "AlwaysRunning")


@pytest.mark.parametrize("done", [1, 2, 3])
def test_restart_of_the_host_before_everything_was_stopped(agent: Agent, site: str, done: int) -> None:
    """IIS no longer starts what it is told to leave alone, and nobody has stopped it yet: the undo starts it."""
    agent.until(lambda: states(agent, site) == ("Started", "Started", 1))
    agent.host.add_fault("after:operation:" + iis_operations(site)[done - 1]["op"], action="pause")
    agent.execute(iis_operations(site), wait=0)
    agent.lose_power_at_pause()
    agent.until(lambda: agent.status()["state"] == "rolled_back")
    assert states(agent, site)[:2] == ("Started", "Started")


def test_iis_start(agent: Agent, site: str) -> None:
    status = agent.execute(
        [
            *iis_operations(site),
            {"op": "start_pool", "pool": site, "timeout_seconds": 10},
            {"op": "start_site", "site": site, "timeout_seconds": 10},
        ],
        confirm="automatic",
        on_confirm=[{"op": "site_auto_start", "site": site, "value": True}, {"op": "stop_service", "service": "none"}],
    )
    assert status["state"] == "confirmed"
    assert status["started_at"] > status["stopped_at"]
    assert states(agent, site)[:2] == ("Started", "Started")
    assert [error["message"] for error in status["owed"]] == ["There is no service 'none' on this host."]
    assert agent.host.iis.configuration.site(site).server_auto_start is True  # type: ignore[union-attr]


def test_pool_that_never_stops(agent: Agent, site: str) -> None:
    agent.host.behaviour.pool(site).never_stops = True
    agent.host.iis.configuration.pool(site).shutdown_time_limit_seconds = 1  # type: ignore[union-attr]
    operations = [
        {"op": "stop_site", "site": site, "timeout_seconds": 10},
        {"op": "stop_pool", "pool": site, "timeout_seconds": 1},
    ]
    status = agent.execute(operations)
    error = status["error"]
    assert error["code"] == "pool_not_stopped"
    assert error["details"]["pool"] == site
    assert [worker["pool"] for worker in error["details"]["workers"]] == [site]
    assert f"The application pool '{site}' did not stop within 1 seconds: its state is Stopping" in error["message"]
    assert (status["state"], status["undo_errors"][0]["code"]) == ("held", "not_started")
    assert states(agent, site)[0] == "Started", "what can be started again is"


def test_unknown_site(agent: Agent) -> None:
    status = agent.execute([{"op": "stop_site", "site": "нет такого", "timeout_seconds": 1}])
    assert status["error"]["message"] == "IIS has no site 'нет такого'. Look at the names in IIS Manager."


def test_services_and_undo(agent: Agent) -> None:
    agent.host.services.add(Service("svc", "svc", r"C:\s.exe"))
    agent.host.services.start("svc")
    stop = {"op": "stop_service", "service": "svc", "timeout_seconds": 10}
    assert agent.execute([stop])["state"] == "applied"
    assert agent.query("services", names=["svc"])["services"][0]["state"] == "stopped"
    assert agent.rollback()["state"] == "rolled_back"
    assert agent.query("services", names=["svc"])["services"][0]["state"] == "running"


def test_held_files(agent: Agent) -> None:
    agent.write(r"C:\app\a.dll", "old")
    process = agent.host.processes.add("w3wp.exe", [r"C:\app"])
    wait = {"op": "wait_released", "paths": [r"C:\app"], "timeout_seconds": 1}
    error = agent.execute([wait])["error"]
    assert error["code"] == "file_held"
    assert error["details"]["processes"][0] == {"pid": process.pid, "name": "w3wp.exe"}
    error = agent.execute([write(path=r"C:\app\a.dll")], id="t2")["error"]
    assert error["message"] == (
        rf"'C:\app\a.dll' is held by w3wp.exe (process {process.pid}). Close that program, or wait until it has ended, "
        "and try again."
    )
    assert agent.path(r"C:\app\a.dll").read_text() == "old"
    agent.host.processes.end(process.pid)
    assert agent.execute([wait, write(path=r"C:\app\a.dll")], id="t3")["state"] == "applied"


@pytest.mark.parametrize(("point", "path"), [("replace", FILE), ("delete", FILE + ".~agent-old"), ("delete", r"*\old")])
def test_a_scanner_that_holds_a_file_for_a_moment(agent: Agent, point: str, path: str) -> None:
    agent.write(FILE, "old")
    agent.write(r"C:\Папка\old", "old")
    agent.host.add_fault(point, path=path, action="error", win32=32, times=2)
    agent.host.add_fault(point, path=path, action="error", win32=5)
    status = agent.execute([write(), {"op": "remove_file", "path": r"C:\Папка\old"}])
    assert status["state"] == "applied", status["error"]
    assert listing(agent.path(r"C:\Папка")) == ["Web.config"]


def test_a_scanner_that_holds_the_new_worker_for_a_moment(agent: Agent) -> None:
    agent.host.add_fault("move", path=r"*\agent.exe", action="error", win32=32, times=2)
    assert agent.execute([])["state"] == "applied"


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ({"op": "explode"}, "Unknown operation 'explode'."),
        ({"op": "write_file", "path": "relative", "text": "", "encoding": "utf-8"}, "must be an absolute path"),
        ({"op": "write_file", "path": r"C:\a"}, "needs exactly one of text, copy_from and edits"),
        (write(encoding="koi9"), "Unknown encoding 'koi9'"),
        ({"op": "create_link", "path": r"C:\a", "target": r"C:\b", "kind": "hard"}, "Unknown kind of link 'hard'"),
        ({"op": "registry_value", "key": "K", "name": "n", "type": "word", "data": 1}, "Unknown registry type 'word'"),
        ({"op": "stop_site"}, "The field 'site' is missing or empty."),
        ({"op": "pool_start_mode", "pool": "p", "start_mode": "Never"}, "Unknown start mode 'Never'"),
        ({"op": "backup_set", "directory": r"C:\b", "name": r"..\x", "items": []}, "cannot be the name of a folder"),
    ],
)
def test_wrong_operations_are_refused_before_anything_is_touched(
    new_agent: Agent, operation: dict[str, Any], message: str
) -> None:
    with pytest.raises(AgentError) as raised:
        new_agent.execute([write(), operation])
    assert raised.value.code == "bad_request"
    assert message in str(raised.value)
    assert not new_agent.path(r"C:\Program Files\agent").exists()
