# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only the operator knows: whether it is given and well formed, and what the checks ask because of it."""

from __future__ import annotations

import re

from ..configuration.changing import Change
from ..model import directives
from ..model.facts import InstanceFacts
from ..policy import Path, Policy, Step
from ..policy.hops import Input
from ..policy.layouts import INSTANCE_FILE
from .evidence import SEARCH_DIRECTIVES, address_in
from .findings import Finding
from .reading import Texts
from .wishes import UpgradeWish


def missing(step: Step, instance: InstanceFacts, changed: Change, texts: Texts, wish: UpgradeWish) -> list[Finding]:
    """What a hop wants and nobody gave, unless the instance's yml will have it anyway."""
    before = texts.ours.get(INSTANCE_FILE)
    files = {file.name.casefold(): file.after for file in changed.files}
    present = directives.read(files.get(INSTANCE_FILE, before.text if before else None) or "").names
    return [
        Finding(
            "blocker",
            note.id,
            f"Instance '{instance['name']}', hop {step.start} -> {step.target}: {note.text.say(wish.language)} Give it: "
            f"upgrade_inputs: {{{instance['name']}: {{{note.id}: …}}}}.",
        )
        for note in step.inputs
        if note.id not in wish.inputs and note.directive not in present
    ]


def malformed(rules: Policy, path: Path, instance: InstanceFacts, wish: UpgradeWish) -> list[Finding]:
    """What was given for this way and is not what the policy wants."""
    found = []
    for note in _known(rules, path):
        given = wish.inputs.get(note.id)
        if given is not None and not re.fullmatch(note.pattern, given):
            value = wish.input_shown(note.id)
            message = f"Instance '{instance['name']}': the input {note.id} is '{value}', and must match {note.pattern}. Correct it."
            found.append(Finding("blocker", note.id, message))
    return list(dict.fromkeys(found))


def secret_ids(rules: Policy) -> frozenset[str]:
    """The inputs whose values may not be shown: those for directives that the policy does not know as public."""
    notes = [note for hop in rules.hops for note in hop.inputs]
    return frozenset(note.id for note in notes if not rules.names.is_public(note.directive))


def search_server(rules: Policy, path: Path, wish: UpgradeWish) -> str | None:
    """The address that the operator names, as an input or in a file of his own. It is asked whatever hop writes it."""
    for note in _known(rules, path):
        given = wish.inputs.get(note.id)
        if note.directive in SEARCH_DIRECTIVES and given is not None and re.fullmatch(note.pattern, given):
            return given
    own = wish.choices.get(INSTANCE_FILE)
    return address_in(own.content) if own and own.content else None


def search_input(rules: Policy) -> str | None:
    """The id of the input that names a search server."""
    return next((note.id for hop in rules.hops for note in hop.inputs if note.directive in SEARCH_DIRECTIVES), None)


def _known(rules: Policy, path: Path) -> list[Input]:
    """The inputs of the way; and those of other hops that name what a check asks, whose values hold for every hop."""
    own = [note for step in path.steps for note in step.inputs]
    ids = {note.id for note in own}
    asked = [note for hop in rules.hops for note in hop.inputs if note.directive in SEARCH_DIRECTIVES]
    return [*own, *(note for note in asked if note.id not in ids)]
