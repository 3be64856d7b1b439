# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configuration files that survive a change of version, where the pristine files are known: base, ours, theirs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from end_to_end.runs import NEW, Controller, MakeController, Run
from end_to_end.test_plans import POLICY, edit, plan
from end_to_end.test_several_hops import V_4_7, answered
from standin.host import Host

CONFIG = r"C:\ProgramData\Comindware\Instances\sales\Config"
YML = r"C:\ProgramData\comindware\configs\instance\sales.yml"
PRISTINE = rf"C:\Program Files\comindware.platform\pristine\{NEW}"


def make(controller: MakeController, environment: str = "venv") -> tuple[Controller, Host]:
    versions = [{"version": version, "templates": True} for version in (V_4_7, NEW)]
    described = {"versions": versions, "instances": [{"name": "sales", "version": V_4_7, "language": "en"}]}
    control = controller(described, environment=environment)
    return control, control.fleet.hosts["app01"]


def upgrade(control: Controller, *arguments: str, **variables: Any) -> Run:
    return control.upgrade(*arguments, **{**answered(control), "upgrade_policy_files": [str(POLICY)], **variables})


def text(host: Host, path: str) -> str:
    return host.drives.real(path).read_bytes().decode("utf-8-sig")


def test_what_operators_changed_survives(controller: MakeController) -> None:
    control, host = make(controller)
    run = upgrade(control)
    assert run.status == 0, run.output
    assert control.running_version("app01", "sales") == NEW
    web = text(host, rf"{CONFIG}\Web.config")
    assert "CANARY-connection-string-sales" in web and 'maxRequestLength="524288"' in web
    assert host.drives.real(rf"{CONFIG}\Web.config").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "6L * 1024 * 1024 * 1024" in text(host, rf"{CONFIG}\Ignite.config")
    yml = text(host, YML)
    assert "CANARY-openId-clientSecret-sales" in yml and "moved to the fast disk by the operators" in yml
    assert "journal.name: erp_sales" in yml and "isFederationAuthEnabled" not in yml
    adapters = text(host, rf"{CONFIG}\adapterhost.yml")
    assert "mq.sasl.password: CANARY-adapterhost-password-sales" in adapters
    gone = [
        name
        for name in ("Workers.config", "adapterhost.config", "apigateway.json")
        if host.drives.exists(rf"{CONFIG}\{name}")
    ]
    assert gone == []
    assert "CANARY" not in run.output


def test_pristine_files_are_kept_for_the_next_time(controller: MakeController) -> None:
    control, host = make(controller)
    assert upgrade(control).status == 0
    kept = text(host, rf"{PRISTINE}\Web.config")
    template = rf"C:\Program Files\Comindware\CBAP\{NEW}\templates\Web.config"
    assert kept == text(host, template)


def test_a_conflict_is_a_blocker_with_its_three_texts_and_is_answered_once(controller: MakeController) -> None:
    control, host = make(controller)
    edit(host, rf"{CONFIG}\Web.config", 'mode="InProc"', 'mode="StateServer"')
    before = host.snapshot()
    shown = plan(control, upgrade_policy_files=[str(POLICY)], **answered(control)).only("upgrade_plan")
    conflicts = [conflict for hop in shown["plan"]["hops"] for conflict in hop["conflicts"]]
    assert conflicts and {conflict["file"] for conflict in conflicts} == {"Web.config"}
    assert 'mode="StateServer"' in conflicts[0]["ours"]
    assert conflicts[0]["base"] != conflicts[0]["theirs"]
    refused = upgrade(control)
    assert refused.status == 2, refused.output
    assert control.changes(before) == []
    answers = {conflict["id"]: "ours" for conflict in conflicts}
    done = upgrade(control, upgrade_configuration=[{"file": "Web.config", "answers": answers}])
    assert done.status == 0, done.output
    assert 'mode="StateServer"' in text(host, rf"{CONFIG}\Web.config")


def test_a_file_of_the_operator_takes_the_place(controller: MakeController, tmp_path: Path) -> None:
    control, host = make(controller)
    edit(host, rf"{CONFIG}\logs.config", "upgradeFile", "upgradeFileOfOurs")
    mine = tmp_path / "logs.config"
    logs = r"C:\ProgramData\Comindware\Instances\sales\Logs"
    mine.write_text(
        f'<nlog><targets><target name="systemFile" fileName="{logs}\\system_${{shortdate}}.log" /></targets></nlog>\n',
        encoding="utf-8",
    )
    run = upgrade(control, upgrade_configuration=[{"file": "logs.config", "src": str(mine)}])
    assert run.status == 0, run.output
    assert text(host, rf"{CONFIG}\logs.config").replace("\r\n", "\n") == mine.read_text(encoding="utf-8")


