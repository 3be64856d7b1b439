# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans as data: what they hold, what they never hold, and what makes an approved one refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import operations
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import differences, kept
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Limits
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.upgrade import UpgradePlan
from unit import factories
from unit.factories import NEW, OLD
from unit.planning.planned import made, planning_answers

Change = Callable[[HostFacts], None]

TOKEN = "\u27e6secret:0123456789abcdef\u27e7"


def refusal(before: HostFacts, after: HostFacts, **asked: Any) -> str:
    return refusal_of(json.loads(json.dumps(kept.as_dict(made(before)))), made(after, **asked))


def refusal_of(approved: dict[str, Any], now: UpgradePlan) -> str:
    """The same for the plan and for what a run over many hosts remembers of it."""
    told = []
    for one in (approved, kept.promise(approved)):
        with pytest.raises(Refusal) as refused:
            kept.refuse_changes(one, now)
        told.append(str(refused.value))
    assert told[0] == told[1]
    return told[0]


def test_the_same_host_has_the_same_plan() -> None:
    approved = json.loads(json.dumps(kept.as_dict(made(factories.host()))))
    kept.refuse_changes(approved, made(factories.host()))
    kept.refuse_changes(kept.promise(approved), made(factories.host()))


def test_sizes_free_space_and_states_are_no_change() -> None:
    answers = factories.answers()
    iis = copy.deepcopy(answers["iis"])
    iis["workers"] = [{"pid": 4242, "pool": "Comindware sales"}]
    sizes = {"items": [{**answers["sizes"]["items"][0], "bytes": 8192}]}
    approved = kept.as_dict(made(factories.host()))
    kept.refuse_changes(approved, made(factories.host({"iis": iis, "sizes": sizes})))


def _links(facts: HostFacts) -> None:
    factories.instance(facts)["fingerprint"][1]["sha256"] = "other"


def _site(facts: HostFacts) -> None:
    site = factories.instance(facts)["site"]
    assert site
    site["server_auto_start"] = False


def _pool(facts: HostFacts) -> None:
    factories.instance(facts)["pools"][0]["start_mode"] = "OnDemand"


def _registry(facts: HostFacts) -> None:
    factories.instance(facts)["registry"][0]["values"]["ConfigPath"] = "x"


def _folder(facts: HostFacts) -> None:
    factories.instance(facts)["paths"]["streams"] = r"E:\Streams"


def _version(facts: HostFacts) -> None:
    facts["versions"][1]["entries"].append("new")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_links, "links of sales"),
        (_site, "site and pools of sales"),
        (_pool, "site and pools of sales"),
        (_registry, "registry values of sales"),
        (_folder, "folders of sales"),
        (_version, f"installed version {NEW}"),
    ],
)
def test_what_changed_is_named(change: Change, named: str) -> None:
    after = factories.host()
    change(after)
    assert refusal(factories.host(), after) == (
        f"The plan of instance 'sales' of 2026-11-22T19:00:00.000Z is refused, nothing was touched. The host has changed since: {named}. "
        "Make a new plan with comindware.platform.plan, have it approved, and run again."
    )


def test_another_host() -> None:
    after = factories.host({"identity": {**factories.answers()["identity"], "machine": "APP02"}})
    assert "It is for the host APP01, and this is APP02." in refusal(factories.host(), after)


def test_another_wish() -> None:
    told = refusal(factories.host(), factories.host(), data=False)
    assert "It was made with backup_data = true, and now that is false." in told


def test_another_way() -> None:
    """Everything of the start is the same, but the way is another one now."""
    approved = kept.as_dict(made(factories.host()))
    approved["path"][-1] = approved["hops"][0]["to"] = "5.0.24000.0"
    told = refusal_of(approved, made(factories.host()))
    assert f"It leads {OLD} -> 5.0.24000.0, and now the way is {OLD} -> {NEW}." in told


def test_other_operations_are_named() -> None:
    approved = kept.as_dict(made(factories.host()))
    first, *others = approved["hops"][0]["operations"]
    approved["hops"][0].update(digest="0", operations=[*others, "Dance"])
    told = refusal_of(approved, made(factories.host()))
    assert (f"The hop {OLD} -> {NEW} would be another one: no longer 'Dance'; now '{first}'.") in told


def test_what_is_no_plan() -> None:
    with pytest.raises(Refusal) as refused:
        kept.refuse_changes({"changed": True}, made(factories.host()))
    assert str(refused.value) == (
        "The option 'plan' is refused, nothing was touched. It wants a plan that comindware.platform.upgrade_plan made, of format 1; this "
        "one has the format None. Make a new plan."
    )


def with_secret(facts: HostFacts, token: str) -> Any:
    """A plan that writes a yml with a secret in it."""
    answers = planning_answers()
    item = answers["ours"]["items"][0]
    text = item["text"].replace("journal.name: cmwsales", f"journal.password: {token}")
    answers["ours"]["items"][0] = {**item, "text": text}
    return made(facts, answers, inputs={"search_index_prefix": "cmwsales"})


def test_tokens_are_numbered_and_do_not_decide() -> None:
    first = with_secret(factories.host(), TOKEN)
    text = json.dumps(kept.as_dict(first), ensure_ascii=False)
    assert "secret:" not in text
    assert "journal.password: \u27e6secret 1\u27e7" in text
    other_salt = with_secret(factories.host(), "\u27e6secret:fedcba9876543210\u27e7")
    assert kept.digest(first.hops[0]) == kept.digest(other_salt.hops[0])


def test_a_kept_plan_is_written_again_only_when_something_that_decides_differs() -> None:
    plan = kept.as_dict(made(factories.host()))
    later = {**plan, "created": "2026-11-23T00:00:00.000Z", "downtime": None}
    assert kept.says_the_same(json.dumps(later), plan)
    assert not kept.says_the_same(json.dumps({**plan, "level": "blocker"}), plan)
    assert not kept.says_the_same("", plan) and not kept.says_the_same("[]", plan)


def test_secrets_of_an_operator_s_own_file_are_not_shown() -> None:
    own = "journal.password: hush\r\nversion: 5.0.24055.0\r\nclusterName: sales\r\n"
    plan = made(factories.host(), configuration=[{"file": "instance.yml", "src": own}])
    shown = json.dumps([kept.as_dict(plan), differences.of_hops(plan.run, plan.wish)], ensure_ascii=False)
    assert "hush" not in shown and "journal.password: \u27e6secret\u27e7" in shown


def test_other_limits_are_named() -> None:
    approved = json.loads(json.dumps(kept.as_dict(made(factories.host()))))
    told = refusal_of(approved, made(factories.host(), limits=Limits(stop=600)))
    assert "It was made with timeouts = [420, 180, 120], and now that is [600, 180, 120]." in told


def test_who_keeps_the_pristine_files_does_not_decide() -> None:
    plan = made(factories.host())
    hop = plan.hops[0]
    copied = replace(hop, operations=[operations.copy_file(r"C:\kept\Web.config", r"C:\v\Web.config"), *hop.operations])
    assert kept.digest(copied) == kept.digest(hop)


def test_a_plan_of_now_without_a_way_is_left_to_its_blockers() -> None:
    approved = kept.as_dict(made(factories.host()))
    kept.refuse_changes(approved, made(factories.host(), target="5.0.25000.0"))


def test_half_a_plan_is_no_plan() -> None:
    with pytest.raises(Refusal, match=r"It wants a plan that comindware.platform.upgrade_plan made"):
        kept.refuse_changes({"format": 1, "hops": []}, made(factories.host()))
