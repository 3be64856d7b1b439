# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of all files of an instance."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration import (
    Choice,
    FileText,
    Situation,
)
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.situation import FileChange
from ansible_collections.comindware.platform.plugins.plugin_utils.model.versions import Version
from unit.configuration.worlds import NEW, directive, policy, result, said, shared, situation, texts

FILES = {"instance_yml": "flat", "Web_config": "xml", "gate_json": "json"}
WORLD = policy(old=FILES, new=FILES)
XML = '<?xml version="1.0" encoding="utf-8"?>\n<a x="1">\n  <b y="1" />\n</a>\n'


def test_nothing_changes_where_nothing_is_known() -> None:
    made = result(WORLD, situation({"instance.yml": "a: 1\n", "Web.config": XML, "own.config": "x"}))
    assert (made.files, made.conflicts) == ((), ())
    assert [notice.message for notice in made.notices] == [
        "The new version's own forms of these files are not known, so the instance's are kept, with renamed directives carried "
        "over: instance.yml, Web.config. Compare them with the vendor's description of the configuration files."
    ]


def test_files_merge_by_their_formats() -> None:
    base = {"instance.yml": "a: 1\nb: 1\n", "Web.config": XML, "gate.json": '{\n"a": 1,\n\n"b": 1\n}\n'}
    ours = {
        "instance.yml": "a: 2\nb: 1\n",
        "web.CONFIG": XML.replace('y="1"', 'y="2"'),
        "gate.json": base["gate.json"].replace('"a": 1', '"a": 2'),
    }
    theirs = {
        "instance.yml": "b: 3\na: 1\n",
        "Web.config": XML.replace('x="1"', 'x="3"'),
        "gate.json": base["gate.json"].replace('"b": 1', '"b": 3'),
    }
    made = result(WORLD, situation({name: text.replace("\n", "\r\n") for name, text in ours.items()}, base, theirs))
    assert made.notices == ()
    assert made.files == tuple(
        FileChange(name, "write", ours[name].replace("\n", "\r\n"), text.replace("\n", "\r\n"), "utf-8-bom", ())
        for name, text in {
            "instance.yml": "b: 3\na: 2\n",
            "web.CONFIG": XML.replace('x="1"', 'x="3"').replace('y="1"', 'y="2"'),
            "gate.json": '{\n"a": 2,\n\n"b": 3\n}\n',
        }.items()
    )


def test_a_conflict_is_a_blocker_with_three_values_and_the_way_out() -> None:
    sides = ({"instance.yml": "a: 2\n"}, {"instance.yml": "a: 1\n"}, {"instance.yml": "a: 3\n"})
    made = result(WORLD, situation(*sides))
    assert [(notice.level, notice.code, notice.message) for notice in made.notices] == [
        (
            "blocker",
            "conflict",
            "instance.yml, a: the instance and the new version changed this in different ways. Old version: '1'; instance: '2'; new "
            "version: '3'. Answer 'a' of this file with ours or theirs, or give the file.",
        )
    ]
    assert [conflict.id for conflict in made.conflicts] == ["a"]
    made = result(WORLD, situation(*sides), instance_yml=Choice(answers={"a": "theirs"}))
    assert texts(made) == {"instance.yml": "a: 3\n"}
    assert said(made) == [("warning", "merge_note")]


def test_without_the_old_pristine_file_the_operator_decides_with_the_difference_before_him() -> None:
    known = situation(
        {"instance.yml": "a: \u27e6secret:0123456789abcdef\u27e7\r\nb: 1\r\n"}, theirs={"instance.yml": "a: x\nb: 1\n"}
    )
    made = result(WORLD, known)
    assert texts(made) == {}
    assert [(notice.level, notice.code, notice.message) for notice in made.notices] == [
        (
            "blocker",
            "base_unknown",
            "The old version's pristine instance.yml is not known, so nobody can tell what the instance changed in it. Decide for "
            "this file: ours, theirs, or a file that you give.\n"
            "--- instance.yml (instance)\n+++ instance.yml (new version)\n@@ -1,2 +1,2 @@\n-a: (secret)\n+a: x\n b: 1",
        )
    ]
    made = result(WORLD, known, instance_yml=Choice("theirs"))
    assert texts(made) == {"instance.yml": "a: x\r\nb: 1\r\n"}
    assert made.notices[0].level == "warning"
    assert "The new version's file replaces the instance's, as chosen." in made.notices[0].message
    made = result(WORLD, known, instance_yml=Choice("ours"))
    assert texts(made) == {}
    assert "The instance's file stays, as chosen." in made.notices[0].message


def test_equal_files_need_no_old_form() -> None:
    made = result(WORLD, situation({"Web.config": XML.replace("\n", "\r\n")}, theirs={"Web.config": XML}))
    assert (made.files, made.notices) == ((), ())


