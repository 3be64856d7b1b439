# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the shipped policy answers for the versions that the vendor's documents name."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils import policy
from ansible_collections.comindware.platform.plugins.plugin_utils.model.brands import LINKED_FILES
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from ansible_collections.comindware.platform.plugins.plugin_utils.policy.hops import STEP_VALUES


@pytest.fixture(scope="module")
def shipped() -> policy.Policy:
    return policy.load()


def find(rules: policy.Policy, start: str, target: str, *installed: str) -> policy.Path:
    return rules.find_path(Version.parse(start), Version.parse(target), [Version.parse(text) for text in installed])


def refusal(rules: policy.Policy, start: str, target: str, *installed: str) -> policy.NoPath:
    with pytest.raises(policy.NoPath) as caught:
        find(rules, start, target, *installed)
    return caught.value


@pytest.mark.parametrize(
    ("start", "target", "hop", "method"),
    [
        ("4.7.23499.0", "5.0.24055.0", "4.7-to-5.0", "in_place"),
        ("5.0.13334.0", "5.0.24055.0", "5.0-within", "in_place"),
        ("4.7.2222.0", "4.7.23499.0", "4.7-within", "in_place"),
        ("4.2.612.0", "4.7.3084.0", "4.2-to-4.7", "in_place"),
        ("4.4.643.0", "4.7.3084.0", "4.4-to-4.7", "in_place"),
        ("3.5.1100.0", "4.2.278.0", "3.5.1100-to-4.2", "in_place"),
        ("4.7.3084.0", "5.0.24055.0", "4.7-to-new-instance", "manual"),
        ("4.7.23499.0", "5.0.13334.0", "4.7-to-new-instance", "manual"),
        ("4.7.23499.0", "6.0.1.0", "4.7-to-new-instance", "manual"),
        ("5.0.24055.0", "6.0.1.0", "5.0-to-new-instance", "manual"),
        ("5.0.24055.0", "5.0.24055.1", "5.0-to-new-instance", "manual"),
        ("6.0.1.0", "6.0.2.0", "6.0-within", "manual"),
    ],
)
def test_direct_hops(shipped: policy.Policy, start: str, target: str, hop: str, method: str) -> None:
    (step,) = find(shipped, start, target).steps
    assert (step.hop.id, step.hop.method, step.hop.data_upgrade) == (hop, method, True)
    assert step.hop.reversible is (method != "manual")


def test_the_way_from_4_2_to_5_0_stops_at_an_installed_4_7(shipped: policy.Policy) -> None:
    path = find(shipped, "4.2.612.0", "5.0.24055.0", "4.2.612.0", "4.7.23499.0", "5.0.13334.0", "5.0.24055.0")
    assert [str(version) for version in path.versions] == ["4.2.612.0", "4.7.23499.0", "5.0.24055.0"]
    assert [step.hop.method for step in path.steps] == ["in_place", "in_place"]
    assert path.steps[0].reason.en.startswith("No supported hop leads from 4.2.612.0 directly to 5.0.24055.0;")
    assert path.steps[1].reason.ru.startswith("Политика допускает это изменение напрямую.")


def test_without_a_4_7_the_refusal_names_the_one_to_install(shipped: policy.Policy) -> None:
    refused = refusal(shipped, "4.2.612.0", "5.0.24055.0", "4.2.612.0", "5.0.24055.0")
    assert (refused.code, [str(version) for version in refused.missing]) == ("missing_versions", ["4.7.23499.0"])
    assert "the next stop is 4.7.23499.0. Install 4.7.23499.0 on the host" in str(refused)
    assert "следующая остановка — 4.7.23499.0" in refused.text.ru


def test_the_refusal_shows_the_whole_way_and_asks_only_for_what_is_missing(shipped: policy.Policy) -> None:
    refused = refusal(shipped, "3.5.1100.0", "5.0.24055.0", "4.2.278.0")
    assert [str(version) for version in refused.missing] == ["4.7.23499.0"]
    way = "3.5.1100.0 -> 4.2.278.0 -> 4.7.23499.0 -> 5.0.24055.0; the next stop is 4.2.278.0."
    assert f"With 4.7.23499.0 installed the way would be {way}" in str(refused)


