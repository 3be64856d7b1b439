# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a merge of flat files must not do, found out by PyYAML and git, without the code under test."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Hashable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import flat
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import WORDS, Choice
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged, NotWellFormed

FILE = "f.yml"
STOP = Choice()
MISSING = object()


class Invalid(Exception):
    """No YAML, or a key that stands twice."""


class _Texts(yaml.CBaseLoader):
    """Every scalar as it is written: whether 7.10 is 7.1 is for the product to say."""


def _mapping(loader: _Texts, node: yaml.MappingNode) -> dict[Hashable, Any]:
    pairs = [
        (loader.construct_object(key, deep=True), loader.construct_object(value, deep=True))
        for key, value in node.value
    ]
    if len({key for key, _value in pairs}) < len(pairs):
        raise Invalid("a key stands twice")
    return dict(pairs)


_Texts.add_constructor("tag:yaml.org,2002:map", _mapping)


def load(text: str) -> dict[Hashable, Any]:
    """Raises Invalid."""
    try:
        loaded = yaml.load(text if text.endswith("\n") else text + "\n", Loader=_Texts)
    except yaml.YAMLError as error:
        raise Invalid(str(error).replace("\n", " ")) from error
    return loaded if isinstance(loaded, dict) else {}


def violations(base: str, ours: str, theirs: str) -> list[str]:
    """A sentence for each, with its kind in front."""
    try:
        return list(_violations(base, ours, theirs))
    except NotWellFormed as error:
        return [f"refused: {error}"]


def _violations(base: str, ours: str, theirs: str) -> Iterator[str]:
    kept = flat.merge(FILE, base, ours, base, STOP)
    if kept != Merged(ours, (), ()):
        yield "law: a new version that changes nothing changes the file"
    taken = flat.merge(FILE, base, base, theirs, STOP)
    if load(taken.text) != load(theirs) or _comments(taken.text) != _comments(theirs):
        yield "law: an unchanged file is not the new one"
    for word in WORDS:
        for violation in _of_answer(base, ours, theirs, Choice(word)):
            yield f"{violation} ({word})"


@lru_cache(maxsize=1)
def _stopped(base: str, ours: str, theirs: str) -> Merged:
    return flat.merge(FILE, base, ours, theirs, STOP)


def whole(base: str, ours: str, theirs: str) -> bool:
    """Whether the merge ends as one conflict that holds the whole file."""
    try:
        return any(conflict.ours == ours for conflict in _stopped(base, ours, theirs).conflicts)
    except NotWellFormed:
        return True


def _of_answer(base: str, ours: str, theirs: str, answer: Choice) -> Iterator[str]:
    stopped = _stopped(base, ours, theirs)
    merged = stopped if answer.conflict == "stop" else flat.merge(FILE, base, ours, theirs, answer)
    if merged is not stopped:
        if merged.conflicts:
            yield "law: a conflict in spite of an answer"
        if flat.merge(FILE, base, merged.text, theirs, answer).text != merged.text:
            yield "law: merging twice changes something"
    if any(conflict.ours == ours for conflict in stopped.conflicts):
        return  # one of the two files, as it is
    try:
        result = load(merged.text)
    except Invalid as error:
        yield f"invalid: {error}\n{merged.text}"
        return
    named = Named([conflict.where for conflict in stopped.conflicts])
    found = [
        *_values("", load(base), load(ours), load(theirs), result, named),
        *_wrong_comments(base, ours, theirs, merged.text),
    ]
    if merged is stopped:
        found += _less_than_git(base, ours, theirs, merged.text, result, named)
    for violation in found:
        yield f"{violation}\n{merged.text}"


def _wrong_comments(base: str, ours: str, theirs: str, text: str) -> Iterator[str]:
    own = _own(base, ours)
    for comment in own - _comments(text):
        yield f"lost: the operator's comment {comment!r}"
    # A value that both changed, and that is taken whole, has its comments in it.
    conflicts = _stopped(base, ours, theirs).conflicts
    whole_values = sum((_comments(f"_: {conflict.ours}") for conflict in conflicts), Counter[str]())
    for comment in _comments(text) - _comments(theirs) - own - whole_values:
        yield f"came back: the vendor's comment {comment!r}"


class Named:
    """The places that conflicts name."""

    def __init__(self, places: list[str]) -> None:
        self.places = [part for place in places for part in place.split(", ")]

    def __contains__(self, path: object) -> bool:
        """Whether a conflict is at the path, above it, or below it."""
        return any(
            path in ("", place)
            or str(path).startswith((place + ".", place + "["))
            or place.startswith((f"{path}.", f"{path}["))
            for place in self.places
        )


