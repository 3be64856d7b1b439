# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renamed, moved and removed directives."""

from __future__ import annotations

from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import Choice
from unit.configuration.worlds import directive, policy, result, said, situation, texts

YML = {"instance_yml": "flat"}
BOTH = {"instance_yml": "flat", "old_config": "flat"}


def test_a_renamed_directive_keeps_its_place_and_comments() -> None:
    world = policy(directive("instance.yml:a", "instance.yml:x.y"), old=YML, new=YML)
    made = result(world, situation({"instance.yml": "b: 1\r\n# why\r\na: '2' # so\r\nc: 3\r\n"}))
    assert texts(made) == {"instance.yml": "b: 1\r\n# why\r\nx.y: '2' # so\r\nc: 3\r\n"}
    assert said(made) == [("warning", "templates_unknown")]


def test_one_becomes_several_with_given_values() -> None:
    world = policy(directive("instance.yml:temp", "instance.yml:t.type=Local", "instance.yml:t.path"), old=YML, new=YML)
    made = result(world, situation({"instance.yml": "# t\ntemp:\n  - C:\\x\nb: 1\n"}))
    assert texts(made) == {"instance.yml": "# t\nt.type: Local\nt.path:\n  - C:\\x\nb: 1\n"}


def test_a_directive_that_stays_gets_a_companion() -> None:
    world = policy(directive("instance.yml:a", "instance.yml:a", "instance.yml:b=true"), old=YML, new=YML)
    assert texts(result(world, situation({"instance.yml": "a: 1\nc: 2\n"}))) == {
        "instance.yml": "a: 1\nb: true\nc: 2\n"
    }


def test_what_one_directive_writes_the_next_takes_up() -> None:
    world = policy(
        directive("registry:Path", "instance.yml:path"),
        directive("instance.yml:path", "instance.yml:db.path"),
        old=YML,
        new=YML,
    )  # fmt: skip
    made = result(world, situation({}, registry={"PATH": "D:\\данные", "other": "1"}))
    assert texts(made) == {"instance.yml": "db.path: D:\\данные\r\nversion: 2.0.0.0\r\n"}
    assert [file.action for file in made.files] == ["create"]


def test_values_of_xml_and_json_are_carried_over_and_their_files_removed() -> None:
    old = {**YML, "Workers_config": "xml", "gate_json": "json"}
    world = policy(
        directive("Workers.config:Email", "instance.yml:email.enabled", certain=False),
        directive("Workers.config:Sync", "instance.yml:sync.a", "instance.yml:sync.b", certain=False),
        directive("Workers.config:Id"),
        directive("gate.json:Kafka.Server", "gate.yml:mq.server"),
        old=old,
        new={**YML, "gate_yml": "flat"},
    )
    made = result(
        world,
        situation(
            {
                "instance.yml": "a: 1\n",
                "Workers.config": "<W><Email>true</Email><Sync>false</Sync><Id>7</Id><Own v='1'>x</Own></W>",
                "gate.json": '{"Kafka": {"Server": "10.0.0.1:9092"}, "Kata": true}',
            }
        ),
    )
    assert texts(made) == {
        "instance.yml": "a: 1\nemail.enabled: true\nsync.a: false\nsync.b: false\n",
        "gate.yml": "mq.server: 10.0.0.1:9092\r\n",
        "Workers.config": None,
        "gate.json": None,
    }
    assert [notice.message for notice in made.notices] == [
        "'Id' of Workers.config ('7') is left out. The new version has no such directive.",
        "Values of Workers.config were carried over by likeness of names, the vendor's documents do not say where they belong: "
        "Email ('true') to 'email.enabled' of instance.yml; Sync ('false') to 'sync.a' of instance.yml and 'sync.b' of "
        "instance.yml. Check them in the product after the upgrade.",
        "The new version does not use Workers.config. These values in it have no known successor and are left out: own@v: '1', "
        "own: 'x'.",
        "The new version does not use gate.json. These values in it have no known successor and are left out: kata: 'true'.",
        "The new version's own forms of these files are not known, so the instance's are kept, with renamed directives carried "
        "over: instance.yml, gate.yml. Compare them with the vendor's description of the configuration files.",
    ]


