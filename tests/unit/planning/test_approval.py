# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Plans that lie on their host: the same plan has the same name, and another text is not the approved one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import approval, kept
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.plans import Origin
from unit import factories
from unit.planning.planned import made


def text(**asked: Any) -> str:
    return approval.text(kept.as_dict(made(factories.host(), **asked)))


def found(content: str | None) -> dict[str, Any]:
    """The host's answer to the question for the plan."""
    item = {"path": "plan.json", "exists": content is not None, "text": content}
    return {"approved_plan": {"items": [item] if content else []}}


def test_the_same_plan_has_the_same_name_whenever_it_is_made() -> None:
    answers = factories.answers()
    identity = {**answers["identity"], "time": "2027-01-01T00:00:00.000Z"}
    later = approval.text(kept.as_dict(made(factories.host({"identity": identity}))))
    assert approval.digest(later) == approval.digest(text())


def test_another_wish_has_another_name() -> None:
    assert approval.digest(text(data=False)) != approval.digest(text())


def test_what_was_approved_is_compared_as_a_kept_plan_is() -> None:
    content = text()
    instance = factories.instance(factories.host())
    read = approval.read(found(content), instance, approval.digest(content))
    kept.refuse_changes(read, made(factories.host()))
    with pytest.raises(Refusal) as refused:
        kept.refuse_changes(read, made(factories.host(), data=False))
    assert str(refused.value).startswith(
        f"The plan of instance '{instance['name']}' that was approved is refused, nothing was touched. It was made with "
    )


def test_a_plan_that_is_gone_or_was_changed_is_refused() -> None:
    content = text()
    instance, sha256 = factories.instance(factories.host()), approval.digest(content)
    for there, seen in ((None, "is not on the host any more"), (content + " ", "was changed on the host")):
        with pytest.raises(Refusal) as refused:
            approval.read(found(there), instance, sha256)
        assert str(refused.value) == (
            f"The approved plan {sha256[:12]} of instance 'sales' {seen}. Nothing was touched. Make a new plan with "
            "comindware.platform.plan, have it approved, and run again."
        )


def test_an_instance_of_which_no_plan_was_approved() -> None:
    finding = approval.not_approved(factories.instance(factories.host()))
    assert (finding.level, finding.code) == ("blocker", "not_approved")
    assert finding.message == (
        "No plan of instance 'sales' is among the approved ones. Make a new plan with comindware.platform.plan, have it approved, and "
        "run again."
    )


def test_it_lies_where_only_administrators_can_change_it() -> None:
    content, facts = text(), factories.host()
    plan = approval.keeping(facts, factories.instance(facts), Origin("me", "r1"), content)
    (step,) = plan["operations"]
    assert step["path"] == approval.place(facts, approval.digest(content)) and step["text"] == content
    assert step["path"].startswith(facts["agent"]["root"])
    assert plan["about"] == {"purpose": "plan", "sha256": approval.digest(content)}
    assert plan["confirm"] == "automatic" and json.loads(content)["instance"] == "sales"
