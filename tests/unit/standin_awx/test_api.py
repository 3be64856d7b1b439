# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The stand-in of AWX's API refuses what AWX refuses: a setup that it lets pass is worth something."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from standin_awx.schema import Json
from standin_awx.server import PASSWORD, TOKEN, USER, StandinAwx

QUESTION = {"type": "text", "question_name": "Target", "variable": "target", "required": True, "default": ""}


class Client:
    """Asks without a network."""

    def __init__(self) -> None:
        self.awx = StandinAwx(["upgrade.yml"])
        self.token = TOKEN

    def ask(self, method: str, path: str, data: Json | None = None) -> tuple[int, Any]:
        body = b"" if data is None else json.dumps(data).encode()
        return self.awx.answer(method, f"/api/v2/{path}", f"Bearer {self.token}", body)

    def make(self, path: str, **data: Any) -> int:
        """The id of a new object."""
        status, answer = self.ask("POST", path, data)
        assert status == 201, answer
        return int(answer["id"])

    def template(self, **data: Any) -> int:
        organization = self.make("organizations/", name="Operations")
        project = self.make(
            "projects/", name="p", organization=organization, scm_type="git", scm_url="https://git/p.git"
        )
        inventory = self.make("inventories/", name="i", organization=organization)
        return self.make(
            "job_templates/", name="t", project=project, inventory=inventory, playbook="upgrade.yml", **data
        )


@pytest.fixture
def client() -> Client:
    return Client()


def test_nobody_gets_in_without_a_token(client: Client) -> None:
    client.token = "wrong"
    assert client.ask("GET", "organizations/")[0] == 401
    assert client.ask("POST", "organizations/", {"name": "x"})[0] == 401
    assert client.awx.store.all("organizations") == []


def test_a_password_brings_a_token(client: Client) -> None:
    basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    status, answer = client.awx.answer("POST", "/api/v2/tokens/", basic, b"{}")
    client.token = answer["token"]
    assert status == 201 and client.ask("GET", "organizations/")[0] == 200
    assert client.awx.answer("DELETE", "/api/v2/tokens/1/", basic, b"")[0] == 204
    assert client.ask("GET", "organizations/")[0] == 401
    assert client.awx.answer("POST", "/api/v2/tokens/", "Basic eDp5", b"{}")[0] == 401


@pytest.mark.parametrize(
    "path", ["nothing/", "organizations/1/", "organizations", "organizations/x/", "unified_job_templates/1/"]
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.ask("GET", path)[0] == 404


@pytest.mark.parametrize(
    ("path", "data", "answer"),
    [
        ("organizations/", {}, {"name": ["This field is required."]}),
        ("organizations/", {"name": "x", "colour": 1}, {"colour": ["AWX knows no field 'colour' of organizations."]}),
        ("organizations/", {"name": 1}, {"name": ["Not a valid text: 1."]}),
        ("organizations/", {"name": "x", "max_hosts": True}, {"max_hosts": ["Not a valid number: True."]}),
        ("projects/", {"name": "x", "organization": 9}, {"organization": ['Invalid pk "9" - object does not exist.']}),
        ("projects/", {"name": "x", "scm_type": "cvs"}, {"scm_type": ['"cvs" is not a valid choice.']}),
        ("projects/", {"name": "x", "scm_type": "git"}, {"scm_url": ["SCM URL is required."]}),
        ("projects/", {"name": "x", "scm_type": ""}, {"local_path": ["Invalid path choice."]}),
        ("job_templates/", {"name": "x"}, {"project": ["Job Templates must have a project assigned."]}),
        (
            "credentials/",
            {"name": "x", "credential_type": 1, "inputs": {"colour": "red"}},
            {"inputs": ["Additional properties are not allowed ('colour' was unexpected)"]},
        ),
        (
            "credential_types/",
            {"name": "x", "kind": "cloud", "injectors": {"extra_vars": {"a": "{{ b }}"}}},
            {"injectors": ["b uses an undefined field"]},
        ),
    ],
)
def test_wrong_values_are_refused(client: Client, path: str, data: Json, answer: Json) -> None:
    assert client.ask("POST", path, data) == (400, answer)


def test_a_name_is_there_once(client: Client) -> None:
    client.make("organizations/", name="x")
    assert client.ask("POST", "organizations/", {"name": "x"})[0] == 400


def test_a_change_that_is_refused_changes_nothing(client: Client) -> None:
    number = client.template()
    assert client.ask("PATCH", f"job_templates/{number}/", {"description": "new", "playbook": "none.yml"}) == (
        400,
        {"playbook": ["Playbook not found for project."]},
    )
    assert client.ask("GET", f"job_templates/{number}/")[1]["description"] == ""
    assert client.ask("PATCH", f"job_templates/{number}/", {"description": "new"})[1]["description"] == "new"
    assert client.ask("PUT", f"job_templates/{number}/", {})[0] == 405


def test_lists_are_filtered_and_come_in_pages(client: Client) -> None:
    for number in range(30):
        client.make("organizations/", name=f"o{number}")
    first = client.ask("GET", "organizations/")[1]
    assert (first["count"], len(first["results"])) == (30, 25)
    second = client.awx.answer("GET", first["next"], f"Bearer {TOKEN}", b"")[1]
    assert len(second["results"]) == 5 and second["next"] is None
    assert client.ask("GET", "organizations/?name=o7")[1]["count"] == 1
    assert client.ask("GET", "organizations/?or__id=2&or__name=o7")[1]["count"] == 2
    assert client.ask("GET", "organizations/?colour=1") == (
        400,
        {"detail": "organizations has no field named 'colour'"},
    )


def test_secrets_do_not_come_back(client: Client) -> None:
    number = client.make("credentials/", name="c", credential_type=1, inputs={"username": "u", "password": "p"})
    assert client.ask("GET", f"credentials/{number}/")[1]["inputs"] == {"username": "u", "password": "$encrypted$"}
    client.ask("PATCH", f"credentials/{number}/", {"inputs": {"username": "v", "password": "$encrypted$"}})
    stored = client.awx.store.find("credentials", number)
    assert stored is not None and stored["inputs"] == {"username": "v", "password": "p"}


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ({"name": "", "description": ""}, "Field 'spec' is missing from survey spec."),
        ({"name": "", "description": "", "spec": []}, "'spec' doesn't contain any items."),
        (
            {"name": "", "description": "", "spec": [QUESTION, QUESTION]},
            "'variable' 'target' duplicated in survey question 1.",
        ),
        (
            {"name": "", "description": "", "spec": [QUESTION | {"type": "integer", "default": "1"}]},
            "Default value 1 in survey question 0 expected to be int.",
        ),
        (
            {
                "name": "",
                "description": "",
                "spec": [QUESTION | {"type": "multiplechoice", "choices": ["a"], "default": "b"}],
            },
            "Default choice must be answered from the choices listed.",
        ),
        (
            {"name": "", "description": "", "spec": [QUESTION | {"required": "yes"}]},
            "'required' in survey question 0 has the wrong type.",
        ),
    ],
)
def test_surveys_have_rules(client: Client, spec: Json, error: str) -> None:
    number = client.template()
    assert client.ask("POST", f"job_templates/{number}/survey_spec/", spec) == (400, {"error": error})
    assert client.ask("GET", f"job_templates/{number}/survey_spec/") == (200, {})