def test_the_oldest_versions_pass_every_mandatory_build(shipped: policy.Policy) -> None:
    path = find(shipped, "3.5.900.0", "5.0.24055.0", *(str(version) for version in shipped.versions))
    assert [str(version) for version in path.versions] == [
        "3.5.900.0",
        "3.5.1058.0",
        "3.5.1076.0",
        "3.5.1100.0",
        "4.2.612.0",
        "4.7.23499.0",
        "5.0.24055.0",
    ]


def test_a_stop_that_saves_manual_work_is_taken_and_explained(shipped: policy.Policy) -> None:
    path = find(shipped, "4.7.3084.0", "5.0.24055.0", "4.7.23499.0")
    assert [step.hop.id for step in path.steps] == ["4.7-within", "4.7-to-5.0"]
    assert path.steps[0].reason.en.startswith(
        "The direct change from 4.7.3084.0 to 5.0.24055.0 is manual work (hop 4.7-to-new-instance); through 4.7.23499.0 there "
        "is less. The policy recommends 4.7.23499.0 as a stop. Hop 4.7-within; source: "
    )
    assert "Политика рекомендует остановку 4.7.23499.0." in path.steps[0].reason.ru


@pytest.mark.parametrize(
    ("start", "target", "code", "words"),
    [
        (
            "5.0.24055.0",
            "5.0.13334.0",
            "downgrade",
            "set restore_backup (of the role: upgrade_restore_backups) to the name of a backup set that was made when ",
        ),
        ("3.2.100.0", "4.2.612.0", "unknown_start", "the policy has no hop from 3.2.100.0"),
        ("4.3.1.0", "4.7.23499.0", "unknown_start", "add that hop in a policy file of your own"),
        ("5.0.24055.0", "7.0.0.0", "unsupported", "an unknown hop is refused"),
        ("3.5.1060.0", "3.5.1100.0", "unknown_start", "the policy has no hop from 3.5.1060.0"),
        ("4.7.23499.0", "4.8.0.0", "unsupported", "Check the target version"),
    ],
)
def test_refusals(shipped: policy.Policy, start: str, target: str, code: str, words: str) -> None:
    refused = refusal(shipped, start, target, *(str(version) for version in shipped.versions))
    assert (refused.code, refused.missing) == (code, ())
    assert words in str(refused)
    assert target in refused.text.ru


def test_an_instance_at_the_target_has_a_path_without_steps(shipped: policy.Policy) -> None:
    assert find(shipped, "5.0.24055.0", "5.0.24055.0").steps == ()


def test_crossing_the_release_of_10_10_2025_asks_for_the_index_prefix(shipped: policy.Policy) -> None:
    (crossing,) = find(shipped, "5.0.13334.0", "5.0.24055.0").steps
    assert [(note.id, note.directive) for note in crossing.inputs] == [("search_index_prefix", "journal.name")]
    (before,) = find(shipped, "5.0.13286.0", "5.0.13334.0").steps
    assert before.inputs == ()
    (open_question,) = find(shipped, "5.0.13334.0", "5.0.20000.0").steps
    assert [note.id for note in open_question.inputs] == ["search_index_prefix"]


def test_notes_concern_only_the_versions_they_are_about(shipped: policy.Policy) -> None:
    def advisories(start: str, target: str) -> list[str]:
        (step,) = find(shipped, start, target).steps
        return [note.id for note in step.advisories]

    assert advisories("5.0.13286.0", "5.0.24055.0") == ["services_in_yml", "value_formula"]
    assert advisories("5.0.13334.0", "5.0.24055.0") == []
    assert advisories("4.4.643.0", "4.7.3084.0") == ["adjust_applications", "storage_directives"]
    assert advisories("4.6.1140.0", "4.7.3084.0") == ["adjust_applications"]
    assert "later_4_7" in advisories("4.7.32876.0", "5.0.24055.0")
    assert "later_4_7" not in advisories("4.7.23499.0", "5.0.24055.0")


