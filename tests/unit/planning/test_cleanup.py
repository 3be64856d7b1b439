# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a cleanup says may go, and what it leaves."""

from __future__ import annotations

import string
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import cleanup
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.cleanup import CleanupWish, Item
from ansible_collections.comindware.platform.plugins.plugin_utils.planning.cleanup_words import WORDS
from unit.factories import version_folder
from unit.planning.cleaned import OTHER_WORKER, ROOT, SETS, VERSIONS, WORKER, Past, moment

A, B, C, D = VERSIONS


def words(found: dict[str, Item], kind: str) -> dict[str, tuple[str, bool]]:
    """Word and verdict of the things of one kind, by name."""
    chosen = {name.partition(" ")[2]: one for name, one in found.items() if name.startswith(f"{kind} ")}
    return {name: (one.word, one.may_go) for name, one in chosen.items()}


@pytest.fixture
def past() -> Past:
    """Two upgrades, the second one undone; a failed one; four plain backups."""
    past = Past()
    past.upgrade(B)
    run = past.upgrade(C)
    past.upgrade(D, "rolled_back")
    past.back(rf"{SETS}\s1", B, run=run)
    for _number in range(4):
        past.backup()
        past.transaction("", about={})
    return past


def test_agent_programs(past: Past) -> None:
    assert words(past.items(), "worker") == {WORKER: ("current_worker", False), OTHER_WORKER: ("old_worker", True)}


def test_transactions(past: Past) -> None:
    assert words(past.items(), "transaction") == {
        "t0": ("history", False),
        "t1": ("history", False),
        "t2": ("old_transaction", True),
        "t3": ("history", False),
        **{f"t{number}": ("old_transaction", True) for number in range(4, 8)},
    }
    young = words(past.items(days=290), "transaction")
    assert [word for word, _may_go in young.values()].count("young") > 0
    assert ("young", True) not in young.values()


def test_backup_sets(past: Past) -> None:
    """s0 leads back to A, s1 was put back last; s3 was made by the return; the plain ones are s4 to s7."""
    found = words(past.items(keep=2), "backup_set")
    assert found == {
        "s0": ("way_back", False),
        "s1": ("way_back", False),
        **{f"s{number}": ("beyond", True) for number in range(2, 6)},
        "s6": ("old_set", True),
        "s7": ("newest", False),
    }
    kept = words(past.items(keep=2, days=400), "backup_set")
    assert kept["s6"] == ("kept", False)
    assert kept["s5"] == ("beyond", True)
    assert words(past.items(keep=0, days=400), "backup_set")["s7"] == ("newest", False)


@pytest.mark.parametrize(
    ("told", "word", "may_go"),
    [
        ({"complete": False, "unusable": "a disk was full"}, "unusable", True),
        ({"complete": False, "unusable": "x", "protected": False}, "open_to_others", False),
        ({"complete": False}, "incomplete", False),
        ({"protected": False}, "open_to_others", False),
        ({"error": {"message": "x"}, "created": None, "items": []}, "kept", False),
    ],
)
def test_a_set_that_is_no_good_is_not_the_last_one(told: dict[str, Any], word: str, may_go: bool) -> None:
    past = Past()
    past.backup()
    past.backup(**told)
    assert words(past.items(), "backup_set") == {"s0": ("newest", False), "s1": (word, may_go)}


def test_versions_and_their_pristine_files(past: Past) -> None:
    assert words(past.items(), "version") == {
        A: ("leads_back", False),
        B: ("used", False),
        C: ("leads_back", False),
        D: ("ahead", False),
    }
    assert words(past.items(), "pristine") == {B: ("used", False), C: ("leads_back", False)}
    past.sets = [one for one in past.sets if one["path"] in (rf"{SETS}\s0", rf"{SETS}\s1")]
    past.installed = ("3.5.1100.0", A, B, C)
    assert words(past.items(), "version") == {
        "3.5.1100.0": ("old_version", True),
        A: ("leads_back", False),
        B: ("used", False),
        C: ("ahead", False),
    }
    assert past.items()[f"version {A}"].last_used == past.transactions[0]["started_at"]


def test_the_origin_of_a_change_stays_even_if_its_set_is_elsewhere(past: Past) -> None:
    past.sets = []
    assert words(past.items(), "version")[A] == ("origin", False)


def test_the_last_cleanup_stays() -> None:
    past = Past()
    for _number in range(2):
        past.transaction("cleanup", instance=cleanup.INSTANCE)
    assert words(past.items(days=0), "transaction") == {
        "t0": ("old_transaction", True),
        "t1": ("last_cleanup", False),
    }


