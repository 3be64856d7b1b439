# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What AWX refuses in the values of one object; each refusal as AWX tells it: {field: [sentences]}."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from standin_awx.schema import ASKED_BY, COMMON, PROMPTS, RESOURCES, Field, Json, Resource

Find = Callable[[str, Any], "Json | None"]
"""The stored object of a resource by its id."""

SECRET = "$encrypted$"


class Refused(Exception):
    """The body of an answer 400."""

    def __init__(self, body: Json) -> None:
        super().__init__(str(body))
        self.body = body


def cleaned(resource: Resource, data: Json, find: Find) -> Json:
    """The writable values, as they are stored. Raises Refused for unknown fields, wrong types, and links to nothing."""
    values = {}
    problems: Json = {}
    for name, value in data.items():
        field = resource.fields.get(name)
        if field is None:
            if name not in COMMON | resource.read_only:
                problems[name] = [f"AWX knows no field '{name}' of {resource.name}."]
            continue
        try:
            values[name] = _value(field, value, find)
        except ValueError as error:
            problems[name] = [str(error)]
    if problems:
        raise Refused(problems)
    return values


def _value(field: Field, value: Any, find: Find) -> Any:
    if field.kind in RESOURCES or field.kind == "unified_job_templates":
        return _link(field, value, find)
    if value is None:
        if field.default is None or field.kind in {"text", "variables"}:
            return field.default
        raise ValueError("This field may not be null.")
    kind = {"flag": bool, "number": int, "object": dict}.get(field.kind, str)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"Not a valid {field.kind}: {value!r}.")
    if field.choices and value not in field.choices:
        raise ValueError(f'"{value}" is not a valid choice.')
    if field.kind == "variables" and value and not isinstance(yaml.safe_load(str(value)), dict):
        raise ValueError("Cannot parse as JSON or YAML of a mapping.")
    return value


def _link(field: Field, value: Any, find: Find) -> int | None:
    if value in (None, ""):
        if field.required:
            raise ValueError("This field may not be null.")
        return None
    if isinstance(value, bool) or find(field.kind, value) is None:
        raise ValueError(f'Invalid pk "{value}" - object does not exist.')
    return int(value)


def check_whole(resource: Resource, item: Json, find: Find, playbooks: list[str]) -> None:
    """What can be judged only when all values are known. Raises Refused."""
    missing = [name for name, field in resource.fields.items() if field.required and item.get(name) in (None, "")]
    if missing:
        raise Refused({name: ["This field is required."] for name in missing})
    check = CHECKS.get(resource.name)
    if check is not None:
        problems = check(item, find, playbooks)
        if problems:
            raise Refused(problems)


def _project(item: Json, find: Find, playbooks: list[str]) -> Json:
    if item["scm_type"] and not item["scm_url"]:
        return {"scm_url": ["SCM URL is required."]}
    if not item["scm_type"] and not item["local_path"]:
        return {"local_path": ["Invalid path choice."]}
    return {}


def _job_template(item: Json, find: Find, playbooks: list[str]) -> Json:
    if item["project"] is None:
        return {"project": ["Job Templates must have a project assigned."]}
    if item["inventory"] is None and not item["ask_inventory_on_launch"]:
        return {"inventory": ["Must either set a default value or ask to prompt on launch."]}
    if item["playbook"] not in playbooks:
        return {"playbook": ["Playbook not found for project."]}
    if item["job_slice_count"] < 1:
        return {"job_slice_count": ["Ensure this value is greater than or equal to 1."]}
    return {}


def _credential_type(item: Json, find: Find, playbooks: list[str]) -> Json:
    fields = item["inputs"].get("fields", [])
    if set(item["inputs"]) - {"fields", "required"} or any({"id", "label"} - set(field) for field in fields):
        return {"inputs": ["Additional properties are not allowed, and every field needs an id and a label."]}
    known = {field["id"] for field in fields}
    if set(item["inputs"].get("required", [])) - known:
        return {"inputs": ["A required field is not defined."]}
    if set(item["injectors"]) - {"env", "file", "extra_vars"}:
        return {"injectors": ["Additional properties are not allowed."]}
    for values in item["injectors"].values():
        used = {name for value in values.values() for name in re.findall(r"{{\s*(\w+)\s*}}", value)}
        if not used <= known or not all("{{" in value for value in values.values()):
            return {"injectors": [f"{', '.join(sorted(used - known)) or 'a constant'} uses an undefined field"]}
    return {}


def _credential(item: Json, find: Find, playbooks: list[str]) -> Json:
    kind = find("credential_types", item["credential_type"])
    assert kind is not None
    known = {field["id"] for field in kind["inputs"].get("fields", [])}
    unknown = sorted(set(item["inputs"]) - known)
    if unknown:
        return {"inputs": [f"Additional properties are not allowed ('{unknown[0]}' was unexpected)"]}
    missing = [name for name in kind["inputs"].get("required", []) if not item["inputs"].get(name)]
    return {"inputs": {name: ["required for " + kind["name"]] for name in missing}} if missing else {}


def _node(item: Json, find: Find, playbooks: list[str]) -> Json:
    template = find("unified_job_templates", item["unified_job_template"])
    if template is None:
        return {}
    survey = template.get("survey_spec", {}).get("spec", []) if template.get("survey_enabled") else []
    asked = {question["variable"] for question in survey}
    extra = sorted(set(item["extra_data"]) - asked)
    if extra and not template.get("ask_variables_on_launch"):
        return {
            "extra_data": [
                f"Variables {', '.join(extra)} are not allowed on launch. Check the Prompt on Launch setting on the "
                f"{template['type']} to include Extra Variables."
            ]
        }
    refused = [name for name in PROMPTS if item[name] is not None and not template.get(ASKED_BY[name])]
    return {name: ["Field is not configured to prompt on launch."] for name in refused}


CHECKS: dict[str, Callable[[Json, Find, list[str]], Json]] = {
    "projects": _project,
    "job_templates": _job_template,
    "credential_types": _credential_type,
    "credentials": _credential,
    "workflow_job_template_nodes": _node,
}
