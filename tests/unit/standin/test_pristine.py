# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pristine configuration files, and what operators made of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import merge3
import pytest
import standin
import yaml
from standin.host import Host
from standin.product import configuration_files
from standin.product.configuration_files import AGENT_FOLDER, PLACEHOLDERS, fill, operated, pristine
from standin.product.description import generation_of
from standin.product.versions import version_path
from standin.testing import SALES, MakeHost

# The oldest and the newest version of which the texts are asked for, by generation.
GENERATIONS = {"registry": "4.2.612.0", "yml_4_4": "4.4.643.0", "yml_4_7": "4.7.23499.0", "yml_5_0": "5.0.24055.0"}
HOPS = [("registry", "yml_4_4"), ("registry", "yml_4_7"), ("yml_4_4", "yml_4_7"), ("yml_4_7", "yml_5_0")]
LAYOUTS = {
    "registry-3.5": "registry",
    "registry-4.2": "registry",
    "yml-4.4": "yml_4_4",
    "yml-4.6": "yml_4_7",
    "yml-5.0": "yml_5_0",
}
VALUES = {
    **{name: rf"D:\{name}" for name in PLACEHOLDERS},
    "instance": "Отдел продаж",
    **dict.fromkeys(("authentication", "computer", "index", "local_temp", "search"), "x"),
}
CANARIES = {
    "registry": {"ReportServerPassword", "connection-string"},
    "yml_4_4": {"ReportServerPassword", "connection-string"},
    "yml_4_7": {
        "ReportServerPassword",
        "connection-string",
        "adapterhost-password",
        "apigateway-SaslPassword",
        "openId-clientSecret",
        "mq-sasl-password",
    },
    "yml_5_0": {
        "ReportServerPassword",
        "connection-string",
        "adapterhost-mq-password",
        "apigateway-mq-password",
        "openId-clientSecret",
        "mq-sasl-password",
        "journal-password",
        "s3-accessKey",
        "s3-secretKey",
    },
}


def parse(name: str, text: str) -> None:
    """By the format that it has, although 4.7 calls a flat file `.config`."""
    if name.endswith(".json"):
        json.loads(text)
    elif name.endswith(".yml") or name == "adapterhost.config":
        assert isinstance(yaml.safe_load(text), dict)
    else:
        ElementTree.fromstring(text.encode())


def files_of_config(generation: str) -> set[str]:
    return {name for name in pristine(generation) if not name.startswith(AGENT_FOLDER)}


@pytest.mark.parametrize(("generation", "version"), GENERATIONS.items())
def test_every_text_is_well_formed_before_and_after_the_operators(generation: str, version: str) -> None:
    ours = operated(generation, version)
    assert generation_of(version) == generation
    for name, text in pristine(generation).items():
        assert set(re.findall(r"\{\{(\w+)\}\}", text)) <= set(PLACEHOLDERS)
        parse(name, fill(text, VALUES))
        parse(name, fill(ours[name], VALUES))
        assert "CANARY" not in text
        assert (ours[name] != text) == (not name.endswith("Agent.config"))
    assert set(re.findall(r"CANARY-([\w-]+)-\{\{instance\}\}", "".join(ours.values()))) == CANARIES[generation]


@pytest.mark.parametrize(("old", "new"), HOPS)
def test_what_operators_changed_can_be_carried_over_line_by_line(old: str, new: str) -> None:
    base, theirs, ours = pristine(old), pristine(new), operated(old, GENERATIONS[old])
    shared = (set(base) & set(theirs)) - {configuration_files.INSTANCE_FILE}
    assert any(base[name] != theirs[name] for name in shared)
    for name in shared:
        merged = merge3.Merge3(*(text[name].splitlines(keepends=True) for text in (base, ours, theirs)))
        assert "".join(merged.merge_lines()) == operated(new, GENERATIONS[new])[name]


