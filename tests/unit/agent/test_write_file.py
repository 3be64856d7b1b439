# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`write_file`: secrets from several files, and folders that are not there yet."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations

from .conftest import AGENT_ROOT, Agent, AgentError
from .sets import listing

YML = r"C:\configs\Имя.yml"
CONFIG = r"C:\app\Web.config"
NEW = r"C:\app\new.ini"
SECRETS = {"salt": "s"}


@pytest.fixture
def tokens(agent: Agent) -> dict[str, str]:
    """The token of the secret in each of two files."""
    agent.write(YML, "pw: тайна\r\n")
    agent.write(CONFIG, '<a key="geheim"/>')
    yml, config = agent.query("read", paths=[YML, CONFIG], secrets=SECRETS)["items"]
    return {"yml": yml["text"][len("pw: ") : -2], "config": config["text"][len('<a key="') : -3]}


def test_secrets_of_several_files_under_another_name(agent: Agent, tokens: dict[str, str]) -> None:
    text = f"{tokens['yml']} {tokens['config']} {tokens['yml']}"
    status = agent.execute([operations.write_file(NEW, text, "utf-8", [YML, CONFIG])], secrets=SECRETS)
    assert status["state"] == "applied", status["error"]
    assert agent.path(NEW).read_text("utf-8") == "тайна geheim тайна"


def test_secrets_of_files_that_are_replaced_and_removed_meanwhile(agent: Agent, tokens: dict[str, str]) -> None:
    plan = [
        {"op": "remove_file", "path": YML},
        operations.write_file(CONFIG, "empty", "utf-8"),
        operations.write_file(NEW, f"{tokens['config']} {tokens['yml']}", "utf-8", [YML, CONFIG]),
    ]
    status = agent.execute(plan, secrets=SECRETS)
    assert status["state"] == "applied", status["error"]
    assert agent.path(NEW).read_text("utf-8") == "geheim тайна"


def test_one_file_may_stand_without_a_list(agent: Agent, tokens: dict[str, str]) -> None:
    write = operations.write_file(NEW, tokens["yml"], "utf-8") | {"secrets_from": YML}
    assert agent.execute([write], secrets=SECRETS)["state"] == "applied"
    assert agent.path(NEW).read_text("utf-8") == "тайна"


@pytest.mark.parametrize(
    ("files", "who"),
    [([YML], f"'{YML}' has no value for it"), ([YML, CONFIG], f"none of '{YML}', '{CONFIG}' has a value for it")],
)
def test_secret_that_no_file_has(agent: Agent, tokens: dict[str, str], files: list[str], who: str) -> None:
    text = f"{tokens['yml']} ⟦secret:0123456789abcdef⟧"
    error = agent.execute([operations.write_file(NEW, text, "utf-8", files)], secrets=SECRETS)["error"]
    assert (error["code"], error["message"]) == (
        "bad_request",
        f"The text holds the secret ⟦secret:0123456789abcdef⟧, but {who}. Inspect the host again and make a new plan.",
    )
    assert not agent.path(NEW).exists()


@pytest.mark.parametrize("files", [[YML, "Web.config"], "Web.config"])
def test_every_file_with_secrets_needs_a_whole_path(agent: Agent, files: Any) -> None:
    with pytest.raises(
        AgentError, match=r"'secrets_from' must be an absolute path without wildcards, not 'Web\.config'"
    ):
        agent.execute([operations.write_file(NEW, "", "utf-8") | {"secrets_from": files}])


KEPT = AGENT_ROOT + r"\pristine\5.0\Web.config"
BESIDE = AGENT_ROOT + r"\pristine\5.0\Имя.yml"


def test_folders_below_the_root_of_the_agent_come_and_go(agent: Agent) -> None:
    status = agent.execute([operations.write_file(KEPT, "a", "utf-8"), operations.write_file(BESIDE, "b", "utf-8")])
    assert status["state"] == "applied", status["error"]
    assert agent.path(BESIDE).read_text() == "b"
    known = json.loads((agent.host.folder / "security.json").read_text("utf-8"))
    for folder in (AGENT_ROOT + r"\pristine", AGENT_ROOT + r"\pristine\5.0"):
        assert known[folder.lower()] == "O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", folder
    assert agent.rollback()["state"] == "rolled_back"
    assert not agent.path(AGENT_ROOT + r"\pristine").exists()


def test_folder_that_somebody_else_uses_stays(agent: Agent) -> None:
    assert agent.execute([operations.write_file(KEPT, "a", "utf-8")])["state"] == "applied"
    agent.write(BESIDE, "somebody's")
    assert agent.rollback()["state"] == "rolled_back"
    assert listing(agent, AGENT_ROOT + r"\pristine\5.0") == ["Имя.yml"]


def test_folder_that_was_there_stays(agent: Agent) -> None:
    agent.execute([operations.write_file(AGENT_ROOT + r"\pristine\x", "", "utf-8")], confirm="automatic")
    agent.path(AGENT_ROOT + r"\pristine\x").unlink()
    assert agent.execute([operations.write_file(KEPT, "a", "utf-8")], id="t2")["state"] == "applied"
    assert agent.rollback("t2")["state"] == "rolled_back"
    assert listing(agent, AGENT_ROOT + r"\pristine") == []


def test_missing_folder_elsewhere_is_named(agent: Agent) -> None:
    status = agent.execute([operations.write_file(r"C:\Program Files\none\a\b.txt", "", "utf-8")])
    assert status["state"] == "rolled_back"
    assert (status["error"]["code"], status["error"]["details"]) == ("missing", {"path": r"C:\Program Files\none"})
    assert status["error"]["message"] == (
        r"'C:\Program Files\none\a\b.txt' cannot be written: the folder 'C:\Program Files\none' does not exist, and "
        rf"folders are created only below '{AGENT_ROOT}'. Create it, or correct the path."
    )
    assert not agent.path(r"C:\Program Files\none").exists()


@pytest.mark.parametrize(
    ("point", "path"),
    [
        ("create_directory", r"*\pristine"),
        ("after:create_directory", r"*\pristine"),
        ("after:create_directory", r"*\5.0"),
        ("write", r"*\pristine\*"),
        ("after:write", r"*\pristine\*"),
        ("after:replace", r"*\pristine\*"),
        ("after:operation:write_file", "*"),
    ],
)
def test_killed_while_folders_are_made(agent: Agent, point: str, path: str) -> None:
    agent.host.add_fault(point, path=path, action="kill")
    status = agent.execute([operations.write_file(KEPT, "a", "utf-8")])
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert not agent.path(AGENT_ROOT + r"\pristine").exists()


@pytest.mark.parametrize("path", [r"*\Web.config", r"*\5.0", r"*\pristine"])
def test_killed_while_folders_are_removed(agent: Agent, path: str) -> None:
    agent.host.add_fault("after:delete", path=path, action="kill")
    assert agent.execute([operations.write_file(KEPT, "a", "utf-8")])["state"] == "applied"
    assert agent.rollback()["state"] == "rolled_back"
    assert not agent.path(AGENT_ROOT + r"\pristine").exists()
    assert [fault["times"] for fault in json.loads((agent.host.folder / "faults.json").read_text())] == [0]
