# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ranges of versions, some of whose bounds are releases with an unpublished build number.

A range is a text: conditions with commas between them, all of which must hold.
    4.7                a family: every version that begins with 4.7
    >=4.7.23499.0      a bound, with >=, >, <= or < and all four numbers
    <@5.0-2026-06-09   a bound at a release, with >= or <
    any                every version
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..model.values import shown
from ..model.versions import LARGEST, Version, problem_with

_CONDITION = re.compile(r"(?P<operator>>=|<=|>|<)\s*(?P<release>@?)(?P<bound>\S+)")
_FAMILY = re.compile(r"[0-9]+(\.[0-9]+){0,3}")
_END = Version(LARGEST, LARGEST, LARGEST, LARGEST).number + 1


class Span(NamedTuple):
    """The versions from ``low`` to below ``high``, as numbers."""

    low: int
    high: int

    def holds(self, version: Version) -> bool:
        """Whether the version lies between the bounds."""
        return self.low <= version.number < self.high

    def both(self, other: Span) -> Span:
        """What lies in this one and in the other."""
        return Span(max(self.low, other.low), min(self.high, other.high))


EVERY = Span(0, _END)


@dataclass(frozen=True)
class Release:
    """A release that the vendor names by its date.

    ``build`` is its version where that is known. Otherwise ``newest_before`` is the newest version known to lie
    before it, and ``oldest_since`` the oldest version known to be it or to follow it; what lies between is unknown.
    """

    id: str
    build: Version | None
    newest_before: Version | None
    oldest_since: Version | None
    source: str

    @property
    def perhaps_since(self) -> int:
        """The first version that may be this release or a later one, as a number."""
        if self.build:
            return self.build.number
        return self.newest_before.number + 1 if self.newest_before else 0

    @property
    def surely_since(self) -> int:
        """The first version that surely is this release or a later one, as a number."""
        known = self.build or self.oldest_since
        return known.number if known else _END


@dataclass(frozen=True)
class Range:
    """A range of versions; ``text`` is what the policy file says, and what messages show.

    ``surely`` lies in it whatever the unpublished build numbers are; ``perhaps`` is what some build numbers would put into it.
    """

    text: str
    surely: Span
    perhaps: Span

    def surely_contains(self, version: Version) -> bool:
        """For permissions: what is unknown is not permitted."""
        return self.surely.holds(version)

    def may_contain(self, version: Version) -> bool:
        """For prohibitions and demands: what is unknown is prohibited or demanded."""
        return self.perhaps.holds(version)


ANY = Range("any", EVERY, EVERY)


def parse_range(text: str, releases: Mapping[str, Release]) -> Range:
    """Read a range; raises ValueError with a sentence for the author of the policy file."""
    conditions = [_condition(part.strip(), text, releases) for part in text.split(",")]
    made = ANY
    for one in conditions:
        made = Range(text, made.surely.both(one.surely), made.perhaps.both(one.perhaps))
    lowest = max(conditions, key=lambda one: one.perhaps.low)
    highest = min(conditions, key=lambda one: one.perhaps.high)
    for release in releases:
        pair = [one for one in conditions if one.text in (f">=@{release}", f"<@{release}")]
        if len({one.text for one in pair}) == 2:  # wherever that release is
            lowest, highest, made = pair[0], pair[1], Range(text, made.surely, Span(0, 0))
    if made.perhaps.low >= made.perhaps.high:
        raise ValueError(_empty(text, lowest, highest))
    return made


def _empty(text: str, lowest: Range, highest: Range) -> str:
    both = lowest.text if lowest is highest else f"both {lowest.text} and {highest.text}"
    return (
        f"{shown(text)} holds no version: none is {both}; wanted: conditions that one version can meet, "
        "such as >=4.7.23499.0, <5.0.0.0"
    )


def _condition(part: str, text: str, releases: Mapping[str, Release]) -> Range:
    match = _CONDITION.fullmatch(part)
    if part == "any":
        return ANY
    if _FAMILY.fullmatch(part):
        return _family(part)
    if match and match["release"]:
        return _at_release(match["operator"], match["bound"], releases)
    if match:
        return _at_version(match["operator"], match["bound"])
    raise ValueError(
        f"{shown(part)} in {shown(text)} is no condition; wanted: a family such as 4.7, a bound such as >=4.7.23499.0, "
        "a release such as <@5.0-2026-06-09, or any"
    )


def _family(text: str) -> Range:
    absent = 3 - text.count(".")
    whole = text + ".0" * absent
    problem = problem_with(whole)
    if problem:
        raise ValueError(f"{shown(text)} is no family of versions: {problem}")
    low = Version.parse(whole).number
    span = Span(low, low + (LARGEST + 1) ** absent)
    return Range(text, span, span)


def _at_version(sign: str, text: str) -> Range:
    bound = Version.parse(text).number
    first = bound + (sign in (">", "<="))
    span = Span(first, _END) if sign.startswith(">") else Span(0, first)
    return Range(sign + text, span, span)


def _at_release(sign: str, name: str, releases: Mapping[str, Release]) -> Range:
    if name not in releases:
        raise ValueError(
            f"release {shown(name)} is not in the list of releases ({', '.join(sorted(releases)) or 'empty'})"
        )
    if sign not in (">=", "<"):
        raise ValueError(f"{sign}@{name} is not possible: a release is compared with >= or < only")
    release = releases[name]
    if sign == ">=":
        surely, perhaps = Span(release.surely_since, _END), Span(release.perhaps_since, _END)
    else:
        surely, perhaps = Span(0, release.perhaps_since), Span(0, release.surely_since)
    return Range(f"{sign}@{name}", surely, perhaps)
