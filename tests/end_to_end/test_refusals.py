# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bad input is refused before anything is touched, each with its own message."""

from __future__ import annotations

from typing import Any

import pytest
from end_to_end.runs import NEW, OLD, SALES, Controller, MakeController
from standin.host import Host
from standin.windows.paths import LinkKind

HOME = r"C:\ProgramData\Comindware\Instances\sales"
CONFIG = HOME + r"\Config"
VERSIONS = r"C:\Program Files\Comindware\CBAP"


def refused(control: Controller, **variables: Any) -> str:
    """The message of a refusal that has left the host as it was, and has not asked it for more than an inspection."""
    host = control.fleet.hosts["app01"]
    before = host.snapshot()
    run = control.upgrade(**variables)
    assert run.status == 2, run.output
    assert before.differences(host.snapshot()) == []
    assert set(control.agent_calls()) <= {"query"}
    return run.message()


def test_an_unknown_instance(controller: MakeController) -> None:
    assert refused(controller(SALES), upgrade_instances=["sale"]) == (
        "There is no instance 'sale' on APP01. Instances found: 'sales'. Check the name."
    )


@pytest.mark.parametrize(
    ("version", "told"),
    [("5.0.24055", "it has 3 of 4 numbers"), ("5.0.2405\u0417.0", "U+0417, CYRILLIC CAPITAL LETTER ZE")],
)
def test_a_malformed_version(controller: MakeController, version: str, told: str) -> None:
    message = refused(controller(SALES), upgrade_target_version=version)
    assert message.startswith("The option 'version' is refused, nothing was touched. ")
    assert told in message


def test_a_version_that_is_not_installed(controller: MakeController) -> None:
    assert refused(controller(SALES), upgrade_target_version="5.0.24000.0") == (
        "The upgrade of instance 'sales' was refused, nothing was touched. The version 5.0.24000.0 is not installed on APP01. "
        f"Installed: {OLD}, {NEW}. Install it first; if it lies in another folder than these, name that folder in versions_folders (in the "
        "role: upgrade_versions_folders)."
    )


def test_folder_and_assembly_disagree(controller: MakeController) -> None:
    host = {**SALES, "versions": [OLD, {"version": NEW, "assembly": "5.0.24000.0"}]}
    assert refused(controller(host)) == (
        f"The upgrade of instance 'sales' was refused, nothing was touched. The folder {VERSIONS}\\{NEW} is named {NEW}, "
        "but its core assembly says 5.0.24000.0. Install that version again."
    )


def test_an_unsupported_path(controller: MakeController) -> None:
    host = {"versions": ["4.2.612.0", NEW], "instances": [{"name": "sales", "version": "4.2.612.0"}]}
    message = refused(controller(host))
    assert message.startswith("The upgrade of instance 'sales' was refused, nothing was touched. ")
    assert "4.7" in message


def test_no_site_and_no_pool(controller: MakeController) -> None:
    control = controller(SALES)
    host = control.fleet.hosts["app01"]
    host.iis.configuration.sites = [site for site in host.iis.configuration.sites if "sales" not in site.name]
    host.iis.configuration.pools = [pool for pool in host.iis.configuration.pools if "sales" not in pool.name]
    assert refused(control) == (
        "The upgrade of instance 'sales' was refused, nothing was touched. "
        f"Instance 'sales': IIS has no site 'Comindware sales' on {CONFIG}. Create it, or name the right instance. "
        "Instance 'sales': IIS has no application pool 'Comindware sales'. Create it, or name the right instance."
    )


def relink(host: Host, name: str, version: str, kind: LinkKind) -> None:
    host.drives.linux(CONFIG + "\\" + name).unlink()
    host.drives.make_link(CONFIG + "\\" + name, f"{VERSIONS}\\{version}\\{name}", kind)


def test_links_of_mixed_versions(controller: MakeController) -> None:
    control = controller(SALES)
    relink(control.fleet.hosts["app01"], "bin", NEW, LinkKind.DIRECTORY)
    message = refused(control)
    assert "Instance 'sales': its links lead to different versions: " in message
    assert f"bin -> {NEW}" in message and f"data -> {OLD}" in message


