# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads a policy file as YAML, with the places of everything in it."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Hashable
from typing import Any

import yaml

from ..model.values import shown
from .entries import Items, Located


class Unreadable(ValueError):
    """A file that is no YAML; the message has its path, the line where there is one, and what is wrong."""


def read(path: pathlib.Path) -> Any:
    """What the file says; its mappings are Located, its lists Items. Raises Unreadable."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Unreadable(f"{path}:{line}: is not in UTF-8; save the file as UTF-8") from error
    try:
        return _Loader(text, str(path)).get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        told = ", ".join(part for part in (error.context, error.problem) if part)
        raise Unreadable(f"{path}:{line}: is no YAML that can be read: {told}") from error
    except yaml.reader.ReaderError as error:
        raise Unreadable(
            f"{path}: is no YAML that can be read: it has a control character (U+{_code(error):04X})"
        ) from error
    except RecursionError as error:
        raise Unreadable(f"{path}: is nested too deeply for a policy") from error


def _code(error: yaml.reader.ReaderError) -> int:
    character = error.character
    return character if isinstance(character, int) else ord(character)


# Several times as fast, where PyYAML has it; every module that plans reads the whole policy.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):
    """YAML where 4.10 stays a text (as a number it would become 4.1), no key may be given twice, and no tag makes other things."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":bool", ":null", ":merge"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    yaml_constructors = {"tag:yaml.org,2002:str": yaml.SafeLoader.construct_yaml_str}

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self._path = path

    def construct_located(self, node: yaml.Node) -> Located:
        """A mapping with its places; refuses a key that comes twice, or that is no scalar."""
        marks: dict[Hashable, str] = {}
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        for key, _value in pairs:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key.start_mark)
            if self.construct_object(key) in marks:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {shown(key.value)} is given twice", key.start_mark
                )
            marks[self.construct_object(key)] = self._mark(key)
        return Located(self.construct_mapping(node, deep=True), self._mark(node), marks)

    def construct_items(self, node: yaml.Node) -> Items:
        """A list with its places."""
        return Items(self.construct_sequence(node, deep=True), map(self._mark, node.value))

    def construct_plain(self, node: yaml.Node) -> Any:
        """A number, a boolean or nothing, written as such: a tag alone makes no text one."""
        if (
            not isinstance(node, yaml.ScalarNode)
            or self.resolve(yaml.ScalarNode, node.value, (True, False)) != node.tag
        ):
            return self.construct_unknown(node)
        kind = node.tag.rpartition(":")[2]
        return {"int": self.construct_yaml_int, "bool": self.construct_yaml_bool, "null": self.construct_yaml_null}[
            kind
        ](node)

    def construct_unknown(self, node: yaml.Node) -> Any:
        """Refuses a tag."""
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        raise yaml.constructor.ConstructorError(
            None, None, f"the tag {tag} is not possible here; leave it out", node.start_mark
        )

    def _mark(self, node: yaml.Node) -> str:
        return f"{self._path}:{node.start_mark.line + 1}"


_Loader.add_constructor("tag:yaml.org,2002:map", _Loader.construct_located)
_Loader.add_constructor("tag:yaml.org,2002:seq", _Loader.construct_items)
for _kind in ("int", "bool", "null"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_kind}", _Loader.construct_plain)
_Loader.add_constructor(None, _Loader.construct_unknown)
# More digits stay a text, which is refused where a number is wanted.
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"(0|[1-9][0-9]{0,17})\Z"), list("0123456789"))
