# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every kind of query, and the paths that one takes from another."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standin.windows.iis import Application, VirtualDirectory
from standin.windows.services import Service

from .conftest import AGENT_ROOT, Agent, AgentError

FOLDER = r"C:\Папка с пробелом"


def items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer["items"]
    return found


@pytest.mark.parametrize("request_", [b"not base64!", base64.b64encode(b"\xff\xfe"), base64.b64encode(b"[1]"), b""])
def test_wrong_request_is_an_answer(agent: Agent, request_: bytes) -> None:
    answer = agent.run(request_)
    assert answer["ok"] is False
    assert answer["error"]["code"] == "bad_request"


def test_unknown_command(agent: Agent) -> None:
    with pytest.raises(AgentError, match=r"^Unknown command 'dance'\.$"):
        agent.ask("dance")


def test_a_failing_query_does_not_disturb_the_others(agent: Agent) -> None:
    queries = [{"id": "a", "kind": "wrong"}, {"id": "b", "kind": "identity"}]
    answers = agent.ask("query", queries=queries)["answers"]
    assert answers["a"]["error"]["message"] == "Unknown kind of query: 'wrong'."
    assert answers["b"]["administrator"] is True


def test_identity(agent: Agent) -> None:
    agent.host.set(administrator=False)
    identity = agent.query("identity")
    assert identity["administrator"] is False
    assert identity["machine"] == "H1"
    assert identity["time"].endswith("Z")


def test_list(agent: Agent) -> None:
    agent.write(FOLDER + r"\a.txt", "abc")
    agent.write(FOLDER + r"\sub\b.txt", "b")
    agent.write(r"C:\elsewhere\secret.txt", "s")
    agent.link(FOLDER + r"\link", r"C:\elsewhere")
    agent.link(FOLDER + r"\broken", r"C:\nowhere", "junction")
    agent.link(FOLDER + r"\file", r"C:\elsewhere\secret.txt", "symlink_file")
    (item,) = items(agent.query("list", paths=[FOLDER.upper()], recurse=True, hash=True))
    entries = {entry["path"]: entry for entry in item["entries"]}
    assert list(entries) == ["a.txt", "broken", "file", "link", "sub", r"sub\b.txt"]
    assert entries["a.txt"]["sha256"] == hashlib.sha256(b"abc").hexdigest()
    assert entries["link"]["kind"] == "symlink_directory"
    assert entries["link"]["target"] == r"C:\elsewhere"
    assert (entries["broken"]["kind"], entries["broken"]["target_exists"]) == ("junction", False)
    assert entries["file"]["kind"] == "symlink_file"


def test_what_goes_while_it_is_read_is_left_out(agent: Agent) -> None:
    for name in (r"gone\x", "live.log", r"there\y"):
        agent.write(FOLDER + "\\" + name, "12")
    agent.host.add_fault("list", path=r"*\gone", action="error", win32=3, times=2)
    agent.host.add_fault("read", path=r"*\live.log", action="error", win32=2)
    (item,) = items(agent.query("list", paths=[FOLDER], recurse=True, hash=True))
    assert [entry["path"] for entry in item["entries"]] == ["gone", "there", r"there\y"]
    (size,) = items(agent.query("tree_size", paths=[FOLDER]))
    assert (size["bytes"], size["directories"]) == (4, 2)
    agent.host.add_fault("list", path=FOLDER, action="error", win32=3)
    with pytest.raises(AgentError, match="Win32 error 3"):
        agent.query("tree_size", paths=[FOLDER])


def test_a_link_out_of_reach_is_a_broken_link(agent: Agent) -> None:
    """The stand-in reaches no server, and shows a link out of its drives as one to a server."""
    agent.write(FOLDER + r"\a.txt", "abc")
    agent.link_path(FOLDER + r"\dead").symlink_to("/outside/")
    folder, link = items(agent.query("list", paths=[FOLDER, FOLDER + r"\dead"]))
    entries = {entry["path"]: entry.get("target_exists") for entry in folder["entries"]}
    assert entries == {"a.txt": None, "dead": False}
    assert (link["target_exists"], link["entries"]) == (False, [])


