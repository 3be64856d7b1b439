# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The query `read`: encodings, parts, the files and lines that matter, secrets."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from .conftest import Agent


def items(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer["items"]
    return found


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        (b"", "utf-8", ""),
        ("имя: значение\r\n".encode(), "utf-8", "имя: значение\r\n"),
        ("﻿имя".encode(), "utf-8-bom", "имя"),
        ("\ufeffимя\r\n".encode("utf-16-le"), "utf-16-le", "имя\r\n"),
        ("\ufeffимя".encode("utf-16-be"), "utf-16-be", "имя"),
        ("caf\xe9".encode("cp1252"), "ansi", "café"),
        (b"MZ\x00\x01", "binary", None),
        (b"\xff\xfea", "binary", None),
    ],
)
def test_read_encodings(agent: Agent, content: bytes, encoding: str, text: str | None) -> None:
    agent.write(r"C:\x.txt", content)
    (item,) = items(agent.query("read", paths=[r"C:\x.txt"]))
    assert (item["encoding"], item["text"]) == (encoding, text)
    assert item["sha256"] == hashlib.sha256(content).hexdigest()
    assert item["size"] == len(content)


def test_read_parts_keep_characters_whole(agent: Agent) -> None:
    content = "строка\n" * 100
    agent.write(r"C:\log.txt", content)
    (head,) = items(agent.query("read", paths=[r"C:\log.txt"], maximum_bytes=20))
    (tail,) = items(agent.query("read", paths=[r"C:\log.txt"], tail_bytes=20))
    assert head["truncated"] is True
    assert content.startswith(head["text"])
    assert content.endswith(tail["text"])
    assert len(tail["text"]) >= 9
    assert tail["sha256"] is None
    assert head["sha256"] == hashlib.sha256(content.encode()).hexdigest()


def age(agent: Agent, path: str, days: int) -> None:
    moment = time.time() - days * 86400
    os.utime(agent.path(path), (moment, moment))


def test_read_leaves_old_files_out(agent: Agent) -> None:
    for day in range(5):
        agent.write(rf"C:\L\system_{day}.log", f"day {day}")
        age(agent, rf"C:\L\system_{day}.log", day)
    since = (datetime.now(timezone.utc) - timedelta(days=1.5)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    read = items(agent.query("read", paths=[r"C:\L\*.log", r"C:\L\system_4.log"], modified_since=since))
    assert [item["text"] for item in read] == ["day 0", "day 1"]
    (missing,) = items(agent.query("read", paths=[r"C:\L\none.log"], modified_since=since))
    assert missing["exists"] is False


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_read_lines(agent: Agent, encoding: str) -> None:
    text = "one\r\nérror: two\r\nthree\r\nfour\r\nERROR five"
    agent.write(r"C:\l.log", text.encode(encoding))
    lines = {"pattern": "(?i)[eé]rror", "after": 1}
    (item,) = items(agent.query("read", paths=[r"C:\l.log"], lines=lines))
    assert item["text"] == "érror: two\nthree\nERROR five"
    assert (item["sha256"], item["truncated"]) == (None, False)


def test_read_lines_of_a_long_log(agent: Agent) -> None:
    """Line ends lie anywhere in the pieces that are read, and so do the bytes of a character."""
    filler = "обычная строка " * 20 + "\n"
    wanted = [f"ошибка {number}\n" for number in range(40)]
    agent.write(r"C:\l.log", "".join(line + filler * 200 for line in wanted))
    assert agent.path(r"C:\l.log").stat().st_size > 4 * 1024 * 1024
    (item,) = items(agent.query("read", paths=[r"C:\l.log"], lines={"pattern": "^ошибка"}))
    assert item["text"] == "".join(wanted).rstrip("\n")
    end = {"lines": {"pattern": "^ошибка"}, "maximum_bytes": 200_000}
    (item,) = items(agent.query("read", paths=[r"C:\l.log"], **end))
    assert (item["text"], item["truncated"]) == ("ошибка 39", True)


def test_read_keeps_the_last_of_too_many_lines(agent: Agent) -> None:
    agent.write(r"C:\l.log", "".join(f"error {number} {'x' * 100}\n" for number in range(5000)))
    (item,) = items(agent.query("read", paths=[r"C:\l.log"], lines={"pattern": "error"}))
    assert item["truncated"] is True
    assert item["text"].splitlines()[-1].startswith("error 4999 ")
    assert 120_000 < len(item["text"]) <= 128 * 1024


def test_lines_hide_secrets(agent: Agent) -> None:
    agent.write(r"C:\a.yml", "x\npw: тайна\n")
    secrets = {"salt": "s"}
    (item,) = items(agent.query("read", paths=[r"C:\a.yml"], lines={"pattern": "pw"}, secrets=secrets))
    assert item["text"].startswith("pw: ⟦secret:")


def test_secrets_are_tokens(agent: Agent) -> None:
    agent.write(r"C:\a.yml", "pw: тайна\r\nname: x\npw2: тайна\n")
    agent.write(r"C:\a.txt", "pw: тайна\n80\n")
    secrets = {"salt": "соль", "public": ["name"]}
    yml, txt = items(agent.query("read", paths=[r"C:\a.yml", r"C:\a.txt"], secrets=secrets))
    token = hmac.new("соль".encode(), "тайна".encode(), hashlib.sha256).hexdigest()[:16]
    assert yml["text"] == f"pw: ⟦secret:{token}⟧\r\nname: x\npw2: ⟦secret:{token}⟧\n"
    assert txt["text"].startswith("⟦secret:") and txt["text"].endswith("⟧\n80\n")