def test_every_build_that_may_be_of_09_06_2026_takes_a_new_instance(shipped: policy.Policy) -> None:
    (step,) = find(shipped, "5.0.24055.0", "5.0.30000.0").steps
    assert step.hop.method == "manual"
    assert [note.id for note in step.advisories if note.acknowledge] == ["instance_is_deleted", "applications_2026"]


def test_a_known_build_number_opens_the_builds_before_it() -> None:
    rules = policy.load([{"releases": [{"id": "5.0-2026-06-09", "build": "5.0.30000.0"}]}])
    assert find(rules, "5.0.24055.0", "5.0.29999.0").steps[0].hop.method == "in_place"
    assert find(rules, "4.7.23499.0", "5.0.29999.0").steps[0].hop.method == "in_place"
    assert find(rules, "5.0.24055.0", "5.0.30000.0").steps[0].hop.method == "manual"


def test_no_hop_of_the_user_crosses_a_ban() -> None:
    own = {
        "id": "own",
        "from": "6.0",
        "to": "7.0",
        "method": "in_place",
        "data_upgrade": True,
        "reversible": True,
        "source": "x",
    }
    refused = refusal(policy.load([{"hops": [own]}]), "6.0.1.0", "7.0.1.0")
    assert refused.code == "forbidden"
    assert "upgrade only by creating a new instance" in str(refused)
    assert "rule new-instance-only; source: Release notes of 5.0 of 09.06.2026" in str(refused)


def test_every_text_is_there_in_both_languages(shipped: policy.Policy) -> None:
    for hop in shipped.hops:
        groups = (hop.requirements, hop.inputs, hop.advisories, hop.before_next, hop.not_covered_by_rollback)
        for note in (note for group in groups for note in group):
            assert note.text.en[0].isascii(), note.id
            assert any("а" <= letter <= "я" for letter in note.text.ru), note.id


def test_the_data_are_protected_as_the_vendor_s_pages_go_back(shipped: policy.Policy) -> None:
    """A copy made by the upgrade itself will do where this collection upgrades in place, from 4.2 on."""
    for hop in shipped.hops:
        checks = [note.check for note in (*hop.requirements, *hop.before_next) if note.id.endswith("product_backup")]
        assert checks, hop.id
        copy = hop.method == "in_place" and not hop.id.startswith("3.5")
        for check in checks:
            assert check and check.kind == "product_backup", hop.id
            assert check.parameters == {"max_age_hours": 24, "cold_copy": copy}, hop.id


@pytest.mark.parametrize(
    ("start", "target", "kinds"),
    [
        ("3.5.1076.0", "3.5.1100.0", ["product_backup"]),
        ("3.5.1100.0", "4.2.612.0", ["product_backup", None]),
        (
            "4.2.612.0",
            "4.7.23499.0",
            ["product_backup", "windows", "iis", "dotnet_framework", "aspnetcore", "java", "search_server", None],
        ),
        (
            "4.7.23499.0",
            "5.0.24055.0",
            ["product_backup", "windows", "iis", "iis_components", None, "dotnet_framework", "aspnetcore", "dotnet_sdk", "java",
             "search_server", None],
        ),
    ],
)  # fmt: skip
def test_requirements_are_checked_by_machine_where_one_can(
    shipped: policy.Policy, start: str, target: str, kinds: list[str | None]
) -> None:
    (step,) = find(shipped, start, target).steps
    assert [note.check.kind if note.check else None for note in step.requirements] == kinds


