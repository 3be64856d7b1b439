# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import standin
import yaml
from standin import control
from standin.fleet import Fleet, FleetRuns, running_process
from standin.host import Host
from standin.snapshot import Snapshot
from standin.testing import SALES, MakeHost, fetch, switch

TESTS = Path(standin.__file__).parent.parent
DEMO = TESTS / "standin" / "fleets" / "demo.yml"


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "standin", *arguments],
        cwd=TESTS,
        text=True,
        capture_output=True,
        check=False,
    )


def test_the_demo_fleet_runs_and_survives_a_restart_of_the_stand_in(tmp_path: Path, cache: Path) -> None:
    fleet = Fleet.create(tmp_path / "fleet", DEMO, cache)
    with fleet:
        statuses = {
            one.name: fetch(host, one.name).status
            for host in fleet.hosts.values()
            for one in host.description.instances
        }
        assert statuses == {"sales": 302, "hr": 401, "Продажи": 302, "support": 302, "archive": 302, "legacy": 302}
        switch(fleet.hosts["app02"], "5.0.24055.0", "Продажи")
        urls = {host.name: [host.url(one.name) for one in host.description.instances] for host in fleet.hosts.values()}
    with pytest.raises(ConnectionRefusedError):
        fetch(fleet.hosts["app03"], "support")
    again = Fleet.load(tmp_path / "fleet")
    with again:
        assert {
            host.name: [host.url(one.name) for one in host.description.instances] for host in again.hosts.values()
        } == urls
        assert "Включен режим обслуживания" in fetch(again.hosts["app02"], "Продажи").body


def test_the_inventory_is_ready_to_use(tmp_path: Path, cache: Path) -> None:
    fleet = Fleet.create(tmp_path / "fleet", DEMO, cache)
    group = yaml.safe_load(fleet.inventory.read_text(encoding="utf-8"))["all"]["children"]["platform_hosts"]
    assert list(group["hosts"]) == ["app01", "app02", "app03", "app04", "app05"]
    assert group["vars"]["ansible_connection"] == "winrm"
    assert len({host["ansible_port"] for host in group["hosts"].values()}) == 5
    assert group["hosts"]["app01"]["ansible_port"] == fleet.hosts["app01"].description.winrm_port


def test_a_used_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(FileExistsError, match="is not empty"):
        Fleet.create(tmp_path, DEMO)
    with pytest.raises(FileNotFoundError, match="there is no fleet"):
        Fleet.load(tmp_path)