def test_an_odd_path_that_the_host_names_does_not_hide_the_others(agent: Agent) -> None:
    agent.write(r"C:\yml\one.yml", f"home: {FOLDER}\nhome: \\\\dead\\share\nhome: X:\\none\n")
    agent.write(FOLDER + r"\a.txt", "abc")
    source = {"from": "yml", "select": "items[].text", "pattern": r"(?m)^home: (?<value>.+)$"}
    queries = [
        {"id": "yml", "kind": "read", "paths": [r"C:\yml\*.yml"]},
        {"id": "sizes", "kind": "tree_size", "paths": [source]},
        {"id": "space", "kind": "free_space", "paths": [source]},
        {"id": "glob", "kind": "list", "paths": [source | {"append": "*.txt"}]},
        {"id": "stated", "kind": "tree_size", "paths": [r"\\dead\share"]},
    ]
    answers = agent.ask("query", queries=queries)["answers"]
    known, dead, none = items(answers["sizes"])
    assert (known["bytes"], none["exists"]) == (3, False)
    assert (dead["path"], dead["exists"], dead["error"]["details"]["number"]) == (r"\\dead\share", False, 53)
    assert [item.get("exists", True) for item in items(answers["space"])] == [True, False, False]
    assert [item["path"] for item in items(answers["glob"])] == [FOLDER + r"\a.txt"]
    assert answers["stated"]["error"]["details"]["number"] == 53


def test_list_names_and_missing(agent: Agent) -> None:
    agent.write(FOLDER + r"\Web.config", "")
    agent.write(FOLDER + r"\x.yml", "")
    present, missing = items(agent.query("list", paths=[FOLDER, r"C:\none"], names=["*.CONFIG"]))
    assert [entry["name"] for entry in present["entries"]] == ["Web.config"]
    assert missing == {"path": r"C:\none", "exists": False}


def test_globs_enter_only_links_that_are_named(agent: Agent) -> None:
    agent.write(r"C:\versions\1\x.dll", "")
    agent.link(r"C:\app\bin", r"C:\versions\1")
    assert items(agent.query("list", paths=[r"C:\app\*\x.dll"])) == []
    assert [item["path"] for item in items(agent.query("list", paths=[r"C:\app\bin\*.dll"]))] == [r"C:\app\bin\x.dll"]
    (glob,) = items(agent.query("list", paths=[r"C:\app\b*"]))
    (literal,) = items(agent.query("list", paths=[r"C:\app\bin"]))
    assert glob["entries"] == []
    assert [entry["name"] for entry in literal["entries"]] == ["x.dll"]


def test_paths_from_an_earlier_answer(agent: Agent) -> None:
    agent.write(r"C:\yml\one.yml", 'home: "%ProgramData%\\One"\nother: nonsense\n')
    agent.write(r"C:\ProgramData\One\Config\a.config", "")
    queries = [
        {"id": "yml", "kind": "read", "paths": [r"C:\yml\*.yml"]},
        {
            "id": "configs",
            "kind": "list",
            "paths": [
                {
                    "from": "yml",
                    "select": "items[].text",
                    "pattern": r"(?m)^\w+: (?<value>.+)$",
                    "append": "Config",
                }
            ],
        },
    ]
    (item,) = items(agent.ask("query", queries=queries)["answers"]["configs"])
    assert item["path"] == r"C:\ProgramData\One\Config"
    assert [entry["name"] for entry in item["entries"]] == ["a.config"]