def test_a_broken_link(controller: MakeController) -> None:
    control = controller(SALES)
    relink(control.fleet.hosts["app01"], "bin", "5.0.1.0", LinkKind.DIRECTORY)
    assert f"the link {CONFIG}\\bin leads to nothing: {VERSIONS}\\5.0.1.0\\bin. Repair it first." in refused(control)


def test_not_enough_space_for_the_backup(controller: MakeController) -> None:
    control = controller({**SALES, "free_bytes": {"c": 200 * 1024 * 1024}})
    assert refused(control) == (
        "The upgrade of instance 'sales' was refused, nothing was touched. The backup needs 0 MB and a reserve of 256 MB on C:\\, "
        "where 200 MB are free. Free some space, or choose another backup_root."
    )


def test_a_cyrillic_letter_in_the_backup_path(controller: MakeController) -> None:
    assert refused(controller(SALES), upgrade_backup={"root": "\u0421:\\Backups"}) == (
        "The option 'backup_root' is refused, nothing was touched. The path '\u0421:\\Backups' has U+0421 CYRILLIC CAPITAL LETTER ES "
        "at position 1, where the Latin letter 'C' was meant. Type the path by hand with Latin letters."
    )


def test_a_cyrillic_letter_in_the_instance_s_own_configuration(controller: MakeController) -> None:
    instance = {"name": "sales", "version": OLD, "paths": {"streams": "D:\\\u0421omindware\\Streams"}}
    message = refused(controller({**SALES, "instances": [instance]}))
    assert (
        "Instance 'sales': The path 'D:\\\u0421omindware\\Streams' has U+0421 CYRILLIC CAPITAL LETTER ES at position 4"
        in message
    )


def test_two_instances_that_share_a_configuration_folder(controller: MakeController) -> None:
    control = controller(SALES)
    drives = control.fleet.hosts["app01"].drives
    folder = r"C:\ProgramData\Comindware\configs\instance"
    text = drives.linux(folder + r"\sales.yml").read_bytes()
    drives.write(folder + r"\twin.yml", text)
    assert refused(control, upgrade_instances=["sales"]) == (
        "The upgrade of instance 'sales' was refused, nothing was touched. The instances 'sales', 'twin' share the configuration "
        f"folder {CONFIG}: changing one changes the other. Give each a folder of its own first."
    )


def test_no_administrator_rights(controller: MakeController) -> None:
    control = controller({**SALES, "administrator": False})
    assert "has no administrator rights on APP01. Use an account of the local group Administrators" in refused(control)


def test_a_running_administration_tool(controller: MakeController) -> None:
    control = controller(SALES)
    tool = control.fleet.hosts["app01"].run_administration_tool()
    assert refused(control) == (
        "The upgrade of instance 'sales' was refused, nothing was touched. The Administration Tool runs on APP01 "
        f"({tool.name}, process {tool.pid}). Close it: it changes the same instances."
    )


def test_the_second_instance_of_a_host_is_checked_before_the_first_is_touched(controller: MakeController) -> None:
    instances = [{"name": "hr", "version": OLD}, {"name": "sales", "version": "4.2.612.0"}]
    control = controller({"versions": [OLD, "4.2.612.0", NEW], "instances": instances})
    assert "instance 'sales'" in refused(control)


@pytest.mark.parametrize(("connection", "shell"), [("local", "sh"), ("ssh", "sh")])
def test_field_6_6_a_connection_that_does_not_lead_to_windows(
    controller: MakeController, connection: str, shell: str
) -> None:
    told = (
        f"The connection to app01 is refused, nothing was touched. It is '{connection}' with the shell type '{shell}', and the agent of "
        "comindware.platform is PowerShell on the Windows host itself. Set ansible_connection of the host to winrm or psrp; or to ssh, "
        "together with ansible_shell_type: powershell (cmd, if that is the default shell of its OpenSSH server)."
    )
    assert refused(controller(SALES), ansible_connection=connection) == told


def test_field_6_6_the_fleet_counts_it_as_a_refusal(controller: MakeController) -> None:
    control = controller(SALES)
    run = control.fleet_upgrade(ansible_connection="local")
    assert run.status == 2 and control.agent_calls() == {}, run.output
    assert "It is 'local' with the shell type 'sh'" in run.output
