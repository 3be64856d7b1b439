# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read for a plan: no more than it needs."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.brands import LINKED_FILES
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import reading, upgrade
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Finding
from unit import factories
from unit.factories import CONFIG, YML, version_folder
from unit.planning.planned import rules, wish


def asked(facts: HostFacts) -> dict[str, list[str]]:
    instance = factories.instance(facts)
    path = upgrade.find_path(rules(), facts, instance, wish())
    assert not isinstance(path, Finding)
    return {query["id"]: query["paths"] for query in reading.queries(rules(), facts, instance, path, {}, {})}


def test_the_files_that_the_instance_has() -> None:
    assert asked(factories.host())["ours"] == [YML, CONFIG + r"\Web.config"]


@pytest.mark.parametrize(("hashes", "read"), [(("a", "a"), False), (("a", "b"), True), (("a", None), True)])
def test_files_behind_the_links_only_where_versions_may_differ(hashes: tuple[str | None, ...], read: bool) -> None:
    facts = factories.host()
    name = LINKED_FILES[0]
    for version, sha256 in zip(facts["versions"], hashes, strict=True):
        version["linked_files"] = dict.fromkeys(LINKED_FILES[1:], "same") | ({name: sha256} if sha256 else {})
    places = [rf"{version_folder(version['version'])}\{name}" for version in facts["versions"]]
    assert asked(facts).get("linked", []) == (places if read else [])
