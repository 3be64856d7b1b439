# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A test that can prove nothing here says so, and fails where CI runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from witness import bundle


@pytest.mark.parametrize(("ci", "ends"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_its_bundle_the_second_windows_is_not_tested(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, ends: type[BaseException]
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("WINDOWS_TOOLS", str(tmp_path))
    with pytest.raises(ends) as told:
        bundle.need()
    assert str(told.value) == (
        f"NOT TESTED: the second Windows: there is no bundle dotnet-*-powershell-*-win-x64.tar.xz in {tmp_path}: "
        "name its folder in WINDOWS_TOOLS; source/pack.sh of the bundle builds it from NuGet"
    )


@pytest.mark.parametrize("ci", ["true", ""])
def test_with_its_bundle_whatever_else_the_second_windows_lacks_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv("WINDOWS_TOOLS", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    (tmp_path / "dotnet-10-powershell-7-win-x64.tar.xz").touch()
    with pytest.raises(bundle.Missing, match=r"^these packages are missing: .*wine.* tools/setup witness$"):
        bundle.need()


@pytest.mark.parametrize(
    ("bundled", "arguments", "code", "said"),
    [
        (False, ["--part"], 0, "NOT TESTED: the second Windows: there is no bundle "),
        (False, [], 1, "NOT TESTED: the second Windows: there is no bundle "),
        (True, ["--part"], 1, "the second Windows cannot run: these packages are missing: "),
        (True, [], 1, "the second Windows cannot run: these packages are missing: "),
    ],
)
def test_make_test_passes_without_the_bundle_alone(
    tmp_path: Path, bundled: bool, arguments: list[str], code: int, said: str
) -> None:
    if bundled:
        (tmp_path / "dotnet-10-powershell-7-win-x64.tar.xz").touch()
    environment = {**os.environ, "WINDOWS_TOOLS": str(tmp_path), "PATH": ""}
    program = [sys.executable, str(bundle.ROOT / "tests" / "witness" / "run"), *arguments]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.startswith(said)) == (code, True), done.stdout + done.stderr