def test_a_directive_moves_to_another_file_with_the_comments_of_the_operators() -> None:
    world = policy(
        directive("old.config:a", "new.yml:x"),
        directive("old.config:b", "new.yml:y"),
        old=BOTH,
        new={"new_yml": "flat"},
    )
    ours = "# vendor\na: 1\n# mine\nb: 'C:\\x'\nc: 3\n"
    made = result(world, situation({"old.config": ours}, base={"old.config": "# vendor\na: 1\nb: 2\nc: 3\n"}))
    assert texts(made) == {"new.yml": "x: 1\r\n# mine\r\ny: 'C:\\x'\r\n", "old.config": None}
    assert said(made) == [("warning", "templates_unknown")]  # c has the value that the vendor gave it


def test_field_2_16_a_directive_with_an_anchor_does_not_leave_its_file() -> None:
    world = policy(directive("old.config:a", "new.yml:x"), old=BOTH, new={"new_yml": "flat", "old_config": "flat"})
    for ours, value in (("b: &m 1\na: *m\n", "*m"), ("a: &m 1\nb: *m\n", "&m 1")):
        made = result(world, situation({"old.config": ours}))
        assert made.files == ()
        assert [notice.message for notice in made.notices if notice.level == "blocker"] == [
            f"old.config cannot be merged: the directive 'a' goes to another file, and '{value}' refers to its own; write the value itself "
            "there. Mend it, or give a whole file for it."
        ]


def test_what_stays_behind_in_a_removed_file_is_named() -> None:
    world = policy(directive("old.config:a", "instance.yml:a"), old=BOTH, new=YML)
    made = result(world, situation({"old.config": "a: 1\nb: \u27e6secret:0123456789abcdef\u27e7\nc: 3 # x\n"}))
    assert made.notices[0].code == "directive_removed"
    assert made.notices[0].message == (
        "The new version does not use old.config. These values in it have no known successor and are left out: b: '(secret)', "
        "c: '3 # x'."
    )


def test_a_place_that_is_taken_is_never_overwritten() -> None:
    world = policy(directive("instance.yml:a", "instance.yml:b"), old=YML, new=YML)
    made = result(world, situation({"instance.yml": "a: 1\nb: 2\n"}))
    assert texts(made) == {"instance.yml": "b: 2\n"}
    assert made.notices[0].code == "target_exists"
    assert made.notices[0].message == (
        "'a' of instance.yml ('1') was not carried over: 'b' of instance.yml is there already, with '2', and stays."
    )
    assert said(result(world, situation({"instance.yml": "a: 'x'\nb: x\n"}))) == [("warning", "templates_unknown")]


def test_a_removed_directive_is_reported() -> None:
    world = policy(directive("instance.yml:a"), directive("instance.yml:b", certain=False), old=YML, new=YML)
    made = result(world, situation({"instance.yml": "# c\na: 1\nb: 2\nc: 3\n"}))
    assert texts(made) == {"instance.yml": "# c\nc: 3\n"}
    assert [notice.message for notice in made.notices[:2]] == [
        "'a' of instance.yml ('1') is left out. The new version has no such directive.",
        "'b' of instance.yml ('2') is left out. The new version has no such directive, as far as the names tell.",
    ]


def test_renames_are_no_changes_of_the_instance() -> None:
    world = policy(
        directive("instance.yml:a", "instance.yml:x"),
        directive("old.config:b", "instance.yml:y"),
        old=BOTH,
        new=YML,
    )  # fmt: skip
    base = {"instance.yml": "a: 1\nc: 1\n", "old.config": "b: 1\n"}
    theirs = {"instance.yml": "# new\ny: 2\nx: 2\nc: 2\n"}
    made = result(world, situation(base, base=base, theirs=theirs))
    assert texts(made) == {"instance.yml": theirs["instance.yml"], "old.config": None}
    assert said(made) == []
    made = result(world, situation({**base, "old.config": "b: 7\n"}, base=base, theirs=theirs))
    assert [c.id for c in made.conflicts] == ["y"]
    made = result(
        world, situation({**base, "old.config": "b: 7\n"}, base=base, theirs=theirs), instance_yml=Choice("ours")
    )
    assert texts(made)["instance.yml"] == "# new\ny: 7\nx: 2\nc: 2\n"


