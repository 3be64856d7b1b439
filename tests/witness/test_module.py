# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module alone on PowerShell, with the wrapper of the oldest and of the newest ansible-core."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from end_to_end.runs import Controller, MakeController

CORES = pytest.mark.parametrize("core", ["core-2.16", "core-2.21"])
_SURROGATES = range(0xD800, 0xE000)
_BEYOND = range(0x10000, 0x110000, 251)


def ask(control: Controller, request: bytes) -> dict[str, Any]:
    """The answer to one request, as it stands in the result of the module."""
    run = control.task("host_agent", request=base64.b64encode(request).decode())
    assert run.status == 0, run.output
    answer: dict[str, Any] = json.loads(run.only("host_agent")["answer"])
    return answer


def identity_as(name: str) -> bytes:
    """A question whose answer has its name."""
    queries = [{"id": name, "kind": "identity"}]
    return json.dumps({"command": "query", "queries": queries}, ensure_ascii=False).encode("utf-8")


@CORES
def test_every_character_comes_back(controller: MakeController, core: str) -> None:
    control = controller({"language": "ru", "code_page": "cp866", "versions": [], "instances": []}, environment=core)
    everything = "".join(chr(one) for one in (*range(0x10000), *_BEYOND) if one not in _SURROGATES)
    (name,) = ask(control, identity_as(everything))["answers"]
    assert name == everything


@CORES
def test_a_request_of_five_megabytes(controller: MakeController, core: str) -> None:
    control = controller({"versions": [], "instances": []}, environment=core)
    long = "слово " * ((5 << 20) // 11)
    request = identity_as(long)
    assert len(request) > 5_000_000
    (name,) = ask(control, request)["answers"]
    assert name == long


@CORES
@pytest.mark.parametrize("request_", [b"", b"\xff\xfe", b"{", b'{"command": 1}', b"[]"])
def test_a_broken_request_is_an_answer(controller: MakeController, core: str, request_: bytes) -> None:
    control = controller({"versions": [], "instances": []}, environment=core)
    answer = ask(control, request_)
    assert (answer["ok"], answer["error"]["code"]) == (False, "bad_request")
