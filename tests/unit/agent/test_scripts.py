# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`run_script`: a vendor's script as SYSTEM, judged, bounded in time, and out of reach of everybody else."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations
from standin.installation import PYTHON

from .conftest import ROOT, Agent, AgentError
from .sets import DATA, PROTECT, TREE, backup, secure, tree

POWERSHELL = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
FOLDER = r"C:\Program Files\Дистрибутив\scripts"
SCRIPT = FOLDER + r"\upgrade.ps1"
PID = r"C:\pid"
SEEN = r"C:\seen"
START = f"start {PID}"


@pytest.fixture
def host(agent: Agent) -> Agent:
    """A host that has PowerShell."""
    agent.host.runtime.install_program(POWERSHELL, ROOT / "tests/standin/programs/powershell.py", PYTHON)
    agent.path(POWERSHELL).chmod(0o755)
    return agent


def script(agent: Agent, *lines: str) -> None:
    agent.write(SCRIPT, "\n".join(lines))


def run(
    *arguments: str, changes: tuple[str, ...] = (), timeout: int = 20, success: str | None = None
) -> dict[str, Any]:
    return operations.run_script(SCRIPT, arguments, changes, timeout, success)


def lives(host: Agent) -> bool:
    """Whether the process whose id was written runs; what nobody has waited for yet does not."""
    process = host.path(PID).read_text()
    try:
        return Path("/proc", process, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_script_gets_its_arguments_and_its_folder(host: Agent) -> None:
    script(host, "print имя: Completed", "error a warning", "arguments", "folder", f"write {SEEN} yes", "exit 0")
    arguments = ["-name", "Имя один", r"C:\with space\\", 'a "quote"', "$x;`y", ""]
    status = host.execute([run(*arguments, success=r"имя: \w+")])
    assert status["state"] == "applied", status["error"]
    assert host.path(SEEN).read_text() == "yes"
    script(host, "arguments", "folder", "exit 3")
    output = host.execute([run(*arguments)], id="t2", instance="two")["error"]["details"]["output"]
    assert output.splitlines() == [repr(arguments), str(host.path(FOLDER))]


def test_failure_names_the_exit_code_and_what_was_said(host: Agent) -> None:
    script(host, "print begun", "error Ошибка", "exit 4294967295")
    status = host.execute([run()])
    assert status["state"] == "rolled_back"
    error = status["error"]
    assert (error["code"], error["details"]) == (
        "program_failed",
        {"program": SCRIPT, "exit_code": 4294967295, "output": "begun\nОшибка"},
    )
    assert error["message"] == (
        f"The script '{SCRIPT}' ended with exit code 4294967295, and 0 is wanted. It said at the end: begun\nОшибка"
    )


def test_only_the_end_of_a_long_output_is_told_and_no_secret(host: Agent) -> None:
    secrets = {"salt": "s", "words": ["pw"]}
    script(host, "print " + "x" * 5000, "print pw: тайна", "print " + "y" * 1970, "exit 1")
    error = host.execute([run()], secrets=secrets)["error"]
    output = error["details"]["output"]
    assert len(output) == 2000
    assert output.startswith("pw: ⟦secret:"), output[:60]
    assert output.endswith("y" * 1970)
    assert error["message"].endswith(output)
    transaction = host.path(r"C:\Program Files\agent\transactions\t1")
    assert "тайна" not in (transaction / "journal.jsonl").read_text("utf-8")


def test_output_in_the_code_page_of_the_console(host: Agent) -> None:
    host.path(POWERSHELL).write_text("#!/bin/sh\nprintf '\\216\\353\\217'\nexit 1\n")
    host.host.registry.write(r"HKLM\SYSTEM\CurrentControlSet\Control\Nls\CodePage", {"OEMCP": "866"})
    script(host)
    assert host.execute([run()])["error"]["details"]["output"] == "ОыП"


def test_success_must_be_said_if_a_pattern_asks_for_it(host: Agent) -> None:
    script(host, "print Status: Failed")
    error = host.execute([run(success="Status: Completed")])["error"]
    assert error["message"] == (
        f"The script '{SCRIPT}' ended with exit code 0, but nothing in its output matches 'Status: Completed'. It said "
        "at the end: Status: Failed"
    )
    script(host)
    error = host.execute([run(success="Status: Completed")], id="t2")["error"]
    assert error["message"].endswith("matches 'Status: Completed'. It said nothing.")


def test_time_is_over_for_all_that_the_script_has_started(host: Agent) -> None:
    script(host, "print begun", START, "stay")
    error = host.execute([run(timeout=3)])["error"]
    assert (error["code"], error["details"]) == (
        "program_failed",
        {"program": SCRIPT, "exit_code": None, "output": "begun"},
    )
    assert error["message"] == (
        f"The script '{SCRIPT}' did not end within 3 seconds and was stopped, with all that it had started. It said at "
        "the end: begun"
    )
    host.until(lambda: not lives(host))


def test_what_a_failed_script_has_started_ends_with_it(host: Agent) -> None:
    """It would write while the undo puts the old files back."""
    script(host, START, "exit 1")
    assert host.execute([run()])["state"] == "rolled_back"
    host.until(lambda: not lives(host))


def test_what_a_script_has_started_lives_on_after_a_success(host: Agent) -> None:
    script(host, START, "exit 0")
    assert host.execute([run()])["state"] == "applied"
    assert lives(host)
    os.kill(int(host.path(PID).read_text()), signal.SIGKILL)


def test_script_dies_with_its_worker(host: Agent, data: str) -> None:
    now = tree(host)
    script(host, rf"write {DATA}\db\half half", f"pid {PID}", "stay")
    host.execute([backup(TREE), PROTECT, run(changes=(DATA,))], wait=0)
    host.until(lambda: host.path(PID).exists() and host.path(PID).read_text() != "")
    (worker,) = host.host.scheduler.processes()
    os.kill(worker.pid, signal.SIGKILL)
    status = host.status(wait=30)
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert tree(host) == now
    host.until(lambda: not lives(host))


@pytest.mark.parametrize("point", ["operation:run_script", "after:operation:run_script"])
def test_killed_around_a_script(host: Agent, data: str, point: str) -> None:
    now = tree(host)
    script(host, rf"write {DATA}\db\one.bin upgraded")
    host.host.add_fault(point, action="kill")
    status = host.execute([backup(TREE), PROTECT, run(changes=(DATA,))], wait=60)
    assert (status["state"], status["error"]["code"]) == ("rolled_back", "interrupted")
    assert tree(host) == now


def test_rollback_brings_back_what_the_script_has_changed(host: Agent, data: str) -> None:
    now = tree(host)
    script(host, rf"write {DATA}\db\one.bin upgraded", rf"write {DATA}\db\new new")
    status = host.execute([backup(TREE), PROTECT, run(changes=(DATA, DATA + r"\db"))])
    assert status["state"] == "applied", status["error"]
    assert host.path(DATA + r"\db\new").exists()
    assert host.rollback()["state"] == "rolled_back"
    assert tree(host) == now


def uncovered(path: str) -> str:
    return (
        f"run_script of '{SCRIPT}' changes '{path}', but no protect_tree before it in the plan covers that: nothing would "
        "bring it back."
    )


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"operations": [run(changes=(DATA,))]}, uncovered(DATA)),
        ({"operations": [run(changes=(DATA,)), PROTECT]}, uncovered(DATA)),
        ({"operations": [PROTECT, run(changes=(DATA, DATA + "2"))]}, uncovered(DATA + "2")),
        ({"operations": [PROTECT, run(changes=(r"D:\Данные",))]}, uncovered(r"D:\Данные")),
        ({"operations": [PROTECT], "on_confirm": [run(changes=(DATA,))]}, uncovered(DATA)),
        (
            {"operations": [run() | {"changes": None}]},
            f"run_script of '{SCRIPT}' must name in 'changes' the folders that the script changes; an empty list if there "
            "is none.",
        ),
        (
            {"operations": [run() | {"path": r"\\server\share\x.ps1"}]},
            r"run_script needs a script on a drive of the host, not '\\server\share\x.ps1': nobody here knows who may "
            "change that.",
        ),
        (
            {"operations": [run(success="(")]},
            "The pattern '(' is not a regular expression: parsing \"(\" - Not enough )'s.",
        ),
    ],
)
def test_plan_is_refused(new_agent: Agent, plan: dict[str, Any], message: str) -> None:
    with pytest.raises(AgentError) as raised:
        new_agent.execute(**plan)
    assert (raised.value.code, str(raised.value)) == ("bad_request", message)
    assert not new_agent.path(r"C:\Program Files\agent").exists()


