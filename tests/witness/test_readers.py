# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the readers of the product's files refuse and what they let pass, and that they load the files that we have."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from ansible_collections.comindware.platform.plugins.plugin_utils.configuration.choices import Choice
from merging import json_files, xml_files
from standin.product import configuration_files
from unit.configuration.pristine import EDITS, HISTORIES, MERGERS, edited, pairs, pristine

from . import bundle
from . import readers as door
from .readers import Died, Read, Readers, Refusal, laws

GENERATIONS = ("registry", "yml_4_4", "yml_4_7", "yml_5_0")
NEWEST = {"registry": "4.2.612.0", "yml_4_4": "4.4.643.0", "yml_4_7": "4.7.3084.0", "yml_5_0": "5.0.13334.0"}
NAMES = {"instance": "портал", "config": r"C:\Config\портал", "fqdn": "портал.example.com"}


bundle.need()


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    """One process for all tests."""
    with Readers() as open_door:
        yield open_door


def configuration(*lines: str) -> str:
    """The first line of these is line 3 of the file."""
    return "\n".join(('<?xml version="1.0" encoding="utf-8"?>', "<configuration>", *lines, "</configuration>", ""))


def web_server(*lines: str) -> str:
    return configuration("<system.webServer>", *lines, "</system.webServer>")


CASES = yaml.safe_load(Path(__file__).with_name("readers_cases.yml").read_text(encoding="utf-8"))
ONCE = CASES["configuration"]["a section twice"]["error"]
ENCRYPTED = "<EncryptedData><CipherData><CipherValue>AQ==</CipherValue></CipherData></EncryptedData>"
NAMED = [(group, name) for group, cases in CASES.items() for name in cases]


@pytest.mark.parametrize(("group", "name"), NAMED, ids=[f"{group}: {name}" for group, name in NAMED])
def test_what_is_refused_and_what_is_not(readers: Readers, group: str, name: str) -> None:
    case = CASES[group][name]
    read = ask(readers, group, case["text"])
    by = "System.Configuration" if group == "configuration" else group
    wanted = Refusal(by, case["error"], case.get("line")) if "error" in case else None
    assert (read.refusals or (None,))[0] == wanted
    assert (read.ok, read.error, read.line) == (wanted is None, case.get("error", ""), case.get("line"))


def ask(readers: Readers, group: str, text: str) -> Read:
    inside = {"IIS": "system.webServer", "System.Web": "system.web"}.get(group)
    if inside:
        read = readers.configuration(configuration(f"<{inside}>", text + f"</{inside}>"))
        located = configuration(f'<location path="a"><{inside}>', text + f"</{inside}></location>")
        assert readers.configuration(located) == replace(read, locations=("a",))
        return read
    if group == "configuration":
        return readers.configuration(configuration(text.rstrip("\n")), beside={"there.config": "<appSettings />"})
    return readers.json(text)


def test_what_is_read_of_a_configuration_file(readers: Readers) -> None:
    read = readers.configuration(
        configuration(
            '<configSections><section name="own" type="Own.Section, Own" />',
            '<section name="list" type="System.Configuration.NameValueSectionHandler, System" /></configSections>',
            '<appSettings><add key="Имя" value="портал &amp; Co" /><add key="a" value="1" />',
            '<remove key="a" /><add key="B" value="1" /><add key="b" value="2" /></appSettings>',
            '<connectionStrings><clear /><add name="main" connectionString="Server=ы" /></connectionStrings>',
            '<list><add key="a" value="1" /></list><own><any /></own>',
            '<system.web><httpRuntime maxRequestLength="1" /></system.web><system.webServer />',
            '<location path="app/part"><system.web><trace /></system.web></location>',
        )
    )
    assert read == Read(
        sections=(
            "appSettings",
            "connectionStrings",
            "list",
            "own",
            "system.web/httpRuntime",
            "system.webServer",
            "system.web/trace",
        ),
        unread=("own",),
        settings={"Имя": "портал & Co", "b": "2"},
        connections={"main": "Server=ы"},
        locations=("app/part",),
    )


