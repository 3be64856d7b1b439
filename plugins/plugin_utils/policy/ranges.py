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

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..model.versions import Version

_OPERATORS: Mapping[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}
_CONDITION = re.compile(r"(?P<operator>>=|<=|>|<)\s*(?P<release>@?)(?P<bound>\S+)")
_FAMILY = re.compile(r"[0-9]+(\.[0-9]+){0,3}")


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

    def is_reached_by(self, version: Version) -> bool | None:
        """Whether the version is this release or a later one; None: nobody published it."""
        if self.build is not None:
            return version >= self.build
        if self.newest_before is not None and version <= self.newest_before:
            return False
        if self.oldest_since is not None and version >= self.oldest_since:
            return True
        return None


@dataclass(frozen=True)
class Range:
    """A range of versions; ``text`` is what the policy file says, and what messages show."""

    text: str
    conditions: tuple[Callable[[Version], bool | None], ...]

    def contains(self, version: Version) -> bool | None:
        """True or False when that is certain, None when it depends on an unpublished build number."""
        answers = [condition(version) for condition in self.conditions]
        if False in answers:
            return False
        return None if None in answers else True

    def surely_contains(self, version: Version) -> bool:
        """For permissions: what is unknown is not permitted."""
        return self.contains(version) is True

    def may_contain(self, version: Version) -> bool:
        """For prohibitions and demands: what is unknown is prohibited or demanded."""
        return self.contains(version) is not False


def parse_range(text: str, releases: Mapping[str, Release]) -> Range:
    """Read a range; raises ValueError with a sentence for the author of the policy file."""
    conditions: list[Callable[[Version], bool | None]] = []
    for part in (part.strip() for part in text.split(",")):
        match = _CONDITION.fullmatch(part)
        if part == "any":
            continue
        if _FAMILY.fullmatch(part):
            conditions.append(_family(part))
        elif match and match["release"]:
            conditions.append(_at_release(match["operator"], match["bound"], releases))
        elif match:
            conditions.append(_at_version(match["operator"], match["bound"]))
        else:
            raise ValueError(
                f"{part!r} in {text!r} is no condition; wanted: a family such as 4.7, a bound such as >=4.7.23499.0, "
                "a release such as <@5.0-2026-06-09, or any"
            )
    return Range(text, tuple(conditions))


def _family(text: str) -> Callable[[Version], bool]:
    wanted = tuple(int(part) for part in text.split("."))
    return lambda version: (version.major, version.minor, version.build, version.revision)[: len(wanted)] == wanted


def _at_version(sign: str, text: str) -> Callable[[Version], bool]:
    compare, bound = _OPERATORS[sign], Version.parse(text)
    return lambda version: compare(version, bound)


def _at_release(sign: str, name: str, releases: Mapping[str, Release]) -> Callable[[Version], bool | None]:
    if name not in releases:
        raise ValueError(f"release {name!r} is not in the list of releases ({', '.join(sorted(releases)) or 'empty'})")
    if sign not in (">=", "<"):
        raise ValueError(f"{sign}@{name} is not possible: a release is compared with >= or < only")
    release = releases[name]

    def condition(version: Version) -> bool | None:
        reached = release.is_reached_by(version)
        return reached if sign == ">=" or reached is None else not reached

    return condition
