# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import (
    Choice,
    ChoiceError,
    read_choices,
)


def read(path: str) -> str:
    if path == "missing":
        raise FileNotFoundError(2, "No such file or directory", path)
    return f"\ufeffcontent of {path}"


def test_all_kinds_of_answers() -> None:
    items: list[dict[str, Any]] = [
        {"file": "Web.config", "conflict": "theirs"},
        {"file": "instance.yml", "answers": {"mq.server": "ours"}},
        {"file": "Ignite.config", "conflict": "ours", "answers": {"0a1b2c3d": "theirs"}},
        {"file": "logs.config", "src": "files/logs.config"},
    ]
    choices = read_choices(items, read)
    assert choices == {
        "web.config": Choice("theirs"),
        "instance.yml": Choice("stop", {"mq.server": "ours"}),
        "ignite.config": Choice("ours", {"0a1b2c3d": "theirs"}),
        "logs.config": Choice(content="content of files/logs.config"),
    }
    assert choices["instance.yml"].answer("mq.server") == "ours"
    assert choices["instance.yml"].answer("port") == "stop"
    assert read_choices([], read) == {}


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ("Web.config", "wanted a mapping with 'file', the name of the file, found 'Web.config'."),
        ({"conflict": "ours"}, "wanted a mapping with 'file', the name of the file, found {'conflict': 'ours'}."),
        ({"file": "a", "conflict": "our"}, "(a): conflict is 'our'; wanted: stop, ours, theirs."),
        ({"file": "a", "conflict": ["ours"]}, "(a): conflict is ['ours']; wanted: stop, ours, theirs."),
        ({"file": "a", "answers": {"b": "mine"}}, "(a): the answer to 'b' is 'mine'; wanted: ours or theirs."),
        ({"file": "a", "answers": {"b": "stop"}}, "(a): the answer to 'b' is 'stop'; wanted: ours or theirs."),
        ({"file": "a", "answers": ["b"]}, "(a): answers is ['b']; wanted a mapping of conflict ids to ours or theirs."),
        (
            {"file": "a", "source": "x", "conflict": "ours"},
            "(a): 'source' is not known; wanted: file, conflict, answers, src.",
        ),
        ({"file": "a"}, "(a): it says nothing; wanted one of conflict, answers and src."),
        (
            {"file": "a", "src": "x", "conflict": "ours"},
            "(a): a file (src) leaves nothing to answer; take either src, or conflict and answers.",
        ),
        ({"file": "a", "src": 5}, "(a): src is 5; wanted the path of a file."),
        (
            {"file": "a", "src": "missing"},
            "(a): 'missing' cannot be read: [Errno 2] No such file or directory: 'missing'.",
        ),
    ],
)
def test_every_mistake_has_its_sentence(item: Any, sentence: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        read_choices([item], read)
    separator = ": " if sentence.startswith("wanted") else " "
    assert caught.value.mistakes == (f"Answer 1 for configuration files{separator}{sentence}",)


def test_all_mistakes_are_said_at_once() -> None:
    with pytest.raises(ChoiceError) as caught:
        read_choices([{"file": "a", "conflict": "x"}, {"file": "A", "conflict": "ours"}], read)
    assert str(caught.value) == (
        "Answer 1 for configuration files (a): conflict is 'x'; wanted: stop, ours, theirs. "
        "Answer 2 for configuration files (A): the file was named before. Put all answers for one file into one item."
    )