def test_files_that_are_named_and_sections_that_are_encrypted_are_read(readers: Readers) -> None:
    source = "<connectionStrings><add name='main' connectionString='1' /></connectionStrings>"
    protected = '<system.web><machineKey configProtectionProvider="RsaProtectedConfigurationProvider">' + ENCRYPTED
    read = readers.configuration(
        configuration(
            r'<connectionStrings configSource="secret\connections.config" />',
            protected + "</machineKey></system.web>",
            '<appSettings file="own.config" />',
        ),
        beside={
            r"secret\connections.config": source,
            "own.config": "<appSettings><add key='a' value='1' /></appSettings>",
        },
    )
    assert (read.why, read.settings, read.connections) == ("", {"a": "1"}, {"main": "1"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251", "koi8-r"])
def test_a_file_is_read_in_the_encoding_that_it_declares(readers: Readers, encoding: str) -> None:
    text = configuration("<appSettings>", '<add key="Имя" value="Ёж" />', "</appSettings>")
    declared = text.replace("utf-8", encoding.removesuffix("-sig"))
    assert readers.configuration(declared.encode(encoding)).settings == {"Имя": "Ёж"}
    assert encoding == "utf-8-sig" or readers.configuration(declared).settings == {"Имя": "Ёж"}
    twice = declared.replace("</appSettings>", "</appSettings><appSettings />")
    assert readers.configuration(twice.encode(encoding)).error == ONCE


def test_bytes_that_are_not_of_the_encoding_are_refused(readers: Readers) -> None:
    text = configuration("<appSettings>", '<add key="Имя" value="Ёж" />', "</appSettings>")
    wrong = readers.configuration(text.encode("windows-1251"))
    assert (wrong.refusals[0].by, wrong.ok) == ("System.Configuration", False)
    assert not readers.configuration(text.replace("utf-8", "utf-16").encode()).ok
    assert not readers.xml(text.encode("windows-1251")).ok


def test_iis_counts_for_each_location(readers: Readers) -> None:
    section = "<system.webServer><handlers /></system.webServer>"
    locations = [f'<location path="{path}">{section}</location>' for path in ("a", "b", "A")]
    assert readers.configuration(configuration(section, *locations[:2])).ok
    [refusal] = readers.configuration(configuration(*locations)).refusals
    assert (refusal.by, refusal.line) == ("IIS", 5)


def test_every_section_of_a_collection_is_known() -> None:
    for path in laws.collections():
        assert path.startswith("system.web/") or any(f"{path}/".startswith(f"{one}/") for one in laws.sections()), path


def test_json_is_nested_in_64_levels_at_most(readers: Readers) -> None:
    assert readers.json('{"a": ' * 64 + "1" + "}" * 64).ok
    refused = readers.json('{"a": ' * 65 + "1" + "}" * 65)
    assert refused.error.startswith("The maximum configured depth of 64 has been exceeded.")


def test_an_empty_file_is_no_json(readers: Readers) -> None:
    assert readers.json("").error.startswith("The input does not contain any JSON tokens.")
    assert readers.json(b"\xff\xfe").error.startswith("The input does not contain any JSON tokens.")


def test_comments_trailing_commas_and_the_table_of_keys(readers: Readers) -> None:
    read = readers.json("""\
// the gateway
{
  "Имя": "портал \\u0416 \U0001f600", /* a */
  "Kestrel": {"Limits": [1, {"a": true,},], "None": {}, "Nothing": [], "Null": null, "Number": 1.50e3},
}
""")
    assert read == Read(
        values={
            "Имя": "портал Ж \U0001f600",
            "Kestrel:Limits:0": "1",
            "Kestrel:Limits:1:a": "True",
            "Kestrel:None": None,
            "Kestrel:Nothing": "",
            "Kestrel:Null": None,
            "Kestrel:Number": "1.50e3",
        }
    )


def test_keys_that_stand_twice_are_named_even_where_they_are_not_refused(readers: Readers) -> None:
    assert readers.json('{"a": {"b": 1}, "A": {"c": 2}}') == Read(values={"a:b": "1", "A:c": "2"}, twice=("A",))
    assert readers.json('{"a": 1, "a": {}}') == Read(values={"a": None}, twice=("a",))
    assert readers.json('{"l": [{"a": 1}, {"b": {}, "B": {}}]}').twice == ("l:1:B",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_the_encoding_of_json_is_that_of_its_mark(readers: Readers, encoding: str) -> None:
    data = '{"Имя": "Ёж"}'.encode(encoding)
    data = b"\xfe\xff" + data if encoding == "utf-16-be" else data
    assert readers.json(data) == Read(values={"Имя": "Ёж"})


def test_json_of_another_encoding_is_read_wrongly_and_not_refused(readers: Readers) -> None:
    assert readers.json('{"a": "Ёж"}'.encode("windows-1251")) == Read(values={"a": "\ufffd\ufffd"})


def test_deeply_nested_files_do_not_end_the_process(readers: Readers) -> None:
    nested = "<a>" * 3000 + "</a>" * 3000
    assert readers.configuration(configuration(f"<system.webServer>{nested}</system.webServer>")).ok
    assert not readers.configuration(configuration(f"<appSettings>{nested}</appSettings>")).ok
    assert readers.xml(nested).ok
    assert not readers.json("[" * 100_000).ok


def test_plain_xml(readers: Readers) -> None:
    assert readers.xml('<nlog xmlns:xsi="urn:x"><target xsi:type="File" /></nlog>').ok
    refused = readers.xml("<nlog>\n<target xsi:type='File' /></nlog>")
    assert refused.refusals == (Refusal("System.Xml", "'xsi' is an undeclared prefix. Line 2, position 9.", 2),)
    assert not readers.xml('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>').ok


def test_a_question_may_bring_its_text_along(readers: Readers) -> None:
    assert readers.ask({"kind": "json", "text": '{"a": 1'})["ok"] is False
    answer = readers.ask({"kind": "config", "text": configuration("<appSettings />", "<appSettings />")})
    assert (answer["ok"], answer["error"], answer["line"]) == (False, ONCE, 4)


def test_thousands_of_files_go_through_one_process(readers: Readers) -> None:
    for number in range(1000):
        settings = f'<appSettings><add key="Ключ" value="{number}" /></appSettings>'
        twice = ("<appSettings />",) * (number % 2)
        read = readers.configuration(configuration(settings, "<system.web><pages /></system.web>", *twice))
        assert (read.ok, read.settings) == ((True, {"Ключ": str(number)}) if number % 2 == 0 else (False, {}))
        read = readers.json(f'{{"Ключ": {{"a": {number}}}' + "}" * (number % 3 != 0))
        assert read == Read(values={"Ключ:a": str(number)}) if number % 3 else not read.ok


def test_nothing_is_left_of_the_readers(readers: Readers) -> None:
    with Readers() as other:
        place = other.place
        assert other.json("{}").ok
        assert processes_of(place)
    assert not place.exists()
    assert processes_of(place) == []
    with Readers() as other, pytest.raises(Died, match="kind: nonsense"):
        other.ask({"kind": "nonsense", "text": ""})
    assert not other.place.exists()


def test_readers_that_do_not_answer_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    with Readers() as readers:
        assert readers.ask({"kind": "json", "text": "{}"})["ok"]
        monkeypatch.setattr(door, "PATIENCE_SECONDS", 2)  # only now: the first answer may take longer
        readers.process.send_signal(signal.SIGSTOP)
        with pytest.raises(Died):
            readers.json("{}")
    assert processes_of(readers.place) == []


def processes_of(place: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"WINEPREFIX={place}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(os.readlink(process / "exe"))
        except OSError:
            continue
    return found


def load(readers: Readers, name: str, text: str) -> Read | None:
    """With the reader that loads a file of that kind; None for those that no reader here knows."""
    if name.endswith(".json"):
        return readers.json(text, name.rpartition("\\")[2])
    if name.endswith(".config") and text.startswith("<?xml"):
        return (readers.configuration if "<configuration" in text else readers.xml)(text)
    return None


class Values(dict[str, str]):
    """Of the placeholders, whichever there are."""

    def __missing__(self, name: str) -> str:
        return NAMES.get(name, "80")


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_files_of_the_stand_in_product_load(readers: Readers, generation: str) -> None:
    for texts in (
        configuration_files.pristine(generation),
        configuration_files.operated(generation, NEWEST[generation]),
    ):
        reads = {name: load(readers, name, configuration_files.fill(text, Values())) for name, text in texts.items()}
        assert {name: read.why for name, read in reads.items() if read and not read.ok} == {}
        web = reads["Web.config"]
        assert web
        assert "appSettings" in web.sections
        assert web.unread == ()


def test_the_files_of_the_histories_load(readers: Readers) -> None:
    for file in sorted(HISTORIES.rglob("*.[cj]*")):
        read = load(readers, file.name, file.read_text(encoding="utf-8"))
        assert read is None or read.ok, f"{file}: {read.why}"


@pytest.mark.parametrize("name", [name for name in EDITS if name.endswith(".config")])
def test_what_the_collection_merges_loads(readers: Readers, name: str) -> None:
    refused = []
    for old, new in pairs(name):
        base, theirs = (pristine(version, name) or "" for version in (old, new))
        for edits in [*((edit,) for edit in EDITS[name]), EDITS[name]]:
            ours = edited(base, *edits)
            for word in ("stop", "ours", "theirs"):
                merged = MERGERS["xml"](name, base, ours, theirs, Choice(word)).text
                read = load(readers, name, merged)
                assert read
                refused += [f"{old} -> {new}, {[edit[0] for edit in edits]}, {word}: {read.why}"] * (not read.ok)
    assert refused == []


def test_what_is_merged_of_random_configuration_files_loads(readers: Readers) -> None:
    """Where the instance's file and the new version's do."""
    refused, tried = [], 0
    for seed in range(400):
        base, ours, theirs = xml_files.draw(random.Random(seed), xml_files.LOADABLE)
        if not all(readers.configuration(side).ok for side in (ours, theirs)):
            continue
        tried += 1
        for word in ("stop", "ours", "theirs"):
            read = readers.configuration(MERGERS["xml"]("Web.config", base, ours, theirs, Choice(word)).text)
            refused += [f"seed {seed}, {word}: {read.why}"] * (not read.ok)
    assert refused == []
    assert tried > 100


def test_what_is_merged_of_random_json_loads(readers: Readers) -> None:
    """With the keys that the instance's file or the new version's has."""
    refused, tried = [], 0
    for seed in range(400):
        base, ours, theirs = json_files.draw(random.Random(seed))
        sides = [readers.json(side) for side in (ours, theirs)]
        if not all(side.ok for side in sides):
            continue
        tried += 1
        for word in ("stop", "ours", "theirs"):
            read = readers.json(MERGERS["json"]("apigateway.json", base, ours, theirs, Choice(word)).text)
            refused += [f"seed {seed}, {word}: {read.why} {read.twice}"] * (not read.ok or bool(read.twice))
    assert refused == []
    assert tried > 300
