# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites of others that go down with an instance, because an application of theirs runs in one of its pools."""

from __future__ import annotations

from collections.abc import Collection

from ..model.facts import InstanceFacts
from ..model.sharing import foreign_sites, quoted
from ..policy.hops import Text
from .findings import Finding

_ID = "stops_site:{site}"
"""What the operator acknowledges. A name of IIS holds no comma, colon or double quote."""


def names(instance: InstanceFacts) -> tuple[str, ...]:
    """The sites, as IIS calls them."""
    return tuple(foreign_sites(instance))


def check(instance: InstanceFacts, acknowledged: Collection[str], language: str) -> list[Finding]:
    """For each such site a blocker until it is acknowledged, in ``en`` or ``ru``."""
    known = {one.casefold() for one in acknowledged}
    found = []
    for site, (pools, applications) in foreign_sites(instance).items():
        id_, name = _ID.format(site=site), instance["name"]
        said = Text(
            f"its application pool {quoted(pools)} also serves the site '{site}' (applications: {', '.join(applications)}). That site "
            "is down for as long as the instance is.",
            f"его пул приложений {quoted(pools)} обслуживает и сайт '{site}' (приложения: {', '.join(applications)}). Этот сайт будет "
            "недоступен столько же, сколько и экземпляр.",
        )
        if id_.casefold() in known:
            told = Text(
                f"Instance '{name}', note: {said.en} The operator has acknowledged it.",
                f"Экземпляр '{name}', примечание: {said.ru} Оператор это подтвердил.",
            )
            found.append(Finding("warning", id_, told.say(language)))
            continue
        told = Text(
            f"Instance '{name}', to be acknowledged: {said.en} Give the instance a pool of its own first, or when this is taken care of, "
            f'acknowledge it: upgrade_acknowledged: ["{id_}"].',
            f"Экземпляр '{name}', требует подтверждения: {said.ru} Сначала выделите экземпляру собственный пул либо, когда это учтено, "
            f'подтвердите: upgrade_acknowledged: ["{id_}"].',
        )
        found.append(Finding("blocker", id_, told.say(language)))
    return found