def test_worker_processes_tell_their_start(agent: Agent) -> None:
    agent.host.iis.configuration.add_pool("p")
    agent.host.iis.start_pool("p")
    worker = agent.host.iis.pools.worker("p")
    process = agent.host.processes.get(worker.pid) if worker else None
    assert process
    found = agent.query("iis")["workers"]
    offset = int((datetime.now().astimezone().utcoffset() or timedelta()).total_seconds() // 60)
    worker_facts = {"pid": process.pid, "pool": "p", "started": process.started, "utc_offset_minutes": offset}
    assert worker_facts in found


def test_tree_size_free_space_version(agent: Agent) -> None:
    agent.write(r"D:\t\a", "12345")
    agent.write(r"D:\t\b\c", "1")
    agent.link(r"D:\t\l", r"D:\t\b")
    (size,) = items(agent.query("tree_size", paths=[r"D:\t"]))
    assert (size["bytes"], size["files"], size["directories"], size["links"]) == (6, 2, 1, 1)
    (space,) = items(agent.query("free_space", paths=[r"D:\none\at all"]))
    assert (space["existing"], space["volume"], space["free_bytes"]) == ("D:\\", "D:\\", 10**9)
    with pytest.raises(AgentError, match="There is no volume"):
        agent.query("free_space", paths=[r"X:\a"])
    agent.write(r"C:\m.dll", Path("/usr/lib/mono/4.5/System.dll").read_bytes())
    module, text = items(agent.query("file_version", paths=[r"C:\m.dll", r"D:\t\a"]))
    assert module["assembly_version"] == "4.0.0.0"
    assert text["error"]["code"] == "not_an_assembly"


def test_holders(agent: Agent) -> None:
    agent.write(r"C:\app\a.dll", "")
    agent.write(r"C:\app\b.txt", "")
    process = agent.host.processes.add("w3wp.exe", [r"C:\app\a.dll"])
    (item,) = items(agent.query("holders", paths=[r"C:\app"]))
    assert item["processes"] == [{"pid": process.pid, "name": "w3wp.exe"}]
    assert items(agent.query("holders", paths=[r"C:\app"], names=["*.txt"]))[0]["processes"] == []


def test_registry_views(agent: Agent) -> None:
    """Mono keeps key names in lower case; Windows keeps them as they are."""
    agent.host.registry.write(r"HKLM\SOFTWARE\Имя\sub", {"Text": "значение", "Number": 80})
    agent.host.registry.write(r"HKLM\SOFTWARE\WOW6432Node\Имя", {"Narrow": "x"})
    views = agent.query("registry", key=r"SOFTWARE\Имя")["views"]
    assert views["64"]["keys"]["sub"]["values"] == {
        "Number": {"type": "dword", "data": 80},
        "Text": {"type": "string", "data": "значение"},
    }
    assert views["32"] == {"exists": True, "values": {"Narrow": {"type": "string", "data": "x"}}, "keys": {}}


def test_registry_values_that_nobody_asked_for_stay_on_the_host(agent: Agent) -> None:
    agent.host.registry.write(r"HKLM\SOFTWARE\X", {"DigitalProductId": b"key", "ProductName": "Windows"})
    agent.host.registry.write(r"HKLM\SOFTWARE\X\sub", {"productname": "below", "Other": "x"})
    answer = agent.query("registry", key=r"SOFTWARE\X", views=[64], names=["ProductName"])["views"]["64"]
    assert list(answer["values"]) == ["ProductName"] and list(answer["keys"]["sub"]["values"]) == ["productname"]
    answer = agent.query("registry", key=r"SOFTWARE\X", views=[64], names=["Product*"], recurse=False)["views"]["64"]
    assert list(answer["values"]) == ["ProductName"] and answer["keys"] == {"sub": {}}


def test_registry_secret(agent: Agent) -> None:
    agent.host.registry.write(r"HKLM\SOFTWARE\X", {"Password": "geheim", "Path": "p"})
    secrets = {"salt": "s", "public": ["Path"]}
    values = agent.query("registry", key=r"SOFTWARE\X", views=[64], secrets=secrets)["views"]["64"]["values"]
    assert values["Password"]["data"].startswith("⟦secret:")
    assert values["Path"]["data"] == "p"


def test_environment(agent: Agent) -> None:
    answer = agent.query("environment", machine=["JAVA_HOME", "NONE"], process=["ProgramData"])
    assert answer["machine"] == {"JAVA_HOME": r"C:\Program Files\jdk\jdk-17", "NONE": None}
    assert answer["process"] == {"ProgramData": r"C:\ProgramData"}


def test_iis(agent: Agent) -> None:
    iis = agent.host.iis.configuration
    iis.add_pool("Пул один", identity_type="SpecificUser", user_name=r"EX\svc", password="top-secret")
    iis.add_site("Сайт", ["http/*:8099:"], [Application("/", "Пул один", [VirtualDirectory("/", r"%ProgramData%\x")])])
    answer = agent.query("iis")
    assert answer["services"] == {"W3SVC": "running", "WAS": "running"}
    site = next(site for site in answer["sites"] if site["name"] == "Сайт")
    assert site["applications"] == [
        {
            "path": "/",
            "pool": "Пул один",
            "virtual_directories": [
                {"path": "/", "physical_path": r"%ProgramData%\x", "expanded_path": r"C:\ProgramData\x"}
            ],
        }
    ]
    assert site["bindings"] == [{"protocol": "http", "information": "*:8099:"}]
    pool = next(pool for pool in answer["pools"] if pool["name"] == "Пул один")
    assert (pool["identity_type"], pool["user_name"]) == ("SpecificUser", r"EX\svc")
    assert pool["shutdown_time_limit_seconds"] == 90
    assert "top-secret" not in json.dumps(answer)


def test_field_7_1_iis_reads_that_are_refused_for_a_moment_are_tried_again(agent: Agent) -> None:
    agent.host.set(patience_percent=10)
    agent.host.behaviour.failing_reads = 3
    assert agent.query("iis")["sites"]
    agent.host.behaviour.failing_reads = 999
    with pytest.raises(AgentError, match=r"^IIS could not be read: appcmd\.exe ended with exit code 1726") as raised:
        agent.query("iis")
    assert (raised.value.code, raised.value.details["exit_code"]) == ("program_failed", 1726)


def test_a_broken_answer_of_iis_shows_no_password(agent: Agent) -> None:
    program = agent.path(r"C:\Windows\System32\inetsrv\appcmd.exe")
    program.unlink()
    pool = '<APPPOOL><processModel userName="u" passWord = "top-secret'
    program.write_text(f"#!/bin/sh\necho '{pool}\" {'x' * 9000}>'\n")
    program.chmod(0o755)
    with pytest.raises(AgentError, match=r"^IIS answered something that is not XML") as raised:
        agent.query("iis")
    output = raised.value.details["output"]
    assert output.startswith('<APPPOOL><processModel userName="u" passWord = "" xxx')
    assert len(output) < 4100
    assert "top-secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("path", "absolute"),
    [
        (r"\\files.example.com\share\x", True),
        (r"\\10.0.0.7\share", True),
        (r"\\server", False),
        (r"\\.\PhysicalDrive0", False),
        (r"\\?\Volume{1}\x", False),
    ],
)
def test_absolute_paths_of_the_network(agent: Agent, path: str, absolute: bool) -> None:
    with pytest.raises(AgentError) as raised:
        agent.query("list", paths=[path])
    assert raised.value.code == ("win32" if absolute else "bad_request")


