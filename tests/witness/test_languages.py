# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts that speak English, Russian and Turkish answer alike: decimal comma, dates and the Turkish i change nothing."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from standin.fleet import Fleet
from unit.agent import conftest, scenario
from unit.agent.conftest import Agent

from witness import bundle
from witness.collection import copy_to

LANGUAGES = ("en", "ru", "tr")
FOLDER = r"C:\Данные\ÌNDEX"
NAMES = ("TITLE.CONFIG", "title.ini", "INDEX.İni", "ıssue.config", "Iß.txt", "число 1,5.txt")
# Of one host, or of the moment.
_OWN = ("machine_id", "culture", "pid", "due", "begun", "machine")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z")


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Of the copy of the collection that runs on Wine hosts."""
    bundle.need()
    utils = copy_to(tmp_path_factory.mktemp("collections")) / "plugins" / "module_utils"
    return {file.name: file.read_text(encoding="utf-8") for file in utils.glob("_*.cs")}


@pytest.fixture
def agents(
    tmp_path: Path, sources: dict[str, str], monkeypatch: pytest.MonkeyPatch, cache: Path
) -> Iterator[list[Agent]]:
    text = "".join(f"{name}\0{source}\0" for name, source in sorted(sources.items()))
    worker = {"hash": hashlib.sha256(text.encode()).hexdigest(), "sources": sources}
    monkeypatch.setattr(conftest, "_worker", lambda: worker)
    hosts = {f"h-{language}": {"runtime": "wine", "language": language} for language in LANGUAGES}
    with Fleet.create(tmp_path / "fleet", {"hosts": hosts}, cache) as fleet:
        yield [Agent(SimpleNamespace(host=host, cache=cache)) for host in fleet.hosts.values()]  # type: ignore[arg-type]


def comparable(answer: Any) -> Any:
    """Without what is of one host or moment; of a failure its code, its number and its path: Windows' own words are the language's."""
    if isinstance(answer, list):
        return [comparable(one) for one in answer]
    if isinstance(answer, str):
        return _MOMENT.sub("A MOMENT", answer)
    if not isinstance(answer, dict):
        return answer
    if "message" in answer and "code" in answer:
        return {"code": answer["code"], "details": {name: answer["details"].get(name) for name in ("number", "path")}}
    return {name: comparable(value) for name, value in answer.items() if not name.endswith(_OWN)}


def questions() -> list[dict[str, Any]]:
    return [
        {"id": "list", "kind": "list", "paths": [FOLDER, r"C:\none"], "names": ["*.CONFIG", "*.ini"], "hash": True},
        {"id": "all", "kind": "list", "paths": [FOLDER.lower()], "hash": True},
        {"id": "read", "kind": "read", "paths": [FOLDER + r"\*.txt"]},
        {"id": "registry", "kind": "registry", "key": r"SOFTWARE\Числа"},
        {"id": "iis", "kind": "iis"},
        {"id": "services", "kind": "services", "names": ["W3SVC", "none"]},
        {"id": "wrong", "kind": "list", "paths": ["relative"]},
    ]


def told(agent: Agent) -> str:
    """Answers before, in and after a transaction, and one that fails, as text."""
    for number, name in enumerate(NAMES):
        agent.write(rf"{FOLDER}\{name}", f"{number},5 Имя ıİiI\r\n")
    agent.host.registry.write(r"HKLM\SOFTWARE\Числа", {"Number": 1234567, "Text": "1,5 İ"})
    said = [agent.ask("query", queries=questions())["answers"], scenario.prepare(agent)]
    said.append(agent.execute(scenario.switch(), wait=60))
    said += [agent.journal(), scenario.seen(agent), agent.rollback(), scenario.seen(agent)]
    said.append(agent.execute([*scenario.switch(), scenario.FAILING], wait=60, id="t2"))
    said.append(agent.run({"command": "wrong"}))
    return json.dumps(comparable(said), ensure_ascii=False, indent=1, sort_keys=True)


def test_field_8_6_hosts_of_every_language_answer_alike(agents: list[Agent]) -> None:
    english, russian, turkish = (told(agent).splitlines() for agent in agents)
    assert len(english) > 300
    assert russian == english
    assert turkish == english
