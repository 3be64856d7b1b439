# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The operator's answers to conflicts, kept in a variable so that a fleet of equal instances is answered once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

WORDS = ("stop", "ours", "theirs")
_ANSWERS = ("ours", "theirs")
_KEYS = ("file", "conflict", "answers", "src")


class ChoiceError(ValueError):
    """Answers that cannot be understood; ``mistakes`` has a sentence for each."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(" ".join(mistakes))


@dataclass(frozen=True)
class Choice:
    """What to do about one file.

    ``conflict``: ``stop``, ``ours`` (the instance's side of each conflict) or ``theirs`` (the new version's).
    ``answers``: the same for single conflicts, by their ids. ``content``: a whole file from the operator, which replaces all.
    """

    conflict: str = "stop"
    answers: Mapping[str, str] = field(default_factory=dict)
    content: str | None = None

    def answer(self, conflict_id: str) -> str:
        """``stop``, ``ours`` or ``theirs``."""
        return self.answers.get(conflict_id, self.conflict)


def read_choices(items: list[dict[str, Any]], read: Callable[[str], str]) -> Mapping[str, Choice]:
    """Choices by file name, case folded, from items such as these::

        {"file": "Web.config", "conflict": "theirs"}
        {"file": "instance.yml", "answers": {"mq.server": "ours"}}
        {"file": "logs.config", "src": "files/logs.config"}

    ``read`` returns the text of a local file. Raises ChoiceError with every mistake.
    """
    choices: dict[str, Choice] = {}
    mistakes: list[str] = []
    for number, item in enumerate(items, start=1):
        name = item.get("file") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or not name:
            mistakes.append(
                f"Answer {number} for configuration files: wanted a mapping with 'file', the name of the file, found {item!r}."
            )
            continue
        place = f"Answer {number} for configuration files ({name})"
        if name.casefold() in choices:
            mistakes.append(f"{place}: the file was named before. Put all answers for one file into one item.")
        choices[name.casefold()] = _choice(item, place, read, mistakes)
    if mistakes:
        raise ChoiceError(mistakes)
    return choices


def _choice(item: Mapping[str, Any], place: str, read: Callable[[str], str], mistakes: list[str]) -> Choice:
    for key in sorted(set(item) - set(_KEYS), key=str):
        mistakes.append(f"{place}: {key!r} is not known; wanted: {', '.join(_KEYS)}.")
    conflict = item.get("conflict", "stop")
    if conflict not in WORDS:
        mistakes.append(f"{place}: conflict is {conflict!r}; wanted: {', '.join(WORDS)}.")
    answers = item.get("answers", {})
    if not isinstance(answers, Mapping):
        mistakes.append(
            f"{place}: answers is {answers!r}; wanted a mapping of conflict ids to {' or '.join(_ANSWERS)}."
        )
        answers = {}
    for name, word in answers.items():
        if word not in _ANSWERS:
            mistakes.append(f"{place}: the answer to {name!r} is {word!r}; wanted: {' or '.join(_ANSWERS)}.")
    if "src" not in item:
        if "conflict" not in item and "answers" not in item:
            mistakes.append(f"{place}: it says nothing; wanted one of conflict, answers and src.")
        return Choice(conflict, {str(name): word for name, word in answers.items()})
    if "conflict" in item or "answers" in item:
        mistakes.append(f"{place}: a file (src) leaves nothing to answer; take either src, or conflict and answers.")
    return Choice(content=_content(item["src"], place, read, mistakes))


def _content(source: object, place: str, read: Callable[[str], str], mistakes: list[str]) -> str:
    if not isinstance(source, str) or not source:
        mistakes.append(f"{place}: src is {source!r}; wanted the path of a file.")
        return ""
    try:
        return read(source).removeprefix("\ufeff")
    except (OSError, UnicodeError) as error:
        mistakes.append(f"{place}: {source!r} cannot be read: {error}.")
        return ""
