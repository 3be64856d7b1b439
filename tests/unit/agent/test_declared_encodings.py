# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A file is read and written in the encoding that it declares, whatever the code page of the host."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Agent, AgentError

FILE = r"D:\Sites\Web.config"


def xml(encoding: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\r\n<a b="{text}"/>\r\n'


def read(agent: Agent) -> dict[str, Any]:
    (item,) = agent.query("read", paths=[FILE])["items"]
    return dict(item)


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("windows-1251", "\u041f\u0440\u0438\u0432\u0435\u0442"),
        ("Windows-1252", "caf\xe9 \u20ac"),
        ("ISO-8859-1", "caf\xe9"),
        ("koi8-r", "\u041f\u0440\u0438\u0432\u0435\u0442"),
        ("windows-1251", "plain"),
    ],
)
def test_field_1_5_the_declaration_decides(agent: Agent, declared: str, text: str) -> None:
    agent.write(FILE, xml(declared, text).encode(declared))
    item = read(agent)
    assert (item["encoding"], item["text"]) == (declared.lower(), xml(declared, text))
    agent.execute([{"op": "write_file", "path": FILE, "text": xml(declared, f"{text}!"), "encoding": item["encoding"]}])
    assert agent.path(FILE).read_bytes() == xml(declared, f"{text}!").encode(declared)


def test_field_1_5_an_edit_keeps_the_declared_encoding(agent: Agent) -> None:
    agent.write(FILE, xml("windows-1251", "\u0434\u0430").encode("windows-1251"))
    edit = {"pattern": 'b="(?<value>[^"]*)"', "value": "\u043d\u0435\u0442"}
    agent.execute([{"op": "write_file", "path": FILE, "edits": [edit]}])
    assert agent.path(FILE).read_bytes() == xml("windows-1251", "\u043d\u0435\u0442").encode("windows-1251")


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_goes_before_the_declaration(agent: Agent, mark: str) -> None:
    agent.write(FILE, xml("windows-1251", "\u0434\u0430").encode(mark))
    assert read(agent)["text"] == xml("windows-1251", "\u0434\u0430")


@pytest.mark.parametrize("declared", ["utf-8", "UTF-8"])
def test_utf_8_is_told_by_the_bytes(agent: Agent, declared: str) -> None:
    agent.write(FILE, xml(declared, "\u0434\u0430").encode())
    assert read(agent)["encoding"] == "utf-8"


@pytest.mark.parametrize(("declared", "text"), [("us-ascii", b"caf\xe9"), ("x-klingon", b"plain")])
def test_field_1_5_what_is_not_as_it_declares_is_no_text(agent: Agent, declared: str, text: bytes) -> None:
    agent.write(FILE, xml(declared, "@").encode().replace(b"@", text))
    item = read(agent)
    assert (item["encoding"], item["text"], item["declared"]) == ("binary", None, declared)


def test_field_1_5_an_encoding_that_the_host_lacks_is_refused_before_anything_is_written(agent: Agent) -> None:
    agent.write(FILE, "old")
    with pytest.raises(AgentError) as raised:
        agent.execute([{"op": "write_file", "path": FILE, "text": "new", "encoding": "x-klingon"}])
    assert str(raised.value) == (
        "Unknown encoding 'x-klingon': one of utf-8, utf-8-bom, utf-16-le, utf-16-be, ansi and those that the .NET of this host has is "
        "wanted."
    )
    assert agent.path(FILE).read_text() == "old"


def test_field_1_5_the_code_page_of_the_host_is_told(agent: Agent) -> None:
    agent.write(FILE, b"caf\xe9")
    item = read(agent)
    assert (item["encoding"], item["code_page"]) == ("ansi", 1252)
