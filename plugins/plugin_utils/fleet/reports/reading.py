# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes a run's record as it comes, from a playbook or a file, and makes it one that the reports can rely on.

The types of fleet/record.py are the description: what they have not is left out, so that nothing unknown gets into a report.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any, Union, cast, get_args, get_origin, get_type_hints, is_typeddict

from .. import record

OUTCOMES = ("running", "succeeded", "stopped", "failed")
LONGEST_VALUE = 60
MOST_PROBLEMS = 5
LARGEST_NUMBER = 10**12
"""Seconds, instances and percents are less; infinity and what is not a number are not."""

_CHOICES: Mapping[tuple[type, str], tuple[str, ...]] = {
    (record.RunRecord, "outcome"): OUTCOMES,
    (record.InstanceRecord, "state"): tuple(record.STATES),
}
_INSTEAD: Mapping[tuple[type, str], str] = {(record.InstanceRecord, "state"): record.UNKNOWN}
"""What stands for a choice that there is not; else an empty text."""


class Unreadable(ValueError):
    """It is no record of a run, or one of a form that this collection does not know; the message says what to do."""


def read(given: Mapping[str, Any]) -> tuple[record.RunRecord, list[str]]:
    """The record, and what was wrong in it, each with the value seen and the value wanted. What is wrong or missing becomes empty.

    Raises :class:`Unreadable`.
    """
    if not isinstance(given.get("run"), str) or not given["run"].strip():
        raise Unreadable(
            f"The record has no name of a run: 'run' is {_shown(given.get('run'))}, wanted is a text such as 20261123T020000Z. "
            "Give the record that the run keeps in upgrade_report_folder."
        )
    if given.get("format") != record.FORMAT or isinstance(given["format"], bool):
        raise Unreadable(
            f"The record of the run has 'format' {_shown(given.get('format'))}, this version of comindware.platform reads "
            f"{record.FORMAT}. Use the version of the collection that made the record."
        )
    problems: list[str] = []
    return cast("record.RunRecord", _typed(given, record.RunRecord, "", problems)), problems


def told(problems: list[str]) -> str:
    """All problems of a record as one warning."""
    some = "; ".join(problems[:MOST_PROBLEMS])
    more = f"; and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
    return (
        f"The record of the run is damaged, and the report leaves empty what is wrong in it: {some}{more}. The run itself is not "
        "concerned. Make the record anew from what the hosts know, with comindware.platform.status."
    )


def _typed(value: Any, wanted: Any, where: str, problems: list[str]) -> Any:
    """The value if it has the type, else the empty value of the type."""
    if is_typeddict(wanted):
        return _dict(value, wanted, where, problems)
    if get_origin(wanted) is list:
        return list(_items(value, get_args(wanted)[0], where, problems))
    kinds = get_args(wanted) if get_origin(wanted) in (types.UnionType, Union) else (wanted,)
    if isinstance(value, str) and str in kinds:
        return clean(value)
    if value is None and type(None) in kinds:
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool) and _fits(value, kinds):
        return int(value) if int in kinds else float(value)
    names = " or ".join("null" if kind is type(None) else _NAMES[kind] for kind in kinds)
    problems.append(f"{where} is {_shown(value)}, wanted is {names}")
    return None if type(None) in kinds else kinds[0]()


def _fits(value: float, kinds: tuple[Any, ...]) -> bool:
    return 0 <= value <= LARGEST_NUMBER and (float in kinds or (int in kinds and value == int(value)))


_NAMES: Mapping[type, str] = {str: "a text", int: "a whole number from 0", float: "a number from 0"}


def _dict(value: Any, wanted: type, where: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        problems.append(f"{where} is {_shown(value)}, wanted is an object with {', '.join(wanted.__annotations__)}")
        value = _Nothing()
    made: dict[str, Any] = {}
    for name, kind in get_type_hints(wanted).items():
        place = f"{where}.{name}" if where else name
        if name not in value:
            if not isinstance(value, _Nothing):
                problems.append(f"{place} is missing")
            made[name] = _typed(_EMPTY.get(get_origin(kind) or kind), kind, place, [])
        else:
            made[name] = _typed(value[name], kind, place, problems)
        choices = _CHOICES.get((wanted, name))
        if choices and made[name] not in choices:
            if made[name]:
                problems.append(f"{place} is {_shown(made[name])}, wanted is one of {', '.join(choices)}")
            made[name] = _INSTEAD.get((wanted, name), "")
    return made


class _Nothing(dict[str, Any]):
    """Stands for an object that was none, of which one problem says enough."""


_EMPTY: Mapping[Any, Any] = {str: "", list: []}


def _items(value: Any, wanted: Any, where: str, problems: list[str]) -> Iterator[Any]:
    if not isinstance(value, (list, tuple)):
        problems.append(f"{where} is {_shown(value)}, wanted is a list")
        return
    for number, item in enumerate(value):
        yield _typed(item, wanted, f"{where}[{number}]", problems)


def clean(text: str) -> str:
    """A plain text that can be written as UTF-8: half characters, which JSON can carry, become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shown(value: Any) -> str:
    """A value for a message, not longer than a glance."""
    if isinstance(value, Mapping):
        return f"an object with {len(value)} entries"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    text = "null" if value is None else repr(clean(value) if isinstance(value, str) else value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."