def test_services_and_processes(agent: Agent) -> None:
    agent.host.services.add(Service("служба", "A service", r"C:\s.exe"))
    (service,) = agent.query("services", names=["СЛУЖБА"])["services"]
    assert service == {
        "name": "служба",
        "display_name": "A service",
        "state": "stopped",
        "start_type": "automatic",
        "image_path": r"C:\s.exe",
    }
    process = agent.host.processes.add("Tool.exe")
    assert agent.query("processes", names=["tool.*"])["processes"] == [
        {"pid": process.pid, "name": "Tool.exe", "session": 0}
    ]


def test_agent_query(new_agent: Agent) -> None:
    assert new_agent.query("agent", root=r"%ProgramFiles%\agent") == {
        "root": AGENT_ROOT,
        "protected": None,
        "workers": [],
        "transactions": [],
    }
    new_agent.path(AGENT_ROOT).mkdir()
    assert new_agent.query("agent", root=AGENT_ROOT)["protected"] is False


def test_long_paths(agent: Agent) -> None:
    path = "C:\\" + "\\".join(["папка" * 10] * 6) + r"\x.txt"
    assert len(path) > 260
    agent.write(path, "long")
    (item,) = items(agent.query("read", paths=[path]))
    assert item["text"] == "long"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


def test_canonical_json_is_that_of_python(agent: Agent) -> None:
    """`expect` compares hashes that Python and the agent make of the same answer."""
    names = ["b", "a", "Я", "\U0001f600", "\uff5e", 'quote" back\\ tab\t del\x7f']
    for name in names:
        agent.host.registry.write(r"HKLM\SOFTWARE\X", {name: "v" + name})
    query: dict[str, Any] = {"kind": "registry", "key": r"SOFTWARE\X", "views": [64]}
    answer = agent.query(**query)
    canonical = json.dumps(answer, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    expect = {"title": "x", "query": query, "sha256": hashlib.sha256(canonical).hexdigest()}
    assert agent.execute([], confirm="automatic", expect=[expect])["state"] == "confirmed"


@settings(max_examples=25, deadline=None)
@given(value=JSON)
def test_parsing_survives_anything(program_agent: Agent, value: object) -> None:
    answer = program_agent.run({"command": "query", "queries": [], "extra": value})
    assert answer == {"answers": {}, "ok": True}