def test_what_must_be_finished_before_the_next_hop_is_checked(shipped: policy.Policy) -> None:
    wanted = {
        "log_in": "not_in_service_mode",
        "log_in_and_press_next": "administrator_logged_in",
        "read_upgrade_log": "upgrade_logs",
        "read_upgrade_log_4_2": "upgrade_logs",
        "new_product_backup": "product_backup",
    }
    found = {(note.id, note.check.kind if note.check else None) for hop in shipped.hops for note in hop.before_next}
    assert found == set(wanted.items())
    assert all(hop.before_next for hop in shipped.hops)


@pytest.mark.parametrize(
    ("start", "target", "ids"),
    [
        ("3.5.1058.0", "3.5.1076.0", []),
        ("3.5.1100.0", "4.2.612.0", ["applications_3_5_to_4_2"]),
        ("4.2.612.0", "4.7.23499.0", ["adjust_applications"]),
        ("4.4.643.0", "4.7.23499.0", ["adjust_applications"]),
        ("4.7.3084.0", "4.7.23499.0", []),
        ("4.7.23499.0", "5.0.24055.0", ["adjust_applications"]),
        ("5.0.13334.0", "5.0.24055.0", []),
        ("4.7.3084.0", "5.0.24055.0", ["adjust_applications", "instance_is_deleted"]),
        ("5.0.24055.0", "6.0.1.0", ["adjust_applications", "instance_is_deleted", "applications_2026"]),
        ("6.0.1.0", "6.0.2.0", ["instance_is_deleted"]),
    ],
)
def test_the_applications_come_first_wherever_the_release_changes(
    shipped: policy.Policy, start: str, target: str, ids: list[str]
) -> None:
    (step,) = find(shipped, start, target).steps
    assert [note.id for note in step.advisories if note.acknowledge] == ids


def test_a_manual_hop_has_its_steps_in_both_languages(shipped: policy.Policy) -> None:
    for hop in shipped.hops:
        assert (hop.procedure is not None) == (hop.method == "manual")
        for step in hop.procedure.steps if hop.procedure else ():
            named = [sorted(set(re.findall(r"{(\w+)}", text))) for text in (step.en, step.ru)]
            assert named[0] == named[1], step.en
    (manual,) = find(shipped, "5.0.24055.0", "6.0.1.0").steps
    assert manual.hop.procedure
    everything = " ".join(step.en for step in manual.hop.procedure.steps)
    assert 12 <= len(manual.hop.procedure.steps) <= 16
    assert (
        "check that it holds Database and Streams: step 8 deletes {streams}, and only this backup keeps it"
        in everything
    )
    assert "-clear" in manual.hop.procedure.steps[7].en
    for name in STEP_VALUES:
        assert f"{{{name}}}" in everything


def test_a_described_path_is_plain_data_in_the_language_asked_for(shipped: policy.Policy) -> None:
    described = json.loads(json.dumps(policy.describe_path(find(shipped, "4.7.23499.0", "5.0.24055.0"), "ru")))
    assert described["path"] == ["4.7.23499.0", "5.0.24055.0"]
    (hop,) = described["hops"]
    assert hop["not_covered_by_rollback"][0] == {
        "id": "search_indices",
        "text": "Поисковые индексы на сервере поиска останутся в том виде, в каком их оставила новая версия.",
    }
    assert hop["inputs"][0]["pattern"] == "[a-z0-9_]+"
    assert hop["requirements"][1] == {
        "id": "windows_2022",
        "text": "На сервере установлена Windows Server 2022 (сборка 20348) или новее.",
        "acknowledge": False,
        "check": {"kind": "windows", "build": 20348},
    }
    assert hop["requirements"][4]["check"] is None
    assert hop["before_next"][0]["check"] == {"kind": "not_in_service_mode"}
    assert hop["procedure"] == []
    (manual,) = policy.describe_path(find(shipped, "5.0.24055.0", "6.0.1.0"), "en")["hops"]
    assert manual["procedure"][6] == "Run version_list.ps1; go on only if {version} is in the list."


def test_inspection_hashes_the_linked_files_that_the_layouts_name() -> None:
    """Files that it did not hash would be read for every plan."""
    assert {layout.linked_files for layout in policy.load().layouts} == {LINKED_FILES}
