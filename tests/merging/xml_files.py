# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random XML files as .NET, IIS, NLog and Spring have them, with an operator's and a vendor's changes."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import xml

from merging import laws, xml_oracle

VALUES = ("1", "2", "30", "true", "false", "портал", "a &amp; b", r"C:\x", "*", "Server=a;Database=b")


@dataclass
class Element:
    """An element; without a tag a comment."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def render(self, indent: str, unit: str) -> str:
        if not self.tag:
            return f"{indent}<!-- {self.text} -->\r\n"
        head = f"<{self.tag}" + "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        if self.children:
            return f"{indent}{head}>\r\n{''.join(one.render(indent + unit, unit) for one in self.children)}{indent}</{self.tag}>\r\n"
        return f"{indent}{head}>{self.text}</{self.tag}>\r\n" if self.text else f"{indent}{head} />\r\n"

    def all(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            yield from child.all()


Maker = Callable[[random.Random], Element]


def _one(tag: str, **values: tuple[str, ...]) -> Maker:
    return lambda chance: Element(tag, {name: chance.choice(of) for name, of in values.items()})


NAMES = ("A", "B", "C", "D", "a", "Имя")
# What a collection is made of: by its tag the makers of its elements, and the attributes that tell them apart.
COLLECTIONS: dict[str, tuple[tuple[Maker, ...], tuple[str, ...]]] = {
    "appSettings": ((_one("add", key=NAMES, value=VALUES),), ("key",)),
    "connectionStrings": ((_one("add", name=NAMES, connectionString=VALUES),), ("name",)),
    "configSections": ((_one("section", name=("x", "y", "z"), type=VALUES[:3]),), ("name",)),
    "staticContent": ((_one("mimeMap", fileExtension=(".a", ".b", ".B", ".c"), mimeType=VALUES[:4]),), ("fileExtension",)),
    "customHeaders": ((_one("add", name=NAMES, value=VALUES), _one("remove", name=NAMES), _one("clear")), ("name",)),
    "handlers": ((_one("add", name=NAMES, path=VALUES[:4]), _one("remove", name=NAMES)), ("name",)),
    "targets": ((_one("target", name=NAMES, fileName=VALUES),), ("name",)),
    "rules": ((_one("logger", name=("*", "x.*"), minlevel=VALUES[:3], writeTo=NAMES[:3]),), ()),
    "list": ((lambda chance: Element("value", text=chance.choice(VALUES)), _one("bean", **{"class": NAMES[:3]})), ()),
    "system.web": (
        (
            _one("httpRuntime", maxRequestLength=VALUES[:3]),
            _one("httpRuntime", targetFramework=VALUES[:3]),
            _one("authentication", mode=VALUES[3:5]),
            _one("sessionState", timeout=VALUES[:3], mode=VALUES[3:5]),
            _one("pages"),
        ),
        ("",),
    ),
    "bean": ((_one("property", name=NAMES, value=VALUES),), ("name",)),
    "Workers": ((lambda chance: Element(chance.choice(NAMES[:4]), text=chance.choice(VALUES)),), ("",)),
}  # fmt: skip


def _key(parent: str, element: Element) -> object:
    names = COLLECTIONS[parent][1] if parent in COLLECTIONS else ()
    return (element.tag, *(element.attributes.get(name, "").casefold() for name in names)) if names else id(element)


def _add(chance: random.Random, holder: Element) -> None:
    """One more element, of which the collection has none yet."""
    makers = COLLECTIONS[holder.tag][0] if holder.tag in COLLECTIONS else ()
    if not makers or chance.random() < 0.1:
        holder.children.insert(
            chance.randint(0, len(holder.children)), Element("", text=chance.choice(("one", "two &lt; 3", "три")))
        )
        return
    new = chance.choice(makers)(chance)
    if new not in holder.children and _key(holder.tag, new) not in {
        _key(holder.tag, child) for child in holder.children
    }:
        holder.children.insert(chance.randint(0, len(holder.children)), new)


PLACES = {
    "staticContent": ("system.webServer",),
    "handlers": ("system.webServer",),
    "customHeaders": ("system.webServer", "httpProtocol"),
    "bean": ("beans", "property"),
}
"""In which elements a collection is; else right in the root."""

LOADABLE = ("appSettings", "connectionStrings", "system.web", "staticContent", "handlers", "customHeaders")
"""Collections that .NET and IIS know without a declaration."""


def _base(chance: random.Random, known: Sequence[str]) -> Element:
    root = Element("configuration")
    tags = chance.sample([*known], chance.randint(1, 4))
    for tag in sorted(tags, key=lambda tag: tag != "configSections"):
        place = root
        for around in PLACES.get(tag, ()):
            inner = next((child for child in place.children if child.tag == around), None)
            if inner is None:
                inner = Element(around)
                place.children.append(inner)
            place = inner
        holder = Element(tag)
        place.children.append(holder)
        for _number in range(chance.randint(0, 4)):
            _add(chance, holder)
    return root


def _change(chance: random.Random, root: Element, place: int, vendor: bool) -> None:
    """One change at a place, the same in every copy of the base as long as nothing else changed."""
    every = [element for element in root.all() if element.tag]
    one = every[place % len(every)]
    parent = next((other for other in every if any(child is one for child in other.children)), root)
    what = chance.choice(("attribute", "attribute", "text", "add", "add", "remove", "order", "rare"))
    if what == "attribute" and one is not root:
        # The oracle knows a property by its name, which only counts among several of them.
        names = [name for name in (*one.attributes, "enabled") if (one.tag, name) != ("property", "name")]
        one.attributes[chance.choice(names)] = chance.choice(VALUES)
    elif what == "text" and one.text:
        one.text = chance.choice(VALUES)
    elif what == "add":
        _add(chance, one if one.tag in COLLECTIONS or one is root else parent)
    elif what == "remove" and one is not root and len(parent.children) > 1:
        parent.children = [child for child in parent.children if child is not one]
    elif (
        what == "order"
        and (vendor or chance.random() < 0.2)
        and one.tag != "configSections"
        and parent.children[0].tag != "configSections"
    ):
        parent.children.insert(0, parent.children.pop())
    elif (
        what == "rare" and chance.random() < 0.08 and parent is root and one is not root and one.tag != "configSections"
    ):
        root.children[next(n for n, child in enumerate(root.children) if child is one)] = Element(
            "location", {"path": "."}, [one]
        )


def draw(chance: random.Random, known: Sequence[str] = (*COLLECTIONS,)) -> tuple[str, str, str]:
    """In half of the histories both sides begin with a change at the same place."""
    base = _base(chance, known)
    place = chance.randrange(1000)
    texts = [_rendered(base, "  ")]
    for vendor in (False, True):
        root = copy.deepcopy(base)
        places = [chance.randrange(1000) for _number in range(chance.randint(0, 3))]
        for one in [*([place] if chance.random() < 0.7 else []), *places]:
            _change(chance, root, one, vendor)
        texts.append(_rendered(root, chance.choice(("  ", "    ", "\t")) if vendor else "  "))
    return texts[0], texts[1], texts[2]


def _rendered(root: Element, unit: str) -> str:
    return '<?xml version="1.0"?>\r\n' + root.render("", unit)


def violations(base: str, ours: str, theirs: str) -> list[str]:
    return laws.violations(partial(xml.merge, "f.config"), xml_oracle, base, ours, theirs)


def whole(base: str, ours: str, theirs: str) -> bool:
    conflicts = xml.merge("f.config", base, ours, theirs, laws.STOP).conflicts
    return any("<configuration" in (one.ours or "") for one in conflicts)
