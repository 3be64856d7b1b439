# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans from facts and texts that were recorded once on a stand-in host."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import kept, reading, report, upgrade
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.backup import BackupWish
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.evidence import Evidence, utc
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Finding
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.hop_plans import Circumstances
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.wishes import UpgradeWish
from standin.host import Host

_POLICY = Path(__file__).parents[1] / "standin" / "templates_policy.yml"
_INPUTS = {
    "search_index_prefix": "erp_sales",
    "search_server_address": "http://search.example.com:9200",
    "message_server_address": "127.0.0.1:9092",
    "database_name": "sales",
}


@dataclass(frozen=True)
class Record:
    """Facts and texts as JSON, so that every plan has its own; the policy and the wish."""

    facts: str
    answers: str
    rules: policy.Policy
    wish: UpgradeWish


def record(host: Host, facts: HostFacts, target: str) -> Record:
    """What the host answers for the way of its only instance."""
    rules = policy.load([_POLICY])
    acknowledged = frozenset(note.id for hop in rules.hops for note in hop.advisories)
    wish = UpgradeWish(
        Version.parse(target), BackupWish(data=True), Limits(), acknowledged=acknowledged, inputs=_INPUTS
    )
    path = upgrade.find_path(rules, facts, facts["instances"][0], wish)
    assert not isinstance(path, Finding), path.message
    asked = reading.queries(rules, facts, facts["instances"][0], path, {}, {})
    answers = {query["id"]: {"items": [_read(host, place) for place in query["paths"]]} for query in asked}
    answers["search_server"] = {"items": [{"url": "http://search.example.com:9200", "status": 200}]}
    return Record(json.dumps(facts), json.dumps(answers), rules, wish)


def _read(host: Host, place: str) -> dict[str, Any]:
    if not host.drives.exists(place):
        return {"path": place, "exists": False}
    text = host.drives.real(place).read_bytes().decode("utf-8-sig")
    return {"path": place, "exists": True, "text": text, "encoding": "utf-8", "truncated": False}


def plan(recorded: Record, name: str) -> dict[str, Any]:
    """The plan, its data and its report, for an instance of another name."""
    facts, answers = (json.loads(text.replace("sales", name)) for text in (recorded.facts, recorded.answers))
    instance = facts["instances"][0]
    path = upgrade.find_path(recorded.rules, facts, instance, recorded.wish)
    assert not isinstance(path, Finding), path.message
    evidence = Evidence(utc(facts["time"]), None, True, answers)
    texts = reading.texts(recorded.rules, facts, instance, path, answers)
    made = upgrade.make(Circumstances(recorded.rules, facts, recorded.wish, evidence, {}), instance, path, texts)
    assert made.level != "blocker", made.all_findings
    shown = kept.as_dict(made)
    report.text(shown, "en")
    return shown