@pytest.mark.parametrize(
    "description", [{}, {"hosts": ["app01"]}, {"hosts": {"a": {"instances": [{"name": "x", "version": "5"}]}}}]
)
def test_a_wrong_description_is_refused_before_anything_is_written(tmp_path: Path, description: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fleet description|is not a version"):
        Fleet.create(tmp_path / "fleet", description)
    assert not (tmp_path / "fleet").exists()


def test_the_command_line_starts_asks_and_stops_a_fleet(tmp_path: Path) -> None:
    folder = tmp_path / "fleet"
    description = tmp_path / "one.yml"
    description.write_text(
        yaml.safe_dump({"hosts": {"app01": {"versions": ["5.0.13334.0"], "instances": [SALES]}}}), encoding="utf-8"
    )
    started = command("start", "--fleet", str(folder), "--description", str(description), "--detach")
    assert started.returncode == 0, started.stderr
    assert f"Inventory: {folder}/inventory.yml" in started.stdout
    try:
        with pytest.raises(FleetRuns, match="runs already"):
            Fleet.load(folder).start()
        assert '"Comindware sales": "Started"' in command("list", "--fleet", str(folder)).stdout
        assert command("pool", str(folder), "app01", "comindware SALES", "stop_seconds=1").returncode == 0
        assert command("reboot", str(folder), "app01").stdout == "app01 was rebooted\n"
        assert "has not been started" in command("login", str(folder), "app01", "sales").stderr
        assert "no instance 'x'" in command("product", str(folder), "app01", "x", "failing_health=true").stderr
        assert "there is no host app02" in command("reboot", str(folder), "app02").stderr
    finally:
        stopped = command("stop", "--fleet", str(folder))
    assert stopped.returncode == 0, stopped.stderr
    assert running_process(folder) is None
    assert "does not answer" in command("reboot", str(folder), "app01").stderr


def test_control_c_stops_the_fleet_cleanly(tmp_path: Path) -> None:
    folder = tmp_path / "fleet"
    process = subprocess.Popen(
        [sys.executable, "-m", "standin", "start", "--fleet", str(folder)],
        cwd=TESTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert "The fleet runs. Inventory:" in process.stdout.readline()
    assert running_process(folder) == process.pid
    os.kill(process.pid, signal.SIGINT)
    _stdout, stderr = process.communicate()
    assert (process.returncode, stderr) == (0, "")
    assert not (folder / "fleet.json").exists()
    assert not (folder / "hosts" / "app01" / "control").exists()


def test_a_look_alike_program_gives_its_full_exit_code_beside_the_cut_one(make_host: MakeHost, tmp_path: Path) -> None:
    host = make_host({**SALES, "name": "Отдел продаж"})
    program = host.drives.real(r"C:\Windows\System32\inetsrv\AppCmd.exe")
    code = tmp_path / "code"
    environment = {"STANDIN_HOST": str(host.folder), "STANDIN_EXIT_CODE_FILE": str(code)}

    def run(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([str(program), *arguments], env=environment, capture_output=True, check=False)

    listed = run("list", "site", "Comindware Отдел продаж", "/text:state")
    assert (listed.returncode, listed.stdout, code.read_text()) == (0, b"Started\r\n", "0")
    refused = run("stop", "site", "Default Web Site")
    assert (refused.returncode, code.read_text()) == (1062 & 0xFF, "1062")
    host.stop()
    assert b"does not answer" in run("list", "site").stderr
    assert code.read_text() == "1722"


def test_a_program_that_fails_inside_answers_and_does_not_hang(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(host._programs, "sc", lambda arguments: 1 / 0)
    answer = control.ask(host.folder, "sc", [])
    assert answer.exit_code == 1
    assert b"ZeroDivisionError" in answer.stderr


def test_a_snapshot_tells_what_changed(host: Host) -> None:
    before = host.snapshot()
    assert before.differences(host.snapshot()) == []
    switch(host, "5.0.24055.0")
    host.registry.write(host.instance("sales").registry_key, {"version": "5.0.24055.0"})
    host.iis.stop_site("Comindware sales")
    changes = before.differences(Snapshot.of(host), ignore=(r"*\LOGS\*", r"*\database\*"))
    links = [change for change in changes if "symlink_" in change]
    assert len(links) == 10
    assert [change.partition(":")[0] for change in changes if change not in links] == [
        r"registry HKLM\software\comindware\instances\sales",
        "states site Comindware sales",
    ]


def test_faults_and_settings_are_files_that_the_seams_read(host: Host) -> None:
    assert host.run("#fault", ["create_link", "win32=1314", r"path=C:\x\*"]).exit_code == 0
    assert (host.folder / "faults.json").read_text(encoding="utf-8").count('"create_link"') == 1
    assert host.run("#settings", ['free_bytes={"c": 5}']).exit_code == 0
    assert '"c": 5' in (host.folder / "settings.json").read_text(encoding="utf-8")
    assert host.run("#fault", ["clear"]).exit_code == 0
    assert (host.folder / "faults.json").read_text(encoding="utf-8") == "[]"
    assert host.run("#nonsense", []).exit_code == 1


def test_secrets_are_recognisable_and_files_have_the_encodings_of_windows(make_host: MakeHost) -> None:
    host = make_host(SALES, {**SALES, "name": "old", "version": "4.7.23499.0"})
    yml = host.drives.real(host.instance("sales").yml).read_bytes()
    assert b"journal.password: CANARY-journal-password-sales\r\n" in yml
    assert "Конфигурация".encode() in yml and not yml.startswith(b"\xef\xbb\xbf")
    web = host.drives.real(host.instance("sales").folder("config") + r"\Web.config").read_bytes()
    assert web.startswith(b"\xef\xbb\xbf<?xml") and b"\n" not in web.replace(b"\r\n", b"")
    names = {path.name for path in host.drives.real(host.instance("old").folder("config")).iterdir() if path.is_file()}
    assert names >= {"Web.config", "Workers.config", "adapterhost.config", "apigateway.json"}


def test_a_creation_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="apt-get install mono-mcs"):
        Fleet.create(tmp_path / "fleet", DEMO)
    assert not (tmp_path / "fleet").exists()


def test_a_fleet_whose_process_was_killed_can_be_started_again(tmp_path: Path, cache: Path) -> None:
    fleet = Fleet.create(tmp_path / "fleet", {"hosts": {"app01": {}}}, cache)
    with fleet:
        noted = (fleet.folder / "fleet.json").read_text(encoding="utf-8")
        assert running_process(fleet.folder) == os.getpid()
    (fleet.folder / "fleet.json").write_text(noted.replace('"process_start": ', '"process_start": 1'), encoding="utf-8")
    assert running_process(fleet.folder) is None
