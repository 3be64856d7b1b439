# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a merged XML file must be, found out by Python's own XML reader, and by git's merging of lines."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Hashable, Iterator

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.results import Merged
from unit.configuration import oracles

from merging.git import git_merged, missing

KEYED = {
    "appSettings": "key",
    "connectionStrings": "name",
    "configSections": "name",
    "staticContent": "fileExtension",
    "customHeaders": "name",
    "handlers": "name",
    "targets": "name",
}


def lost(base: str, ours: str, theirs: str, result: Merged) -> list[str]:
    """What of the instance's changes is neither there nor named. Of an item of a list nobody can say which other one it was before."""
    found = oracles.lost("xml", base, ours, theirs, result)
    return [fact for fact in found if "/logger[" not in fact and "/list[None]/value" not in fact]


def faults(ours: str, theirs: str, result: str) -> list[str]:
    """What neither side has, and a program would refuse."""
    try:
        found = _counted(result)
    except ET.ParseError as error:
        return [str(error)]
    known = _counted(ours) | _counted(theirs)
    return [repr(fault) for fault in found - known]


def _counted(text: str) -> Counter[Hashable]:
    return Counter(fault for element in ET.fromstring(text.encode()).iter() for fault in _doubled(element))


def _doubled(element: ET.Element) -> Iterator[Hashable]:
    seen = Counter(ET.canonicalize(ET.tostring(child), strip_text=True) for child in element)
    yield from (("twice", text) for text, count in seen.items() for _number in range(count - 1))
    if name := KEYED.get(element.tag):
        keys = Counter((child.tag, (child.get(name) or "").casefold()) for child in element)
        yield from (("key", element.tag, key) for key, count in keys.items() for _number in range(count - 1))
    if any(child.tag == "configSections" for child in list(element)[1:]):
        yield "configSections is not the first"


def git_keeps(base: str, ours: str, theirs: str, result: str) -> list[str]:
    """What git keeps where it merges all lines, and what is no fault of its own, and the result has not."""
    merged = git_merged(base, ours, theirs)
    try:
        if merged is None or faults(ours, theirs, merged):
            return []
        return missing(*(oracles.facts(text) for text in (base, ours, theirs, merged, result)))
    except ET.ParseError:
        return []
