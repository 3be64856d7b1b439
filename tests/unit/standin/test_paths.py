# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
from pathlib import Path

import pytest
from standin.windows.paths import BrokenLink, Drives, LinkKind


@pytest.fixture
def drives(tmp_path: Path) -> Drives:
    for letter in ("c", "d"):
        (tmp_path / "drives" / letter).mkdir(parents=True)
    return Drives(tmp_path / "drives")


def test_lookup_ignores_case_and_keeps_the_case_on_disk(drives: Drives) -> None:
    drives.write(r"C:\ProgramData\Продажи отдел\Web.config", b"x")
    assert drives.real(r"c:\programdata\ПРОДАЖИ ОТДЕЛ\WEB.CONFIG").read_bytes() == b"x"
    assert drives.windows(drives.real(r"c:\PROGRAMDATA")) == r"C:\ProgramData"


def test_a_missing_name_keeps_the_case_it_is_asked_for_with(drives: Drives) -> None:
    drives.make_directory(r"D:\Data")
    assert drives.linux(r"d:\DATA\New.txt").name == "New.txt"


@pytest.mark.parametrize("path", ["Windows", r"\Windows", r"C:Windows", "", r"\\server\share"])
def test_only_paths_with_a_drive_are_taken(drives: Drives, path: str) -> None:
    with pytest.raises(ValueError, match="is not a path with a drive"):
        drives.linux(path)


@pytest.mark.parametrize("kind", list(LinkKind))
def test_a_link_has_its_kind_and_leads_to_its_target(drives: Drives, kind: LinkKind) -> None:
    target = r"C:\Program Files\v1\bin"
    if kind is LinkKind.FILE:
        drives.write(target, b"x")
    else:
        drives.make_directory(target)
    drives.make_link(r"D:\Config\bin", r"c:\program files\V1\BIN", kind)
    assert drives.link(r"D:\config\BIN") == (kind, target)
    assert drives.real(r"D:\Config\bin") == drives.real(target)


def test_the_end_of_the_linux_target_tells_the_kind(drives: Drives) -> None:
    drives.make_directory(r"C:\v1")
    for name, kind in {"f": LinkKind.FILE, "d": LinkKind.DIRECTORY, "j": LinkKind.JUNCTION}.items():
        drives.make_link(rf"C:\{name}", r"C:\v1", kind)
    ends = {name: os.readlink(drives.folder / "c" / name) for name in "fdj"}
    assert ends == {"f": f"{drives.folder}/c/v1", "d": f"{drives.folder}/c/v1/", "j": f"{drives.folder}/c/v1/./"}


@pytest.mark.parametrize("kind", [LinkKind.DIRECTORY, LinkKind.JUNCTION])
def test_a_directory_link_to_a_file_is_not_followed(drives: Drives, kind: LinkKind) -> None:
    drives.write(r"C:\file.txt", b"x")
    drives.make_link(r"C:\link", r"C:\file.txt", kind)
    with pytest.raises(BrokenLink, match="a link to a folder"):
        drives.real(r"C:\link")


def test_a_file_link_to_a_directory_is_not_followed_although_linux_would(drives: Drives) -> None:
    drives.write(r"C:\v1\bin\a.dll", b"x")
    drives.make_link(r"C:\link", r"C:\v1\bin", LinkKind.FILE)
    assert (drives.folder / "c" / "link" / "a.dll").exists()
    with pytest.raises(BrokenLink, match="a link to a file"):
        drives.real(r"C:\link\a.dll")
    assert not drives.exists(r"C:\link\a.dll")


def test_links_to_nothing_and_in_a_circle_are_broken(drives: Drives) -> None:
    drives.make_link(r"C:\gone", r"C:\nowhere", LinkKind.DIRECTORY)
    drives.make_link(r"C:\a", r"C:\b", LinkKind.DIRECTORY)
    drives.make_link(r"C:\b", r"C:\a", LinkKind.DIRECTORY)
    with pytest.raises(BrokenLink, match="does not exist"):
        drives.real(r"C:\gone")
    with pytest.raises(BrokenLink, match="in a circle"):
        drives.real(r"C:\a\x")
    assert drives.link(r"C:\gone") == (LinkKind.DIRECTORY, r"C:\nowhere")


def test_a_link_whose_target_differs_in_case_leads_there(drives: Drives) -> None:
    drives.write(r"C:\Versions\V1\file.txt", b"x")
    os.symlink(f"{drives.folder}/c/VERSIONS/v1/", drives.folder / "d" / "link")
    assert drives.real(r"D:\link\FILE.txt").read_bytes() == b"x"