def test_a_rollback_brings_every_file_back(controller: MakeController) -> None:
    control, host = make(controller)
    assert control.running_version("app01", "sales") == V_4_7
    before = host.snapshot()
    host.product_behaviour("sales").failing_versions = [NEW]
    run = upgrade(control, upgrade_health={"stable": 1, "interval": 1, "timeout": 5})
    assert run.status == 2 and f"from {V_4_7} to {NEW}: unhealthy." in run.message(), run.output
    assert control.changes(before) == []
    assert control.running_version("app01", "sales") == V_4_7


def test_without_the_old_pristine_file_nothing_is_overwritten_in_silence(controller: MakeController) -> None:
    control, host = make(controller)
    host.drives.real(rf"C:\Program Files\Comindware\CBAP\{V_4_7}\templates\Web.config").unlink()
    refused = upgrade(control)
    assert refused.status == 2, refused.output
    assert "Web.config" in refused.message() and "nothing was touched" in refused.message()
    kept = upgrade(control, upgrade_configuration=[{"file": "Web.config", "conflict": "ours"}])
    assert kept.status == 0, kept.output
    assert "CANARY-connection-string-sales" in text(host, rf"{CONFIG}\Web.config")


def test_what_operators_changed_in_the_shared_version_folder_is_told(controller: MakeController) -> None:
    control = controller(
        {
            "versions": [V_4_7, NEW],
            "instances": [{"name": "sales", "version": V_4_7, "language": "en", "agent_logging": "custom"}],
        }
    )
    host = control.fleet.hosts["app01"]
    folder = rf"C:\Program Files\Comindware\CBAP\{NEW}\data\Plugins\Agent\logs.config"
    before = text(host, folder)
    shown = plan(control, **answered(control)).only("upgrade_plan")["text"]
    assert (
        "WARNING linked_file_differs" in shown
        and r"data\Plugins\Agent\logs.config lies in the version's folder" in shown
    )
    assert upgrade(control).status == 0
    assert text(host, folder) == before


def test_two_hops_are_merged_as_they_were_foreseen(controller: MakeController) -> None:
    """The second hop is planned on the texts that the first one will leave; the run goes on only if it left just those."""
    way = ("4.2.612.0", V_4_7, NEW)
    control = controller(
        {
            "versions": [{"version": version, "templates": True} for version in way],
            "instances": [{"name": "sales", "version": way[0], "language": "en"}],
        }
    )
    host = control.fleet.hosts["app01"]
    shown = plan(control, upgrade_policy_files=[str(POLICY)], **answered(control)).only("upgrade_plan")["plan"]
    approved = [title for hop in shown["hops"] for title in hop["operations"] + hop["on_confirm"]]
    run = upgrade(control)
    assert run.status == 0, run.output
    done = run.only("instance_upgrade")
    assert [hop["to"] for hop in done["hops"]] == [V_4_7, NEW]
    assert done["operations"] == approved
    assert "CANARY-connection-string-sales" in text(host, rf"{CONFIG}\Web.config")
    assert control.running_version("app01", "sales") == NEW


def test_the_kept_pristine_file_is_the_base_when_the_version_no_longer_has_it(controller: MakeController) -> None:
    later = "4.7.32876.0"
    way = (V_4_7, later, NEW)
    control = controller(
        {
            "versions": [{"version": version, "templates": True} for version in way],
            "instances": [{"name": "sales", "version": V_4_7, "language": "en"}],
        }
    )
    host = control.fleet.hosts["app01"]
    assert upgrade(control, upgrade_target_version=later).status == 0
    shutil.rmtree(host.drives.real(rf"C:\Program Files\Comindware\CBAP\{later}\templates"))
    shown = plan(control, upgrade_policy_files=[str(POLICY)], **answered(control)).only("upgrade_plan")
    assert not [
        finding for hop in shown["plan"]["hops"] for finding in hop["findings"] if finding["code"] == "base_unknown"
    ]
    run = upgrade(control)
    assert run.status == 0, run.output
    assert "CANARY-connection-string-sales" in text(host, rf"{CONFIG}\Web.config")
