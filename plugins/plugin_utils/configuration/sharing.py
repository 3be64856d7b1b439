# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Directives of one meaning in several files, which must agree for the product to work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..policy.layouts import INSTANCE_FILE, Shared
from .carrying import Carrying
from .document import Document
from .results import shown
from .scalars import anchors_of, split_comment, written
from .situation import Notice


@dataclass(frozen=True)
class Agreement:
    """What the instance's files said before: ``value`` where they agree, None where none of them has the directive."""

    shared: Shared
    value: str | None


def agreements(shared: tuple[Shared, ...], carrying: Carrying, notices: list[Notice]) -> list[Agreement]:
    """The shared directives on which the instance's files agree; the others give a warning each, and stay as they are."""
    found = []
    for known in shared:
        values: dict[str, str] = {}
        for place in known.places:
            flat = carrying.format(place.file.casefold()) == "flat"
            document = carrying.document(place.file.casefold()) if flat else None
            entry = document.get(place.key) if document else None
            if document and entry:
                values[f"{place.key!r} of {place.file}"] = document.says(place.key)
        if len(set(values.values())) <= 1:
            found.append(Agreement(known, next(iter(values.values()), None)))
            continue
        listed = ", ".join(f"{place} is {shown(value)}" for place, value in values.items())
        notices.append(
            Notice(
                "warning",
                "shared_differs",
                f"These directives must be equal, and are not: {listed}. None of them was changed for that; make them equal in "
                "the instance's files.",
            )
        )
    return found


def agree(agreement: Agreement, documents: Mapping[str, Document], completed: set[str]) -> None:
    """Give all files that have the directive, and those in ``completed`` that do not, the value of the instance's yml."""
    places = [place for place in agreement.shared.places if place.file.casefold() in documents]
    own = next((place for place in places if place.file.casefold() == INSTANCE_FILE), None)
    entry = documents[INSTANCE_FILE].get(own.key) if own else None
    if entry is None and agreement.value is None:
        return
    text = documents[INSTANCE_FILE].says(entry.key) if entry else agreement.value or ""
    complete = entry and len(entry.lines) == 1 and not anchors_of(entry.block)
    value = split_comment(entry.value)[0] if entry and complete else written(text)
    for place in places:
        document = documents[place.file.casefold()]
        known = document.get(place.key)
        if document.says(place.key) != text if known else place.file.casefold() in completed:
            document.set(place.key, value)