def test_a_file_that_only_the_new_version_has_is_created() -> None:
    made = result(WORLD, situation({}, theirs={"Web.config": XML, "gate.json": '{"a": 1}'}))
    assert made.files == (
        FileChange("Web.config", "create", None, XML, "utf-8", ()),
        FileChange("gate.json", "create", None, '{"a": 1}', "utf-8", ()),
    )
    made = result(WORLD, situation({}, theirs={"instance.yml": "#version: 1\na: 1\n"}))
    assert texts(made) == {"instance.yml": "#version: 1\nversion: 2.0.0.0\na: 1\n"}


def test_a_file_from_the_operator_replaces_all() -> None:
    known = situation(
        {"Web.config": XML.replace("\n", "\r\n")}, {"Web.config": XML}, {"Web.config": XML.replace("1", "2")}
    )
    made = result(WORLD, known, web_config=Choice(content="<a>\n</a>\n"))
    assert texts(made) == {"Web.config": "<a>\r\n</a>\r\n"}
    assert made.notices == ()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (
            "web_config",
            "<a>",
            "The file that was given for Web.config cannot be used: line 1 is no XML: no element found.",
        ),
        (
            "gate_json",
            '{"a": 1, "a": 2}',
            "The file that was given for gate.json cannot be used: line 1: the key 'a' stands twice, in capital letters or not.",
        ),
        (
            "instance_yml",
            "a\n",
            "The file that was given for instance.yml cannot be used: line 1 is neither a comment nor 'directive: value': 'a'.",
        ),
    ],
)
def test_a_file_from_the_operator_must_be_of_its_format(name: str, content: str, reason: str) -> None:
    made = result(
        WORLD,
        situation({"Web.config": XML, "gate.json": "{}", "instance.yml": "a: 1\n"}),
        **{name: Choice(content=content)},
    )
    assert made.files == ()
    assert ("blocker", "not_well_formed", reason) in [(n.level, n.code, n.message) for n in made.notices]


def test_an_answer_for_a_file_that_is_not_there_is_named() -> None:
    made = result(
        WORLD,
        situation({"instance.yml": "a: 1\n"}, {"instance.yml": "a: 1\n"}, {"instance.yml": "a: 1\n"}),
        web_confg=Choice("ours"),
    )
    assert [(notice.code, notice.message) for notice in made.notices] == [
        (
            "choice_unused",
            "There is an answer for the file 'web.confg', but neither the instance nor the new version has such a file. Check its name.",
        )
    ]


def test_inputs_and_version_come_last() -> None:
    known = situation(
        {"instance.yml": "version: 1.0.0.0\r\na: 1\r\n"},
        {"instance.yml": "version: ${version}\na: 1\n"},
        {"instance.yml": "a: 1\n#prefix: x\nversion: 9\nb: 1\n"},
        inputs={"prefix": "a: b", "b": "2"},
    )
    made = result(WORLD, known)
    assert texts(made) == {"instance.yml": "a: 1\r\n#prefix: x\r\nprefix: 'a: b'\r\nversion: 2.0.0.0\r\nb: 2\r\n"}
    assert made.notices == ()


def test_the_version_is_written_only_where_it_is_recorded() -> None:
    assert texts(result(WORLD, situation({"instance.yml": "a: 1\nversion: 1.0.0.0 # now\n"}))) == {
        "instance.yml": "a: 1\nversion: 2.0.0.0 # now\n"
    }
    assert texts(result(WORLD, situation({"instance.yml": "a: 1\n"}))) == {}
    made = result(
        WORLD, situation({"instance.yml": "version: 1\n"}, {"instance.yml": "version: 1\n"}, {"instance.yml": "a: 1\n"})
    )
    assert texts(made) == {"instance.yml": "a: 1\nversion: 2.0.0.0\n"}


ALL = {"instance_yml": "flat", "adapter_yml": "flat", "gate_yml": "flat"}
SHARED = (shared("instance.yml:mq.server", "adapter.yml:mq.server", "gate.yml:server"),)


def test_shared_directives_that_agreed_stay_equal() -> None:
    world = policy(old=ALL, new=ALL, shared=SHARED)
    files = {"instance.yml": "mq.server: 'a:1'\n", "adapter.yml": "x: 1\nmq.server: a:1\n", "gate.yml": "y: 1\n"}
    theirs = {**files, "gate.yml": "y: 1\nserver: localhost:1 # default\n"}
    assert texts(result(world, situation(files, files, theirs))) == {"gate.yml": "y: 1\nserver: 'a:1' # default\n"}


@pytest.mark.parametrize(
    "own",
    ["base: &m a:1\nmq.server: *m\n", "mq.server: &m a:1\nown: *m\n", "mq.server: |-\n  a:1\n", "mq.server:\n  a:1\n"],
)
def test_field_2_16_a_shared_directive_is_written_without_what_only_its_own_file_has(own: str) -> None:
    world = policy(old=ALL, new=ALL, shared=SHARED)
    files = {"instance.yml": own, "adapter.yml": "mq.server: a:1\n", "gate.yml": "y: 1\n"}
    theirs = {**files, "gate.yml": "y: 1\nserver: localhost:1\n"}
    made = result(world, situation(files, files, theirs))
    assert (texts(made), made.notices) == ({"gate.yml": "y: 1\nserver: a:1\n"}, ())


