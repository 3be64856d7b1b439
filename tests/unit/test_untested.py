# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A test that can prove nothing here says so, and fails where CI runs."""

from __future__ import annotations

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