def _values(path: str, base: Any, ours: Any, theirs: Any, result: Any, named: Named) -> Iterator[str]:
    """Every value is that of the side which changed it; two changes of one are equal, or a conflict."""
    if path in named and not all(isinstance(side, dict) for side in (ours, theirs, result)):
        return
    sides = [_by_name(base), _by_name(ours), _by_name(theirs), _by_name(result)]
    if all(isinstance(side, dict) for side in sides[1:]):
        old = sides[0] if isinstance(sides[0], dict) else {}
        bracket = isinstance(result, list)
        for key in dict.fromkeys([*old, *sides[1], *sides[2], *sides[3]]):
            below = f"{path}[{key}]" if bracket else f"{path}.{key}" if path else str(key)
            values = [side.get(key, MISSING) for side in (old, *sides[1:])]
            yield from _values(below, values[0], values[1], values[2], values[3], named)
        return
    if all(isinstance(side, list) for side in (base, ours, theirs, result)) and not (
        _same(ours, theirs) or _same(ours, base) or _same(theirs, base)
    ):
        yield from _set(path, *([_text(item) for item in side] for side in (base, ours, theirs, result)))
        return
    yield from _leaf(path, base, ours, theirs, result)


def _leaf(path: str, base: Any, ours: Any, theirs: Any, result: Any) -> Iterator[str]:
    meant = theirs if _same(ours, base) else ours if _same(theirs, base) or _same(ours, theirs) else MISSING
    known = _same(ours, base) or _same(theirs, base) or _same(ours, theirs)
    if not known:
        yield f"silent: {path} was changed by both, {base!r} {ours!r} {theirs!r}, and is {result!r}"
    elif not _same(meant, result):
        yield f"wrong: {path} is {result!r}, meant was {meant!r}"


def _set(path: str, base: list[str], ours: list[str], theirs: list[str], result: list[str]) -> Iterator[str]:
    for item in dict.fromkeys([*base, *ours, *theirs, *result]):
        was, own, new, now = (side.count(item) for side in (base, ours, theirs, result))
        meant = new if own == was else own
        if now > max(own, new):
            yield f"doubled: {item} in {path}"
        elif now != meant and own != new:
            yield f"wrong: {item} is {now} times in {path}, meant was {meant}"


def _doubles(value: Any) -> bool:
    """Whether a list somewhere in a value has an item twice."""
    if isinstance(value, dict):
        return any(map(_doubles, value.values()))
    return isinstance(value, list) and (len(set(map(_text, value))) < len(value) or any(map(_doubles, value)))


def _by_name(value: Any) -> Any:
    """A list of mappings as a mapping by the first value of each, which names it; everything else as it is."""
    if (
        not isinstance(value, list)
        or not value
        or not all(isinstance(item, dict) and "apiPrefix" in item for item in value)
    ):
        return value
    return {item["apiPrefix"]: item for item in value}


def _same(one: Any, other: Any) -> bool:
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{key}: {_text(item)}" for key, item in value.items())) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    if value is MISSING:
        return "nothing"
    plain = str(value)
    return (
        ""
        if plain.casefold() in ("~", "null")
        else plain.casefold()
        if plain.casefold() in ("true", "false")
        else plain
    )


# What looks like a comment in the literals that the generator draws.
_IN_QUOTES = '"C:/x: #y"'
_NO_COMMENTS = ("# not a comment", "# stop", "# more", "# less", "# two'", "# no comment")


def _own(base: str, ours: str) -> Counter[str]:
    """The operators' comments: those whose text is nowhere in the old file."""
    vendors = _comments(base)
    return Counter({comment: count for comment, count in _comments(ours).items() if comment not in vendors})


def _comments(text: str) -> Counter[str]:
    found = (
        match[1].strip() for match in re.finditer(r"(?m)^(?:[^\n]*?[ \t])??(#[^\n]*)", text.replace(_IN_QUOTES, '""'))
    )
    return Counter(comment for comment in found if comment not in _NO_COMMENTS)


def _less_than_git(
    base: str, ours: str, theirs: str, text: str, result: dict[Hashable, Any], named: Named
) -> Iterator[str]:
    """What git's merge by lines keeps and the result does not, where git meets no conflict and makes no nonsense."""
    merged = git_merge(base, ours, theirs)
    if merged is None:
        return
    try:
        values = load(merged)
    except Invalid:
        return  # a key twice: git knows lines only
    for comment in (_own(base, ours) & _comments(merged)) - _comments(text):
        yield f"git: the comment {comment!r} is lost"
    # What the instance took out stays out where the new version has merely moved it; for git it is new there.
    old, own, new = load(base), load(ours), load(theirs)
    out = {key for key in old if key not in own and _same(old[key], new.get(key, MISSING))}
    # An item that both added in different places is there twice for git.
    out |= {key for key, value in values.items() if _doubles(value) and not _doubles(result.get(key))}
    # Blank lines that come to stand behind a literal which keeps them make a text that nobody wrote.
    out |= {
        key
        for key, value in values.items()
        if isinstance(value, str) and value not in [side.get(key) for side in (old, own, new)]
    }
    for key in {**values, **result}:
        if key not in out and str(key) not in named and not _same(values.get(key, MISSING), result.get(key, MISSING)):
            yield f"git: {key} is {values.get(key, MISSING)!r} for git, and {result.get(key, MISSING)!r}"


def git_merge(base: str, ours: str, theirs: str) -> str | None:
    """What ``git merge-file`` makes of it; None with conflicts."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("ours", "base", "theirs")]
        for file, text in zip(files, (ours, base, theirs), strict=True):
            file.write_bytes(text.replace("\r\n", "\n").encode())
        done = subprocess.run(["git", "merge-file", "-p", *map(str, files)], capture_output=True, check=False)
    return done.stdout.decode() if done.returncode == 0 else None
