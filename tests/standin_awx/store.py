# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects that somebody has made, and what the API shows of them."""

from __future__ import annotations

import copy
import itertools
from typing import Any

from standin_awx.checks import SECRET, Refused, check_whole, cleaned
from standin_awx.schema import NODES, RESOURCES, UNIFIED, Json, Resource
from standin_awx.surveys import wrong_with

MACHINE: Json = {
    "name": "Machine",
    "description": "",
    "kind": "ssh",
    "managed": True,
    "namespace": "ssh",
    "inputs": {
        "fields": [
            {"id": "username", "label": "Username", "type": "string"},
            {"id": "password", "label": "Password", "type": "string", "secret": True},
        ]
    },
    "injectors": {},
}
"""A credential type that comes with AWX."""

LINKS = ("success_nodes", "failure_nodes", "always_nodes")


class Store:
    """``playbooks``: what every project is said to contain."""

    def __init__(self, playbooks: list[str]) -> None:
        self._playbooks = playbooks
        self._ids = itertools.count(1)
        self._items: dict[str, dict[int, Json]] = {name: {} for name in RESOURCES}
        self._keep(RESOURCES["credential_types"], copy.deepcopy(MACHINE))

    def find(self, name: str, number: Any) -> Json | None:
        """An object by its id, as it is stored."""
        names = UNIFIED if name == "unified_job_templates" else (name,)
        return next((self._items[one][number] for one in names if number in self._items[one]), None)

    def named(self, name: str, wanted: str) -> Json:
        """The only object of that name (a node: identifier), as the API shows it."""
        key = "identifier" if name == NODES else "name"
        (found,) = [item for item in self._items[name].values() if item[key] == wanted]
        return self.shown(found)

    def all(self, name: str) -> list[Json]:
        """Every object of a resource, as the API shows it."""
        names = UNIFIED if name == "unified_job_templates" else (name,)
        return [self.shown(item) for one in names for item in self._items[one].values()]

    def create(self, name: str, data: Json) -> Json:
        """Makes an object. Raises Refused."""
        resource = RESOURCES[name]
        values = cleaned(resource, data, self.find)
        item = {key: copy.deepcopy(field.default) for key, field in resource.fields.items()} | values
        self._complete(resource, item)
        self._check(resource, item)
        return self.shown(self._keep(resource, item))

    def change(self, name: str, number: int, data: Json) -> Json:
        """Changes the fields that are given. Raises Refused; then nothing has changed."""
        resource = RESOURCES[name]
        stored = self._items[name][number]
        values = cleaned(resource, data, self.find)
        if name == "credentials" and "inputs" in values:
            values["inputs"] = {
                key: stored["inputs"].get(key) if value == SECRET else value for key, value in values["inputs"].items()
            }
        item = stored | values
        self._complete(resource, item)
        self._check(resource, item)
        stored.update(item)
        return self.shown(stored)

    def set_survey(self, name: str, number: int, spec: Json) -> None:
        """Raises Refused."""
        problem = wrong_with(spec)
        if problem:
            raise Refused({"error": problem})
        self._items[name][number]["survey_spec"] = spec

    def remove_survey(self, name: str, number: int) -> None:
        self._items[name][number]["survey_spec"] = {}

    def listed(self, name: str, number: int, sub: str) -> list[Json]:
        """A sub-list of an object."""
        kind = RESOURCES[name].lists[sub]
        return [self.shown(self._items[kind][one]) for one in self._items[name][number][sub]]

    def associate(self, name: str, number: int, sub: str, data: Json) -> None:
        """Puts an object into a sub-list, or takes it out. Raises Refused."""
        item, kind = self._items[name][number], RESOURCES[name].lists[sub]
        other = self.find(kind, data.get("id"))
        if other is None:
            raise Refused({"msg": f"{kind} {data.get('id')} does not exist."})
        if data.get("disassociate"):
            item[sub] = [one for one in item[sub] if one != other["id"]]
        elif name == NODES and sub in LINKS:
            self._link_nodes(item, sub, other)
        elif other["id"] not in item[sub]:
            types = [self._items["credentials"][one]["credential_type"] for one in item[sub]]
            if other["credential_type"] in types:
                raise Refused({"error": "Cannot assign multiple credentials of one type."})
            item[sub].append(other["id"])

    def create_approval(self, number: int, data: Json) -> Json:
        """An approval in place of a template to start. Raises Refused."""
        approval = self.create("workflow_approval_templates", data)
        self._items[NODES][number]["unified_job_template"] = approval["id"]
        return approval

    def _keep(self, resource: Resource, item: Json) -> Json:
        item |= {"id": next(self._ids), "type": resource.type}
        item |= {name: item.get(name) for name in resource.read_only} | {sub: [] for sub in resource.lists}
        if resource.survey:
            item["survey_spec"] = {}
        self._items[resource.name][item["id"]] = item
        return item

    def _complete(self, resource: Resource, item: Json) -> None:
        """What AWX fills in by itself."""
        if resource.name == "job_templates":
            project = self.find("projects", item["project"])
            item["organization"] = project["organization"] if project else None
        elif resource.name == "projects":
            item["status"] = "successful" if item["scm_type"] else "ok"
            item["scm_revision"] = "0" * 40 if item["scm_type"] else ""
        elif "managed" in resource.read_only:
            item.setdefault("managed", False)

    def _check(self, resource: Resource, item: Json) -> None:
        check_whole(resource, item, self.find, self._playbooks)
        same = [one for one in self._items[resource.name].values() if one["id"] != item.get("id")]
        if resource.unique and any(all(one[key] == item[key] for key in resource.unique) for one in same):
            raise Refused({"__all__": [f"{resource.type} with this {' and '.join(resource.unique)} already exists."]})

    def _link_nodes(self, parent: Json, sub: str, child: Json) -> None:
        if child["workflow_job_template"] != parent["workflow_job_template"]:
            raise Refused({"error": "Cannot associate nodes of different workflows."})
        if any(child["id"] in parent[other] for other in LINKS):
            raise Refused({"Error": "Relationship not allowed."})
        behind, seen = [child["id"]], set()
        while behind:
            one = behind.pop()
            seen.add(one)
            behind += [later for key in LINKS for later in self._items[NODES][one][key] if later not in seen]
        if parent["id"] in seen:
            raise Refused({"Error": "Cycle detected."})
        parent[sub].append(child["id"])

    def shown(self, item: Json) -> Json:
        """What the API answers: secrets hidden, with its address and what is related to it."""
        resource = next(one for one in RESOURCES.values() if one.type == item["type"])
        result = copy.deepcopy(item)
        url = f"/api/v2/{resource.name}/{item['id']}/"
        related = {sub: f"{url}{sub}/" for sub in resource.lists}
        if resource.survey:
            result.pop("survey_spec")
            related["survey_spec"] = f"{url}survey_spec/"
        if resource.name == "credentials":
            kind = self._items["credential_types"][item["credential_type"]]
            secret = {field["id"] for field in kind["inputs"]["fields"] if field.get("secret")}
            result["inputs"] = {
                key: SECRET if key in secret and value else value for key, value in item["inputs"].items()
            }
            result.pop("credentials", None)
        if resource.name == NODES:
            related["create_approval_template"] = f"{url}create_approval_template/"
            template = self.find("unified_job_templates", item["unified_job_template"])
            if template is not None:
                related["unified_job_template"] = self.shown(template)["url"]
        if "credentials" in resource.lists:
            result.pop("credentials")
        result |= {"url": url, "related": related, "summary_fields": {}, "created": "2026-11-23T00:00:00Z"}
        if resource.name == "projects" and item["scm_type"]:
            result["summary_fields"] = {"current_update": {"id": item["id"], "status": "running"}}
        return result
