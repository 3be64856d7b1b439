# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Random flat files: a pristine one, and two descendants, one made by operators and one by the vendor."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import yaml

from .flat_oracle import violations, whole

__all__ = ["draw", "violations", "whole"]

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
    "<key>",
    '"key: q"',
)
SCALARS = (
    "80", "8081", "true", "True", "yes", "false", "'80'", r"C:\Data\новая папка", '"C:/x: #y"', "'it''s'", "http://x:9200/#a", "0,1,2",
    "00.12:00:00", "~", "null", "", "7.1", "7.10", "8.0", "0012", "10", "1:30", "90", "0x1F", "1e3", "2026-03-12", "[25, 50]",
    "[25, 50, 100]", "[]", "{x: 1, y: 2}", "{y: 2, x: 1}", "\u27e6secret:0123456789abcdef\u27e7", "-5", "|\n  x\n  # not a comment",
    "|-\n  go\n\n  port: 80\n  # stop", "|+\n  kept\n\n", ">\n  folded\n  text\n\n  # more", "|2\n    deep\n   # less\n  port: 1",
    "'one\n\n  # two'", "one\n  two", ">-\n  - 25\n  - 50", "\n  on the next line",
)  # fmt: skip
ITEMS = (
    "25",
    "50",
    "100",
    "7.1",
    "7.10",
    "'x y'",
    r"C:\x",
    "apiPrefix: one\n  enabled: true",
    "apiPrefix: one\n  enabled: false",
    "apiPrefix: one\n  enabled: true\n  timeout: 3",
    "apiPrefix: two",
    "apiPrefix: two\n  run: |\n    go\n    # stop",
    "{apiPrefix: three, x: 1}",
    "|\n  text\n  # no comment",
)
VENDORS_OLD = (
    "# One.",
    "# Old help.",
    "#port: 80",
    "#mq.server: 127.0.0.1:9092",
    "# Example:\n#   a: 5",
    "# ----",
    "#",
)
VENDORS_NEW = ("# New help.", "#port: 81", "# Two.", "#a.b: 1", "# Example:\n#   port: 5", "# ----")
OPERATORS = ("# три", "#port: 8000 # before the move", "#fqdn: old", "# 100 %: no", "# One of ours")


@dataclass
class Line:
    """A directive. ``value``: a scalar, the items of a list, or the directives of a mapping. ``behind``: the comment of a scalar."""

    key: str
    value: Value
    above: list[str] = field(default_factory=list)
    behind: str = ""

    def render(self) -> str:
        above = "".join(f"{line}\n" for line in self.above)
        if isinstance(self.value, str):
            head, *rest = self.value.split("\n")
            behind = f" {self.behind}" if self.behind and (not rest or head[:1] in "|>") else ""
            return above + "\n".join([f"{self.key}: {head}".rstrip() + behind, *rest]) + "\n"
        items = [f"- {indented(item)[2:]}\n" if isinstance(item, str) else item.render() for item in self.value]
        return f"{above}{self.key}:{' ' + self.behind if self.behind else ''}\n{indented(''.join(items))}"


Value = str | list[str] | list[Line]


def indented(text: str) -> str:
    return "\n".join("  " + line if line else line for line in text.split("\n"))


