# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The C# side compiles as Windows does, never names the product, and is reached by one entry point."""

from __future__ import annotations

import re
import subprocess
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from .conftest import ROOT

UTILS = ROOT / "plugins" / "module_utils"
SEAMS = ROOT / "tests" / "standin" / "agent"
SOURCES = sorted(UTILS.glob("_*.cs"))
NAMESPACE = "ansible_collections.comindware.platform.plugins.module_utils."
# module_manifest.py of ansible-core: how a C# util names another one
USING = re.compile(r"(?im)^using\s(ansible_collections\.\w+\.\w+\.plugins\.module_utils\.[\w.]+);\s*$")
ENTRY_POINT = "Agent.Run("


def closure(name: str) -> set[str]:
    """The utils that Ansible ships for one of them."""
    found: set[str] = set()
    todo = [name]
    while todo:
        util = todo.pop()
        if util not in found:
            found.add(util)
            todo += [using.rpartition(".")[2] for using in USING.findall((UTILS / f"{util}.cs").read_text("utf-8"))]
    return found


def compile_(*arguments: str, out: Path, sources: list[Path] = SOURCES) -> str:
    flags = ["-noconfig", "-langversion:5", "-warn:4", "-warnaserror", "-optimize"]
    references = ["-reference:System.dll", "-reference:System.Core.dll", "-reference:System.Xml.dll"]
    command = ["mcs", *flags, *references, *arguments, f"-out:{out}", *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_compiles_as_the_module_does(tmp_path: Path) -> None:
    assert compile_("-target:library", "-define:WINDOWS;AMD64", out=tmp_path / "module.dll") == ""


def test_compiles_as_the_worker_does(tmp_path: Path) -> None:
    main = f"-main:{NAMESPACE}_Worker.Worker"
    assert compile_("-target:exe", "-define:WINDOWS;WORKER", main, out=tmp_path / "agent.exe") == ""


def test_ansible_ships_what_the_entry_point_needs(tmp_path: Path) -> None:
    sources = [UTILS / f"{name}.cs" for name in sorted(closure("_Agent"))]
    assert compile_("-target:library", "-define:WINDOWS", out=tmp_path / "module.dll", sources=sources) == ""


def test_no_source_needs_itself_by_way_of_others() -> None:
    """From 2.19 on ansible-core may end there with `Set changed size during iteration`, depending on the order of a set."""
    utils = {file.stem: file.read_text("utf-8") for file in UTILS.glob("_*.cs")}
    needs = {name: {using.rpartition(".")[2] for using in USING.findall(text)} for name, text in utils.items()}
    TopologicalSorter(needs).prepare()


def test_nothing_is_kept_between_calls() -> None:
    """A process of the stand-in serves many of them, one of Windows none but its own."""
    field = re.compile(
        r"(?m)^ *(?:public|internal|private|protected)? *static (?!readonly|extern|class)[\w.<>\[\], ]+ (\w+)(?: = .*)?;$"
    )
    kept = {file.stem: field.findall(file.read_text("utf-8")) for file in SOURCES}
    assert {name: fields for name, fields in kept.items() if fields} == {"_Seams": ["Current"]}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_source(source: Path) -> None:
    text = source.read_text("utf-8")
    assert f"namespace {NAMESPACE}{source.stem}\n" in text
    assert text.isascii(), "PowerShell 5.1 and csc.exe may read it in another encoding"
    assert "\t" not in text
    assert len(text.splitlines()) <= 400
    body = re.sub(r"(?m)^(// Copyright|using|namespace).*$|ansible_collections\.[\w.]+", "", text)
    assert not re.search(r"comindware|cmw|cbap|ansible\.basic", body, re.IGNORECASE)


def test_module_and_stand_in_call_the_same_entry_point() -> None:
    module = (ROOT / "plugins" / "modules" / "host_agent.ps1").read_text("utf-8")
    assert module.isascii()
    assert module.startswith("#!powershell\n")
    assert f"[{NAMESPACE}_Agent.Agent]::Run($module.Params.request)" in module
    assert "#AnsibleRequires -CSharpUtil ..module_utils._Agent\n" in module
    runner = (SEAMS / "ModuleRunner.cs").read_text("utf-8")
    assert f"using {NAMESPACE}_Agent;" in runner
    assert ENTRY_POINT in runner
    assert "public static string Run(string requestBase64)" in (UTILS / "_Agent.cs").read_text("utf-8")