def test_a_node_answers_only_what_its_template_asks(client: Client) -> None:
    number = client.template()
    workflow = client.make("workflow_job_templates/", name="w")
    node = {"workflow_job_template": workflow, "identifier": "n", "unified_job_template": number}
    status, answer = client.ask("POST", "workflow_job_template_nodes/", {**node, "extra_data": {"a": 1}})
    assert status == 400 and list(answer) == ["extra_data"]
    assert client.ask("POST", "workflow_job_template_nodes/", {**node, "job_slice_count": 2}) == (
        400,
        {"job_slice_count": ["Field is not configured to prompt on launch."]},
    )
    client.ask("PATCH", f"job_templates/{number}/", {"ask_variables_on_launch": True})
    assert client.ask("POST", "workflow_job_template_nodes/", {**node, "extra_data": {"a": 1}})[0] == 201


def test_nodes_are_linked_without_circles(client: Client) -> None:
    workflow = client.make("workflow_job_templates/", name="w")
    first, second = (
        client.make("workflow_job_template_nodes/", workflow_job_template=workflow, identifier=one) for one in "ab"
    )
    nodes = "workflow_job_template_nodes"
    assert client.ask("POST", f"{nodes}/{first}/success_nodes/", {"id": second}) == (204, None)
    assert client.ask("POST", f"{nodes}/{first}/always_nodes/", {"id": second}) == (
        400,
        {"Error": "Relationship not allowed."},
    )
    assert client.ask("POST", f"{nodes}/{second}/always_nodes/", {"id": first}) == (400, {"Error": "Cycle detected."})
    assert client.ask("GET", f"{nodes}/{first}/")[1]["success_nodes"] == [second]
    assert client.ask("POST", f"{nodes}/{first}/success_nodes/", {"id": second, "disassociate": True}) == (204, None)
    assert client.ask("GET", f"{nodes}/{first}/success_nodes/")[1]["count"] == 0


def test_an_approval_takes_the_place_of_a_template(client: Client) -> None:
    workflow = client.make("workflow_job_templates/", name="w")
    node = client.make("workflow_job_template_nodes/", workflow_job_template=workflow, identifier="a")
    path = f"workflow_job_template_nodes/{node}/create_approval_template/"
    assert client.ask("POST", path, {"name": "ok?", "votes": 2})[0] == 400
    status, approval = client.ask("POST", path, {"name": "ok?", "timeout": 60})
    assert status == 201
    assert (
        client.ask("GET", f"workflow_job_template_nodes/{node}/")[1]["related"]["unified_job_template"]
        == approval["url"]
    )
    assert client.ask("POST", "workflow_approval_templates/", {"name": "x"})[0] == 405
