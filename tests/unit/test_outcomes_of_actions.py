# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the glue of all actions makes of each way in which one can end: every failure has a code, and tells what is known."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible_collections.comindware.platform.plugins.plugin_utils.action_base import PlatformAction
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.states import GOES_ON
from ansible_collections.comindware.platform.plugins.plugin_utils.host import ConnectionLost, Host, HostError, NoAnswer
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import VersionError
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.findings import Refusal
from ansible_collections.comindware.platform.plugins.plugin_utils.policy import PolicyError


class Ends(PlatformAction):
    """Notes something, may begin a transaction, and ends with an exception."""

    argument_spec = {}

    def __init__(self, error: Exception, begins: bool) -> None:
        running = {"id": "t1", "state": "running"}
        self.host = Host(lambda arguments: {"answer": json.dumps({"ok": True, "transaction": running})})
        self.partial: dict[str, Any] = {}
        self._error, self._begins = error, begins

    def perform(self, options: dict[str, Any]) -> dict[str, Any]:
        self.partial["instance"] = "sales"
        if self._begins:
            self.host.execute({"id": "t1"}, [])
        raise self._error


@pytest.mark.parametrize("begins", [False, True])
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Refusal("no"), "refused"),
        (VersionError("no"), "refused"),
        (PolicyError(["no"]), "refused"),
        (HostError("drift", "no"), "drift"),
    ],
)
def test_a_refusal_tells_its_code_and_that_something_is_left_open(error: Exception, code: str, begins: bool) -> None:
    result = Ends(error, begins)._outcome({})
    assert (result["failed"], result["msg"], result["code"]) == (True, str(error), code)
    assert (result["instance"], result.get("changed", False)) == ("sales", begins)


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (ConnectionLost("reset"), "The connection was lost after the host had begun, and did not come back."),
        (NoAnswer("half a line"), "The host had begun, and what came back since cannot be read."),
    ],
)
def test_field_6_1_a_host_that_had_begun_is_lost(lost: ConnectionLost, told: str) -> None:
    result = Ends(lost, begins=True)._outcome({})
    assert (result["code"], result["changed"], result["msg"]) == ("connection_lost", True, f"{told} {GOES_ON} {lost}")


def test_a_host_that_was_told_nothing_is_unreachable() -> None:
    with pytest.raises(AnsibleConnectionFailure, match="reset"):
        Ends(ConnectionLost("reset"), begins=False)._outcome({})


def test_a_host_whose_first_answer_cannot_be_read_is_no_unreachable_one() -> None:
    result = Ends(NoAnswer("no PowerShell"), begins=False)._outcome({})
    assert (result["code"], result["changed"], result["msg"]) == ("module_failed", False, "no PowerShell")


@pytest.mark.parametrize(("begins", "told"), [(False, "Nothing was changed."), (True, GOES_ON)])
def test_a_fault_of_the_collection_tells_what_the_host_does(begins: bool, told: str) -> None:
    with pytest.raises(AnsibleActionFail) as raised:
        Ends(KeyError("x"), begins)._outcome({})
    assert raised.value.result["code"] == "unexpected"
    assert (raised.value.result["instance"], raised.value.result["changed"]) == ("sales", begins)
    # ansible-core 2.19 takes the full stop off and adds the text of the cause.
    said = f"The collection has a fault, please report it: KeyError: 'x'. {told.rstrip('.')}"
    assert raised.value.message.startswith(said)
