# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random histories: a pristine file, and two descendants of it, one made by operators and one by the vendor."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from hypothesis import strategies as st


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
