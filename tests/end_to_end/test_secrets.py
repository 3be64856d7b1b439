# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every flow, with everything that ansible can say about it: no secret of an instance is in it, nor in what a controller keeps."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from end_to_end.runs import NEW, Controller, MakeController, Run
from end_to_end.test_configuration import CONFIG, make
from end_to_end.test_plans import POLICY, edit
from end_to_end.test_several_hops import answered
from standin.host import Host

PATIENCE = {"health_stable": 1, "health_interval": 1, "health_timeout": 60}


def forms(text: str) -> list[bytes]:
    """A text as it is, in UTF-16 as PowerShell wants its commands, and what both look like inside longer base64."""
    plain = [text.encode(), text.encode("utf-16-le")]
    return plain + [base64.b64encode(b" " * shift + one)[4:-4] for one in plain for shift in range(3)]


def places(secrets: Iterable[str], *folders: Path) -> list[str]:
    """Files that hold one of them in any form."""
    wanted = [form for secret in secrets for form in forms(secret)]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and not file.is_symlink()]
    return [str(file) for file in files if any(form in content for content in [file.read_bytes()] for form in wanted)]


def canaries(host: Host) -> set[str]:
    """The values that the stand-in's sample files hold in secret directives."""
    found: set[str] = set()
    for path in host.drives.folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.suffix in (".yml", ".config", ".json"):
            found |= set(re.findall(r"CANARY-[\w-]+", path.read_text(encoding="utf-8-sig", errors="replace")))
    return found


class Everything:
    """Runs every flow of the collection, one after another, and remembers what was said."""

    def __init__(self, control: Controller, folder: Path) -> None:
        self.control, self.folder, self.runs = control, folder, list[Run]()
        self.host = control.fleet.hosts["app01"]
        self.wanted: dict[str, Any] = {
            **answered(control),
            "upgrade_policy_files": [str(POLICY)],
            "upgrade_target_version": NEW,
            "upgrade_plan_folder": str(folder / "plans"),
        }

    def play(self, status: int, name: str, **variables: Any) -> Run:
        """A playbook of the collection."""
        return self._remember(
            status, self.control.playbook(f"comindware.platform.{name}", "-vvvvvv", "--diff", **variables)
        )

    def task(self, status: int, module: str, **options: Any) -> Run:
        return self._remember(status, self.control.task(module, "-vvvvvv", "--diff", name="sales", **options))

    def upgrade(self, status: int, **variables: Any) -> Run:
        return self._remember(status, self.control.upgrade("-vvvvvv", "--diff", **self.wanted, **variables))

    def _remember(self, status: int, run: Run) -> Run:
        assert run.status == status, run.output
        self.runs.append(run)
        return run

    def all_flows(self) -> None:
        self.play(0, "inspect")
        self.play(2, "plan", **self.wanted)
        self.upgrade(2)  # the conflict
        self.wanted["upgrade_configuration"] = [{"file": "Web.config", "conflict": "ours"}]
        self.play(0, "plan", **self.wanted)
        self.host.add_fault("operation:start_site", action="error", win32=5)
        self.upgrade(2)  # an undo
        self.host.clear_faults()
        (done,) = self.upgrade(0).of("instance_upgrade")
        self.task(0, "instance_health")
        self.play(0, "recover")
        self.task(0, "instance_rollback", run=done["run"], accept_data_loss=True, **PATIENCE)
        self.play(0, "backup", upgrade_instances=["sales"], upgrade_backup_name="old")
        edit(self.host, rf"{CONFIG}\Web.config", "CANARY-session-state-sales", "CANARY-another-sales")
        self.task(0, "instance_restore", backup="old", **PATIENCE)


@pytest.mark.parametrize("core", ["2.16", "2.21"])
def test_no_flow_leaves_a_secret(controller: MakeController, tmp_path: Path, core: str) -> None:
    control, host = make(controller, environment=f"core-{core}")
    state = 'mode="StateServer" stateConnectionString="tcpip=10.0.0.1:42424;password=CANARY-session-state-sales"'
    edit(host, rf"{CONFIG}\Web.config", '<sessionState mode="InProc"', f"<sessionState {state}")
    cache = {
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache"),
    }
    control.variables = {"ANSIBLE_DEBUG": "1", **cache}
    secrets = canaries(host)
    assert len(secrets) > 5 and "CANARY-session-state-sales" in secrets
    everything = Everything(control, tmp_path)
    everything.all_flows()
    said = "".join(run.output for run in everything.runs).encode()
    assert b"tcpip=10.0.0.1:42424;password=" in said
    assert [form for secret in secrets for form in forms(secret) if form in said] == []
    kept = [path for path in tmp_path.iterdir() if path != control.fleet.folder]
    assert {"ansible", "plans", "results.jsonl"} <= {path.name for path in kept}
    assert places(secrets, *kept) == []
