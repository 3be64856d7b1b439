# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random histories: a pristine file, and two descendants of it, one made by operators and one by the vendor."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field

from hypothesis import strategies as st

KEYS = (
    "port",
    "fqdn",
    "mq.server",
    "mq.sasl.password",
    "db.workDir",
    "Имя",
    "резервная копия.путь",
    "a",
    "a.b",
    "services",
)
SCALARS = (
    "80", "8081", "true", "false", "'80'", r"C:\Data\новая папка", '"C:/x: #y"', "'it''s'", "http://x:9200/#a", "0,1,2", "00.12:00:00",
    "~", "", "value # with a comment", "[25, 50]", "[25, 50, 100]", "[]", "\u27e6secret:0123456789abcdef\u27e7", "12:30", "1.0", "-5",
)  # fmt: skip
ITEMS = (
    "25",
    "50",
    "100",
    "'x y'",
    r"C:\x",
    "apiPrefix: one\n    enabled: true",
    "apiPrefix: two",
    "apiPrefix: one\n    enabled: false",
)
OWN_COMMENTS = ("# три", "#port: 8000 # before the move", "#fqdn: old", "# 100 %: no")
COMMENTS = ("# one", "# two", "#port: 80", "#mq.server: 127.0.0.1:9092", "#a.b: 1", "# ----", "#")


@dataclass
class Line:
    """A directive. ``value``: a scalar, the items of a list, or the directives of a mapping."""

    key: str
    value: Value
    above: list[str] = field(default_factory=list)

    def render(self, indent: str) -> str:
        above = "".join(f"{indent}{line}".rstrip() + "\n" for line in self.above)
        if isinstance(self.value, str):
            return f"{above}{indent}{self.key}: {self.value}".rstrip() + "\n"
        inner = [
            f"{indent}  - {item}\n".replace("\n    ", f"\n{indent}    ")
            if isinstance(item, str)
            else item.render(indent + "  ")
            for item in self.value
        ]
        return f"{above}{indent}{self.key}:\n" + "".join(inner)


Value = str | list[str] | list[Line]


def render(lines: list[Line], tail: list[str]) -> str:
    return ("".join(line.render("") for line in lines) + "".join(f"{line}\n" for line in tail)).replace("\n", "\r\n")


lists = st.lists(st.sampled_from(ITEMS), min_size=1, max_size=4, unique_by=lambda item: item.split("\n")[0])
scalars = st.sampled_from(SCALARS)
above = st.lists(st.sampled_from(("", *COMMENTS)), max_size=2)
leaves = st.builds(Line, st.sampled_from(KEYS[:5]), scalars, st.just([]))
mappings = st.lists(leaves, min_size=1, max_size=3, unique_by=lambda line: line.key)
values = st.one_of(scalars, scalars, lists, mappings)
files = st.lists(
    st.builds(Line, st.sampled_from(KEYS), values, above), min_size=1, max_size=8, unique_by=lambda line: line.key
)


@st.composite
def descendants(draw: st.DrawFn, lines: list[Line], vendor: bool) -> str:
    """The file after some changes; only vendors reorder, and what operators write into comments is their own."""
    pool = st.sampled_from(COMMENTS if vendor else OWN_COMMENTS)
    lines = copy.deepcopy(lines)
    for change in draw(
        st.lists(st.sampled_from(("value", "value", "inner", "remove", "add", "comment", "order")), max_size=4)
    ):
        place = draw(st.integers(0, max(0, len(lines) - 1)))
        if change == "add":
            free = [key for key in KEYS if key not in {line.key for line in lines}]
            if free:
                lines.insert(place, Line(draw(st.sampled_from(free)), draw(values), draw(st.lists(pool, max_size=2))))
        elif not lines:
            continue
        elif change == "value":
            lines[place].value = draw(values)
        elif change == "inner":
            lines[place].value = draw(inner(lines[place].value))
        elif change == "remove":
            del lines[place]
        elif change == "comment":
            lines[place].above = [*lines[place].above, draw(pool)]
        elif change == "order" and vendor:
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(place))
    return render(lines, draw(st.lists(pool, max_size=1)))


