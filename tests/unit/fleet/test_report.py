# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files of a run: their names, how they are written, and that nothing about them ends a run."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import record, report
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.reports import files, junit
from hypothesis import given
from hypothesis import strategies as st
from unit.fleet import records

NO_CONCERN = (
    "The run itself is not concerned. Make the folder writable and give it room, or name another one in upgrade_report_folder; then "
    "write the report anew with comindware.platform.status."
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "new" / "reports"
    assert [file for file in tmp_path.rglob("*") if file.name.endswith(".tmp")] == []


def named(run: str) -> dict[str, Any]:
    return {**records.small(), "run": run}


def test_three_files_are_written(folder: Path) -> None:
    written = report.write(records.small(), folder)
    name = "20261123T020000Z"
    assert written.paths == {
        "html": str(folder / f"{name}.html"),
        "json": str(folder / f"{name}.json"),
        "junit": str(folder / f"{name}.xml"),
    }
    assert (written.changed, written.warnings) == (True, [])
    assert sorted(file.name for file in folder.iterdir()) == [f"{name}.html", f"{name}.json", f"{name}.xml"]
    assert (folder / f"{name}.html").read_text(encoding="utf-8").startswith('<!DOCTYPE html>\n<html lang="en">\n')
    assert ET.parse(folder / f"{name}.xml").getroot().get("name") == name


def test_the_json_is_the_record(folder: Path) -> None:
    run = records.small()
    report.write(run, folder)
    text = (folder / report.file_name(run["run"], "json")).read_text(encoding="utf-8")
    assert list(json.loads(text).items()) == list(run.items())
    assert "Продажи" in text and text.startswith('{\n "format": 1,\n "run": ')


def test_a_second_time_changes_nothing(folder: Path) -> None:
    report.write(records.small(), folder)
    before = {file: file.stat().st_ino for file in folder.iterdir()}
    again = report.write(records.small(), folder)
    assert (again.changed, again.after) == (False, {})
    assert again.paths["html"] == str(folder / "20261123T020000Z.html")
    assert {file: file.stat().st_ino for file in folder.iterdir()} == before


def test_another_language_changes_the_page_and_not_the_record(folder: Path) -> None:
    report.write(records.small(), folder)
    again = report.write(records.small(), folder, "ru")
    assert {Path(path).suffix for path in again.after} == {".html", ".xml"}
    assert '<html lang="ru">' in (folder / "20261123T020000Z.html").read_text(encoding="utf-8")


def test_without_a_language_it_is_that_of_the_record(folder: Path) -> None:
    for language, wanted in (("ru", "ru"), ("en", "en"), ("fr", "en")):
        report.write({**records.small(), "language": language}, folder)
        assert f'<html lang="{wanted}">' in (folder / "20261123T020000Z.html").read_text(encoding="utf-8")


def test_looking_only_writes_nothing(folder: Path) -> None:
    written = report.write(records.small(), folder, dry=True)
    assert written.changed and len(written.after) == 3 and set(written.before.values()) == {None}
    assert not folder.exists()


def test_differences_show_the_record_and_the_size_of_the_rest(folder: Path) -> None:
    report.write(records.small(), folder)
    run = records.small()
    run["reason"] = "Other"
    found = {Path(one["after_header"]).suffix: one for one in report.differences(report.write(run, folder, dry=True))}
    before, after = found[".json"]["before"].splitlines(), found[".json"]["after"].splitlines()
    assert [line for line in after if line not in before] == [' "reason": "Other",']
    assert found[".html"]["before"] != found[".html"]["after"]
    assert len(found[".html"]["after"].splitlines()) == 1 and " bytes, SHA-256 " in found[".html"]["after"]


def test_a_folder_that_cannot_be_made_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    written = report.write(records.small(), tmp_path / "file" / "reports")
    assert (written.paths, written.changed) == ({"html": None, "json": None, "junit": None}, False)
    assert written.warnings == [
        f"The report {tmp_path}/file/reports could not be written: Not a directory. {NO_CONCERN}"
    ]


def test_one_file_that_cannot_be_written_keeps_no_other_from_it(folder: Path) -> None:
    place = folder / "20261123T020000Z.html"
    place.mkdir(parents=True)
    written = report.write(records.small(), folder)
    assert written.paths["html"] is None and None not in (written.paths["json"], written.paths["junit"])
    assert written.warnings == [f"The report {place} could not be written: Is a directory. {NO_CONCERN}"]


def test_a_full_disk_leaves_the_old_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report.write(records.small(), folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    run = records.small()
    run["reason"] = "Other"
    written = report.write(run, folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert not written.changed
    assert written.warnings == [
        f"The report {folder}/20261123T020000Z.{suffix} could not be written: No space left on device. {NO_CONCERN}"
        for suffix in ("json", "html")  # nothing of the third one has changed
    ]


def test_a_damaged_record_is_written_with_a_warning(folder: Path) -> None:
    written = report.write({**records.small(), "outcome": 5}, folder)
    assert None not in written.paths.values()
    assert written.warnings == [
        "The record of the run is damaged, and the report leaves empty what is wrong in it: outcome is 5, wanted is a text. The run itself "
        "is not concerned. Make the record anew from what the hosts know, with comindware.platform.status."
    ]


def test_what_is_no_record_is_not_written(folder: Path) -> None:
    written = report.write({}, folder)
    assert not folder.exists()
    (warning,) = written.warnings
    assert warning.startswith("No report was written. The record has no name of a run: 'run' is null, ")


def test_a_mistake_of_the_collection_is_a_warning(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> str:
        return str(1 / 0)

    monkeypatch.setattr(junit, "text", mistaken)
    assert report.write(records.small(), folder).warnings == [
        "The report was not written, because of a mistake in comindware.platform: ZeroDivisionError: division by zero. The run itself is "
        "not concerned. Tell the authors of the collection, with the record of the run."
    ]


@pytest.mark.parametrize("run", ["20261123T020000Z", "Ночь-1", "a.b_c-1"])
def test_a_safe_name_of_a_run_is_the_name_of_its_files(run: str) -> None:
    assert [report.file_name(run, kind) for kind in report.SUFFIXES] == [f"{run}.html", f"{run}.json", f"{run}.xml"]


@pytest.mark.parametrize(
    ("run", "stem"),
    [
        ("../../etc/passwd", "etc-passwd-3754d6cb"),
        ("..", "run-5ec1f7e7"),
        ("2026-11-23T02:00:00Z", "2026-11-23T02-00-00Z-cb1e4434"),
        ("a\x00b", "a-b-59b271ae"),
        ("Ы" * 200, "Ы" * 60 + "-ed70291e"),
    ],
    ids=["path", "dots", "time", "zero", "long"],
)
def test_any_other_name_of_a_run_is_made_safe(run: str, stem: str) -> None:
    assert report.file_name(run, "html") == f"{stem}.html"


@given(st.text(st.characters(), min_size=1, max_size=400), st.text(st.characters(), min_size=1, max_size=400))
def test_any_run_has_a_safe_name_of_its_own(run: str, other: str) -> None:
    name = files.stem(run)
    assert name and not name.startswith((".", "-")) and len(name.encode()) < 200
    assert not set(name) & set('/\\:*?"<>|\x00\n ')
    assert (name == files.stem(other)) == (run == other)


@given(st.text(st.characters(), min_size=1, max_size=300).filter(str.strip))
def test_files_of_any_run_lie_in_the_folder(tmp_path_factory: pytest.TempPathFactory, run: str) -> None:
    folder = tmp_path_factory.mktemp("reports")
    written = report.write({**records.run(), "run": run}, folder)
    assert written.warnings == []
    assert sorted(str(file) for file in folder.iterdir()) == sorted(str(path) for path in written.paths.values())


def test_states_of_the_record_are_those_of_the_reports() -> None:
    assert set(record.STATES) > record.BAD | record.GOOD