def test_a_directive_that_the_new_file_leaves_out_stays_when_it_was_carried_over_by_name() -> None:
    world = policy(directive("instance.yml:a", "instance.yml:x"), old=YML, new=YML)
    made = result(
        world, situation({"instance.yml": "a: 1\n"}, base={"instance.yml": "a: 1\n"}, theirs={"instance.yml": "b: 1\n"})
    )
    assert texts(made) == {"instance.yml": "x: 1\nb: 1\n"}


def test_values_whose_old_pristine_form_is_unknown_win_and_are_named() -> None:
    world = policy(directive("registry:p", "instance.yml:p"), old={}, new=YML)
    made = result(world, situation({}, registry={"p": "1"}, theirs={"instance.yml": "# port\np: 80\nq: 1\n"}))
    assert texts(made) == {"instance.yml": "# port\np: 1\nq: 1\nversion: 2.0.0.0\n"}
    assert [notice.message for notice in made.notices] == [
        "The old version's own values of these directives of instance.yml are not known, so the instance's were all carried over, "
        "changed or not: p."
    ]


def test_files_that_cannot_be_read_stop_the_upgrade_and_stay() -> None:
    world = policy(directive("Workers.config:A", "instance.yml:a"), old={**YML, "Workers_config": "xml"}, new=YML)
    made = result(world, situation({"Workers.config": "<W><A>1</A><A>2</A></W>", "instance.yml": "b: 1\nb: 2\n"}))
    assert made.files == ()
    assert [(notice.level, notice.message) for notice in made.notices] == [
        (
            "blocker",
            "instance.yml cannot be merged: the directive 'b' stands twice, in lines 1 and 2. Mend it, or give a whole file for it.",
        ),
        (
            "blocker",
            "Workers.config cannot be carried over: 'A' stands several times with different values, where one is wanted. Mend it.",
        ),
    ]


def test_directives_that_are_not_crossed_do_nothing() -> None:
    world = policy(directive("instance.yml:nothing", "instance.yml:b"), old=YML, new=YML)
    assert texts(result(world, situation({"instance.yml": "a: 1\n"}))) == {}


def test_a_directive_that_the_instance_took_out_stays_out_under_its_new_name() -> None:
    world = policy(directive("instance.yml:a", "instance.yml:x"), old=YML, new=YML)
    base, theirs = {"instance.yml": "a: 1\nb: 1\n"}, {"instance.yml": "x: 1\nb: 2\n"}
    made = result(world, situation({"instance.yml": "b: 1\n"}, base, theirs))
    assert (texts(made), made.notices) == ({"instance.yml": "b: 2\n"}, ())


def test_values_for_a_file_that_the_new_version_has_not_are_named() -> None:
    world = policy(directive("registry:a", "other.yml:a"), old=YML, new=YML)
    made = result(world, situation({}, registry={"a": "1"}))
    assert made.files == ()
    assert [(notice.level, notice.code, notice.message) for notice in made.notices] == [
        (
            "warning",
            "directive_removed",
            "The new version has no file other.yml, so these values for it are left out: a: '1'.",
        )
    ]


def test_a_pristine_file_that_cannot_be_read_is_called_by_its_side() -> None:
    world = policy(directive("instance.yml:a", "instance.yml:x"), old=YML, new=YML)
    made = result(world, situation({"instance.yml": "a: 1\n"}, base={"instance.yml": "\ufeffa: 1\nb\n"}))
    assert [(notice.level, notice.message) for notice in made.notices] == [
        (
            "blocker",
            "instance.yml cannot be merged: the old version's own file: line 2 is neither a comment nor 'directive: value': 'b'. "
            "Mend it, or give a whole file for it.",
        )
    ]
