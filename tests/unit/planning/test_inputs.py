# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only the operator knows, and what the checks ask because of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import differences, inputs, kept, upgrade
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.evidence import SEARCH_DIRECTIVES
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import Path, Policy, Step
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import Hop
from unit import factories
from unit.planning.planned import made, rules, wish

GIVEN = "http://search.example.com:9201"
WITH_CHECK = [
    hop for hop in rules().hops if any(note.check and note.check.kind == "search_server" for note in hop.requirements)
]


def along(*hops: Hop) -> Path:
    """A way over these hops, whatever versions they are for."""
    old, new = Version.parse(factories.OLD), Version.parse(factories.NEW)
    return Path(old, new, tuple(Step(old, new, hop, hop.requirements[0].text) for hop in hops))


def asked(hop: Hop, used: Policy | None = None, **wanted: Any) -> list[Any]:
    """The addresses of the search server that the host is asked for."""
    host = factories.host()
    questions = upgrade.questions(used or rules(), host, factories.instance(host), along(hop), wish(**wanted), {})
    return [url for query in questions if query["id"] == "search_server" for url in query["urls"]]


@pytest.mark.parametrize("hop", WITH_CHECK, ids=lambda hop: hop.id)
def test_field_6_8_the_given_address_is_asked_whatever_the_hop_takes(hop: Hop) -> None:
    assert asked(hop, inputs={"search_server_address": GIVEN}) == [GIVEN]
    assert [source["from"] for source in asked(hop)] == ["yml"] * len(SEARCH_DIRECTIVES)


def test_field_6_8_every_input_that_names_a_search_server_is_used() -> None:
    named = {note.id for hop in rules().hops for note in hop.inputs if note.directive in SEARCH_DIRECTIVES}
    assert named == {"search_server_address"} == {inputs.search_input(rules())}


@pytest.mark.parametrize("directive", SEARCH_DIRECTIVES)
def test_field_6_8_an_address_in_the_operator_s_own_yml_is_asked(directive: str) -> None:
    own = [{"file": "instance.yml", "src": f"clusterName: sales\n{directive}: '{GIVEN}' # ours\n"}]
    assert asked(WITH_CHECK[0], configuration=own) == [GIVEN]
    both = {"search_server_address": "http://other.example.com:9200"}
    assert asked(WITH_CHECK[0], configuration=own, inputs=both) == [both["search_server_address"]]


@pytest.mark.parametrize("given", ["search.example.com:9200", "http://elastic:hidden@search.example.com:9200"])
def test_field_6_8_an_address_that_cannot_be_asked_is_refused_by_name(given: str) -> None:
    instance = factories.instance(factories.host())
    (found,) = inputs.malformed(rules(), along(WITH_CHECK[0]), instance, wish(inputs={"search_server_address": given}))
    assert (found.level, found.code) == ("blocker", "search_server_address")
    assert found.message.startswith("Instance 'sales': the input search_server_address is '")
    assert found.message.endswith(r"', and must match https?://[^\s@]+. Correct it.")
    assert "hidden" not in found.message


HUSH = "CANARY-it's hush"


def with_password() -> Policy:
    """The shipped policy, whose hop within 5.0 wants a password."""
    way = upgrade.find_path(rules(), factories.host(), factories.instance(factories.host()), wish())
    assert isinstance(way, Path)
    note = {
        "id": "search_password",
        "directive": "journal.password",
        "pattern": "[^ ]+",
        "en": "The password.",
        "ru": "Пароль.",
    }
    return policy.load([{"hops": [{"id": way.steps[0].hop.id, "inputs": [note]}]}])


def test_field_3_8_an_input_that_is_a_password_is_hidden() -> None:
    used = with_password()
    hidden = inputs.secret_ids(used)
    assert hidden == {"search_password"}
    asked: dict[str, Any] = {"inputs": {"search_password": HUSH}, "secret_inputs": hidden}
    plan = made(factories.host(), used=used, **asked)
    shown = json.dumps(kept.as_dict(plan), ensure_ascii=False)
    assert "CANARY" not in shown and "journal.password: ⟦secret⟧" in shown
    assert "must match" in shown and "the input search_password is '⟦secret⟧'" in shown
    told = json.dumps(differences.of_hops(plan.run, wish(**asked)), ensure_ascii=False)
    assert "CANARY" not in told


def test_field_3_8_other_inputs_stay_readable() -> None:
    shown = json.dumps(kept.as_dict(made(factories.host(), inputs={"search_index_prefix": "cmwsales"})))
    assert "journal.name: cmwsales" in shown