class Drawing:
    """Draws one history."""

    def __init__(self, random_: random.Random) -> None:
        self.random = random_
        self.pool: tuple[str, ...] = VENDORS_OLD

    def history(self) -> tuple[str, str, str]:
        lines = self.lines(KEYS, self.random.randint(1, 8))
        both = self.random.randrange(len(lines)) if self.random.random() < 0.5 else None
        tail = self.comments()
        head = ["---\n"] if self.random.random() < 0.05 else []
        sides = [(lines, tail, head)]
        for pool, vendor in ((OPERATORS, False), (VENDORS_NEW, True)):
            self.pool = pool
            changed = self.changed(copy.deepcopy(lines), vendor, both)
            end = [line for line in tail if not vendor or self.random.random() < 0.7]
            sides.append(
                (changed, end + self.comments(), head if self.random.random() < 0.9 else ["# first\n", "---\n"])
            )
        newlines = [self.random.choice(("\n", "\r\n"))] * 3 if self.random.random() < 0.8 else ["\r\n", "\n", "\r\n"]
        base, ours, theirs = (
            ("".join(head) + "".join(line.render() for line in lines) + "".join(f"{line}\n" for line in tail)).replace(
                "\n", newline
            )
            for (lines, tail, head), newline in zip(sides, newlines, strict=True)
        )
        return base, ours, theirs

    def changed(self, lines: list[Line], vendor: bool, both: int | None) -> list[Line]:
        """The lines after some changes; ``both``: one that is changed in any case. Only vendors reorder, and reword comments."""
        if both is not None:
            self.random.choice((self.new_value, self.inner, self.inner, self.remove))(lines, both)
        kinds: list[Callable[[list[Line], int], None]] = [
            self.new_value,
            self.inner,
            self.remove,
            self.tie,
            lambda lines, place: lines.insert(place, self.line(self.free(lines))) if self.free(lines) else None,
            lambda lines, place: lines[place].above.append(self.random.choice(self.pool)),
            lambda lines, place: setattr(lines[place], "behind", self.random.choice(self.pool).split("\n")[0]),
        ]
        if vendor:
            kinds += [
                lambda lines, place: lines.insert(self.random.randrange(len(lines)), lines.pop(place)),
                lambda lines, place: setattr(lines[place], "above", self.comments()),
            ]
        for _number in range(self.random.randint(0, 4)):
            if lines:
                self.random.choice(kinds)(lines, self.random.randrange(len(lines)))
        return lines

    def new_value(self, lines: list[Line], place: int) -> None:
        old = lines[place].value
        lines[place].value = self.value()
        if isinstance(old, str) and "\n" in old and old[0] not in "|>":
            lines[place].behind = ""  # it was not to be seen there, so nobody would write it now

    def remove(self, lines: list[Line], place: int) -> None:
        del lines[place]

    def tie(self, lines: list[Line], place: int) -> None:
        """Let a directive refer to another one."""
        value = lines[place].value
        free = self.free(lines)
        if isinstance(value, str) and value and value[0] not in "|>'\"\n&*" and free:
            name = self.random.choice(("x", "y"))
            lines[place].value = f"&{name} {value}"
            lines.insert(self.random.randint(place + 1, len(lines)), Line(free, f"*{name}"))

    def inner(self, lines: list[Line], place: int) -> None:
        """One change inside of a list or mapping; a scalar gets a comment."""
        value = lines[place].value
        if isinstance(value, str):
            self.new_value(lines, place)
            return
        at = self.random.randrange(len(value))
        nested = [item for item in value if isinstance(item, Line)]
        if nested:
            change = self.random.choice(
                (self.new_value, self.inner, self.remove if len(nested) > 1 else self.new_value)
            )
            change(nested, at)
            lines[place].value = nested
            return
        items = [item for item in value if isinstance(item, str)]
        new = [item for item in ITEMS if name(item) not in map(name, items)]
        kind = self.random.random()
        same = [item for item in ITEMS if name(item) == name(items[at]) and item != items[at]]
        if kind < 0.3 and same:
            items[at] = self.random.choice(same)
        elif kind < 0.7 and new:
            items.insert(at, self.random.choice(new))
        elif len(items) > 1:
            del items[at]
        lines[place].value = items

    def lines(self, keys: tuple[str, ...], count: int) -> list[Line]:
        return [
            Line(key, self.value() if keys is KEYS else self.nested_value(), self.comments(), self.behind())
            for key in self.random.sample(keys, min(count, len(keys)))
        ]

    def line(self, key: str) -> Line:
        return Line(key, self.value(), self.comments(), self.behind())

    def value(self) -> Value:
        kind = self.random.random()
        if kind < 0.6:
            return self.random.choice(SCALARS)
        return self.items() if kind < 0.8 else self.lines(KEYS[:6], self.random.randint(1, 3))

    def nested_value(self) -> Value:
        kind = self.random.random()
        if kind < 0.8:
            return self.random.choice(SCALARS)
        return self.items() if kind < 0.9 else self.lines(KEYS[2:5], 2)

    def items(self) -> list[str]:
        found = self.random.sample(ITEMS, self.random.randint(1, 4))
        return list({name(item): item for item in found}.values())

    def comments(self) -> list[str]:
        return [self.random.choice(("", *self.pool)) for _number in range(self.random.choice((0, 0, 1, 2)))]

    def behind(self) -> str:
        return self.random.choice(self.pool).split("\n")[0] if self.random.random() < 0.15 else ""

    def free(self, lines: list[Line]) -> str:
        """A name that no directive has; empty if there is none left."""
        free = [key for key in KEYS if key not in {line.key for line in lines}]
        return self.random.choice(free) if free else ""


def name(item: str) -> str:
    """What must be another one for each item of a list."""
    return item.lstrip("{").split("\n")[0].split(",")[0]


def draw(random_: random.Random) -> tuple[str, str, str]:
    """Base, ours and theirs, each of which YAML reads."""
    while True:
        history = Drawing(random_).history()
        try:
            for text in history:
                yaml.load(text, Loader=yaml.CBaseLoader)
        except yaml.YAMLError:
            continue
        return history
