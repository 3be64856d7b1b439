# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Small policies and situations for tests."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import (
    Change,
    Choice,
    FileText,
    Situation,
    change,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import Policy
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import When
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.layouts import (
    Becomes,
    Directive,
    Layout,
    LayoutFile,
    Place,
    Shared,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.ranges import parse_range

OLD, NEW = Version.parse("1.0.0.0"), Version.parse("2.0.0.0")


def place(text: str) -> Place:
    """``instance.yml:mq.server``"""
    file, key = text.split(":", 1)
    return Place(file, key)


def directive(origin: str, *targets: str, certain: bool = True) -> Directive:
    """Each target as ``file:key`` or ``file:key=value``."""
    becomes = tuple(
        Becomes(place(name), value if given else None) for name, given, value in (t.partition("=") for t in targets)
    )
    return Directive(origin, place(origin), becomes, When(None, None), certain, "test")


def shared(*places: str) -> Shared:
    return Shared("shared", tuple(place(text) for text in places), "test")


def layout(versions: str, **files: str) -> Layout:
    """Files as ``instance_yml="flat"``."""
    found = tuple(LayoutFile(name.replace("_", "."), kind, None) for name, kind in files.items())
    return Layout(versions, parse_range(versions, {}), "yml", (), found, (), {}, "test")


def policy(
    *directives: Directive, old: Mapping[str, str], new: Mapping[str, str] | None, shared: tuple[Shared, ...] = ()
) -> Policy:
    layouts = [layout("1.0", **old)] + ([] if new is None else [layout("2.0", **new)])
    return Policy((), (), (), tuple(layouts), directives, shared)


def situation(
    ours: Mapping[str, str],
    base: Mapping[str, str] | None = None,
    theirs: Mapping[str, str] | None = None,
    registry: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
) -> Situation:
    files = {name.casefold(): FileText(name, text, "utf-8-bom") for name, text in ours.items()}
    known = [{name.casefold(): text for name, text in (side or {}).items()} for side in (base, theirs)]
    return Situation(files, known[0], known[1], registry or {}, inputs or {}, NEW)


def result(policy_: Policy, situation_: Situation, **choices: Choice) -> Change:
    """Choices as ``instance_yml=Choice("ours")``."""
    return change(policy_, OLD, NEW, situation_, {name.replace("_", "."): choice for name, choice in choices.items()})


def texts(made: Change) -> dict[str, str | None]:
    """The files that change, with their new texts."""
    return {file.name: file.after for file in made.files}


def said(made: Change) -> list[tuple[str, str]]:
    """Level and code of each notice."""
    return [(notice.level, notice.code) for notice in made.notices]
