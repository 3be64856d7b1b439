# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules of a survey, in the order in which AWX looks at them."""

from __future__ import annotations

from typing import Any

from standin_awx.schema import Json

TYPES: dict[str, type] = {
    "text": str,
    "textarea": str,
    "password": str,
    "multiplechoice": str,
    "multiselect": str,
    "integer": int,
    "float": float,
}


def wrong_with(spec: Any) -> str:
    """Why AWX would refuse the survey; "" where it would not."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if key not in spec:
            return f"Field '{key}' is missing from survey spec."
        if not isinstance(spec[key], kind):
            return f"Expected {kind.__name__} for field '{key}', received {type(spec[key]).__name__} type."
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    variables: set[str] = set()
    for number, question in enumerate(spec["spec"]):
        problem = _wrong_with_question(number, question)
        if problem:
            return problem
        if question["variable"] in variables:
            return f"'variable' '{question['variable']}' duplicated in survey question {number}."
        variables.add(question["variable"])
    return ""


def _wrong_with_question(number: int, question: Any) -> str:
    if not isinstance(question, dict):
        return f"Survey question {number} is not a json object."
    for key in ("type", "question_name", "variable", "required"):
        if key not in question:
            return f"'{key}' missing from survey question {number}."
        if not isinstance(question[key], bool if key == "required" else str):
            return f"'{key}' in survey question {number} has the wrong type."
    kind = TYPES.get(question["type"])
    if kind is None:
        return f"'{question['type']}' in survey question {number} is not one of '{', '.join(TYPES)}' allowed question types."
    for key in ("min", "max"):
        if question.get(key) is not None and not isinstance(question[key], int):
            return f"The {key} limit in survey question {number} expected to be integer."
    return _wrong_with_default(number, question, kind)


def _wrong_with_default(number: int, question: Json, kind: type) -> str:
    default = question.get("default", "")
    if default != "" and not isinstance(default, kind):
        return f"Default value {default} in survey question {number} expected to be {kind.__name__}."
    if question["type"] in {"multiplechoice", "multiselect"}:
        if "choices" not in question:
            return f"Survey question {number} of type {question['type']} must specify choices."
        if default and default not in question["choices"]:
            return "Default choice must be answered from the choices listed."
    return ""
