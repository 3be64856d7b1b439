# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An inspection of a host on which folders lie where only IIS, or only a link, leads: nothing that is there is called missing."""

from __future__ import annotations

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.model.facts import HostFacts
from ansible_collections.comindware.platform.plugins.plugin_utils.planning import preflight
from standin.ports import free_ports
from standin.windows.iis import Application, VirtualDirectory
from unit.factories import NEW, OLD

from .conftest import Agent
from .inspecting import inspect

CONFIG = r"D:\Sites\Portal"
VERSIONS = r"D:\Programs\CBAP"
YML = r"C:\ProgramData\Comindware\configs\instance\sales.yml"


def inspected(agent: Agent) -> HostFacts:
    """As the modules inspect a host."""
    return inspect(agent)[0]


def problems(facts: HostFacts) -> dict[str, str]:
    (instance,) = facts["instances"]
    return {one["code"]: one["message"] for one in instance["problems"]}


def add_site(agent: Agent, name: str, folder: str) -> None:
    iis = agent.host.iis.configuration
    iis.add_pool(name)
    wiki = Application("/wiki", name, [VirtualDirectory("/", r"D:\Wiki")])
    root = Application("/", name, [VirtualDirectory("/", folder)])
    iis.add_site(name, [f"http/*:{free_ports(1)[0]}:"], [root, wiki], server_auto_start=False)


@pytest.fixture
def portal(agent: Agent) -> Agent:
    """An instance whose Config folder has a name of its own and links to a version outside the usual place."""
    for version in OLD, NEW:
        agent.write(rf"{VERSIONS}\{version}\bin\x.dll", version)
    agent.write(CONFIG + r"\Web.config", "<configuration/>")
    agent.write(r"D:\Wiki\settings.json", "{}")
    agent.link(CONFIG + r"\bin", rf"{VERSIONS}\{OLD}\bin")
    add_site(agent, "Comindware sales", CONFIG)
    return agent


@pytest.mark.parametrize("known", ["yml", "iis"])
def test_field_6_4_a_config_folder_that_only_iis_knows(portal: Agent, known: str) -> None:
    if known == "yml":
        portal.write(YML, f"clusterName: sales\r\nversion: {OLD}\r\n")
    facts = inspected(portal)
    (found,) = facts["instances"]
    assert (found["name"], found["paths"]["config"], found["version"]["current"]) == ("sales", CONFIG, OLD)
    assert not {"no_config_folder", "config_folder_unseen", "no_links", "no_site"} & set(problems(facts))
    assert [one["path"] for one in found["configuration_files"]] == [CONFIG + r"\Web.config"]
    assert found["sizes"]["config"]["exists"]


def test_field_6_4_versions_beside_those_that_instances_use_are_found(portal: Agent) -> None:
    facts = inspected(portal)
    assert [(one["version"], one["folder"]) for one in facts["versions"]] == [
        (version, rf"{VERSIONS}\{version}") for version in (OLD, NEW)
    ]


def test_field_6_4_a_site_of_any_name_on_the_usual_place(agent: Agent) -> None:
    usual = r"C:\ProgramData\Comindware\Instances\sales\Config"
    agent.write(YML, f"clusterName: sales\r\nversion: {OLD}\r\n")
    agent.write(usual + r"\Web.config", "<configuration/>")
    add_site(agent, "Portal", usual)
    facts = inspected(agent)
    (found,) = facts["instances"]
    assert found["site"] and found["site"]["name"] == "Portal"
    assert "no_site" not in problems(facts)


def test_field_6_4_a_path_with_a_variable_is_the_folder_that_it_means(portal: Agent) -> None:
    portal.write(r"C:\ProgramData\Elsewhere\Konf\Web.config", "<configuration/>")
    portal.write(YML, "clusterName: sales\r\nconfigPath: '%ProgramData%\\Elsewhere\\Konf'\r\n")
    facts = inspected(portal)
    assert facts["instances"][0]["paths"]["config"] == r"C:\ProgramData\Elsewhere\Konf"
    assert not {"no_config_folder", "config_folder_unseen"} & set(problems(facts))


@pytest.mark.parametrize(
    ("told", "code", "message"),
    [
        (
            r"D:\Nowhere\Config",
            "no_config_folder",
            r"Instance 'sales': the configuration folder D:\Nowhere\Config does not exist. Correct its path in the yml or the registry.",
        ),
        (
            r"Instances\Config",
            "directive_not_understood",
            rf"Instance 'sales': {YML}, line 2: the value of configPath is 'Instances\Config', which is not an absolute path. Write the "
            r"whole path there, such as D:\Data\Database.",
        ),
        (
            r"'%PLATFORM%\Config'",
            "directive_not_understood",
            rf"Instance 'sales': {YML}, line 2: the value of configPath is '%PLATFORM%\Config', and the host has no variable %PLATFORM%. "
            "Write the path out.",
        ),
    ],
)
def test_field_6_4_missing_is_said_only_of_what_was_looked_at(agent: Agent, told: str, code: str, message: str) -> None:
    agent.write(YML, f"clusterName: sales\r\nconfigPath: {told}\r\nversion: {OLD}\r\n")
    facts = inspected(agent)
    assert problems(facts)[code] == message
    assert not {"no_config_folder", "config_folder_unseen"} - {code} & set(problems(facts))
    blocking = {one.code for one in preflight.check_instance(facts["instances"][0]) if one.level == "blocker"}
    assert code in blocking


def test_field_6_4_folders_that_were_not_looked_at_have_no_size_and_are_not_copied(agent: Agent) -> None:
    agent.write(YML, "clusterName: sales\r\ndb.workDir: Database\r\nbackup.defaultFolder: Backup\r\n")
    (found,) = inspected(agent)["instances"]
    assert set(found["sizes"]) == {"config", "streams"}
    assert found["product_backups"] is None
    blockers = [one.code for one in preflight.check_instance(found) if one.level == "blocker"]
    assert blockers.count("directive_not_understood") == 2 and not preflight.check_data(found, ["database"])


@pytest.mark.parametrize(
    ("sites", "applications", "found"),
    [
        ("[name=comindware *]", "[path=/]", [CONFIG]),
        ("[name=*]", "[path=/w?ki]", [r"D:\Wiki"]),
        ("[]", "[]", [CONFIG, r"D:\Wiki"]),
        ("[name=Other *]", "[]", []),
    ],
)
def test_field_6_4_a_select_takes_the_objects_of_a_list_that_fit(
    portal: Agent, sites: str, applications: str, found: list[str]
) -> None:
    portal.host.iis.configuration.sites = [portal.host.iis.configuration.sites[-1]]
    select = f"sites{sites}.applications{applications}.virtual_directories[path=/].expanded_path"
    queries = [
        {"id": "iis", "kind": "iis"},
        {"id": "it", "kind": "list", "paths": [{"from": "iis", "select": select}]},
    ]
    answer = portal.ask("query", queries=queries)["answers"]["it"]
    assert [item["path"] for item in answer["items"]] == found


def test_field_6_4_a_select_that_is_not_understood(portal: Agent) -> None:
    queries = [
        {"id": "iis", "kind": "iis"},
        {"id": "it", "kind": "list", "paths": [{"from": "iis", "select": "sites[name].applications"}]},
    ]
    told = portal.ask("query", queries=queries)["answers"]["it"]["error"]
    assert told["message"] == "A step of 'select' is not understood: 'sites[name]'."
