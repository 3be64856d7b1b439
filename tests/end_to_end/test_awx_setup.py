# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""comindware.platform.awx_setup with the real modules of awx.awx, against the stand-in of AWX's API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from end_to_end.runs import BUILD, Run, play_with, preloaded
from standin_awx.jobs import variables_of
from standin_awx.schema import NODES, Json
from standin_awx.server import PASSWORD, TOKEN, USER, StandinAwx

WORKFLOW = "Comindware Platform: planned upgrade"
TEMPLATES = ("inspect", "plan", "upgrade", "rollback", "status", "backup", "cleanup", "recover")
GIT = {"awx_project_scm_url": "https://git.example.com/ops/platform.git"}
SURVEYS = {
    "inspect": ["upgrade_hosts", "survey_instances"],
    "plan": ["upgrade_target_version", "upgrade_hosts", "survey_instances", "survey_acknowledged", "upgrade_language"],
    "upgrade": [
        "upgrade_target_version",
        "upgrade_hosts",
        "survey_instances",
        "survey_acknowledged",
        "survey_run_id",
        "upgrade_canary",
        "survey_batches",
        "upgrade_soak",
        "upgrade_max_failed",
        "upgrade_on_breach",
        "upgrade_blocked",
        "survey_window_end",
        "upgrade_language",
    ],
    "rollback": ["survey_run_id", "upgrade_hosts", "survey_instances", "rollback_accept_data_loss", "upgrade_language"],
    "status": ["survey_run_id", "upgrade_hosts", "upgrade_language"],
    "backup": ["upgrade_hosts", "survey_instances", "upgrade_backup_name", "upgrade_backup_allow_stop"],
    "cleanup": ["upgrade_hosts", "survey_remove", "cleanup_keep", "cleanup_older_than_days", "upgrade_language"],
    "recover": ["upgrade_hosts", "survey_instances", "recover_held"],
}


class Operator:
    """Somebody with ansible-playbook and a token."""

    def __init__(self, awx: StandinAwx, folder: Path) -> None:
        self.awx = awx
        self.login: Json = {"awx_host": awx.url, "awx_token": TOKEN}
        self.environment = "venv"
        self._folder = folder

    def setup(self, **variables: Any) -> Run:
        return self.play("comindware.platform.awx_setup", {**self.login, **variables})

    def play(self, playbook: str, variables: Json) -> Run:
        """Runs a playbook, with variables from a file as AWX gives them."""
        file = self._folder / "variables.json"
        file.write_text(json.dumps(variables), encoding="utf-8")
        return play_with(preloaded(self.environment), self._folder / "results.jsonl", playbook, "-e", f"@{file}")


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    assert (BUILD / "ansible_collections" / "awx" / "awx").is_dir(), (
        "the collection awx.awx is missing: tools/setup awx"
    )
    awx = StandinAwx([f"{folder}{name}.yml" for folder in ("", "playbooks/") for name in TEMPLATES])
    awx.store.create("organizations", {"name": "Default", "description": "as it came"})
    awx.start()
    yield Operator(awx, tmp_path)
    awx.stop()


def links(awx: StandinAwx) -> dict[str, dict[str, list[str]]]:
    """The workflow: which nodes come after which, by the kind of their link."""
    names = {node["id"]: node["identifier"] for node in awx.store.all(NODES)}
    return {
        node["identifier"]: {
            kind: [names[one] for one in node[f"{kind}_nodes"]] for kind in ("success", "failure", "always")
        }
        for node in awx.store.all(NODES)
    }


LINKS = {
    "plan": {"success": ["approval"], "failure": [], "always": []},
    "approval": {"success": ["canary"], "failure": [], "always": []},
    "canary": {"success": ["fleet"], "failure": ["report"], "always": []},
    "fleet": {"success": [], "failure": [], "always": ["report"]},
    "report": {"success": [], "failure": [], "always": []},
}


def survey_of(awx: StandinAwx, kind: str, name: str) -> list[Json]:
    stored = awx.store.find(kind, awx.store.named(kind, name)["id"])
    assert stored is not None
    questions: list[Json] = stored["survey_spec"]["spec"]
    return questions