def test_a_change_whose_line_is_gone_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configuration_files, "pristine", lambda generation: {"Web.config": "<configuration />\n"})
    with pytest.raises(ValueError, match=r"Web\.config has 0 lines"):
        operated("yml_5_0", "5.0.24055.0")


def test_a_value_that_nobody_gave_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="nobody"):
        fill("{{nobody}}", VALUES)


def test_the_prefix_of_the_index_is_in_the_yml_only_since_it_moved_there() -> None:
    assert "\njournal.name: {{index}}\n" in operated("yml_5_0", "5.0.24055.0")["instance.yml"]
    assert "\n#journal.name:" in operated("yml_5_0", "5.0.13334.0")["instance.yml"]


@pytest.mark.parametrize(("generation", "version"), GENERATIONS.items())
def test_templates_lie_in_a_version_folder_only_if_asked_for(
    make_host: MakeHost, generation: str, version: str
) -> None:
    host = make_host({**SALES, "version": version}, versions=[{"version": version, "templates": True}, "5.0.13334.0"])
    folder = host.drives.real(version_path("Comindware", version)) / "templates"
    assert {file.name for file in folder.iterdir()} == files_of_config(generation)
    for name in files_of_config(generation):
        assert (folder / name).read_bytes() == pristine(generation)[name].replace("\n", "\r\n").encode()
    assert not host.drives.exists(version_path("Comindware", "5.0.13334.0") + r"\templates")


def test_the_policy_for_tests_tells_where_the_templates_are() -> None:
    policy = yaml.safe_load((Path(standin.__file__).parent / "templates_policy.yml").read_text(encoding="utf-8"))
    assert list(policy) == ["layouts"]
    assert [layout["id"] for layout in policy["layouts"]] == list(LAYOUTS)
    for layout in policy["layouts"]:
        assert {file["name"] for file in layout["files"]} == files_of_config(LAYOUTS[layout["id"]])
        assert {file["template"] for file in layout["files"]} == {
            rf"templates\{file['name']}" for file in layout["files"]
        }
        assert layout["placeholders"] == {f"{{{{{name}}}}}": name for name in PLACEHOLDERS}


def agent_files(host: Host, version: str) -> dict[str, str]:
    folder = version_path("Comindware", version)
    names = ("logs.config", "Agent.config")
    return {name: host.drives.real(f"{folder}\\{AGENT_FOLDER}{name}").read_text(encoding="utf-8") for name in names}


def test_the_files_of_adapters_are_equal_within_a_generation_only(make_host: MakeHost) -> None:
    versions = ["4.2.612.0", "4.4.643.0", "4.7.23499.0", "4.7.32876.0", "5.0.13334.0", "5.0.24055.0"]
    host = make_host(versions=versions)
    found = {version: agent_files(host, version) for version in versions}
    assert found["4.7.23499.0"] == found["4.7.32876.0"]
    assert found["5.0.13334.0"] == found["5.0.24055.0"]
    for name in ("logs.config", "Agent.config"):
        assert len({files[name] for files in found.values()}) == 4
        assert not any(version in files[name] for version, files in found.items())


def test_operators_change_the_logging_of_adapters_in_the_version_folder(make_host: MakeHost) -> None:
    host = make_host({**SALES, "agent_logging": "custom"})
    old, new = agent_files(host, "5.0.13334.0"), agent_files(host, "5.0.24055.0")
    assert 'maxArchiveFiles="90"' in old["logs.config"]
    assert old["logs.config"].replace('"90"', '"10"') == new["logs.config"]
    assert old["Agent.config"] == new["Agent.config"]
    path = rf"{host.instance('sales').folder('config')}\{AGENT_FOLDER}logs.config"
    assert host.drives.real(path).read_text(encoding="utf-8") == old["logs.config"]


def test_logging_of_adapters_is_pristine_or_custom(make_host: MakeHost) -> None:
    with pytest.raises(ValueError, match="agent_logging 'loud' is neither pristine nor custom"):
        make_host({**SALES, "agent_logging": "loud"})