def test_script_or_powershell_that_is_not_there(host: Agent) -> None:
    error = host.execute([run()])["error"]
    assert (error["code"], error["details"]["path"]) == ("missing", SCRIPT)
    host.path(SCRIPT).mkdir(parents=True)
    assert host.execute([run()], id="t2")["error"]["code"] == "not_a_file"
    host.path(SCRIPT).rmdir()
    script(host)
    host.path(POWERSHELL).unlink()
    error = host.execute([run()], id="t3")["error"]
    assert error["message"] == rf"'{POWERSHELL}' is not on this host."


def test_script_behind_a_link_is_refused(host: Agent) -> None:
    host.write(r"C:\distr\upgrade.ps1", "exit 0")
    host.link(FOLDER, r"C:\distr")
    assert host.execute([run()])["error"]["code"] == "link_in_path"


INSTALLER = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
PROGRAM_FILES = (
    f"O:{INSTALLER}D:PAI(A;;FA;;;{INSTALLER})(A;CIIO;GA;;;{INSTALLER})(A;;0x1301bf;;;SY)(A;OICIIO;GA;;;SY)(A;;0x1301bf;;;BA)"
    "(A;OICIIO;GA;;;BA)(A;;0x1200a9;;;BU)(A;OICIIO;GXGR;;;BU)(A;OICIIO;GA;;;CO)(A;;0x1200a9;;;AC)(A;OICIIO;GXGR;;;AC)"
)
PROGRAM_DATA = "O:SYD:AI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICIIO;GA;;;CO)(A;OICI;0x1200a9;;;BU)(A;CI;DCLCRPCR;;;BU)"
ABOVE = FOLDER.rpartition("\\")[0]
BESIDE = FOLDER + r"\lib\common.psm1"
ALL = "D:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)"