def test_a_second_setup_mends_what_was_bent_and_changes_nothing_else(operator: Operator, tmp_path: Path) -> None:
    awx, store = operator.awx, operator.awx.store
    first = operator.setup(**GIT, awx_machine_user="deploy", awx_machine_password="one password")
    assert first.status == 0, first.output
    assert store.named("organizations", "Default")["description"] == "as it came"
    project = store.named("projects", "Comindware Platform")
    assert (project["scm_type"], project["scm_url"]) == ("git", GIT["awx_project_scm_url"])
    for name in TEMPLATES:
        template = store.named("job_templates", f"Comindware Platform: {name}")
        assert template["playbook"] == f"playbooks/{name}.yml"
        assert (template["job_slice_count"], template["ask_job_slice_count_on_launch"]) == (1, False)
        assert (template["project"], template["forks"], template["survey_enabled"]) == (project["id"], 25, True)
        assert template["allow_simultaneous"] == (name in {"inspect", "plan", "status"})
        questions = survey_of(awx, "job_templates", template["name"])
        assert [question["variable"] for question in questions] == SURVEYS[name]
    workflow = store.named("workflow_job_templates", WORKFLOW)
    assert (workflow["ask_variables_on_launch"], workflow["extra_vars"]) == (False, "")
    assert [one["variable"] for one in survey_of(awx, "workflow_job_templates", WORKFLOW)] == SURVEYS["upgrade"]
    assert links(awx) == LINKS
    assert store.named("workflow_approval_templates", "Comindware Platform: approval")["timeout"] == 0

    plan, fleet = (store.named(NODES, name)["id"] for name in ("plan", "fleet"))
    store.associate(NODES, plan, "always_nodes", {"id": fleet})
    upgrade = store.named("job_templates", "Comindware Platform: upgrade")["id"]
    store.change("job_templates", upgrade, {"job_slice_count": 4})
    awx.requests.clear()
    second = operator.setup(**GIT, awx_machine_user="deploy", awx_machine_password="another password")
    assert second.status == 0, second.output
    assert changed(second) == ["Make the job templates", "Link the nodes of the workflow"]
    assert [(one.method, one.path) for one in awx.changes()] == [
        ("PATCH", f"/api/v2/job_templates/{upgrade}/"),
        ("POST", f"/api/v2/{NODES}/{plan}/always_nodes/"),
    ]
    assert password_of(awx, "Comindware Platform: WinRM") == "one password"
    assert links(awx) == LINKS
    assert store.named("job_templates", "Comindware Platform: upgrade")["job_slice_count"] == 1

    nodes_share_the_run_and_the_approved_plans(operator, tmp_path)
    (remove,) = [
        one
        for one in survey_of(awx, "job_templates", "Comindware Platform: cleanup")
        if one["variable"] == "survey_remove"
    ]
    assert remove["question_name"] == "What to remove" and remove["type"] == "textarea"


def nodes_share_the_run_and_the_approved_plans(operator: Operator, folder: Path) -> None:
    """What Ansible makes of the variables that AWX would give to the jobs of the workflow."""
    show = folder / "show.yml"
    names = [
        "upgrade_run_id",
        "upgrade_batches",
        "upgrade_instances",
        "upgrade_acknowledged",
        "upgrade_window_end",
        "upgrade_approved_plans",
    ]
    message = {
        name: f"{{{{ {name} | default('none') }}}}"
        for name in [*names, "upgrade_only_canary", "upgrade_target_version"]
    }
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": message}}]}
    show.write_text(yaml.safe_dump([play]), encoding="utf-8")
    plans = {"app01/Comindware/sales": "0" * 64}
    answers = {
        "upgrade_target_version": "5.0.24055.0",
        "survey_batches": "5, 25%",
        "survey_instances": "sales, hr",
        "survey_run_id": "",
    }

    def seen(node: str, job: int, **left: Any) -> Json:
        variables = variables_of(
            operator.awx.store, WORKFLOW, node, answers, {"upgrade_approved_plans": plans, **left}, job, 7
        )
        run = operator.play(str(show), variables)
        assert run.status == 0, run.output
        result: Json = run.results[0].result["msg"]
        return result

    canary = seen("canary", 9)
    assert canary == {
        "upgrade_run_id": "awx-7",
        "upgrade_batches": ["5", "25%"],
        "upgrade_instances": ["sales", "hr"],
        "upgrade_acknowledged": [],
        "upgrade_window_end": "",
        "upgrade_approved_plans": plans,
        "upgrade_only_canary": True,
        "upgrade_target_version": "5.0.24055.0",
    }
    assert seen("fleet", 10, upgrade_run_id="awx-7") == {**canary, "upgrade_only_canary": "none"}
    assert seen("report", 11)["upgrade_run_id"] == "awx-7"
    answers["survey_run_id"] = "release-2026-11"
    assert seen("fleet", 12)["upgrade_run_id"] == "release-2026-11"


