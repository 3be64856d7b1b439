# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Microsoft's compiler and analyzers find nothing in the C# of the product, and what they look for is found where it is."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from . import bundle, lint
from .prefix import said_by, throw_away

AGENT = "ansible_collections.comindware.platform.plugins.module_utils._Agent.Agent"
ANSI = "1 € – café"

PLANTED = """
using System;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Runtime.InteropServices;
using System.Xml;

namespace Planted
{
    public static class Faulty
    {
        public static void Load(string path, string xml)
        {
            new XmlDocument().LoadXml(xml);
            new FileStream(path, FileMode.Open).Flush();
            Close(IntPtr.Zero);
        }

        [SuppressMessage("Reliability", "CA2000", Justification = "a test")]
        public static void Excused(string path)
        {
            new FileStream(path, FileMode.Open).Flush();
        }

        [SuppressMessage("Reliability", "CA2000")]
        public static void Unexcused(string path)
        {
            new FileStream(path, FileMode.Open).Flush();
        }

        public static bool Lower(string one)
        {
            return one.ToLower() == "title";
        }

        [DllImport("kernel32.dll")]
        private static extern int Close(IntPtr handle);
    }

    public class Owner
    {
        private readonly FileStream file = new FileStream("x", FileMode.Open);

        public long Length { get { return file.Length; } }
    }
}
"""

OF_LATER_CSHARP = """
namespace Planted
{
    public class Late
    {
        public string Name { get { return $"C# {6}"; } }
    }
}
"""


@pytest.fixture(scope="module")
def prefix() -> Iterator[Path]:
    bundle.need()
    with throw_away() as folder:
        yield folder


def as_library(way: lint.Way) -> lint.Way:
    return replace(way, options=(*way.options, "/target:library"))


@pytest.mark.parametrize("way", ["worker", "module"])
def test_no_finding(prefix: Path, way: str) -> None:
    assert lint.findings(prefix, lint.WAYS[way](), lint.sources()) == []


def test_field_8_5_the_agent_compiles_and_answers_in_powershell_7(prefix: Path) -> None:
    work = prefix / "drive_c" / "agent"
    work.mkdir()
    assert lint.build(prefix, work, lint.module_of_powershell_7(), lint.sources()) == []
    (work / "ansi.txt").write_bytes(ANSI.encode("cp1252"))
    queries: list[dict[str, Any]] = [
        {"id": "identity", "kind": "identity"},
        {"id": "list", "kind": "list", "paths": [r"C:\agent"], "names": ["ansi.txt"], "hash": True},
        {"id": "read", "kind": "read", "paths": [r"C:\agent\ansi.txt"]},
    ]
    request = base64.b64encode(json.dumps({"command": "query", "queries": queries}).encode()).decode()
    script = rf"Add-Type -Path C:\agent\out.dll; [{AGENT}]::Run('{request}')"
    _code, said = said_by(prefix, r"T:\powershell\powershell.exe", "-Command", script, seconds=600)
    answers = json.loads(said)["answers"]
    assert answers["identity"]["administrator"] is True
    (found,) = answers["list"]["items"][0]["entries"]
    assert found["sha256"] == hashlib.sha256(ANSI.encode("cp1252")).hexdigest()
    assert (answers["read"]["items"][0]["encoding"], answers["read"]["items"][0]["text"]) == ("ansi", ANSI)


def test_what_is_planted_is_found(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint, "CONFIG", lint.CONFIG.replace("dotnet_diagnostic.CA5393.", "# "))
    found = lint.findings(prefix, as_library(lint.worker()), {"_Planted.cs": PLANTED})
    assert [tuple(line.split(": ")[:2]) for line in found] == [
        ("CA5393", "off by default, and not named in lint.config"),
        ("_Planted.cs(14)", "CA3075"),
        ("_Planted.cs(15)", "CA2000"),
        ("_Planted.cs(16)", "CA1806"),
        ("_Planted.cs(28)", "CA2000"),
        ("_Planted.cs(33)", "CA1304"),
        ("_Planted.cs(33)", "CA1311"),
        ("_Planted.cs(37)", "CA5392"),
        ("_Planted.cs(40)", "CA1001"),
    ]
    assert [line[:15] for line in found if "CA2000: suppressed without a reason: " in line] == ["_Planted.cs(28)"]


@pytest.mark.parametrize("way", ["worker", "module"])
def test_what_the_compiler_of_the_framework_does_not_know_is_found(prefix: Path, way: str) -> None:
    library = replace(as_library(lint.WAYS[way]()), analyzed=False)
    (line,) = lint.findings(prefix, library, {"_Late.cs": OF_LATER_CSHARP})
    assert line.startswith("_Late.cs(6): CS8026: ")


def test_the_worker_has_all_that_the_module_has() -> None:
    conditions = {name: re.findall(r"(?m)^ *#.*$", text) for name, text in lint.sources().items() if "WORKER\n" in text}
    assert conditions == {"_Worker.cs": ["#if WORKER", "#endif"]}