def test_nothing_may_go_while_something_is_unfinished(past: Past) -> None:
    past.upgrade(D, "applied")
    found = past.items()
    assert [name for name, one in found.items() if one.may_go] == []
    assert found["transaction t8"].word == "unfinished"
    assert found[f"worker {OTHER_WORKER}"].reason("en") == (
        "The transaction t8 is not finished: until then nothing may go."
    )


def test_an_interrupted_cleanup_is_no_obstacle(past: Past) -> None:
    past.transaction("cleanup", "running", instance=cleanup.INSTANCE, lease=moment(1))
    assert words(past.items(), "worker")[OTHER_WORKER] == ("old_worker", True)
    past.transactions[-1]["lease"] = moment(-1)
    assert words(past.items(), "worker")[OTHER_WORKER] == ("blocked", False)


def test_nothing_may_go_where_not_everything_is_known(past: Past) -> None:
    host = past.host()
    host["problems"] = [{"code": "query_failed", "message": "The host could not answer the query 'iis': x"}]
    found = cleanup.items(host, CleanupWish(0, 0, WORKER), past.answers())
    assert [one for one in found if one.may_go] == []
    assert {one.word for one in found if one.kind == "pristine"} == {"used", "leads_back"}
    assert found[1].reason("en") == (
        "The host could not be inspected completely, so nobody can tell what a way back needs: "
        "The host could not answer the query 'iis': x"
    )


def test_an_instance_at_no_single_version_keeps_all_its_sets_and_all_versions(past: Past) -> None:
    host = past.host()
    host["instances"][0]["version"]["current"] = None
    found = cleanup.items(host, CleanupWish(0, 0, WORKER), past.answers())
    assert [one.path for one in found if one.may_go and one.kind in ("backup_set", "version", "pristine")] == []


def test_of_an_instance_that_is_gone_the_newest_set_stays_and_no_history(past: Past) -> None:
    """Its data may be put back by hand; a rollback wants an instance."""
    host = past.host()
    host["instances"] = []
    found = cleanup.items(host, CleanupWish(2, 400, WORKER), past.answers())
    by_word = {
        word: [one.path[-2:] for one in found if one.word == word] for word in ("newest", "kept", "young", "beyond")
    }
    assert by_word == {
        "newest": ["s7"],
        "kept": ["s6"],
        "young": [f"t{number}" for number in range(8)],
        "beyond": [f"s{number}" for number in (5, 4, 3, 2, 1, 0)],
    }
    assert next(one for one in found if one.path.endswith("s7")).reason("en") == (
        "It is the newest good backup set of instance 'sales'."
    )


def test_what_lies_in_an_open_folder_of_the_agent_is_not_believed(past: Past) -> None:
    host = past.host()
    host["agent"]["protected"] = False
    found = cleanup.items(host, CleanupWish(0, 0, WORKER), past.answers())
    assert {one.kind for one in found} == {"backup_set", "version"}


def test_rests_of_removals(past: Past) -> None:
    answers = past.answers()
    rests = [rf"{ROOT}\removed\bin x", rf"{SETS}\s9.~agent-removed"]
    answers["own"]["items"].append({"path": rests[0], "bytes": 1})
    answers["set_sizes"]["items"].append({"path": rests[1], "bytes": 2})
    answers["all_sets"]["items"].append({"path": rests[1], "exists": True, "complete": False})
    found = cleanup.items(past.host(), CleanupWish(5, 180, WORKER), answers)
    left = [one for one in found if one.kind == "leftover"]
    assert [(one.path, one.bytes, one.may_go) for one in left] == [(rests[0], 1, True), (rests[1], 2, True)]


def test_the_exact_way(past: Past) -> None:
    past.installed = ("3.5.1100.0", *VERSIONS)
    found = past.items()
    assert found["transaction t2"].how("en") == rf"remove: ['{ROOT}\transactions\t2']"
    assert found["transaction t0"].how("en") is None
    version = found["version 3.5.1100.0"]
    assert version.path == version_folder("3.5.1100.0")
    assert version.how("en") == (
        "Run version_delete.ps1 -version 3.5.1100.0 from the folder 'scripts' of the product's distribution as an administrator, or "
        "delete the version in the Administration Tool. This module never does it: the folder belongs to the product's installer, and "
        "the vendor documents no other way."
    )
    assert str(version.how("ru")).startswith(
        "Запустите от имени администратора version_delete.ps1 -version 3.5.1100.0 из папки"
    )


def test_every_sentence_is_there_in_both_languages_with_the_same_values() -> None:
    def fields(text: str) -> set[str | None]:
        return {name for _text, name, _spec, _conversion in string.Formatter().parse(text)} - {None}

    for word, text in WORDS.items():
        assert fields(text.en) == fields(text.ru), word
        assert any("а" <= letter <= "я" for letter in text.ru), word