def test_everything_can_be_set_up_in_russian_and_from_a_local_folder(operator: Operator) -> None:
    """With the oldest ansible-core, in which numbers within a mapping easily become texts."""
    awx, store = operator.awx, operator.awx.store
    wanted = {
        "awx_language": "ru",
        "awx_prefix": "CMW",
        "awx_organization": "Эксплуатация",
        "awx_project_local_path": "comindware",
        "awx_playbook_folder": "",
        "awx_inventory": "Production",
        "awx_inventory_variables": {"ansible_connection": "winrm"},
        "awx_inventory_source_path": "hosts.yml",
        "awx_execution_environment_image": "registry.example.com/comindware-ee:1.0.0",
        "awx_machine_user": "EXAMPLE\\deploy",
        "awx_machine_password": "a password of WinRM",
        "awx_backup_user": "admin",
        "awx_backup_password": "a password of the product",
        "awx_extra_vars": {"upgrade_backup": {"root": "D:\\Backups"}},
        "awx_approval_timeout": 3600,
    }
    operator.login = {"awx_host": awx.url, "awx_username": USER, "awx_password": PASSWORD}
    operator.environment = "core-2.16"
    first = operator.setup(**wanted)
    assert first.status == 0, first.output
    assert "a password of" not in first.output
    project = store.named("projects", "CMW")
    assert (project["scm_type"], project["local_path"]) == ("", "comindware")
    upgrade = store.named("job_templates", "CMW: upgrade")
    assert upgrade["description"] == (
        "Обновляет экземпляры, первые серверы каждого вида раньше остальных. Продолжает прогон с тем же именем с места остановки."
    )
    assert upgrade["playbook"] == "upgrade.yml"
    assert json.loads(upgrade["extra_vars"])["upgrade_backup"] == {"root": "D:\\Backups"}
    assert upgrade["execution_environment"] == store.named("execution_environments", "CMW")["id"]
    question = survey_of(awx, "job_templates", "CMW: upgrade")[0]
    assert (question["question_name"], question["question_description"]) == (
        "Целевая версия",
        "Четыре числа, например 5.0.24055.0.",
    )
    assert survey_of(awx, "workflow_job_templates", "CMW: planned upgrade")[-1]["default"] == "ru"
    assert store.named("workflow_approval_templates", "CMW: approval")["timeout"] == 3600
    source = store.named("inventory_sources", "CMW")
    assert (source["source_path"], source["source_project"], source["update_on_launch"]) == (
        "hosts.yml",
        project["id"],
        True,
    )
    assert json.loads(store.named("inventories", "Production")["variables"]) == {"ansible_connection": "winrm"}
    credentials = {name: [one["name"] for one in credentials_of(awx, name)] for name in ("upgrade", "backup")}
    assert credentials == {"upgrade": ["CMW: WinRM", "CMW: product backup"], "backup": ["CMW: WinRM"]}
    injected = store.named("credential_types", "CMW: product backup")["injectors"]
    assert injected == {
        "extra_vars": {"upgrade_product_backup_user": "{{ user }}", "upgrade_product_backup_password": "{{ password }}"}
    }

    second = operator.setup(**{**wanted, "awx_machine_password": "another password", "awx_update_secrets": True})
    assert second.status == 0, second.output
    assert changed(second) == ["Make the credential for WinRM", "Make the credential for the product's own backup"]
    assert password_of(awx, "CMW: WinRM") == "another password"


def changed(run: Run) -> list[str]:
    return [result.task for result in run.results if result.result.get("changed")]


def password_of(awx: StandinAwx, name: str) -> str:
    stored = awx.store.find("credentials", awx.store.named("credentials", name)["id"])
    assert stored is not None
    return str(stored["inputs"]["password"])


def credentials_of(awx: StandinAwx, name: str) -> list[Json]:
    return awx.store.listed("job_templates", awx.store.named("job_templates", f"CMW: {name}")["id"], "credentials")


def test_a_wrong_token_changes_nothing(operator: Operator) -> None:
    operator.login["awx_token"] = "wrong"
    run = operator.setup(**GIT)
    assert run.status != 0
    assert run.message() == "Invalid authentication credentials for /api/v2/organizations/ (HTTP 401)."
    assert operator.awx.changes() == []


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (
            {"awx_host": ""},
            "Say where AWX is: -e awx_host=https://awx.example.com, or CONTROLLER_HOST in the environment.",
        ),
        ({"awx_language": "de"}, "awx_language is 'de'; it can be en or ru."),
        (
            {"awx_project_local_path": "here"},
            "Say where the playbooks come from, in one way: -e awx_project_scm_url=https://git.example.com/ops/comindware-platform.git, or "
            "-e awx_project_local_path=FOLDER, a folder below AWX's own projects folder.",
        ),
        (
            {"awx_machine_user": "u"},
            "awx_machine_user and awx_machine_password belong together; one of them is missing.",
        ),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_made(operator: Operator, variables: Json, message: str) -> None:
    run = operator.setup(**{**GIT, **variables})
    assert run.status != 0
    assert message in run.output.replace("\\'", "'"), run.output
    assert operator.awx.requests == []