@st.composite
def inner(draw: st.DrawFn, value: Value) -> Value:
    """A list or mapping with one change in it; a scalar as it is."""
    if isinstance(value, str):
        return value
    place = draw(st.integers(0, len(value) - 1))
    lines = [item for item in value if isinstance(item, Line)]
    if lines:
        lines[place] = dataclasses.replace(lines[place], value=draw(scalars))
        return lines
    items = [item for item in value if isinstance(item, str)]
    heads = {item.split("\n")[0] for item in items}
    new = [item for item in ITEMS if item.split("\n")[0] not in heads]
    if draw(st.booleans()) and new:
        items.insert(place, draw(st.sampled_from(new)))
    elif len(items) > 1:
        del items[place]
    return items


@st.composite
def flat_histories(draw: st.DrawFn) -> tuple[str, str, str]:
    """Base, ours and theirs of a flat file."""
    lines = draw(files)
    base = render(lines, draw(st.lists(st.sampled_from(COMMENTS), max_size=1)))
    return base, draw(descendants(lines, vendor=False)), draw(descendants(lines, vendor=True))


@dataclass
class Element:
    """An element, or a comment (without a tag)."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def render(self, indent: str, unit: str) -> str:
        if not self.tag:
            return f"{indent}<!-- {self.text} -->\r\n"
        head = f"<{self.tag}" + "".join(f' {name}="{value}"' for name, value in self.attributes.items())
        if self.children:
            inner_ = "".join(child.render(indent + unit, unit) for child in self.children)
            return f"{indent}{head}>\r\n{inner_}{indent}</{self.tag}>\r\n"
        return f"{indent}{head}>{self.text}</{self.tag}>\r\n" if self.text else f"{indent}{head} />\r\n"


words = st.sampled_from(("1", "2", "true", "портал", "a &amp; b", r"C:\x", "*"))
attributes = st.dictionaries(st.sampled_from(("name", "key", "value", "mode", "limit")), words, max_size=3)
comments = st.builds(Element, st.just(""), st.just({}), st.just([]), st.sampled_from(("one", "two &lt; 3")))
leaf_elements = st.builds(
    Element, st.sampled_from(("add", "target", "rule")), attributes, st.just([]), st.one_of(st.just(""), words)
)
elements = st.recursive(
    st.one_of(leaf_elements, leaf_elements, comments),
    lambda inside: st.builds(
        Element, st.sampled_from(("section", "list")), attributes, st.lists(inside, min_size=1, max_size=4)
    ),
    max_leaves=10,
)


def walk(element: Element) -> list[Element]:
    return [element, *(found for child in element.children for found in walk(child))]


@st.composite
def xml_descendants(draw: st.DrawFn, root: Element, vendor: bool) -> str:
    root = copy.deepcopy(root)
    for change in draw(
        st.lists(st.sampled_from(("attribute", "attribute", "text", "add", "remove", "order")), max_size=4)
    ):
        holders = [element for element in walk(root) if element.children]
        holder = draw(st.sampled_from(holders))
        child = draw(st.sampled_from(holder.children))
        if change == "attribute" and child.tag:
            child.attributes[draw(st.sampled_from(("value", "mode", "limit")))] = draw(words)
        elif change == "text" and not child.children:
            child.text = draw(st.sampled_from(("three", "4")))
        elif change == "add":
            holder.children.insert(draw(st.integers(0, len(holder.children))), draw(st.one_of(leaf_elements, comments)))
        elif change == "remove" and len(holder.children) > 1:
            holder.children.remove(child)
        elif change == "order" and vendor:
            holder.children.insert(0, holder.children.pop())
    unit = draw(st.sampled_from(("  ", "    ", "\t"))) if vendor else "  "
    return '<?xml version="1.0"?>\r\n' + root.render("", unit)


@st.composite
def xml_histories(draw: st.DrawFn) -> tuple[str, str, str]:
    """Base, ours and theirs of an XML file."""
    root = Element("configuration", {}, draw(st.lists(elements, min_size=1, max_size=4)))
    base = '<?xml version="1.0"?>\r\n' + root.render("", "  ")
    return base, draw(xml_descendants(root, vendor=False)), draw(xml_descendants(root, vendor=True))