def protect(host: Agent) -> None:
    """Gives every path around the script an access list of its own."""
    host.write(BESIDE, "")
    for path in (ABOVE, FOLDER, SCRIPT, BESIDE, BESIDE.rpartition("\\")[0]):
        secure(host, path, "O:BA" + ALL)


@pytest.mark.parametrize(
    ("path", "sddl"),
    [
        (r"C:\Program Files", PROGRAM_FILES),
        (ABOVE, PROGRAM_DATA),
        (FOLDER, "O:SYD:P(A;OICI;FA;;;SY)(A;;FA;;;OW)(A;OICI;FRFX;;;WD)"),
        (SCRIPT, "O:DAD:P(D;;FA;;;WD)(OD;;FA;;;BU)"),
        (SCRIPT, "O:LAG:DUD:AI(A;CIOI;GRGX;;;AU)(A;IO;FA;;;WD)"),
    ],
)
def test_places_of_administrators_are_good_enough(host: Agent, path: str, sddl: str) -> None:
    script(host, "exit 0")
    protect(host)
    secure(host, path, sddl)
    status = host.execute([run()])
    assert status["state"] == "applied", status["error"]


@pytest.mark.parametrize(
    ("path", "sddl"),
    [
        (SCRIPT, "O:S-1-5-21-1-2-3-1001" + ALL),
        (SCRIPT, "O:BA" + ALL + "(A;ID;0x1301bf;;;AU)"),
        (SCRIPT, "O:BA" + ALL + "(A;;FRFW;;;S-1-5-21-1-2-3-1001)"),
        (SCRIPT, "O:BA" + ALL + "(XA;;FA;;;WD;(Exists x))"),
        (SCRIPT, "O:BA" + ALL + "(XA;;FR;;;WD;((Exists x) && (Exists y)))"),
        (SCRIPT, "O:BA" + ALL + "(A;CIOI;WD;;;BU)"),
        (SCRIPT, "O:BA" + ALL + "(A;;QQ;;;BU)"),
        (SCRIPT, "O:BAD:NO_ACCESS_CONTROL"),
        (BESIDE, "O:BA" + ALL + "(A;;CR;;;BU)"),
        (FOLDER, PROGRAM_DATA),
        (ABOVE, "O:BU" + ALL),
        (ABOVE, "O:BA" + ALL + "(A;;SD;;;BU)"),
        (ABOVE, "O:BA" + ALL + "(A;;DT;;;BU)"),
        (r"C:\Program Files", "O:BA" + ALL + "(A;;WO;;;WD)"),
    ],
)
def test_script_that_others_could_change_is_refused(host: Agent, path: str, sddl: str) -> None:
    script(host, rf"write {SEEN} yes")
    protect(host)
    secure(host, path, sddl)
    error = host.execute([run()])["error"]
    assert (error["code"], error["details"]) == ("not_protected", {"path": path})
    assert error["message"] == (
        f"'{SCRIPT}' would be run with the rights of the system, but others than administrators own '{path}' or may change "
        f"it. Copy (do not move) the folder '{FOLDER}' to where only administrators may write, such as below "
        "%ProgramFiles%, give the copy to them with: icacls COPY /setowner *S-1-5-32-544 /T - and name the script there."
    )
    assert not host.path(SEEN).exists()


def test_script_in_the_root_of_a_volume_is_refused(host: Agent) -> None:
    host.write(r"C:\upgrade.ps1", "exit 0")
    error = host.execute([run() | {"path": r"C:\upgrade.ps1"}])["error"]
    assert (error["code"], error["details"]) == ("not_protected", {"path": "C:\\"})