def test_an_input_changes_shared_directives_everywhere() -> None:
    world = policy(old=ALL, new=ALL, shared=SHARED)
    files = {"instance.yml": "mq.server: a:1\n", "adapter.yml": "mq.server: a:1\n", "gate.yml": "server: a:1\n"}
    made = result(world, situation(files, inputs={"mq.server": "b:2"}))
    assert texts(made) == {
        "instance.yml": "mq.server: b:2\n",
        "adapter.yml": "mq.server: b:2\n",
        "gate.yml": "server: b:2\n",
    }


def test_shared_directives_that_differed_are_left_alone_with_a_warning() -> None:
    world = policy(old=ALL, new=ALL, shared=SHARED)
    files = {
        "instance.yml": "mq.server: a:1\n",
        "adapter.yml": "mq.server: b:1\n",
        "gate.yml": "server: \u27e6secret:0123456789abcdef\u27e7\n",
    }
    made = result(world, situation(files))
    assert made.files == ()
    assert (made.notices[0].level, made.notices[0].code, made.notices[0].message) == (
        "warning",
        "shared_differs",
        "These directives must be equal, and are not: 'mq.server' of instance.yml is 'a:1', 'mq.server' of adapter.yml is 'b:1', "
        "'server' of gate.yml is '(secret)'. None of them was changed for that; make them equal in the instance's files.",
    )


def test_files_that_directives_wrote_get_the_shared_directives_that_they_lack() -> None:
    old = {"instance_yml": "flat", "adapter_config": "flat"}
    world = policy(directive("adapter.config:a", "adapter.yml:a"), old=old, new=ALL, shared=SHARED)
    made = result(world, situation({"instance.yml": "mq.server: a:1\n", "adapter.config": "a: 1\n"}))
    assert texts(made) == {"adapter.yml": "a: 1\r\nmq.server: a:1\r\n", "adapter.config": None}


def test_a_file_from_the_operator_is_not_made_equal() -> None:
    world = policy(old=ALL, new=ALL, shared=SHARED)
    files = {"instance.yml": "mq.server: a:1\n", "adapter.yml": "mq.server: a:1\n"}
    made = result(world, situation(files), adapter_yml=Choice(content="mq.server: c:3\n"))
    assert texts(made) == {"adapter.yml": "mq.server: c:3\n"}


def test_where_secrets_come_from() -> None:
    one, two, three, four = (f"\u27e6secret:{n * 16}\u27e7" for n in "1234")
    old = {"instance_yml": "flat", "adapter_config": "flat"}
    world = policy(
        directive("adapter.config:b", "instance.yml:b"),
        directive("registry:Key", "instance.yml:c"),
        old=old,
        new={"instance_yml": "flat"},
    )
    made = result(
        world,
        situation(
            {"instance.yml": f"a: {one}\n", "adapter.config": f"a: {one}\nb: {two}\n"},
            base={"instance.yml": f"a: {one}\n"},
            theirs={"instance.yml": f"a: {one}\nd: {four}\n"},
            registry={"Key": three},
        ),
    )
    assert made.files[0].secrets_from == ("instance.yml", "adapter.config", "registry", "theirs:instance.yml")
    assert made.files[1].secrets_from == ()


def test_without_a_layout_all_files_are_looked_at() -> None:
    world = policy(old=FILES, new=None)
    made = result(
        world,
        situation(
            {"Web.config": XML},
            {"Web.config": XML},
            {"Web.config": XML.replace("1.0", "1.0").replace('x="1"', 'x="2"')},
        ),
    )
    assert texts(made) == {"Web.config": XML.replace('x="1"', 'x="2"')}


def test_the_declared_encoding_stays_as_the_file_is_written() -> None:
    theirs = XML.replace("utf-8", "utf-16").replace('x="1"', 'x="2"')
    made = result(
        WORLD, situation({"Web.config": XML.replace('y="1"', 'y="2"')}, {"Web.config": XML}, {"Web.config": theirs})
    )
    assert texts(made) == {"Web.config": XML.replace('x="1"', 'x="2"').replace('y="1"', 'y="2"')}


def test_the_new_version_is_that_of_the_situation() -> None:
    files = {"instance.yml": FileText("instance.yml", "version: 1.0.0.0\n", "ansi")}
    known = Situation(files, {}, {}, {}, {}, Version.parse("2.0.0.1"))
    [file] = result(WORLD, known).files
    assert (file.after, file.encoding, NEW) == ("version: 2.0.0.1\n", "ansi", Version.parse("2.0.0.0"))
