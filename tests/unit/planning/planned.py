# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans for tests: the healthy instance of the factories, and an instance of any version with its files."""

from __future__ import annotations

import functools
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import read_choices
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import history, reading, upgrade
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.backup import BackupWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.evidence import Evidence, utc
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Finding
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.hop_plans import Circumstances
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.product_backup import SESSION
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.upgrade import UpgradePlan
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.wishes import UpgradeWish
from unit import factories
from unit.factories import CONFIG, NEW, YML


@functools.cache
def rules() -> policy.Policy:
    """The shipped policy."""
    return policy.load()


def wish(
    target: str = NEW, data: bool = True, configuration: list[dict[str, Any]] | None = None, **others: Any
) -> UpgradeWish:
    """An upgrade with a copy of the data and everything acknowledged that the shipped policy wants."""
    acknowledged = {note.id for hop in rules().hops for note in hop.advisories if note.acknowledge}
    wanted = {"acknowledged": frozenset(acknowledged), "limits": Limits(), **others}
    choices = read_choices(configuration or [], lambda source: source)
    return UpgradeWish(Version.parse(target), BackupWish(data=data), choices=choices, **wanted)


def made(
    facts: HostFacts, answers: dict[str, Any] | None = None, used: policy.Policy | None = None, **asked: Any
) -> UpgradePlan:
    """The plan for the first instance. ``answers``: more of what the host says, besides its yml."""
    instance, wanted, known = factories.instance(facts), wish(**asked), used or rules()
    path = upgrade.find_path(known, facts, instance, wanted)
    given = {**planning_answers(), **(answers or {})}
    texts = reading.Texts() if isinstance(path, Finding) else reading.texts(known, facts, instance, path, given)
    since, session = history.running_since(facts, instance), wanted.product_backup.kind == SESSION
    evidence = Evidence(utc(facts["time"]), since, wanted.backup.data, given, session)
    return upgrade.make(
        Circumstances(known, facts, wanted, evidence, given.get("read_speed", {})), instance, path, texts
    )


def planning_answers() -> dict[str, Any]:
    """What the host says to the questions of a plan: the yml of the factories, and that the search server answers."""
    yml = factories.answers()["ymls"]["items"][0]
    page = {"url": "http://search.example.com:9200", "status": 200, "body": "{}"}
    web = {"path": CONFIG + r"\Web.config", "exists": True, "encoding": "utf-8", "text": "<configuration />\r\n"}
    files = [{**yml, "path": YML}, web]
    return {"ours": {"items": [{**file, "truncated": False} for file in files]}, "search_server": {"items": [page]}}
