# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of an instance's configuration files when its version changes."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.versions import Version
from ..policy.layouts import INSTANCE_FILE
from ..policy.search import Policy
from .carrying import Carrying
from .choices import Choice
from .document import Document
from .merging import VERSION, Merging, Outcome
from .results import NotWellFormed, shown, tokens
from .scalars import written
from .sharing import Agreement, agree, agreements
from .situation import Change, FileChange, FileText, Notice, Situation
from .text import with_newline

__all__ = ["Change", "FileChange", "FileText", "Notice", "Situation", "change"]


def change(policy: Policy, old: Version, new: Version, situation: Situation, choices: Mapping[str, Choice]) -> Change:
    """Apply the policy's directives, merge each file that has pristine forms, and make equal what must be equal.

    ``choices``: by case-folded file name. Raises nothing for what it finds in the files: that is in the notices.
    """
    return _Changing(policy, old, new, situation, choices).run()


class _Changing:
    def __init__(
        self, policy: Policy, old: Version, new: Version, situation: Situation, choices: Mapping[str, Choice]
    ) -> None:
        self.policy = policy
        self.situation = situation
        self.carrying = Carrying(policy, old, new, situation)
        self.merging = Merging(self.carrying, situation, choices)
        self.outcomes: dict[str, Outcome] = {}

    def run(self) -> Change:
        agreed = agreements(self.policy.shared, self.carrying, self.carrying.notices)
        for name in self._names():
            outcome = self.merging.outcome(name)
            if outcome is not None:
                self.outcomes[name.casefold()] = outcome
        self._complete(agreed)
        removed = self._removed()
        self._say_what_is_unknown()
        files = [change for key, outcome in self.outcomes.items() if (change := self._change(key, outcome))]
        notices = (*self.carrying.notices, *self.merging.notices)
        return Change((*files, *removed), tuple(self.merging.conflicts), notices)

    def _names(self) -> list[str]:
        """The files to look at: those of the new layout, and others that directives or the operator change."""
        layout, ours = self.carrying.new_layout, self.situation.ours
        given = [key for key, choice in self.merging.choices.items() if choice.content is not None and key in ours]
        others = [*given, *self.carrying.ours.documents(), *([] if layout else [*ours, *self.situation.theirs])]
        names = {file.name.casefold(): file.name for file in layout.files} if layout else {}
        for key in others:
            if not self._goes(key) and (key in ours or layout is None):
                names.setdefault(key, key)
        return list(names.values())

    def _goes(self, key: str) -> bool:
        """Whether the new version has other files in the place of this one."""
        layout = self.carrying.new_layout
        return layout is not None and layout.file(key) is None and self.carrying.successors(key)

    def _complete(self, agreed: list[Agreement]) -> None:
        """Set what the operator gave, make shared directives equal, and write the version."""
        wanted = {place.file.casefold() for known in self.policy.shared for place in known.places} | {INSTANCE_FILE}
        documents = {}
        for key in sorted(key for key in wanted & set(self.outcomes) if self.carrying.format(key) == "flat"):
            try:
                documents[key] = Document.parse(self.outcomes[key].text)
            except NotWellFormed as error:
                self.merging.say(
                    "blocker", "not_well_formed", f"{self.outcomes[key].name} cannot be used: {error}. Mend it."
                )
        instance = documents.get(INSTANCE_FILE)
        if instance is not None:
            for directive, value in self.situation.inputs.items():
                instance.set(directive, written(value))
        changeable = {key: document for key, document in documents.items() if not self.outcomes[key].given}
        completed = {key for key in changeable if key in self.carrying.outputs or key not in self.situation.ours}
        for agreement in agreed:
            agree(agreement, changeable, completed)
        if instance is not None and (VERSION in instance or self._records_version()):
            instance.set(VERSION, str(self.situation.version))
        for key, document in documents.items():
            self.outcomes[key].text = document.text

    def _records_version(self) -> bool:
        """Whether the instance's yml had a version, or is new."""
        document = self.carrying.document(INSTANCE_FILE)
        return INSTANCE_FILE not in self.situation.ours or (document is not None and VERSION in document)

    def _removed(self) -> list[FileChange]:
        """The files whose directives the new version has elsewhere; what stays behind in them is named."""
        removed = []
        for key, file in self.situation.ours.items():
            if not self._goes(key):
                continue
            try:
                left = [f"{name}: {shown(value)}" for name, value in self.carrying.left_behind(key)]
            except NotWellFormed as error:
                self.merging.say("blocker", "not_well_formed", f"{file.name} cannot be carried over: {error}. Mend it.")
                continue
            if left:
                self.merging.say(
                    "warning",
                    "directive_removed",
                    f"The new version does not use {file.name}. These values in it have no known successor and are left out: "
                    f"{', '.join(left)}.",
                )
            removed.append(FileChange(file.name, "remove", file.text, None, file.encoding, ()))
        return removed

    def _say_what_is_unknown(self) -> None:
        if self.merging.without_template:
            self.merging.say(
                "warning",
                "templates_unknown",
                "The new version's own forms of these files are not known, so the instance's are kept, with renamed directives "
                f"carried over: {', '.join(self.merging.without_template)}. Compare them with the vendor's description of the "
                "configuration files.",
            )
        layout, ours = self.carrying.new_layout, self.situation.ours
        for key in self.carrying.ours.documents():
            document = self.carrying.document(key)
            if (
                document
                and document.entries
                and key not in self.outcomes
                and key not in ours
                and key not in self.carrying.broken
            ):
                left = ", ".join(f"{entry.key}: {shown(entry.value)}" for entry in document)
                self.merging.say(
                    "warning",
                    "directive_removed",
                    f"The new version has no file {key}, so these values for it are left out: {left}.",
                )
        for key in self.merging.choices:
            if key not in ours and key not in self.outcomes and not (layout and layout.file(key)):
                self.merging.say(
                    "warning",
                    "choice_unused",
                    f"There is an answer for the file {key!r}, but neither the instance nor the new version has such a file. "
                    "Check its name.",
                )

    def _change(self, key: str, outcome: Outcome) -> FileChange | None:
        original = self.situation.ours.get(key)
        if original is None:
            after = with_newline(outcome.text, self.merging.newline(key))
            return FileChange(outcome.name, "create", None, after, "utf-8", self._sources(key, after))
        if outcome.text == original.text:
            return None
        sources = self._sources(key, outcome.text)
        return FileChange(outcome.name, "write", original.text, outcome.text, original.encoding, sources)

    def _sources(self, key: str, text: str) -> tuple[str, ...]:
        """Where the host finds the values of the tokens in a text: in the file itself if it can, else in as few as possible."""
        wanted = tokens(text)
        if not wanted:
            return ()
        ours = self.situation.ours
        texts = {ours[name].name: ours[name].text for name in sorted(ours, key=lambda name: (name != key, name))}
        texts["registry"] = "\n".join(self.situation.registry.values())
        texts |= {f"theirs:{name}": theirs for name, theirs in self.situation.theirs.items()}
        found = []
        for name, source in texts.items():
            here = wanted & tokens(source)
            if here:
                found.append(name)
                wanted -= here
        return tuple(found)
